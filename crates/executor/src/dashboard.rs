//! CloudWatch dashboards.

use aws_sdk_cloudwatch::types::DashboardValidationMessage;
use model::{Body, Dashboard, DashboardBody, DashboardName};

use crate::dispatch::Write;
use crate::error::printable;
use crate::step::Step;
use crate::{Error, Outcome};

pub(crate) async fn perform(
    step: &Step<'_>,
    name: &DashboardName,
    write: Write<'_, Dashboard>,
) -> Result<Outcome, Error> {
    match write {
        Write::Create(after) | Write::Update { before: _, after } => put(step, name, after).await,
        Write::Delete(_) => delete(step, name).await,
    }
}

/// What CloudWatch has doubts about it shows nevertheless, so a doubt is a warning. What it can't show it refuses.
async fn put(step: &Step<'_>, name: &DashboardName, after: &Dashboard) -> Result<Outcome, Error> {
    let Dashboard { body } = after;
    let request = step.clients().cloudwatch.put_dashboard();
    let request = request
        .dashboard_name(name.as_str())
        .dashboard_body(body.value().to_string());
    let output = step
        .call("cloudwatch:PutDashboard", || request.clone().send())
        .await?;
    for doubt in output.dashboard_validation_messages() {
        step.warn(sentence(doubt));
    }
    Ok(Outcome::Applied)
}

fn sentence(doubt: &DashboardValidationMessage) -> String {
    let message = doubt.message().unwrap_or("CloudWatch doubts it");
    printable(&match doubt.data_path() {
        Some(path) if !path.is_empty() => format!("{path}: {message}"),
        Some(_) | None => message.to_owned(),
    })
}

async fn delete(step: &Step<'_>, name: &DashboardName) -> Result<Outcome, Error> {
    let request = step.clients().cloudwatch.delete_dashboards();
    let request = request.dashboard_names(name.as_str());
    step.delete("cloudwatch:DeleteDashboards", || request.clone().send())
        .await
}

/// Reads the dashboard.
pub(crate) async fn live(step: &Step<'_>, name: &DashboardName) -> Result<Option<Body>, Error> {
    let request = step.clients().cloudwatch.get_dashboard();
    let request = request.dashboard_name(name.as_str());
    let found = step.find("cloudwatch:GetDashboard", || request.clone().send());
    let Some(output) = found.await? else {
        return Ok(None);
    };
    let body = DashboardBody::parse(output.dashboard_body().unwrap_or_default());
    let body = body.map_err(|_| step.changed("body"))?;
    Ok(Some(Body::Dashboard(Dashboard { body })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubt_says_where_and_is_one_line_that_a_terminal_obeys_nothing_of() {
        let doubt = DashboardValidationMessage::builder()
            .data_path("/widgets/0")
            .message("odd\n\u{1b}[2J");
        assert_eq!(sentence(&doubt.build()), "/widgets/0: odd\\n\\u{1b}[2J");
        let bare = DashboardValidationMessage::builder().message("odd").build();
        assert_eq!(sentence(&bare), "odd");
    }
}
