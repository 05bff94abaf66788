//! Operations of AWS, and what a spec needs them for.

use std::collections::BTreeSet;

use crate::{Account, Address, Body, Boundary, Declared, Desired, Kind, Owner, Reset, Wish};

/// Holds an operation of AWS that mfactl calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// The permission that it needs, as IAM policies name it: `iam:CreateUser`.
    pub action: &'static str,
    /// What that permission is about.
    pub on: ResourceType,
    /// What it is called for: any of these.
    pub uses: &'static [Use],
}

/// Names something that operations are called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Use {
    /// Every run.
    Account,
    /// Reading objects of a kind.
    Read(Kind),
    /// Reading a policy of AWS that is to be used.
    AwsPolicy,
    /// Creating objects of a kind and changing them in place.
    Write(Kind),
    /// Giving users permissions boundaries and lifting them.
    Bound,
    /// Reading and setting tags of objects of a kind.
    Tag(Kind),
    /// Deleting objects of a kind.
    Delete(Kind),
    /// Looking at the devices of those who must have MFA.
    RequiredMfa,
    /// Giving users another password, or taking their MFA devices, on request.
    Reset(Reset),
    /// Asking AWS's policy simulator.
    Simulate,
    /// Keeping other applies away.
    Lock,
    /// Removing the lock of an apply that is dead.
    Unlock,
    /// Asking CloudTrail who made a change.
    Trail,
    /// Reading who can sign in and with what.
    Credentials,
    /// Looking for sign-ins in CloudTrail's log group.
    Logins,
    /// Giving a user an MFA device beside any spec.
    Enrol,
}

/// Names a type of resources in policies, by the ARN that they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is named after its resources")]
pub enum ResourceType {
    /// The whole account: such operations can't be limited to resources.
    Account,
    User,
    Group,
    Policy,
    AwsPolicy,
    MfaDevice,
    LogGroup,
    Alarm,
    Dashboard,
    /// The object that is the spec's lock.
    Lock,
}

impl ResourceType {
    /// Lists every type.
    pub const ALL: &[Self] = &[
        Self::Account,
        Self::User,
        Self::Group,
        Self::Policy,
        Self::AwsPolicy,
        Self::MfaDevice,
        Self::LogGroup,
        Self::Alarm,
        Self::Dashboard,
        Self::Lock,
    ];

    /// Returns the type's name in the plural where there can be several, as an identifier of a statement.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Account => "Account",
            Self::User => "Users",
            Self::Group => "Groups",
            Self::Policy => "Policies",
            Self::AwsPolicy => "AwsPolicies",
            Self::MfaDevice => "MfaDevices",
            Self::LogGroup => "LogGroups",
            Self::Alarm => "Alarms",
            Self::Dashboard => "Dashboards",
            Self::Lock => "Lock",
        }
    }

    /// Returns a pattern for the ARNs of an account's resources that a spec is about ("Resource types" in the Service Authorization
    /// Reference).
    pub fn pattern(self, account: &Account, desired: &Desired) -> String {
        let Account {
            id,
            partition,
            alias: _,
        } = account;
        let region = &desired.region;
        let iam = |kind: &str| format!("arn:{partition}:iam::{id}:{kind}/*");
        match self {
            Self::Account => "*".to_owned(),
            Self::User => iam("user"),
            Self::Group => iam("group"),
            Self::Policy => iam("policy"),
            Self::AwsPolicy => format!("arn:{partition}:iam::aws:policy/*"),
            Self::MfaDevice => iam("mfa"),
            Self::LogGroup => format!("arn:{partition}:logs:{region}:{id}:log-group:*"),
            Self::Alarm => format!("arn:{partition}:cloudwatch:{region}:{id}:alarm:*"),
            Self::Dashboard => format!("arn:{partition}:cloudwatch::{id}:dashboard/*"),
            Self::Lock => match &desired.lock {
                Some(lock) => format!("arn:{partition}:s3:::{}", lock.object),
                // No bucket has that name.
                None => format!("arn:{partition}:s3:::-/-"),
            },
        }
    }
}

impl Use {
    /// Returns all that a plan of some spec can need, but for its lock: nobody needs the objects of all buckets.
    pub fn all() -> BTreeSet<Self> {
        let of_kind = |kind: &Kind| {
            [
                Self::Read(*kind),
                Self::Write(*kind),
                Self::Tag(*kind),
                Self::Delete(*kind),
            ]
        };
        let kinds = Kind::ALL.iter().flat_map(of_kind);
        kinds
            .chain([
                Self::Account,
                Self::AwsPolicy,
                Self::Bound,
                Self::RequiredMfa,
            ])
            .chain(Reset::ALL.map(Self::Reset))
            .collect()
    }

    /// Returns all that removing what some spec declares can need.
    pub fn all_of_destroy() -> BTreeSet<Self> {
        let goes = |kind: &&Kind| !matches!(kind, Kind::LogGroup | Kind::PasswordPolicy);
        let kinds = Kind::ALL.iter().filter(goes);
        kinds
            .flat_map(|kind| [Self::Read(*kind), Self::Delete(*kind)])
            .chain([Self::Account])
            .collect()
    }
}

impl Desired {
    /// Returns what plans of the spec can need, whatever the account has.
    pub fn uses(&self) -> BTreeSet<Use> {
        let mut uses = BTreeSet::from([Use::Account]);
        for (address, declared) in &self.objects {
            if !self.ignores(address) {
                self.add_uses(address, declared, &mut uses);
            }
        }
        for prune in &self.prune {
            uses.extend([Use::Read(prune.kind), Use::Delete(prune.kind)]);
        }
        let needs_mfa = self.needs_mfa.keys();
        if needs_mfa
            .cloned()
            .map(Address::User)
            .any(|user| !self.ignores(&user))
        {
            uses.insert(Use::RequiredMfa);
        }
        if self.lock.is_some() {
            uses.insert(Use::Lock);
        }
        if !self.required_log_groups.is_empty() {
            uses.insert(Use::Read(Kind::LogGroup));
        }
        uses
    }

    fn add_uses(&self, address: &Address, declared: &Declared, uses: &mut BTreeSet<Use>) {
        let kind = address.kind();
        uses.insert(Use::Read(kind));
        let Wish::Present(body) = &declared.wish else {
            uses.insert(Use::Delete(kind));
            return;
        };
        uses.insert(Use::Write(kind));
        if body.tags().is_some_and(|tags| !tags.is_empty()) {
            uses.insert(Use::Tag(kind));
        }
        if let Body::User(user) = body {
            if user.boundary != Boundary::Undeclared {
                uses.insert(Use::Bound);
            }
            let asked = |reset: &Reset| user.tags.get(reset.tag()).is_some();
            for reset in Reset::ALL.into_iter().filter(asked) {
                uses.insert(Use::Reset(reset));
                if reset == Reset::Mfa {
                    uses.insert(Use::Read(Kind::MfaDevice));
                }
            }
        }
        if uses_aws_policy(body) {
            uses.insert(Use::AwsPolicy);
        }
        // What nobody declared of them is removed.
        let is_exclusive = matches!(address, Address::User(_) | Address::Group(_))
            && !self.inclusive.contains(address);
        if is_exclusive {
            let parts = [Kind::Membership, Kind::Attachment, Kind::InlinePolicy];
            uses.extend(parts.map(Use::Delete));
        }
    }
}

fn uses_aws_policy(body: &Body) -> bool {
    let policy = match body {
        Body::Attachment(attachment) => Some(&attachment.policy),
        Body::User(user) => user.boundary.policy(),
        _ => None,
    };
    policy.is_some_and(|policy| policy.owner == Owner::Aws)
}
