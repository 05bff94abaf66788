//! Checks that need the whole spec.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, AlarmMetric, AlarmSource, Body, Kind, LogGroupName, Metric, MfaType, PolicyRef,
    Principal, UserName,
};
use pattern::Pattern;

use crate::diagnostic::{Diagnostic, Severity};
use crate::draft::Draft;
use crate::reading::{list, nearest};

/// Looks like a namespace of AWS's own metrics, but CloudTrail sends none: only metric filters fill it.
const NO_METRICS: &str = "AWS/CloudTrailMetrics";

/// A log group has so many metric filters at most, and so many with a regex (CloudWatch Logs quotas).
const FILTERS: usize = 100;
const REGEX_FILTERS: usize = 5;

pub(crate) fn check(draft: &Draft, diagnostics: &mut Vec<Diagnostic>) {
    same_but_for_case(draft, diagnostics);
    quotas(draft, diagnostics);
    renames(draft, diagnostics);
    required_types(draft, diagnostics);
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

fn same_but_for_case(draft: &Draft, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<(Kind, String), &Address> = BTreeMap::new();
    for address in draft.objects.keys() {
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

/// IAM has so many users, groups and customer-managed policies in an account: without asking, and at most (IAM guide, "IAM
/// and AWS STS quotas").
fn quotas(draft: &Draft, diagnostics: &mut Vec<Diagnostic>) {
    for (kind, what, usual, most) in [
        (Kind::User, "users", 5_000, 5_000),
        (Kind::Group, "groups", 300, 500),
        (Kind::Policy, "policies", 1_500, 10_000),
    ] {
        let mut declared = draft
            .objects
            .keys()
            .filter(|address| address.kind() == kind);
        let Some(beyond) = declared.nth(usual) else {
            continue;
        };
        let count = usual + 1 + declared.count();
        let (severity, message) = if count > most {
            let message = format!("{count} {what}, and IAM allows {most} in an account");
            (Severity::Error, message)
        } else {
            let message =
                format!("{count} {what}, and IAM allows {usual} unless the quota was raised");
            (Severity::Warning, message)
        };
        diagnostics.extend(report(draft, beyond, severity, message));
    }
}

fn renames(draft: &Draft, diagnostics: &mut Vec<Diagnostic>) {
    let users = draft.objects.keys().filter_map(|address| match address {
        Address::User(name) => Some((name.folded(), address)),
        _ => None,
    });
    let declared: BTreeMap<String, &Address> = users.collect();
    let mut seen: BTreeMap<String, &Address> = BTreeMap::new();
    for (address, body) in draft.bodies() {
        let Body::User(user) = body else { continue };
        let Some(old) = &user.renamed_from else {
            continue;
        };
        let (message, other) = if let Some(other) = declared.get(&old.folded()) {
            let message = format!("`renamed_from: {old}` names a user that this spec declares too");
            (message, Some(*other))
        } else {
            let other = seen.insert(old.folded(), address);
            (format!("`{old}` can't be renamed to two users"), other)
        };
        let place = other.and_then(|other| draft.places.get(other));
        if let Some(place) = place {
            let diagnostic = report(draft, address, Severity::Error, message);
            diagnostics.extend(diagnostic.map(|diagnostic| diagnostic.related(place, "the other")));
        }
    }
}

/// A sort of device can be required of those only who must have MFA, and whom mfactl doesn't make another one for.
fn required_types(draft: &Draft, diagnostics: &mut Vec<Diagnostic>) {
    let provisioned: BTreeSet<&UserName> = draft
        .bodies()
        .filter_map(|(_, body)| match body {
            Body::MfaDevice(device) => device.user.as_ref(),
            _ => None,
        })
        .collect();
    for (principal, required) in &draft.required_types {
        let noun = required.noun();
        for (address, user) in those_of(draft, principal) {
            let (message, hint) = if !draft.needs_mfa.contains_key(user) {
                // Of a user itself that is said where it is written.
                if matches!(principal, Principal::User(_)) {
                    continue;
                }
                (
                    format!("{principal} requires a {noun} of `{user}`, who needn't have MFA"),
                    format!("write `mfa: required` for `{user}`"),
                )
            } else if *required != MfaType::Virtual && provisioned.contains(user) {
                (
                    format!(
                        "a {noun} is required of `{user}`, and `mfa: provisioned` makes a virtual device"
                    ),
                    format!("write `mfa: required`, and let `{user}` enrol the {noun}"),
                )
            } else {
                continue;
            };
            let diagnostic = report(draft, address, Severity::Error, message);
            diagnostics.extend(diagnostic.map(|diagnostic| diagnostic.hint(hint)));
        }
    }
}

/// Lists a user, or the members of a group, each with what declares it.
fn those_of<'a>(
    draft: &'a Draft,
    principal: &'a Principal,
) -> impl Iterator<Item = (&'a Address, &'a UserName)> {
    draft.objects.keys().filter_map(move |address| {
        let user = match (address, principal) {
            (Address::User(user), Principal::User(name)) if user == name => user,
            (Address::Membership(group, user), Principal::Group(name)) if group == name => user,
            _ => return None,
        };
        Some((address, user))
    })
}

fn filters_of_a_group(draft: &Draft, diagnostics: &mut Vec<Diagnostic>) {
    let mut filters: BTreeMap<&LogGroupName, Vec<&Address>> = BTreeMap::new();
    let mut regexes: BTreeMap<&LogGroupName, Vec<&Address>> = BTreeMap::new();
    for (address, body) in draft.bodies() {
        let (Address::MetricFilter(log_group, _), Body::MetricFilter(filter)) = (address, body)
        else {
            continue;
        };
        filters.entry(log_group).or_default().push(address);
        if Pattern::parse(&filter.pattern).is_ok_and(|pattern| pattern.is_regex()) {
            regexes.entry(log_group).or_default().push(address);
        }
    }
    for (filters, what, most) in [
        (filters, "metric filters", FILTERS),
        (regexes, "metric filters with a regex", REGEX_FILTERS),
    ] {
        for (log_group, filters) in filters {
            let Some(beyond) = filters.get(most) else {
                continue;
            };
            let count = filters.len();
            let message = format!(
                "log group `{log_group}` has {count} {what}, and CloudWatch Logs allows {most}"
            );
            diagnostics.extend(report(draft, beyond, Severity::Error, message));
        }
    }
}

/// Holds the names of a metric's dimensions.
type DimensionNames<'a> = Vec<&'a str>;

/// Warns of alarms on metrics that nothing sends. What AWS's services send, or other programs under names of their own,
/// isn't in a spec: those in AWS's namespaces are left alone, unless a filter of this spec uses the namespace.
fn alarms_that_never_fire(draft: &Draft, diagnostics: &mut Vec<Diagnostic>) {
    let mut emitted: BTreeMap<&Metric, BTreeSet<DimensionNames<'_>>> = BTreeMap::new();
    for (_, body) in draft.bodies() {
        if let Body::MetricFilter(filter) = body {
            let names = filter.dimensions.keys().map(String::as_str).collect();
            emitted.entry(&filter.metric).or_default().insert(names);
        }
    }
    let ours: BTreeSet<&str> = emitted
        .keys()
        .map(|metric| metric.namespace.as_str())
        .collect();
    for (address, body) in draft.bodies() {
        let Body::Alarm(alarm) = body else { continue };
        let AlarmSource::Metric(source) = &alarm.source else {
            continue;
        };
        let namespace = source.metric.namespace.as_str();
        let from_aws =
            namespace.starts_with("AWS/") && namespace != NO_METRICS && !ours.contains(namespace);
        if !from_aws && let Some((message, hint)) = never_fires(source, &emitted) {
            let diagnostic = report(draft, address, Severity::Warning, message);
            diagnostics.extend(diagnostic.map(|diagnostic| diagnostic.hint(hint)));
        }
    }
}

/// Returns why no metric filter sends what an alarm watches, and what to do.
fn never_fires(
    source: &AlarmMetric,
    emitted: &BTreeMap<&Metric, BTreeSet<DimensionNames<'_>>>,
) -> Option<(String, String)> {
    let AlarmMetric {
        metric, dimensions, ..
    } = source;
    let Some(sets) = emitted.get(metric) else {
        let names = emitted
            .keys()
            .filter(|other| other.namespace == metric.namespace)
            .map(|other| other.name.as_str());
        let hint = nearest(&metric.name, names).map_or_else(
            || "add a metric filter that emits it, or the alarm never fires".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        return Some((
            format!("no metric filter of this spec emits {metric}"),
            hint,
        ));
    };
    let watched: DimensionNames<'_> = dimensions.keys().map(String::as_str).collect();
    if sets.contains(&watched) {
        return None;
    }
    let words = |names: &[&str]| match names {
        [] => "without dimensions".to_owned(),
        names => format!("with {}", list(names)),
    };
    let message = format!(
        "no metric filter of this spec emits {metric} {}",
        words(&watched)
    );
    let sets: Vec<String> = sets.iter().map(|names| words(names)).collect();
    let hint = format!(
        "it is emitted {}: an alarm names exactly the dimensions of its metric",
        sets.join(" and ")
    );
    Some((message, hint))
}

/// Warns of Logs Insights queries of log groups that no metric filter reads.
fn dashboards_of_other_log_groups(draft: &Draft, diagnostics: &mut Vec<Diagnostic>) {
    let filtered: BTreeSet<&str> = draft
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
    let read: Vec<&str> = filtered.iter().copied().collect();
    for (log_group, place) in &draft.queried {
        if !filtered.contains(log_group.as_str()) {
            let message = format!(
                "the dashboard queries log group `{log_group}`, and the metric filters read {}",
                list(&read)
            );
            let hint =
                "query the same log group, or the table and the metrics tell different stories";
            diagnostics.push(Diagnostic::at(Severity::Warning, place, message).hint(hint));
        }
    }
}
