//! `mfactl drift`

use std::time::Duration;

use model::{Drift, Trail};

use crate::args::{DriftArgs, Format};
use crate::error::{CommandError, Exit};
use crate::session::Session;
use crate::ui::Ui;

/// CloudTrail takes two calls a second (`LookupEvents` in the CloudTrail API reference).
const PAUSE: Duration = Duration::from_millis(500);

/// Shows what in the account isn't as the spec says.
pub(crate) async fn run(ui: &Ui, args: &DriftArgs) -> Result<Exit, CommandError> {
    let session = Session::open(ui, &args.target).await?;
    let drift = read(ui, args, &session).await;
    let trail = trail(ui, args, &session, &drift).await;
    show(ui, args, &session, &drift, trail.as_ref())?;
    session.close(ui).await?;
    Ok(exit(&drift))
}

async fn read(ui: &Ui, args: &DriftArgs, session: &Session) -> Drift {
    let snapshot = session.read(ui).await;
    planner::drift(&session.desired, &snapshot, args.all)
}

/// Asks CloudTrail who made the account as it is, if something differs.
async fn trail(ui: &Ui, args: &DriftArgs, session: &Session, drift: &Drift) -> Option<Trail> {
    if args.no_trail || !drift.is_drifted() {
        return None;
    }
    ui.status("Asking CloudTrail …");
    let pause = if session.connection.is_sandbox() {
        Duration::ZERO
    } else {
        PAUSE
    };
    Some(reader::trail(&session.connection.clients, drift, pause).await)
}

/// Shows drift. As text nothing is printed where there is none, so that a schedule's mail means something.
fn show(
    ui: &Ui,
    args: &DriftArgs,
    session: &Session,
    drift: &Drift,
    trail: Option<&Trail>,
) -> Result<(), CommandError> {
    let is_clean = !drift.is_drifted() && drift.is_complete();
    match args.target.format() {
        Format::Text if is_clean => {
            ui.status("No drift.");
            Ok(())
        }
        Format::Text => ui.result(&render::drift_text(drift, trail, &session.header)),
        Format::Json => ui.json(&render::drift_json(drift, trail, &session.header)),
    }
}

/// What couldn't be read is an error before it is drift.
fn exit(drift: &Drift) -> Exit {
    if !drift.is_complete() {
        Exit::Failed
    } else if drift.is_drifted() {
        Exit::Changes
    } else {
        Exit::Done
    }
}
