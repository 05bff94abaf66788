//! Drift looked for again and again, and told when it changes.

use std::pin::pin;
use std::time::Duration;

use model::{Drift, Finding};
use tokio::time::MissedTickBehavior;

use super::{is_clean, read, show, trail, undelivered};
use crate::args::DriftArgs;
use crate::error::{CommandError, Exit, chain};
use crate::session::Session;
use crate::signals::stop_signal;
use crate::ui::Ui;
use crate::webhook::Webhook;

/// Tells how an account is, as far as it was told.
#[derive(Default)]
enum State {
    /// As its spec says.
    #[default]
    Clean,
    /// It differs, or not everything could be read.
    Drift(Box<Drift>),
    /// It couldn't be looked at.
    Failed,
}

/// Holds what was told last on the standard output and on the standard error.
#[derive(Default)]
struct Printed {
    state: State,
    /// Why the last look failed, if it did.
    error: Option<String>,
}

/// Holds what a webhook took last. What it didn't take is tried again after the next look, as it is then.
struct Sent<'a> {
    webhook: &'a Webhook,
    state: State,
    /// Why it didn't take the last message, if it didn't.
    error: Option<String>,
}

/// Looks for drift until Ctrl-C or SIGTERM. A look that takes long delays the next: there is never more than one.
pub(super) async fn run(
    ui: &Ui,
    args: &DriftArgs,
    webhook: Option<&Webhook>,
    every: Duration,
) -> Result<Exit, CommandError> {
    let mut stop = pin!(stop_signal().map_err(CommandError::Runtime)?);
    let mut looks = tokio::time::interval(every);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut printed = Printed::default();
    let mut sent = webhook.map(Sent::new);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => return Ok(Exit::Done),
            _ = looks.tick() => {}
        }
        let ended = tokio::select! {
            biased;
            () = &mut stop => return Ok(Exit::Done),
            ended = turn(ui, args, &mut printed, sent.as_mut()) => ended,
        };
        ended?;
    }
}

/// Looks once and tells what is new. It fails only where there is nobody left to tell.
async fn turn(
    ui: &Ui,
    args: &DriftArgs,
    printed: &mut Printed,
    mut sent: Option<&mut Sent<'_>>,
) -> Result<(), CommandError> {
    let looked = look(ui, args, printed, sent.as_deref_mut()).await;
    match looked {
        Err(error @ CommandError::Output(_)) => Err(error),
        Err(error) => {
            printed.fail(ui, &error);
            if let Some(sent) = sent {
                sent.fail(ui, args, &error).await;
            }
            Ok(())
        }
        Ok(()) => {
            printed.error = None;
            Ok(())
        }
    }
}

async fn look(
    ui: &Ui,
    args: &DriftArgs,
    printed: &mut Printed,
    sent: Option<&mut Sent<'_>>,
) -> Result<(), CommandError> {
    let session = Session::open(ui, &args.target).await?;
    let drift = read(ui, args, &session).await?;
    let is_printed = printed.state.is(&drift);
    let sent = sent.filter(|sent| !sent.state.is(&drift));
    if !is_printed || sent.is_some() {
        let trail = trail(ui, args, &session, &drift).await;
        if !is_printed {
            show(ui, args, &session, &drift, trail.as_ref())?;
            printed.state = State::of(&drift);
        }
        if let Some(sent) = sent {
            let message = render::drift_message(&drift, trail.as_ref(), &session.header);
            let again = match sent.state {
                State::Failed => "mfactl can look again.\n",
                State::Clean | State::Drift(_) => "",
            };
            sent.send(ui, &format!("{again}{message}"), State::of(&drift))
                .await;
        }
    }
    session.close(ui).await
}

impl State {
    fn of(drift: &Drift) -> Self {
        if is_clean(drift) {
            Self::Clean
        } else {
            Self::Drift(Box::new(drift.clone()))
        }
    }

    /// Tells whether this is how an account was found.
    fn is(&self, found: &Drift) -> bool {
        match self {
            Self::Clean => is_clean(found),
            Self::Drift(drift) => is_same(drift, found),
            Self::Failed => false,
        }
    }
}

impl Printed {
    /// Says why a look failed, unless the last one failed for the same reason.
    fn fail(&mut self, ui: &Ui, error: &CommandError) {
        let message = chain(error);
        if self.error.as_ref() != Some(&message) {
            ui.error(error);
        }
        self.error = Some(message);
    }
}

impl<'a> Sent<'a> {
    fn new(webhook: &'a Webhook) -> Self {
        Self {
            webhook,
            state: State::default(),
            error: None,
        }
    }

    /// Says that a look failed, once until one succeeds, whatever else the reason is the next time.
    async fn fail(&mut self, ui: &Ui, args: &DriftArgs, error: &CommandError) {
        if !matches!(self.state, State::Failed) {
            let message = super::failure(args, error);
            self.send(ui, &message, State::Failed).await;
        }
    }

    async fn send(&mut self, ui: &Ui, message: &str, state: State) {
        match self.webhook.send(message).await {
            Ok(()) => {
                self.state = state;
                self.error = None;
            }
            Err(error) => {
                let text = undelivered(&error);
                if self.error.as_ref() != Some(&text) {
                    ui.notice(&text);
                }
                self.error = Some(text);
            }
        }
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
        findings,
        unknown,
        unread,
    } = one;
    // What is found grows older by itself.
    let about = |finding: &Finding| (finding.code, finding.address.clone());
    *differences == other.differences
        && *principals == other.principals
        && findings
            .iter()
            .map(about)
            .eq(other.findings.iter().map(about))
        && *unknown == other.unknown
        && unread.keys().eq(other.unread.keys())
}
