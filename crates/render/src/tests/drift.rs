use std::collections::{BTreeMap, BTreeSet};

use anstream::adapter::strip_str;
use model::{
    Address, Body, Deviation, Difference, Drift, FieldChange, Kind, LogGroupName, ReadFailure,
    Tool, Trail, TrailCall, TrailSource, UndeclaredPrincipal,
};
use serde_json::json;

use super::sample::{
    attachment, deny_without_mfa, device, header, key, origin, own_password, password, plan,
    policy, user,
};
use crate::{
    drift_annotations, drift_html, drift_json, drift_markdown, drift_message, drift_text, github,
    json_text,
};

fn text(drift: &Drift, trail: Option<&Trail>) -> String {
    strip_str(&drift_text(drift, trail, &header())).to_string()
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn difference(text: &str, deviation: Deviation, line: Option<u32>) -> Difference {
    Difference {
        address: address(text),
        deviation,
        origin: line.map(origin),
        part_of: None,
    }
}

fn drift(differences: Vec<Difference>) -> Drift {
    let plan = plan(Vec::new());
    Drift {
        account: plan.account,
        region: plan.region,
        caller: plan.caller,
        differences,
        principals: Vec::new(),
        findings: Vec::new(),
        unknown: BTreeSet::new(),
        unread: BTreeMap::new(),
    }
}

/// Somebody took alice out of her group, opened a policy and came in by a user of their own.
pub(super) fn break_in() -> Drift {
    let declared = policy(&[own_password(), deny_without_mfa(&["iam:ChangePassword"])]);
    let found = policy(&[own_password()]);
    let fields = vec![FieldChange {
        field: "document".to_owned(),
        before: json!(declared.document),
        after: json!(found.document),
    }];
    let part = |text: &str, found| Difference {
        part_of: Some(address("user/eve")),
        ..difference(text, Deviation::Undeclared { found }, None)
    };
    let eve = Body::User(user("/people/", &[("team", "red")]));
    let mut drift = drift(vec![
        difference("user/eve", Deviation::Undeclared { found: eve }, None),
        part("login_profile/eve", password()),
        part("credential/eve:AKIAIOSFODNN7EXAMPLE", key()),
        difference(
            "mfa_device/alice",
            Deviation::Missing {
                declared: device("alice", true),
            },
            Some(12),
        ),
        difference(
            "membership/mfa-admins:alice",
            Deviation::Missing {
                declared: Body::Membership,
            },
            Some(13),
        ),
        difference(
            "policy/enforce-mfa",
            Deviation::Changed {
                declared: Body::Policy(declared),
                found: Body::Policy(found),
                fields,
            },
            Some(40),
        ),
        difference(
            "mfa_device/phone",
            Deviation::Conflict {
                because: "it is enabled for user/eve, not for user/bob".to_owned(),
            },
            Some(14),
        ),
    ]);
    drift.principals.push(UndeclaredPrincipal {
        address: address("user/backdoor"),
        found: Body::User(user("/", &[])),
        access: ["attachment/user:backdoor:aws/AdministratorAccess"]
            .map(address)
            .into(),
    });
    drift
}

fn call(operation: &str) -> TrailCall {
    TrailCall {
        event_id: "8dc1b3a0-0f3f-4d2a-9a55-1f2e6a4b9c11".to_owned(),
        time: "2026-11-24T10:02:11Z".parse().unwrap(),
        operation: operation.to_owned(),
        by: "role/Admin".to_owned(),
        session: Some("mallory@example.com".to_owned()),
        from: Some("203.0.113.7".to_owned()),
        tool: Some(Tool::AwsCli),
        user_agent: Some("aws-cli/2.31.0".to_owned()),
        mfa: Some(false),
    }
}

pub(super) fn trail() -> Trail {
    let by_mfactl = TrailCall {
        tool: Some(Tool::Mfactl),
        ..call("iam:CreatePolicyVersion")
    };
    let of_unknown_tool = TrailCall {
        tool: None,
        user_agent: Some("curl/8".to_owned()),
        session: None,
        mfa: None,
        ..call("iam:CreateUser")
    };
    Trail {
        calls: BTreeMap::from([
            (
                address("membership/mfa-admins:alice"),
                call("iam:RemoveUserFromGroup"),
            ),
            (address("policy/enforce-mfa"), by_mfactl),
            (address("user/backdoor"), of_unknown_tool),
        ]),
        ..Trail::default()
    }
}

#[test]
fn drift_is_shown_from_declared_to_found_with_who_did_it() {
    insta::assert_snapshot!(text(&break_in(), Some(&trail())));
}

#[test]
fn an_issue_says_how_much_first_then_what_it_means_then_what_differs_and_by_whom() {
    insta::assert_snapshot!(drift_markdown(
        &break_in(),
        Some(&trail()),
        &header(),
        65_536
    ));
}

#[test]
fn of_whom_nobody_declared_it_is_said_what_they_were_given_and_what_they_hold() {
    let mut drift = break_in();
    let given = Deviation::Undeclared {
        found: Body::Membership,
    };
    drift
        .differences
        .push(difference("membership/mfa-admins:backdoor", given, None));
    let markdown = drift_markdown(&drift, None, &header(), 65_536);
    let line = "- `+` **`user/backdoor`** exists in the account, and isn't in the spec, is in the group `mfa-admins` and shouldn't be, has full administrator access, by the policy `aws/AdministratorAccess`\n";
    assert!(markdown.contains(line), "{markdown}");
}

#[test]
fn an_issue_that_must_be_short_counts_what_it_leaves_out() {
    let markdown = drift_markdown(&break_in(), Some(&trail()), &header(), 1_500);
    assert!(markdown.len() <= 1_500);
    assert!(
        markdown.contains("**Not everything fits here.**"),
        "{markdown}"
    );
}

#[test]
fn a_message_has_a_line_for_each_object_with_who_did_it() {
    insta::assert_snapshot!(drift_message(&break_in(), Some(&trail()), &header()));
}

#[test]
fn a_message_is_short_and_counts_what_it_leaves_out() {
    let names = (0..200).map(|index| format!("user/{}{index}", "x".repeat(40)));
    let missing = |name: String| {
        let declared = Body::User(user("/", &[("n", &name)]));
        let deviation = Deviation::Conflict {
            because: format!("{name} {declared:?}"),
        };
        difference(&name, deviation, None)
    };
    let drift = drift(names.map(missing).collect());
    let message = drift_message(&drift, None, &header());
    assert!(message.len() <= 3_000, "{}", message.len());
    let shown = message.matches('•').count();
    assert!(
        message.contains(&format!("{} objects are left out here.", 200 - shown)),
        "{message}"
    );
}

#[test]
fn a_page_calls_marks_by_what_they_stand_for() {
    let page = drift_html(&break_in(), Some(&trail()), &header());
    for words in [
        "What it means",
        "What differs",
        "+ undeclared",
        "~ changed",
        "- missing",
    ] {
        assert!(page.contains(words), "{words} in {page}");
    }
}

#[test]
fn an_annotation_is_on_the_line_of_what_is_declared_or_of_whom_it_gives_something() {
    let mut drift = drift(vec![difference(
        "attachment/group:admins:read",
        Deviation::Undeclared {
            found: attachment("read"),
        },
        None,
    )]);
    drift.differences.extend(break_in().differences);
    let declared = |address: &Address| (address.to_string() == "group/admins").then(|| origin(7));
    let annotations = drift_annotations(&drift, Some(&trail()), &header(), declared);
    let commands = github(&annotations);
    for start in [
        "::warning file=acme.yaml,line=7,title=undeclared::+ attachment/group:admins:read",
        "::warning file=acme.yaml,line=13,title=missing::- membership/mfa-admins:alice; iam:RemoveUserFromGroup by role/Admin",
        "::warning file=acme.yaml,line=40,title=changed::~ policy/enforce-mfa",
        "::warning file=specs/acme.yaml,title=undeclared::+ user/eve: with 1 password, 1 access key",
    ] {
        assert!(commands.contains(start), "{start} in {commands}");
    }
}

#[test]
fn no_drift_says_how_much_is_as_the_spec_says() {
    let text = text(&drift(Vec::new()), None);
    assert!(
        text.ends_with("No drift. 12 objects are as the spec says.\n"),
        "{text}"
    );
}

#[test]
fn what_could_not_be_read_is_said_and_not_counted_as_drift() {
    let mut drift = drift(Vec::new());
    let failure = ReadFailure {
        operation: "iam:GetLoginProfile".to_owned(),
        message: "AccessDenied: no".to_owned(),
    };
    drift.unread.insert(Kind::LoginProfile, failure);
    drift.unknown.insert(address("login_profile/alice"));
    let text = text(&drift, None);
    for line in [
        "? login_profile/*          not read: AccessDenied for iam:GetLoginProfile",
        "not compared: login_profile/alice",
        "No drift in what could be read.",
        "Incomplete:",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[test]
fn one_denied_call_is_one_entry_and_one_annotation() {
    let mut drift = drift(Vec::new());
    let failure = ReadFailure {
        operation: "iam:GetAccountAuthorizationDetails".to_owned(),
        message: "AccessDenied: no".to_owned(),
    };
    for kind in [Kind::User, Kind::Group] {
        drift.unread.insert(kind, failure.clone());
    }
    drift.unknown = ["user/alice", "group/people", "mfa_device/phone"]
        .map(address)
        .into();
    let entries = "
  ? user/* and 1 more        not read: AccessDenied for iam:GetAccountAuthorizationDetails
      no
      not read: user, group
      not compared: user/alice, group/people
      `mfactl permissions drift` prints what the credentials need
  ? mfa_device/*             not read: it was not looked for
      not compared: mfa_device/phone
";
    let text = text(&drift, None);
    assert!(text.contains(entries), "{text}");
    let annotations = drift_annotations(&drift, None, &header(), |_| None);
    assert_eq!(annotations.len(), 2, "{annotations:#?}");
}

#[test]
fn a_trail_that_may_not_be_read_is_one_line() {
    let trail = Trail {
        failure: Some(ReadFailure {
            operation: "cloudtrail:LookupEvents".to_owned(),
            message: "AccessDeniedException: User: x is not authorized".to_owned(),
        }),
        ..Trail::default()
    };
    let text = text(&break_in(), Some(&trail));
    let last = text.lines().last().unwrap();
    assert_eq!(
        last,
        "Who did it isn't known, or not of all: AccessDeniedException for cloudtrail:LookupEvents. \
         `mfactl permissions drift` prints what the credentials need."
    );
}

#[test]
fn a_log_group_is_said_with_what_it_cost_and_since_when_it_was_searched() {
    let trail = Trail {
        source: TrailSource::LogGroup {
            name: LogGroupName::new("CloudTrail/AWSLogs").unwrap(),
            since: "2026-01-01T00:00:00Z".parse().unwrap(),
            bytes_scanned: Some(3_500_000_000),
        },
        ..trail()
    };
    let text = text(&break_in(), Some(&trail));
    let mut last = text.lines().rev();
    assert_eq!(
        last.next(),
        Some("Logs Insights scanned 3.2 GB of log group CloudTrail/AWSLogs.")
    );
    assert_eq!(
        last.next(),
        Some(
            "Log group CloudTrail/AWSLogs doesn't tell who did it for 3 objects: it tells of a call after some minutes and since 2026-01-01T00:00:00Z, and not of what never was applied."
        )
    );
    let json = drift_json(&break_in(), Some(&trail), &header());
    assert_eq!(
        json["trail"]["source"]["log_group"]["bytes_scanned"],
        3_500_000_000_u64
    );
}

#[test]
fn json_has_each_difference_with_who_did_it_and_the_counts_of_the_text() {
    let json = drift_json(&break_in(), Some(&trail()), &header());
    let counts =
        json!({"missing": 2, "changed": 2, "undeclared": 1, "principals": 1, "unknown": 0});
    assert_eq!(json["counts"], counts);
    let of = |text: &str| {
        let all = json["differences"].as_array().unwrap().iter();
        all.clone()
            .find(|it| it["address"] == text)
            .unwrap_or_else(|| panic!("{text} in {json:#}"))
    };
    let alice = of("membership/mfa-admins:alice");
    assert_eq!(alice["drift"], "missing");
    assert_eq!(alice["by"]["operation"], "iam:RemoveUserFromGroup");
    assert_eq!(alice["by"]["tool"], "aws_cli");
    assert_eq!(of("user/eve")["by"], json!(null));
    assert_eq!(of("policy/enforce-mfa")["drift"], "changed");
    assert_eq!(json["trail"]["failure"], json!(null));
    let unasked = drift_json(&break_in(), None, &header());
    assert_eq!(unasked["trail"], json!(null));
}

#[test]
fn what_callers_say_of_themselves_is_shown_and_not_obeyed() {
    let hostile = "\u{1b}[2J\u{202e}\n";
    let call = TrailCall {
        by: hostile.to_owned(),
        session: Some(hostile.to_owned()),
        from: Some(hostile.to_owned()),
        tool: None,
        user_agent: Some(hostile.to_owned()),
        ..call("iam:CreateUser")
    };
    let drift = drift(vec![difference(
        "attachment/user:bob:p",
        Deviation::Undeclared {
            found: attachment("p"),
        },
        None,
    )]);
    let trail = Trail {
        calls: BTreeMap::from([(address("attachment/user:bob:p"), call)]),
        ..Trail::default()
    };
    let text = text(&drift, Some(&trail));
    assert!(
        !text.contains('\u{1b}') && !text.contains('\u{202e}'),
        "{text}"
    );
    let json = json_text(&drift_json(&drift, Some(&trail), &header()));
    assert!(
        !json.contains('\u{1b}') && !json.contains('\u{202e}'),
        "{json}"
    );
}

/// Returns drift and a trail with texts of anybody's choice wherever one can be.
pub(super) fn drift_with(text: &str, other: &str) -> (Drift, Trail) {
    let document = |text: &str| {
        policy(&[
            json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/x": text}}}),
        ])
    };
    let (declared, found) = (document(text), document(other));
    let fields = vec![FieldChange {
        field: "document".to_owned(),
        before: json!(declared.document),
        after: json!(found.document),
    }];
    let changed = Deviation::Changed {
        declared: Body::Policy(declared),
        found: Body::Policy(found),
        fields,
    };
    let conflict = Deviation::Conflict {
        because: text.to_owned(),
    };
    let eve = Body::User(user("/", &[("team", text)]));
    let mut drift = drift(vec![
        difference("policy/p", changed, Some(1)),
        difference("mfa_device/phone", conflict, None),
        difference("user/eve", Deviation::Undeclared { found: eve }, None),
    ]);
    let failure = |message: &str| ReadFailure {
        operation: "iam:GetLoginProfile".to_owned(),
        message: message.to_owned(),
    };
    drift.unread.insert(Kind::LoginProfile, failure(text));
    let call = TrailCall {
        operation: format!("iam:{text}"),
        by: text.to_owned(),
        session: Some(other.to_owned()),
        from: Some(text.to_owned()),
        tool: None,
        user_agent: Some(other.to_owned()),
        ..call("")
    };
    let trail = Trail {
        calls: BTreeMap::from([(address("policy/p"), call)]),
        failure: Some(failure(other)),
        ..Trail::default()
    };
    (drift, trail)
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]

    #[test]
    fn hostile_drift_calls_nobody_and_links_nowhere_in_a_message(text in super::markdown::hostile(), other in super::markdown::hostile()) {
        let (drift, trail) = drift_with(&text, &other);
        let message = drift_message(&drift, Some(&trail), &header());
        proptest::prop_assert!(!message.contains(['<', '>']), "{}", message);
        // What isn't between backticks is words.
        for line in message.lines() {
            proptest::prop_assert!(line.matches('`').count().is_multiple_of(2), "{}", line);
            for outside in line.split('`').step_by(2) {
                proptest::prop_assert!(!outside.contains(['@', '#', '*', '_', '~', '/']), "{}", line);
            }
        }
    }
}
