//! Dashboards.

use model::{Dashboard, DashboardName};

use crate::dispatch::Write;
use crate::step::Step;
use crate::{Error, Outcome};

pub(crate) async fn perform(
    step: &Step<'_>,
    name: &DashboardName,
    write: Write<'_, Dashboard>,
) -> Result<Outcome, Error> {
    match write {
        Write::Create(after) | Write::Update { before: _, after } => put(step, name, after).await,
        Write::Delete(_) => {
            let request = step
                .clients()
                .cloudwatch
                .delete_dashboards()
                .dashboard_names(name.as_str());
            step.delete("cloudwatch:DeleteDashboards", || request.clone().send())
                .await
        }
    }
}

async fn put(step: &Step<'_>, name: &DashboardName, after: &Dashboard) -> Result<Outcome, Error> {
    let Dashboard { body } = after;
    let request = step
        .clients()
        .cloudwatch
        .put_dashboard()
        .dashboard_name(name.as_str());
    let request = request.dashboard_body(body.value().to_string());
    let answer = step
        .call("cloudwatch:PutDashboard", || request.clone().send())
        .await?;
    for doubt in answer.dashboard_validation_messages() {
        let (path, message) = (
            doubt.data_path().unwrap_or_default(),
            doubt.message().unwrap_or_default(),
        );
        step.warn(crate::error::printable(&format!("{path}: {message}")));
    }
    Ok(Outcome::Applied)
}
