//! `mfactl drift`

use model::Drift;

use crate::args::{DriftArgs, Format};
use crate::error::{CommandError, Exit};
use crate::session::Session;
use crate::ui::Ui;

/// Shows what in the account isn't as the spec says.
pub(crate) async fn run(ui: &Ui, args: &DriftArgs) -> Result<Exit, CommandError> {
    let session = Session::open(ui, &args.target).await?;
    let snapshot = session.read(ui).await;
    let drift = planner::drift(&session.desired, &snapshot, args.all);
    show(ui, args, &session, &drift)?;
    session.close(ui).await?;
    Ok(exit(&drift))
}

/// Shows drift. As text nothing is printed where there is none, so that a schedule's mail means something.
fn show(ui: &Ui, args: &DriftArgs, session: &Session, drift: &Drift) -> Result<(), CommandError> {
    let is_clean = !drift.is_drifted() && drift.is_complete();
    match args.target.format() {
        Format::Text if is_clean => {
            ui.status("No drift.");
            Ok(())
        }
        Format::Text => ui.result(&render::drift_text(drift, None, &session.header)),
        Format::Json => ui.json(&render::drift_json(drift, None, &session.header)),
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
