//! `mfactl logins`

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, Unit};
use model::{Address, Desired, Logins};
use reader::{LoginQuery, LoginSearch};
use render::LoginsView;

use crate::args::{LoginsArgs, LoginsFormat};
use crate::connection::{Connection, Embedded};
use crate::error::{CommandError, Exit};
use crate::session::{load, right_account};
use crate::signals::stop_signal;
use crate::ui::Ui;

/// How long a query may take. One over the sign-ins of a month takes seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// Shows the sign-ins to the console.
pub(crate) async fn run(ui: &Ui, args: &LoginsArgs) -> Result<Exit, CommandError> {
    let stop = stop_signal().map_err(CommandError::Runtime)?;
    let (connection, log_group) = match &args.log_group {
        Some(log_group) => (
            Connection::open_account(&args.account).await?,
            log_group.clone(),
        ),
        None => of_spec(ui, args).await?,
    };
    // A query's times are whole seconds.
    let until = Timestamp::now().round(Unit::Second).unwrap_or_default();
    let since = until
        .checked_sub(args.since)
        .unwrap_or(Timestamp::UNIX_EPOCH);
    let search = LoginSearch {
        log_group,
        since,
        until,
        user: args.user.clone(),
    };
    ui.status(&format!("Looking for sign-ins in {} …", search.log_group));
    let found = find(&connection, &search, stop).await?;
    let view = LoginsView {
        account: &reader::account(&connection.clients, &connection.identity).await,
        caller: &connection.identity.caller,
        sandbox: connection.is_sandbox(),
        log_group: &search.log_group,
        since,
        found: &found,
        unusual: &access::from_new_address(&found.logins),
        show_query: args.show_query,
    };
    match args.output.format() {
        LoginsFormat::Text => ui.result(&view.text())?,
        LoginsFormat::Json => ui.json(&view.json())?,
        LoginsFormat::Html => ui.plain(&view.html())?,
    }
    connection.close(ui).await?;
    Ok(match found.incomplete {
        Some(_) => Exit::Failed,
        None => Exit::Done,
    })
}

/// Looks for sign-ins. A signal stops the query, too, which else would go on at AWS.
async fn find(
    connection: &Connection,
    search: &LoginSearch,
    stop: impl Future<Output = ()>,
) -> Result<Logins, CommandError> {
    let query = LoginQuery::start(&connection.clients, search).await;
    let query = query.map_err(CommandError::Unread)?;
    tokio::select! {
        biased;
        () = stop => {
            query.stop().await;
            Err(CommandError::Stopped)
        }
        found = query.logins(PATIENCE) => found.map_err(CommandError::Unread),
    }
}

/// Connects to the account of the spec, and finds the log group in it.
async fn of_spec(ui: &Ui, args: &LoginsArgs) -> Result<(Connection, String), CommandError> {
    let desired = load(ui, &args.spec)?.desired;
    let log_group = log_group(&desired).ok_or(CommandError::WhichLogGroup)?;
    let embedded = args.account.sandbox.clone().map(|file| Embedded {
        file,
        account: &desired.account,
        lock: None,
    });
    let connection = Connection::open(Some(&desired.region), embedded).await?;
    right_account(&connection, &desired, &args.spec)?;
    Ok((connection, log_group))
}

/// Returns the log group of a spec, if it has but one.
fn log_group(desired: &Desired) -> Option<String> {
    let declared = desired.objects.keys().filter_map(|address| match address {
        Address::LogGroup(name) => Some(name),
        _ => None,
    });
    let mut names: Vec<String> = declared
        .chain(desired.required_log_groups.keys())
        .map(ToString::to_string)
        .collect();
    names.sort();
    names.dedup();
    match names.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    }
}

/// Reads how long to look back: `1d`, `12h` or `2w`.
pub(crate) fn since(text: &str) -> Result<SignedDuration, String> {
    let wrong = "expected a time such as `1d`, `12h` or `2w`";
    let span: jiff::Span = text.parse().map_err(|_| wrong)?;
    let time = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours());
    let time = time.map_err(|_| wrong)?;
    if time > SignedDuration::ZERO {
        Ok(time)
    } else {
        Err("a time must be longer than nothing".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_weeks_are_read_and_what_ends_before_it_began_is_not() {
        assert_eq!(since("1d"), Ok(SignedDuration::from_hours(24)));
        assert_eq!(since("2w"), Ok(SignedDuration::from_hours(24 * 14)));
        assert!(since("-1d").is_err() && since("0s").is_err() && since("soon").is_err());
    }
}
