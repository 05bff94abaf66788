//! A strict account in memory: it carries out a plan as AWS would, and refuses what AWS would refuse.

use model::{Address, Body, Change, ManagedPolicy, Plan, Snapshot, User};

/// Carries out every action of a plan in its order.
pub(super) fn apply(plan: &Plan, snapshot: &Snapshot) -> Result<Snapshot, String> {
    let mut account = snapshot.clone();
    for (place, action) in plan.actions.iter().enumerate() {
        assert_eq!(action.id.0, place, "an action's id is its place");
        assert!(
            action.after.keys().all(|id| id.0 < place),
            "{} waits for something later",
            action.address
        );
        carry_out(&mut account, &action.address, &action.change)
            .map_err(|why| format!("{}: {why}", action.address))?;
    }
    Ok(account)
}

fn carry_out(account: &mut Snapshot, address: &Address, change: &Change) -> Result<(), String> {
    match change {
        Change::Create { after } => can_create(account, address, after),
        Change::Update { before, after, .. } => can_update(account, address, before, after),
        Change::Delete { before } => can_delete(account, address, before),
    }?;
    account.carry_out(address, change);
    Ok(())
}

fn can_create(account: &Snapshot, address: &Address, after: &Body) -> Result<(), String> {
    if account.iter().any(|(other, _)| same_name(address, other)) {
        return Err("EntityAlreadyExists".to_owned());
    }
    for needed in address.owners().iter().chain(&policies_of(after)) {
        account
            .get(needed)
            .ok_or(format!("NoSuchEntity {needed}"))?;
    }
    Ok(())
}

fn can_update(
    account: &Snapshot,
    address: &Address,
    before: &Body,
    after: &Body,
) -> Result<(), String> {
    let former = match after {
        Body::User(User {
            renamed_from: Some(old),
            ..
        }) => Address::User(old.clone()),
        _ => address.clone(),
    };
    if account.get(&former) != Some(before) {
        return Err("it isn't what the plan was made on".to_owned());
    }
    for needed in policies_of(after) {
        account
            .get(&needed)
            .ok_or(format!("NoSuchEntity {needed}"))?;
    }
    Ok(())
}

fn can_delete(account: &Snapshot, address: &Address, before: &Body) -> Result<(), String> {
    if account.get(address) != Some(before) {
        return Err("it isn't what the plan was made on".to_owned());
    }
    let holds = |other: &Address, body: &Body| {
        let device_of = matches!((address, body), (Address::User(user), Body::MfaDevice(device)) if device.user.as_ref() == Some(user));
        let attachment_of = matches!((address, other), (Address::Policy(policy), Address::Attachment(_, attached)) if policy == attached);
        let policy_of = policies_of(body).contains(address);
        device_of
            || attachment_of
            || policy_of
            || (other.kind() != model::Kind::MetricFilter && other.owners().contains(address))
    };
    let mut others = account.iter().filter(|(other, _)| *other != address);
    match others.find(|(other, body)| holds(other, body)) {
        Some((other, _)) => Err(format!("DeleteConflict {other}")),
        None => Ok(()),
    }
}

fn same_name(one: &Address, other: &Address) -> bool {
    one.kind() == other.kind() && one.to_string().eq_ignore_ascii_case(&other.to_string())
}

fn policies_of(body: &Body) -> Vec<Address> {
    let policy: Option<&ManagedPolicy> = match body {
        Body::Attachment(attachment) => Some(&attachment.policy),
        Body::User(user) => user.boundary.policy(),
        _ => None,
    };
    policy
        .map(|policy| Address::Policy(policy.reference()))
        .into_iter()
        .collect()
}
