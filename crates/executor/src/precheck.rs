//! Right before a write, what it was planned on; right after it, whether others may build on it.
//!
//! AWS itself refuses to create what is there. What it replaces or deletes without a condition is read first. So is
//! everything that is begun again because no answer came: what was done is read, not done twice.

use std::collections::BTreeSet;
use std::time::Duration;

use model::{Body, Change, Kind, MfaDevice};
use tokio::time::{Instant, sleep};

use crate::differences::differences;
use crate::retry::CONSISTENCY;
use crate::step::Step;
use crate::{Error, Outcome, dispatch, user};

/// How often a change that isn't seen yet is looked for.
pub(crate) const POLL: Duration = Duration::from_millis(500);

/// Performs an action, and begins it again where AWS doesn't say what it did.
pub(crate) async fn perform(mut step: Step<'_>) -> Result<Outcome, Error> {
    loop {
        let error = match once(&step).await {
            Ok(outcome) => return Ok(outcome),
            Err(error) => error,
        };
        if error.is_certain() || !step.begin_again(&error).await {
            return Err(error);
        }
    }
}

async fn once(step: &Step<'_>) -> Result<Outcome, Error> {
    let outcome = write(step).await?;
    if step.is_awaited() {
        wait_until_seen(step).await?;
    }
    Ok(outcome)
}

async fn write(step: &Step<'_>) -> Result<Outcome, Error> {
    if let Some((name, planned)) = step.leaving() {
        user::check_leaving(step, name, planned).await?;
    }
    let live = if looks_first(step) {
        match look(step).await? {
            Found::Done => return Ok(done(step)),
            Found::Ready(live) => live,
        }
    } else {
        None
    };
    match dispatch::perform(step, live.as_deref()).await {
        Err(error @ Error::Appeared(_)) if !brings_a_secret(step) => {
            if is_as_wanted(step).await? {
                Ok(done(step))
            } else {
                Err(error)
            }
        }
        performed => performed,
    }
}

fn done(step: &Step<'_>) -> Outcome {
    if step.is_repeated() {
        Outcome::Applied
    } else {
        Outcome::AlreadyDone
    }
}

/// Tells whether the object is to be read first: because AWS would do the action whatever is there, or because it was begun
/// before.
fn looks_first(step: &Step<'_>) -> bool {
    let kind = step.action().address.kind();
    match &step.action().change {
        // What another run created has a secret that this one doesn't know, so it is no answer to find one.
        Change::Create { .. } if kind == Kind::MfaDevice => false,
        Change::Update {
            after:
                Body::MfaDevice(MfaDevice {
                    deliver_to: Some(_),
                    ..
                }),
            ..
        } => false,
        // The same password is sent again: a read can't tell which one is there.
        Change::Update {
            after: Body::LoginProfile(_),
            ..
        } => false,
        _ if step.is_repeated() => true,
        Change::Create { .. } => match kind {
            // Their creation replaces what is there.
            Kind::InlinePolicy
            | Kind::PasswordPolicy
            | Kind::MetricFilter
            | Kind::Alarm
            | Kind::Dashboard => true,
            // Their creation fails where they are there, or changes nothing.
            Kind::User
            | Kind::LoginProfile
            | Kind::Credential
            | Kind::MfaDevice
            | Kind::Group
            | Kind::Membership
            | Kind::Policy
            | Kind::Attachment
            | Kind::Role
            | Kind::LogGroup => false,
        },
        Change::Update { .. } => match kind {
            Kind::User
            | Kind::MfaDevice
            | Kind::Group
            | Kind::Policy
            | Kind::InlinePolicy
            | Kind::PasswordPolicy
            | Kind::LogGroup
            | Kind::MetricFilter
            | Kind::Alarm
            | Kind::Dashboard => true,
            // All that there is to them is that they are there.
            Kind::LoginProfile
            | Kind::Credential
            | Kind::Membership
            | Kind::Attachment
            | Kind::Role => false,
        },
        Change::Delete { .. } => match kind {
            Kind::User
            | Kind::Group
            | Kind::InlinePolicy
            | Kind::Policy
            | Kind::MetricFilter
            | Kind::Alarm
            | Kind::Dashboard => true,
            // All that there is to them is that they are there. A device that is another user's by now AWS doesn't delete.
            Kind::LoginProfile
            | Kind::Credential
            | Kind::MfaDevice
            | Kind::Membership
            | Kind::Attachment
            // These are never deleted.
            | Kind::Role
            | Kind::PasswordPolicy
            | Kind::LogGroup => false,
        },
    }
}

fn brings_a_secret(step: &Step<'_>) -> bool {
    matches!(
        step.action().address.kind(),
        Kind::LoginProfile | Kind::MfaDevice
    )
}

enum Found {
    /// What is there is as the action wants it.
    Done,
    /// What is there is what the action was planned on, or has come a part of the way.
    Ready(Option<Box<Body>>),
}

/// Reads the object. One that this run changed itself is read again for a while before it is taken for changed.
async fn look(step: &Step<'_>) -> Result<Found, Error> {
    let begin = Instant::now();
    loop {
        let error = match read(step).await {
            Ok((Standing::Done, _)) => return Ok(Found::Done),
            Ok((Standing::Ready, live)) => return Ok(Found::Ready(live.map(Box::new))),
            Err(error @ (Error::Appeared(_) | Error::Disappeared(_) | Error::Changed { .. })) => {
                error
            }
            Err(error) => return Err(error),
        };
        // A rename counts as creating its new name, which nobody has before it was tried.
        let is_stale = match error {
            Error::Appeared(_) => step.is_repeated(),
            _ => step.may_read_stale(),
        };
        if !is_stale || begin.elapsed() > CONSISTENCY {
            return Err(error);
        }
        sleep(POLL).await;
    }
}

/// Tells whether what AWS says is there already is what the action wants. It may take a while to be seen.
async fn is_as_wanted(step: &Step<'_>) -> Result<bool, Error> {
    let begin = Instant::now();
    loop {
        match dispatch::live(step).await? {
            None if begin.elapsed() < CONSISTENCY => sleep(POLL).await,
            live => return Ok(matches!(standing(step, live.as_ref()), Ok(Standing::Done))),
        }
    }
}

/// Waits until what was written reads back. A run that is stopped begins nothing that depends on it.
async fn wait_until_seen(step: &Step<'_>) -> Result<(), Error> {
    let begin = Instant::now();
    while !step.is_stopped() {
        match read(step).await {
            Ok((Standing::Done, _)) => return Ok(()),
            Ok((Standing::Ready, _))
            | Err(Error::Appeared(_) | Error::Disappeared(_) | Error::Changed { .. }) => {}
            Err(error) => return Err(error),
        }
        if begin.elapsed() > CONSISTENCY {
            return Err(Error::NotSeen(step.action().address.clone()));
        }
        sleep(POLL).await;
    }
    Ok(())
}

/// Reads where the object stands between what the action was planned on and what it brings.
async fn read(step: &Step<'_>) -> Result<(Standing, Option<Body>), Error> {
    let live = dispatch::live(step).await?;
    Ok((standing(step, live.as_ref())?, live))
}

#[derive(Debug, PartialEq)]
enum Standing {
    Done,
    Ready,
}

fn standing(step: &Step<'_>, live: Option<&Body>) -> Result<Standing, Error> {
    let address = &step.action().address;
    let changed = |fields: BTreeSet<&'static str>| Error::Changed {
        address: address.clone(),
        fields: fields.into_iter().collect(),
    };
    match (&step.action().change, live) {
        (Change::Create { .. }, None) => Ok(Standing::Ready),
        (Change::Delete { .. }, None) => Ok(Standing::Done),
        (Change::Update { .. }, None) => Err(Error::Disappeared(address.clone())),
        (Change::Create { after }, Some(live)) => {
            if differences(live, after).is_empty() {
                Ok(Standing::Done)
            } else {
                Err(Error::Appeared(address.clone()))
            }
        }
        (Change::Delete { before }, Some(live)) => {
            let differences = differences(live, before);
            if differences.is_empty() {
                Ok(Standing::Ready)
            } else {
                Err(changed(differences))
            }
        }
        (Change::Update { before, after, .. }, Some(live)) => {
            let open = differences(live, after);
            let strange: BTreeSet<_> = open
                .intersection(&differences(live, before))
                .copied()
                .collect();
            if open.is_empty() {
                Ok(Standing::Done)
            } else if strange.is_empty() {
                Ok(Standing::Ready)
            } else {
                Err(changed(strange))
            }
        }
    }
}
