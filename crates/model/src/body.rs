//! The closed enum of bodies.

use policy::Document;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Alarm, Attachment, Credential, Dashboard, Group, InlinePolicy, Kind, LogGroup, LoginProfile,
    MetricFilter, MfaDevice, PasswordPolicy, Policy, Role, Tags, User,
};

/// Describes an AWS object of any kind. Matches on it are exhaustive, so that a new kind is a list of
/// compile errors and nothing is forgotten.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[expect(
    missing_docs,
    reason = "each variant holds the struct that documents its kind"
)]
pub enum Body {
    User(User),
    LoginProfile(LoginProfile),
    Credential(Credential),
    MfaDevice(MfaDevice),
    Group(Group),
    /// A membership has no fields of its own.
    Membership,
    Policy(Policy),
    Attachment(Attachment),
    InlinePolicy(InlinePolicy),
    Role(Role),
    PasswordPolicy(PasswordPolicy),
    LogGroup(LogGroup),
    MetricFilter(MetricFilter),
    Alarm(Alarm),
    Dashboard(Dashboard),
}

impl Body {
    /// Returns the tags, where objects of the kind have any.
    pub fn tags(&self) -> Option<&Tags> {
        match self {
            Self::User(user) => Some(&user.tags),
            Self::Policy(policy) => Some(&policy.tags),
            Self::MfaDevice(device) => Some(&device.tags),
            Self::LogGroup(log_group) => Some(&log_group.tags),
            Self::Alarm(alarm) => Some(&alarm.tags),
            Self::LoginProfile(_)
            | Self::Credential(_)
            | Self::Group(_)
            | Self::Membership
            | Self::Attachment(_)
            | Self::InlinePolicy(_)
            | Self::Role(_)
            | Self::PasswordPolicy(_)
            | Self::MetricFilter(_)
            | Self::Dashboard(_) => None,
        }
    }

    /// Reads an object of a kind back from what it is written as.
    ///
    /// # Errors
    ///
    /// Where the value isn't such an object.
    pub fn from_json(kind: Kind, value: Value) -> Result<Self, serde_json::Error> {
        Ok(match kind {
            Kind::User => Self::User(User::deserialize(value)?),
            Kind::LoginProfile => Self::LoginProfile(LoginProfile::deserialize(value)?),
            Kind::Credential => Self::Credential(Credential::deserialize(value)?),
            Kind::MfaDevice => Self::MfaDevice(MfaDevice::deserialize(value)?),
            Kind::Group => Self::Group(Group::deserialize(value)?),
            Kind::Membership => {
                <()>::deserialize(value)?;
                Self::Membership
            }
            Kind::Policy => Self::Policy(Policy::deserialize(value)?),
            Kind::Attachment => Self::Attachment(Attachment::deserialize(value)?),
            Kind::InlinePolicy => Self::InlinePolicy(InlinePolicy::deserialize(value)?),
            Kind::Role => Self::Role(Role::deserialize(value)?),
            Kind::PasswordPolicy => Self::PasswordPolicy(PasswordPolicy::deserialize(value)?),
            Kind::LogGroup => Self::LogGroup(LogGroup::deserialize(value)?),
            Kind::MetricFilter => Self::MetricFilter(MetricFilter::deserialize(value)?),
            Kind::Alarm => Self::Alarm(Alarm::deserialize(value)?),
            Kind::Dashboard => Self::Dashboard(Dashboard::deserialize(value)?),
        })
    }

    /// Returns the policy document, where this is a policy.
    pub fn document(&self) -> Option<&Document> {
        match self {
            Self::Policy(policy) => Some(&policy.document),
            Self::InlinePolicy(inline) => Some(&inline.document),
            Self::User(_)
            | Self::LoginProfile(_)
            | Self::Credential(_)
            | Self::MfaDevice(_)
            | Self::Group(_)
            | Self::Membership
            | Self::Attachment(_)
            | Self::Role(_)
            | Self::PasswordPolicy(_)
            | Self::LogGroup(_)
            | Self::MetricFilter(_)
            | Self::Alarm(_)
            | Self::Dashboard(_) => None,
        }
    }

    /// Returns the kind of object this describes.
    pub fn kind(&self) -> Kind {
        match self {
            Self::User(_) => Kind::User,
            Self::LoginProfile(_) => Kind::LoginProfile,
            Self::Credential(_) => Kind::Credential,
            Self::MfaDevice(_) => Kind::MfaDevice,
            Self::Group(_) => Kind::Group,
            Self::Membership => Kind::Membership,
            Self::Policy(_) => Kind::Policy,
            Self::Attachment(_) => Kind::Attachment,
            Self::InlinePolicy(_) => Kind::InlinePolicy,
            Self::Role(_) => Kind::Role,
            Self::PasswordPolicy(_) => Kind::PasswordPolicy,
            Self::LogGroup(_) => Kind::LogGroup,
            Self::MetricFilter(_) => Kind::MetricFilter,
            Self::Alarm(_) => Kind::Alarm,
            Self::Dashboard(_) => Kind::Dashboard,
        }
    }
}
