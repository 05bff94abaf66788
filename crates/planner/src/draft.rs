//! What is to be done to each object, before it is put in order.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, Attachment, Body, Boundary, Change, Desired, Kind, ManagedPolicy, MfaDevice, Origin,
    Owner, PolicyRef, Reason, Reset, Snapshot, User, UserName, Wish,
};

use crate::diff;
use crate::dying::Dying;
use crate::rename::Renamed;

mod reset;

pub(crate) use reset::records;

/// Holds one change of one object that is to be made, or is withheld.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) address: Address,
    /// None where it isn't known what there is.
    pub(crate) change: Option<Change>,
    /// Whether the object is to be taken away, also where it isn't known whether it is there.
    pub(crate) removal: bool,
    /// Why it is withheld, if it is.
    pub(crate) withheld: Option<Reason>,
    pub(crate) origin: Option<Origin>,
    pub(crate) part_of: Option<Address>,
    /// Whose device it is or is to be, where it is a device.
    pub(crate) person: Option<UserName>,
    /// Whether a reset that is asked for does this, or has it said that it was done.
    pub(crate) reset: bool,
}

impl Draft {
    /// Tells whether the object is to be taken away, as far as that is known.
    pub(crate) fn is_delete(&self) -> bool {
        matches!(self.change, Some(Change::Delete { .. }))
    }

    /// Tells whether others must wait until this is there under its name: it is created, renamed, or unknown.
    pub(crate) fn brings(&self) -> bool {
        match &self.change {
            None | Some(Change::Create { .. }) => true,
            Some(Change::Update {
                after: Body::User(user),
                ..
            }) => user.renamed_from.is_some(),
            Some(Change::Update { .. } | Change::Delete { .. }) => false,
        }
    }
}

/// Compares what is declared with what is there.
pub(crate) fn drafts(desired: &Desired, renamed: &Renamed<'_>) -> Vec<Draft> {
    let live = renamed.snapshot.as_ref();
    let dying = Dying::find(desired, live);
    let drafter = Drafter {
        desired,
        live,
        renamed,
        names: folded_names(live),
        holders: device_holders(live),
        dying: &dying,
    };
    let mut drafts: Vec<Draft> = Vec::new();
    for (address, declared) in &desired.objects {
        if !desired.ignores(address) {
            let of_one = drafter.declared(address, &declared.wish);
            drafts.extend(of_one.into_iter().map(|draft| Draft {
                origin: Some(declared.origin.clone()),
                person: draft.person.clone().or_else(|| person(&declared.wish)),
                ..draft
            }));
        }
    }
    let undeclared = live
        .iter()
        .filter(|(address, _)| !desired.objects.contains_key(address));
    drafts.extend(undeclared.filter_map(|(address, body)| drafter.undeclared(address, body)));
    withhold_used_policies(&mut drafts, live);
    reset::withhold_without_successor(&mut drafts);
    drafts
}

struct Drafter<'a> {
    desired: &'a Desired,
    live: &'a Snapshot,
    renamed: &'a Renamed<'a>,
    names: BTreeMap<(Kind, String), &'a Address>,
    holders: BTreeSet<&'a UserName>,
    dying: &'a Dying,
}

impl Drafter<'_> {
    fn declared(&self, address: &Address, wish: &Wish) -> Vec<Draft> {
        let unknown = !self.knows(address);
        match (wish, self.live.get(address)) {
            _ if unknown => {
                let unread = withheld(address, None, Reason::Unread(address.kind()));
                vec![Draft {
                    removal: matches!(wish, Wish::Absent),
                    ..unread
                }]
            }
            (Wish::Absent, None) => Vec::new(),
            (Wish::Absent, Some(body)) => self.deleted(address, body).into_iter().collect(),
            (Wish::Present(body), None) => self.created(address, body).into_iter().collect(),
            (Wish::Present(body), Some(live)) => match self.reset(address, body, live) {
                Some(drafts) => drafts,
                None => self.updated(address, body, live),
            },
        }
    }

    /// A user that is known not to exist has no password either, looked up or not.
    fn knows(&self, address: &Address) -> bool {
        match address {
            Address::LoginProfile(user) | Address::Credential(user, _)
                if self.live.knows(&Address::User(user.clone()))
                    && !self.is_live(&Address::User(user.clone())) =>
            {
                true
            }
            _ => self.live.knows(address),
        }
    }

    fn is_declared(&self, address: &Address) -> bool {
        self.desired.objects.contains_key(address) && !self.desired.ignores(address)
    }

    fn is_live(&self, address: &Address) -> bool {
        self.live.get(address).is_some()
    }

    fn created(&self, address: &Address, declared: &Body) -> Option<Draft> {
        if self.has_a_device(address, declared) {
            return None;
        }
        let after = diff::created(&self.with_live_paths(declared));
        let change = Change::Create { after };
        match self.obstacle(address, declared) {
            Some(reason) => Some(withheld(address, Some(change), reason)),
            None => Some(ready(address, change)),
        }
    }

    /// `mfa: provisioned` is satisfied by any device that is enabled for the person, whatever its name.
    fn has_a_device(&self, address: &Address, declared: &Body) -> bool {
        match (address, declared) {
            (Address::MfaDevice(_), Body::MfaDevice(device)) => device
                .user
                .as_ref()
                .is_some_and(|user| self.holders.contains(user) && !self.is_due(user, Reset::Mfa)),
            _ => false,
        }
    }

    /// Says why an object can't be created, as far as that can be known before.
    fn obstacle(&self, address: &Address, declared: &Body) -> Option<Reason> {
        if let Address::User(user) = address
            && let Some(reason) = self.renamed.conflicts.get(user)
        {
            return Some(reason.clone());
        }
        if let Some(other) = folded(address).and_then(|key| self.names.get(&key)) {
            let sentence = format!("{other} exists, and IAM doesn't tell names apart by case");
            return Some(Reason::Conflict(sentence));
        }
        self.missing(address, declared)
    }

    fn missing(&self, address: &Address, declared: &Body) -> Option<Reason> {
        let needed = match (address, declared) {
            (Address::Attachment(..), Body::Attachment(Attachment { policy })) => {
                policy_address(policy)
            }
            (
                Address::User(_),
                Body::User(User {
                    boundary: Boundary::Policy(policy),
                    ..
                }),
            ) => policy_address(policy),
            (Address::MetricFilter(log_group, _), _) => Address::LogGroup(log_group.clone()),
            _ => return None,
        };
        if self.is_live(&needed) || self.is_declared(&needed) {
            return None;
        }
        Some(if self.live.knows(&needed) {
            Reason::Missing(needed)
        } else {
            Reason::Unread(needed.kind())
        })
    }

    fn updated(&self, address: &Address, declared: &Body, live: &Body) -> Vec<Draft> {
        let conflict = match address {
            Address::User(user) => self.renamed.conflicts.get(user),
            _ => None,
        };
        let declared = self.with_rename(address, &self.with_live_paths(declared));
        let updates = match conflict {
            Some(reason) => Err(reason.clone()),
            None => match self.leftover(address, &declared, live) {
                Some(update) => Ok(vec![update]),
                None => diff::updates(&declared, live),
            },
        };
        let missing = self.missing(address, &declared);
        match updates {
            Err(reason) => vec![withheld(address, None, reason)],
            Ok(updates) => {
                let mut before = live.clone();
                let steps = updates.into_iter().map(|diff::Update { after, fields }| {
                    let before = std::mem::replace(&mut before, diff::read_back(&after));
                    let recorded = diff::recorded(&fields);
                    let change = Change::Update {
                        before,
                        after,
                        fields,
                    };
                    match (address, recorded) {
                        (Address::User(user), Some(reset)) => Draft {
                            withheld: missing.clone().or_else(|| self.untold(user, reset)),
                            reset: true,
                            ..ready(address, change)
                        },
                        _ => Draft {
                            withheld: missing.clone(),
                            ..ready(address, change)
                        },
                    }
                });
                steps.collect()
            }
        }
    }

    /// A device that somebody began to set up, or an earlier run that was ended, is made anew: nobody may have its seed.
    fn leftover(&self, address: &Address, declared: &Body, live: &Body) -> Option<diff::Update> {
        match (declared, live) {
            (Body::MfaDevice(device), Body::MfaDevice(live))
                if live.user.is_none() && !self.has_a_device(address, declared) =>
            {
                Some(diff::made_anew(device, live))
            }
            _ => None,
        }
    }

    /// Leaves `renamed_from` only where the rename is still to be made.
    fn with_rename(&self, address: &Address, declared: &Body) -> Body {
        match (address, declared) {
            (Address::User(name), Body::User(user)) => Body::User(User {
                renamed_from: self.renamed.renames.get(name).cloned(),
                ..user.clone()
            }),
            (_, body) => body.clone(),
        }
    }

    /// A policy that exists keeps its path, so whatever refers to it must use that path.
    fn with_live_paths(&self, declared: &Body) -> Body {
        match declared {
            Body::Attachment(Attachment { policy }) => Body::Attachment(Attachment {
                policy: self.live_policy(policy),
            }),
            Body::User(User {
                path,
                tags,
                boundary: Boundary::Policy(policy),
                renamed_from,
            }) => Body::User(User {
                path: path.clone(),
                tags: tags.clone(),
                boundary: Boundary::Policy(self.live_policy(policy)),
                renamed_from: renamed_from.clone(),
            }),
            other => other.clone(),
        }
    }

    fn live_policy(&self, policy: &ManagedPolicy) -> ManagedPolicy {
        match (policy.owner, self.live.get(&policy_address(policy))) {
            (Owner::Account, Some(Body::Policy(live))) => ManagedPolicy {
                path: live.path.clone(),
                ..policy.clone()
            },
            _ => policy.clone(),
        }
    }

    fn undeclared(&self, address: &Address, body: &Body) -> Option<Draft> {
        if self.desired.ignores(address) {
            return None;
        }
        if let Body::MfaDevice(MfaDevice {
            user: Some(user), ..
        }) = body
            && self.is_due(user, Reset::Mfa)
        {
            return Some(self.reset_device(address, body, user));
        }
        let goes = self.dying.takes(address, body).is_some()
            || self.dying.contains(address)
            || self.is_stripped(address)
            || (self.desired.prunes(address, body) && is_prunable(body));
        if goes {
            self.deleted(address, body)
        } else {
            None
        }
    }

    /// Tells whether a declared user or group loses this, since nobody declared it and it is exclusive.
    fn is_stripped(&self, address: &Address) -> bool {
        let exclusive = |owner: &Address| {
            let declared = self.desired.objects.get(owner);
            declared.is_some_and(|declared| matches!(declared.wish, Wish::Present(_)))
                && !self.desired.inclusive.contains(owner)
        };
        match address {
            Address::Membership(..) | Address::Attachment(..) | Address::InlinePolicy(..) => {
                address.owners().iter().any(exclusive)
            }
            _ => false,
        }
    }

    fn deleted(&self, address: &Address, body: &Body) -> Option<Draft> {
        let part_of = self.dying.takes(address, body);
        if part_of.is_none() && is_kept(body) {
            return None;
        }
        let owner = part_of.clone().unwrap_or_else(|| address.clone());
        let change = Change::Delete {
            before: body.clone(),
        };
        let draft = match self.dying.obstacle(&owner) {
            Some(_) if owner != *address => {
                withheld(address, Some(change), Reason::WaitsFor(owner))
            }
            Some(reason) => withheld(address, Some(change), reason.clone()),
            None => ready(address, change),
        };
        let person = match &part_of {
            Some(Address::User(user)) => Some(user.clone()),
            _ => None,
        };
        Some(Draft {
            part_of,
            person,
            ..draft
        })
    }
}

/// Tells whether an undeclared object of a pruned kind may go: an enabled device stays with its person.
fn is_prunable(body: &Body) -> bool {
    !matches!(
        body,
        Body::MfaDevice(MfaDevice { user: Some(_), .. })
            | Body::LogGroup(_)
            | Body::PasswordPolicy(_)
            | Body::Role(_)
    )
}

/// Tells whether an object is never deleted but with its owner.
fn is_kept(body: &Body) -> bool {
    !is_prunable(body) || matches!(body, Body::Credential(_))
}

fn person(wish: &Wish) -> Option<UserName> {
    match wish {
        Wish::Present(Body::MfaDevice(device)) => device.user.clone(),
        Wish::Present(_) | Wish::Absent => None,
    }
}

fn ready(address: &Address, change: Change) -> Draft {
    draft(address, Some(change), None)
}

fn withheld(address: &Address, change: Option<Change>, reason: Reason) -> Draft {
    draft(address, change, Some(reason))
}

fn draft(address: &Address, change: Option<Change>, withheld: Option<Reason>) -> Draft {
    let removal = matches!(change, Some(Change::Delete { .. }));
    Draft {
        address: address.clone(),
        change,
        removal,
        withheld,
        origin: None,
        part_of: None,
        person: None,
        reset: false,
    }
}

/// Returns the address of a managed policy.
pub(crate) fn policy_address(policy: &ManagedPolicy) -> Address {
    Address::Policy(policy.reference())
}

/// A policy can't be deleted while something that stays is attached to it or bounded by it.
fn withhold_used_policies(drafts: &mut [Draft], live: &Snapshot) {
    let going: BTreeSet<&Address> = drafts
        .iter()
        .filter(|draft| draft.is_delete())
        .map(|draft| &draft.address)
        .collect();
    let unbounded: BTreeSet<&Address> = drafts
        .iter()
        .filter(|draft| is_unbounding(draft))
        .map(|draft| &draft.address)
        .collect();
    let mut users_of: BTreeMap<PolicyRef, Address> = BTreeMap::new();
    for (address, body) in live.iter() {
        let used = match (address, body) {
            (Address::Attachment(_, policy), _) if !going.contains(address) => policy.clone(),
            (
                Address::User(_),
                Body::User(User {
                    boundary: Boundary::Policy(policy),
                    ..
                }),
            ) if !going.contains(address) && !unbounded.contains(address) => policy.reference(),
            (Address::Role(_), Body::Role(role)) => match &role.boundary {
                Some(policy) => policy.reference(),
                None => continue,
            },
            _ => continue,
        };
        users_of.entry(used).or_insert_with(|| address.clone());
    }
    let declared: Vec<(PolicyRef, Address)> = drafts
        .iter()
        .filter_map(|draft| Some((attaches(draft)?, draft.address.clone())))
        .collect();
    users_of.extend(declared);
    for draft in drafts
        .iter_mut()
        .filter(|draft| draft.is_delete() && draft.withheld.is_none())
    {
        if let Address::Policy(policy) = &draft.address
            && let Some(user) = users_of.get(policy)
        {
            draft.withheld = Some(Reason::UsedBy(user.clone()));
        }
    }
}

fn is_unbounding(draft: &Draft) -> bool {
    match &draft.change {
        Some(Change::Update {
            before: Body::User(before),
            after: Body::User(after),
            ..
        }) => before.boundary != after.boundary,
        _ => false,
    }
}

fn attaches(draft: &Draft) -> Option<PolicyRef> {
    match &draft.change {
        Some(Change::Create {
            after: Body::Attachment(attachment),
        }) => Some(attachment.policy.reference()),
        Some(
            Change::Create {
                after: Body::User(user),
            }
            | Change::Update {
                after: Body::User(user),
                ..
            },
        ) => Some(user.boundary.policy()?.reference()),
        _ => None,
    }
}

/// Returns what IAM compares names of a kind by, where it does so without regard to case.
fn folded(address: &Address) -> Option<(Kind, String)> {
    let name = match address {
        Address::User(name) => name.folded(),
        Address::Group(name) => name.folded(),
        Address::Policy(PolicyRef::Local(name)) => name.folded(),
        _ => return None,
    };
    Some((address.kind(), name))
}

fn folded_names(live: &Snapshot) -> BTreeMap<(Kind, String), &Address> {
    live.iter()
        .filter_map(|(address, _)| Some((folded(address)?, address)))
        .collect()
}

fn device_holders(live: &Snapshot) -> BTreeSet<&UserName> {
    live.iter()
        .filter_map(|(_, body)| match body {
            Body::MfaDevice(device) => device.user.as_ref(),
            _ => None,
        })
        .collect()
}
