//! Why a plan must not be applied: protected objects, the caller itself, and too many people at once.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, Body, Caller, Change, Desired, Finding, FindingCode, GroupName, Level, ManagedPolicy,
    Principal, RoleName, Snapshot, UserName,
};
use policy::Document;

use crate::draft::Draft;
use crate::holders::{Effects, Held, State};

/// Tells which limits on people hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limits {
    /// `max_people_removed`, and never everybody.
    People,
    /// None: everything is to go.
    None,
}

/// Lists why the plan must not be applied.
pub(crate) fn refusals(
    desired: &Desired,
    snapshot: &Snapshot,
    drafts: &[Draft],
    before: &State<'_>,
    after: &State<'_>,
    limits: Limits,
) -> Vec<Finding> {
    let done: Vec<&Draft> = drafts
        .iter()
        .filter(|draft| draft.withheld.is_none())
        .collect();
    let mut refusals = protected(desired, &done);
    refusals.extend(caller(&snapshot.caller, &done, before));
    if limits == Limits::People {
        refusals.extend(people(desired, snapshot, &done, before, after));
    }
    refusals
}

fn refusal(code: FindingCode, address: Option<&Address>, message: String, hint: &str) -> Finding {
    Finding {
        level: Level::Refusal,
        code,
        address: address.cloned(),
        message,
        because: Vec::new(),
        hint: Some(hint.to_owned()),
        suggestion: None,
    }
}

fn protected(desired: &Desired, done: &[&Draft]) -> Vec<Finding> {
    let hint = "declare it as it is, add it to `ignore`, or take it out of `safety.protected`";
    let stripped = done
        .iter()
        .filter(|draft| draft.is_delete() && desired.protects(&draft.address));
    stripped
        .map(|draft| {
            let message = "is protected and would be deleted".to_owned();
            refusal(FindingCode::Protected, Some(&draft.address), message, hint)
        })
        .collect()
}

/// The caller's own user or role, and what gives it its rights, is never taken away.
fn caller(caller: &Caller, done: &[&Draft], before: &State<'_>) -> Vec<Finding> {
    let own: Box<dyn Fn(&Address) -> bool + '_> = match caller {
        Caller::User(user) => Box::new(|address| belongs_to_user(address, user, before)),
        Caller::Role(role) => Box::new(|address| belongs_to_role(address, role)),
        Caller::Root | Caller::Other(_) => return Vec::new(),
    };
    let taken = done
        .iter()
        .filter(|draft| draft.is_delete() && own(&draft.address));
    taken
        .map(|draft| {
            let message =
                format!("gives {caller} its access, which runs this, and would be deleted");
            refusal(
                FindingCode::Caller,
                Some(&draft.address),
                message,
                "let somebody else apply this change",
            )
        })
        .collect()
}

fn belongs_to_user(address: &Address, user: &UserName, before: &State<'_>) -> bool {
    let is_member = |group: &GroupName| {
        before
            .groups
            .get(user)
            .is_some_and(|groups| groups.contains(group))
    };
    match address {
        Address::User(owner)
        | Address::LoginProfile(owner)
        | Address::Credential(owner, _)
        | Address::Membership(_, owner) => owner == user,
        Address::Attachment(Principal::User(owner), _)
        | Address::InlinePolicy(Principal::User(owner), _) => owner == user,
        Address::Attachment(Principal::Group(group), _)
        | Address::InlinePolicy(Principal::Group(group), _)
        | Address::Group(group) => is_member(group),
        _ => false,
    }
}

fn belongs_to_role(address: &Address, role: &RoleName) -> bool {
    match address {
        Address::Attachment(Principal::Role(owner), _)
        | Address::InlinePolicy(Principal::Role(owner), _) => owner == role,
        _ => false,
    }
}

fn people(
    desired: &Desired,
    live: &Snapshot,
    done: &[&Draft],
    before: &State<'_>,
    after: &State<'_>,
) -> Vec<Finding> {
    let mut refusals = Vec::new();
    let everybody = before.users.len();
    let losing = losing(done, before, after).len();
    if let Some(limit) = desired.safety.max_people_removed
        && losing > limit.of(everybody)
    {
        let message = format!(
            "{losing} of {everybody} people would be deleted or lose a right, and max_people_removed is {limit}"
        );
        let hint =
            "split the change, or raise `safety.max_people_removed` in the same pull request";
        refusals.push(refusal(FindingCode::TooManyPeople, None, message, hint));
    }
    if let Some(people) = cut_off(live, done, before, after) {
        let message = format!(
            "every person who has access to the account ({people}) would be deleted or left without"
        );
        let hint =
            "keep somebody who can get in; to remove everything on purpose, use `mfactl destroy`";
        refusals.push(refusal(FindingCode::Everybody, None, message, hint));
    }
    refusals
}

/// People who are deleted, lose their password, or lose something that allows while nothing that they have afterwards
/// certainly allows the same: who goes from one group to a like one isn't removed.
///
/// A boundary that somebody gets counts where it may take something away. A document that only changes doesn't count unless
/// nothing in it allows any more: whether its new form allows less is for a proof to say.
fn losing<'a>(
    done: &[&'a Draft],
    before: &'a State<'a>,
    after: &State<'_>,
) -> BTreeSet<&'a UserName> {
    let mut losing = removed(done);
    let mut covers = Covers::default();
    for user in stripped(done, before) {
        let left = after.policies_of(user);
        let had = before.policies_of(user);
        if had.iter().any(|held| covers.loses(held, &left)) {
            losing.insert(user);
        }
    }
    for (user, boundary) in newly_bounded(done) {
        let boundary = Held {
            policy: None,
            document: after.document(&boundary.reference()),
        };
        let was = before.boundary_of(user).map(|policy| Held {
            policy: None,
            document: before.document(policy),
        });
        let had = before.policies_of(user);
        if was
            .iter()
            .chain(&had)
            .any(|held| covers.loses(held, &[boundary]))
        {
            losing.insert(user);
        }
    }
    // Only people who are there: a name that is gone from the account already can't lose anything.
    losing.retain(|user| before.users.contains(*user));
    losing
}

/// People who get a boundary, or another.
fn newly_bounded<'a>(
    done: &[&'a Draft],
) -> impl Iterator<Item = (&'a UserName, &'a ManagedPolicy)> {
    done.iter().filter_map(|draft| {
        let change = draft.change.as_ref()?;
        match (&draft.address, change.before()?, change.after()?) {
            (Address::User(user), Body::User(before), Body::User(after)) => {
                let policy = after.boundary.policy()?;
                (before.boundary.policy() != Some(policy)).then_some((user, policy))
            }
            _ => None,
        }
    })
}

/// People who are deleted or lose their password.
fn removed<'a>(done: &[&'a Draft]) -> BTreeSet<&'a UserName> {
    let deleted = done.iter().filter(|draft| draft.is_delete());
    deleted
        .filter_map(|draft| match &draft.address {
            Address::User(user) | Address::LoginProfile(user) => Some(user),
            _ => None,
        })
        .collect()
}

/// People from whom something that allows is taken.
fn stripped<'a>(done: &[&'a Draft], before: &'a State<'a>) -> BTreeSet<&'a UserName> {
    let mut stripped = BTreeSet::new();
    for draft in done {
        match (&draft.address, &draft.change) {
            (Address::Membership(group, user), Some(Change::Delete { .. }))
                if before.group(group).allow =>
            {
                stripped.insert(user);
            }
            (Address::Attachment(principal, policy), Some(Change::Delete { .. }))
                if before.policy(policy).allow =>
            {
                stripped.extend(before.people(principal));
            }
            (Address::InlinePolicy(principal, _), Some(change)) if stops_allowing(change) => {
                stripped.extend(before.people(principal));
            }
            (Address::Policy(policy), Some(change @ Change::Update { .. }))
                if stops_allowing(change) =>
            {
                stripped.extend(before.people_of_policy(policy));
            }
            _ => {}
        }
    }
    stripped
}

/// Remembers which documents certainly allow what others do, since many people have the same.
#[derive(Default)]
struct Covers(BTreeMap<(*const Document, *const Document), bool>);

impl Covers {
    /// Tells whether what a policy allows may be lost with it, by who has these left.
    fn loses(&mut self, had: &Held<'_>, left: &[Held<'_>]) -> bool {
        let is_kept = |left: &Held<'_>| {
            let is_same = had.policy.is_some() && had.policy == left.policy;
            (is_same && left.allows()) || self.covers(left, had)
        };
        had.allows() && !left.iter().any(is_kept)
    }

    fn covers(&mut self, wide: &Held<'_>, narrow: &Held<'_>) -> bool {
        let (Some(wide), Some(narrow)) = (wide.document, narrow.document) else {
            return false;
        };
        *self
            .0
            .entry((wide, narrow))
            .or_insert_with(|| !Document::loses_allow(narrow, wide))
    }
}

fn stops_allowing(change: &Change) -> bool {
    let allows = |body: Option<&Body>| {
        body.and_then(document)
            .is_some_and(|document| Effects::of(document).allow)
    };
    allows(change.before()) && !allows(change.after())
}

fn document(body: &Body) -> Option<&Document> {
    match body {
        Body::Policy(policy) => Some(&policy.document),
        Body::InlinePolicy(inline) => Some(&inline.document),
        _ => None,
    }
}

/// Counts the people who have access, if none of those who are there is to have any: each is deleted, loses their password,
/// or is allowed nothing any more. Where nobody has access now, everybody counts.
fn cut_off(
    live: &Snapshot,
    done: &[&Draft],
    before: &State<'_>,
    after: &State<'_>,
) -> Option<usize> {
    let removed = removed(done);
    let has_password = |user: &UserName| live.get(&Address::LoginProfile(user.clone())).is_some();
    let gets_in = |user: &UserName| has_password(user) || before.allows_something(user);
    let stays = |user: &UserName| {
        let is_left_with_nothing = || before.allows_something(user) || !has_password(user);
        !removed.contains(user) && (after.allows_something(user) || !is_left_with_nothing())
    };
    let users = &before.users;
    // Mostly the first of them answers it.
    if users.iter().any(|user| stays(user)) {
        return None;
    }
    match users.iter().filter(|user| gets_in(user)).count() {
        0 => {
            let all_go = users.iter().all(|user| removed.contains(user));
            (all_go && !users.is_empty()).then_some(users.len())
        }
        insiders => Some(insiders),
    }
}
