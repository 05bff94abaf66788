//! The keys of each section, with what they mean. The reader and the JSON Schema use the same tables.

use crate::metric::UNITS;

/// Describes a key of a section.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    /// What it means, for whoever writes it in an editor.
    pub(crate) about: &'static str,
    pub(crate) form: Form,
}

/// Describes what can be written after a key, as far as an editor can check it.
pub(crate) enum Form {
    Text,
    /// A text that a regular expression matches.
    Matching(&'static str),
    Word(&'static [&'static str]),
    Bool,
    Number,
    /// A whole number between two others.
    Whole(u32, u32),
    /// One of several forms.
    Either(&'static [Self]),
    /// The value itself, as JSON.
    Just(&'static str),
    /// Any map.
    Map,
    Nothing,
    List(&'static Self),
    Names(&'static Self),
    Section(&'static [Key]),
}

use Form::{
    Bool, Either, Just, List, Map, Matching, Names, Nothing, Number, Section, Text, Whole, Word,
};

const fn key(name: &'static str, form: Form, about: &'static str) -> Key {
    Key { name, about, form }
}

const PATH: Form = Matching("^/(.*/)?$");
const DAY: Form = Matching("^[0-9]{4}-[0-9]{2}-[0-9]{2}$");
const DAYS: Form = Matching("^[0-9]{1,5}d$");
const MFA_TYPE: Form = Word(&["fido2", "hardware", "virtual"]);
const GRACE: &str = "How long somebody who must have MFA may take to set it up, such as 7d; then it is overdue. Without it never.";
const TEXTS: Form = List(&Text);
const SCALAR: Form = Either(&[Text, Number, Bool]);
const TAGS: Form = Names(&SCALAR);
const FILE: &str = "A JSON file, relative to this one and in its folder or below.";
const POLICIES: &str =
    "The managed policies that are attached: NAME of this spec, aws/NAME, aws/PATH/NAME or an ARN.";
const EXCLUSIVE: &str =
    "Whether undeclared members and policies are removed. The default is true; false leaves them.";

pub(crate) const SPEC: &[Key] = &[
    key("version", Just("1"), "The version of this format: 1."),
    key(
        "account",
        Matching("^[0-9]{12}$"),
        "The AWS account, in quotes. No other is touched.",
    ),
    key(
        "region",
        Text,
        "The region of CloudWatch and CloudWatch Logs. IAM is global.",
    ),
    key(
        "lock",
        Section(LOCK),
        "What keeps two applies apart: an object of S3 that is there while one runs.",
    ),
    key(
        "prune",
        Section(PRUNE),
        "What is deleted when it is not declared. Nothing by default.",
    ),
    key(
        "ignore",
        TEXTS,
        "What is never touched, whatever else is said: addresses such as user/ci-*.",
    ),
    key(
        "safety",
        Section(SAFETY),
        "The limits that a plan must keep.",
    ),
    key(
        "defaults",
        Section(DEFAULTS),
        "What holds where nothing else is said.",
    ),
    key(
        "password_policy",
        Section(PASSWORD_POLICY),
        "The account's password policy, whole: a key that is missing gets AWS's default.",
    ),
    key(
        "users",
        Names(&Either(&[Section(USER), Nothing])),
        "People and what they may, by user name.",
    ),
    key(
        "groups",
        Names(&Either(&[Section(GROUP), Nothing])),
        "Groups and their policies, by name.",
    ),
    key(
        "policies",
        Names(&Section(POLICY)),
        "Managed policies, by name.",
    ),
    key(
        "monitoring",
        Section(MONITORING),
        "What CloudWatch watches.",
    ),
    key(
        "checks",
        List(&Section(CHECK)),
        "What is asserted of access on every plan.",
    ),
];

pub(crate) const LOCK: &[Key] = &[
    key(
        "s3",
        Text,
        "The object, as BUCKET/KEY. The bucket exists already.",
    ),
    key(
        "region",
        Text,
        "The region of the bucket. Without this key it is the spec's.",
    ),
];

const PATTERNS: Form = Either(&[Text, TEXTS]);
const BY_PATH: &str = "A pattern of path and name, such as /people/*, or several.";
const BY_NAME: &str = "A pattern of names, such as mfa-*, or several.";

/// The kinds that can be pruned. Other objects go with their owners, or are never deleted.
pub(crate) const PRUNE: &[Key] = &[
    key("user", PATTERNS, BY_PATH),
    key("group", PATTERNS, BY_PATH),
    key("policy", PATTERNS, BY_PATH),
    key("mfa_device", PATTERNS, BY_PATH),
    key(
        "metric_filter",
        PATTERNS,
        "A pattern of LOG_GROUP:NAME, or several.",
    ),
    key("alarm", PATTERNS, BY_NAME),
    key("dashboard", PATTERNS, BY_NAME),
];

pub(crate) const SAFETY: &[Key] = &[
    key(
        "protected",
        TEXTS,
        "What is never deleted and never stripped: addresses such as user/root-backup.",
    ),
    key(
        "max_people_removed",
        Either(&[Whole(0, u32::MAX), Matching("^(100|[0-9]{1,2})%$")]),
        "How many people, or which share, may be deleted or lose a right in one apply.",
    ),
    key(
        "break_glass",
        TEXTS,
        "The users and roles that must keep control of IAM: user/NAME or role/NAME.",
    ),
    key(
        "accept",
        List(&Section(ACCEPT)),
        "Findings that are meant. Every plan shows them with their reasons.",
    ),
    key(
        "service_control_policies",
        List(&List(&Section(INLINE_POLICY))),
        "The organization's policies that limit the account: a list for each level, from the root to the account. Proofs take those that aren't given to allow everything.",
    ),
];

pub(crate) const ACCEPT: &[Key] = &[
    key(
        "finding",
        Text,
        "The finding, as a plan names it: denied-without-mfa.",
    ),
    key(
        "on",
        Text,
        "The object that it is about, or a pattern: user/alice, user/ci-*.",
    ),
    key("reason", Text, "Why it is meant."),
    key(
        "until",
        DAY,
        "The last day on which it is. Without this key it is for ever.",
    ),
];

pub(crate) const CHECK: &[Key] = &[
    key(
        "as",
        Text,
        "Whose access is checked: user/NAME or role/NAME.",
    ),
    key(
        "with_key",
        Section(EXPECTATION),
        "What a user can do with an access key and no MFA.",
    ),
    key(
        "with_password",
        Section(EXPECTATION),
        "What a user can do signed in with the password only.",
    ),
    key(
        "with_mfa",
        Section(EXPECTATION),
        "What a user can do with MFA, or a role in its sessions.",
    ),
];

pub(crate) const EXPECTATION: &[Key] = &[
    key(
        "allow",
        TEXTS,
        "Actions that are allowed on some resource, all that a pattern such as s3:Get* covers.",
    ),
    key(
        "deny",
        TEXTS,
        "Actions that are allowed on no resource, all that a pattern covers.",
    ),
];

pub(crate) const DEFAULTS: &[Key] = &[
    key(
        "path",
        PATH,
        "The path of users, groups, policies and devices.",
    ),
    key(
        "tags",
        TAGS,
        "Tags of users, policies, devices, log groups and alarms. Their own go first.",
    ),
    key("mfa_grace", DAYS, GRACE),
];

pub(crate) const PASSWORD_POLICY: &[Key] = &[
    key(
        "minimum_length",
        Whole(6, 128),
        "Characters at least. AWS's default is 6.",
    ),
    key("require_symbols", Bool, "Whether a symbol is required."),
    key("require_numbers", Bool, "Whether a digit is required."),
    key(
        "require_uppercase",
        Bool,
        "Whether an uppercase letter is required.",
    ),
    key(
        "require_lowercase",
        Bool,
        "Whether a lowercase letter is required.",
    ),
    key(
        "allow_users_to_change_password",
        Bool,
        "Whether users may change their own passwords, whatever their policies say.",
    ),
    key(
        "max_age_days",
        Whole(1, 1095),
        "Days after which a password expires. Without it never.",
    ),
    key(
        "reuse_prevention",
        Whole(1, 24),
        "How many former passwords can't be used again. Without it there is no limit.",
    ),
    key(
        "hard_expiry",
        Bool,
        "Whether a user with an expired password needs an administrator.",
    ),
];

pub(crate) const USER: &[Key] = &[
    key("path", PATH, "The user's path, part of its ARN."),
    key(
        "groups",
        List(&Either(&[Text, Section(MEMBERSHIP)])),
        "The groups of this spec that the user is in, by name; or with a last day: {name: admins, expires: 2027-01-31}.",
    ),
    key("policies", TEXTS, POLICIES),
    key(
        "inline_policies",
        Names(&Section(INLINE_POLICY)),
        "Policies embedded in the user, by name.",
    ),
    key("tags", TAGS, "The user's tags. Other tags are left alone."),
    key(
        "boundary",
        Either(&[Text, Just("false")]),
        "The policy that bounds what others grant; false removes it, and without this key it is left alone.",
    ),
    key(
        "console",
        Bool,
        "Whether the user has a console password, to be reset at first sign-in. Without this key it is left alone.",
    ),
    key(
        "deliver_to",
        Matching("^(age1[0-9a-z]+|ssh-(ed25519|rsa) .+)$"),
        "The age recipient, or an ssh key where mfactl is built with `--features ssh`, whom the first password and the MFA seed are sealed for.",
    ),
    key(
        "mfa",
        Word(&["provisioned", "required", "optional"]),
        "required: it is proved that the user can do nothing without MFA but set it up. provisioned: mfactl also makes a device, enables it and delivers it. optional, the default: neither.",
    ),
    key(
        "require_type",
        MFA_TYPE,
        "The sort of device that the user must have.",
    ),
    key("mfa_grace", DAYS, GRACE),
    key(
        "reset",
        Section(RESET),
        "What is made anew, once for each value: a date is a good one, or a date and why.",
    ),
    key(
        "renamed_from",
        Text,
        "The user's former name: a rename, not a new person.",
    ),
    key(
        "expires",
        DAY,
        "The user's last day, in UTC. The first plan after it removes the user and all that is theirs.",
    ),
    key("exclusive", Bool, EXCLUSIVE),
];

pub(crate) const MEMBERSHIP: &[Key] = &[
    key("name", Text, "The group."),
    key(
        "expires",
        DAY,
        "The last day in the group, in UTC. The first plan after it removes the user from the group.",
    ),
];

pub(crate) const RESET: &[Key] = &[
    key(
        "password",
        SCALAR,
        "The user gets another password, sealed for deliver_to, to be changed at the next sign-in.",
    ),
    key(
        "mfa",
        SCALAR,
        "All of the user's MFA devices go. With mfa: provisioned a new one comes.",
    ),
];

pub(crate) const GROUP: &[Key] = &[
    key("path", PATH, "The group's path, part of its ARN."),
    key(
        "require_type",
        MFA_TYPE,
        "The sort of device that every declared member must have.",
    ),
    key("policies", TEXTS, POLICIES),
    key(
        "inline_policies",
        Names(&Section(INLINE_POLICY)),
        "Policies embedded in the group, by name.",
    ),
    key("exclusive", Bool, EXCLUSIVE),
];

pub(crate) const POLICY: &[Key] = &[
    key(
        "path",
        PATH,
        "The policy's path, part of its ARN. It can't be changed later.",
    ),
    key(
        "description",
        Text,
        "What the policy is for. It can't be changed later.",
    ),
    key("document", Map, "The policy document, as YAML or JSON."),
    key("file", Text, FILE),
    key(
        "preset",
        Word(&["enforce-mfa"]),
        "A document of mfactl's own. enforce-mfa: people can do nothing without MFA but set it up.",
    ),
    key(
        "parameters",
        Section(PARAMETERS),
        "What the preset is to be like.",
    ),
    key(
        "tags",
        TAGS,
        "The policy's tags. Other tags are left alone.",
    ),
];

pub(crate) const PARAMETERS: &[Key] = &[key(
    "list_users",
    Bool,
    "Whether people may list the account's users without MFA, as older pages of the console do. false by default.",
)];

pub(crate) const INLINE_POLICY: &[Key] = &[
    key("document", Map, "The policy document, as YAML or JSON."),
    key("file", Text, FILE),
];

pub(crate) const MONITORING: &[Key] = &[
    key(
        "log_group",
        Section(LOG_GROUP),
        "The log group that the metric filters read.",
    ),
    key(
        "metric_filters",
        Names(&Section(METRIC_FILTER)),
        "Metric filters, by name.",
    ),
    key("alarms", Names(&Section(ALARM)), "Alarms, by name."),
    key(
        "dashboards",
        Names(&Section(DASHBOARD)),
        "Dashboards, by name.",
    ),
];

pub(crate) const LOG_GROUP: &[Key] = &[
    key("name", Text, "The log group's name."),
    key(
        "create",
        Either(&[Section(CREATE), Nothing]),
        "Creates the log group if it doesn't exist. Without this key it must.",
    ),
];

pub(crate) const CREATE: &[Key] = &[
    key(
        "retention_days",
        Either(&[Whole(1, 3653), Word(&["never"])]),
        "Days after which events are deleted, or never. Without this key it is left alone.",
    ),
    key(
        "tags",
        TAGS,
        "The log group's tags. Other tags are left alone.",
    ),
];

pub(crate) const METRIC_FILTER: &[Key] = &[
    key(
        "pattern",
        Text,
        "The filter pattern, as CloudWatch Logs reads it.",
    ),
    key(
        "metric",
        Section(FILTER_METRIC),
        "The metric that an event which matches is counted in.",
    ),
    key(
        "log_group",
        Text,
        "Another log group than that of monitoring. It must exist.",
    ),
];

pub(crate) const FILTER_METRIC: &[Key] = &[
    key("namespace", Text, "The metric's namespace."),
    key("name", Text, "The metric's name."),
    key(
        "value",
        Either(&[Number, Text]),
        "What an event adds: a number, or a selector such as $.latency. 1 by default.",
    ),
    key(
        "default_value",
        Number,
        "What is emitted when nothing matches. Not together with dimensions.",
    ),
    key("unit", Word(UNITS), "The metric's unit."),
    key(
        "dimensions",
        Names(&Text),
        "Dimensions with their selectors, such as $.eventName; 3 at most.",
    ),
];

pub(crate) const ALARM: &[Key] = &[
    key("description", Text, "What the alarm means."),
    key(
        "metric",
        Section(ALARM_METRIC),
        "The metric that the alarm watches.",
    ),
    key(
        "statistic",
        Text,
        "How the datapoints of a period are combined: SampleCount, Average, Sum, Minimum, Maximum, or one such as p99.",
    ),
    key(
        "period",
        Whole(10, 604_800),
        "Seconds of a period: 10, 20, 30 or a multiple of 60.",
    ),
    key(
        "evaluation_periods",
        Whole(1, 60_480),
        "How many periods are looked at. 1 by default.",
    ),
    key(
        "datapoints_to_alarm",
        Whole(1, 60_480),
        "How many of them must breach. All by default.",
    ),
    key(
        "threshold",
        Number,
        "The value that the statistic is compared with.",
    ),
    key(
        "comparison",
        Word(&[
            "GreaterThanOrEqualToThreshold",
            "GreaterThanThreshold",
            "LessThanThreshold",
            "LessThanOrEqualToThreshold",
        ]),
        "How they are compared.",
    ),
    key(
        "treat_missing_data",
        Word(&["missing", "notBreaching", "breaching", "ignore"]),
        "What a missing datapoint counts as. missing by default.",
    ),
    key(
        "actions_enabled",
        Bool,
        "Whether actions run at all. true by default.",
    ),
    key(
        "actions",
        TEXTS,
        "ARNs told when the alarm goes off, such as an SNS topic's.",
    ),
    key("ok_actions", TEXTS, "ARNs told when it is over."),
    key(
        "insufficient_data_actions",
        TEXTS,
        "ARNs told when data are missing.",
    ),
    key("tags", TAGS, "The alarm's tags. Other tags are left alone."),
];

pub(crate) const ALARM_METRIC: &[Key] = &[
    key("namespace", Text, "The metric's namespace."),
    key("name", Text, "The metric's name."),
    key(
        "dimensions",
        Names(&Text),
        "Exactly the dimensions that the metric has.",
    ),
    key("unit", Word(UNITS), "The metric's unit."),
];

pub(crate) const DASHBOARD: &[Key] = &[
    key("file", Text, FILE),
    key("body", Map, "The dashboard's body."),
    key(
        "widgets",
        List(&Map),
        "The dashboard's widgets, 500 at most.",
    ),
];
