//! A case: policies, and a request to decide by them.

use std::collections::BTreeSet;
use std::fmt;

use policy::evaluate::{Context, ContextValue, Decision, InForce, Layer, Policy, Request, Source};
use policy::{Document, Mistake, Sid, Statement};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// Holds a case as written. Documents are kept as text, so that a key that is given twice isn't lost.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written<'a> {
    id: Value,
    principal: Option<String>,
    #[serde(borrow, default)]
    identity_policies: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    group_policies: Vec<&'a RawValue>,
    #[serde(borrow)]
    boundary: Option<&'a RawValue>,
    #[serde(borrow)]
    session_policies: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    scps: Option<Vec<Vec<&'a RawValue>>>,
    request: WrittenRequest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRequest {
    action: String,
    resource: String,
    #[serde(default)]
    context: WrittenContext,
}

/// Holds condition keys and their values in the order written.
#[derive(Default)]
struct WrittenContext(Vec<(String, WrittenValue)>);

/// Holds the value of a condition key: a list is a multivalued key, null an absent one.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a string, a number, a boolean, a list of these, or null"
)]
enum WrittenValue {
    Absent(()),
    Single(Scalar),
    Multiple(Vec<Scalar>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Bool(bool),
    Number(serde_json::Number),
}

/// Holds a case that can be decided.
pub(super) struct Case {
    id: Value,
    identity: Vec<Given>,
    boundary: Option<Given>,
    session: Option<Vec<Given>>,
    service_control: Vec<Vec<Given>>,
    request: Request,
}

/// Holds a policy with where it is in the case, such as `scps[0][1]`.
struct Given {
    name: String,
    document: Document,
    policy: Policy,
}

/// Holds a decision as it is printed.
#[derive(Serialize)]
pub(super) struct Decided<'a> {
    id: &'a Value,
    result: &'static str,
    /// The statements that allow, or those that deny.
    by: Vec<By<'a>>,
    /// What would have to allow too, when nothing denies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<String>,
}

#[derive(Serialize)]
struct By<'a> {
    policy: &'a str,
    /// The index of the statement, from 0.
    statement: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a Sid>,
}

impl Case {
    /// Reads a case.
    ///
    /// # Errors
    ///
    /// When the line isn't a case, or with every mistake in its documents and its request.
    pub(super) fn read(line: &[u8]) -> Result<Self, Vec<String>> {
        let written: Written<'_> =
            serde_json::from_slice(line).map_err(|error| vec![message(&error)])?;
        let mut mistakes = Mistakes::default();
        let mut identity = mistakes.policies("identityPolicies", &written.identity_policies);
        identity.extend(mistakes.policies("groupPolicies", &written.group_policies));
        let boundary = written
            .boundary
            .and_then(|text| mistakes.policy("boundary".to_owned(), text));
        let session = written
            .session_policies
            .map(|policies| mistakes.policies("sessionPolicies", &policies));
        let levels = written.scps.unwrap_or_default();
        let service_control = levels
            .iter()
            .enumerate()
            .map(|(level, policies)| mistakes.policies(&format!("scps[{level}]"), policies))
            .collect();
        let request = mistakes.request(written.request, written.principal.as_deref());
        match request {
            Some(request) if mistakes.0.is_empty() => Ok(Self {
                id: written.id,
                identity,
                boundary,
                session,
                service_control,
                request,
            }),
            _ => Err(mistakes.0),
        }
    }

    /// Decides the case.
    pub(super) fn decide(&self) -> Decided<'_> {
        let in_force = InForce {
            identity: policies(&self.identity),
            boundary: self.boundary.as_ref().map(|given| &given.policy),
            session: self.session.as_deref().map(policies),
            service_control: self
                .service_control
                .iter()
                .map(|level| policies(level))
                .collect(),
        };
        let (result, by, missing) = match in_force.evaluate(&self.request) {
            Decision::Allowed { by } => ("allowed", by, Vec::new()),
            Decision::ImplicitlyDenied { missing } => ("implicit deny", Vec::new(), missing),
            Decision::ExplicitlyDenied { by } => ("explicit deny", by, Vec::new()),
        };
        Decided {
            id: &self.id,
            result,
            by: by.into_iter().map(|source| self.by(source)).collect(),
            missing: missing.into_iter().map(element).collect(),
        }
    }

    /// Names a statement: the policy by its place in the case, the statement by its index and its Sid.
    fn by(&self, source: Source) -> By<'_> {
        let layer = match source.layer {
            Layer::Identity => self.identity.as_slice(),
            Layer::Boundary => self.boundary.as_slice(),
            Layer::Session => self.session.as_deref().unwrap_or_default(),
            Layer::ServiceControl(level) => self
                .service_control
                .get(level)
                .map_or(&[][..], Vec::as_slice),
        };
        let given = layer.get(source.policy);
        let statement = given.and_then(|given| given.document.statements().nth(source.statement));
        By {
            policy: given.map_or("", |given| &given.name),
            statement: source.statement,
            sid: statement.and_then(Statement::sid),
        }
    }
}

/// Names the member of a case that doesn't allow.
fn element(layer: Layer) -> String {
    match layer {
        Layer::Identity => "identityPolicies".to_owned(),
        Layer::Boundary => "boundary".to_owned(),
        Layer::Session => "sessionPolicies".to_owned(),
        Layer::ServiceControl(level) => format!("scps[{level}]"),
    }
}

/// Returns the message of an error without its line, which is always the first.
fn message(error: &serde_json::Error) -> String {
    error
        .to_string()
        .replace(" at line 1 column ", " at column ")
}

fn policies(given: &[Given]) -> Vec<&Policy> {
    given.iter().map(|given| &given.policy).collect()
}

/// Holds the mistakes found so far in the documents and the request of a case.
#[derive(Default)]
struct Mistakes(Vec<String>);

impl Mistakes {
    fn policies(&mut self, element: &str, documents: &[&RawValue]) -> Vec<Given> {
        let documents = documents.iter().enumerate();
        documents
            .filter_map(|(index, document)| self.policy(format!("{element}[{index}]"), document))
            .collect()
    }

    /// Reads a document, which is written as an object or as a string that holds its text.
    fn policy(&mut self, name: String, document: &RawValue) -> Option<Given> {
        let text = serde_json::from_str::<String>(document.get());
        match Document::parse(text.as_deref().unwrap_or(document.get())) {
            Ok(document) => Some(Given {
                name,
                policy: Policy::new(&document),
                document,
            }),
            Err(error) => {
                let mistakes = error.mistakes().iter().cloned();
                // The line and column would be those in the document, and the whole case is one line.
                let located = mistakes.map(|mistake| Mistake {
                    location: None,
                    ..mistake
                });
                self.0
                    .extend(located.map(|mistake| format!("{name}: {mistake}")));
                None
            }
        }
    }

    fn request(&mut self, request: WrittenRequest, principal: Option<&str>) -> Option<Request> {
        let mut context = principal.map_or_else(Context::default, keys_of);
        let mut seen = BTreeSet::new();
        for (key, value) in request.context.0 {
            if !seen.insert(key.to_ascii_lowercase()) {
                self.0.push(format!(
                    "request.context: the key `{}` is given twice: case makes no difference",
                    key.escape_debug()
                ));
            }
            context.set(&key, value.into());
        }
        Request::new(&request.action, &request.resource, context)
            .map_err(|error| self.0.push(format!("request: {error}")))
            .ok()
    }
}

/// Returns the condition keys that a principal brings: of a user, whose name can be given instead of its ARN, also
/// `aws:username` ("AWS global condition context keys").
fn keys_of(principal: &str) -> Context {
    let parts: Vec<&str> = principal.splitn(6, ':').collect();
    let ["arn", _, service, _, account, resource] = parts.as_slice() else {
        return Context::default().with("aws:username", principal);
    };
    let context = Context::default()
        .with("aws:PrincipalArn", principal)
        .with("aws:PrincipalAccount", *account);
    match resource.strip_prefix("user/") {
        Some(path) if *service == "iam" => context
            .with("aws:PrincipalType", "User")
            .with("aws:username", path.rsplit('/').next().unwrap_or(path)),
        _ => context,
    }
}

impl From<WrittenValue> for ContextValue {
    fn from(value: WrittenValue) -> Self {
        match value {
            WrittenValue::Absent(()) => Self::Multiple(Vec::new()),
            WrittenValue::Single(value) => Self::Single(value.into()),
            WrittenValue::Multiple(values) => {
                Self::Multiple(values.into_iter().map(String::from).collect())
            }
        }
    }
}

impl From<Scalar> for String {
    fn from(value: Scalar) -> Self {
        match value {
            Scalar::Text(text) => text,
            Scalar::Bool(boolean) => boolean.to_string(),
            Scalar::Number(number) => number.to_string(),
        }
    }
}

impl<'de> Deserialize<'de> for WrittenContext {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

/// Reads an object with all its keys, those that are given twice too.
struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = WrittenContext;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of condition keys and their values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<WrittenContext, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(WrittenContext(entries))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":{"Sid":"All","Effect":"Allow","Action":"*","Resource":"*"}}"#;

    fn decide(line: &str) -> Value {
        let case = Case::read(line.as_bytes()).ok().unwrap();
        serde_json::to_value(case.decide()).unwrap()
    }

    fn mistakes(line: &str) -> Vec<String> {
        Case::read(line.as_bytes()).err().unwrap()
    }

    fn case(members: &str, context: &str) -> String {
        format!(
            r#"{{"id":1,{members},"request":{{"action":"iam:GetUser","resource":"*","context":{context}}}}}"#
        )
    }

    fn holds(condition: &str, principal: &str, context: &str) -> bool {
        let policy = ALLOW.replace(
            r#""Action""#,
            &format!(r#""Condition":{condition},"Action""#),
        );
        let members = format!(r#""principal":{principal},"identityPolicies":[{policy}]"#);
        decide(&case(&members, context))["result"] == "allowed"
    }

    #[test]
    fn what_allows_is_named_by_its_place_in_the_case() {
        let members = format!(
            r#""identityPolicies":[{ALLOW}],"groupPolicies":[{ALLOW}],"boundary":{ALLOW},"scps":[[{ALLOW}]],"sessionPolicies":[{ALLOW}]"#
        );
        let decision = decide(&case(&members, "{}"));
        assert_eq!(decision["id"], 1);
        assert_eq!(decision["result"], "allowed");
        let names: Vec<&str> = decision["by"]
            .as_array()
            .unwrap()
            .iter()
            .map(|by| by["policy"].as_str().unwrap())
            .collect();
        assert_eq!(
            names,
            [
                "identityPolicies[0]",
                "groupPolicies[0]",
                "boundary",
                "sessionPolicies[0]",
                "scps[0][0]"
            ]
        );
        assert_eq!(decision["by"][0]["sid"], "All");
    }

    #[test]
    fn a_null_boundary_and_absent_policies_limit_nothing() {
        let members = format!(r#""identityPolicies":[{ALLOW}],"boundary":null,"scps":null"#);
        assert_eq!(decide(&case(&members, "{}"))["result"], "allowed");
        assert_eq!(
            decide(&case(r#""groupPolicies":[]"#, "{}"))["result"],
            "implicit deny"
        );
    }

    #[test]
    fn a_document_can_be_given_as_its_text() {
        let members = format!(r#""identityPolicies":[{}]"#, json!(ALLOW));
        assert_eq!(decide(&case(&members, "{}"))["result"], "allowed");
    }

    #[test]
    fn the_principal_brings_its_keys_unless_the_context_has_them() {
        let name = r#"{"StringEquals":{"aws:username":"alice"}}"#;
        let arn = r#""arn:aws:iam::123456789012:user/people/alice""#;
        assert!(holds(name, arn, "{}"));
        assert!(holds(name, r#""alice""#, "{}"));
        assert!(!holds(name, arn, r#"{"AWS:UserName":"bob"}"#));
        assert!(!holds(name, arn, r#"{"aws:username":null}"#));
        assert!(!holds(
            name,
            r#""arn:aws:sts::123456789012:assumed-role/a/alice""#,
            "{}"
        ));
        assert!(holds(
            r#"{"StringEquals":{"aws:PrincipalAccount":"123456789012"}}"#,
            arn,
            "{}"
        ));
    }

    #[test]
    fn a_list_is_a_multivalued_key_and_the_rest_is_text() {
        let tags = r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":"team"},"Bool":{"aws:SecureTransport":true},"NumericEquals":{"s3:max-keys":7}}"#;
        assert!(holds(
            tags,
            "null",
            r#"{"aws:TagKeys":["team"],"aws:SecureTransport":true,"s3:max-keys":7.0}"#
        ));
        assert!(!holds(
            tags,
            "null",
            r#"{"aws:TagKeys":[],"aws:SecureTransport":true,"s3:max-keys":7}"#
        ));
    }

    #[test]
    fn nothing_is_lost_silently() {
        let twice = ALLOW.replace(r#""Effect""#, r#""Effect":"Deny","Effect""#);
        let wrong = mistakes(&case(
            &format!(r#""identityPolicies":[{ALLOW},{twice}]"#),
            "{}",
        ));
        assert_eq!(
            wrong,
            [
                "identityPolicies[1]: Statement.Effect: the key `Effect` is given twice in one object"
            ]
        );
        let wrong = mistakes(&case(r#""groupPolicies":[]"#, r#"{"a:b":1,"A:B":2}"#));
        assert_eq!(
            wrong,
            ["request.context: the key `A:B` is given twice: case makes no difference"]
        );
        let wrong = mistakes(&case(r#""boundry":{}"#, "{}"));
        assert!(wrong[0].contains("unknown field `boundry`"), "{wrong:?}");
        let wrong = mistakes(&case(r#""scps":[],"scps":[]"#, "{}"));
        assert!(wrong[0].contains("duplicate field `scps`"), "{wrong:?}");
    }

    #[test]
    fn every_mistake_of_a_case_is_told() {
        let line = r#"{"id":1,"identityPolicies":[{}],"boundary":1,"request":{"action":"iam:*","resource":"*"}}"#;
        let wrong = mistakes(line);
        assert_eq!(wrong.len(), 3, "{wrong:?}");
        assert!(
            wrong[2].starts_with("request: `iam:*` is not an action"),
            "{wrong:?}"
        );
    }
}
