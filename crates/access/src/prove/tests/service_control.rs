//! What policies of the organization take away.

use super::world::*;
use crate::prove::*;
use crate::verdict::Limit;

/// Returns the claims about alice that aren't proved, each with what of the organization's policies denies.
fn refuted_under(levels: Vec<Vec<Document>>, held: &Document) -> Vec<(Claim, Vec<Limit>)> {
    let snapshot = account(&[("/", "alice")], &[held]);
    let asked = Asked {
        service_control: levels,
        ..governing(&snapshot)
    };
    let proofs = prove(&snapshot, &asked).into_iter();
    let refuted = proofs.filter_map(|proof| match proof.verdict {
        Verdict::Proved => None,
        Verdict::Violated { witness } => Some((proof.claim, witness.limits)),
        Verdict::CannotProve { obstacle } => panic!("{obstacle}"),
    });
    refuted.collect()
}

#[test]
fn enrolment_that_the_organization_denies_is_impossible() {
    let deny = document(
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}"#,
    );
    let statement = Limit::Statement {
        level: 1,
        policy: 0,
        statement: 1,
    };
    assert_eq!(
        refuted_under(vec![vec![admin()], vec![deny]], &preset()),
        [(Claim::CanEnrol, vec![statement])]
    );
}

#[test]
fn each_level_must_allow() {
    let only = |actions: &str| {
        document(&format!(
            r#"{{"Effect": "Allow", "Action": "{actions}", "Resource": "*"}}"#
        ))
    };
    let beside = vec![vec![only("s3:*"), only("iam:*")]];
    assert_eq!(refuted_under(beside, &preset()), []);
    let below = vec![vec![only("iam:*")], vec![only("s3:*")]];
    assert_eq!(
        refuted_under(below, &preset()),
        [(Claim::CanEnrol, vec![Limit::Level(1)])]
    );
}

#[test]
fn the_organization_can_be_what_asks_for_mfa() {
    let deny = r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#;
    let full = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
    let levels = vec![vec![document(&format!("{full}, {deny}"))]];
    let refuted = refuted_under(levels, &admin());
    let claims: Vec<Claim> = refuted.into_iter().map(|(claim, _)| claim).collect();
    assert_eq!(claims, [Claim::CanEnrol]);
}
