//! Getting from one document to another without giving anybody too much, or taking too much, on the way.

use std::collections::BTreeSet;

use crate::document::Document;
use crate::location::Places;
use crate::statement::{Effect, Statement};

impl Document {
    /// Returns the documents to put in force one after the other to get from one to another; the last is `after`.
    ///
    /// First the Denies of both, then the Allows of both as well, then only the new Allows, then only the new Denies. With
    /// other changes put between them by the same order, no right is there meanwhile that is neither there before nor
    /// after, and none is missing that is there before and after. There is only `after` where the two are written in
    /// different versions of the language.
    pub fn transition(before: &Self, after: &Self) -> Vec<Self> {
        if before.version != after.version {
            return vec![after.clone()];
        }
        let both = [before, after];
        let mut last = before.canonical();
        let mut documents = Vec::new();
        let between = [
            (&[before][..], &both[..]),
            (&both, &both),
            (&[after], &both),
        ];
        for (allows, denies) in between {
            let document = of(allows, denies);
            let canonical = document.canonical();
            if canonical != last && !document.same_meaning(after) {
                documents.push(document);
                last = canonical;
            }
        }
        documents.push(after.clone());
        documents
    }
}

/// Returns a document with the Allow statements of some and the Deny statements of others, each once.
fn of(allows: &[&Document], denies: &[&Document]) -> Document {
    let mut seen = BTreeSet::new();
    let mut sids = BTreeSet::new();
    let mut statements = Vec::new();
    for (documents, effect) in [(allows, Effect::Allow), (denies, Effect::Deny)] {
        let of_effect = documents
            .iter()
            .flat_map(|document| &document.statements)
            .filter(|statement| statement.effect == effect);
        for statement in of_effect {
            let anonymous = Statement {
                sid: None,
                ..statement.clone()
            };
            if seen.insert(anonymous.canonical()) {
                let sid = statement.sid.clone();
                statements.push(Statement {
                    // Two statements can't have the same.
                    sid: sid.filter(|sid| sids.insert(sid.clone())),
                    ..anonymous
                });
            }
        }
    }
    let first = allows.first().or(denies.first());
    Document {
        version: first.map_or_else(Default::default, |document| document.version),
        id: None,
        statements,
        places: Places::default(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::generate::documents;

    fn document(statements: &str) -> Document {
        let text = statements.replace('\'', "\"");
        Document::parse(&format!(
            r#"{{"Version": "2012-10-17", "Statement": [{text}]}}"#
        ))
        .unwrap()
    }

    #[test]
    fn denies_come_first_and_go_last() {
        let one = "{'Sid': 'A', 'Effect': 'Allow', 'Action': 's3:*', 'Resource': '*'}, {'Effect': 'Deny', 'Action': 's3:Put*', 'Resource': '*'}";
        let other = "{'Sid': 'A', 'Effect': 'Allow', 'Action': 'ec2:*', 'Resource': '*'}, {'Effect': 'Deny', 'Action': 'ec2:Run*', 'Resource': '*'}";
        let documents = Document::transition(&document(one), &document(other));
        let actions = |document: &Document| -> Vec<String> {
            let actions = document.statements.iter().map(|statement| {
                let sign = if statement.effect == Effect::Allow {
                    '+'
                } else {
                    '-'
                };
                format!("{sign}{}", statement.actions.patterns()[0])
            });
            actions.collect()
        };
        assert_eq!(
            documents.iter().map(actions).collect::<Vec<_>>(),
            [
                vec!["+s3:*", "-s3:Put*", "-ec2:Run*"],
                vec!["+s3:*", "+ec2:*", "-s3:Put*", "-ec2:Run*"],
                vec!["+ec2:*", "-s3:Put*", "-ec2:Run*"],
                vec!["+ec2:*", "-ec2:Run*"],
            ]
        );
    }

    proptest! {
        #[test]
        fn each_document_only_gains_or_only_loses_and_only_one_effect(before in documents(), after in documents()) {
            let after = Document { version: before.version, ..after };
            let documents = Document::transition(&before, &after);
            prop_assert_eq!(documents.last(), Some(&after));
            prop_assert!(documents.len() <= 4);
            let all = std::iter::once(&before).chain(&documents).collect::<Vec<_>>();
            for pair in all.windows(2) {
                let (old, new) = (pair[0], pair[1]);
                let changes = [
                    Document::loses_allow(old, new),
                    Document::loses_allow(new, old),
                    Document::loses_deny(old, new),
                    Document::loses_deny(new, old),
                ];
                let number = changes.iter().filter(|changes| **changes).count();
                prop_assert!(number <= 1, "{:?}", changes);
                prop_assert!(Document::parse(&new.to_json()).is_ok());
            }
        }
    }
}
