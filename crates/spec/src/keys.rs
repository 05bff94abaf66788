//! The keys of each section. The reader and the JSON Schema use the same lists.

pub(crate) const SPEC: &[&str] = &[
    "version",
    "account",
    "region",
    "prune",
    "ignore",
    "safety",
    "defaults",
    "password_policy",
    "users",
    "groups",
    "policies",
    "monitoring",
];
pub(crate) const SAFETY: &[&str] = &["protected", "max_people_removed"];
pub(crate) const DEFAULTS: &[&str] = &["path", "tags"];
pub(crate) const PASSWORD_POLICY: &[&str] = &[
    "minimum_length",
    "require_symbols",
    "require_numbers",
    "require_uppercase",
    "require_lowercase",
    "allow_users_to_change_password",
    "max_age_days",
    "reuse_prevention",
    "hard_expiry",
];
pub(crate) const USER: &[&str] = &[
    "path",
    "groups",
    "policies",
    "inline_policies",
    "tags",
    "boundary",
    "console",
    "deliver_to",
    "mfa",
    "renamed_from",
    "exclusive",
];
pub(crate) const GROUP: &[&str] = &["path", "policies", "inline_policies", "exclusive"];
pub(crate) const POLICY: &[&str] = &["path", "description", "document", "file", "tags"];
pub(crate) const INLINE_POLICY: &[&str] = &["document", "file"];
pub(crate) const MONITORING: &[&str] = &["log_group", "metric_filters", "alarms", "dashboards"];
pub(crate) const LOG_GROUP: &[&str] = &["name", "create", "tags"];
pub(crate) const CREATE: &[&str] = &["retention_days"];
pub(crate) const METRIC_FILTER: &[&str] = &["pattern", "metric", "log_group"];
pub(crate) const FILTER_METRIC: &[&str] = &[
    "namespace",
    "name",
    "value",
    "default_value",
    "unit",
    "dimensions",
];
pub(crate) const ALARM: &[&str] = &[
    "description",
    "metric",
    "statistic",
    "period",
    "evaluation_periods",
    "datapoints_to_alarm",
    "threshold",
    "comparison",
    "treat_missing_data",
    "actions_enabled",
    "actions",
    "ok_actions",
    "insufficient_data_actions",
    "tags",
];
pub(crate) const ALARM_METRIC: &[&str] = &["namespace", "name", "dimensions", "unit"];
pub(crate) const DASHBOARD: &[&str] = &["file", "body", "widgets"];
