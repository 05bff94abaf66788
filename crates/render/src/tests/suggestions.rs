//! What a finding suggests.

use anstream::adapter::strip_str;
use model::{FindingCode, Level, Suggestion};
use serde_json::json;

use super::sample::{deny_without_mfa, finding, header, plan, policy};
use crate::{plan_json, plan_text};

#[test]
fn a_suggestion_is_shown_as_the_lines_that_differ_and_written_as_the_document() {
    let exempting = |actions: &[&str]| policy(&[deny_without_mfa(actions)]).document;
    let mut plan = plan(Vec::new());
    plan.findings = vec![model::Finding {
        suggestion: Some(Suggestion {
            before: exempting(&["iam:EnableMFADevice", "iam:DeactivateMFADevice"]),
            after: exempting(&["iam:EnableMFADevice"]),
        }),
        ..finding(
            Level::Warning,
            FindingCode::DeviceRemovalWithoutMfa,
            Some("policy/enforce-mfa"),
            "device-removal-without-mfa: statement DenyAllExceptUnlessMFAAuthenticated leaves it open",
            Some("take it out of the exemption"),
        )
    }];
    let text = strip_str(&plan_text(&plan, &header())).to_string();
    let finding: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.contains("policy/enforce-mfa"))
        .take_while(|line| !line.is_empty())
        .collect();
    insta::assert_snapshot!(finding.join("\n"), @r#"
    ! policy/enforce-mfa       device-removal-without-mfa: statement DenyAllExceptUnlessMFAAuthenticated leaves it open
        take it out of the exemption
        suggested: statement DenyAllExceptUnlessMFAAuthenticated (Deny)
          "NotAction": [
      -     "iam:DeactivateMFADevice"
    "#);
    let json = plan_json(&plan, &header());
    assert_eq!(
        json["findings"][0]["suggestion"]["Statement"][0]["NotAction"],
        json!("iam:EnableMFADevice")
    );
}
