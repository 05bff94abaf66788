//! `mfactl drift`

mod watch;

use std::time::Duration;

use aws_sdk_cloudwatch::error::ProvideErrorMetadata;
use aws_sdk_cloudwatch::types::{MetricDatum, StandardUnit};
use jiff::{SignedDuration, Timestamp};
use model::{Drift, Trail};

use crate::annotations::{self, Form};
use crate::args::{DriftArgs, DriftFormat};
use crate::error::{CommandError, Exit, chain};
use crate::session::Session;
use crate::ui::Ui;
use crate::webhook::{SendError, Webhook};

/// CloudTrail takes two calls a second (`LookupEvents` in the CloudTrail API reference), and a query of Logs Insights takes
/// its time.
const PAUSE: Duration = Duration::from_millis(500);

/// Shows what in the account isn't as the spec says, once or again and again.
pub(crate) async fn run(ui: &Ui, args: &DriftArgs) -> Result<Exit, CommandError> {
    let webhook = args.webhook.as_ref().map(Webhook::new).transpose()?;
    let webhook = webhook.as_ref();
    if let Some(every) = args.every {
        return watch::run(ui, args, webhook, every).await;
    }
    let looked = once(ui, args, webhook).await;
    if let (Err(error), Some(webhook)) = (&looked, webhook) {
        send(ui, webhook, &failure(args, error)).await;
    }
    looked
}

/// Looks for drift once. A webhook isn't told where there is none, since nobody knows what it was told before.
async fn once(ui: &Ui, args: &DriftArgs, webhook: Option<&Webhook>) -> Result<Exit, CommandError> {
    let session = Session::open(ui, &args.target).await?;
    let drift = read(ui, args, &session).await?;
    let trail = trail(ui, args, &session, &drift).await;
    let trail = trail.as_ref();
    // As text nothing is printed where there is none, so that a schedule's mail means something.
    if is_clean(&drift) && args.target.format() == DriftFormat::Text {
        ui.status("No drift.");
    } else {
        show(ui, args, &session, &drift, trail)?;
    }
    if let Some(webhook) = webhook.filter(|_| !is_clean(&drift)) {
        let message = render::drift_message(&drift, trail, &session.header);
        send(ui, webhook, &message).await;
    }
    session.close(ui).await?;
    let fails = args.fail_on.iter().any(|it| it.is_met(&drift.findings));
    Ok(exit(&drift, fails))
}

/// Sends a message. That it isn't taken is said, and changes nothing else.
async fn send(ui: &Ui, webhook: &Webhook, message: &str) {
    if let Err(error) = webhook.send(message).await {
        ui.notice(&undelivered(&error));
    }
}

fn undelivered(error: &SendError) -> String {
    format!("the webhook didn't take a message: {error}")
}

/// Says in a message that a look failed, and why.
fn failure(args: &DriftArgs, error: &CommandError) -> String {
    let spec = args.target.spec.path().display();
    render::message(&format!(
        "mfactl can't look for drift from {spec}: {}",
        chain(error)
    ))
}

/// Looks for drift, and tells CloudWatch how much there is if that was asked for, and a collector if there is one.
async fn read(ui: &Ui, args: &DriftArgs, session: &Session) -> Result<Drift, CommandError> {
    if args.trail_log_group.is_some() && session.desired.log_group.is_none() {
        return Err(CommandError::NoLogGroup);
    }
    let snapshot = session.read(ui).await;
    let drift = planner::drift(&session.desired, &snapshot, args.all);
    if !drift.is_complete() {
        return Ok(drift);
    }
    #[cfg(feature = "otlp")]
    if let Err(error) = crate::metrics::send(&drift, &session.header.spec, args.all).await {
        ui.notice(&format!("the collector didn't take the metrics: {error}"));
    }
    if args.metric {
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

/// Shows drift, and who made it.
fn show(
    ui: &Ui,
    args: &DriftArgs,
    session: &Session,
    drift: &Drift,
    trail: Option<&Trail>,
) -> Result<(), CommandError> {
    let header = &session.header;
    let annotated = |form| {
        let annotations = annotations::of_drift(drift, trail, header, &session.desired);
        annotations::print(ui, form, &annotations)
    };
    match args.target.format() {
        DriftFormat::Text => ui.result(&render::drift_text(drift, trail, header)),
        DriftFormat::Json => ui.json(&render::drift_json(drift, trail, header)),
        DriftFormat::Markdown => {
            let limit = args.size.max_size as usize;
            ui.plain(&render::drift_markdown(drift, trail, header, limit))
        }
        DriftFormat::Html => ui.plain(&render::drift_html(drift, trail, header)),
        DriftFormat::Sarif => annotated(Form::Sarif),
        DriftFormat::Github => annotated(Form::Github),
    }
}

/// Asks CloudTrail, or the log group of its events, who made the account as it is, if something differs.
async fn trail(ui: &Ui, args: &DriftArgs, session: &Session, drift: &Drift) -> Option<Trail> {
    if args.no_trail || !drift.is_drifted() {
        return None;
    }
    let clients = &session.connection.clients;
    let pause = if session.connection.is_sandbox() {
        Duration::ZERO
    } else {
        PAUSE
    };
    let log_group = args.trail_log_group.zip(session.desired.log_group.as_ref());
    let Some((days, log_group)) = log_group else {
        ui.status("Asking CloudTrail …");
        return Some(reader::trail(clients, drift, pause).await);
    };
    ui.status(&format!("Asking log group {log_group} …"));
    let now = Timestamp::now();
    let since = now - SignedDuration::from_hours(24 * i64::from(days));
    Some(reader::trail_of_log_group(clients, drift, log_group, (since, now), pause).await)
}

/// Tells whether there is nothing to see.
fn is_clean(drift: &Drift) -> bool {
    !drift.is_drifted() && drift.is_complete() && drift.findings.is_empty()
}

/// What couldn't be read is an error before it is drift.
fn exit(drift: &Drift, fails: bool) -> Exit {
    if !drift.is_complete() {
        Exit::Failed
    } else if drift.is_drifted() || fails {
        Exit::Changes
    } else {
        Exit::Done
    }
}
