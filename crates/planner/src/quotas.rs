//! Quotas of IAM, counted before the first call: what would fail half-way is refused at once.
//!
//! The numbers are from the IAM guide, "IAM and AWS STS quotas". An account's own, where they were raised, aren't read, so
//! that what a raised quota could allow is a warning only.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Action, ActionId, Address, Body, DeviceType, Finding, FindingCode, Kind, Level, PolicyRef,
    Principal, Snapshot, UserName,
};

/// Names what is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Quota<'a> {
    Users,
    Groups,
    Policies,
    VirtualDevices,
    GroupsOf(&'a UserName),
    AttachedTo(&'a Principal),
    /// Characters without white space.
    InlineOf(&'a Principal),
}

/// Says how many there can be: of every account, and where the quota was raised as far as it can be.
#[derive(Debug, Clone, Copy)]
struct Limits {
    usual: usize,
    most: usize,
}

/// Holds what a plan does to what is counted together.
#[derive(Debug, Default)]
struct Use {
    before: usize,
    added: Vec<(ActionId, usize)>,
    removed: BTreeMap<ActionId, usize>,
}

/// The most characters, without white space, of a managed policy.
pub(crate) const MANAGED_POLICY: usize = 6_144;

/// Returns the most characters, without white space, of all inline policies of a principal together.
pub(crate) fn inline_policies(principal: &Principal) -> usize {
    match principal {
        Principal::User(_) => 2_048,
        Principal::Group(_) => 5_120,
        Principal::Role(_) => 10_240,
    }
}

/// Finds the quotas that a plan would exceed, in the end or on the way.
pub(crate) fn quotas(live: &Snapshot, actions: &[Action]) -> Vec<Finding> {
    let mut uses = changed(actions);
    for (address, body) in live.iter() {
        if let Some(quota) = quota(address, body)
            && let Some(used) = uses.get_mut(&quota)
        {
            used.before += size(body);
        }
    }
    let is_known = |quota: &Quota<'_>| !live.unread().contains_key(&quota.kind());
    uses.iter()
        .filter(|(quota, _)| is_known(quota))
        .filter_map(|(quota, used)| exceeded(*quota, used, actions))
        .collect()
}

/// Collects what is added to each quota and taken from it, where anything is added.
fn changed(actions: &[Action]) -> BTreeMap<Quota<'_>, Use> {
    let mut uses: BTreeMap<Quota<'_>, Use> = BTreeMap::new();
    for action in actions {
        let (before, after) = (action.change.before(), action.change.after());
        let Some(quota) = before
            .or(after)
            .and_then(|body| quota(&action.address, body))
        else {
            continue;
        };
        let (before, after) = (before.map_or(0, size), after.map_or(0, size));
        let used = uses.entry(quota).or_default();
        if after > before {
            used.added.push((action.id, after - before));
        } else if before > after {
            used.removed.insert(action.id, before - after);
        }
    }
    uses.retain(|_, used| !used.added.is_empty());
    uses
}

fn quota<'a>(address: &'a Address, body: &Body) -> Option<Quota<'a>> {
    Some(match (address, body) {
        (Address::User(_), _) => Quota::Users,
        (Address::Group(_), _) => Quota::Groups,
        (Address::Policy(PolicyRef::Local(_)), _) => Quota::Policies,
        (Address::MfaDevice(_), Body::MfaDevice(device)) => match device.device {
            DeviceType::Virtual { .. } => Quota::VirtualDevices,
            DeviceType::Hardware { .. } | DeviceType::Fido { .. } => return None,
        },
        (Address::Membership(_, user), _) => Quota::GroupsOf(user),
        (Address::Attachment(principal, _), _) => Quota::AttachedTo(principal),
        (Address::InlinePolicy(principal, _), _) => Quota::InlineOf(principal),
        _ => return None,
    })
}

/// Returns how much of its quota an object takes.
fn size(body: &Body) -> usize {
    match body {
        Body::InlinePolicy(inline) => inline.document.size(),
        _ => 1,
    }
}

impl Use {
    fn after(&self) -> usize {
        let added: usize = self.added.iter().map(|(_, size)| size).sum();
        let removed: usize = self.removed.values().sum();
        (self.before + added).saturating_sub(removed)
    }

    /// Returns the most that there can be on the way: when one addition is made, those before it in the order may have been
    /// made as well, and of what is removed only what it waits for is surely gone.
    fn most(&self, actions: &[Action]) -> usize {
        let mut added = 0;
        let counts = self.added.iter().map(|(id, size)| {
            added += size;
            let gone = earlier(*id, actions);
            let removed = self.removed.iter().filter(|(id, _)| gone.contains(id));
            let removed: usize = removed.map(|(_, size)| size).sum();
            (self.before + added).saturating_sub(removed)
        });
        counts.max().unwrap_or(0)
    }
}

/// Returns all that an action waits for, also by way of others.
fn earlier(id: ActionId, actions: &[Action]) -> BTreeSet<ActionId> {
    let mut found = BTreeSet::new();
    let mut left = vec![id];
    while let Some(id) = left.pop() {
        let after = actions
            .get(id.0)
            .into_iter()
            .flat_map(|action| action.after.keys());
        left.extend(after.filter(|earlier| found.insert(**earlier)));
    }
    found
}

fn exceeded(quota: Quota<'_>, used: &Use, actions: &[Action]) -> Option<Finding> {
    let Limits { usual, most } = quota.limits();
    let added: usize = used.added.iter().map(|(_, size)| size).sum();
    if used.before + added <= usual {
        return None;
    }
    let (after, meanwhile) = (used.after(), used.most(actions));
    // What was too many already isn't made worse by having less of it.
    let after = if after > used.before { after } else { 0 };
    let worst = after.max(meanwhile);
    if worst <= usual {
        return None;
    }
    let (level, limit) = if worst > most {
        (Level::Refusal, most)
    } else {
        (Level::Warning, usual)
    };
    let unless = match level {
        Level::Refusal => "",
        _ => " unless the quota was raised",
    };
    let is_meanwhile = after <= limit;
    let when = if is_meanwhile { " meanwhile" } else { "" };
    let hint = if is_meanwhile {
        "what is new comes first, so that nobody loses a right in between; remove some in an apply of its own before"
    } else {
        quota.hint()
    };
    Some(Finding {
        level,
        code: FindingCode::Quota,
        address: quota.address(),
        message: format!(
            "{}{when}, and IAM allows {limit}{unless}",
            quota.would(worst)
        ),
        because: Vec::new(),
        hint: Some(hint.to_owned()),
        suggestion: None,
    })
}

impl Quota<'_> {
    fn limits(self) -> Limits {
        let (usual, most) = match self {
            Self::Users | Self::VirtualDevices => (5_000, 5_000),
            Self::Groups => (300, 500),
            Self::Policies => (1_500, 10_000),
            Self::GroupsOf(_) | Self::AttachedTo(Principal::Group(_)) => (10, 10),
            Self::AttachedTo(Principal::User(_)) => (10, 20),
            Self::AttachedTo(Principal::Role(_)) => (20, 25),
            Self::InlineOf(principal) => (inline_policies(principal), inline_policies(principal)),
        };
        Limits { usual, most }
    }

    /// Returns the kind of what is counted.
    fn kind(self) -> Kind {
        match self {
            Self::Users => Kind::User,
            Self::Groups => Kind::Group,
            Self::Policies => Kind::Policy,
            Self::VirtualDevices => Kind::MfaDevice,
            Self::GroupsOf(_) => Kind::Membership,
            Self::AttachedTo(_) => Kind::Attachment,
            Self::InlineOf(_) => Kind::InlinePolicy,
        }
    }

    fn address(self) -> Option<Address> {
        match self {
            Self::Users | Self::Groups | Self::Policies | Self::VirtualDevices => None,
            Self::GroupsOf(user) => Some(Address::User(user.clone())),
            Self::AttachedTo(principal) | Self::InlineOf(principal) => Some(principal.address()),
        }
    }

    /// Says how many there would be.
    fn would(self, count: usize) -> String {
        match self {
            Self::Users => format!("the account would have {count} users"),
            Self::Groups => format!("the account would have {count} groups"),
            Self::Policies => format!("the account would have {count} policies of its own"),
            Self::VirtualDevices => format!("the account would have {count} virtual MFA devices"),
            Self::GroupsOf(_) => format!("would be in {count} groups"),
            Self::AttachedTo(_) => format!("would have {count} policies attached"),
            Self::InlineOf(_) => format!("would have {count} characters of inline policies"),
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Users => {
                "let people of another account, or of an identity provider, assume roles"
            }
            Self::Groups | Self::Policies => {
                "remove some, or have the quota raised in Service Quotas"
            }
            Self::VirtualDevices => "delete devices that nobody uses",
            Self::GroupsOf(_) => "join groups that allow the same, or leave some",
            Self::AttachedTo(_) => "join policies into one, or attach some to a group",
            Self::InlineOf(_) => "make them managed policies, which may have 6,144 characters each",
        }
    }
}
