use std::time::Duration;

use anstream::adapter::strip_str;
use model::{ActionId, Plan};
use serde_json::json;

use super::plans::acme;
use super::sample::header;
use crate::{
    Answer, Report, Rest, Status, Step, Verification, json_line, report_json, report_text,
    step_json, step_text,
};

fn all_done(plan: &Plan) -> Vec<Status> {
    vec![Status::Done; plan.actions.len()]
}

fn failed(error: &str) -> Status {
    Status::Failed {
        error: error.to_owned(),
    }
}

fn text(report: &Report<'_>) -> String {
    strip_str(&report_text(report, &header())).to_string()
}

#[test]
fn a_report_says_what_was_done_and_where_the_kits_are() {
    let plan = acme();
    let report = Report {
        plan: &plan,
        statuses: &all_done(&plan),
        warnings: &[],
        kits: &["kits/alice.age".into()],
        verification: None,
        rest: Rest::Apply,
    };
    insta::assert_snapshot!(text(&report), @r"
    Account 123456789012 (acme-prod), us-east-1, as role/mfactl-plan. Spec specs/acme.yaml at 3f9c2e1.

    Sealed kits: pass each to its owner, who alone can open it.
      + kits/alice.age

    Applied: 4 added, 2 changed, 1 destroyed.
    A kit is opened with its owner's private key: `age --decrypt --identity KEY KIT`
    ");
}

#[test]
fn a_report_shows_what_is_left_though_everything_was_done() {
    let plan = acme();
    let now = Plan {
        actions: plan.actions.iter().take(1).cloned().collect(),
        withheld: Vec::new(),
        findings: Vec::new(),
        unread: Default::default(),
        ..plan.clone()
    };
    let report = Report {
        plan: &plan,
        statuses: &all_done(&plan),
        warnings: &[],
        kits: &[],
        verification: Some(Verification::Differs { now: &now }),
        rest: Rest::Apply,
    };
    insta::assert_snapshot!(text(&report), @r"
    Account 123456789012 (acme-prod), us-east-1, as role/mfactl-plan. Spec specs/acme.yaml at 3f9c2e1.

    The account was read again, and this is left:
      - login_profile/bob        console password

    Applied: 4 added, 2 changed, 1 destroyed.
    Not verified. Somebody else may have changed the account, or AWS is late: plan again.
    ");
    let json = report_json(&report, &header());
    assert_eq!(json["verification"]["verified"], json!(false));
    let left = &json["verification"]["left"]["actions"];
    assert_eq!(left[0]["address"], json!(now.actions[0].address));
    let verified = Report {
        verification: Some(Verification::Verified),
        ..report
    };
    let json = report_json(&verified, &header());
    assert_eq!(json["verification"], json!({"verified": true}));
}

#[test]
fn a_report_says_what_failed_what_was_skipped_and_what_to_do() {
    let plan = acme();
    let mut statuses = all_done(&plan);
    statuses[4] = failed("LimitExceeded: Cannot exceed quota for UsersPerAccount: 5000");
    statuses[5] = Status::Skipped {
        failed: ActionId(4),
    };
    statuses[7] = Status::AlreadyDone;
    statuses[10] = Status::NotStarted;
    let warnings = [(ActionId(9), "the metric has no data".to_owned())];
    let report = Report {
        plan: &plan,
        statuses: &statuses,
        warnings: &warnings,
        kits: &[],
        verification: None,
        rest: Rest::Apply,
    };
    insta::assert_snapshot!(text(&report), @r"
    Account 123456789012 (acme-prod), us-east-1, as role/mfactl-plan. Spec specs/acme.yaml at 3f9c2e1.

      ! alarm/Non-MFA-Console-Logins   changed, but AWS says: the metric has no data
      ✗ user/alice               not created: LimitExceeded: Cannot exceed quota for UsersPerAccount: 5000
      ? membership/mfa-admins:alice   not created: it waits for user/alice, which failed
      ? user/bob                 not deleted: the apply was interrupted

    Applied: 2 added, 2 changed, 0 destroyed, 1 failed, 1 skipped, 1 not started.
    Interrupted. 3 actions left: put right what failed, then apply again. What is done stays done, and only what is left is planned.
    ");
}

#[test]
fn the_json_of_a_report_counts_as_the_text_does() {
    let plan = acme();
    let mut statuses = all_done(&plan);
    statuses[4] = failed("no");
    statuses[10] = Status::NotStarted;
    let warnings = [(ActionId(9), "a doubt".to_owned())];
    let report = Report {
        plan: &plan,
        statuses: &statuses,
        warnings: &warnings,
        kits: &["kits/alice.age".into()],
        verification: None,
        rest: Rest::Apply,
    };
    let json = report_json(&report, &header());
    let counts = json!({"added": 3, "changed": 2, "destroyed": 0, "failed": 1, "skipped": 0, "not_started": 1});
    assert_eq!(json["counts"], counts);
    assert_eq!(
        json["actions"][4],
        json!({"id": 4, "address": "user/alice", "change": "create", "status": "failed", "error": "no"})
    );
    assert_eq!(json["actions"][10]["status"], "not_started");
    assert_eq!(
        json["warnings"],
        json!([{"id": 9, "address": "alarm/Non-MFA-Console-Logins", "message": "a doubt"}])
    );
    assert_eq!(json["kits"], json!(["kits/alice.age"]));
    assert!(
        text(&report)
            .contains("Applied: 3 added, 2 changed, 0 destroyed, 1 failed, 1 not started.")
    );
}

#[test]
fn an_action_without_a_status_was_not_started() {
    let plan = acme();
    let report = Report {
        plan: &plan,
        statuses: &[],
        warnings: &[],
        kits: &[],
        verification: None,
        rest: Rest::Apply,
    };
    assert_eq!(report.tally().not_started, plan.actions.len());
}

#[test]
fn what_is_left_is_done_as_the_rest_was() {
    let plan = acme();
    let last = |rest| {
        let report = Report {
            plan: &plan,
            statuses: &[],
            warnings: &[],
            kits: &[],
            verification: None,
            rest,
        };
        text(&report).lines().last().unwrap().to_owned()
    };
    let commands = "mfactl plan --out plan.json";
    let said = [Rest::Apply, Rest::Destroy, Rest::Review { plan: commands }]
        .map(last)
        .join("\n");
    insta::assert_snapshot!(said, @r"
    Interrupted. 11 actions left: apply again. What is done stays done, and only what is left is planned.
    Interrupted. 11 actions left: destroy again. What is done stays done, and only what is left is planned.
    Interrupted. 11 actions left: plan again and have that reviewed, since the rest is another plan (mfactl plan --out plan.json). What is done stays done, and only what is left is planned.
    ");
}

#[test]
fn a_step_is_one_line_of_text_and_one_json_object() {
    let plan = acme();
    let steps = [
        (4, Step::Started),
        (
            4,
            Step::Calling {
                operation: "iam:CreateUser",
            },
        ),
        (
            4,
            Step::Called {
                operation: "iam:CreateUser",
                answer: Answer::Refused {
                    code: "Throttling".to_owned(),
                },
            },
        ),
        (
            4,
            Step::Retrying {
                operation: "iam:CreateUser",
                code: "Throttling".to_owned(),
                wait: Duration::from_millis(200),
            },
        ),
        (4, Step::Ended(Status::Done)),
        (
            9,
            Step::Warned {
                message: "the metric has no data".to_owned(),
            },
        ),
        (7, Step::Ended(Status::AlreadyDone)),
        (10, Step::Ended(failed("DeleteConflict: a\nb"))),
        (
            5,
            Step::Ended(Status::Skipped {
                failed: ActionId(4),
            }),
        ),
        (10, Step::Ended(Status::NotStarted)),
    ];
    let lines = steps.map(|(id, step)| {
        let action = &plan.actions[id];
        let line = step_text(&plan, action, &step).unwrap_or_default();
        format!("{}\n    {}", strip_str(&line), step_json(action, &step))
    });
    insta::assert_snapshot!(lines.join("\n"), @r#"

        {"address":"user/alice","change":"create","id":4,"type":"started"}

        {"address":"user/alice","change":"create","id":4,"operation":"iam:CreateUser","type":"calling"}

        {"address":"user/alice","answer":"refused","change":"create","code":"Throttling","id":4,"operation":"iam:CreateUser","type":"called"}
    + user/alice                 trying again: iam:CreateUser answers Throttling
        {"address":"user/alice","change":"create","code":"Throttling","id":4,"operation":"iam:CreateUser","type":"retrying","wait_ms":200}
    + user/alice                 created
        {"address":"user/alice","change":"create","id":4,"status":"done","type":"ended"}
    ! alarm/Non-MFA-Console-Logins   changed, but AWS says: the metric has no data
        {"address":"alarm/Non-MFA-Console-Logins","change":"update","id":9,"message":"the metric has no data","type":"warned"}
    + attachment/group:mfa-admins:enforce-mfa   created already
        {"address":"attachment/group:mfa-admins:enforce-mfa","change":"create","id":7,"status":"already_done","type":"ended"}
    ✗ user/bob                   not deleted: DeleteConflict: a\nb
        {"address":"user/bob","change":"delete","error":"DeleteConflict: a\nb","id":10,"status":"failed","type":"ended"}
    ? membership/mfa-admins:alice   not created: it waits for user/alice, which failed
        {"address":"membership/mfa-admins:alice","change":"create","failed":4,"id":5,"status":"skipped","type":"ended"}
    ? user/bob                   not deleted: the apply was interrupted
        {"address":"user/bob","change":"delete","id":10,"status":"not_started","type":"ended"}
    "#);
}

#[test]
fn a_line_of_json_has_no_other_line_and_nothing_that_a_terminal_obeys() {
    let line = json_line(&json!({"name": "a\nb\u{202e}c\u{1b}[31m"}));
    assert_eq!(line, "{\"name\":\"a\\nb\\u202ec\\u001b[31m\"}\n");
}
