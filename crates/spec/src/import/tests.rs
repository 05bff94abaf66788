//! What is printed reads back as what was there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path as FilePath;

use model::{
    Account, AccountId, Address, Alarm, AlarmMetric, AlarmSource, Attachment, Body, Boundary,
    Caller, Comparison, Dashboard, DashboardBody, Group, InlinePolicy, Metric, MetricFilter,
    MissingData, Partition, PasswordPolicy, Path, Policy, PolicyRef, Region, Snapshot, Statistic,
    Tags, User, Wish,
};
use policy::Document;
use proptest::prelude::*;
use tempfile::TempDir;

use super::{Import, LeftOut, import};
use crate::load;

const READ: &str = r#"{"Version": "2012-10-17", "Statement": {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}}"#;

fn account() -> Snapshot {
    let account = Account {
        id: AccountId::new("012345678901").unwrap(),
        partition: Partition::new("aws").unwrap(),
        alias: Some("acme\n# prod".to_owned()),
    };
    Snapshot::new(account, Caller::Root)
}

fn region() -> Region {
    Region::new("eu-central-1").unwrap()
}

fn add(account: &mut Snapshot, address: &str, body: Body) {
    account.insert(address.parse().unwrap(), body);
}

fn user(path: &str, tags: &[(&str, &str)], boundary: Boundary) -> Body {
    let mut own = Tags::default();
    for (key, value) in tags {
        own.observe(*key, *value);
    }
    Body::User(User {
        path: Path::new(path).unwrap(),
        tags: own,
        boundary,
        renamed_from: None,
    })
}

fn attachment(policy: &str) -> Body {
    let policy = match policy.parse().unwrap() {
        PolicyRef::Local(name) => model::ManagedPolicy {
            owner: model::Owner::Account,
            path: Path::root(),
            name,
        },
        PolicyRef::Aws { path, name } => model::ManagedPolicy {
            owner: model::Owner::Aws,
            path,
            name,
        },
    };
    Body::Attachment(Attachment { policy })
}

fn policy(description: Option<&str>) -> Body {
    Body::Policy(Policy {
        path: Path::root(),
        description: description.map(ToOwned::to_owned),
        document: Document::parse(READ).unwrap(),
        tags: Tags::default(),
    })
}

fn inline() -> Body {
    Body::InlinePolicy(InlinePolicy {
        document: Document::parse(READ).unwrap(),
    })
}

fn filter(pattern: &str, value: &str) -> Body {
    Body::MetricFilter(MetricFilter {
        pattern: pattern.to_owned(),
        metric: metric(),
        value: value.to_owned(),
        default_value: Some(0.0),
        unit: None,
        dimensions: BTreeMap::new(),
    })
}

fn metric() -> Metric {
    Metric {
        namespace: "CloudTrail".to_owned(),
        name: "Logins".to_owned(),
    }
}

fn alarm(source: AlarmSource, threshold: f64) -> Body {
    Body::Alarm(Alarm {
        description: Some("- it: \"rings\"".to_owned()),
        source,
        evaluation_periods: 3,
        datapoints_to_alarm: Some(2),
        threshold,
        comparison: Comparison::GreaterThanThreshold,
        treat_missing_data: MissingData::NotBreaching,
        actions_enabled: false,
        alarm_actions: ["arn:aws:sns:eu-central-1:012345678901:security".to_owned()].into(),
        ok_actions: [].into(),
        insufficient_data_actions: [].into(),
        tags: Tags::default(),
    })
}

fn watched() -> AlarmSource {
    AlarmSource::Metric(AlarmMetric {
        metric: metric(),
        dimensions: [("no".to_owned(), "1e3".to_owned())].into(),
        statistic: Statistic::Extended("p99.9".to_owned()),
        period: 300,
        unit: Some("Count".to_owned()),
    })
}

/// Returns an account with an object of every kind that a spec can declare.
fn everything() -> Snapshot {
    let mut account = account();
    let bound = Boundary::Policy("bounds".parse().map(local).unwrap());
    add(
        &mut account,
        "user/alice",
        user("/people/", &[("team", "no")], bound),
    );
    add(&mut account, "user/no", user("/", &[], Boundary::None));
    let path = Path::root();
    add(&mut account, "group/on", Body::Group(Group { path }));
    add(&mut account, "membership/on:alice", Body::Membership);
    add(&mut account, "policy/bounds", policy(Some("  #1: |\n'x'")));
    let read_only = "aws/ReadOnlyAccess";
    add(
        &mut account,
        "attachment/group:on:aws/ReadOnlyAccess",
        attachment(read_only),
    );
    add(
        &mut account,
        "attachment/user:alice:bounds",
        attachment("bounds"),
    );
    add(&mut account, "inline_policy/user:alice:own", inline());
    let settings = PasswordPolicy {
        minimum_length: 14,
        max_age_days: Some(90),
        ..PasswordPolicy::default()
    };
    add(
        &mut account,
        "password_policy/account",
        Body::PasswordPolicy(settings),
    );
    let pattern = "{ ($.eventName = \"ConsoleLogin\") && ($.a != \"it's\") }";
    add(&mut account, "metric_filter/trail:~", filter(pattern, "1"));
    add(&mut account, "alarm/a: b", alarm(watched(), 1.5));
    let body = DashboardBody::parse(r#"{"widgets": [{"type": "text", "width": 6}]}"#).unwrap();
    add(
        &mut account,
        "dashboard/MFA",
        Body::Dashboard(Dashboard { body }),
    );
    account
}

fn local(name: model::PolicyName) -> model::ManagedPolicy {
    model::ManagedPolicy {
        owner: model::Owner::Account,
        path: Path::root(),
        name,
    }
}

/// Loads an imported spec, as a file and as a folder, and returns the objects that both declare.
#[track_caller]
fn read_back(import: &Import) -> BTreeMap<Address, Body> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("one.yaml");
    fs::write(&file, import.file()).unwrap();
    let folder = TempDir::new().unwrap();
    for (name, text) in import.files() {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let one = objects(&file);
    assert_eq!(one, objects(folder.path()));
    assert_eq!(one.len(), import.declared);
    one
}

#[track_caller]
fn objects(path: &FilePath) -> BTreeMap<Address, Body> {
    let objects = load(path).unwrap().desired.objects;
    objects
        .into_iter()
        .map(|(address, declared)| match declared.wish {
            Wish::Present(body) => (address, body),
            Wish::Absent => panic!("{address} is declared away"),
        })
        .collect()
}

/// Returns what a spec is to declare of an account: boundaries that aren't there are left alone.
fn declarable(account: &Snapshot) -> BTreeMap<Address, Body> {
    let objects = account.iter().map(|(address, body)| {
        let mut body = body.clone();
        if let Body::User(user) = &mut body
            && user.boundary == Boundary::None
        {
            user.boundary = Boundary::Undeclared;
        }
        (address.clone(), body)
    });
    objects.collect()
}

#[test]
fn an_object_of_every_kind_reads_back_as_it_is() {
    let account = everything();
    let import = import(&account, &region());
    assert_eq!(read_back(&import), declarable(&account));
    assert!(import.left_out.is_empty());
    insta::assert_snapshot!(import.file());
}

#[test]
fn what_a_spec_cannot_say_is_left_out_and_named_and_its_kind_not_proposed_for_pruning() {
    let mut account = account();
    add(
        &mut account,
        "alarm/all",
        alarm(AlarmSource::Composite, 0.0),
    );
    add(&mut account, "metric_filter/a:same", filter("x", "1"));
    add(&mut account, "metric_filter/b:same", filter("y", "2.5"));
    let import = import(&account, &region());
    let left_out = |address: &str, reason| LeftOut {
        address: address.parse().unwrap(),
        reason,
    };
    assert_eq!(
        import.left_out,
        [
            left_out(
                "metric_filter/b:same",
                "a filter of another log group has its name"
            ),
            left_out("alarm/all", "it watches other alarms"),
        ]
    );
    let text = import.file();
    assert!(text.contains("# Not declared: alarm/all, it watches other alarms.\n"));
    assert!(text.contains("#   dashboard: \"*\""));
    assert!(!text.contains("#   alarm:") && !text.contains("#   metric_filter:"));
    assert_eq!(read_back(&import).len(), 1);
}

#[test]
fn every_sort_of_line_break_and_space_reads_back() {
    for description in [
        "\u{2028}   ",
        "a\u{2029} b\u{85} ",
        "\n\n x\n",
        " \t",
        "a\r\nb",
        "",
    ] {
        let mut account = account();
        add(&mut account, "policy/p", policy(Some(description)));
        let objects = read_back(&import(&account, &region()));
        assert_eq!(objects, declarable(&account), "{description:?}");
    }
}

#[test]
fn tags_of_aws_and_of_mfactl_are_not_declared() {
    let mut account = account();
    let tags = [("aws:x", "1"), ("mfactl:unsealed", "2"), ("team", "core")];
    add(&mut account, "user/a", user("/", &tags, Boundary::None));
    let objects = read_back(&import(&account, &region()));
    let Some(Body::User(user)) = objects.get(&"user/a".parse().unwrap()) else {
        panic!("{objects:?}");
    };
    assert_eq!(Vec::from_iter(user.tags.iter()), [("team", "core")]);
}

#[test]
fn roles_and_what_they_hold_are_not_declared() {
    let mut account = account();
    add(
        &mut account,
        "attachment/role:ops:aws/ReadOnlyAccess",
        attachment("aws/ReadOnlyAccess"),
    );
    add(&mut account, "inline_policy/role:ops:own", inline());
    let import = import(&account, &region());
    assert_eq!((import.declared, read_back(&import).len()), (0, 0));
}

proptest! {
    #[test]
    fn any_text_reads_back_as_it_is(
        name in "[a-zA-Z0-9_+=,.@-]{1,12}",
        description in "\\PC{0,40}",
        key in "[a-zA-Z0-9_.:/=+@ -]{1,12}",
        value in "[a-zA-Z0-9_.:/=+@ -]{0,12}",
        alarm_name in "[ -~äß№]{1,20}",
        threshold in any::<f64>().prop_filter("numbers", |number| number.is_finite()),
    ) {
        prop_assume!(!alarm_name.trim().is_empty());
        let mut tags = Tags::default();
        prop_assume!(tags.set(&key, &value).is_ok() && !key.to_lowercase().starts_with("mfactl:"));
        let mut account = account();
        add(&mut account, &format!("user/{name}"), user("/", &[(&key, &value)], Boundary::None));
        add(&mut account, "policy/p", policy(Some(&description)));
        let Ok(address) = format!("alarm/{alarm_name}").parse::<Address>() else {
            return Ok(());
        };
        account.insert(address, alarm(watched(), threshold));
        prop_assert_eq!(read_back(&import(&account, &region())), declarable(&account));
    }
}
