use std::collections::BTreeMap;

use model::{
    Account, AccountId, AddressPattern, Attachment, Body, Boundary, Caller, Check, Declared, Group,
    ManagedPolicy, Origin, Owner, Partition, Path, Policy, PolicyName, Region, RequiredMfa,
    Session, Tags, User, Wish,
};

use super::*;

const OPEN: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;

fn document(text: &str) -> Document {
    Document::parse(text).unwrap()
}

fn preset() -> Document {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../specs/presets/enforce-mfa.json"
    );
    document(&std::fs::read_to_string(path).unwrap())
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn origin(line: u32) -> Origin {
    Origin {
        file: "acme.yaml".into(),
        line,
    }
}

/// Builds a spec in which alice, who needs MFA, is in a group with one policy.
fn desired(policy: Document) -> Desired {
    let path = Path::root();
    let user = User {
        path: path.clone(),
        tags: Tags::default(),
        boundary: Boundary::None,
        renamed_from: None,
    };
    let attached = ManagedPolicy {
        owner: Owner::Account,
        path: path.clone(),
        name: PolicyName::new("p").unwrap(),
    };
    let policy = Policy {
        path: path.clone(),
        description: None,
        document: policy,
        tags: Tags::default(),
    };
    let objects = [
        ("user/alice", Body::User(user)),
        ("group/admins", Body::Group(Group { path })),
        ("membership/admins:alice", Body::Membership),
        ("policy/p", Body::Policy(policy)),
        (
            "attachment/group:admins:p",
            Body::Attachment(Attachment { policy: attached }),
        ),
    ];
    let declared = objects.into_iter().zip(1..).map(|((text, body), line)| {
        let declared = Declared {
            wish: Wish::Present(body),
            origin: origin(line),
        };
        (address(text), declared)
    });
    Desired {
        objects: declared.collect(),
        needs_mfa: BTreeMap::from([(
            UserName::new("alice").unwrap(),
            RequiredMfa { grace_days: None },
        )]),
        statements: BTreeMap::from([(address("policy/p"), vec![origin(40)])]),
        ..Desired::new(
            AccountId::new("123456789012").unwrap(),
            Region::new("us-east-1").unwrap(),
        )
    }
}

/// Reviews the plan that creates all that is declared in an empty account.
fn reviewed(desired: &Desired) -> Plan {
    let account = Account {
        id: desired.account.clone(),
        partition: Partition::new("aws").unwrap(),
        alias: None,
    };
    let snapshot = Snapshot::new(account.clone(), Caller::Root);
    let actions = desired.objects.iter().enumerate();
    let actions = actions.filter_map(|(place, (address, declared))| {
        let Wish::Present(after) = &declared.wish else {
            return None;
        };
        Some(model::Action {
            id: ActionId(place),
            address: address.clone(),
            change: Change::Create {
                after: after.clone(),
            },
            after: BTreeMap::new(),
            origin: None,
            part_of: None,
            people: 0,
        })
    });
    let plan = Plan {
        account,
        region: desired.region.clone(),
        caller: Caller::Root,
        actions: actions.collect(),
        withheld: Vec::new(),
        findings: Vec::new(),
        proofs: Vec::new(),
        gains: None,
        unread: BTreeMap::new(),
        digest: "of the actions".to_owned(),
    };
    review(plan, desired, &snapshot, today(), None)
}

fn today() -> Date {
    jiff::civil::date(2026, 11, 24)
}

fn accept(finding: FindingCode, on: &str, until: Option<Date>) -> Acceptance {
    Acceptance {
        finding,
        on: AddressPattern::new(on),
        reason: "small team".to_owned(),
        until,
        origin: origin(9),
    }
}

fn levels(plan: &Plan) -> Vec<(FindingCode, Level)> {
    let levels = plan
        .findings
        .iter()
        .map(|finding| (finding.code, finding.level));
    levels.collect()
}

#[test]
fn a_plan_that_enforces_mfa_is_proved_and_has_no_finding() {
    let plan = reviewed(&desired(preset()));
    assert_eq!(plan.findings, []);
    assert_eq!(plan.proofs.len(), 6);
    assert!(plan.proofs.iter().all(|proof| proof.proved == 1));
}

#[test]
fn a_plan_that_opens_a_door_is_refused_with_the_statement_and_its_line() {
    let plan = reviewed(&desired(document(OPEN)));
    let finding = &plan.findings[0];
    assert_eq!(finding.level, Level::Refusal);
    assert_eq!(finding.code, FindingCode::OnlySelfServiceWithoutMfa);
    assert_eq!(finding.address, Some(address("user/alice")));
    assert_eq!(
        finding.because,
        ["by statement All of policy/p through group/admins, acme.yaml:40"]
    );
    assert_eq!(plan.refusals().count(), plan.findings.len());
}

#[test]
fn who_needs_no_mfa_is_not_asked_about() {
    let mut desired = desired(document(OPEN));
    desired.needs_mfa.clear();
    let plan = reviewed(&desired);
    let claims = plan.proofs.iter().map(|proof| proof.claim);
    assert_eq!(claims.collect::<Vec<_>>(), [FindingCode::EveryStep]);
    assert_eq!(plan.findings, []);
}

#[test]
fn what_the_spec_accepts_is_said_and_refuses_nothing() {
    let mut desired = desired(document(OPEN));
    let codes = [
        FindingCode::OnlySelfServiceWithoutMfa,
        FindingCode::NothingWithKey,
        FindingCode::DeniedWithoutMfa,
    ];
    desired.safety.accept = codes
        .map(|code| accept(code, "user/*", Some(today())))
        .to_vec();
    let plan = reviewed(&desired);
    assert_eq!(levels(&plan), codes.map(|code| (code, Level::Accepted)));
    assert_eq!(
        plan.findings[0].hint.as_deref(),
        Some("accepted until 2026-11-24: small team (acme.yaml:9)")
    );
}

#[test]
fn an_acceptance_of_another_object_or_one_that_has_ended_accepts_nothing() {
    let mut desired = desired(document(OPEN));
    let yesterday = today().yesterday().unwrap();
    desired.safety.accept = vec![
        accept(FindingCode::OnlySelfServiceWithoutMfa, "user/bob", None),
        accept(FindingCode::NothingWithKey, "user/alice", Some(yesterday)),
    ];
    let plan = reviewed(&desired);
    assert!(
        plan.findings
            .iter()
            .all(|finding| finding.level == Level::Refusal)
    );
    let ended = plan.findings[1].hint.as_deref().unwrap();
    assert!(
        ended.starts_with("no longer accepted until 2026-11-23"),
        "{ended}"
    );
}

#[test]
fn a_verdict_is_part_of_the_digest() {
    let mut desired = desired(document(OPEN));
    let refused = reviewed(&desired).digest;
    desired.safety.accept = vec![accept(FindingCode::NothingWithKey, "user/alice", None)];
    assert_ne!(refused, reviewed(&desired).digest);
}

#[test]
fn a_break_glass_principal_that_is_not_there_cannot_keep_control() {
    let mut desired = desired(preset());
    desired.safety.break_glass = vec![Principal::Role(model::RoleName::new("OrgAdmin").unwrap())];
    let plan = reviewed(&desired);
    assert_eq!(levels(&plan), [(FindingCode::KeepsControl, Level::Refusal)]);
    assert!(
        plan.findings[0]
            .message
            .contains("role/OrgAdmin does not exist")
    );
}

#[test]
fn checks_hold_for_every_action_of_a_pattern() {
    let requests = |actions: &str| {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": {actions}, "Resource": "*"}}]}}"#
        );
        Some(document(&text))
    };
    let check = |session, allow, deny| Check {
        principal: Principal::User(UserName::new("alice").unwrap()),
        session,
        allow,
        deny,
        origin: origin(50),
    };
    let violated = |checks: Vec<Check>| {
        let mut desired = desired(preset());
        desired.checks = checks;
        reviewed(&desired).findings.len()
    };
    assert_eq!(
        violated(vec![check(Session::Key, None, requests(r#""iam:*""#))]),
        0
    );
    let enrol = requests(r#"["iam:EnableMFADevice", "iam:CreateVirtualMFADevice"]"#);
    assert_eq!(
        violated(vec![check(
            Session::Password,
            enrol.clone(),
            requests(r#""s3:*""#)
        )]),
        0
    );
    assert_eq!(
        violated(vec![check(Session::Password, None, enrol.clone())]),
        1
    );
    assert_eq!(violated(vec![check(Session::Key, enrol, None)]), 1);
    assert_eq!(
        violated(vec![check(Session::Password, requests(r#""iam:*""#), None)]),
        1
    );
}

#[test]
fn a_check_of_everything_leaves_out_what_needs_no_permission() {
    let everything = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;
    let checked = |actions: &str| {
        let mut desired = desired(document(
            &everything.replace(r#""*", "R"#, &format!(r#"{actions}, "R"#)),
        ));
        desired.checks = vec![Check {
            principal: Principal::User(UserName::new("alice").unwrap()),
            session: Session::Key,
            allow: None,
            deny: Some(document(everything)),
            origin: origin(50),
        }];
        let plan = reviewed(&desired);
        let of_checks = plan
            .findings
            .iter()
            .filter(|finding| finding.code == FindingCode::Check);
        of_checks.count()
    };
    assert_eq!(
        checked(r#"["sts:GetSessionToken", "sts:GetCallerIdentity"]"#),
        0
    );
    assert_eq!(checked(r#""sts:Get*""#), 1);
}

#[test]
fn what_the_organization_denies_is_named_with_its_place() {
    let policy = |text: &str, line| model::ServiceControlPolicy {
        document: document(text),
        statements: vec![origin(line)],
    };
    let deny = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "NoIam", "Effect": "Deny", "Action": "iam:*", "Resource": "*"}]}"#;
    let mut desired = desired(preset());
    desired.safety.service_control_policies = vec![vec![policy(OPEN, 5)], vec![policy(deny, 7)]];
    let plan = reviewed(&desired);
    let [finding] = plan.findings.as_slice() else {
        panic!("{:?}", plan.findings);
    };
    assert_eq!(finding.code, FindingCode::CanEnrol);
    assert_eq!(
        finding.because,
        ["by statement NoIam of a service control policy of level 2, acme.yaml:7"]
    );
    let only = OPEN.replace(r#""Action": "*""#, r#""Action": "s3:*""#);
    desired.safety.service_control_policies = vec![vec![policy(&only, 5)]];
    let plan = reviewed(&desired);
    let because = plan.findings.iter().flat_map(|finding| &finding.because);
    assert_eq!(
        because.collect::<Vec<_>>(),
        ["since no service control policy of level 1 allows it"]
    );
}
