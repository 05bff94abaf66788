//! SARIF by the schema of its standard, and where its results point.

use std::fs;

use mfactl_tests::{Mfactl, copy, python, recipe, repository, succeeds};
use serde_json::Value;

const LOOSE: &str = r#"version: 1
account: "123456789012"
region: us-east-1
users:
  alice: {policies: [everything]}
policies:
  everything:
    document:
      Version: "2012-10-17"
      Statement:
        - Effect: Deny
          Action: "*"
          Resource: "*"
          Condition: {Bool: {"aws:MultiFactorAuthPresent": "false"}}
        - {Effect: Allow, Action: "*", Resource: "*"}
"#;

/// Makes sure that what was printed is SARIF, and returns its results as `rule level file:line`.
#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on fails"
)]
fn results(mfactl: &Mfactl, printed: &str) -> Vec<String> {
    let file = mfactl.folder().join("printed.sarif");
    fs::write(&file, printed).unwrap();
    let check = "import json, sys, jsonschema; jsonschema.Draft7Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))";
    succeeds(
        python()
            .args(["-c", check])
            .arg(repository("tests/schemas/sarif-2.1.0.json"))
            .arg(&file),
    );
    let sarif: Value = serde_json::from_str(printed).unwrap();
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    assert!(
        rules
            .iter()
            .all(|rule| rule["help"]["markdown"].is_string()),
        "{rules:#?}"
    );
    let results = sarif["runs"][0]["results"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    results
        .map(|result| {
            let place = &result["locations"][0]["physicalLocation"];
            let (rule, level) = (text(&result["ruleId"]), text(&result["level"]));
            let file = text(&place["artifactLocation"]["uri"]);
            format!("{rule} {level} {file}:{}", place["region"]["startLine"])
        })
        .collect()
}

#[test]
fn mistakes_in_documents_are_on_the_lines_of_their_statements() {
    let mfactl = Mfactl::new(Vec::new());
    fs::write(mfactl.folder().join("mfactl.yaml"), LOOSE).unwrap();
    let printed = mfactl.run(["validate", "--format", "sarif"]).ends_with(0);
    let expected = "bool-lets-keys-through warning mfactl.yaml:11".to_owned();
    let found = results(&mfactl, &printed);
    assert!(found.contains(&expected), "{found:#?}");
}

#[test]
fn a_spec_that_cannot_be_used_is_an_error_on_its_line() {
    let mfactl = Mfactl::new(Vec::new());
    fs::write(
        mfactl.folder().join("mfactl.yaml"),
        LOOSE.replace("users:", "user:"),
    )
    .unwrap();
    let printed = mfactl.run(["validate", "--format", "sarif"]).ends_with(1);
    assert_eq!(results(&mfactl, &printed), ["spec error mfactl.yaml:4"]);
}

#[test]
fn a_plan_has_its_changes_on_the_lines_that_declare_them() {
    let mfactl = Mfactl::new(Vec::new());
    copy(&recipe(), mfactl.folder());
    let printed = mfactl
        .run(["plan", "-f", ".", "--sandbox", "--format", "sarif"])
        .stdout;
    let found = results(&mfactl, &printed);
    assert!(
        found
            .iter()
            .any(|result| result.starts_with("change note people.yaml:")),
        "{found:#?}"
    );
}

#[test]
fn what_no_line_declares_is_at_the_beginning_of_the_spec() {
    let mfactl = Mfactl::new(Vec::new());
    let spec = |users: &str| {
        let text = format!(
            "version: 1\naccount: \"123456789012\"\nregion: us-east-1\nprune: {{user: \"*\"}}\nusers: {{{users}}}\n"
        );
        let file = mfactl.folder().join("mfactl.yaml");
        fs::write(file, text).unwrap_or_else(|error| panic!("{error}"));
    };
    spec("alice: {}, bob: {}");
    mfactl
        .run(["apply", "--sandbox", "--auto-approve"])
        .ends_with(0);
    spec("alice: {}");
    let printed = mfactl
        .run(["plan", "--sandbox", "--format", "sarif"])
        .stdout;
    assert_eq!(results(&mfactl, &printed), ["change note mfactl.yaml:1"]);
}

#[test]
fn drift_is_on_the_lines_that_declare_it() {
    let mfactl = Mfactl::new(Vec::new());
    let spec = |users: &str| {
        let text = format!(
            "version: 1\naccount: \"123456789012\"\nregion: us-east-1\ngroups:\n  a: {{}}\nusers: {{{users}}}\n"
        );
        let file = mfactl.folder().join("mfactl.yaml");
        fs::write(file, text).unwrap_or_else(|error| panic!("{error}"));
    };
    spec("alice: {groups: [a]}");
    mfactl
        .run(["apply", "--sandbox", "--auto-approve"])
        .ends_with(0);
    spec("bob: {}");
    let printed = mfactl
        .run(["drift", "--sandbox", "--all", "--format", "sarif"])
        .ends_with(2);
    assert_eq!(
        results(&mfactl, &printed),
        [
            "undeclared warning mfactl.yaml:5",
            "missing warning mfactl.yaml:6",
            "undeclared warning mfactl.yaml:1",
        ]
    );
}

#[test]
fn a_document_has_its_mistakes_on_the_lines_of_its_statements() {
    let mfactl = Mfactl::new(Vec::new());
    let document = "{\"Version\": \"2012-10-17\",\n\"Statement\": [\n{\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\",\n\"Condition\": {\"Bool\": {\"aws:MultiFactorAuthPresent\": \"false\"}}}]}";
    fs::write(mfactl.folder().join("a b.json"), document).unwrap();
    let printed = mfactl
        .run(["policy", "lint", "a b.json", "--format", "sarif"])
        .ends_with(0);
    let found = results(&mfactl, &printed);
    assert!(
        found.contains(&"bool-lets-keys-through warning a%20b.json:3".to_owned()),
        "{found:#?}"
    );
}
