//! Policy documents, statement by statement.

use policy::{Actions, Condition, Document, Effect, Resources, Statement, StatementChange};

use crate::diff::{all_lines, diff};
use crate::document::{Detail, Side};

/// Says in one line for each statement what a document does.
pub(crate) fn summary(document: &Document) -> Vec<Detail> {
    document
        .statements()
        .enumerate()
        .map(|(index, statement)| Detail::Field {
            name: name(statement, index),
            value: sentence(statement),
        })
        .collect()
}

/// Shows the statements that differ in meaning, each by the lines that differ.
pub(crate) fn changes(before: &Document, after: &Document) -> Vec<Detail> {
    let mut details = outer_changes(before, after);
    details.extend(
        Document::changes(before, after)
            .into_iter()
            .map(|change| match change {
                StatementChange::Added(statement) => Detail::Diff {
                    title: format!("{}, added", title(after, statement)),
                    lines: all_lines(&statement.to_json_pretty(), Side::After),
                },
                StatementChange::Removed(statement) => Detail::Diff {
                    title: format!("{}, removed", title(before, statement)),
                    lines: all_lines(&statement.to_json_pretty(), Side::Before),
                },
                StatementChange::Changed {
                    before: old,
                    after: new,
                } => Detail::Diff {
                    title: title(after, new),
                    lines: diff(&old.to_json_pretty(), &new.to_json_pretty()),
                },
            }),
    );
    details
}

/// Says which way a document changes for those it applies to, as far as its statements alone tell.
pub(crate) fn direction(before: &Document, after: &Document) -> &'static str {
    let changes = Document::changes(before, after);
    let (mut more, mut less) = (before.version() != after.version(), false);
    less |= more;
    for change in changes {
        let (adds, takes, effect) = match change {
            StatementChange::Added(new) => (true, false, new.effect()),
            StatementChange::Removed(old) => (false, true, old.effect()),
            StatementChange::Changed { before, after } => {
                let (adds, takes) = other_actions(before, after);
                (adds, takes, after.effect())
            }
        };
        let (adds, takes) = match effect {
            Effect::Allow => (adds, takes),
            Effect::Deny => (takes, adds),
        };
        more |= adds;
        less |= takes;
    }
    match (more, less) {
        (true, false) => "may allow more than before, and nothing less",
        (false, true) => "may allow less than before, and nothing more",
        (true, true) | (false, false) => "may allow some things more and others less than before",
    }
}

/// Tells whether a statement has actions that another hasn't, and the other way round; where more differs, it is both.
fn other_actions(before: &Statement, after: &Statement) -> (bool, bool) {
    let is_alike = before.effect() == after.effect()
        && before.resources() == after.resources()
        && before.condition() == after.condition();
    match (before.actions(), after.actions()) {
        (Actions::Action(old), Actions::Action(new)) if is_alike => (
            new.iter().any(|it| !old.iter().any(|known| known == it)),
            old.iter().any(|it| !new.iter().any(|known| known == it)),
        ),
        (Actions::NotAction(old), Actions::NotAction(new)) if is_alike => (
            old.iter().any(|it| !new.iter().any(|known| known == it)),
            new.iter().any(|it| !old.iter().any(|known| known == it)),
        ),
        _ => (true, true),
    }
}

/// Shows what differs beside the statements.
fn outer_changes(before: &Document, after: &Document) -> Vec<Detail> {
    let id = |document: &Document| document.id().unwrap_or("none").to_owned();
    let version = |document: &Document| document.version().to_string();
    [
        ("Version", version(before), version(after)),
        ("Id", id(before), id(after)),
    ]
    .into_iter()
    .filter(|(_, before, after)| before != after)
    .map(|(name, before, after)| Detail::Change {
        name: name.to_owned(),
        before,
        after,
    })
    .collect()
}

fn title(document: &Document, statement: &Statement) -> String {
    let index = document
        .statements()
        .position(|other| std::ptr::eq(other, statement));
    let name = name(statement, index.unwrap_or_default());
    let prefix = if statement.sid().is_some() {
        "statement "
    } else {
        ""
    };
    format!("{prefix}{name} ({})", statement.effect())
}

fn name(statement: &Statement, index: usize) -> String {
    match statement.sid() {
        Some(sid) => sid.to_string(),
        None => format!("statement {}", index + 1),
    }
}

/// Says all that a statement does: what was left out might be what a reviewer must see.
fn sentence(statement: &Statement) -> String {
    let effect = statement.effect();
    let actions = match statement.actions() {
        Actions::Action(list) => every(
            list.iter().map(policy::ActionPattern::as_str),
            "every action",
        ),
        Actions::NotAction(list) => format!("every action but {}", listed(list)),
    };
    let resources = match statement.resources() {
        Some(Resources::Resource(list)) => {
            format!(
                " on {}",
                every(
                    list.iter().map(policy::ResourcePattern::as_str),
                    "every resource"
                )
            )
        }
        Some(Resources::NotResource(list)) => {
            format!(" on every resource but {}", listed(list))
        }
        None => String::new(),
    };
    let condition = statement.condition().map(conditions).unwrap_or_default();
    format!("{effect} {actions}{resources}{condition}")
}

fn every<'a>(patterns: impl Iterator<Item = &'a str> + Clone, all: &str) -> String {
    if patterns.clone().any(|pattern| pattern == "*") {
        return all.to_owned();
    }
    listed(patterns)
}

fn listed<T: ToString>(all: impl IntoIterator<Item = T>) -> String {
    let all: Vec<String> = all.into_iter().map(|one| one.to_string()).collect();
    all.join(", ")
}

fn conditions(condition: &Condition) -> String {
    let tests: Vec<String> = condition
        .tests()
        .map(|(operator, key, values)| format!("{operator}({key}: {})", listed(values)))
        .collect();
    format!(", if {}", tests.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_said_to_go_one_way_only_where_every_statement_does() {
        let document = |statements: serde_json::Value| -> Document {
            let text = serde_json::json!({"Version": "2012-10-17", "Statement": statements});
            Document::parse(&text.to_string()).unwrap()
        };
        let allow = |actions: &[&str]| serde_json::json!({"Sid": "A", "Effect": "Allow", "Action": actions, "Resource": "*"});
        let deny = |but: &[&str]| serde_json::json!({"Sid": "D", "Effect": "Deny", "NotAction": but, "Resource": "*"});
        let read = document(serde_json::json!([
            allow(&["s3:GetObject"]),
            deny(&["s3:*"])
        ]));
        let way =
            |other: &[serde_json::Value]| direction(&read, &document(serde_json::json!(other)));
        let more = "may allow more than before, and nothing less";
        let less = "may allow less than before, and nothing more";
        let both = "may allow some things more and others less than before";
        assert_eq!(
            way(&[allow(&["s3:GetObject", "s3:PutObject"]), deny(&["s3:*"])]),
            more
        );
        assert_eq!(
            way(&[allow(&["s3:GetObject"]), deny(&["s3:*", "sns:*"])]),
            more
        );
        assert_eq!(way(&[allow(&["s3:GetObject"])]), more);
        assert_eq!(way(&[deny(&["s3:*"])]), less);
        assert_eq!(way(&[allow(&["s3:GetObject"]), deny(&["sns:*"])]), both);
        assert_eq!(way(&[allow(&["s3:PutObject"]), deny(&["s3:*"])]), both);
    }

    fn document(statements: &str) -> Document {
        Document::parse(&format!(
            r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#
        ))
        .unwrap()
    }

    fn sentences(statements: &str) -> Vec<(String, String)> {
        summary(&document(statements))
            .into_iter()
            .map(|detail| match detail {
                Detail::Field { name, value } => (name, value),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_summary_says_what_each_statement_does() {
        let text = r#"
            {"Sid": "DenyWithoutMFA", "Effect": "Deny", "NotAction": ["iam:EnableMFADevice", "sts:GetSessionToken"],
             "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}},
            {"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::secret"},
            {"Effect": "Allow", "Action": ["a:A", "a:B", "a:C", "a:D", "a:E", "a:F"], "Resource": "arn:aws:s3:::x"}"#;
        let expected = [
            (
                "DenyWithoutMFA",
                "Deny every action but iam:EnableMFADevice, sts:GetSessionToken on every resource, if BoolIfExists(aws:MultiFactorAuthPresent: false)",
            ),
            (
                "statement 2",
                "Allow s3:* on every resource but arn:aws:s3:::secret",
            ),
            (
                "statement 3",
                "Allow a:A, a:B, a:C, a:D, a:E, a:F on arn:aws:s3:::x",
            ),
        ];
        let found = sentences(text);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn only_the_statement_that_changed_is_shown() {
        let same = r#"{"Sid": "Same", "Effect": "Allow", "Action": "a:A", "Resource": "*"}"#;
        let old = r#"{"Sid": "New", "Effect": "Deny", "Action": ["a:B", "a:C"], "Resource": "*"}"#;
        let new = r#"{"Sid": "New", "Effect": "Deny", "Action": "a:B", "Resource": "*"}"#;
        let changes = changes(
            &document(&format!("{same}, {old}")),
            &document(&format!("{new}, {same}")),
        );
        let [Detail::Diff { title, lines }] = changes.as_slice() else {
            panic!("{changes:?}");
        };
        assert_eq!(title, "statement New (Deny)");
        assert_eq!(
            lines.len(),
            2,
            "the list and the action that goes: {lines:?}"
        );
    }

    #[test]
    fn a_document_whose_version_changes_shows_it() {
        let statement = r#"[{"Effect": "Allow", "Action": "a:A", "Resource": "*"}]"#;
        let old = Document::parse(&format!(r#"{{"Statement": {statement}}}"#)).unwrap();
        let new = Document::parse(&format!(
            r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#
        ))
        .unwrap();
        assert_eq!(
            changes(&old, &new),
            [Detail::Change {
                name: "Version".into(),
                before: "2008-10-17".into(),
                after: "2012-10-17".into()
            }]
        );
    }
}
