//! What a spec asserts of access.

use model::{Check, Session};
use policy::Document;
use serde_json::json;

use crate::draft::Draft;
use crate::keys;
use crate::node::{Node, Value};
use crate::reading::Reading;
use crate::safety::principal;

pub(crate) fn read(reading: &mut Reading<'_>, node: &Node, draft: &mut Draft) {
    for item in reading.list(node, "a list of checks") {
        check(reading, item, draft);
    }
}

fn check(reading: &mut Reading<'_>, node: &Node, draft: &mut Draft) {
    let Some(section) = reading.section(node, "a check", keys::CHECK) else {
        return;
    };
    let principal = reading
        .required(node, &section, "as")
        .and_then(|node| principal(reading, node));
    let sessions = [
        ("with_key", Session::Key),
        ("with_password", Session::Password),
        ("with_mfa", Session::Mfa),
    ];
    let mut is_empty = true;
    for (key, session) in sessions {
        let Some(node) = section.get(key) else {
            continue;
        };
        is_empty = false;
        let session = match (&principal, session) {
            (Some(model::Principal::Role(_)), Session::Mfa) => Session::Role,
            (Some(model::Principal::Role(_)), _) => {
                reading.error(
                    node,
                    "a role has neither keys nor a password; write `with_mfa`",
                );
                continue;
            }
            (_, session) => session,
        };
        let Some(expectation) = reading.section(node, &format!("`{key}`"), keys::EXPECTATION)
        else {
            continue;
        };
        let mut requests = |key| {
            let node = expectation.get(key)?;
            requests(reading, node)
        };
        let (allow, deny) = (requests("allow"), requests("deny"));
        if let Some(principal) = &principal {
            draft.checks.push(Check {
                principal: principal.clone(),
                session,
                allow,
                deny,
                origin: reading.origin(node),
            });
        }
    }
    if is_empty {
        let hint = "add `with_key`, `with_password` or `with_mfa`";
        reading.error_with_hint(node, "this checks nothing", hint);
    }
}

/// Reads patterns of actions as a document that allows them, since that is how a set of requests is written.
fn requests(reading: &mut Reading<'_>, node: &Node) -> Option<Document> {
    let items = reading.list(node, "a list of actions such as `s3:Get*`");
    let mut actions = Vec::new();
    for item in items {
        let text = reading.text(item, "an action such as `s3:Get*`")?;
        if let Err(error) = document(&[text]) {
            for mistake in error.mistakes() {
                reading.error(item, &mistake.message);
            }
            return None;
        }
        actions.push(text);
    }
    if actions.is_empty() {
        if matches!(node.value, Value::List(_)) {
            reading.error(node, "expected at least one action");
        }
        return None;
    }
    reading.ok(node, document(&actions))
}

fn document(actions: &[&str]) -> Result<Document, policy::ParseError> {
    Document::from_value(&json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }],
    }))
}
