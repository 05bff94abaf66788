use model::{
    Address, AddressPattern, Alarm, AlarmMetric, AlarmSource, Body, Boundary, Change, Comparison,
    FindingCode, Kind, LogGroup, Metric, MetricFilter, MissingData, Path, PolicyName, PolicyRef,
    ReadFailure, Retention, Statistic, Tags, User, UserName, Wish,
};

use super::world::*;
use crate::{plan, plan_destroy};

#[test]
fn an_account_that_is_as_the_spec_says_needs_nothing() {
    let objects = [
        ("user/alice", user()),
        ("group/admins", group()),
        ("membership/admins:alice", Body::Membership),
    ];
    let plan = plan(&spec(&objects), &account(&objects));
    assert!(plan.is_clean());
    assert!(plan.findings.is_empty());
}

#[test]
fn an_object_that_exists_already_is_updated_not_created() {
    let live = account(&[("policy/p", policy(ALLOW))]);
    let plan = plan(&spec(&[("policy/p", policy(ALLOW_MORE))]), &live);
    assert_eq!(lines(&plan), ["~ policy/p"]);
}

#[test]
fn a_document_written_differently_is_the_same() {
    let spread = r#"{"Statement":[{"Resource":["*"],"Action":["S3:Get*"],"Effect":"Allow","Sid":"Read"}],"Version":"2012-10-17"}"#;
    let plan = plan(
        &spec(&[("policy/p", policy(spread))]),
        &account(&[("policy/p", policy(ALLOW))]),
    );
    assert!(plan.is_clean());
}

#[test]
fn an_undeclared_membership_of_a_declared_group_is_removed_and_shown() {
    let live = account(&[
        ("user/eve", user()),
        ("group/admins", group()),
        ("membership/admins:eve", Body::Membership),
    ]);
    let plan = plan(&spec(&[("group/admins", group())]), &live);
    assert_eq!(lines(&plan), ["- membership/admins:eve"]);
    assert_eq!(
        plan.findings
            .iter()
            .map(|finding| finding.code)
            .collect::<Vec<_>>(),
        [FindingCode::Undeclared]
    );
}

#[test]
fn a_group_that_is_not_exclusive_keeps_what_nobody_declared() {
    let live = account(&[
        ("user/eve", user()),
        ("group/admins", group()),
        ("membership/admins:eve", Body::Membership),
    ]);
    let mut desired = spec(&[("group/admins", group())]);
    desired.inclusive.insert(address("group/admins"));
    assert!(plan(&desired, &live).is_clean());
}

#[test]
fn an_undeclared_user_is_left_and_reported() {
    let plan = plan(
        &spec(&[]),
        &account(&[
            ("user/backdoor", user()),
            ("login_profile/backdoor", live_password()),
        ]),
    );
    assert!(plan.actions.is_empty());
    assert_eq!(plan.findings[0].address, Some(address("user/backdoor")));
}

#[test]
fn what_is_pruned_goes_with_everything_that_is_part_of_it() {
    let live = account(&[
        ("user/bob", user()),
        ("user/alice", user()),
        ("login_profile/bob", live_password()),
        ("mfa_device/phone", live_device(Some("bob"))),
        ("inline_policy/user:bob:own", inline(ALLOW)),
        ("group/admins", group()),
        ("membership/admins:bob", Body::Membership),
    ]);
    let mut desired = spec(&[("user/alice", user())]);
    desired.prune.push(prune(Kind::User, "/*"));
    let plan = plan(&desired, &live);
    let expected = [
        "- login_profile/bob",
        "- inline_policy/user:bob:own",
        "- membership/admins:bob",
        "- mfa_device/phone",
        "- user/bob",
    ];
    let mut sorted = lines(&plan);
    sorted.sort();
    let mut expected_sorted = expected.to_vec();
    expected_sorted.sort_unstable();
    assert_eq!(sorted, expected_sorted);
    assert_eq!(
        plan.counts().destroy,
        1,
        "the parts of a user are not counted again"
    );
    assert_eq!(lines(&plan).first().unwrap(), "- login_profile/bob");
    assert_eq!(lines(&plan).last().unwrap(), "- user/bob");
}

#[test]
fn what_is_ignored_is_never_touched() {
    let live = account(&[
        ("user/ci-build", user()),
        ("group/admins", group()),
        ("membership/admins:ci-build", Body::Membership),
    ]);
    let mut desired = spec(&[("group/admins", group())]);
    desired.prune.push(prune(Kind::User, "*"));
    desired.ignore.push(AddressPattern::new("user/ci-*"));
    let plan = plan(&desired, &live);
    assert!(plan.actions.is_empty());
    assert!(plan.findings.is_empty(), "nor is it reported");
}

#[test]
fn a_group_is_not_deleted_while_an_ignored_user_is_in_it() {
    let live = account(&[
        ("user/ci-build", user()),
        ("user/bob", user()),
        ("group/old", group()),
        ("membership/old:ci-build", Body::Membership),
        ("membership/old:bob", Body::Membership),
    ]);
    let mut desired = spec(&[]);
    desired.prune.push(prune(Kind::Group, "*"));
    desired.ignore.push(AddressPattern::new("user/ci-*"));
    let plan = plan(&desired, &live);
    assert!(
        plan.actions.is_empty(),
        "nor is it half emptied: {:?}",
        lines(&plan)
    );
    assert_eq!(
        reasons(&plan, "group/old"),
        ["it would touch user/ci-build, which the spec ignores"]
    );
}

#[test]
fn a_policy_that_something_undeclared_still_uses_is_not_deleted() {
    let live = account(&[
        ("policy/old", policy(ALLOW)),
        ("group/theirs", group()),
        ("attachment/group:theirs:old", attachment("old")),
    ]);
    let mut desired = spec(&[]);
    desired.prune.push(prune(Kind::Policy, "*"));
    let plan = plan(&desired, &live);
    assert!(plan.actions.is_empty());
    assert_eq!(
        reasons(&plan, "policy/old"),
        ["attachment/group:theirs:old, which nobody declared, still uses it"]
    );
}

#[test]
fn policies_of_aws_are_never_pruned() {
    let managed = model::Policy {
        path: Path::root(),
        description: None,
        document: document(ALLOW),
        tags: Tags::default(),
    };
    let name = Address::Policy(PolicyRef::Aws {
        path: Path::root(),
        name: PolicyName::new("ReadOnlyAccess").unwrap(),
    });
    let mut live = account(&[]);
    live.insert(name, Body::Policy(managed));
    let mut desired = spec(&[]);
    desired.prune.push(prune(Kind::Policy, "*"));
    assert!(plan(&desired, &live).is_clean());
}

#[test]
fn what_could_not_be_read_is_withheld_and_so_is_what_waits_for_it() {
    let mut live = account(&[("user/alice", user())]);
    let failure = ReadFailure {
        operation: "iam:ListVirtualMFADevices".into(),
        message: "AccessDenied".into(),
    };
    live.mark_unread(Kind::MfaDevice, failure);
    let desired = spec(&[
        ("user/alice", user()),
        ("mfa_device/alice", device_for("alice")),
        ("login_profile/alice", password()),
    ]);
    let plan = plan(&desired, &live);
    assert!(plan.actions.is_empty());
    assert_eq!(
        reasons(&plan, "mfa_device/alice"),
        ["mfa_device/* could not be read"]
    );
    assert_eq!(
        reasons(&plan, "login_profile/alice"),
        ["it waits for mfa_device/alice, which is withheld"]
    );
    assert!(!plan.is_clean());
}

#[test]
fn a_password_that_was_not_looked_up_is_unknown_not_absent() {
    let mut live = empty_account(model::Caller::Root);
    live.insert(address("user/alice"), user());
    let plan = plan(
        &spec(&[("user/alice", user()), ("login_profile/alice", password())]),
        &live,
    );
    assert!(plan.actions.is_empty());
    assert_eq!(
        reasons(&plan, "login_profile/alice"),
        ["login_profile/* could not be read"]
    );
}

#[test]
fn a_user_whose_credentials_are_unknown_is_not_deleted_nor_stripped() {
    let mut live = empty_account(model::Caller::Root);
    live.insert(address("user/bob"), user());
    live.insert(address("user/alice"), user());
    live.insert(address("inline_policy/user:bob:own"), inline(ALLOW));
    live.mark_looked_up(Kind::LoginProfile, UserName::new("bob").unwrap());
    let mut desired = spec(&[("user/alice", user())]);
    desired.prune.push(prune(Kind::User, "*"));
    let plan = plan(&desired, &live);
    assert!(plan.actions.is_empty(), "{:?}", lines(&plan));
    assert_eq!(
        reasons(&plan, "user/bob"),
        ["credential/* could not be read"]
    );
}

#[test]
fn names_that_differ_only_in_case_are_a_conflict() {
    let plan = plan(
        &spec(&[("user/Alice", user())]),
        &account(&[("user/alice", user())]),
    );
    assert!(plan.actions.is_empty());
    assert_eq!(
        reasons(&plan, "user/Alice"),
        ["user/alice exists, and IAM doesn't tell names apart by case"]
    );
}

#[test]
fn a_policy_of_aws_that_does_not_exist_is_named_before_anything_is_done() {
    let aws = model::ManagedPolicy {
        owner: model::Owner::Aws,
        path: Path::root(),
        name: PolicyName::new("ReadOnlyAcess").unwrap(),
    };
    let desired = spec(&[
        ("group/admins", group()),
        (
            "attachment/group:admins:aws/ReadOnlyAcess",
            Body::Attachment(model::Attachment { policy: aws }),
        ),
    ]);
    let plan = plan(&desired, &account(&[]));
    assert_eq!(
        reasons(&plan, "attachment/group:admins:aws/ReadOnlyAcess"),
        ["policy/aws/ReadOnlyAcess does not exist"]
    );
    assert_eq!(lines(&plan), ["+ group/admins"]);
}

#[test]
fn a_rename_keeps_everything_the_user_has() {
    let renamed = |old: &str| {
        Body::User(User {
            path: Path::root(),
            tags: Tags::default(),
            boundary: Boundary::Undeclared,
            renamed_from: Some(UserName::new(old).unwrap()),
        })
    };
    let live = account(&[
        ("user/alice.smith", user()),
        ("login_profile/alice.smith", live_password()),
        ("mfa_device/alice.smith", live_device(Some("alice.smith"))),
        ("group/admins", group()),
        ("membership/admins:alice.smith", Body::Membership),
    ]);
    let desired = spec(&[
        ("user/alice", renamed("alice.smith")),
        ("group/admins", group()),
        ("membership/admins:alice", Body::Membership),
        ("login_profile/alice", password()),
        ("mfa_device/alice", device_for("alice")),
    ]);
    let renaming = plan(&desired, &live);
    assert_eq!(lines(&renaming), ["~ user/alice"]);
    let after = super::account::apply(&renaming, &live).unwrap();
    assert!(plan(&desired, &after).is_clean());
}

#[test]
fn a_rename_onto_somebody_else_is_refused() {
    let renamed = Body::User(User {
        path: Path::root(),
        tags: Tags::default(),
        boundary: Boundary::Undeclared,
        renamed_from: Some(UserName::new("old").unwrap()),
    });
    let plan = plan(
        &spec(&[("user/new", renamed)]),
        &account(&[("user/old", user()), ("user/new", user())]),
    );
    assert_eq!(
        reasons(&plan, "user/new"),
        ["user/old and user/new both exist, so one can't be renamed to the other"]
    );
}

#[test]
fn documents_that_name_a_moved_user_are_shown() {
    let naming = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ChangePassword","Resource":"arn:aws:iam::*:user/${aws:username}"}}"#;
    let moved = Body::User(User {
        path: Path::new("/people/").unwrap(),
        tags: Tags::default(),
        boundary: Boundary::Undeclared,
        renamed_from: None,
    });
    let live = account(&[("user/alice", user()), ("policy/self", policy(naming))]);
    let plan = plan(
        &spec(&[("user/alice", moved), ("policy/self", policy(naming))]),
        &live,
    );
    let finding = &plan.findings[0];
    assert_eq!(finding.code, FindingCode::NamedElsewhere);
    assert_eq!(
        finding.message,
        "policy/self names its ARN as it is now, user/alice, and does not follow"
    );
}

#[test]
fn a_boundary_that_nobody_declared_is_left_and_one_declared_away_is_lifted() {
    let bounded = |boundary| {
        Body::User(User {
            path: Path::root(),
            tags: Tags::default(),
            boundary,
            renamed_from: None,
        })
    };
    let live = account(&[
        ("policy/limit", policy(ALLOW)),
        ("user/alice", bounded(Boundary::Policy(managed("limit")))),
    ]);
    let limit = ("policy/limit", policy(ALLOW));
    let left = plan(
        &spec(&[limit.clone(), ("user/alice", bounded(Boundary::Undeclared))]),
        &live,
    );
    assert!(left.is_clean());
    assert_eq!(left.findings[0].code, FindingCode::UndeclaredBoundary);
    let lifted = plan(
        &spec(&[limit, ("user/alice", bounded(Boundary::None))]),
        &live,
    );
    assert_eq!(lines(&lifted), ["~ user/alice"]);
}

#[test]
fn only_declared_tags_are_managed_and_a_users_keys_have_no_case() {
    let tagged = |pairs: &[(&str, &str)]| {
        let mut tags = Tags::default();
        pairs
            .iter()
            .for_each(|(key, value)| tags.set(key, value).unwrap());
        Body::User(User {
            path: Path::root(),
            tags,
            boundary: Boundary::None,
            renamed_from: None,
        })
    };
    let live = account(&[(
        "user/alice",
        tagged(&[("Team", "platform"), ("AKIAIOSFODNN7EXAMPLE", "laptop")]),
    )]);
    assert!(
        plan(
            &spec(&[("user/alice", tagged(&[("team", "platform")]))]),
            &live
        )
        .is_clean()
    );
    let changed = plan(
        &spec(&[("user/alice", tagged(&[("team", "security")]))]),
        &live,
    );
    let Change::Update {
        fields,
        after: Body::User(after),
        ..
    } = &changed.actions[0].change
    else {
        panic!()
    };
    assert_eq!(
        (fields[0].field.as_str(), &fields[0].before),
        ("tags.team", &"platform".into())
    );
    assert_eq!(after.tags.get("AKIAIOSFODNN7EXAMPLE"), Some("laptop"));
}

#[test]
fn a_policys_path_and_description_stay_and_are_reported() {
    let at = |path: &str| {
        Body::Policy(model::Policy {
            path: Path::new(path).unwrap(),
            description: Some(format!("at {path}")),
            document: document(ALLOW),
            tags: Tags::default(),
        })
    };
    let elsewhere = model::ManagedPolicy {
        path: Path::new("/new/").unwrap(),
        ..managed("p")
    };
    let desired = spec(&[
        ("policy/p", at("/new/")),
        ("group/g", group()),
        (
            "attachment/group:g:p",
            Body::Attachment(model::Attachment { policy: elsewhere }),
        ),
    ]);
    let plan = plan(
        &desired,
        &account(&[("policy/p", at("/old/")), ("group/g", group())]),
    );
    assert_eq!(plan.findings.len(), 2, "{:?}", plan.findings);
    let Some(Body::Attachment(attachment)) = plan.actions[0].change.after() else {
        panic!()
    };
    assert_eq!(
        attachment.policy.path.as_str(),
        "/old/",
        "the ARN to attach is the live one"
    );
}

#[test]
fn a_device_enabled_for_somebody_else_is_a_conflict() {
    let live = account(&[
        ("user/alice", user()),
        ("user/bob", user()),
        ("mfa_device/alice", live_device(Some("bob"))),
    ]);
    let plan = plan(
        &spec(&[
            ("user/alice", user()),
            ("mfa_device/alice", device_for("alice")),
        ]),
        &live,
    );
    assert_eq!(
        reasons(&plan, "mfa_device/alice"),
        ["it is enabled for user/bob, not for user/alice"]
    );
}

#[test]
fn a_person_with_any_device_needs_none() {
    let live = account(&[
        ("user/alice", user()),
        ("mfa_device/phone", live_device(Some("alice"))),
    ]);
    assert!(
        plan(
            &spec(&[
                ("user/alice", user()),
                ("mfa_device/alice", device_for("alice"))
            ]),
            &live
        )
        .is_clean()
    );
}

#[test]
fn a_device_that_was_never_enabled_is_made_anew_unless_its_person_has_another() {
    let desired = spec(&[
        ("user/alice", user()),
        ("login_profile/alice", password()),
        ("mfa_device/alice", device_for("alice")),
    ]);
    let begun = [
        ("user/alice", user()),
        ("mfa_device/alice", live_device(None)),
    ];
    let plan_of_begun = plan(&desired, &account(&begun));
    assert_eq!(
        lines(&plan_of_begun),
        ["~ mfa_device/alice", "+ login_profile/alice"]
    );
    let after = super::account::apply(&plan_of_begun, &account(&begun)).unwrap();
    assert!(plan(&desired, &after).is_clean());
    let has_another = [
        &begun[..],
        &[("mfa_device/key", live_device(Some("alice")))],
    ]
    .concat();
    assert_eq!(
        lines(&plan(&desired, &account(&has_another))),
        ["+ login_profile/alice"]
    );
}

#[test]
fn a_password_waits_where_its_persons_device_is_enabled_for_somebody_else() {
    let desired = spec(&[
        ("user/alice", user()),
        ("login_profile/alice", password()),
        ("mfa_device/alice", device_for("alice")),
    ]);
    let live = account(&[
        ("user/alice", user()),
        ("user/bob", user()),
        ("mfa_device/alice", live_device(Some("bob"))),
    ]);
    let plan = plan(&desired, &live);
    assert_eq!(lines(&plan), [""; 0]);
    assert_eq!(
        reasons(&plan, "mfa_device/alice"),
        ["it is enabled for user/bob, not for user/alice"]
    );
    assert_eq!(
        reasons(&plan, "login_profile/alice"),
        ["it waits for mfa_device/alice, which is withheld"]
    );
}

#[test]
fn an_enabled_device_that_nobody_declared_stays_with_its_person() {
    let live = account(&[
        ("user/alice", user()),
        ("mfa_device/phone", live_device(Some("alice"))),
        ("mfa_device/left", live_device(None)),
    ]);
    let mut desired = spec(&[("user/alice", user())]);
    desired.prune.push(prune(Kind::MfaDevice, "*"));
    assert_eq!(lines(&plan(&desired, &live)), ["- mfa_device/left"]);
}

#[test]
fn destroy_keeps_log_groups_and_the_password_policy() {
    let objects = [
        ("user/alice", user()),
        ("login_profile/alice", live_password()),
        ("mfa_device/alice", live_device(None)),
        ("group/admins", group()),
        ("membership/admins:alice", Body::Membership),
        ("policy/p", policy(BOTH)),
        ("attachment/group:admins:p", attachment("p")),
        (
            "password_policy/account",
            Body::PasswordPolicy(model::PasswordPolicy::default()),
        ),
        ("log_group/trail", log_group()),
        ("metric_filter/trail:f", filter()),
        ("alarm/a", alarm(1.0)),
    ];
    let desired = spec(&objects);
    let destroying = plan_destroy(&desired, &account(&objects));
    assert_eq!(destroying.refusals().count(), 0);
    let after = super::account::apply(&destroying, &account(&objects)).unwrap();
    let left: Vec<String> = after
        .iter()
        .map(|(address, _)| address.to_string())
        .collect();
    assert_eq!(left, ["password_policy/account", "log_group/trail"]);
    assert!(plan_destroy(&desired, &after).is_clean());
}

#[test]
fn a_filter_whose_log_group_does_not_exist_is_withheld() {
    let plan = plan(&spec(&[("metric_filter/trail:f", filter())]), &account(&[]));
    assert_eq!(
        reasons(&plan, "metric_filter/trail:f"),
        ["log_group/trail does not exist"]
    );
}

#[test]
fn alarm_defaults_are_no_difference() {
    let all = |datapoints| match alarm(1.0) {
        Body::Alarm(alarm) => Body::Alarm(Alarm {
            datapoints_to_alarm: datapoints,
            ..alarm
        }),
        other => other,
    };
    assert!(
        plan(
            &spec(&[("alarm/a", all(None))]),
            &account(&[("alarm/a", all(Some(1)))])
        )
        .is_clean()
    );
    assert_eq!(
        lines(&plan(
            &spec(&[("alarm/a", alarm(2.0))]),
            &account(&[("alarm/a", alarm(1.0))])
        )),
        ["~ alarm/a"]
    );
}

#[test]
fn a_composite_alarm_is_not_replaced() {
    let Body::Alarm(declared) = alarm(1.0) else {
        panic!()
    };
    let composite = Body::Alarm(Alarm {
        source: AlarmSource::Composite,
        ..declared.clone()
    });
    let plan = plan(
        &spec(&[("alarm/a", Body::Alarm(declared))]),
        &account(&[("alarm/a", composite)]),
    );
    assert_eq!(
        reasons(&plan, "alarm/a"),
        ["a composite alarm has this name; delete or rename it first"]
    );
}

#[test]
fn console_false_removes_the_password_and_nothing_else() {
    let live = account(&[
        ("user/alice", user()),
        ("user/bob", user()),
        ("login_profile/alice", live_password()),
    ]);
    let mut desired = spec(&[("user/alice", user()), ("login_profile/alice", password())]);
    desired
        .objects
        .get_mut(&address("login_profile/alice"))
        .unwrap()
        .wish = Wish::Absent;
    assert_eq!(lines(&plan(&desired, &live)), ["- login_profile/alice"]);
}

fn log_group() -> Body {
    Body::LogGroup(LogGroup {
        retention: Retention::Days(365),
        tags: Tags::default(),
    })
}

#[test]
fn a_retention_that_an_account_policy_decides_is_reported_and_left() {
    let ruled = Body::LogGroup(LogGroup {
        retention: Retention::AccountPolicy("org-retention".into()),
        tags: Tags::default(),
    });
    let plan = plan(
        &spec(&[("log_group/trail", log_group())]),
        &account(&[("log_group/trail", ruled)]),
    );
    assert_eq!(lines(&plan), [""; 0]);
    assert_eq!(plan.findings[0].code, FindingCode::RetentionOverridden);
    assert!(plan.findings[0].message.contains("org-retention"));
}

fn metric() -> Metric {
    Metric {
        namespace: "AWS/CloudTrailMetrics".into(),
        name: "NonMFALoginCount".into(),
    }
}

fn filter() -> Body {
    let (pattern, value) = ("{ $.a = 1 }".into(), "1".into());
    Body::MetricFilter(MetricFilter {
        pattern,
        metric: metric(),
        value,
        default_value: None,
        unit: None,
        dimensions: Default::default(),
    })
}

fn alarm(threshold: f64) -> Body {
    let source = AlarmMetric {
        metric: metric(),
        dimensions: Default::default(),
        statistic: Statistic::Sum,
        period: 300,
        unit: None,
    };
    Body::Alarm(Alarm {
        description: None,
        source: AlarmSource::Metric(source),
        evaluation_periods: 1,
        datapoints_to_alarm: None,
        threshold,
        comparison: Comparison::GreaterThanOrEqualToThreshold,
        treat_missing_data: MissingData::Missing,
        actions_enabled: true,
        alarm_actions: Default::default(),
        ok_actions: Default::default(),
        insufficient_data_actions: Default::default(),
        tags: Tags::default(),
    })
}

#[test]
fn the_digest_tells_plans_apart_and_not_the_lines_of_the_spec() {
    let digest =
        |document: &str| plan(&spec(&[("policy/p", policy(document))]), &account(&[])).digest;
    assert_ne!(digest(ALLOW), digest(ALLOW_MORE));
    let live = account(&[("policy/p", policy(DENY))]);
    let on_another = plan(&spec(&[("policy/p", policy(ALLOW))]), &live).digest;
    assert_ne!(digest(ALLOW), on_another, "what it was planned on counts");
    let mut moved = spec(&[("policy/p", policy(ALLOW))]);
    for declared in moved.objects.values_mut() {
        declared.origin.line += 7;
    }
    assert_eq!(digest(ALLOW), plan(&moved, &account(&[])).digest);
}
