use std::collections::BTreeMap;

use anstream::adapter::strip_str;
use model::{
    Address, Body, Boundary, Dashboard, DashboardBody, FindingCode, Kind, Level, LogGroup, Metric,
    MetricFilter, PasswordPolicy, Plan, ReadFailure, Reason, Retention, User, UserName, Withheld,
};
use serde_json::{Value, json};

use super::sample::{
    alarm, attachment, create, delete, deny_without_mfa, device, finding, group, header, key,
    make_parts, managed, origin, own_password, password, plan, policy, update, user,
};
use crate::{plan_json, plan_text};

fn text(plan: &Plan) -> String {
    strip_str(&plan_text(plan, &header())).to_string()
}

/// The plan of the documentation: a person comes, a policy changes, a person goes.
pub(crate) fn acme() -> Plan {
    let before = policy(&[
        own_password(),
        deny_without_mfa(&[
            "iam:ChangePassword",
            "iam:DeactivateMFADevice",
            "iam:EnableMFADevice",
        ]),
    ]);
    let after = policy(&[
        own_password(),
        deny_without_mfa(&["iam:ChangePassword", "iam:EnableMFADevice"]),
    ]);
    let fields = [("document", json!(before.document), json!(after.document))];
    let quick = model::Alarm {
        threshold: 3.0,
        ..alarm()
    };
    let mut plan = plan(vec![
        ("login_profile/bob", delete(password()), None, 0),
        (
            "credential/bob:AKIAIOSFODNN7EXAMPLE",
            delete(key()),
            None,
            0,
        ),
        (
            "credential/bob:AKIAI44QH8DHBEXAMPLE",
            delete(key()),
            None,
            0,
        ),
        ("mfa_device/bob", delete(device("bob", false)), None, 0),
        (
            "user/alice",
            create(Body::User(user("/people/", &[("team", "platform")]))),
            Some(12),
            0,
        ),
        (
            "membership/mfa-admins:alice",
            create(Body::Membership),
            Some(13),
            0,
        ),
        ("login_profile/alice", create(password()), Some(15), 0),
        (
            "attachment/group:mfa-admins:enforce-mfa",
            create(attachment("enforce-mfa")),
            Some(31),
            14,
        ),
        (
            "policy/enforce-mfa",
            update(Body::Policy(before), Body::Policy(after), &fields),
            Some(40),
            14,
        ),
        (
            "alarm/Non-MFA-Console-Logins",
            update(
                Body::Alarm(quick),
                Body::Alarm(alarm()),
                &[("threshold", json!(3.0), json!(1.0))],
            ),
            Some(52),
            0,
        ),
        (
            "user/bob",
            delete(Body::User(user("/people/", &[]))),
            None,
            0,
        ),
    ]);
    make_parts(&mut plan, "user/bob", 0..4);
    plan.gains = Some(vec![model::Gain {
        address: "user/alice".parse().unwrap(),
        without_mfa: model::Gained {
            extent: model::Extent::SelfService,
            by: BTreeMap::new(),
        },
        with_mfa: model::Gained {
            extent: model::Extent::Everything,
            by: [(
                "group/mfa-admins".parse().unwrap(),
                model::Means::AllowsEverything,
            )]
            .into(),
        },
        needs_no_mfa: false,
    }]);
    plan.findings = vec![finding(
        Level::Note,
        FindingCode::Undeclared,
        Some("user/backdoor"),
        "not declared; left alone",
        None,
    )];
    plan
}

/// A plan of an account of which not everything could be read, and that must not be applied.
pub(crate) fn troubled() -> Plan {
    let mut plan = plan(vec![(
        "user/root-backup",
        delete(Body::User(user("/", &[]))),
        None,
        0,
    )]);
    let failure = "AccessDenied: User: arn:aws:iam::123456789012:user/ci is not authorized to perform: iam:GetLoginProfile";
    plan.unread = BTreeMap::from([(
        Kind::LoginProfile,
        ReadFailure {
            operation: "iam:GetLoginProfile".to_owned(),
            message: failure.to_owned(),
        },
    )]);
    let unread = |name: &str| Withheld {
        address: format!("login_profile/{name}").parse().unwrap(),
        change: None,
        reason: Reason::Unread(Kind::LoginProfile),
        origin: Some(origin(20)),
    };
    plan.withheld = vec![
        unread("alice"),
        unread("carol"),
        unread("dave"),
        Withheld {
            address: "policy/old".parse().unwrap(),
            change: Some(delete(Body::Policy(policy(&[own_password()])))),
            reason: Reason::UsedBy("role/ops".parse().unwrap()),
            origin: None,
        },
    ];
    plan.findings = vec![
        finding(
            Level::Refusal,
            FindingCode::TooManyPeople,
            None,
            "5 of 9 people would be deleted or lose a right, and max_people_removed is 3",
            Some("split the change, or raise `safety.max_people_removed` in the same pull request"),
        ),
        finding(
            Level::Refusal,
            FindingCode::Protected,
            Some("user/root-backup"),
            "is protected and would be deleted",
            Some("take it out of `safety.protected`"),
        ),
    ];
    plan
}

/// A plan of an account of which nothing but CloudWatch could be read, since one call of IAM is denied.
pub(crate) fn denied() -> Plan {
    let mut plan = troubled();
    let failure = ReadFailure {
        operation: "iam:GetAccountAuthorizationDetails".to_owned(),
        message: "AccessDenied: User: user/ci is not authorized".to_owned(),
    };
    let kinds = [Kind::User, Kind::Group, Kind::Membership, Kind::Policy];
    plan.unread = BTreeMap::from(kinds.map(|kind| (kind, failure.clone())));
    plan.withheld = ["user/alice", "user/bob", "group/people", "policy/p"]
        .map(|address| {
            let address: Address = address.parse().unwrap();
            Withheld {
                change: None,
                reason: Reason::Unread(address.kind()),
                origin: None,
                address,
            }
        })
        .to_vec();
    plan
}

#[test]
fn one_denied_call_is_one_entry_that_names_what_it_hides_and_what_to_do() {
    let text = text(&denied());
    let entry = "
  ? user/* and 3 more        not read: AccessDenied for iam:GetAccountAuthorizationDetails; 4 actions withheld
      User: user/ci is not authorized
      not read: user, group, membership, policy
      withheld: user/alice, user/bob, group/people and 1 more
      `mfactl permissions plan` prints what the credentials need
";
    assert!(text.contains(entry), "{text}");
    assert_eq!(text.matches("  ? ").count(), 1, "{text}");
}

#[test]
fn calls_that_fail_for_other_reasons_stay_apart_and_have_no_hint() {
    let mut plan = denied();
    let throttled = ReadFailure {
        operation: "cloudwatch:DescribeAlarms".to_owned(),
        message: "ThrottlingException: Rate exceeded".to_owned(),
    };
    plan.unread.insert(Kind::Alarm, throttled.clone());
    let all = text(&plan);
    assert_eq!(all.matches("  ? ").count(), 2, "{all}");
    assert_eq!(all.matches("mfactl permissions").count(), 1, "{all}");
    plan.unread = BTreeMap::from([(Kind::Alarm, throttled)]);
    assert!(!text(&plan).contains("mfactl permissions"));
}

#[test]
fn a_plan_reads_as_in_the_documentation() {
    insta::assert_snapshot!(text(&acme()));
}

#[test]
fn a_plan_with_colours_marks_what_differs() {
    insta::assert_snapshot!(plan_text(&acme(), &header()).replace('\u{1b}', "^"));
}

#[test]
fn what_is_unknown_withheld_and_refused_is_said_with_its_reason() {
    insta::assert_snapshot!(text(&troubled()));
}

#[test]
fn a_clean_plan_says_what_it_compared() {
    insta::assert_snapshot!(text(&plan(Vec::new())), @r"
    Account 123456789012 (acme-prod), us-east-1, as role/mfactl-plan. Spec specs/acme.yaml at 3f9c2e1.

    No changes. 12 objects are as the spec says.
    ");
}

#[test]
fn creations_show_what_a_reviewer_decides_on() {
    let filter = MetricFilter {
        pattern: r#"{ ($.eventName = ConsoleLogin) && ($.additionalEventData.MFAUsed != "Yes") }"#
            .to_owned(),
        metric: Metric {
            namespace: "AWS/CloudTrailMetrics".to_owned(),
            name: "NonMFALoginCount".to_owned(),
        },
        value: "1".to_owned(),
        default_value: Some(0.0),
        unit: None,
        dimensions: BTreeMap::new(),
    };
    let strict = PasswordPolicy {
        minimum_length: 14,
        require_symbols: true,
        require_numbers: true,
        max_age_days: Some(90),
        ..PasswordPolicy::default()
    };
    let log_group = LogGroup {
        retention: Retention::Days(365),
        tags: super::sample::tags(&[("team", "security")]),
    };
    let dashboard = json!({"widgets": [
        {"type": "metric", "properties": {"title": "Sign-ins"}}, {"type": "log", "properties": {"title": "By user"}}, {"type": "text"},
    ]});
    let bounded = User {
        boundary: Boundary::Policy(managed("developer-boundary")),
        ..user("/", &[])
    };
    let all = vec![
        ("user/carol", create(Body::User(bounded)), Some(3), 0),
        (
            "mfa_device/carol",
            create(device("carol", true)),
            Some(5),
            0,
        ),
        ("group/mfa-admins", create(group()), Some(8), 0),
        (
            "policy/enforce-mfa",
            create(Body::Policy(policy(&[
                own_password(),
                deny_without_mfa(&["iam:EnableMFADevice"]),
            ]))),
            Some(9),
            0,
        ),
        (
            "password_policy/account",
            create(Body::PasswordPolicy(strict)),
            Some(10),
            0,
        ),
        (
            "log_group/CloudTrail/AWSLogs",
            create(Body::LogGroup(log_group)),
            Some(11),
            0,
        ),
        (
            "metric_filter/CloudTrail/AWSLogs:NonMFAUsageFilter",
            create(Body::MetricFilter(filter)),
            Some(12),
            0,
        ),
        (
            "alarm/Non-MFA-Console-Logins",
            create(Body::Alarm(alarm())),
            Some(13),
            0,
        ),
        (
            "dashboard/MFA-Security-Dashboard",
            create(Body::Dashboard(Dashboard {
                body: DashboardBody::from_value(dashboard).unwrap(),
            })),
            Some(14),
            0,
        ),
    ];
    insta::assert_snapshot!(text(&plan(all)));
}

#[test]
fn updates_show_only_what_differs() {
    let dashboard = |period: u32| {
        Body::Dashboard(Dashboard {
            body: DashboardBody::from_value(json!({"widgets": [
                {"type": "metric", "properties": {"title": "Sign-ins", "period": 60}},
                {"type": "metric", "properties": {"title": "Without MFA", "period": period}},
            ]}))
            .unwrap(),
        })
    };
    let log_group = |retention| {
        Body::LogGroup(LogGroup {
            retention,
            tags: Default::default(),
        })
    };
    let renamed = User {
        renamed_from: Some(UserName::new("alice.smith").unwrap()),
        ..user("/eng/", &[])
    };
    let renamed = update(
        Body::User(user("/people/", &[])),
        Body::User(renamed),
        &[
            ("renamed_from", json!("alice.smith"), Value::Null),
            ("path", json!("/people/"), json!("/eng/")),
            ("tags.team", Value::Null, json!("platform")),
        ],
    );
    let (read, write) = (
        json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}),
        json!({"Sid": "Write", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::a/*"}),
    );
    let inline = |statement: &Value| {
        Body::InlinePolicy(model::InlinePolicy {
            document: super::sample::document(std::slice::from_ref(statement)),
        })
    };
    let filter = |used: &str| {
        format!(
            "{{ ($.eventName = ConsoleLogin) && ($.additionalEventData.MFAUsed {used} \"Yes\") }}"
        )
    };
    let all = vec![
        ("user/alice", renamed, Some(3), 0),
        (
            "inline_policy/user:alice:own-bucket",
            update(
                inline(&read),
                inline(&write),
                &[("document", read.clone(), write.clone())],
            ),
            Some(4),
            1,
        ),
        (
            "log_group/CloudTrail/AWSLogs",
            update(
                log_group(Retention::Days(90)),
                log_group(Retention::Never),
                &[("retention", json!({"days": 90}), json!("never"))],
            ),
            Some(5),
            0,
        ),
        (
            "metric_filter/CloudTrail/AWSLogs:MFA",
            update(
                Body::Membership,
                Body::Membership,
                &[("pattern", json!(filter("=")), json!(filter("!=")))],
            ),
            Some(6),
            0,
        ),
        (
            "alarm/Logins",
            update(
                Body::Alarm(alarm()),
                Body::Alarm(alarm()),
                &[(
                    "actions",
                    json!(["arn:aws:sns:us-east-1:123456789012:security"]),
                    json!([]),
                )],
            ),
            Some(7),
            0,
        ),
        (
            "dashboard/MFA",
            update(
                dashboard(300),
                dashboard(60),
                &[("body", Value::Null, Value::Null)],
            ),
            Some(8),
            0,
        ),
    ];
    insta::assert_snapshot!(text(&plan(all)));
}

#[test]
fn many_that_say_the_same_are_one_line() {
    let mut many = plan(
        (0..12)
            .map(|_| ("membership/big:x", delete(Body::Membership), None, 0))
            .chain([("group/big", delete(group()), None, 12)])
            .collect(),
    );
    for (index, action) in many.actions.iter_mut().take(12).enumerate() {
        action.address = format!("membership/big:u{index:02}").parse().unwrap();
    }
    make_parts(&mut many, "group/big", 0..12);
    many.findings = (0..37)
        .map(|index| {
            finding(
                Level::Note,
                FindingCode::Undeclared,
                Some(&format!("user/u{index:02}")),
                "not declared; left alone",
                None,
            )
        })
        .collect();
    insta::assert_snapshot!(text(&many), @r"
    Account 123456789012 (acme-prod), us-east-1, as role/mfactl-plan. Spec specs/acme.yaml at 3f9c2e1.

      - group/big                12 people, with 12 memberships
          - membership/*   12 of them: big:u00, big:u01, big:u02 and 9 more

      ! user/*                   not declared; left alone; 37 of them: u00, u01, u02 and 34 more

    Plan: 0 to add, 0 to change, 1 to destroy. Digest 7d3a91.
    ");
}

#[test]
fn a_part_whose_owner_stays_is_not_lost() {
    let mut orphan = plan(vec![("login_profile/bob", delete(password()), None, 0)]);
    make_parts(&mut orphan, "user/bob", 0..1);
    assert!(text(&orphan).contains("  - login_profile/bob"));
}

#[test]
fn json_says_what_the_text_says_and_more() {
    let mut plan = acme();
    plan.actions[5].after = BTreeMap::from([(model::ActionId(4), model::Edge::Needs)]);
    let json = plan_json(&plan, &header());
    assert_eq!(json["format_version"], "1.0");
    assert_eq!(json["spec"], "specs/acme.yaml");
    assert_eq!(
        json["counts"],
        json!({"add": 4, "change": 2, "destroy": 1, "withheld": 0})
    );
    assert_eq!(
        json["actions"][5],
        json!({
            "id": 5, "address": "membership/mfa-admins:alice", "change": "create", "after": null,
            "waits_for": {"4": "needs"}, "origin": {"file": "acme.yaml", "line": 13}, "part_of": null, "people": 0,
        })
    );
    assert_eq!(
        json["actions"][4]["after"]["path"], "/people/",
        "edges don't take the place of a body"
    );
    assert_eq!(json["findings"][0]["code"], "undeclared");
    assert_eq!(
        plan_json(&troubled(), &header())["unread"]["login_profile"]["operation"],
        "iam:GetLoginProfile"
    );
}
