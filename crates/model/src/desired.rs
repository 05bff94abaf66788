//! What the spec asks for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use policy::Document;
use serde::{Deserialize, Serialize};

use crate::{
    Account, AccountId, Address, AddressPattern, Body, DeviceType, FindingCode, Kind, Lock,
    LogGroupName, MfaType, Partition, Path, PolicyRef, Principal, Region, RequiredMfa, Session,
    UserName,
};

/// Holds what a spec asks for, checked and with its references resolved.
#[derive(Debug, Clone)]
pub struct Desired {
    /// The only account that may be touched.
    pub account: AccountId,
    /// The region of CloudWatch and Logs.
    pub region: Region,
    /// What an apply holds while it runs, so that no other one does.
    pub lock: Option<Lock>,
    /// What is deleted when it isn't declared.
    pub prune: Vec<Prune>,
    /// What is never touched.
    pub ignore: Vec<AddressPattern>,
    /// The limits that a plan must keep.
    pub safety: Safety,
    /// The declared objects.
    pub objects: BTreeMap<Address, Declared>,
    /// Declared users and groups that keep what nobody declared of them (`exclusive: false`).
    pub inclusive: BTreeSet<Address>,
    /// Log groups that must exist, since the spec uses them and doesn't create them.
    pub required_log_groups: BTreeMap<LogGroupName, Origin>,
    /// The log group that CloudTrail's events are expected in (`monitoring.log_group`).
    pub log_group: Option<LogGroupName>,
    /// The users who need MFA.
    pub needs_mfa: BTreeMap<UserName, RequiredMfa>,
    /// The sort of device that users, or the declared members of groups, must have.
    pub required_types: BTreeMap<Principal, MfaType>,
    /// The last day of users and memberships that end by themselves.
    pub expires: BTreeMap<Address, Date>,
    /// The day in UTC that this is asked for; none where nothing expires. See [`Desired::as_of`].
    pub as_of: Option<Date>,
    /// What is asserted of access on every plan.
    pub checks: Vec<Check>,
    /// Where each statement of a declared document was written; nothing for a preset's.
    pub statements: BTreeMap<Address, Vec<Origin>>,
    /// Whether people may list the account's users without MFA, as older pages of the console do.
    pub lists_users: bool,
}

/// Holds one declared object and where it was declared.
#[derive(Debug, Clone)]
pub struct Declared {
    /// What is asked for.
    pub wish: Wish,
    /// Where.
    pub origin: Origin,
}

/// Tells what a spec asks for of one object.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "nearly every wish is for a body")]
pub enum Wish {
    /// That it exists, like this.
    Present(Body),
    /// That it doesn't exist (`console: false`, or it has expired).
    Absent,
}

/// Points to a place in a spec.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Origin {
    /// The file as it was named on the command line, or found in the folder that was.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Says which undeclared objects of a kind are deleted.
#[derive(Debug, Clone)]
pub struct Prune {
    /// The kind.
    pub kind: Kind,
    /// Matched with path and name (`/people/alice`), or with the name where the kind has no path.
    pub pattern: AddressPattern,
}

/// Holds the limits that a plan must keep.
#[derive(Debug, Clone, Default)]
pub struct Safety {
    /// What is never deleted and never stripped.
    pub protected: Vec<AddressPattern>,
    /// How many people may be deleted or lose a right in one apply.
    pub max_people_removed: Option<Limit>,
    /// Who must keep control of the account.
    pub break_glass: Vec<Principal>,
    /// The findings that are meant.
    pub accept: Vec<Acceptance>,
    /// The service control policies of each level of the organization, as far as they are known.
    pub service_control_policies: Vec<Vec<ServiceControlPolicy>>,
}

/// Holds a policy of the organization that limits the account.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceControlPolicy {
    /// What it says.
    pub document: Document,
    /// Where each of its statements was written.
    pub statements: Vec<Origin>,
}

/// Says that a finding is meant, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Acceptance {
    /// The finding.
    pub finding: FindingCode,
    /// The objects on which it is meant.
    pub on: AddressPattern,
    /// Why.
    pub reason: String,
    /// The last day on which it is; none is for ever.
    pub until: Option<Date>,
    /// Where the spec says so.
    pub origin: Origin,
}

/// Asserts what somebody can do.
#[derive(Debug, Clone)]
pub struct Check {
    /// Who.
    pub principal: Principal,
    /// How they are signed in.
    pub session: Session,
    /// The requests whose every action they must be able to do on some resource.
    pub allow: Option<Document>,
    /// The requests whose every action they must be able to do on no resource.
    pub deny: Option<Document>,
    /// Where the spec says so.
    pub origin: Origin,
}

/// Limits a number of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// So many.
    Count(u32),
    /// So many of a hundred of the account's users, rounded down.
    Percent(u8),
}

impl Limit {
    /// Returns how many of a number of people the limit allows.
    pub fn of(self, people: usize) -> usize {
        match self {
            Self::Count(count) => count as usize,
            Self::Percent(percent) => people * usize::from(percent) / 100,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl Desired {
    /// Returns the account that the spec is for, as far as the spec tells: not its alias.
    #[expect(clippy::expect_used, reason = "a test makes all of the partitions")]
    pub fn declared_account(&self) -> Account {
        let partition = Partition::new(self.region.partition());
        Account {
            id: self.account.clone(),
            partition: partition.expect("a region's partition should be one"),
            alias: None,
        }
    }

    /// Returns a spec that asks for nothing.
    pub fn new(account: AccountId, region: Region) -> Self {
        Self {
            account,
            region,
            lock: None,
            prune: Vec::new(),
            ignore: Vec::new(),
            safety: Safety::default(),
            objects: BTreeMap::new(),
            inclusive: BTreeSet::new(),
            required_log_groups: BTreeMap::new(),
            log_group: None,
            needs_mfa: BTreeMap::new(),
            required_types: BTreeMap::new(),
            expires: BTreeMap::new(),
            as_of: None,
            checks: Vec::new(),
            statements: BTreeMap::new(),
            lists_users: false,
        }
    }

    /// Tells whether an object is never touched: it, or one that it is part of, is ignored.
    pub fn ignores(&self, address: &Address) -> bool {
        covers(&self.ignore, address)
    }

    /// Tells whether an object, or one that it is part of, is never deleted and never stripped.
    pub fn protects(&self, address: &Address) -> bool {
        covers(&self.safety.protected, address)
    }

    /// Tells whether a live object that nobody declared is to be deleted. Roles and AWS's own policies never are.
    pub fn prunes(&self, address: &Address, body: &Body) -> bool {
        let pattern_matches = |prune: &Prune| match path(body) {
            Some(path) => prune.pattern.matches(&format!("{path}{}", address.name())),
            None => prune.pattern.matches(&address.name()),
        };
        let observed_only = matches!(
            address,
            Address::Role(_) | Address::Policy(PolicyRef::Aws { .. })
        );
        !observed_only
            && !self.objects.contains_key(address)
            && !self.ignores(address)
            && self
                .prune
                .iter()
                .any(|prune| prune.kind == address.kind() && pattern_matches(prune))
    }

    /// Turns the spec into one that wants nothing of what it declares, but for what is never deleted: log
    /// groups and the password policy.
    pub fn destroyed(mut self) -> Self {
        self.objects
            .retain(|address, _| !matches!(address.kind(), Kind::LogGroup | Kind::PasswordPolicy));
        for declared in self.objects.values_mut() {
            declared.wish = Wish::Absent;
        }
        self.required_log_groups.clear();
        self.needs_mfa.clear();
        self.expires.clear();
        self.checks.clear();
        self
    }

    /// Returns the name that a user had, or still has where the rename is to come.
    pub fn former_name(&self, user: &UserName) -> Option<&UserName> {
        match &self.objects.get(&Address::User(user.clone()))?.wish {
            Wish::Present(Body::User(user)) => user.renamed_from.as_ref(),
            Wish::Present(_) | Wish::Absent => None,
        }
    }
}

fn covers(patterns: &[AddressPattern], address: &Address) -> bool {
    let matches = |address: &Address| {
        let text = address.to_string();
        patterns.iter().any(|pattern| pattern.matches(&text))
    };
    !patterns.is_empty() && (matches(address) || address.owners().iter().any(matches))
}

fn path(body: &Body) -> Option<&Path> {
    match body {
        Body::User(user) => Some(&user.path),
        Body::Group(group) => Some(&group.path),
        Body::Policy(policy) => Some(&policy.path),
        Body::Role(role) => Some(&role.path),
        Body::MfaDevice(device) => match &device.device {
            DeviceType::Virtual { path } => Some(path),
            DeviceType::Hardware { .. } | DeviceType::Fido { .. } => None,
        },
        Body::LoginProfile(_)
        | Body::Credential(_)
        | Body::Membership
        | Body::Attachment(_)
        | Body::InlinePolicy(_)
        | Body::PasswordPolicy(_)
        | Body::LogGroup(_)
        | Body::MetricFilter(_)
        | Body::Alarm(_)
        | Body::Dashboard(_) => None,
    }
}
