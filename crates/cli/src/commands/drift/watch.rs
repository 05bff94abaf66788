//! Drift looked for again and again, and told when it changes.

use std::pin::pin;
use std::time::Duration;

use model::Drift;
use tokio::time::MissedTickBehavior;

use super::{is_clean, read, show};
use crate::args::DriftArgs;
use crate::error::{CommandError, Exit, chain};
use crate::session::Session;
use crate::signals::stop_signal;
use crate::ui::Ui;

/// Holds what was told last.
#[derive(Default)]
struct Told {
    /// None is an account that is as its spec says.
    drift: Option<Drift>,
    /// Why the last look failed, if it did.
    error: Option<String>,
}

/// Looks for drift until Ctrl-C or SIGTERM. A look that takes long delays the next: there is never more than one.
pub(super) async fn run(ui: &Ui, args: &DriftArgs, every: Duration) -> Result<Exit, CommandError> {
    let mut stop = pin!(stop_signal().map_err(CommandError::Runtime)?);
    let mut looks = tokio::time::interval(every);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = Told::default();
    loop {
        tokio::select! {
            biased;
            () = &mut stop => return Ok(Exit::Done),
            _ = looks.tick() => {}
        }
        let looked = tokio::select! {
            biased;
            () = &mut stop => return Ok(Exit::Done),
            looked = look(ui, args, &mut told) => looked,
        };
        match looked {
            // There is nobody left to tell.
            Err(error @ CommandError::Output(_)) => return Err(error),
            looked => told.say_failure(ui, looked),
        }
    }
}

async fn look(ui: &Ui, args: &DriftArgs, told: &mut Told) -> Result<(), CommandError> {
    let session = Session::open(ui, &args.target).await?;
    let drift = read(ui, args, &session).await?;
    if told.is_news(&drift) {
        show(ui, args, &session, &drift).await?;
        told.drift = (!is_clean(&drift)).then_some(drift);
    }
    session.close(ui).await
}

impl Told {
    fn is_news(&self, drift: &Drift) -> bool {
        match &self.drift {
            None => !is_clean(drift),
            Some(told) => !is_same(told, drift),
        }
    }

    /// Says why a look failed, unless the last one failed for the same reason.
    fn say_failure(&mut self, ui: &Ui, looked: Result<(), CommandError>) {
        let error = looked.err();
        let message = error.as_ref().map(|error| chain(error));
        if let Some(error) = &error
            && self.error != message
        {
            ui.error(error);
        }
        self.error = message;
    }
}

/// Tells whether there is the same to see. Why something couldn't be read may be said in other words each time.
fn is_same(one: &Drift, other: &Drift) -> bool {
    let Drift {
        account: _,
        region: _,
        caller: _,
        differences,
        principals,
        unknown,
        unread,
    } = one;
    *differences == other.differences
        && *principals == other.principals
        && *unknown == other.unknown
        && unread.keys().eq(other.unread.keys())
}
