//! What differs between two documents, statement by statement.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::condition::Condition;
use crate::document::Document;
use crate::principal::PrincipalSet;
use crate::statement::Statement;

/// Says how a statement of one document differs from its counterpart in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementChange<'a> {
    /// Only the document after has it.
    Added(&'a Statement),
    /// Only the document before has it.
    Removed(&'a Statement),
    /// Both have it, with different meaning.
    Changed {
        /// As it was.
        before: &'a Statement,
        /// As it is.
        after: &'a Statement,
    },
}

impl Document {
    /// Returns the statements that differ in meaning: changed and removed ones in the order of `before`, then the added.
    ///
    /// Counterparts have the same Sid, or else the same meaning, or else the same effect and at least half of their
    /// actions, resources and condition values in common. The list is empty if and only if the statements mean the
    /// same; `Version` and `Id` are not looked at.
    pub fn changes<'a>(before: &'a Self, after: &'a Self) -> Vec<StatementChange<'a>> {
        let (before, after) = (distinct(before), distinct(after));
        let mut pairing = Pairing::new(&after);
        pairing.by_key(&before, |canonical| canonical.sid.clone());
        pairing.by_key(&before, |canonical| Some(canonical.clone()));
        pairing.by_similarity(&before);
        let Pairing { pairs, free } = pairing;
        let changes =
            before
                .iter()
                .enumerate()
                .filter_map(|(index, side)| match pairs.get(&index) {
                    None => Some(StatementChange::Removed(side.written)),
                    Some(other) if other.canonical == side.canonical => None,
                    Some(other) => Some(StatementChange::Changed {
                        before: side.written,
                        after: other.written,
                    }),
                });
        changes
            .chain(
                free.into_values()
                    .map(|side| StatementChange::Added(side.written)),
            )
            .collect()
    }
}

/// A statement with what it is compared by.
struct Side<'a> {
    written: &'a Statement,
    canonical: Statement,
    parts: BTreeSet<(&'static str, String)>,
}

/// Returns the statements of a document, leaving out repetitions.
fn distinct(document: &Document) -> Vec<Side<'_>> {
    let mut seen = BTreeSet::new();
    let mut sides = Vec::new();
    for written in &document.statements {
        let canonical = written.canonical();
        if seen.insert(canonical.clone()) {
            sides.push(Side {
                written,
                parts: parts(&canonical),
                canonical,
            });
        }
    }
    sides
}

/// Returns the words of a canonical statement, each with the element that it is part of.
fn parts(statement: &Statement) -> BTreeSet<(&'static str, String)> {
    let Statement {
        sid: _,
        effect: _,
        principals,
        actions,
        resources,
        condition,
    } = statement;
    let element = actions.element();
    let mut parts: BTreeSet<_> = actions
        .patterns()
        .iter()
        .map(|action| (element, action.to_string()))
        .collect();
    if let Some(resources) = resources {
        let element = resources.element();
        parts.extend(
            resources
                .patterns()
                .iter()
                .map(|resource| (element, resource.to_string())),
        );
    }
    if let Some(principals) = principals {
        let element = principals.element();
        parts.extend(
            principal_names(principals.set())
                .into_iter()
                .map(|name| (element, name)),
        );
    }
    for (operator, key, values) in condition.iter().flat_map(Condition::tests) {
        parts.extend(
            values
                .iter()
                .map(|value| ("Condition", format!("{operator} {key} {value}"))),
        );
    }
    parts
}

fn principal_names(set: &PrincipalSet) -> Vec<String> {
    match set {
        PrincipalSet::Everyone => vec!["*".to_owned()],
        PrincipalSet::Named(named) => named
            .iter()
            .flat_map(|(kind, names)| names.iter().map(move |name| format!("{kind} {name}")))
            .collect(),
    }
}

/// The counterparts found so far, by the index of the statement before, and the statements after that are still free.
struct Pairing<'s, 'a> {
    pairs: BTreeMap<usize, &'s Side<'a>>,
    free: BTreeMap<usize, &'s Side<'a>>,
}

impl<'s, 'a> Pairing<'s, 'a> {
    fn new(after: &'s [Side<'a>]) -> Self {
        Self {
            pairs: BTreeMap::new(),
            free: after.iter().enumerate().collect(),
        }
    }

    /// Pairs statements with the same key; a key is unique on each side.
    fn by_key<K: Ord>(&mut self, before: &[Side<'_>], key: impl Fn(&Statement) -> Option<K>) {
        let by_key: BTreeMap<K, usize> = self
            .free
            .iter()
            .filter_map(|(place, side)| Some((key(&side.canonical)?, *place)))
            .collect();
        for (index, side) in self.unpaired(before) {
            if let Some(place) = key(&side.canonical).and_then(|key| by_key.get(&key)) {
                self.pair(index, *place);
            }
        }
    }

    /// Pairs each statement left with the free one most like it, the nearest of several.
    fn by_similarity(&mut self, before: &[Side<'_>]) {
        for (index, side) in self.unpaired(before) {
            let best = self
                .free
                .iter()
                .map(|(place, other)| {
                    (
                        similarity(side, other),
                        Reverse(place.abs_diff(index)),
                        *place,
                    )
                })
                .max();
            if let Some((500.., _, place)) = best {
                self.pair(index, place);
            }
        }
    }

    fn unpaired<'b, 'c>(&self, before: &'b [Side<'c>]) -> Vec<(usize, &'b Side<'c>)> {
        before
            .iter()
            .enumerate()
            .filter(|(index, _)| !self.pairs.contains_key(index))
            .collect()
    }

    fn pair(&mut self, index: usize, place: usize) {
        if let Some(side) = self.free.remove(&place) {
            self.pairs.insert(index, side);
        }
    }
}

/// Returns how much two statements have in common, in thousandths; nothing when their effects differ.
fn similarity(one: &Side<'_>, other: &Side<'_>) -> usize {
    if one.canonical.effect != other.canonical.effect {
        return 0;
    }
    let common = one.parts.intersection(&other.parts).count();
    2_000 * common / (one.parts.len() + other.parts.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::generate::documents;

    fn document(statements: &[&str]) -> Document {
        Document::parse(&format!(
            r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#,
            statements.join(",")
        ))
        .unwrap()
    }

    fn allow(actions: &str, resource: &str) -> String {
        format!(r#"{{"Effect": "Allow", "Action": [{actions}], "Resource": "{resource}"}}"#)
    }

    /// Returns the changes as `+`, `-` or `~` and the indices of the statements in their documents.
    fn changes(before: &[&str], after: &[&str]) -> Vec<String> {
        let (before, after) = (document(before), document(after));
        let index = |document: &Document, statement: &Statement| {
            document
                .statements()
                .position(|other| std::ptr::eq(other, statement))
                .unwrap_or(99)
        };
        Document::changes(&before, &after)
            .into_iter()
            .map(|change| match change {
                StatementChange::Added(statement) => format!("+{}", index(&after, statement)),
                StatementChange::Removed(statement) => format!("-{}", index(&before, statement)),
                StatementChange::Changed {
                    before: old,
                    after: new,
                } => {
                    format!("~{}{}", index(&before, old), index(&after, new))
                }
            })
            .collect()
    }

    #[test]
    fn statements_with_the_same_sid_are_counterparts_whatever_they_say() {
        let one = r#"{"Sid": "A", "Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"}"#;
        let two = r#"{"Sid": "B", "Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"}"#;
        let other = r#"{"Sid": "A", "Effect": "Deny", "NotAction": "s3:*", "NotResource": "arn:aws:s3:::x"}"#;
        assert_eq!(changes(&[one, two], &[two, other]), ["~01"]);
    }

    #[test]
    fn statements_in_another_order_have_not_changed() {
        let (one, two) = (
            allow(r#""iam:GetUser""#, "*"),
            allow(r#""s3:GetObject""#, "*"),
        );
        assert_eq!(changes(&[&one, &two], &[&two, &one]), Vec::<String>::new());
    }

    #[test]
    fn a_statement_without_sid_is_found_by_what_it_has_in_common() {
        let (one, two) = (
            allow(r#""iam:A", "iam:B""#, "*"),
            allow(r#""s3:A", "s3:B""#, "*"),
        );
        let (one_more, two_less) = (
            allow(r#""iam:A", "iam:B", "iam:C""#, "*"),
            allow(r#""s3:A""#, "*"),
        );
        assert_eq!(
            changes(&[&one, &two], &[&two_less, &one_more]),
            ["~01", "~10"]
        );
    }

    #[test]
    fn the_same_statement_comes_before_a_similar_one() {
        let (one, two) = (allow(r#""iam:A""#, "*"), allow(r#""iam:A", "iam:B""#, "*"));
        assert_eq!(changes(&[&two, &one], &[&one]), ["-0"]);
    }

    #[test]
    fn of_two_equally_similar_statements_the_nearest_is_the_counterpart() {
        let statement = |action: &str| allow(&format!(r#""iam:A", "iam:{action}""#), "*");
        let (before, after) = (["B", "C"].map(statement), ["D", "E"].map(statement));
        assert_eq!(
            changes(&[&before[0], &before[1]], &[&after[0], &after[1]]),
            ["~00", "~11"]
        );
    }

    #[test]
    fn a_statement_with_little_in_common_is_another() {
        let (one, two) = (
            allow(r#""iam:A", "iam:B""#, "*"),
            allow(r#""s3:A", "s3:B""#, "*"),
        );
        assert_eq!(changes(&[&one], &[&two]), ["-0", "+0"]);
    }

    #[test]
    fn allowing_and_denying_the_same_are_two_statements() {
        let one = allow(r#""iam:A""#, "*");
        assert_eq!(
            changes(&[&one], &[&one.replace("Allow", "Deny")]),
            ["-0", "+0"]
        );
    }

    #[test]
    fn a_sid_given_to_a_statement_is_a_change_of_it() {
        let one = allow(r#""iam:A""#, "*");
        assert_eq!(
            changes(&[&one], &[&one.replace(r#"{"E"#, r#"{"Sid": "A", "E"#)]),
            ["~00"]
        );
    }

    proptest! {
        #[test]
        fn there_are_changes_if_and_only_if_the_statements_differ_in_meaning(
            before in documents(), mut after in documents(), shared in 0..4_usize
        ) {
            after.statements.extend(before.statements.iter().take(shared).cloned().map(|s| Statement { sid: None, ..s }));
            let same = Document { statements: after.statements.clone(), ..before.clone() }.same_meaning(&before);
            prop_assert_eq!(Document::changes(&before, &after).is_empty(), same);
            prop_assert!(Document::changes(&before, &before.canonical()).is_empty());
        }

        #[test]
        fn each_statement_that_differs_is_in_exactly_one_change(before in documents(), after in documents()) {
            let changes = Document::changes(&before, &after);
            let olds = changes.iter().filter(|c| !matches!(c, StatementChange::Added(_))).count();
            let news = changes.iter().filter(|c| !matches!(c, StatementChange::Removed(_))).count();
            let (before, after) = (before.canonical(), after.canonical());
            let common = before.statements.iter().filter(|s| after.statements.contains(s)).count();
            prop_assert_eq!((olds, news), (before.statements.len() - common, after.statements.len() - common));
        }
    }
}
