//! Who may do what in an account, read from the state of a sandbox and decided by the evaluator alone.
//!
//! Nothing here knows mfactl's reader, planner or proofs: they are held against it.

use std::collections::{BTreeMap, BTreeSet};

use policy::Document;
use policy::evaluate::{Context, Decision, InForce, Policy, Request};
use serde_json::Value;

use crate::repository;

const ACCOUNT: &str = "123456789012";

/// What enrolment takes, all of it on oneself or on a device.
const ENROLMENT: [&str; 6] = [
    "iam:ChangePassword",
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:ListMFADevices",
    "iam:GetMFADevice",
    "iam:ResyncMFADevice",
];

/// Actions that are always asked for, whatever the documents name.
const TELLTALE: [&str; 8] = [
    "iam:CreateAccessKey",
    "iam:CreateUser",
    "iam:DeactivateMFADevice",
    "iam:UpdateLoginProfile",
    "s3:GetObject",
    "s3:PutObject",
    "ec2:RunInstances",
    "organizations:LeaveOrganization",
];

/// Holds the people of an account, each with what decides what they may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People(BTreeMap<String, Person>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Person {
    arn: String,
    /// The documents of this person and of the groups.
    documents: Vec<String>,
    boundary: Option<String>,
    has_password: bool,
    has_key: bool,
    /// The serial numbers of the MFA devices.
    devices: BTreeSet<String>,
}

impl Person {
    fn can_act(&self) -> bool {
        self.has_password || self.has_key
    }

    fn in_force(&self) -> impl Iterator<Item = &String> {
        self.documents.iter().chain(&self.boundary)
    }
}

impl People {
    /// Returns the same without a user's MFA devices: those of somebody whose MFA is reset go, and are missed by nobody.
    #[must_use]
    pub fn without_devices_of(mut self, name: &str) -> Self {
        if let Some(person) = self.0.get_mut(name) {
            person.devices.clear();
        }
        self
    }

    /// Reads them from a state file. Nothing is an empty account.
    pub fn read(state: &[u8]) -> Self {
        if state.is_empty() {
            return Self::default();
        }
        let state: Value = serde_json::from_slice(state).expect("a state is JSON");
        let iam = &state["accounts"][ACCOUNT]["iam"];
        let users = members(&iam["users"]).map(|(folded, user)| {
            let name = text(&user["name"]).to_owned();
            (name, person(iam, folded, user))
        });
        Self(users.collect())
    }
}

fn person(iam: &Value, folded: &str, user: &Value) -> Person {
    let name = text(&user["name"]);
    let mut documents = documents(iam, &user["grants"]);
    for group in items(&user["groups"]) {
        documents.extend(self::documents(iam, &iam["groups"][text(group)]["grants"]));
    }
    documents.sort();
    let devices = members(&iam["mfa_devices"])
        .filter(|(_, device)| device["assigned"]["user"].as_str() == Some(folded));
    Person {
        arn: format!("arn:aws:iam::{ACCOUNT}:user{}{name}", text(&user["path"])),
        documents,
        boundary: user["boundary"].as_str().map(|arn| managed(iam, arn)),
        has_password: !user["login_profile"].is_null(),
        has_key: members(&user["access_keys"]).next().is_some(),
        devices: devices
            .map(|(_, device)| text(&device["serial"]).to_owned())
            .collect(),
    }
}

/// Returns the documents of a user or group, inline and attached.
fn documents(iam: &Value, grants: &Value) -> Vec<String> {
    let inline = members(&grants["inline"]).map(|(_, document)| text(document).to_owned());
    let attached = items(&grants["attached"]).iter();
    inline
        .chain(attached.map(|arn| managed(iam, text(arn))))
        .collect()
}

/// Returns the document of a policy in its default version.
fn managed(iam: &Value, arn: &str) -> String {
    if arn.contains("::aws:") {
        let name = arn.rsplit('/').next().unwrap_or_default();
        let file = format!("crates/sandbox/src/iam/aws_managed/{name}.json");
        let file = std::fs::read(repository(&file)).expect("the sandbox has the policy");
        let file: Value = serde_json::from_slice(&file).expect("the file is JSON");
        return file["Document"].to_string();
    }
    let (_, policy) = members(&iam["policies"])
        .find(|(_, policy)| policy["arn"].as_str() == Some(arn))
        .expect("a policy that is attached is there");
    let version = policy["default_version"].to_string();
    text(&policy["versions"][version]["document"]).to_owned()
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.as_str(), value))
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("the state has a text there")
}

/// Holds what an account was before something happened and is afterwards, to judge what it is in between.
#[derive(Debug)]
pub struct Meanwhile {
    before: People,
    after: People,
    /// The names of users who must keep all that they may do with MFA.
    break_glass: BTreeSet<String>,
    /// By the user's name.
    questions: BTreeMap<String, Vec<Question>>,
    /// By the user's ARN and what is in force for it.
    answers: BTreeMap<(String, Vec<String>, Option<String>), Vec<Answer>>,
}

#[derive(Debug)]
struct Question {
    request: Request,
    session: Session,
    is_enrolment: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Session {
    Key,
    Password,
    Mfa,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Allowed,
    /// Nobody allows it.
    Silent,
    /// No policy of a resource can allow it either.
    Denied,
}

impl Meanwhile {
    /// Takes both ends, and the names of break-glass users.
    pub fn new(before: People, after: People, break_glass: &[&str]) -> Self {
        let mut documents = BTreeSet::new();
        for person in before.0.values().chain(after.0.values()) {
            documents.extend(person.in_force().cloned());
        }
        let people = before.0.iter().chain(&after.0);
        let questions =
            people.map(|(name, person)| (name.clone(), questions(name, &person.arn, &documents)));
        Self {
            questions: questions.collect(),
            before,
            after,
            break_glass: break_glass.iter().map(|name| (*name).to_owned()).collect(),
            answers: BTreeMap::new(),
        }
    }

    /// Lists what is wrong with a state in between.
    ///
    /// - Without MFA, somebody may do what they may neither before nor after. Those who are new count from their first
    ///   password or key on.
    /// - Somebody who may enrol before and after may not, or a break-glass user has lost a right that it has at both ends.
    /// - Somebody can sign in for whom what is denied at both ends without MFA isn't denied, or without the devices that
    ///   they have at both ends. What somebody comes with, they have from the first password on; what somebody leaves
    ///   with, they keep until the last.
    pub fn wrongs(&mut self, state: &People) -> Vec<String> {
        let names = self.before.0.keys().chain(self.after.0.keys());
        let names: BTreeSet<String> = names.cloned().collect();
        let mut wrongs: Vec<String> = state
            .0
            .keys()
            .filter(|name| !names.contains(*name))
            .map(|name| format!("{name} is there"))
            .collect();
        for name in names {
            let [before, after] = [&self.before, &self.after].map(|end| end.0.get(&name).cloned());
            match state.0.get(&name) {
                Some(person) => self.judge(&name, person, [&before, &after], &mut wrongs),
                None if before.is_some() && after.is_some() => {
                    wrongs.push(format!("{name} is gone"));
                }
                None => {}
            }
        }
        wrongs
    }

    fn judge(
        &mut self,
        name: &str,
        person: &Person,
        ends: [&Option<Person>; 2],
        wrongs: &mut Vec<String>,
    ) {
        if ends.into_iter().flatten().any(|end| end == person) {
            return;
        }
        let now = self.answers(name, person);
        let [was, will] = ends.map(|end| end.as_ref().map(|end| self.answers(name, end)));
        let [before, after] = ends;
        let counts = before.is_some() || person.can_act();
        // Who can't sign in yet is as good as not there.
        let comes = !before.as_ref().is_some_and(Person::can_act);
        let leaves = after.is_none();
        for (index, question) in self.questions[name].iter().enumerate() {
            let [was, will] = [&was, &will].map(|end| end.as_ref().map(|answers| answers[index]));
            let both = |answer| was == Some(answer) && will == Some(answer);
            let either = |answer| was == Some(answer) || will == Some(answer);
            let now = now[index];
            let without_mfa = question.session != Session::Mfa;
            let keeps = question.is_enrolment || (!without_mfa && self.break_glass.contains(name));
            let stays_denied = (comes || was == Some(Answer::Denied))
                && (leaves || will == Some(Answer::Denied))
                && !(comes && leaves);
            let wrong = if now == Answer::Allowed && without_mfa && counts && !either(now) {
                "may"
            } else if keeps && both(Answer::Allowed) && now != Answer::Allowed {
                "may no longer"
            } else if without_mfa && person.can_act() && stays_denied && now != Answer::Denied {
                "isn't denied"
            } else {
                continue;
            };
            let (action, resource) = (question.request.action(), question.request.resource());
            let session = question.session;
            wrongs.push(format!(
                "{name} {wrong} {action} on {resource} ({session:?})"
            ));
        }
        let devices = match (before, after) {
            (Some(before), Some(after)) if !comes => &before.devices & &after.devices,
            (_, Some(after)) if comes => after.devices.clone(),
            (Some(before), None) => before.devices.clone(),
            _ => BTreeSet::new(),
        };
        if person.has_password {
            let missing = devices.difference(&person.devices);
            wrongs.extend(missing.map(|device| format!("{name} can sign in without {device}")));
        }
    }

    fn answers(&mut self, name: &str, person: &Person) -> Vec<Answer> {
        let (arn, documents) = (person.arn.clone(), person.documents.clone());
        let key = (arn, documents, person.boundary.clone());
        let questions = &self.questions[name];
        let answers = self.answers.entry(key);
        answers
            .or_insert_with(|| answers_of(person, questions))
            .clone()
    }
}

fn answers_of(person: &Person, questions: &[Question]) -> Vec<Answer> {
    let ready = |text: &String| Policy::new(&Document::parse(text).expect("AWS took it"));
    let identity: Vec<Policy> = person.documents.iter().map(ready).collect();
    let boundary = person.boundary.as_ref().map(ready);
    let in_force = InForce {
        identity: identity.iter().collect(),
        boundary: boundary.as_ref(),
        ..InForce::default()
    };
    let answer = |question: &Question| match in_force.evaluate(&question.request) {
        Decision::Allowed { .. } => Answer::Allowed,
        Decision::ImplicitlyDenied { .. } => Answer::Silent,
        Decision::ExplicitlyDenied { .. } => Answer::Denied,
    };
    questions.iter().map(answer).collect()
}

/// Lists what is asked about a user: everything that a document names, and telltales, on what is the user's and on what isn't.
fn questions(name: &str, arn: &str, documents: &BTreeSet<String>) -> Vec<Question> {
    let mut actions: BTreeSet<String> = ENROLMENT.map(str::to_owned).into();
    actions.extend(TELLTALE.map(str::to_owned));
    let device = |device: &str| format!("arn:aws:iam::{ACCOUNT}:mfa/{device}");
    let mut resources = BTreeSet::from([
        "*".to_owned(),
        arn.to_owned(),
        format!("arn:aws:iam::{ACCOUNT}:user/somebody-else"),
        device(name),
        device("any-name"),
        "arn:aws:s3:::bucket/key".to_owned(),
    ]);
    for document in documents {
        let document: Value = serde_json::from_str(document).expect("a document is JSON");
        for statement in one_or_more(&document["Statement"]) {
            for pattern in ["Action", "NotAction"]
                .iter()
                .flat_map(|it| one_or_more(&statement[it]))
            {
                let action = text(pattern).replace('*', "Anything").replace('?', "x");
                actions.insert(action);
            }
            for pattern in ["Resource", "NotResource"]
                .iter()
                .flat_map(|it| one_or_more(&statement[it]))
            {
                let resource = text(pattern).replace("${aws:username}", name);
                resources.insert(resource.replace('*', "anything").replace('?', "x"));
            }
        }
    }
    let of_iam = |resource: &str| resource.starts_with("arn:aws:iam:");
    let mut questions = Vec::new();
    for action in &actions {
        for resource in &resources {
            if resource != "*" && of_iam(resource) != action.starts_with("iam:") {
                continue;
            }
            let is_mine = resource == arn;
            let is_enrolment = match action.as_str() {
                "iam:CreateVirtualMFADevice" => resource.contains(":mfa/"),
                action => is_mine && ENROLMENT.contains(&action),
            };
            for session in [Session::Key, Session::Password, Session::Mfa] {
                // What isn't an action or a resource by itself, such as `Anything`, is asked in the telltales.
                if let Ok(request) = Request::new(action, resource, context(name, session)) {
                    questions.push(Question {
                        request,
                        session,
                        is_enrolment: is_enrolment && session == Session::Password,
                    });
                }
            }
        }
    }
    questions
}

fn context(name: &str, session: Session) -> Context {
    let context = Context::default().with("aws:username", name);
    match session {
        Session::Key => context,
        Session::Password => context.with("aws:MultiFactorAuthPresent", "false"),
        Session::Mfa => context
            .with("aws:MultiFactorAuthPresent", "true")
            .with("aws:MultiFactorAuthAge", "60"),
    }
}

fn one_or_more(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOW: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"#;
    const ENROL: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}"#;
    const DENY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]}"#;

    fn alice(documents: &[&str], has_password: bool, devices: &[&str]) -> People {
        let person = Person {
            arn: format!("arn:aws:iam::{ACCOUNT}:user/alice"),
            documents: documents.iter().map(|it| (*it).to_owned()).collect(),
            boundary: None,
            has_password,
            has_key: false,
            devices: devices.iter().map(|it| (*it).to_owned()).collect(),
        };
        People(BTreeMap::from([("alice".to_owned(), person)]))
    }

    #[test]
    fn what_opens_a_door_in_between_is_seen() {
        let nothing = alice(&[], true, &[]);
        let all = alice(&[ALLOW, DENY], true, &[]);
        let mut meanwhile = Meanwhile::new(nothing, all, &[]);
        assert_eq!(meanwhile.wrongs(&alice(&[DENY], true, &[])), [""; 0]);
        let wrongs = meanwhile.wrongs(&alice(&[ALLOW], true, &[]));
        let open = "alice may s3:putobject on arn:aws:s3:::bucket/key (Password)";
        assert!(wrongs.iter().any(|wrong| wrong == open), "{wrongs:#?}");
    }

    #[test]
    fn a_password_before_its_deny_or_its_device_is_seen() {
        let after = alice(&[DENY], true, &["device"]);
        let mut meanwhile = Meanwhile::new(People::default(), after, &[]);
        assert_eq!(meanwhile.wrongs(&alice(&[], false, &[])), [""; 0]);
        let wrongs = meanwhile.wrongs(&alice(&[], true, &["device"]));
        assert!(wrongs.iter().all(|wrong| wrong.contains("isn't denied")));
        assert!(!wrongs.is_empty());
        let wrongs = meanwhile.wrongs(&alice(&[DENY], true, &[]));
        assert_eq!(wrongs, ["alice can sign in without device"]);
    }

    #[test]
    fn a_right_that_is_lost_in_between_is_seen_where_it_must_be_kept() {
        let ends = || alice(&[ENROL], true, &[]);
        let wrongs = Meanwhile::new(ends(), ends(), &[]).wrongs(&alice(&[], true, &[]));
        let enrolment =
            |wrong: &String| wrong.contains("may no longer") && wrong.contains("(Password)");
        assert!(
            !wrongs.is_empty() && wrongs.iter().all(enrolment),
            "{wrongs:#?}"
        );
        let wrongs = Meanwhile::new(ends(), ends(), &["alice"]).wrongs(&alice(&[], true, &[]));
        assert!(
            wrongs.iter().any(|wrong| wrong.contains("iam:createuser")),
            "{wrongs:#?}"
        );
    }
}
