//! Whether a change may take something away.

use crate::document::Document;
use crate::statement::{Effect, Statement};

impl Document {
    /// Tells whether `after` may allow less than `before`: `false` is certain, `true` is not.
    ///
    /// Nothing is lost when the language's version is the same and each Allow statement of `before` is covered by one of
    /// `after`: with the same condition or none, and with lists that hold all that its lists hold, or `*`.
    pub fn loses_allow(before: &Self, after: &Self) -> bool {
        loses(before, after, Effect::Allow)
    }

    /// Tells whether `after` may deny less than `before`: as [`Document::loses_allow`], for Deny statements.
    pub fn loses_deny(before: &Self, after: &Self) -> bool {
        loses(before, after, Effect::Deny)
    }

    /// Tells whether `denying` may leave something of what this document allows: `false` is certain, `true` is not.
    ///
    /// Nothing is left when each Allow statement is covered by a Deny statement, in the sense of [`Document::loses_allow`].
    pub fn allows_beside<'a>(&self, denying: impl IntoIterator<Item = &'a Self>) -> bool {
        let of_this_version = denying
            .into_iter()
            .filter(|other| other.version == self.version);
        let denied: Vec<Statement> = of_this_version
            .flat_map(|other| of_effect(other, Effect::Deny))
            .collect();
        let is_denied = |allowed| denied.iter().any(|denied| covers(denied, allowed));
        !of_effect(self, Effect::Allow).iter().all(is_denied)
    }
}

fn of_effect(document: &Document, effect: Effect) -> Vec<Statement> {
    let statements = document.statements.iter();
    statements
        .filter(|statement| statement.effect == effect)
        .map(Statement::canonical)
        .collect()
}

fn loses(before: &Document, after: &Document, effect: Effect) -> bool {
    let (lost, kept) = (of_effect(before, effect), of_effect(after, effect));
    let covered = |statement| kept.iter().any(|other| covers(other, statement));
    !lost.is_empty() && (before.version != after.version || !lost.iter().all(covered))
}

/// Tells whether one canonical statement certainly applies wherever another does.
fn covers(wide: &Statement, narrow: &Statement) -> bool {
    let actions = list_covers(
        (wide.actions.is_negated(), wide.actions.patterns()),
        (narrow.actions.is_negated(), narrow.actions.patterns()),
        |action| action.as_str() == "*",
    );
    let resources = match (&wide.resources, &narrow.resources) {
        (Some(wide), Some(narrow)) => list_covers(
            (wide.is_negated(), wide.patterns()),
            (narrow.is_negated(), narrow.patterns()),
            |resource| resource.as_str() == "*",
        ),
        (wide, narrow) => wide == narrow,
    };
    let condition = wide.condition.is_none() || wide.condition == narrow.condition;
    actions && resources && condition && wide.principals == narrow.principals
}

/// Tells whether one sorted list of patterns certainly matches whatever another does, where a negated list matches what
/// none of its patterns does.
fn list_covers<T: Ord>(
    (wide_negated, wide): (bool, &[T]),
    (narrow_negated, narrow): (bool, &[T]),
    is_star: impl Fn(&T) -> bool,
) -> bool {
    let holds_all =
        |list: &[T], items: &[T]| items.iter().all(|item| list.binary_search(item).is_ok());
    match (wide_negated, narrow_negated) {
        (false, false) => holds_all(wide, narrow) || wide.iter().any(is_star),
        (false, true) => wide.iter().any(is_star),
        (true, true) => holds_all(narrow, wide),
        (true, false) => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::action::ActionPattern;
    use crate::document::Version;
    use crate::generate::documents;
    use crate::statement::Actions;

    fn document(statement: &str) -> Document {
        Document::parse(&format!(
            r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#
        ))
        .unwrap()
    }

    #[test]
    fn what_is_denied_to_the_last_statement_leaves_nothing() {
        let allow = document(
            r#"[{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"},
                {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]"#,
        );
        let deny = |action: &str, rest: &str| {
            document(&format!(
                r#"{{"Effect": "Deny", "Action": {action}, "Resource": "*"{rest}}}"#
            ))
        };
        let without_mfa =
            r#", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}"#;
        assert!(allow.allows_beside([]));
        assert!(allow.allows_beside([&deny(r#""s3:Get*""#, "")]));
        assert!(allow.allows_beside([&deny(r#""*""#, without_mfa)]));
        assert!(!allow.allows_beside([&deny(r#""*""#, "")]));
        assert!(!allow.allows_beside([&deny(r#""s3:Get*""#, ""), &deny(r#""sqs:*""#, "")]));
        assert!(!deny(r#""*""#, "").allows_beside([]));
    }

    #[track_caller]
    fn loses(before: &str, after: &str, expected: bool) {
        let (before, after) = (before.replace('\'', "\""), after.replace('\'', "\""));
        assert_eq!(
            Document::loses_allow(&document(&before), &document(&after)),
            expected
        );
        let deny = |text: &str| document(&text.replace("Allow", "Deny"));
        assert_eq!(
            Document::loses_deny(&deny(&before), &deny(&after)),
            expected
        );
        assert!(!Document::loses_allow(&deny(&before), &deny(&after)));
    }

    #[test]
    fn a_statement_that_grows_loses_nothing() {
        let with = |elements: &str| format!("{{'Effect': 'Allow', {elements}}}");
        let small = with("'Action': 'iam:A', 'Resource': 'arn:aws:iam::1:user/a'");
        loses(
            &small,
            &with(
                "'Action': ['IAM:b', 'IAM:a'], 'Resource': ['arn:aws:sqs', 'arn:aws:iam::1:user/a']",
            ),
            false,
        );
        loses(&small, &with("'Action': '*:*', 'Resource': '*'"), false);
        loses(&small, &with("'Action': 'iam:B', 'Resource': '*'"), true);
        loses(
            &small,
            &with("'Action': '*', 'Resource': 'arn:aws:iam::1:user/b'"),
            true,
        );
        let all_but =
            with("'NotAction': ['iam:A', 'iam:B'], 'NotResource': ['arn:aws:sqs', 'arn:aws:iam']");
        loses(
            &all_but,
            &with("'NotAction': 'iam:A', 'NotResource': 'arn:aws:iam'"),
            false,
        );
        loses(&all_but, &with("'Action': '*', 'Resource': '*'"), false);
        loses(
            &all_but,
            &with("'NotAction': ['iam:A', 'iam:B', 'iam:C'], 'Resource': '*'"),
            true,
        );
        loses(
            &all_but,
            &with("'Action': ['iam:A', 'iam:B'], 'Resource': '*'"),
            true,
        );
        loses(&small, &with("'NotAction': 'iam:A', 'Resource': '*'"), true);
    }

    #[test]
    fn a_condition_added_or_changed_loses_something_and_one_dropped_does_not() {
        let with = |condition: &str| {
            format!("{{'Effect': 'Allow', 'Action': '*', 'Resource': '*'{condition}}}")
        };
        let mfa = |value| {
            with(&format!(
                ", 'Condition': {{'Bool': {{'aws:MultiFactorAuthPresent': '{value}'}}}}"
            ))
        };
        loses(&with(""), &mfa(true), true);
        loses(&mfa(true), &mfa(false), true);
        loses(&mfa(true), &mfa(true), false);
        loses(&mfa(true), &with(""), false);
    }

    #[test]
    fn another_principal_is_a_loss_and_another_spelling_of_it_is_not() {
        let trust = |name: &str| {
            let principal = format!(r#""Principal": {{"AWS": "{name}"}}"#);
            let statement =
                format!(r#"{{"Effect": "Allow", {principal}, "Action": "sts:AssumeRole"}}"#);
            Document::parse_trust(&format!(r#"{{"Statement": {statement}}}"#)).unwrap()
        };
        let account = trust("111122223333");
        assert!(Document::loses_allow(&account, &trust("444455556666")));
        assert!(!Document::loses_allow(
            &account,
            &trust("arn:aws:iam::111122223333:root")
        ));
    }

    #[test]
    fn another_version_may_lose_anything_that_was_allowed() {
        let new = document(r#"{"Effect": "Allow", "Action": "iam:A", "Resource": "*"}"#);
        let old = Document {
            version: Version::V2008_10_17,
            ..new.clone()
        };
        assert!(Document::loses_allow(&new, &old) && Document::loses_allow(&old, &new));
        assert!(!Document::loses_deny(&new, &old));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_when_nothing_is_removed(before in documents(), other in documents()) {
            let statements = [before.statements.clone(), other.statements].concat();
            let after = Document { statements, ..before.clone() };
            prop_assert!(!Document::loses_allow(&before, &after) && !Document::loses_deny(&before, &after));
        }

        #[test]
        fn an_action_given_up_is_a_loss(before in documents()) {
            let mut after = before.clone();
            let unknown = ActionPattern::read("further:Action").unwrap();
            for statement in &mut after.statements {
                statement.actions = Actions::Action(vec![unknown.clone()]);
            }
            prop_assert_eq!(Document::loses_allow(&before, &after), before.has_allow());
            prop_assert_eq!(Document::loses_deny(&before, &after), before.has_deny());
        }
    }
}
