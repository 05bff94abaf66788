//! Who is affected by a plan, in words that need no knowledge of AWS.

use std::collections::BTreeMap;

use model::{
    Action, Address, Body, Boundary, Change, Credential, CredentialType, MfaDevice, Plan,
    Principal, User,
};
use policy::Document;

use crate::changes::importance;
use crate::collapse::collapse;
use crate::document::{Entry, Importance, Mark};
use crate::policies;
use crate::prose::coded;
use crate::words::{count, listed};

/// How many names are said in a row.
const FEW: usize = 5;

/// Returns a sentence for each user, group, role and policy that a plan changes the rights or the sign-in of.
pub(crate) fn affected(plan: &Plan) -> Vec<Entry> {
    let mut subjects: BTreeMap<Address, Subject> = BTreeMap::new();
    let documents = documents(plan);
    for action in &plan.actions {
        let said = match documents.get(&action.address) {
            Some((before, after)) => {
                let direction = policies::direction(before, after);
                vec![(action.address.clone(), Clause::whole(direction))]
            }
            None => clauses(action),
        };
        for (address, clause) in said {
            subjects.entry(address).or_default().add(clause, action);
        }
    }
    let entries = subjects
        .into_iter()
        .map(|(address, subject)| (Some(address.kind()), subject.entry(&address)));
    collapse(entries)
}

/// Returns what policies say before a plan and after it, whatever they say between its steps, where that changes.
fn documents(plan: &Plan) -> BTreeMap<&Address, (&Document, &Document)> {
    let mut documents = BTreeMap::new();
    for action in &plan.actions {
        if let Change::Update {
            before: Body::Policy(before),
            after: Body::Policy(after),
            fields: _,
        } = &action.change
        {
            let (_, last) = documents
                .entry(&action.address)
                .or_insert((&before.document, &after.document));
            *last = &after.document;
        }
    }
    documents.retain(|_, (before, after)| before != after);
    documents
}

/// Says one thing of somebody: a verb, and what it is about where several can be.
struct Clause {
    /// What becomes of the subject itself, where it comes or goes.
    mark: Option<Mark>,
    verb: String,
    object: Option<String>,
}

impl Clause {
    fn whole(verb: impl Into<String>) -> Self {
        Self {
            mark: None,
            verb: verb.into(),
            object: None,
        }
    }

    fn of(verb: &str, object: &(impl ToString + ?Sized)) -> Self {
        Self {
            mark: None,
            verb: verb.to_owned(),
            object: Some(object.to_string()),
        }
    }

    fn with(self, mark: Mark) -> Self {
        Self {
            mark: Some(mark),
            ..self
        }
    }
}

#[derive(Default)]
struct Subject {
    mark: Option<Mark>,
    verbs: Vec<(String, Vec<String>)>,
    people: usize,
    importance: Option<Importance>,
}

impl Subject {
    fn add(&mut self, clause: Clause, action: &Action) {
        let Clause { mark, verb, object } = clause;
        self.mark = self.mark.or(mark);
        self.people = self.people.max(action.people);
        self.importance = self.importance.max(Some(importance(action)));
        match self.verbs.iter_mut().find(|(known, _)| *known == verb) {
            Some((_, objects)) => objects.extend(object),
            None => self.verbs.push((verb, object.into_iter().collect())),
        }
    }

    fn entry(self, address: &Address) -> Entry {
        let Self {
            mark,
            verbs,
            people,
            importance,
        } = self;
        let mut clauses: Vec<String> = Vec::new();
        // Of who goes, that is all there is to say.
        let verbs = verbs.into_iter();
        let said = verbs.filter(|(verb, _)| mark != Some(Mark::Delete) || verb.contains("deleted"));
        for (verb, objects) in said {
            clauses.push(if objects.is_empty() {
                verb
            } else {
                format!("{verb} {}", listed(objects, FEW))
            });
        }
        if people > 0 {
            clauses.push(format!(
                "which concerns {}",
                count(people, "person", "people")
            ));
        }
        Entry {
            note: Some(clauses.join(", ")),
            importance: importance.unwrap_or_default(),
            ..Entry::new(mark.unwrap_or(Mark::Update), address)
        }
    }
}

/// Says what an action means to whom.
fn clauses(action: &Action) -> Vec<(Address, Clause)> {
    let change = &action.change;
    let pair = |gains, loses, changes| match change {
        Change::Create { .. } => gains,
        Change::Delete { .. } => loses,
        Change::Update { .. } => changes,
    };
    let itself = |clauses: Vec<Clause>| {
        let address = || action.address.clone();
        clauses
            .into_iter()
            .map(|clause| (address(), clause))
            .collect()
    };
    let user = |name: &model::UserName| Address::User(name.clone());
    match &action.address {
        Address::User(_) => itself(of_user(change)),
        Address::Group(_) | Address::Policy(_) => {
            itself(of_document_or_group(&action.address, change))
        }
        Address::LoginProfile(name) => {
            let verb = pair(
                "gets a console password",
                "loses the console password",
                "has another console password",
            );
            vec![(user(name), Clause::whole(verb))]
        }
        Address::Credential(name, _) => credential(change)
            .map(|what| {
                (
                    user(name),
                    Clause::of(pair("gets", "loses", "keeps, changed,"), &what),
                )
            })
            .into_iter()
            .collect(),
        Address::MfaDevice(_) => device(change)
            .map(|(name, what)| {
                (
                    user(&name),
                    Clause::of(
                        pair("gets", "loses", "keeps, changed,"),
                        &format!("a {what}"),
                    ),
                )
            })
            .into_iter()
            .collect(),
        Address::Membership(group, name) => {
            let verb = pair("joins the group", "leaves the group", "stays in the group");
            vec![(user(name), Clause::of(verb, &coded(group)))]
        }
        Address::Attachment(principal, policy) => {
            vec![rights(
                principal,
                pair("gets policy", "loses policy", "has, changed, policy"),
                policy,
            )]
        }
        Address::InlinePolicy(principal, name) => {
            vec![rights(
                principal,
                pair(
                    "gets inline policy",
                    "loses inline policy",
                    "has, changed, inline policy",
                ),
                name,
            )]
        }
        Address::Role(_)
        | Address::PasswordPolicy
        | Address::LogGroup(_)
        | Address::MetricFilter(..)
        | Address::Alarm(_)
        | Address::Dashboard(_) => Vec::new(),
    }
}

fn rights(principal: &Principal, verb: &str, policy: &impl ToString) -> (Address, Clause) {
    (principal.address(), Clause::of(verb, &coded(policy)))
}

fn of_user(change: &Change) -> Vec<Clause> {
    match change {
        Change::Create { .. } => vec![Clause::whole("is new").with(Mark::Create)],
        Change::Delete { .. } => {
            vec![Clause::whole("is deleted and can't get in any more").with(Mark::Delete)]
        }
        Change::Update {
            before: Body::User(before),
            after: Body::User(after),
            fields: _,
        } => changed_user(before, after),
        Change::Update { .. } => Vec::new(),
    }
}

fn changed_user(before: &User, after: &User) -> Vec<Clause> {
    let User {
        path,
        tags,
        boundary,
        renamed_from,
    } = after;
    let renamed = renamed_from
        .as_ref()
        .map(|old| Clause::of("keeps everything under a new name, instead of", &coded(old)));
    let moved = (*path != before.path).then(|| Clause::of("has the path", &coded(path.as_str())));
    let bounded = (*boundary != before.boundary).then(|| match boundary {
        Boundary::Policy(policy) => {
            Clause::of("can do no more than this policy allows:", &coded(policy))
        }
        Boundary::None | Boundary::Undeclared => {
            Clause::whole("is no longer limited by a permissions boundary")
        }
    });
    let tagged = (*tags != before.tags).then(|| Clause::whole("has other tags"));
    [renamed, moved, bounded, tagged]
        .into_iter()
        .flatten()
        .collect()
}

/// A group's or policy's change in place is said by its people, who have other rights.
fn of_document_or_group(address: &Address, change: &Change) -> Vec<Clause> {
    let noun = address.kind();
    vec![match change {
        Change::Create { .. } => Clause::whole(format!("is a new {noun}")).with(Mark::Create),
        Change::Delete { .. } => Clause::whole("is deleted").with(Mark::Delete),
        Change::Update { .. } => Clause::whole("is changed"),
    }]
}

fn credential(change: &Change) -> Option<String> {
    match change.before().or(change.after())? {
        Body::Credential(Credential { credential_type }) => Some(article(*credential_type)),
        _ => None,
    }
}

fn article(credential: CredentialType) -> String {
    let article = match credential {
        CredentialType::AccessKey | CredentialType::SshPublicKey => "an",
        CredentialType::SigningCertificate | CredentialType::ServiceSpecificCredential => "a",
    };
    format!("{article} {credential}")
}

/// Returns whose device it is, and of what sort.
fn device(change: &Change) -> Option<(model::UserName, String)> {
    let Body::MfaDevice(MfaDevice {
        device,
        user,
        tags: _,
        deliver_to: _,
    }) = change.after().or(change.before())?
    else {
        return None;
    };
    Some((user.clone()?, device.to_string()))
}
