use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::document::Document;
use crate::evaluate::{Context, Decision, InForce, Policy, Request};
use crate::generate;

fn document(statements: &str) -> Document {
    Document::parse(&format!(
        r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#
    ))
    .unwrap()
}

fn examples() -> Examples<'static> {
    Examples {
        actions: vec!["iam:GetUser", "iam:DeleteUser", "s3:GetObject"],
        resources: vec!["arn:aws:iam::1:user/alice", "*"],
    }
}

fn layers<'a>(identity: &[&'a Document]) -> Layers<'a> {
    Layers {
        identity: identity.to_vec(),
        ..Layers::default()
    }
}

fn space<'a>(layers: &Layers<'a>, sets: &[&'a Document]) -> Space<'a> {
    let alice = Facts::default().with("aws:username", Fact::Value("alice".to_owned()));
    Space::new(layers, sets, alice, &examples()).unwrap()
}

/// Describes the cells that are allowed, or may be, by their witnesses.
fn allowed(space: &Space<'_>, session: &Facts) -> Vec<String> {
    let view = space.view(session);
    let describe = |cell: Cell<'_>| match space.allowed(cell, &view) {
        Truth::False => None,
        Truth::Unknown => Some(format!("{} {}?", cell.action(), cell.resource(|_| true))),
        Truth::True => Some(format!("{} {}", cell.action(), cell.resource(|_| true))),
    };
    space.cells().filter_map(describe).collect()
}

#[test]
fn a_deny_takes_its_part_out_of_what_is_allowed() {
    let document = document(
        r#"{"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
           {"Effect": "Deny", "Action": "iam:Delete*", "NotResource": "arn:aws:iam::1:user/${aws:username}"}"#,
    );
    let layers = layers(&[&document]);
    assert_eq!(
        allowed(&space(&layers, &[]), &Facts::default()),
        [
            "iam:GetUser arn:aws:iam::1:user/alice",
            "iam:GetUser *",
            "iam:DeleteUser arn:aws:iam::1:user/alice"
        ]
    );
}

#[test]
fn many_patterns_of_any_account_are_told_apart() {
    let grants: Vec<String> = ('a'..='z')
        .map(|letter| {
            format!(
                r#"{{"Effect": "Allow", "Action": "iam:{letter}", "Resource": "arn:aws:iam::*:user/team-{letter}/*"}}"#
            )
        })
        .collect();
    let document = document(&grants.join(","));
    let layers = layers(&[&document]);
    let examples = Examples {
        actions: vec!["iam:a", "iam:b"],
        resources: vec!["arn:aws:iam::1:user/team-b/bob"],
    };
    let space = Space::new(&layers, &[], Facts::default(), &examples).unwrap();
    assert!(space.is_rough(), "they are told apart in the simpler way");
    let view = space.view(&Facts::default());
    let allowed = |action: &str| {
        let mut cells = space.cells();
        let is_meant = |cell: &Cell<'_>| {
            cell.action() == action && cell.resource(|_| true) == "arn:aws:iam::1:user/team-b/bob"
        };
        space.allowed(cells.find(is_meant).unwrap(), &view)
    };
    assert_eq!(
        (allowed("iam:a"), allowed("iam:b")),
        (Truth::False, Truth::True)
    );
}

#[test]
fn a_made_up_resource_is_of_the_principals_account_where_a_pattern_leaves_that_open() {
    let grant = |resource: &str| {
        document(&format!(
            r#"{{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "{resource}"}}"#
        ))
    };
    for (pattern, made_up) in [
        (
            "arn:aws:iam::*:mfa/${aws:username}",
            "arn:aws:iam::1:mfa/alice",
        ),
        ("arn:aws:iam::2:mfa/*", "arn:aws:iam::2:mfa/"),
        ("arn:aws:sqs:*:*:queue", "arn:aws:sqs::1:queue"),
    ] {
        let granted = grant(pattern);
        let allowed = allowed(&space(&layers(&[&granted]), &[]), &Facts::default());
        assert!(
            allowed.contains(&format!("iam:GetUser {made_up}")),
            "{allowed:?}"
        );
    }
}

#[test]
fn a_boundary_and_each_level_of_service_control_must_allow_too() {
    let grant = |action: &str| {
        document(&format!(
            r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}"#
        ))
    };
    let (identity, boundary, level) = (grant("*"), grant("iam:*"), grant("*:Get*"));
    let in_force = Layers {
        identity: vec![&identity],
        boundary: Some(&boundary),
        service_control: vec![vec![&level]],
    };
    assert_eq!(
        allowed(&space(&in_force, &[]), &Facts::default()),
        ["iam:GetUser arn:aws:iam::1:user/alice"]
    );
    let denying = document(r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}"#);
    let bounded = Layers {
        identity: vec![&identity],
        boundary: Some(&denying),
        ..Layers::default()
    };
    assert_eq!(allowed(&space(&bounded, &[]), &Facts::default()), [""; 0]);
}

#[test]
fn an_unknown_condition_makes_an_answer_unknown() {
    let document = document(
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}"#,
    );
    let layers = layers(&[&document]);
    let space = space(&layers, &[]);
    assert_eq!(
        allowed(&space, &Facts::default()),
        ["s3:GetObject arn:aws:iam::1:user/alice?"]
    );
    let here = Facts::default().with("aws:RequestedRegion", Fact::Value("eu-west-1".to_owned()));
    assert_eq!(
        allowed(&space, &here),
        ["s3:GetObject arn:aws:iam::1:user/alice"]
    );
}

#[test]
fn dividing_by_a_key_shows_that_two_statements_never_meet() {
    let document = document(
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}},
           {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-2"}}}"#,
    );
    let layers = layers(&[&document]);
    let space = space(&layers, &[]);
    let view = space.view(&Facts::default());
    let cell = space
        .cells()
        .find(|cell| cell.action().starts_with("s3"))
        .unwrap();
    assert_eq!(space.allowed(cell, &view), Truth::Unknown);
    let divided: Vec<View> = space
        .divide(cell, &view)
        .unwrap()
        .iter()
        .map(|facts| space.view(facts))
        .collect();
    assert!(divided.len() > 2);
    assert!(
        divided
            .iter()
            .all(|view| space.allowed(cell, view) == Truth::False)
    );
}

#[test]
fn a_set_tells_which_cells_are_in_it() {
    let granted =
        document(r#"{"Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"}"#);
    let set = document(
        r#"{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "arn:aws:iam::*:user/alice"}"#,
    );
    let layers = layers(&[&granted]);
    let space = space(&layers, &[&set]);
    let within: Vec<_> = space.cells().filter(|cell| space.is_in(*cell, 0)).collect();
    assert_eq!(within.len(), 1);
    assert_eq!(within[0].action(), "iam:GetUser");
    assert_eq!(within[0].resource(|_| true), "arn:aws:iam::1:user/alice");
}

#[test]
fn another_principal_is_as_if_it_were_the_first() {
    let document = document(
        r#"{"Effect": "Allow", "Action": "iam:*", "Resource": "arn:aws:iam::1:user/${aws:username}"}"#,
    );
    let layers = layers(&[&document]);
    let bob = Facts::default().with("aws:username", Fact::Value("bob".to_owned()));
    let again = space(&layers, &[])
        .of_another(&[], bob.clone(), &examples())
        .unwrap();
    let anew = Space::new(&layers, &[], bob, &examples()).unwrap();
    assert_eq!(
        allowed(&again, &Facts::default()),
        allowed(&anew, &Facts::default())
    );
    assert_eq!(
        allowed(&anew, &Facts::default()),
        ["iam:GetUser arn:aws:iam::1:user/bob"]
    );
}

/// What of a request's context is known to the cells and what isn't.
fn contexts() -> impl Strategy<Value = (Facts, Context)> {
    const KEYS: [&str; 4] = [
        "aws:SourceIp",
        "aws:MultiFactorAuthPresent",
        "iam:PassedToService",
        "aws:username",
    ];
    let value = select(&["true", "false", "1", "10.0.0.1", "alice", ""]);
    let entry = (select(&KEYS), proptest::option::of(value), any::<bool>());
    vec(entry, 0..5).prop_map(|entries| {
        let (mut facts, mut context) = (Facts::default(), Context::default());
        for (key, value, is_known) in entries {
            if context.get(&key.to_ascii_lowercase()).is_some() || facts.get(key).is_some() {
                continue;
            }
            if let Some(value) = value {
                context = context.with(key, value);
            }
            if is_known {
                let fact = value.map_or(Fact::Absent, |value| Fact::Value(value.to_owned()));
                facts = facts.with(key, fact);
            }
        }
        (facts, context)
    })
}

fn requests() -> impl Strategy<Value = (String, String)> {
    let known = select(&["iam:GetUser", "iam:CreateUser", "s3:GetObject"]).prop_map(str::to_owned);
    let action = prop_oneof![known, "[a-z]{1,3}:[A-Za-z]{1,4}"];
    let arn = select(&[
        "arn:aws:iam::1:user/alice",
        "arn:aws:iam::12:user/x/alice",
        "arn:aws:sqs:a:1:q",
        "arn:aws-cn:s3:::",
    ])
    .prop_map(str::to_owned);
    let resource = prop_oneof![
        Just("*".to_owned()),
        arn,
        "arn:aws(-cn)?:(iam|s3)::[0-9]{0,3}:[a-z:/]{1,6}"
    ];
    (action, resource)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What a request gets is what its cell says, or the cell says that it doesn't know; and no request is without one.
    #[test]
    fn no_request_gets_what_its_cell_rules_out(
        documents in vec(generate::documents(), 1..3),
        boundary in proptest::option::of(generate::documents()),
        contexts in vec(contexts(), 2),
        requests in vec(requests(), 4),
    ) {
        let layers = Layers {
            identity: documents.iter().collect(),
            boundary: boundary.as_ref(),
            ..Layers::default()
        };
        let policies: Vec<Policy> = documents.iter().map(Policy::new).collect();
        let bound = boundary.as_ref().map(Policy::new);
        let in_force = InForce { identity: policies.iter().collect(), boundary: bound.as_ref(), ..InForce::default() };
        for (facts, context) in contexts {
            for (action, resource) in &requests {
                let examples = Examples { actions: vec![action], resources: vec![resource] };
                let space = Space::new(&layers, &[], facts.clone(), &examples).unwrap();
                let view = space.view(&Facts::default());
                let cell = space.cells().next().unwrap();
                prop_assert!(cell.action() == *action && cell.resource(|_| true) == *resource);
                let decision = in_force.evaluate(&Request::new(action, resource, context.clone()).unwrap());
                let denied = matches!(decision, Decision::ExplicitlyDenied { .. });
                let (may_allow, may_deny) = (space.allowed(cell, &view), space.denied(cell, &view));
                prop_assert!(may_allow == Truth::Unknown || may_allow == Truth::from(decision.is_allowed()), "{:?} {:?}", may_allow, decision);
                prop_assert!(may_deny == Truth::Unknown || may_deny == Truth::from(denied), "{:?} {:?}", may_deny, decision);
                if let Some(divided) = space.divide(cell, &view) {
                    let views: Vec<View> = divided.iter().map(|facts| space.view(facts)).collect();
                    let possible = Truth::any(views.iter().map(|view| space.allowed(cell, view)));
                    let certain = Truth::all(views.iter().map(|view| space.allowed(cell, view)));
                    prop_assert!(possible.may() || !decision.is_allowed());
                    prop_assert!(!certain.must() || decision.is_allowed());
                }
            }
        }
    }
}
