//! Short ways to write down a spec and an account.

use model::{
    Account, AccountId, Address, AddressPattern, Attachment, Body, Boundary, Caller, Declared,
    Desired, DeviceType, Group, InlinePolicy, Kind, LoginProfile, ManagedPolicy, MfaDevice, Origin,
    Owner, Partition, Path, Plan, Policy, PolicyName, Prune, Recipient, Region, Snapshot, Tags,
    User, UserName, Wish,
};
use policy::Document;

pub(super) const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":{"Sid":"Read","Effect":"Allow","Action":"s3:Get*","Resource":"*"}}"#;
pub(super) const ALLOW_MORE: &str = r#"{"Version":"2012-10-17","Statement":{"Sid":"Read","Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"*"}}"#;
pub(super) const DENY: &str = r#"{"Version":"2012-10-17","Statement":{"Sid":"Stop","Effect":"Deny","Action":"*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}}"#;
pub(super) const BOTH: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"All","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"Stop","Effect":"Deny","Action":"*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}]}"#;

pub(super) fn address(text: &str) -> Address {
    text.parse().unwrap()
}

pub(super) fn user() -> Body {
    Body::User(User {
        path: Path::root(),
        tags: Tags::default(),
        boundary: Boundary::None,
        renamed_from: None,
    })
}

pub(super) fn group() -> Body {
    Body::Group(Group { path: Path::root() })
}

pub(super) fn document(json: &str) -> Document {
    Document::parse(json).unwrap()
}

pub(super) fn policy(json: &str) -> Body {
    Body::Policy(Policy {
        path: Path::root(),
        description: None,
        document: document(json),
        tags: Tags::default(),
    })
}

pub(super) fn inline(json: &str) -> Body {
    Body::InlinePolicy(InlinePolicy {
        document: document(json),
    })
}

pub(super) fn managed(name: &str) -> ManagedPolicy {
    ManagedPolicy {
        owner: Owner::Account,
        path: Path::root(),
        name: PolicyName::new(name).unwrap(),
    }
}

pub(super) fn attachment(name: &str) -> Body {
    Body::Attachment(Attachment {
        policy: managed(name),
    })
}

fn recipient() -> Recipient {
    Recipient::new("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj").unwrap()
}

pub(super) fn password() -> Body {
    Body::LoginProfile(LoginProfile {
        reset_required: true,
        deliver_to: Some(recipient()),
    })
}

pub(super) fn live_password() -> Body {
    Body::LoginProfile(LoginProfile {
        reset_required: false,
        deliver_to: None,
    })
}

pub(super) fn device_for(user: &str) -> Body {
    let user = UserName::new(user).unwrap();
    Body::MfaDevice(MfaDevice {
        device: DeviceType::Virtual { path: Path::root() },
        user: Some(user),
        tags: Tags::default(),
        deliver_to: Some(recipient()),
    })
}

pub(super) fn live_device(user: Option<&str>) -> Body {
    let user = user.map(|user| UserName::new(user).unwrap());
    Body::MfaDevice(MfaDevice {
        device: DeviceType::Virtual { path: Path::root() },
        user,
        tags: Tags::default(),
        deliver_to: None,
    })
}

/// Builds a spec.
pub(super) fn spec(objects: &[(&str, Body)]) -> Desired {
    let origin = |line| Origin {
        file: "mfactl.yaml".into(),
        line,
    };
    let declared = objects.iter().zip(1..).map(|((text, body), line)| {
        (
            address(text),
            Declared {
                wish: Wish::Present(body.clone()),
                origin: origin(line),
            },
        )
    });
    Desired {
        objects: declared.collect(),
        ..Desired::new(
            AccountId::new("123456789012").unwrap(),
            Region::new("us-east-1").unwrap(),
        )
    }
}

pub(super) fn prune(kind: Kind, pattern: &str) -> Prune {
    Prune {
        kind,
        pattern: AddressPattern::new(pattern),
    }
}

/// Builds an account in which everybody's password and credentials were looked up.
pub(super) fn account(objects: &[(&str, Body)]) -> Snapshot {
    let mut account = empty_account(Caller::Root);
    for (text, body) in objects {
        account.insert(address(text), body.clone());
    }
    look_up_everybody(&mut account);
    account
}

pub(super) fn empty_account(caller: Caller) -> Snapshot {
    let id = AccountId::new("123456789012").unwrap();
    Snapshot::new(
        Account {
            id,
            partition: Partition::new("aws").unwrap(),
            alias: None,
        },
        caller,
    )
}

pub(super) fn look_up_everybody(account: &mut Snapshot) {
    let users: Vec<UserName> = account
        .iter()
        .filter_map(|(address, _)| match address {
            Address::User(user) => Some(user.clone()),
            _ => None,
        })
        .collect();
    for user in users {
        account.mark_looked_up(Kind::LoginProfile, user.clone());
        account.mark_looked_up(Kind::Credential, user);
    }
}

/// Writes a plan's actions as `+`, `~`, `-` and addresses, in their order.
pub(super) fn lines(plan: &Plan) -> Vec<String> {
    let mark = |change: &model::Change| match change {
        model::Change::Create { .. } => '+',
        model::Change::Update { .. } => '~',
        model::Change::Delete { .. } => '-',
    };
    plan.actions
        .iter()
        .map(|action| format!("{} {}", mark(&action.change), action.address))
        .collect()
}

/// Returns the place of an action in a plan.
pub(super) fn place(plan: &Plan, line: &str) -> usize {
    lines(plan)
        .iter()
        .position(|other| other == line)
        .unwrap_or_else(|| panic!("no {line} in {:#?}", lines(plan)))
}

/// Returns the reasons for which an object's changes are withheld.
pub(super) fn reasons(plan: &Plan, text: &str) -> Vec<String> {
    plan.withheld
        .iter()
        .filter(|withheld| withheld.address == address(text))
        .map(|withheld| withheld.reason.to_string())
        .collect()
}
