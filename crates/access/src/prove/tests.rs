use std::fs;

use model::{
    Account, AccountId, Attachment, Body, Boundary, Group, Kind, ManagedPolicy, Owner, Partition,
    PasswordPolicy, Policy, PolicyName, ReadFailure, Role, RoleName, Tags, User,
};

use super::*;

/// The preset that enforces MFA.
fn preset() -> Document {
    Document::parse(&read("../../specs/presets/enforce-mfa.json")).unwrap()
}

/// One of the policies that AWS manages, whole.
fn aws(name: &str) -> Document {
    let file = read(&format!("../sandbox/src/iam/aws_managed/{name}.json"));
    let file: serde_json::Value = serde_json::from_str(&file).unwrap();
    Document::from_value(&file["Document"]).unwrap()
}

fn read(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn document(statements: &str) -> Document {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    Document::parse(&text).unwrap()
}

/// The preset with a text in it replaced.
fn preset_but(text: &str, replacement: &str) -> Document {
    let preset = read("../../specs/presets/enforce-mfa.json");
    assert!(preset.contains(text));
    Document::parse(&preset.replace(text, replacement)).unwrap()
}

fn snapshot() -> Snapshot {
    let account = Account {
        id: AccountId::new("123456789012").unwrap(),
        partition: Partition::new("aws").unwrap(),
        alias: None,
    };
    Snapshot::new(account, Caller::Root)
}

fn managed(name: &str) -> ManagedPolicy {
    ManagedPolicy {
        owner: Owner::Account,
        path: Path::root(),
        name: PolicyName::new(name).unwrap(),
    }
}

/// Adds a user with a path, `/` or `/eng/`.
fn add_user(snapshot: &mut Snapshot, path: &str, name: &str, boundary: Option<&str>) {
    let user = User {
        path: Path::new(path).unwrap(),
        tags: Tags::default(),
        boundary: boundary.map_or(Boundary::None, |name| Boundary::Policy(managed(name))),
        renamed_from: None,
    };
    snapshot.insert(
        Address::User(UserName::new(name).unwrap()),
        Body::User(user),
    );
}

fn add_policy(snapshot: &mut Snapshot, name: &str, document: &Document) {
    let policy = Policy {
        path: Path::root(),
        description: None,
        document: document.clone(),
        tags: Tags::default(),
    };
    snapshot.insert(
        format!("policy/{name}").parse().unwrap(),
        Body::Policy(policy),
    );
}

fn attach(snapshot: &mut Snapshot, principal: &str, policy: &str) {
    let attachment = Attachment {
        policy: managed(policy),
    };
    snapshot.insert(
        format!("attachment/{principal}:{policy}").parse().unwrap(),
        Body::Attachment(attachment),
    );
}

/// Returns an account where a group of users with these paths holds documents.
fn account(users: &[(&str, &str)], documents: &[&Document]) -> Snapshot {
    let mut snapshot = snapshot();
    snapshot.insert(
        "group/people".parse().unwrap(),
        Body::Group(Group { path: Path::root() }),
    );
    for (index, document) in documents.iter().enumerate() {
        add_policy(&mut snapshot, &format!("policy-{index}"), document);
        attach(&mut snapshot, "group:people", &format!("policy-{index}"));
    }
    for (path, name) in users {
        add_user(&mut snapshot, path, name, None);
        snapshot.insert(
            format!("membership/people:{name}").parse().unwrap(),
            Body::Membership,
        );
    }
    snapshot
}

fn governing(snapshot: &Snapshot) -> Asked {
    let users = snapshot.iter().filter_map(|(address, _)| match address {
        Address::User(name) => Some(name.clone()),
        _ => None,
    });
    Asked {
        governed: users.collect(),
        ..Asked::default()
    }
}

fn told(proof: &Proof) -> String {
    let principal = proof
        .principal
        .as_ref()
        .map_or_else(|| "root".to_owned(), ToString::to_string);
    let verdict = match &proof.verdict {
        Verdict::Proved => "proved".to_owned(),
        Verdict::Violated { witness } => witness.to_string(),
        Verdict::CannotProve { obstacle } => format!("? {obstacle}"),
    };
    format!("{principal} {}: {verdict}", proof.claim)
}

/// Returns the findings of a user's proofs, as text.
fn findings(snapshot: &Snapshot) -> Vec<String> {
    let proofs = prove(snapshot, &governing(snapshot));
    let findings = proofs.iter().filter_map(Proof::finding);
    findings
        .map(|finding| {
            format!(
                "{} {}: {}",
                finding.address.unwrap(),
                finding.code,
                finding.message
            )
        })
        .collect()
}

/// Returns what isn't proved of the users of an account.
fn refuted(snapshot: &Snapshot) -> Vec<String> {
    let proofs = prove(snapshot, &governing(snapshot));
    proofs
        .iter()
        .filter(|proof| !proof.verdict.is_proved())
        .map(told)
        .collect()
}

/// Returns what isn't proved of `alice`, who holds documents.
fn refuted_of(documents: &[&Document]) -> Vec<String> {
    refuted(&account(&[("/", "alice")], documents))
}

const PEOPLE: [(&str, &str); 2] = [("/", "bob"), ("/eng/core/", "alice")];

#[test]
fn the_preset_proves_clean_beside_what_people_have() {
    for name in ["AdministratorAccess", "ReadOnlyAccess", "PowerUserAccess"] {
        assert_eq!(
            refuted(&account(&PEOPLE, &[&preset(), &aws(name)])),
            [""; 0],
            "{name}"
        );
    }
    assert_eq!(refuted(&account(&PEOPLE, &[&preset()])), [""; 0]);
}

#[test]
fn an_administrator_without_the_preset_can_do_anything_without_mfa() {
    let refuted = refuted_of(&[&aws("AdministratorAccess")]);
    assert_eq!(
        refuted,
        [
            "user:alice only-self-service-without-mfa: iam:CreateAccessKey on arn:aws:iam::123456789012:user/alice with an access key, by statement 1 of policy/policy-0 through group/people",
            "user:alice nothing-with-key: iam:EnableMFADevice on arn:aws:iam::123456789012:user/alice with an access key, by statement 1 of policy/policy-0 through group/people",
            "user:alice denied-without-mfa: iam:CreateAccessKey on arn:aws:iam::123456789012:user/alice with an access key, by statement 1 of policy/policy-0 through group/people",
        ]
    );
}

/// Returns the claims that aren't proved of `alice`, who holds documents.
fn refuted_claims(documents: &[&Document]) -> Vec<Claim> {
    let snapshot = account(&[("/", "alice")], documents);
    let proofs = prove(&snapshot, &governing(&snapshot));
    proofs
        .iter()
        .filter(|proof| !proof.verdict.is_proved())
        .map(|proof| proof.claim)
        .collect()
}

fn admin() -> Document {
    document(r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#)
}

#[test]
fn bool_instead_of_bool_if_exists_lets_access_keys_through() {
    let preset = preset_but("BoolIfExists", "Bool");
    let without_null = preset_but(
        r#""Effect": "Deny",
      "NotAction": ["sts:GetCallerIdentity", "sts:GetSessionToken"]"#,
        r#""Effect": "Deny", "Action": "a:b""#,
    );
    assert_eq!(
        refuted_of(&[&preset, &admin()]),
        [""; 0],
        "the statement about access keys covers them"
    );
    let both = Document::parse(&without_null.to_json().replace("BoolIfExists", "Bool")).unwrap();
    assert_eq!(
        refuted_claims(&[&both, &admin()]),
        [
            Claim::OnlySelfServiceWithoutMfa,
            Claim::NothingWithKey,
            Claim::DeniedWithoutMfa
        ]
    );
    assert_eq!(
        refuted_claims(&[&without_null, &admin()]),
        [Claim::NothingWithKey]
    );
}

#[test]
fn exemptions_that_are_not_limited_to_oneself_open_others_to_whoever_holds_a_broad_grant() {
    let unscoped = preset_but(
        r#""DenySelfServiceToOthersUnlessMFA",
      "Effect": "Deny""#,
        r#""Nothing", "Effect": "Allow""#,
    );
    assert_eq!(
        refuted_of(&[&unscoped, &admin()]),
        [
            "user:alice only-self-service-without-mfa: iam:EnableMFADevice on arn:aws:iam::123456789012:user/somebody-else with a password only, by statement Nothing of policy/policy-0 through group/people, statement 1 of policy/policy-1 through group/people",
            "user:alice denied-without-mfa: iam:EnableMFADevice on arn:aws:iam::123456789012:user/somebody-else with a password only, by statement Nothing of policy/policy-0 through group/people, statement 1 of policy/policy-1 through group/people"
        ]
    );
}

#[test]
fn who_has_a_path_is_locked_out_by_a_pattern_without_one() {
    let pathless = preset_but(r#", "arn:aws:iam::*:user/*/${aws:username}""#, "");
    let refuted = refuted(&account(&PEOPLE, &[&pathless]));
    assert_eq!(
        refuted,
        [
            "user:alice can-enrol: iam:EnableMFADevice on arn:aws:iam::123456789012:user/eng/core/alice with a password only, by statement DenySelfServiceToOthersUnlessMFA of policy/policy-0 through group/people"
        ]
    );
}

#[test]
fn a_device_of_fixed_name_is_not_a_device_of_any_name() {
    let fixed = preset_but("arn:aws:iam::*:mfa/*", "arn:aws:iam::*:mfa/${aws:username}");
    assert_eq!(
        refuted_of(&[&fixed]),
        [
            "user:alice can-enrol: iam:CreateVirtualMFADevice on arn:aws:iam::123456789012:mfa/some-device with a password only"
        ]
    );
}

#[test]
fn enrolment_that_needs_mfa_is_a_deadlock() {
    let needing = document(
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*"},
           {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
    );
    assert_eq!(refuted_claims(&[&needing]), [Claim::CanEnrol]);
}

#[test]
fn a_grant_that_needs_mfa_is_no_deny() {
    let granting = document(
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#,
    );
    assert_eq!(
        refuted_claims(&[&granting]),
        [Claim::DeniedWithoutMfa, Claim::CanEnrol]
    );
    let if_exists = Document::parse(&granting.to_json().replace("Bool", "BoolIfExists")).unwrap();
    assert_eq!(
        refuted_claims(&[&if_exists]),
        [
            Claim::OnlySelfServiceWithoutMfa,
            Claim::DeniedWithoutMfa,
            Claim::CanEnrol
        ]
    );
}

#[test]
fn a_limit_on_the_age_of_a_session_takes_away_from_older_ones() {
    let limited = document(
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}}"#,
    );
    let snapshot = account(&[("/", "alice")], &[&preset(), &admin(), &limited]);
    let proofs = prove(&snapshot, &governing(&snapshot));
    let refuted: Vec<_> = proofs
        .iter()
        .filter(|proof| !proof.verdict.is_proved())
        .collect();
    let [
        Proof {
            claim: Claim::FullAccessWithMfa,
            verdict: Verdict::Violated { witness },
            ..
        },
    ] = refuted.as_slice()
    else {
        panic!("{refuted:?}");
    };
    assert_eq!(witness.context["aws:multifactorauthage"], "3601");
    assert_eq!(witness.action, "s3:GetObject");
}

#[test]
fn a_deny_that_is_not_about_mfa_is_no_enforcement() {
    let denying = document(r#"{"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"}"#);
    assert_eq!(refuted_of(&[&preset(), &admin(), &denying]), [""; 0]);
}

#[test]
fn a_grant_in_one_region_is_shown_by_a_request_there() {
    let granting = document(
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}"#,
    );
    let snapshot = account(&[("/", "alice")], &[&granting]);
    let proofs = prove(&snapshot, &governing(&snapshot));
    let Verdict::Violated { witness } = &proofs[0].verdict else {
        panic!("{proofs:?}")
    };
    assert_eq!(witness.context["aws:requestedregion"], "eu-west-1");
}

#[test]
fn what_depends_on_an_unknown_key_cannot_be_proved() {
    let granting = document(
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}"#,
    );
    let refuted = refuted_of(&[&granting]);
    assert_eq!(
        refuted[0],
        "user:alice only-self-service-without-mfa: ? it depends on aws:SourceIp, which can be anything: s3:GetObject on arn:aws:s3:::some-bucket/some-object with an access key, by statement 1 of policy/policy-0 through group/people"
    );
}

#[test]
fn two_regions_that_exclude_each_other_allow_nothing() {
    let granting = document(
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}},
           {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}}"#,
    );
    assert!(!refuted_claims(&[&granting]).contains(&Claim::OnlySelfServiceWithoutMfa));
}

#[test]
fn a_value_that_no_policy_names_is_looked_at_too() {
    let denying = document(
        r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}},
           {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Null": {"aws:RequestedRegion": "true"}}}"#,
    );
    let snapshot = account(&[("/", "alice")], &[&denying, &admin()]);
    let proofs = prove(&snapshot, &governing(&snapshot));
    let Verdict::Violated { witness } = &proofs[0].verdict else {
        panic!("{proofs:?}")
    };
    assert_eq!(witness.context["aws:requestedregion"], "other-0");
}

#[test]
fn what_is_denied_anyway_is_not_taken_away_by_enforcement() {
    let denying = document(
        r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*"},
           {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}}"#,
    );
    assert_eq!(refuted_of(&[&preset(), &admin(), &denying]), [""; 0]);
}

#[test]
fn a_boundary_limits_what_is_granted_and_what_enrolment_needs() {
    let mut snapshot = account(&[], &[&preset()]);
    add_user(&mut snapshot, "/", "alice", Some("boundary"));
    snapshot.insert("membership/people:alice".parse().unwrap(), Body::Membership);
    add_policy(&mut snapshot, "boundary", &admin());
    assert_eq!(refuted(&snapshot), [""; 0]);
    add_policy(
        &mut snapshot,
        "boundary",
        &document(r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#),
    );
    assert_eq!(
        refuted(&snapshot),
        [
            "user:alice can-enrol: iam:EnableMFADevice on arn:aws:iam::123456789012:user/alice with a password only"
        ]
    );
}

#[test]
fn the_same_policies_attached_and_as_boundary_are_told_apart() {
    let mut snapshot = account(&[], &[]);
    add_policy(&mut snapshot, "grants", &admin());
    add_policy(
        &mut snapshot,
        "nothing",
        &document(r#"{"Effect": "Allow", "Action": "none:*", "Resource": "*"}"#),
    );
    for (name, boundary) in [("alice", None), ("bob", Some("nothing"))] {
        add_user(&mut snapshot, "/", name, boundary);
        attach(&mut snapshot, &format!("user:{name}"), "grants");
    }
    attach(&mut snapshot, "user:alice", "nothing");
    let first = refuted(&snapshot)
        .into_iter()
        .filter(|line| line.contains("only-self-service"));
    assert_eq!(
        first
            .filter(|line| line.contains("iam:CreateAccessKey"))
            .count(),
        1
    );
}

#[test]
fn the_password_policy_can_let_everybody_change_their_own_password() {
    let without = preset_but(
        r#""Action": [
        "iam:ChangePassword",
        "iam:EnableMFADevice",
        "iam:GetMFADevice",
        "iam:GetUser",
        "iam:ListMFADevices",
        "iam:ResyncMFADevice"
      ],
      "Resource""#,
        r#""Action": ["iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice"], "Resource""#,
    );
    let mut snapshot = account(&PEOPLE, &[&without]);
    assert_eq!(refuted(&snapshot).len(), 2);
    let password_policy = PasswordPolicy {
        allow_users_to_change_password: true,
        ..PasswordPolicy::default()
    };
    snapshot.insert(
        Address::PasswordPolicy,
        Body::PasswordPolicy(password_policy),
    );
    assert_eq!(refuted(&snapshot), [""; 0]);
    let nobody = account(&PEOPLE, &[]);
    let mut with_policy = nobody.clone();
    with_policy.insert(
        Address::PasswordPolicy,
        snapshot.get(&Address::PasswordPolicy).unwrap().clone(),
    );
    let with_key = |snapshot| {
        refuted(snapshot)
            .iter()
            .filter(|line| line.contains("nothing-with-key"))
            .count()
    };
    assert_eq!((with_key(&nobody), with_key(&with_policy)), (0, 2));
}

#[test]
fn what_could_not_be_read_cannot_be_proved() {
    let mut snapshot = account(&[("/", "alice")], &[&preset()]);
    attach(&mut snapshot, "user:alice", "unread");
    assert_eq!(
        refuted(&snapshot)[0],
        "user:alice only-self-service-without-mfa: ? the document of policy/unread was not read"
    );
    let failure = ReadFailure {
        operation: "iam:GetGroup".to_owned(),
        message: "AccessDenied".to_owned(),
    };
    snapshot.mark_unread(Kind::Membership, failure);
    assert_eq!(refuted(&snapshot).len(), 5);
    assert!(refuted(&snapshot)[4].ends_with("? membership/* could not be read"));
}

#[test]
fn who_is_not_there_cannot_be_proved_anything_of() {
    let asked = Asked {
        governed: [UserName::new("carol").unwrap()].into(),
        ..Asked::default()
    };
    let proofs = prove(&snapshot(), &asked);
    assert_eq!(
        told(&proofs[0]),
        "user:carol only-self-service-without-mfa: ? user/carol does not exist"
    );
}

#[test]
fn patterns_too_entangled_cannot_be_proved() {
    let patterns: Vec<String> = ('a'..='z')
        .map(|letter| format!("\"s3:*{letter}*{letter}*{letter}*{letter}*\""))
        .collect();
    let statements: Vec<String> = patterns
        .iter()
        .map(|pattern| format!(r#"{{"Effect": "Allow", "Action": {pattern}, "Resource": "*"}}"#))
        .collect();
    let entangled = document(&statements.join(","));
    assert!(
        refuted_of(&[&entangled])[0].contains("? the patterns of its documents are too complex")
    );
}

/// Returns the proof of a break-glass principal's keeping control.
fn keeping(snapshot: &Snapshot, principal: Principal) -> String {
    let required = document(r#"{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}"#);
    let asked = Asked {
        break_glass: [(principal, required)].into(),
        ..Asked::default()
    };
    told(&prove(snapshot, &asked)[0])
}

#[test]
fn break_glass_users_keep_control_with_mfa() {
    let snapshot = account(&PEOPLE, &[&preset(), &admin()]);
    let bob = || Principal::User(UserName::new("bob").unwrap());
    assert_eq!(keeping(&snapshot, bob()), "user:bob keeps-control: proved");
    let denying = document(r#"{"Effect": "Deny", "Action": "iam:Delete*", "Resource": "*"}"#);
    assert_eq!(
        keeping(&account(&PEOPLE, &[&preset(), &admin(), &denying]), bob()),
        "user:bob keeps-control: iam:DeleteVirtualMFADevice on arn:aws:iam::123456789012:mfa/some-device with MFA, by statement 1 of policy/policy-2 through group/people"
    );
    assert!(keeping(&account(&PEOPLE, &[&preset()]), bob()).contains("iam:CreateAccessKey"));
}

#[test]
fn a_break_glass_role_has_no_control_where_mfa_is_enforced_on_it() {
    let mut snapshot = account(&[], &[]);
    snapshot.insert(
        "role/OrgAdmin".parse().unwrap(),
        Body::Role(Role {
            path: Path::root(),
            boundary: None,
        }),
    );
    add_policy(&mut snapshot, "admin", &admin());
    attach(&mut snapshot, "role:OrgAdmin", "admin");
    let role = || Principal::Role(RoleName::new("OrgAdmin").unwrap());
    assert_eq!(
        keeping(&snapshot, role()),
        "role:OrgAdmin keeps-control: proved"
    );
    add_policy(&mut snapshot, "preset", &preset());
    attach(&mut snapshot, "role:OrgAdmin", "preset");
    assert_eq!(
        keeping(&snapshot, role()),
        "role:OrgAdmin keeps-control: iam:CreateAccessKey on arn:aws:iam::123456789012:user/somebody-else in a session of the role, by statement DenyAllButSelfServiceUnlessMFA of policy/preset, statement DenyAllToAccessKeysWithoutMFA of policy/preset"
    );
}

#[test]
fn the_caller_keeps_what_it_needs() {
    let required = document(
        r#"{"Effect": "Allow", "Action": ["iam:GetUser", "iam:CreateUser"], "Resource": "*"}"#,
    );
    let asked = Asked {
        caller: Some(required),
        ..Asked::default()
    };
    let mut snapshot = account(&PEOPLE, &[&preset(), &admin()]);
    let told_of = |snapshot: &Snapshot| told(&prove(snapshot, &asked)[0]);
    assert_eq!(told_of(&snapshot), "root caller-keeps-permissions: proved");
    snapshot.caller = Caller::User(UserName::new("bob").unwrap());
    assert_eq!(
        told_of(&snapshot),
        "user:bob caller-keeps-permissions: proved"
    );
    let mut reading = account(&PEOPLE, &[&preset(), &aws("ReadOnlyAccess")]);
    reading.caller = snapshot.caller.clone();
    assert!(told_of(&reading).contains("iam:CreateUser"));
    snapshot.caller = Caller::Other("arn:aws:sts::1:federated-user/x".to_owned());
    assert!(told_of(&snapshot).contains("are not in this account"));
}

#[test]
fn users_proved_together_get_what_each_gets_alone() {
    let literal = document(
        r#"{"Effect": "Allow", "Action": "iam:*", "Resource": ["arn:aws:iam::123456789012:user/b*", "arn:aws:iam::123456789012:mfa/al*"]}"#,
    );
    let people = [
        ("/", "alice"),
        ("/", "bob"),
        ("/eng/", "albert"),
        ("/eng/", "carol"),
    ];
    let documents = [&preset_but("NotResource", "Resource"), &literal];
    let together = refuted(&account(&people, &documents));
    let alone: Vec<String> = {
        let mut sorted = people;
        sorted.sort_by_key(|(_, name)| *name);
        sorted
            .iter()
            .flat_map(|person| refuted(&account(&[*person], &documents)))
            .collect()
    };
    assert!(!together.is_empty());
    assert_eq!(together, alone);
}

#[test]
fn what_is_not_proved_is_a_finding_that_refuses_the_plan() {
    let snapshot = account(&[("/", "alice")], &[]);
    assert_eq!(
        findings(&snapshot),
        [
            "user/alice denied-without-mfa: it isn't true that without MFA everything but self-service is denied, whatever policies of resources allow: iam:CreateAccessKey on arn:aws:iam::123456789012:user/alice with an access key",
            "user/alice can-enrol: it isn't true that with its password alone it can enrol an MFA device: iam:EnableMFADevice on arn:aws:iam::123456789012:user/alice with a password only",
        ]
    );
}

#[test]
fn hostile_documents_come_to_an_answer() {
    let many = |count: usize, statement: &dyn Fn(usize) -> String| {
        document(&(0..count).map(statement).collect::<Vec<_>>().join(","))
    };
    let hostile = [
        many(400, &|n| {
            format!(
                r#"{{"Effect": "Allow", "Action": "s3:*{n}*", "Resource": "arn:aws:s3:::*{n}*"}}"#
            )
        }),
        many(400, &|n| {
            format!(
                r#"{{"Effect": "Allow", "Action": "*:*{n}", "NotResource": "arn:aws:s3:::{n}*", "Condition": {{"StringEquals": {{"aws:{n}": "{n}"}}}}}}"#
            )
        }),
        many(9, &|n| {
            format!(
                r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{"StringLike": {{"aws:PrincipalTag/{n}": ["a", "b"]}}}}}}"#
            )
        }),
        many(200, &|n| {
            format!(
                r#"{{"Effect": "Deny", "Action": "a:{n}*", "Resource": "arn:aws:{n}:*:*:*{n}?*?*{n}*", "Condition": {{"NumericLessThan": {{"aws:MultiFactorAuthAge": "{n}"}}}}}}"#
            )
        }),
        many(60, &|n| {
            format!(
                r#"{{"Effect": "Allow", "NotAction": "a:{}*", "Resource": "arn:aws:iam:*:*:*", "Condition": {{"IpAddress": {{"aws:SourceIp": "10.0.0.{n}"}}}}}}"#,
                n % 7
            )
        }),
        many(30, &|n| {
            format!(
                r#"{{"Effect": "Deny", "Action": "iam:?{}*{n}", "Resource": "arn:*:iam::${{aws:{n}}}:${{aws:username}}*${{x:{n}}}"}}"#,
                "?".repeat(n)
            )
        }),
        many(40, &|n| {
            format!(
                r#"{{"Effect": "Allow", "Action": "a{n}:*", "Resource": "arn:aws:s3:::{n}*", "Condition": {{"StringEquals": {{"aws:a{n}": "x", "aws:b{n}": "y", "aws:c{n}": "z", "aws:SourceVpce": "{n}"}}, "IpAddress": {{"aws:SourceIp": "10.0.0.{n}"}}}}}}"#
            )
        }),
    ];
    for document in &hostile {
        let snapshot = account(&PEOPLE, &[document, &preset(), &admin()]);
        assert_eq!(
            prove(&snapshot, &governing(&snapshot)).len(),
            PEOPLE.len() * Claim::OF_USERS.len()
        );
    }
}
