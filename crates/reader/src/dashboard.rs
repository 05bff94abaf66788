//! Dashboards: names in bulk, bodies of those that the spec declares or prunes.

use std::collections::BTreeSet;

use aws_sdk_cloudwatch::operation::get_dashboard::GetDashboardError;
use model::{Address, Body, Dashboard, DashboardBody, DashboardName, Desired, Kind, ReadFailure};

use crate::Clients;
use crate::part::{Limit, Part, failure, unexpected};
use crate::scope::{declares, prunes};

const OPERATION: &str = "cloudwatch:GetDashboard";

pub(crate) async fn read(clients: &Clients, desired: &Desired, limit: &Limit) -> Part {
    if !declares(desired, Kind::Dashboard) && !prunes(desired, Kind::Dashboard) {
        return Part::default();
    }
    let wanted = |name: &DashboardName| {
        let address = Address::Dashboard(name.clone());
        let prunes = |prune: &model::Prune| {
            prune.kind == Kind::Dashboard && prune.pattern.matches(name.as_str())
        };
        desired.objects.contains_key(&address) || desired.prune.iter().any(prunes)
    };
    match names(clients).await {
        Ok(names) => {
            limit
                .one_by_one(names.into_iter().filter(wanted), |name| {
                    read_one(clients, name)
                })
                .await
        }
        Err(failure) => Part::unread(&[Kind::Dashboard], &failure),
    }
}

async fn names(clients: &Clients) -> Result<BTreeSet<DashboardName>, ReadFailure> {
    let mut pages = clients.cloudwatch.list_dashboards().into_paginator().send();
    let mut names = BTreeSet::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure("cloudwatch:ListDashboards", &error))?;
        names.extend(
            page.dashboard_entries()
                .iter()
                .filter_map(|entry| DashboardName::new(entry.dashboard_name()?).ok()),
        );
    }
    Ok(names)
}

async fn read_one(clients: &Clients, name: DashboardName) -> Part {
    let answer = match clients
        .cloudwatch
        .get_dashboard()
        .dashboard_name(name.as_str())
        .send()
        .await
    {
        Ok(answer) => answer,
        // It was deleted since it was listed.
        Err(error)
            if error
                .as_service_error()
                .is_some_and(GetDashboardError::is_dashboard_not_found_error) =>
        {
            return Part::default();
        }
        Err(error) => return Part::unread(&[Kind::Dashboard], &failure(OPERATION, &error)),
    };
    match DashboardBody::parse(answer.dashboard_body().unwrap_or_default()) {
        Ok(body) => Part::found(vec![(
            Address::Dashboard(name),
            Body::Dashboard(Dashboard { body }),
        )]),
        Err(error) => Part::unread(
            &[Kind::Dashboard],
            &unexpected(OPERATION, &format!("{name}: {error}")),
        ),
    }
}
