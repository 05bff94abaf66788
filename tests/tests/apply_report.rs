//! The reports of `apply` and `destroy`, where they go and what stands in for them.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::fs;

use mfactl_tests::{Mfactl, Ran};

const SPEC: &str = r#"version: 1
account: "123456789012"
region: us-east-1
groups: {readers: {}}
"#;

fn run(mfactl: &Mfactl, arguments: &str) -> Ran {
    fs::write(mfactl.folder().join("mfactl.yaml"), SPEC).unwrap();
    mfactl.run(format!("{arguments} --sandbox").split(' '))
}

#[test]
fn whoever_is_asked_sees_the_plan_and_the_report_is_the_result_alone() {
    let mfactl = Mfactl::new(Vec::new());
    for format in ["markdown", "html"] {
        let declined = run(&mfactl, &format!("apply --quiet --format {format}"));
        assert_eq!((declined.code, declined.stdout.as_str()), (1, ""));
        let said = &declined.stderr;
        assert!(
            said.contains("+ group/readers") && said.contains("Apply this?"),
            "{said}"
        );
    }
    let applied = run(&mfactl, "apply --quiet --auto-approve --format markdown");
    assert_eq!((applied.code, applied.stderr.as_str()), (0, ""));
    assert!(
        applied.stdout.contains("### Applied: 1 added"),
        "{}",
        applied.stdout
    );
    let destroyed = run(&mfactl, "destroy --auto-approve --format html");
    assert!(
        destroyed.stderr.contains("- group/readers"),
        "{}",
        destroyed.stderr
    );
    let page = destroyed.ends_with(0);
    assert!(page.starts_with("<!"), "{page}");
    assert!(
        page.contains("Applied: 0 added, 0 changed, 1 destroyed."),
        "{page}"
    );
}

#[test]
fn a_plan_that_is_not_the_reviewed_one_shows_what_differs_in_the_format() {
    let mfactl = Mfactl::new(Vec::new());
    run(&mfactl, "plan --quiet --out plan.json").ends_with(0);
    run(&mfactl, "apply --quiet --auto-approve").ends_with(0);
    for (format, start) in [("markdown", "### `✗` Refused"), ("html", "<!")] {
        let ran = run(
            &mfactl,
            &format!("apply plan.json --quiet --format {format}"),
        );
        assert!(ran.stdout.starts_with(start), "{ran:#?}");
        assert_eq!(ran.code, 3, "{ran:#?}");
    }
}
