use std::collections::BTreeMap;
use std::path::PathBuf;

use anstream::adapter::strip_str;
use model::{ActionId, Plan};
use serde_json::json;

use super::plans::acme;
use super::sample::header;
use crate::{Report, Status, Step, event_json, event_text, report_json, report_text};

fn all_done(plan: &Plan) -> BTreeMap<ActionId, Status> {
    plan.actions
        .iter()
        .map(|action| (action.id, Status::Done))
        .collect()
}

fn text(plan: &Plan, statuses: &BTreeMap<ActionId, Status>, kits: &[PathBuf]) -> String {
    strip_str(&report_text(
        &Report {
            plan,
            statuses,
            kits,
        },
        &header(),
    ))
    .to_string()
}

#[test]
fn a_report_says_what_was_done_and_where_the_kits_are() {
    let plan = acme();
    insta::assert_snapshot!(text(&plan, &all_done(&plan), &["kits/alice.age".into()]), @r"
    Account 123456789012 (acme-prod), us-east-1, as role/mfactl-plan. Spec specs/acme.yaml at 3f9c2e1.

    Sealed kits: pass each to its owner, who alone can open it.
      + kits/alice.age

    Applied: 4 added, 2 changed, 1 destroyed.
    A kit is opened with its owner's private key: age --decrypt --identity KEY KIT
    ");
}

#[test]
fn a_report_says_what_failed_what_was_skipped_and_what_to_do() {
    let plan = acme();
    let mut statuses = all_done(&plan);
    statuses.insert(
        ActionId(4),
        Status::Failed {
            error: "LimitExceeded: Cannot exceed quota for UsersPerAccount: 5000".to_owned(),
        },
    );
    statuses.insert(
        ActionId(5),
        Status::Skipped {
            because: "it waits for user/alice, which failed".to_owned(),
        },
    );
    statuses.insert(ActionId(7), Status::AlreadyDone);
    statuses.remove(&ActionId(10));
    insta::assert_snapshot!(text(&plan, &statuses, &[]), @r"
    Account 123456789012 (acme-prod), us-east-1, as role/mfactl-plan. Spec specs/acme.yaml at 3f9c2e1.

      ✗ user/alice               not created: LimitExceeded: Cannot exceed quota for UsersPerAccount: 5000
      ? membership/mfa-admins:alice   not created: it waits for user/alice, which failed
      ? user/bob                 not deleted: the apply was interrupted

    Applied: 2 added, 2 changed, 0 destroyed, 1 failed, 1 skipped, 1 not started.
    Interrupted. 3 actions left. Put right what failed, then apply again: what is done stays done, and only what is left is planned.
    ");
}

#[test]
fn the_json_of_a_report_counts_as_the_text_does() {
    let plan = acme();
    let mut statuses = all_done(&plan);
    statuses.insert(
        ActionId(4),
        Status::Failed {
            error: "no".to_owned(),
        },
    );
    statuses.remove(&ActionId(10));
    let kits = [PathBuf::from("kits/alice.age")];
    let json = report_json(
        &Report {
            plan: &plan,
            statuses: &statuses,
            kits: &kits,
        },
        &header(),
    );
    let counts = json!({"added": 3, "changed": 2, "destroyed": 0, "failed": 1, "skipped": 0, "not_started": 1});
    assert_eq!(json["counts"], counts);
    assert_eq!(
        json["actions"][4],
        json!({"id": 4, "address": "user/alice", "change": "create", "status": "failed", "error": "no"})
    );
    assert_eq!(
        json["actions"][10],
        json!({"id": 10, "address": "user/bob", "change": "delete"})
    );
    assert_eq!(json["kits"], json!(["kits/alice.age"]));
}

#[test]
fn an_event_is_one_line() {
    let plan = acme();
    let lines: Vec<String> = [
        (4, Step::Started),
        (4, Step::Ended(Status::Done)),
        (
            8,
            Step::Retrying {
                because: "NoSuchEntity".to_owned(),
            },
        ),
        (7, Step::Ended(Status::AlreadyDone)),
        (
            10,
            Step::Ended(Status::Failed {
                error: "DeleteConflict: a\nb".to_owned(),
            }),
        ),
        (
            5,
            Step::Ended(Status::Skipped {
                because: "it waits for user/alice, which failed".to_owned(),
            }),
        ),
    ]
    .map(|(id, step)| strip_str(&event_text(&plan.actions[id], &step)).to_string())
    .into();
    insta::assert_snapshot!(lines.join("\n"), @r"
    + user/alice                 creating
    + user/alice                 created
    ~ policy/enforce-mfa         trying again: NoSuchEntity
    + attachment/group:mfa-admins:enforce-mfa   created already
    ✗ user/bob                   not deleted: DeleteConflict: a\nb
    ? membership/mfa-admins:alice   not created: it waits for user/alice, which failed
    ");
}

#[test]
fn an_event_is_one_json_object() {
    let plan = acme();
    let event = event_json(
        &plan.actions[4],
        &Step::Retrying {
            because: "NoSuchEntity".to_owned(),
        },
    );
    assert_eq!(
        event,
        json!({"id": 4, "address": "user/alice", "change": "create", "status": "retrying", "because": "NoSuchEntity"})
    );
    let event = event_json(&plan.actions[4], &Step::Ended(Status::Done));
    assert_eq!(
        event,
        json!({"id": 4, "address": "user/alice", "change": "create", "status": "done"})
    );
}
