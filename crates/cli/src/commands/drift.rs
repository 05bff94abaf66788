//! `mfactl drift`

mod watch;

use std::time::Duration;

use aws_sdk_cloudwatch::error::ProvideErrorMetadata;
use aws_sdk_cloudwatch::types::{MetricDatum, StandardUnit};
use model::{Drift, Trail};

use crate::args::{DriftArgs, Format};
use crate::error::{CommandError, Exit};
use crate::session::Session;
use crate::ui::Ui;

/// CloudTrail takes two calls a second (`LookupEvents` in the CloudTrail API reference).
const PAUSE: Duration = Duration::from_millis(500);

/// Shows what in the account isn't as the spec says, once or again and again.
pub(crate) async fn run(ui: &Ui, args: &DriftArgs) -> Result<Exit, CommandError> {
    if let Some(every) = args.every {
        return watch::run(ui, args, every).await;
    }
    let session = Session::open(ui, &args.target).await?;
    let drift = read(ui, args, &session).await?;
    // As text nothing is printed where there is none, so that a schedule's mail means something.
    if is_clean(&drift) && args.target.format() == Format::Text {
        ui.status("No drift.");
    } else {
        show(ui, args, &session, &drift).await?;
    }
    session.close(ui).await?;
    Ok(exit(&drift))
}

/// Looks for drift, and tells CloudWatch how much there is if that was asked for.
async fn read(ui: &Ui, args: &DriftArgs, session: &Session) -> Result<Drift, CommandError> {
    let snapshot = session.read(ui).await;
    let drift = planner::drift(&session.desired, &snapshot, args.all);
    if args.metric && drift.is_complete() {
        put_metric(session, &drift).await?;
    }
    Ok(drift)
}

async fn put_metric(session: &Session, drift: &Drift) -> Result<(), CommandError> {
    let counts = drift.counts();
    let all = counts.missing + counts.changed + counts.undeclared + counts.principals;
    #[expect(clippy::cast_precision_loss, reason = "an account has few objects")]
    let datum = MetricDatum::builder()
        .metric_name("Drift")
        .unit(StandardUnit::Count)
        .value(all as f64)
        .build();
    let call = session.connection.clients.cloudwatch.put_metric_data();
    let answer = call.namespace("mfactl").metric_data(datum).send().await;
    answer.map(drop).map_err(|error| {
        let (code, message) = (error.code(), error.message());
        let said = code.zip(message);
        let said = said.map(|(code, message)| format!("{code}: {message}"));
        CommandError::Metric(said.unwrap_or_else(|| error.to_string()))
    })
}

/// Shows drift, and asks CloudTrail who made it before.
async fn show(
    ui: &Ui,
    args: &DriftArgs,
    session: &Session,
    drift: &Drift,
) -> Result<(), CommandError> {
    let trail = trail(ui, args, session, drift).await;
    let trail = trail.as_ref();
    match args.target.format() {
        Format::Text => ui.result(&render::drift_text(drift, trail, &session.header)),
        Format::Json => ui.json(&render::drift_json(drift, trail, &session.header)),
    }
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

fn is_clean(drift: &Drift) -> bool {
    !drift.is_drifted() && drift.is_complete()
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
