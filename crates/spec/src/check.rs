//! Checks that need the whole spec.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, AlarmSource, Body, Kind, LogGroupName, Metric, PolicyRef, Wish};
use serde_json::Value;

use crate::diagnostic::{Diagnostic, Severity};
use crate::spec::Draft;

/// Names that services of AWS send metrics under begin so; CloudTrail sends none.
const NO_METRICS: &str = "AWS/CloudTrailMetrics";

pub(crate) fn check(draft: &Draft, diagnostics: &mut Vec<Diagnostic>) {
    same_but_for_case(draft, diagnostics);
    renames(draft, diagnostics);
    filters_of_a_group(draft, diagnostics);
    alarms_that_never_fire(draft, diagnostics);
    dashboards_of_other_log_groups(draft, diagnostics);
}

fn report(
    draft: &Draft,
    address: &Address,
    severity: Severity,
    message: String,
) -> Option<Diagnostic> {
    Some(Diagnostic::at(
        severity,
        draft.places.get(address)?,
        message,
    ))
}

fn bodies(draft: &Draft) -> impl Iterator<Item = (&Address, &Body)> {
    draft
        .desired
        .objects
        .iter()
        .filter_map(|(address, declared)| match &declared.wish {
            Wish::Present(body) => Some((address, body)),
            Wish::Absent => None,
        })
}

fn same_but_for_case(draft: &Draft, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<(Kind, String), &Address> = BTreeMap::new();
    for address in draft.desired.objects.keys() {
        if !matches!(
            address,
            Address::User(_) | Address::Group(_) | Address::Policy(PolicyRef::Local(_))
        ) {
            continue;
        }
        let key = (address.kind(), address.name().to_lowercase());
        if let Some(first) = seen.get(&key) {
            let message = format!(
                "`{}` and `{}` are the same name to IAM, which ignores case",
                first.name(),
                address.name()
            );
            let diagnostic = report(draft, address, Severity::Error, message);
            let first = draft.places.get(*first);
            diagnostics.extend(diagnostic.map(|diagnostic| match first {
                Some(first) => diagnostic.related(first, "the first one"),
                None => diagnostic,
            }));
        } else {
            seen.insert(key, address);
        }
    }
}

fn renames(draft: &Draft, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    for (address, body) in bodies(draft) {
        let Body::User(user) = body else { continue };
        let Some(old) = &user.renamed_from else {
            continue;
        };
        let message = if draft
            .desired
            .objects
            .contains_key(&Address::User(old.clone()))
        {
            format!("`renamed_from: {old}` names a user that this spec declares too")
        } else if !seen.insert(old) {
            format!("`{old}` can't be renamed to two users")
        } else {
            continue;
        };
        diagnostics.extend(report(draft, address, Severity::Error, message));
    }
}

/// A log group has 100 metric filters at most (CloudWatch Logs quotas).
fn filters_of_a_group(draft: &Draft, diagnostics: &mut Vec<Diagnostic>) {
    let mut filters: BTreeMap<&LogGroupName, Vec<&Address>> = BTreeMap::new();
    for address in draft.desired.objects.keys() {
        if let Address::MetricFilter(log_group, _) = address {
            filters.entry(log_group).or_default().push(address);
        }
    }
    for (log_group, filters) in filters {
        if let Some(first) = filters.get(100) {
            let message = format!(
                "log group `{log_group}` has {} metric filters, and CloudWatch Logs allows 100",
                filters.len()
            );
            diagnostics.extend(report(draft, first, Severity::Error, message));
        }
    }
}

fn alarms_that_never_fire(draft: &Draft, diagnostics: &mut Vec<Diagnostic>) {
    let emitted: BTreeSet<&Metric> = bodies(draft)
        .filter_map(|(_, body)| match body {
            Body::MetricFilter(filter) => Some(&filter.metric),
            _ => None,
        })
        .collect();
    let ours: BTreeSet<&str> = emitted
        .iter()
        .map(|metric| metric.namespace.as_str())
        .collect();
    for (address, body) in bodies(draft) {
        let Body::Alarm(alarm) = body else { continue };
        let AlarmSource::Metric(source) = &alarm.source else {
            continue;
        };
        let namespace = source.metric.namespace.as_str();
        let from_aws =
            namespace.starts_with("AWS/") && namespace != NO_METRICS && !ours.contains(namespace);
        if from_aws || emitted.contains(&source.metric) {
            continue;
        }
        let names = emitted
            .iter()
            .filter(|metric| metric.namespace == namespace)
            .map(|metric| metric.name.as_str());
        let near = crate::reading::nearest(&source.metric.name, names);
        let hint = near.map_or_else(
            || "add a metric filter that emits it, or the alarm never fires".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("no metric filter of this spec emits {}", source.metric);
        diagnostics.extend(
            report(draft, address, Severity::Warning, message)
                .map(|diagnostic| diagnostic.hint(hint)),
        );
    }
}

fn dashboards_of_other_log_groups(draft: &Draft, diagnostics: &mut Vec<Diagnostic>) {
    let filtered: BTreeSet<&str> = draft
        .desired
        .objects
        .keys()
        .filter_map(|address| match address {
            Address::MetricFilter(log_group, _) => Some(log_group.as_str()),
            _ => None,
        })
        .collect();
    if filtered.is_empty() {
        return;
    }
    for (address, body) in bodies(draft) {
        let Body::Dashboard(dashboard) = body else {
            continue;
        };
        let mut queried = BTreeSet::new();
        sources(dashboard.body.value(), &mut queried);
        for log_group in queried
            .iter()
            .filter(|log_group| !filtered.contains(log_group.as_str()))
        {
            let read: Vec<&str> = filtered.iter().copied().collect();
            let message = format!(
                "the dashboard queries log group `{log_group}`, and the metric filters read `{}`",
                read.join("`, `")
            );
            let hint =
                "query the same log group, or the table and the metrics tell different stories";
            diagnostics.extend(
                report(draft, address, Severity::Warning, message)
                    .map(|diagnostic| diagnostic.hint(hint)),
            );
        }
    }
}

/// Collects the log groups of Logs Insights queries: `SOURCE 'name' | …`.
fn sources(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(query)) = fields.get("query") {
                let parts = query.split("SOURCE ").skip(1);
                found.extend(parts.filter_map(|part| {
                    Some(
                        part.trim_start()
                            .strip_prefix('\'')?
                            .split_once('\'')?
                            .0
                            .to_owned(),
                    )
                }));
            }
            fields.values().for_each(|value| sources(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| sources(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
