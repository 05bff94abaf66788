//! Whole specs.

use std::fs;
use std::path::Path;

use model::{Address, Body, Boundary, Wish};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::{Severity, Spec, SpecErrors, json_schema, keys, load};

const HEAD: &str = "version: 1\naccount: \"123456789012\"\nregion: us-east-1\n";
const KEY: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

fn load_text(text: &str) -> Result<Spec, SpecErrors> {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("mfactl.yaml"), text).unwrap();
    load(&folder.path().join("mfactl.yaml"))
}

fn valid(text: &str) -> Spec {
    load_text(&format!("{HEAD}{text}")).unwrap_or_else(|errors| panic!("{:#?}", errors.diagnostics))
}

/// Returns the messages of what is wrong, each with its line.
fn wrong(text: &str) -> Vec<String> {
    let errors = load_text(&format!("{HEAD}{text}")).unwrap_err();
    errors
        .diagnostics
        .iter()
        .map(|diagnostic| format!("{}: {}", diagnostic.line, diagnostic.message))
        .collect()
}

fn warned(text: &str) -> Vec<String> {
    valid(text)
        .warnings
        .iter()
        .map(|diagnostic| diagnostic.message.clone())
        .collect()
}

fn addresses(spec: &Spec) -> Vec<String> {
    spec.desired
        .objects
        .keys()
        .map(Address::to_string)
        .collect()
}

#[test]
fn a_person_becomes_a_user_a_password_a_device_and_memberships() {
    let text = format!(
        "users:\n  alice:\n    groups: [ops]\n    console: true\n    mfa: provisioned\n    deliver_to: {KEY}\n    policies: [aws/ReadOnlyAccess]\ngroups:\n  ops:\n"
    );
    let spec = valid(&text);
    let expected = [
        "user/alice",
        "login_profile/alice",
        "mfa_device/alice",
        "group/ops",
        "membership/ops:alice",
        "attachment/user:alice:aws/ReadOnlyAccess",
    ];
    assert_eq!(addresses(&spec), expected);
    let membership = &spec.desired.objects[&"membership/ops:alice".parse().unwrap()];
    assert_eq!(membership.origin.line, 6, "the line that names the group");
}

#[test]
fn defaults_apply_where_nothing_else_is_said() {
    let spec = valid(
        "defaults: {path: /people/, tags: {team: all}}\nusers:\n  a: {}\n  b: {path: /eng/, tags: {Team: own}}\n",
    );
    let user = |name: &str| match &spec.desired.objects[&name.parse().unwrap()].wish {
        Wish::Present(Body::User(user)) => user.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (
            user("user/a").path.as_str(),
            user("user/a").tags.get("team")
        ),
        ("/people/", Some("all"))
    );
    assert_eq!(user("user/b").path.as_str(), "/eng/");
    assert_eq!(
        user("user/b").tags.iter().collect::<Vec<_>>(),
        [("Team", "own")],
        "a key is the same in any case"
    );
}

#[test]
fn console_false_wants_the_password_gone_and_absent_says_nothing() {
    let spec = valid("users:\n  a: {console: false}\n  b: {}\n");
    assert!(matches!(
        spec.desired.objects[&"login_profile/a".parse().unwrap()].wish,
        Wish::Absent
    ));
    assert!(!addresses(&spec).contains(&"login_profile/b".to_owned()));
}

#[test]
fn a_boundary_is_named_lifted_or_left() {
    let policy = "policies:\n  limit: {document: {Version: \"2012-10-17\", Statement: {Effect: Allow, Action: \"*\", Resource: \"*\"}}}\n";
    let spec = valid(&format!(
        "{policy}users:\n  a: {{boundary: limit}}\n  b: {{boundary: false}}\n  c: {{}}\n"
    ));
    let boundary = |name: &str| match &spec.desired.objects[&name.parse().unwrap()].wish {
        Wish::Present(Body::User(user)) => user.boundary.clone(),
        other => panic!("{other:?}"),
    };
    assert!(matches!(boundary("user/a"), Boundary::Policy(_)));
    assert_eq!(boundary("user/b"), Boundary::None);
    assert_eq!(boundary("user/c"), Boundary::Undeclared);
}

#[test]
fn names_like_no_and_on_stay_names() {
    assert_eq!(
        addresses(&valid("users:\n  no: {}\n  on: {}\n  yes: {}\n")),
        ["user/no", "user/on", "user/yes"]
    );
}

#[test]
fn an_unquoted_account_is_an_error_that_says_to_quote() {
    let errors = load_text("version: 1\naccount: 123456789012\nregion: us-east-1\n").unwrap_err();
    assert_eq!(
        errors.diagnostics[0].message,
        "an account id must be quoted, or its leading zeros are lost"
    );
    assert_eq!(
        errors.diagnostics[0].hint.as_deref(),
        Some("write `account: \"123456789012\"`")
    );
}

#[test]
fn two_users_of_one_name_are_an_error() {
    assert_eq!(
        wrong("users:\n  a: {}\n  a: {}\n"),
        ["6: `a` is there twice"]
    );
    assert_eq!(
        wrong("users:\n  a: {}\n  A: {}\n"),
        ["5: `A` and `a` are the same name to IAM, which ignores case"]
    );
}

#[test]
fn keys_of_later_capabilities_are_errors() {
    assert_eq!(wrong("checks: []\n"), ["4: `checks` is not available yet"]);
    assert_eq!(
        wrong("users:\n  a: {expires: 2027-01-01}\n"),
        ["5: `expires` is not available yet"]
    );
    assert_eq!(
        wrong("users:\n  a: {mfa: required}\n"),
        ["5: `mfa: required` is not available yet"]
    );
}

#[test]
fn a_password_needs_somebody_to_seal_it_for() {
    assert_eq!(
        wrong("users:\n  a: {console: true}\n"),
        ["5: `console: true` needs `deliver_to: age1…`"]
    );
}

#[test]
fn a_document_with_mistakes_is_shown_in_its_own_file() {
    let folder = TempDir::new().unwrap();
    fs::write(
        folder.path().join("mfactl.yaml"),
        format!("{HEAD}policies:\n  p: {{file: p.json}}\n"),
    )
    .unwrap();
    fs::write(folder.path().join("p.json"), "{\n \"Version\": \"2012-10-17\",\n \"Statement\": [{\"Effect\": \"Alow\", \"Action\": \"*\", \"Resource\": \"*\"}]\n}").unwrap();
    let errors = load(&folder.path().join("mfactl.yaml")).unwrap_err();
    let diagnostic = &errors.diagnostics[0];
    assert!(diagnostic.file.ends_with("p.json"), "{diagnostic:?}");
    assert_eq!(diagnostic.line, 3);
}

#[test]
fn a_mistake_in_a_pattern_is_shown_where_it_is() {
    let text = "monitoring:\n  log_group: {name: trail}\n  metric_filters:\n    f:\n      pattern: '{ $.a = }'\n      metric: {namespace: N, name: M}\n";
    let errors = load_text(&format!("{HEAD}{text}")).unwrap_err();
    let diagnostic = &errors.diagnostics[0];
    assert_eq!(
        (
            diagnostic.line,
            diagnostic.message.starts_with("filter pattern: ")
        ),
        (8, true),
        "{diagnostic}"
    );
    assert!(diagnostic.column > 16, "{diagnostic}");
}

const FILTER: &str = "  log_group: {name: trail, create: {retention_days: 365}}\n  metric_filters:\n    f:\n      pattern: '{ $.a = 1 }'\n      metric: {namespace: AWS/CloudTrailMetrics, name: Logins}\n";

#[test]
fn an_alarm_on_a_metric_that_nothing_emits_is_a_warning() {
    let alarm = |metric: &str| {
        format!(
            "monitoring:\n{FILTER}  alarms:\n    a: {{metric: {metric}, statistic: Sum, period: 300, threshold: 1, comparison: GreaterThanThreshold}}\n"
        )
    };
    assert!(warned(&alarm("{namespace: AWS/CloudTrailMetrics, name: Logins}")).is_empty());
    assert!(warned(&alarm("{namespace: AWS/EC2, name: CPUUtilization}")).is_empty());
    let message = "no metric filter of this spec emits AWS/CloudTrailMetrics/NonMFALoginCount";
    assert_eq!(
        warned(&alarm(
            "{namespace: AWS/CloudTrailMetrics, name: NonMFALoginCount}"
        )),
        [message]
    );
}

#[test]
fn a_dashboard_on_another_log_group_is_a_warning() {
    let text = format!(
        "monitoring:\n{FILTER}  dashboards:\n    d: {{widgets: [{{type: log, properties: {{query: \"SOURCE '/aws/cloudtrail' | limit 5\"}}}}]}}\n"
    );
    assert_eq!(
        warned(&text),
        ["the dashboard queries log group `/aws/cloudtrail`, and the metric filters read `trail`"]
    );
}

#[test]
fn a_folders_files_are_one_spec_and_nothing_is_said_twice() {
    let folder = TempDir::new().unwrap();
    fs::write(
        folder.path().join("a.yaml"),
        format!("{HEAD}users:\n  a: {{}}\n"),
    )
    .unwrap();
    fs::write(
        folder.path().join("b.yaml"),
        "version: 1\nusers:\n  b: {}\n",
    )
    .unwrap();
    assert_eq!(
        addresses(&load(folder.path()).unwrap()),
        ["user/a", "user/b"]
    );
    fs::write(
        folder.path().join("b.yaml"),
        "version: 1\nregion: eu-west-1\nusers:\n  a: {}\n",
    )
    .unwrap();
    let errors = load(folder.path()).unwrap_err();
    let messages: Vec<&str> = errors
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.message.as_str())
        .collect();
    assert_eq!(messages, ["`region` is there twice", "`a` is there twice"]);
    assert!(
        errors.diagnostics[0].render(false).contains("a.yaml"),
        "both places are shown"
    );
}

#[test]
fn files_that_are_no_specs_are_refused_by_name() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("mfactl.yaml");
    let message = |path: &Path| load(path).unwrap_err().diagnostics[0].message.clone();
    assert_eq!(message(&path), "can't read the spec: there is no such file");
    assert_eq!(
        message(folder.path()),
        "can't read the spec: the folder has no *.yaml"
    );
    fs::write(&path, "").unwrap();
    assert!(message(&path).starts_with("the spec is empty"));
    fs::write(&path, [b'a', 0, 0xff]).unwrap();
    assert!(message(&path).contains("not a text file"));
    fs::write(&path, vec![b'#'; 50 * 1024 * 1024]).unwrap();
    assert_eq!(
        message(&path),
        "can't read the spec: it has 50 MB, 32 are allowed"
    );
    fs::write(&path, "[".repeat(10_000)).unwrap();
    assert!(message(&path).starts_with("this is not valid YAML"));
    let missing = message(&folder.path().join("mfactl.yml"));
    assert!(
        missing.contains("did you mean") && missing.contains("mfactl.yaml"),
        "{missing}"
    );
}

#[test]
fn ten_mistakes_are_shown_at_once() {
    let text = format!(
        "version: 1
account: 123456789012
region: us-east-1
prune: {{usr: /people/*}}
safety: {{max_people_removed: 300%}}
users:
  al ice: {{}}
  bob:
    groups: [mfa-admin]
    polices: [x]
    console: yes
    deliver_to: {KEY}x
groups:
  mfa-admins:
    policies: [enforce-mfaa]
policies:
  enforce-mfa:
    document: {{Version: '2012-10-17', Statement: {{Effect: Deny, NotAction: 'iam:*', Resource: '*', Conditon: {{}}}}}}
monitoring:
  log_group: {{name: trail, create: {{retention_days: 366}}}}
"
    );
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("mfactl.yaml"), text).unwrap();
    let errors = load(&folder.path().join("mfactl.yaml")).unwrap_err();
    let rendered: Vec<String> = errors
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.render(false))
        .collect();
    let rendered = rendered
        .join("\n\n")
        .replace(&format!("{}/", folder.path().display()), "");
    insta::assert_snapshot!(rendered);
    assert!(
        errors
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .count()
            >= 10
    );
}

#[test]
fn the_schema_that_ships_is_the_schema_of_the_code() {
    let shipped = include_str!("../../../specs/mfactl.schema.json");
    let built = format!("{:#}\n", json_schema());
    assert_eq!(
        shipped, built,
        "write it anew: cargo run -- schema > specs/mfactl.schema.json"
    );
}

#[test]
fn the_schema_has_exactly_the_keys_that_the_reader_accepts() {
    let schema = json_schema();
    let known = |schema: &serde_json::Value| -> Vec<String> {
        schema["properties"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    };
    let sorted = |keys: &[&str]| {
        let mut keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
        keys.sort();
        keys
    };
    assert_eq!(known(&schema), sorted(keys::SPEC));
    assert_eq!(
        known(&schema["properties"]["users"]["additionalProperties"]["oneOf"][0]),
        sorted(keys::USER)
    );
    let monitoring = &schema["properties"]["monitoring"];
    assert_eq!(
        known(&monitoring["properties"]["alarms"]["additionalProperties"]),
        sorted(keys::ALARM)
    );
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        let _ = load_text(&text);
        let _ = load_text(&format!("{HEAD}{text}"));
    }

    #[test]
    fn no_map_of_known_keys_makes_it_panic(
        keys in prop::collection::vec(prop::sample::select([keys::SPEC, keys::USER, keys::ALARM, keys::MONITORING].concat()), 0..8),
        value in prop::sample::select(vec!["1", "[]", "{}", "[1]", "{a: {}}", "{a: 1}", "x", "", "true"]),
    ) {
        let mut text = String::from(HEAD);
        for (depth, key) in keys.iter().enumerate() {
            text.push_str(&format!("{}{key}:{}\n", "  ".repeat(depth), if depth + 1 == keys.len() { format!(" {value}") } else { String::new() }));
        }
        let _ = load_text(&text);
    }
}
