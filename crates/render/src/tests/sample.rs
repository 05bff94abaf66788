//! Small plans made by hand.

use std::collections::BTreeMap;

use model::{
    Account, AccountId, Action, ActionId, Address, Alarm, AlarmMetric, AlarmSource, Attachment,
    Body, Boundary, Caller, Change, Comparison, Credential, CredentialType, DeviceType,
    FieldChange, Finding, FindingCode, Group, Level, LoginProfile, ManagedPolicy, Metric,
    MfaDevice, MissingData, Origin, Owner, Partition, Path, Plan, Policy, PolicyName, Recipient,
    Region, RoleName, Statistic, Tags, User, UserName,
};
use policy::Document;
use serde_json::{Value, json};

use crate::Header;

pub(crate) const KEY: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

pub(crate) fn header() -> Header {
    Header {
        spec: "specs/acme.yaml".to_owned(),
        commit: Some("3f9c2e1d5a7b90c4e8f61203a4b5c6d7e8f90a1b".to_owned()),
        declared: 12,
        sandbox: false,
    }
}

/// Returns a plan of changes, each with its line in the spec and the number of people it touches.
pub(crate) fn plan(changes: Vec<(&str, Change, Option<u32>, usize)>) -> Plan {
    let action =
        |(index, (address, change, line, people)): (usize, (&str, Change, Option<u32>, usize))| {
            Action {
                id: ActionId(index),
                address: address.parse().unwrap(),
                change,
                after: BTreeMap::new(),
                origin: line.map(origin),
                part_of: None,
                people,
            }
        };
    Plan {
        account: Account {
            id: AccountId::new("123456789012").unwrap(),
            partition: Partition::new("aws").unwrap(),
            alias: Some("acme-prod".to_owned()),
        },
        region: Region::new("us-east-1").unwrap(),
        caller: Caller::Role(RoleName::new("mfactl-plan").unwrap()),
        actions: changes.into_iter().enumerate().map(action).collect(),
        withheld: Vec::new(),
        findings: Vec::new(),
        proofs: Vec::new(),
        gains: None,
        unread: BTreeMap::new(),
        digest: "7d3a91c0ffee".to_owned(),
    }
}

pub(crate) fn origin(line: u32) -> Origin {
    Origin {
        file: "acme.yaml".into(),
        line,
    }
}

pub(crate) fn create(after: Body) -> Change {
    Change::Create { after }
}

pub(crate) fn delete(before: Body) -> Change {
    Change::Delete { before }
}

pub(crate) fn update(before: Body, after: Body, fields: &[(&str, Value, Value)]) -> Change {
    let field = |(field, before, after): &(&str, Value, Value)| FieldChange {
        field: (*field).to_owned(),
        before: before.clone(),
        after: after.clone(),
    };
    Change::Update {
        before,
        after,
        fields: fields.iter().map(field).collect(),
    }
}

/// Makes actions of a plan parts of another object's deletion.
pub(crate) fn make_parts(plan: &mut Plan, owner: &str, parts: std::ops::Range<usize>) {
    let owner: Address = owner.parse().unwrap();
    for action in &mut plan.actions[parts] {
        action.part_of = Some(owner.clone());
    }
}

pub(crate) fn finding(
    level: Level,
    code: FindingCode,
    address: Option<&str>,
    message: &str,
    hint: Option<&str>,
) -> Finding {
    Finding {
        level,
        code,
        address: address.map(|address| address.parse().unwrap()),
        message: message.to_owned(),
        because: Vec::new(),
        hint: hint.map(str::to_owned),
        suggestion: None,
    }
}

pub(crate) fn tags(tags: &[(&str, &str)]) -> Tags {
    let mut all = Tags::default();
    for (key, value) in tags {
        all.observe(*key, *value);
    }
    all
}

pub(crate) fn user(path: &str, tag: &[(&str, &str)]) -> User {
    User {
        path: Path::new(path).unwrap(),
        tags: tags(tag),
        boundary: Boundary::None,
        renamed_from: None,
    }
}

pub(crate) fn group() -> Body {
    Body::Group(Group { path: Path::root() })
}

pub(crate) fn managed(name: &str) -> ManagedPolicy {
    ManagedPolicy {
        owner: Owner::Account,
        path: Path::root(),
        name: PolicyName::new(name).unwrap(),
    }
}

pub(crate) fn attachment(name: &str) -> Body {
    Body::Attachment(Attachment {
        policy: managed(name),
    })
}

pub(crate) fn password() -> Body {
    Body::LoginProfile(LoginProfile {
        reset_required: true,
        deliver_to: Some(Recipient::new(KEY).unwrap()),
    })
}

pub(crate) fn key() -> Body {
    Body::Credential(Credential {
        credential_type: CredentialType::AccessKey,
    })
}

/// Returns a device of somebody's; a new one has its seed sealed.
pub(crate) fn device(user: &str, is_new: bool) -> Body {
    Body::MfaDevice(MfaDevice {
        device: DeviceType::Virtual { path: Path::root() },
        user: Some(UserName::new(user).unwrap()),
        tags: Tags::default(),
        deliver_to: is_new.then(|| Recipient::new(KEY).unwrap()),
    })
}

pub(crate) fn document(statements: &[Value]) -> Document {
    Document::from_value(&json!({"Version": "2012-10-17", "Statement": statements})).unwrap()
}

pub(crate) fn policy(statements: &[Value]) -> Policy {
    Policy {
        path: Path::root(),
        description: None,
        document: document(statements),
        tags: Tags::default(),
    }
}

/// Returns the statement that denies everything but some actions without MFA.
pub(crate) fn deny_without_mfa(allowed: &[&str]) -> Value {
    json!({
        "Sid": "DenyAllExceptUnlessMFAAuthenticated",
        "Effect": "Deny",
        "NotAction": allowed,
        "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    })
}

pub(crate) fn own_password() -> Value {
    json!({
        "Sid": "AllowManageOwnPassword",
        "Effect": "Allow",
        "Action": ["iam:ChangePassword", "iam:GetLoginProfile"],
        "Resource": "arn:aws:iam::*:user/${aws:username}",
    })
}

pub(crate) fn alarm() -> Alarm {
    Alarm {
        description: Some("Alert on console logins without MFA".to_owned()),
        source: AlarmSource::Metric(AlarmMetric {
            metric: Metric {
                namespace: "AWS/CloudTrailMetrics".to_owned(),
                name: "NonMFALoginCount".to_owned(),
            },
            dimensions: BTreeMap::new(),
            statistic: Statistic::Sum,
            period: 300,
            unit: None,
        }),
        evaluation_periods: 1,
        datapoints_to_alarm: None,
        threshold: 1.0,
        comparison: Comparison::GreaterThanOrEqualToThreshold,
        treat_missing_data: MissingData::NotBreaching,
        actions_enabled: true,
        alarm_actions: ["arn:aws:sns:us-east-1:123456789012:security".to_owned()].into(),
        ok_actions: [].into(),
        insufficient_data_actions: [].into(),
        tags: Tags::default(),
    }
}
