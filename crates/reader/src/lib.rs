//! The live account, read in bulk into a snapshot.
//!
//! It only reads. What a spec declares or prunes decides what is read at all, and what has no bulk call is read only
//! for the objects that need it. A read that fails is *unread* in the snapshot, with its reason: unknown is not absent.

mod alarm;
mod authorization_details;
mod aws_managed_policy;
mod calls;
mod clients;
mod clock;
mod credential;
mod credential_report;
mod dashboard;
mod error;
mod identity;
mod log_group;
mod login_profile;
mod logins;
mod metric_filter;
mod mfa_device;
mod operations;
mod part;
mod password_policy;
mod scope;
mod simulation;
mod tags;
#[cfg(test)]
mod tests;
mod trail;
mod unreadable;

pub use alarm::metric_alarm;
pub use authorization_details::document;
pub use calls::{Calls, Count};
pub use clients::Clients;
pub use clock::Clock;
pub use credential_report::credential_report;
pub use error::ReadError;
pub use identity::{Identity, account, whoami};
pub use logins::{LoginQuery, LoginSearch};
pub use metric_filter::metric_filter;
pub use operations::OPERATIONS;
pub use password_policy::password_policy;
pub use simulation::{Simulated, simulate};
pub use trail::{trail, trail_of_log_group};

use model::{Account, Desired, Kind, Snapshot};

use crate::part::Limit;
use crate::scope::Scope;

/// Reads what a spec needs to know of an account.
///
/// `parallelism` bounds how many objects are read at once where they are read one by one, all kinds together. What
/// couldn't be read is in [`Snapshot::unread`]; this never fails as a whole.
pub async fn read(
    clients: &Clients,
    identity: Identity,
    desired: &Desired,
    parallelism: usize,
) -> Snapshot {
    let Identity {
        account: id,
        partition,
        caller,
        arn: _,
    } = identity;
    let limit = Limit::new(parallelism);
    let (alias, details, password_policy, alarms, dashboards, log_groups, filters) = tokio::join!(
        identity::alias(clients),
        authorization_details::read(clients, &id, desired),
        password_policy::read(clients),
        alarm::read(clients, desired),
        dashboard::read(clients, desired, &limit),
        log_group::read(clients, desired, &limit),
        metric_filter::read(clients, desired, &limit),
    );
    let mut snapshot = Snapshot::new(
        Account {
            id,
            partition,
            alias,
        },
        caller,
    );
    for part in [
        details,
        password_policy,
        alarms,
        dashboards,
        log_groups,
        filters,
    ] {
        part.add_to(&mut snapshot);
    }
    mark_unread_with_users(&mut snapshot);
    let scope = Scope::find(desired, &snapshot);
    let (login_profiles, credentials, devices, policies) = tokio::join!(
        login_profile::read(clients, &scope, &limit),
        credential::read(clients, &scope, &limit),
        mfa_device::read(clients, &scope, &limit),
        aws_managed_policy::read(clients, &snapshot, desired, &limit),
    );
    for part in [login_profiles, credentials, devices, policies] {
        part.add_to(&mut snapshot);
    }
    let tags = tags::read(clients, desired, &snapshot, &limit).await;
    tags.add_to(&mut snapshot);
    snapshot
}

/// Who exists decides whose passwords and credentials are read: not knowing the users is not knowing these.
fn mark_unread_with_users(snapshot: &mut Snapshot) {
    if let Some(failure) = snapshot.unread().get(&Kind::User).cloned() {
        snapshot.mark_unread(Kind::LoginProfile, failure.clone());
        snapshot.mark_unread(Kind::Credential, failure);
    }
}
