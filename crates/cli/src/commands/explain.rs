//! `mfactl explain`

mod page;

use access::{Answer, Outcome};
use model::{Desired, Principal, ReadFailure, Snapshot};
use policy::Document;
use policy::evaluate::{Context, Request};
use reader::Simulated;

use crate::args::{ExplainArgs, Format};
use crate::commands::explain::page::{Page, State};
use crate::error::{CommandError, Exit};
use crate::session::{self, Session};
use crate::ui::Ui;

/// What AWS's simulator says, in the order of the answers; none where there is nothing to compare.
type Comparison = Vec<Option<Simulated>>;

/// Says what a principal's request comes to, and by which statements.
pub(crate) async fn run(ui: &Ui, args: &ExplainArgs) -> Result<Exit, CommandError> {
    // Before anything is read, so that a slip costs no time.
    Request::new(
        &args.action,
        args.resource.as_deref().unwrap_or("*"),
        Context::default(),
    )?;
    if args.offline {
        let desired = session::load(ui, &args.target.spec)?.desired;
        let snapshot = access::declared(&desired);
        return explain(ui, args, &desired, &snapshot, None).await;
    }
    let session = Session::open(ui, &args.target).await?;
    let mut snapshot = session.read(ui).await;
    if args.planned {
        let plan = planner::plan(&session.desired, &snapshot);
        snapshot = snapshot.after(&plan.actions);
    }
    let simulator = args.against_aws.then_some(&session);
    let exit = explain(ui, args, &session.desired, &snapshot, simulator).await;
    session.close(ui).await?;
    exit
}

async fn explain(
    ui: &Ui,
    args: &ExplainArgs,
    desired: &Desired,
    snapshot: &Snapshot,
    simulator: Option<&Session>,
) -> Result<Exit, CommandError> {
    // What isn't there may be what wasn't read.
    let unread = access::unread(snapshot).and_then(|kind| snapshot.unread().get_key_value(&kind));
    if let Some((kind, failure)) = unread {
        return Err(CommandError::ExplainUnread {
            kind: *kind,
            failure: failure.clone(),
        });
    }
    let (principal, action) = (&args.principal.0, args.action.as_str());
    let resource = match &args.resource {
        Some(resource) => resource.clone(),
        None => {
            access::probable_resource(snapshot, principal, action).unwrap_or_else(|| "*".to_owned())
        }
    };
    let answers = access::explain_request(
        snapshot,
        &service_control(desired),
        principal,
        action,
        &resource,
    )
    .map_err(CommandError::Explain)?;
    let simulated = match simulator {
        Some(session) => {
            simulate(session, snapshot, principal, action, &resource, &answers).await?
        }
        None => Vec::new(),
    };
    let page = Page {
        principal,
        action,
        resource: &resource,
        state: State::of(args),
        desired,
        snapshot,
        answers: &answers,
        simulated: &simulated,
    };
    match args.target.format() {
        Format::Text => ui.result(&page.text())?,
        Format::Json => ui.json(&page.json())?,
    }
    Ok(if page.disagreements() == 0 {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// Asks AWS about each answer that says one thing.
async fn simulate(
    session: &Session,
    snapshot: &Snapshot,
    principal: &Principal,
    action: &str,
    resource: &str,
    answers: &[Answer],
) -> Result<Comparison, CommandError> {
    let mut simulated = Vec::new();
    for answer in answers {
        let is_compared = !matches!(
            answer.outcome,
            Outcome::Depends { .. } | Outcome::NeedsNoPermission
        );
        let arn = access::arn_of(snapshot, principal).filter(|_| is_compared);
        simulated.push(match arn {
            Some(arn) => Some(
                reader::simulate(
                    &session.connection.clients,
                    &arn,
                    action,
                    resource,
                    answer.session,
                )
                .await
                .map_err(
                    |ReadFailure { operation, message }| CommandError::Simulation {
                        operation,
                        message,
                    },
                )?,
            ),
            None => None,
        });
    }
    Ok(simulated)
}

fn service_control(desired: &Desired) -> Vec<Vec<Document>> {
    let levels = desired.safety.service_control_policies.iter();
    levels
        .map(|level| level.iter().map(|policy| policy.document.clone()).collect())
        .collect()
}
