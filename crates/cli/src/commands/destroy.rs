//! `mfactl destroy`

use crate::args::ApplyArgs;
use crate::commands::apply::{Output, Purpose, open, plan_and_apply};
use crate::error::{CommandError, Exit};
use crate::ui::Ui;

/// Removes what the spec declares or prunes, but for what is never deleted.
pub(crate) async fn run(ui: &Ui, args: &ApplyArgs) -> Result<Exit, CommandError> {
    let output = Output::begin(ui, args.target.format(), &args.size)?;
    let ended = destroy(&output, args).await;
    output.end(ended)
}

async fn destroy(output: &Output<'_>, args: &ApplyArgs) -> Result<Exit, CommandError> {
    let mut session = open(output.ui(), &args.target).await?;
    // What leaves with its user is read only of users who are to be deleted.
    session.desired = session.desired.destroyed();
    session.header.declared = 0;
    plan_and_apply(output, session, args, Purpose::Destroy, None).await
}
