use std::sync::LazyLock;

use model::{Account, Caller, Desired, Partition, Snapshot};

use super::*;

const SPEC: &str = r#"
version: 1
account: "123456789012"
region: us-east-1
safety:
  accept: [{finding: only-self-service-without-mfa, on: user/bob, reason: a pipeline, until: 2026-11-24}]
users:
  alice: {groups: [readers], console: true, deliver_to: age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj}
  bob: {groups: [readers], mfa: required}
groups:
  readers: {policies: [read, enforce-mfa]}
policies:
  enforce-mfa: {preset: enforce-mfa}
  read:
    document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:Get*", Resource: "*"}]}
monitoring:
  log_group: {name: trail, create: {retention_days: 30}}
  metric_filters:
    f: {pattern: '{ $.a = 1 }', metric: {namespace: n, name: m, value: 1}}
  alarms:
    a: {metric: {namespace: n, name: m}, statistic: Sum, period: 60, evaluation_periods: 1, threshold: 0.1, comparison: GreaterThanThreshold}
"#;

fn desired(text: &str) -> Desired {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mfactl.yaml");
    std::fs::write(&file, text).unwrap();
    spec::load(&file).unwrap().desired
}

fn planned(text: &str, today: jiff::civil::Date) -> Plan {
    let desired = desired(text);
    let account = Account {
        id: desired.account.clone(),
        partition: Partition::new("aws").unwrap(),
        alias: Some("acme".to_owned()),
    };
    let mut snapshot = Snapshot::new(account, Caller::Root);
    let undeclared = model::Body::Group(model::Group {
        path: model::Path::root(),
    });
    snapshot.insert("group/undeclared".parse().unwrap(), undeclared);
    access::review(
        planner::plan(&desired, &snapshot),
        &desired,
        &snapshot,
        today,
        None,
    )
}

fn plan() -> Plan {
    static PLAN: LazyLock<Plan> = LazyLock::new(|| planned(SPEC, jiff::civil::date(2026, 11, 24)));
    PLAN.clone()
}

fn header() -> Header {
    Header {
        spec: "mfactl.yaml".to_owned(),
        commit: Some("3f9c2e1".to_owned()),
        declared: 9,
        sandbox: false,
    }
}

/// Returns what is saved of the plan.
fn saved() -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plan.json");
    write(&file, &plan(), &header()).unwrap();
    serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap()
}

/// Does something to the JSON of a saved plan, and reads it.
fn read_after(alter: impl FnOnce(&mut Value)) -> Result<SavedPlan, SavedPlanError> {
    static SAVED: LazyLock<Value> = LazyLock::new(saved);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plan.json");
    let mut json = SAVED.clone();
    alter(&mut json);
    std::fs::write(&file, json.to_string()).unwrap();
    read(&file)
}

fn seal(json: &mut Value) {
    let members = json.as_object_mut().unwrap();
    members.remove(CHECKSUM);
    let sum = checksum(json);
    json[CHECKSUM] = Value::String(sum);
}

/// Lists where every value that isn't a list or a map is.
fn leaves(json: &Value, at: &str, found: &mut Vec<String>) {
    match json {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (key, value) in members {
                let key = key.replace('~', "~0").replace('/', "~1");
                leaves(value, &format!("{at}/{key}"), found);
            }
        }
        _ => found.push(at.to_owned()),
    }
}

fn alter(value: &mut Value) {
    *value = match value {
        Value::Bool(is) => Value::Bool(!*is),
        Value::Number(number) => Value::from(number.as_f64().unwrap() + 1.0),
        Value::String(text) => Value::String(format!("{text}x")),
        _ => Value::String("x".to_owned()),
    };
}

fn all_leaves() -> Vec<String> {
    let mut found = Vec::new();
    leaves(&render::plan_json(&plan(), &header()), "", &mut found);
    assert!(found.len() > 100, "{found:#?}");
    found
}

/// What an apply is bound to.
fn bound(plan: &Plan) -> Value {
    let actions: Vec<model::Action> = plan
        .actions
        .iter()
        .map(|action| model::Action {
            origin: None,
            ..action.clone()
        })
        .collect();
    let verdicts: Vec<_> = plan
        .findings
        .iter()
        .filter(|finding| finding.code.is_verdict())
        .map(|finding| {
            (
                finding.level,
                finding.code,
                &finding.address,
                &finding.message,
            )
        })
        .collect();
    serde_json::json!([plan.account.id, plan.region, actions, plan.proofs, verdicts])
}

#[test]
fn what_is_saved_is_read_back() {
    let saved = read_after(|_| ()).unwrap();
    assert_eq!(saved.header, header());
    assert_eq!(
        render::plan_json(&saved.plan, &saved.header),
        render::plan_json(&plan(), &header())
    );
    assert_eq!(
        render::plan_text(&saved.plan, &saved.header),
        render::plan_text(&plan(), &header())
    );
    assert!(saved.check_same(&plan()).is_ok());
}

#[test]
fn whatever_is_altered_is_refused() {
    for leaf in all_leaves() {
        let read = read_after(|json| alter(json.pointer_mut(&leaf).unwrap()));
        let error = read.expect_err(&leaf);
        assert!(error.is_refusal(), "{leaf}: {error}");
    }
}

#[test]
fn a_forged_checksum_hides_nothing_that_an_apply_is_bound_to() {
    let original = bound(&plan());
    for leaf in all_leaves() {
        let read = read_after(|json| {
            alter(json.pointer_mut(&leaf).unwrap());
            seal(json);
        });
        if let Ok(saved) = read {
            assert_eq!(bound(&saved.plan), original, "{leaf}");
        }
    }
}

#[test]
fn a_forged_digest_makes_it_another_plan() {
    let saved = read_after(|json| {
        json["actions"][0]["address"] = "group/others".into();
        json["digest"] = "".into();
        let forged = Plan::deserialize(&*json).unwrap();
        json["digest"] = digest(&forged).into();
        seal(json);
    });
    let error = saved.unwrap().check_same(&plan()).unwrap_err();
    assert!(matches!(error, SavedPlanError::Stale { .. }), "{error}");
}

#[test]
fn another_version_of_either_is_refused_before_anything_else_is_believed() {
    for member in ["mfactl_version", "format_version"] {
        let error = read_after(|json| json[member] = "9.9".into()).unwrap_err();
        assert!(
            matches!(error, SavedPlanError::Version { .. }),
            "{member}: {error}"
        );
    }
}

#[test]
fn the_day_counts_only_where_it_changes_a_verdict() {
    let on = |day| planned(SPEC, jiff::civil::date(2026, 11, day)).digest;
    assert_eq!(on(23), on(24));
    let bad = SPEC.replace(", enforce-mfa]", "]");
    let on = |day| planned(&bad, jiff::civil::date(2026, 11, day)).digest;
    assert_ne!(on(24), on(25), "the acceptance ends on the 24th");
}

#[test]
fn lines_that_move_change_nothing() {
    let moved = format!("# a line more\n{SPEC}");
    assert_eq!(
        planned(&moved, jiff::civil::date(2026, 11, 24)).digest,
        plan().digest
    );
}

#[test]
fn a_plan_of_another_account_region_or_aws_is_refused() {
    let saved = read_after(|_| ()).unwrap();
    let account = |digits| AccountId::new(digits).unwrap();
    let region = |name| Region::new(name).unwrap();
    let (here, home) = (account("123456789012"), region("us-east-1"));
    assert_eq!(
        saved.check_aws(false).map_err(|error| error.to_string()),
        Ok(()),
        "{:#?}",
        saved.plan.findings
    );
    assert!(saved.check_account(&here, &home).is_ok());
    assert!(matches!(
        saved.check_aws(true),
        Err(SavedPlanError::OtherAws { .. })
    ));
    assert!(matches!(
        saved.check_account(&account("999999999999"), &home),
        Err(SavedPlanError::OtherAccount { .. })
    ));
    assert!(matches!(
        saved.check_account(&here, &region("eu-west-1")),
        Err(SavedPlanError::OtherRegion { .. })
    ));
}

#[test]
fn only_a_saved_plan_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mfactl.yaml");
    std::fs::write(&file, SPEC).unwrap();
    let error = write(&file, &plan(), &header()).unwrap_err();
    assert!(matches!(error, SavedPlanError::InTheWay { .. }), "{error}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), SPEC);
    let file = folder.path().join("plan.json");
    write(&file, &plan(), &header()).unwrap();
    write(&file, &plan(), &header()).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[cfg(unix)]
#[test]
fn a_saved_plan_is_for_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plan.json");
    write(&file, &plan(), &header()).unwrap();
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_is_no_plan_is_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plan.json");
    let missing = read(&file).unwrap_err();
    assert!(!missing.is_refusal(), "{missing}");
    let deep = "[".repeat(100_000);
    for text in ["", "{", "[]", "{}", "\0", "null", &deep] {
        std::fs::write(&file, text).unwrap();
        let error = read(&file).unwrap_err();
        assert!(matches!(error, SavedPlanError::NotAPlan { .. }), "{error}");
        assert!(!error.is_refusal(), "{error}");
    }
    assert!(read(folder.path()).is_err(), "a folder is no plan");
}

fn planned_from(spec: &str) -> SavedPlan {
    SavedPlan {
        file: "plans/to review.json".into(),
        plan: plan(),
        header: Header {
            spec: spec.to_owned(),
            ..header()
        },
    }
}

#[test]
fn a_saved_plan_can_name_only_a_spec_in_the_folder_that_it_is_applied_in() {
    for spec in ["mfactl.yaml", "./specs/acme.yml", "src"] {
        assert_eq!(planned_from(spec).spec().unwrap(), Path::new(spec));
    }
    let elsewhere = [
        "/etc/passwd",
        "/etc/mfactl.yaml",
        "../other/mfactl.yaml",
        "specs/../../mfactl.yaml",
        "/etc",
        "..",
        "",
        ".env",
        ".aws/credentials",
        "no such folder",
    ];
    for spec in elsewhere {
        let error = planned_from(spec).spec().unwrap_err();
        assert!(
            matches!(&error, SavedPlanError::SpecElsewhere { spec: named, .. } if named == spec),
            "{spec}: {error}"
        );
        assert!(error.is_refusal());
    }
}

#[test]
fn the_command_that_plans_again_is_one_that_a_shell_understands() {
    let target = |arguments: &[&str]| {
        use clap::Parser;
        let arguments = ["mfactl", "apply"].iter().chain(arguments);
        match crate::args::Args::parse_from(arguments).command {
            crate::args::Command::Apply { args, .. } => args.target,
            other => panic!("{other:?}"),
        }
    };
    let saved = planned_from("mfactl.yaml");
    assert_eq!(
        saved.plan_again(&target(&["-f", "it's.yaml", "--sandbox=a/b.json"])),
        r"mfactl plan -f 'it'\''s.yaml' --sandbox=a/b.json --out 'plans/to review.json'"
    );
    assert_eq!(
        saved.plan_again(&target(&[])),
        "mfactl plan -f mfactl.yaml --out 'plans/to review.json'"
    );
}
