//! What a reviewer needs to know of an object that is created. Values that AWS would choose anyway are left out.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Alarm, Body, Boundary, Dashboard, DeviceType, InlinePolicy, LogGroup, LoginProfile,
    MetricFilter, MfaDevice, MissingData, PasswordPolicy, Path, Policy, Tags, User,
};

use crate::document::Detail;
use crate::words::quoted;
use crate::{alarms, dashboards, policies};

/// Lists the fields of a new object.
pub(crate) fn details(body: &Body) -> Vec<Detail> {
    match body {
        Body::User(user) => of_user(user),
        Body::Group(group) => path(&group.path).into_iter().collect(),
        Body::MfaDevice(device) => mfa_device(device),
        Body::Policy(policy) => of_policy(policy),
        Body::InlinePolicy(InlinePolicy { document }) => policies::summary(document),
        Body::PasswordPolicy(policy) => password_policy(policy),
        Body::LogGroup(LogGroup { retention, tags }) => {
            let retention = field("retention", retention.to_string());
            [retention].into_iter().chain(of_tags(tags)).collect()
        }
        Body::MetricFilter(filter) => metric_filter(filter),
        Body::Alarm(alarm) => of_alarm(alarm),
        Body::Dashboard(Dashboard { body }) => dashboards::summary(body),
        // A password's fields are its note; the others have none, or are never created.
        Body::LoginProfile(LoginProfile {
            reset_required: _,
            deliver_to: _,
        })
        | Body::Membership
        | Body::Attachment(_)
        | Body::Credential(_)
        | Body::Role(_) => Vec::new(),
    }
}

fn field(name: &str, value: impl Into<String>) -> Detail {
    Detail::Field {
        name: name.to_owned(),
        value: value.into(),
    }
}

fn path(path: &Path) -> Option<Detail> {
    (*path != Path::root()).then(|| field("path", quoted(path.as_str())))
}

fn of_tags(tags: &Tags) -> impl Iterator<Item = Detail> {
    tags.iter()
        .map(|(key, value)| field(&format!("tags.{key}"), quoted(value)))
}

fn of_user(user: &User) -> Vec<Detail> {
    // A rename is no creation.
    let User {
        path: user_path,
        tags,
        boundary,
        renamed_from: _,
    } = user;
    let boundary = match boundary {
        Boundary::Policy(policy) => Some(field("boundary", policy.to_string())),
        Boundary::Undeclared | Boundary::None => None,
    };
    path(user_path)
        .into_iter()
        .chain(boundary)
        .chain(of_tags(tags))
        .collect()
}

fn mfa_device(device: &MfaDevice) -> Vec<Detail> {
    let MfaDevice {
        device,
        user: _,
        tags,
        deliver_to: _,
    } = device;
    let device_path = match device {
        DeviceType::Virtual { path: device_path } => path(device_path),
        DeviceType::Hardware { .. } | DeviceType::Fido { .. } => None,
    };
    device_path.into_iter().chain(of_tags(tags)).collect()
}

fn of_policy(policy: &Policy) -> Vec<Detail> {
    let Policy {
        path: policy_path,
        description,
        document,
        tags,
    } = policy;
    let description = description
        .as_deref()
        .map(|text| field("description", quoted(text)));
    let mut details: Vec<Detail> = path(policy_path).into_iter().chain(description).collect();
    details.extend(of_tags(tags));
    details.extend(policies::summary(document));
    details
}

fn password_policy(policy: &PasswordPolicy) -> Vec<Detail> {
    let PasswordPolicy {
        minimum_length,
        require_symbols,
        require_numbers,
        require_uppercase,
        require_lowercase,
        allow_users_to_change_password,
        max_age_days,
        reuse_prevention,
        hard_expiry,
    } = policy;
    let required = [
        (require_symbols, "symbols"),
        (require_numbers, "numbers"),
        (require_uppercase, "uppercase letters"),
        (require_lowercase, "lowercase letters"),
    ];
    let required: Vec<&str> = required
        .into_iter()
        .filter(|(is_required, _)| **is_required)
        .map(|(_, what)| what)
        .collect();
    let mut details = vec![field("minimum_length", minimum_length.to_string())];
    if !required.is_empty() {
        details.push(field("requires", required.join(", ")));
    }
    details.push(field(
        "allow_users_to_change_password",
        allow_users_to_change_password.to_string(),
    ));
    details.extend(max_age_days.map(|days| field("max_age_days", days.to_string())));
    details.extend(reuse_prevention.map(|number| field("reuse_prevention", number.to_string())));
    if *hard_expiry {
        details.push(field("hard_expiry", "true"));
    }
    details
}

fn metric_filter(filter: &MetricFilter) -> Vec<Detail> {
    let MetricFilter {
        pattern,
        metric,
        value,
        default_value,
        unit,
        dimensions,
    } = filter;
    let otherwise = default_value
        .map(|value| format!(", else {value}"))
        .unwrap_or_default();
    let mut details = vec![
        field("pattern", pattern.clone()),
        field(
            "metric",
            format!("{metric}, {value} for each match{otherwise}"),
        ),
    ];
    details.extend(unit.as_deref().map(|unit| field("unit", unit)));
    details.extend(of_dimensions(dimensions));
    details
}

fn of_dimensions(dimensions: &BTreeMap<String, String>) -> impl Iterator<Item = Detail> {
    dimensions
        .iter()
        .map(|(name, value)| field(&format!("dimensions.{name}"), quoted(value)))
}

fn of_alarm(alarm: &Alarm) -> Vec<Detail> {
    // What it watches and when it goes off is one sentence.
    let Alarm {
        description,
        source: _,
        evaluation_periods: _,
        datapoints_to_alarm: _,
        threshold: _,
        comparison: _,
        treat_missing_data,
        actions_enabled,
        alarm_actions,
        ok_actions,
        insufficient_data_actions,
        tags,
    } = alarm;
    let mut details = vec![field("alarms when", alarms::condition(alarm))];
    details.extend(
        description
            .as_deref()
            .map(|text| field("description", quoted(text))),
    );
    if *treat_missing_data != MissingData::default() {
        details.push(field("treat_missing_data", treat_missing_data.as_str()));
    }
    if !actions_enabled {
        details.push(field("actions_enabled", "false"));
    }
    details.push(actions("actions", alarm_actions).unwrap_or_else(|| field("actions", "none")));
    details.extend(actions("ok_actions", ok_actions));
    details.extend(actions(
        "insufficient_data_actions",
        insufficient_data_actions,
    ));
    details.extend(of_tags(tags));
    details
}

fn actions(name: &str, arns: &BTreeSet<String>) -> Option<Detail> {
    let list: Vec<&str> = arns.iter().map(String::as_str).collect();
    (!list.is_empty()).then(|| field(name, list.join(", ")))
}
