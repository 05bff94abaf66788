//! `mfactl destroy`

use crate::args::ApplyArgs;
use crate::commands::apply;
use crate::error::{CommandError, Exit};
use crate::session::Session;
use crate::ui::Ui;

/// Removes what the spec declares or prunes, but for what is never deleted.
pub(crate) async fn run(ui: &Ui, args: &ApplyArgs) -> Result<Exit, CommandError> {
    let mut session = Session::open(ui, &args.target).await?;
    // What leaves with its user is read only of users who are to be deleted.
    session.desired = session.desired.destroyed();
    session.header.declared = 0;
    apply::plan_and_apply(ui, session, args, apply::Purpose::Destroy, None).await
}
