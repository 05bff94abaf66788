//! Scripts, run by bash with a function in place of the AWS CLI.

use std::fs;
use std::process::{Command, Stdio};

use model::{
    Action, ActionId, Attachment, Body, Boundary, Change, Credential, CredentialType, DeviceType,
    Edge, LogGroup, ManagedPolicy, MfaDevice, Owner, Path, Plan, PolicyName, Reason, Retention,
    User, UserName, Withheld,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::script;
use crate::tests::hostile::plan_with;
use crate::tests::sample::{
    attachment, create, delete, device, document, group, password, plan, policy, tags, update, user,
};
use crate::tests::{acme, header, troubled};
use crate::{Header, aws_cli};

/// Writes down each call's words and what it reads, and answers what scripts ask.
const AWS: &str = r#"
aws() {
  case "$1 $2" in
    'sts get-caller-identity') echo 123456789012; return ;;
    *' describe-'*) echo "$UNKNOWN"; return ;;
    'iam list-policy-versions') echo "$VERSIONS"; return ;;
  esac
  {
    printf '%s\0' "$@"
    case "$*" in *file:///dev/stdin*) cat ;; esac
    printf '\36'
  } >> calls
}
sleep() { printf 'sleep\0%s\0\36' "$1" >> calls; }
. ./script.sh
"#;

/// Says what AWS answers, and what a person types.
#[derive(Default)]
struct World {
    unknown: &'static str,
    versions: &'static str,
    typed: &'static str,
}

/// Holds what a script did: each call's words, the last of which is what it read.
struct Ran {
    code: i32,
    calls: Vec<Vec<String>>,
    stderr: String,
}

impl World {
    fn run(&self, plan: &Plan) -> Ran {
        let folder = tempfile::tempdir().unwrap();
        let path = |name| folder.path().join(name);
        fs::write(path("script.sh"), script(plan, &header())).unwrap();
        fs::write(path("typed"), self.typed).unwrap();
        let output = Command::new("bash")
            .args(["-c", AWS])
            .envs([("UNKNOWN", self.unknown), ("VERSIONS", self.versions)])
            .current_dir(folder.path())
            .stdin(Stdio::from(fs::File::open(path("typed")).unwrap()))
            .output()
            .unwrap();
        let calls = fs::read_to_string(path("calls")).unwrap_or_default();
        let words = |call: &str| call.split('\0').map(str::to_owned).collect();
        Ran {
            code: output.status.code().unwrap(),
            calls: calls.split_terminator('\u{1e}').map(words).collect(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

const KNOWN: World = World {
    unknown: "0",
    versions: "",
    typed: "",
};

/// Returns the JSON that a call of an operation had, and what it read.
fn input(ran: &Ran, operation: &str, number: usize) -> (Value, String) {
    let mut calls = ran.calls.iter().filter(|call| call[1] == operation);
    let call = calls
        .nth(number)
        .unwrap_or_else(|| panic!("no {operation} in {:#?}", ran.calls));
    assert_eq!(call[2], "--cli-input-json", "{call:#?}");
    let input = serde_json::from_str(&call[3]).unwrap();
    (input, call.last().unwrap().clone())
}

proptest! {
    // Each case starts a shell.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_name_tag_and_document_reaches_the_aws_cli_unchanged(
        text in prop_oneof![any::<String>(), "[\n'\"`$\\\\{}() !#JSON]{1,30}"],
        other in any::<String>(),
    ) {
        // A policy that stays as it is isn't written.
        prop_assume!(text != other);
        let mut plan = plan_with(&text, &other);
        plan.findings.clear();
        let ran = KNOWN.run(&plan);
        prop_assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        let body = |text: &str| json!({"start": text, "widgets": [{"type": text, "properties": {"title": text}}]});

        let (created, _) = input(&ran, "create-user", 0);
        prop_assert_eq!(&created["Tags"], &json!([{"Key": text, "Value": text}]));
        let (filter, _) = input(&ran, "put-metric-filter", 0);
        prop_assert_eq!(&filter["filterPattern"], &json!(text));
        prop_assert_eq!(&filter["metricTransformations"][0]["dimensions"], &json!({text.as_str(): text}));
        let (alarm, _) = input(&ran, "put-metric-alarm", 0);
        prop_assert_eq!(&alarm["AlarmDescription"], &json!(text));
        prop_assert_eq!(&alarm["AlarmActions"], &json!([text]));
        for (number, expected) in [body(&text), body(&other)].iter().enumerate() {
            let (_, document) = input(&ran, "put-dashboard", number);
            prop_assert_eq!(&serde_json::from_str::<Value>(&document).unwrap(), expected);
        }
        let (_, document) = input(&ran, "create-policy-version", 0);
        let document: Value = serde_json::from_str(&document).unwrap();
        prop_assert_eq!(&document["Statement"][0]["Condition"]["StringEquals"]["aws:PrincipalTag/x"], &json!(other));
        let (set, _) = input(&ran, "tag-policy", 0);
        prop_assert_eq!(&set["Tags"], &json!([{"Key": "x", "Value": other}]));
    }
}

#[test]
fn a_plan_that_must_not_be_applied_makes_a_script_that_refuses_to_run() {
    let ran = KNOWN.run(&troubled());
    assert_eq!(ran.code, 3);
    assert_eq!(ran.calls, Vec::<Vec<String>>::new());
    assert!(ran.stderr.starts_with("Refused: "), "{}", ran.stderr);
}

#[test]
fn a_script_that_was_cut_off_does_nothing() {
    let whole = script(&acme(), &header());
    let lines: Vec<&str> = whole.lines().collect();
    let begin = lines.iter().position(|line| *line == "main() {").unwrap();
    for end in begin..lines.len() {
        let cut = format!("aws() {{ echo called; }}\n{}", lines[..end].join("\n"));
        let output = Command::new("bash").args(["-c", &cut]).output().unwrap();
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            "",
            "cut off at {end}"
        );
    }
}

#[test]
fn with_credentials_of_another_account_nothing_is_done() {
    let mut plan = acme();
    plan.account.id = model::AccountId::new("999999999999").unwrap();
    let ran = KNOWN.run(&plan);
    assert_eq!(ran.code, 1);
    assert_eq!(ran.calls, Vec::<Vec<String>>::new());
    assert_eq!(
        ran.stderr,
        "the credentials are of account 123456789012, and this is for 999999999999.\n\
         Stopped at checking the account: what is before it is done, what follows is not.\n"
    );
}

#[test]
fn a_plan_of_an_embedded_aws_is_not_for_a_real_account() {
    let sandbox = Header {
        sandbox: true,
        ..header()
    };
    let output = Command::new("bash")
        .args(["-c", &script(&acme(), &sandbox)])
        .env_remove("AWS_ENDPOINT_URL")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("AWS_ENDPOINT_URL"), "{said}");
}

fn statement(effect: &str) -> Value {
    json!({"Effect": effect, "Action": "s3:*", "Resource": "*"})
}

fn one(address: &str, change: Change) -> Plan {
    plan(vec![(address, change, None, 0)])
}

#[test]
fn a_first_password_is_typed_twice_and_is_no_argument() {
    let plan = one("login_profile/alice", create(password()));
    let world = World {
        typed: " it's $ecret\\n \n it's $ecret\\n \n",
        ..KNOWN
    };
    let ran = world.run(&plan);
    assert_eq!((ran.code, ran.calls.len()), (0, 1), "{}", ran.stderr);
    let (input, read) = input(&ran, "create-login-profile", 0);
    assert_eq!(
        input,
        json!({"UserName": "alice", "PasswordResetRequired": true})
    );
    assert_eq!(read, " it's $ecret\\n ");

    for typed in ["one\ntwo\n", "one\n", ""] {
        let ran = World { typed, ..KNOWN }.run(&plan);
        assert_eq!((ran.code, ran.calls.len()), (1, 0), "{typed:?}");
    }
}

#[test]
fn a_policy_with_five_versions_loses_the_oldest_that_is_not_in_force() {
    let (old, new) = (policy(&[statement("Allow")]), policy(&[statement("Deny")]));
    let fields = [("document", json!(null), json!(null))];
    let change = one(
        "policy/a",
        update(Body::Policy(old.clone()), Body::Policy(new), &fields),
    );
    let deleted = |versions, plan: &Plan| -> Vec<String> {
        let ran = World { versions, ..KNOWN }.run(plan);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let deleted = ran
            .calls
            .iter()
            .filter(|call| call[1] == "delete-policy-version");
        deleted.map(|call| call[5].clone()).collect()
    };
    assert_eq!(deleted("v11\tv10\tv9\tv8", &change), ["v8"]);
    assert_eq!(deleted("v11\tv10\tv9", &change), Vec::<String>::new());
    let removal = one("policy/a", delete(Body::Policy(old)));
    assert_eq!(deleted("v11\tv9", &removal), ["v9", "v11"]);
    assert_eq!(deleted("", &removal), Vec::<String>::new());
}

#[test]
fn what_has_settings_that_would_be_lost_stops_the_script() {
    let plan = acme();
    let ran = World {
        unknown: "1",
        typed: "one\none\n",
        ..KNOWN
    }
    .run(&plan);
    assert_eq!(ran.code, 1);
    assert!(ran.calls.iter().all(|call| call[1] != "put-metric-alarm"));
    assert!(
        ran.stderr
            .contains("Stopped at ~ alarm/Non-MFA-Console-Logins"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_must_be_in_force_everywhere_is_waited_for_once() {
    let step = |name: &str| (name.to_owned(), create(group()), None, 0);
    let steps = ["group/a", "group/b", "group/c", "group/d", "group/e"].map(step);
    let steps = steps
        .iter()
        .map(|(name, change, line, people)| (name.as_str(), change.clone(), *line, *people));
    let mut plan = plan(steps.collect());
    let waits = |plan: &mut Plan, action: usize, id, edge| {
        plan.actions[action].after.insert(ActionId(id), edge);
    };
    waits(&mut plan, 1, 0, Edge::Needs);
    waits(&mut plan, 2, 0, Edge::Settled);
    waits(&mut plan, 3, 1, Edge::Settled);
    waits(&mut plan, 4, 2, Edge::Settled);
    let ran = KNOWN.run(&plan);
    let names = ran.calls.iter().map(|call| match call[0].as_str() {
        "sleep" => call[1].clone(),
        _ => input_name(call),
    });
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["a", "b", "10", "c", "d", "10", "e"]
    );
}

fn input_name(call: &[String]) -> String {
    let input: Value = serde_json::from_str(&call[3]).unwrap();
    input["GroupName"].as_str().unwrap().to_owned()
}

/// Returns the commands of some actions, without the JSON of their documents.
fn commands(changes: Vec<(&str, Change)>) -> String {
    let plan = plan(
        changes
            .into_iter()
            .map(|(address, change)| (address, change, None, 0))
            .collect(),
    );
    let calls = |action: &Action| aws_cli::calls(&plan, action).unwrap().join("\n");
    plan.actions
        .iter()
        .map(calls)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn whoever_goes_goes_by_the_calls_of_an_apply() {
    let credential = |credential_type| delete(Body::Credential(Credential { credential_type }));
    let hardware = MfaDevice {
        device: DeviceType::Hardware {
            serial: "GAHT12345678".to_owned(),
        },
        user: Some(UserName::new("bob").unwrap()),
        tags: tags(&[]),
        deliver_to: None,
    };
    let billing = Attachment {
        policy: ManagedPolicy {
            owner: Owner::Aws,
            path: Path::new("/job-function/").unwrap(),
            name: PolicyName::new("Billing").unwrap(),
        },
    };
    insta::assert_snapshot!(commands(vec![
        ("login_profile/bob", delete(password())),
        ("credential/bob:AKIA1", credential(CredentialType::AccessKey)),
        ("credential/bob:C1", credential(CredentialType::SigningCertificate)),
        ("credential/bob:S1", credential(CredentialType::SshPublicKey)),
        ("credential/bob:X1", credential(CredentialType::ServiceSpecificCredential)),
        ("attachment/user:bob:aws/job-function/Billing", delete(Body::Attachment(billing))),
        ("inline_policy/user:bob:own", delete(Body::InlinePolicy(model::InlinePolicy { document: document(&[statement("Allow")]) }))),
        ("membership/readers:bob", delete(Body::Membership)),
        ("mfa_device/bob", delete(device("bob", false))),
        ("mfa_device/GAHT12345678", delete(Body::MfaDevice(hardware))),
        ("user/bob", delete(Body::User(user("/", &[])))),
    ]), @r#"
    aws iam delete-login-profile --cli-input-json '{"UserName":"bob"}'
    aws iam delete-access-key --cli-input-json '{"AccessKeyId":"AKIA1","UserName":"bob"}'
    aws iam delete-signing-certificate --cli-input-json '{"CertificateId":"C1","UserName":"bob"}'
    aws iam delete-ssh-public-key --cli-input-json '{"SSHPublicKeyId":"S1","UserName":"bob"}'
    aws iam delete-service-specific-credential --cli-input-json '{"ServiceSpecificCredentialId":"X1","UserName":"bob"}'
    aws iam detach-user-policy --cli-input-json '{"PolicyArn":"arn:aws:iam::aws:policy/job-function/Billing","UserName":"bob"}'
    aws iam delete-user-policy --cli-input-json '{"PolicyName":"own","UserName":"bob"}'
    aws iam remove-user-from-group --cli-input-json '{"GroupName":"readers","UserName":"bob"}'
    aws iam deactivate-mfa-device --cli-input-json '{"SerialNumber":"arn:aws:iam::123456789012:mfa/bob","UserName":"bob"}'
    aws iam delete-virtual-mfa-device --cli-input-json '{"SerialNumber":"arn:aws:iam::123456789012:mfa/bob"}'
    aws iam deactivate-mfa-device --cli-input-json '{"SerialNumber":"GAHT12345678","UserName":"bob"}'
    aws iam delete-user --cli-input-json '{"UserName":"bob"}'
    "#);
}

#[test]
fn a_user_is_renamed_moved_tagged_and_bounded() {
    let ceiling = Boundary::Policy(crate::tests::sample::managed("ceiling"));
    let before = user("/", &[("team", "a"), ("old", "b")]);
    let renamed = User {
        path: Path::new("/it's/").unwrap(),
        renamed_from: Some(UserName::new("alice.smith").unwrap()),
        ..before.clone()
    };
    let bounded = User {
        boundary: ceiling,
        ..before.clone()
    };
    let fields = [
        ("renamed_from", json!("alice.smith"), json!(null)),
        ("path", json!("/"), json!("/it's/")),
        ("tags.team", json!("a"), json!("c")),
        ("tags.old", json!("b"), json!(null)),
    ];
    insta::assert_snapshot!(commands(vec![
        ("user/alice", update(Body::User(before.clone()), Body::User(renamed), &fields)),
        ("user/alice", update(Body::User(before.clone()), Body::User(bounded.clone()), &[])),
        ("user/alice", update(Body::User(bounded), Body::User(before), &[])),
    ]), @r#"
    aws iam update-user --cli-input-json '{"NewPath":"/it'\''s/","NewUserName":"alice","UserName":"alice.smith"}'
    aws iam wait user-exists --cli-input-json '{"UserName":"alice"}'
    aws iam tag-user --cli-input-json '{"Tags":[{"Key":"team","Value":"c"}],"UserName":"alice"}'
    aws iam untag-user --cli-input-json '{"TagKeys":["old"],"UserName":"alice"}'
    aws iam put-user-permissions-boundary --cli-input-json '{
      "PermissionsBoundary": "arn:aws:iam::123456789012:policy/ceiling",
      "UserName": "alice"
    }'
    aws iam delete-user-permissions-boundary --cli-input-json '{"UserName":"alice"}'
    "#);
}

#[test]
fn a_device_is_made_anew_where_nobody_has_its_seed() {
    let Body::MfaDevice(mut leftover) = device("alice", false) else {
        panic!("a device")
    };
    leftover.user = None;
    let change = update(Body::MfaDevice(leftover), device("alice", true), &[]);
    insta::assert_snapshot!(commands(vec![("mfa_device/alice", change)]), @r#"
    # The device that is there isn't enabled, and nobody may have its seed.
    aws iam delete-virtual-mfa-device --cli-input-json '{"SerialNumber":"arn:aws:iam::123456789012:mfa/alice"}'
    # `mfactl apply` seals the seed for alice, and computes the codes. Here the seed is in mfa-seed-alice.txt, which only you
    # can read, and the codes are typed, from an authenticator app. Then delete the file.
    is_new mfa-seed-alice.txt
    aws iam create-virtual-mfa-device --virtual-mfa-device-name=alice --path=/ --bootstrap-method=Base32StringSeed --outfile=mfa-seed-alice.txt
    ask_codes alice mfa-seed-alice.txt
    aws iam enable-mfa-device --cli-input-json '{"SerialNumber":"arn:aws:iam::123456789012:mfa/alice","UserName":"alice"}' --authentication-code1 "$first" --authentication-code2 "$second"
    "#);
}

#[test]
fn a_retention_is_set_and_lifted() {
    let kept = |retention| {
        Body::LogGroup(LogGroup {
            retention,
            tags: tags(&[]),
        })
    };
    let owner = [("tags.owner", json!(null), json!("security"))];
    insta::assert_snapshot!(commands(vec![
        ("log_group/a#b", update(kept(Retention::Never), kept(Retention::Days(30)), &owner)),
        ("log_group/a#b", update(kept(Retention::Days(30)), kept(Retention::Never), &[])),
    ]), @r#"
    aws logs put-retention-policy --cli-input-json '{"logGroupName":"a#b","retentionInDays":30}'
    aws logs tag-resource --cli-input-json '{
      "resourceArn": "arn:aws:logs:us-east-1:123456789012:log-group:a#b",
      "tags": {
        "owner": "security"
      }
    }'
    aws logs delete-retention-policy --cli-input-json '{"logGroupName":"a#b"}'
    "#);
}

#[test]
fn what_the_planner_never_plans_stops_the_script() {
    let change = update(attachment("a"), attachment("a"), &[]);
    let ran = KNOWN.run(&one("attachment/user:a:a", change));
    assert_eq!((ran.code, ran.calls.len()), (1, 0));
    let of_another_kind = one("group/a", create(password()));
    assert_eq!(KNOWN.run(&of_another_kind).code, 1);
}

#[test]
fn what_is_withheld_is_named() {
    let mut plan = one("group/a", create(group()));
    plan.withheld = vec![Withheld {
        address: "group/b".parse().unwrap(),
        change: None,
        reason: Reason::Conflict("it is\nnot possible".to_owned()),
        origin: None,
    }];
    let script = script(&plan, &header());
    assert!(
        script.contains("\n#   ? group/b  withheld: it is\\nnot possible\n"),
        "{script}"
    );
}
