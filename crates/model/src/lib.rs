//! The nouns of mfactl: addresses, bodies, desired state, snapshots and plans.
//!
//! No I/O, no clock, no decisions. A value of these types can't be wrong by itself: names, paths and
//! account ids are checked where they are made, and everything after relies on it.
//!
//! [`Body`] is a closed enum with one typed struct for each [`Kind`] of AWS object. The same structs say
//! what the spec declares and what AWS has; where the two differ (a boundary that nobody declared, a
//! recipient that AWS doesn't know), the field says so.

mod account;
mod address;
mod alarm;
mod attachment;
mod body;
mod credential;
mod credential_report;
mod dashboard;
mod desired;
mod drift;
mod expiry;
mod finding;
mod from_text;
mod gain;
mod group;
mod inline_policy;
mod kind;
mod lock;
mod log_group;
mod login;
mod login_profile;
mod managed_policy;
mod metric;
mod metric_filter;
mod mfa;
mod mfa_device;
mod name;
mod operation;
mod outcome;
mod password_policy;
mod path;
mod plan;
mod policy;
mod read_failure;
mod recipient;
mod reset;
mod role;
mod saved;
mod session;
mod snapshot;
mod tags;
mod trail;
mod user;

pub use account::{Account, AccountId, Caller, Partition, Region};
pub use address::{Address, AddressError, AddressPattern, Principal};
pub use alarm::{Alarm, AlarmMetric, AlarmSource, Comparison, MissingData, Statistic};
pub use attachment::Attachment;
pub use body::Body;
pub use credential::{Credential, CredentialType};
pub use credential_report::{
    Condition, CredentialCounts, CredentialReport, Credentials, KeyUse, Person,
};
pub use dashboard::{Dashboard, DashboardBody, DashboardError};
pub use desired::{
    Acceptance, Check, Declared, Desired, Limit, Origin, Prune, Safety, ServiceControlPolicy, Wish,
};
pub use drift::{Deviation, Difference, Drift, DriftCounts, UndeclaredPrincipal};
pub use finding::{Finding, FindingCode, Level, Suggestion};
pub use gain::{Extent, Gain, Gained, Means};
pub use group::Group;
pub use inline_policy::InlinePolicy;
pub use kind::Kind;
pub use lock::{Lock, S3Object};
pub use log_group::{LogGroup, Retention};
pub use login::{Login, LoginKind, Logins};
pub use login_profile::LoginProfile;
pub use managed_policy::{ManagedPolicy, Owner, PolicyRef, PolicyRefError};
pub use metric::{Dimensions, Metric};
pub use metric_filter::MetricFilter;
pub use mfa::{MfaType, RequiredMfa};
pub use mfa_device::{DeviceType, MfaDevice};
pub use name::{
    AlarmName, CredentialId, DashboardName, DeviceName, FilterName, GroupName, InlinePolicyName,
    LogGroupName, NameError, PolicyName, RoleName, UserName,
};
pub use operation::{Operation, ResourceType, Use};
pub use password_policy::PasswordPolicy;
pub use path::{Path, PathError};
pub use plan::{
    Action, ActionId, Change, Counts, Edge, FieldChange, Plan, Proof, Reason, Withheld,
};
pub use policy::Policy;
pub use read_failure::{ReadFailure, is_throttling};
pub use recipient::{Recipient, RecipientError};
pub use reset::Reset;
pub use role::Role;
pub use session::Session;
pub use snapshot::Snapshot;
pub use tags::{TagError, Tags};
pub use trail::{Tool, Trail, TrailCall, TrailSource};
pub use user::{Boundary, User};
