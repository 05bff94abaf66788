//! `mfactl report`

mod history;

use jiff::{SignedDuration, Timestamp};
use model::Condition;
use render::CredentialsView;

use crate::args::{ReportArgs, ReportFormat};
use crate::connection::Connection;
use crate::error::{CommandError, Exit};
use crate::ui::Ui;

/// Shows who can sign in and with what.
pub(crate) async fn run(ui: &Ui, args: &ReportArgs) -> Result<Exit, CommandError> {
    let kept = args.history.as_deref().map(history::read).transpose()?;
    let connection = Connection::open_account(&args.account).await?;
    let identity = &connection.identity;
    ui.status(&format!("Reading account {} …", identity.account));
    let parallelism = usize::from(args.parallelism);
    let report = reader::credential_report(&connection.clients, parallelism).await;
    let report = report.map_err(CommandError::Unread)?;
    let as_of = Timestamp::now();
    let days = (i64::from(args.unused.0), i64::from(args.old_key.0));
    let day = |days| SignedDuration::from_hours(24 * days);
    let ages = access::Ages {
        unused: day(days.0),
        key: day(days.1),
    };
    let met = access::conditions(&report, ages, as_of);
    let counts = report.counts(&identity.account, &met);
    let mut past = kept.unwrap_or_default();
    past.retain(|it| it.account == counts.account);
    if let Some(file) = &args.history {
        history::add(file, &past, &counts)?;
        past.retain(|it| it.generated != counts.generated);
        past.push(counts);
    }
    show(
        ui,
        args.output.format(),
        &CredentialsView {
            account: &reader::account(&connection.clients, identity).await,
            caller: &identity.caller,
            sandbox: connection.is_sandbox(),
            report: &report,
            met: &met,
            days,
            as_of,
            history: &past,
        },
    )?;
    let is_complete = report.unread.is_none();
    let fails = args.fail_on.iter().any(|it| met.contains_key(it));
    connection.close(ui).await?;
    Ok(exit(is_complete, fails))
}

fn show(ui: &Ui, format: ReportFormat, view: &CredentialsView<'_>) -> Result<(), CommandError> {
    match format {
        ReportFormat::Text => ui.result(&view.text()),
        ReportFormat::Json => ui.json(&view.json()),
        ReportFormat::Csv => ui.plain(&view.csv()),
        ReportFormat::Html => ui.plain(&view.html()),
        ReportFormat::Markdown => ui.plain(&view.markdown()),
    }
}

/// What couldn't be read is an error before it is a condition that is met.
fn exit(is_complete: bool, fails: bool) -> Exit {
    match (is_complete, fails) {
        (false, _) => Exit::Failed,
        (true, true) => Exit::Changes,
        (true, false) => Exit::Done,
    }
}

/// Reads a condition of `--fail-on`.
pub(crate) fn condition(text: &str) -> Result<Condition, String> {
    let known = Condition::ALL.map(Condition::as_str).join(", ");
    let mut all = Condition::ALL.into_iter();
    all.find(|condition| condition.as_str() == text)
        .ok_or_else(|| format!("expected one of {known}"))
}
