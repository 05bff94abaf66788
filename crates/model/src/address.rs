//! Addresses: what a person types, greps for and reads in a diff.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use wildmatch::WildMatch;

use crate::kind::UnknownKind;
use crate::{
    AlarmName, CredentialId, DashboardName, DeviceName, FilterName, GroupName, InlinePolicyName,
    Kind, LogGroupName, NameError, PolicyRef, PolicyRefError, RoleName, UserName,
};

/// Names one AWS object: its kind, a slash and its name, such as `membership/mfa-admins:alice`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// `user/NAME`
    User(UserName),
    /// `login_profile/USER`
    LoginProfile(UserName),
    /// `credential/USER:ID`
    Credential(UserName, CredentialId),
    /// `mfa_device/NAME`
    MfaDevice(DeviceName),
    /// `group/NAME`
    Group(GroupName),
    /// `membership/GROUP:USER`
    Membership(GroupName, UserName),
    /// `policy/NAME`, `policy/aws/NAME` or `policy/aws/PATH/NAME`
    Policy(PolicyRef),
    /// `attachment/group:GROUP:POLICY`, and likewise for `user` and `role`
    Attachment(Principal, PolicyRef),
    /// `inline_policy/group:GROUP:NAME`, and likewise for `user` and `role`
    InlinePolicy(Principal, InlinePolicyName),
    /// `role/NAME`
    Role(RoleName),
    /// `password_policy/account`: there is one in an account
    PasswordPolicy,
    /// `log_group/NAME`
    LogGroup(LogGroupName),
    /// `metric_filter/LOG_GROUP:NAME`
    MetricFilter(LogGroupName, FilterName),
    /// `alarm/NAME`
    Alarm(AlarmName),
    /// `dashboard/NAME`
    Dashboard(DashboardName),
}

/// Names a user, a group or a role that a policy applies to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// `user:NAME`
    User(UserName),
    /// `group:NAME`
    Group(GroupName),
    /// `role:NAME`
    Role(RoleName),
}

impl Principal {
    /// Returns the address of the user, group or role itself.
    pub fn address(&self) -> Address {
        match self {
            Self::User(name) => Address::User(name.clone()),
            Self::Group(name) => Address::Group(name.clone()),
            Self::Role(name) => Address::Role(name.clone()),
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => write!(f, "user:{name}"),
            Self::Group(name) => write!(f, "group:{name}"),
            Self::Role(name) => write!(f, "role:{name}"),
        }
    }
}

impl Serialize for Principal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Address {
    /// Returns the kind of the object.
    pub fn kind(&self) -> Kind {
        match self {
            Self::User(_) => Kind::User,
            Self::LoginProfile(_) => Kind::LoginProfile,
            Self::Credential(..) => Kind::Credential,
            Self::MfaDevice(_) => Kind::MfaDevice,
            Self::Group(_) => Kind::Group,
            Self::Membership(..) => Kind::Membership,
            Self::Policy(_) => Kind::Policy,
            Self::Attachment(..) => Kind::Attachment,
            Self::InlinePolicy(..) => Kind::InlinePolicy,
            Self::Role(_) => Kind::Role,
            Self::PasswordPolicy => Kind::PasswordPolicy,
            Self::LogGroup(_) => Kind::LogGroup,
            Self::MetricFilter(..) => Kind::MetricFilter,
            Self::Alarm(_) => Kind::Alarm,
            Self::Dashboard(_) => Kind::Dashboard,
        }
    }

    /// Lists the objects that this one is a part of, as far as the address tells: a membership's group and
    /// user, an attachment's principal, a password's user, a filter's log group.
    pub fn owners(&self) -> Vec<Self> {
        match self {
            Self::LoginProfile(user) | Self::Credential(user, _) => vec![Self::User(user.clone())],
            Self::Membership(group, user) => {
                vec![Self::Group(group.clone()), Self::User(user.clone())]
            }
            Self::Attachment(principal, _) | Self::InlinePolicy(principal, _) => {
                vec![principal.address()]
            }
            Self::MetricFilter(log_group, _) => vec![Self::LogGroup(log_group.clone())],
            Self::User(_)
            | Self::MfaDevice(_)
            | Self::Group(_)
            | Self::Policy(_)
            | Self::Role(_)
            | Self::PasswordPolicy
            | Self::LogGroup(_)
            | Self::Alarm(_)
            | Self::Dashboard(_) => Vec::new(),
        }
    }

    /// Returns the part after the kind and its slash.
    pub fn name(&self) -> String {
        match self {
            Self::User(name) | Self::LoginProfile(name) => name.to_string(),
            Self::Credential(user, id) => format!("{user}:{id}"),
            Self::MfaDevice(name) => name.to_string(),
            Self::Group(name) => name.to_string(),
            Self::Membership(group, user) => format!("{group}:{user}"),
            Self::Policy(policy) => policy.to_string(),
            Self::Attachment(principal, policy) => format!("{principal}:{policy}"),
            Self::InlinePolicy(principal, name) => format!("{principal}:{name}"),
            Self::Role(name) => name.to_string(),
            Self::PasswordPolicy => "account".to_owned(),
            Self::LogGroup(name) => name.to_string(),
            Self::MetricFilter(log_group, name) => format!("{log_group}:{name}"),
            Self::Alarm(name) => name.to_string(),
            Self::Dashboard(name) => name.to_string(),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind(), self.name())
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Says why a text is not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The part before the slash is no kind.
    #[error(transparent)]
    Kind(#[from] UnknownKind),
    /// A name in it is not one.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A policy in it is not one.
    #[error(transparent)]
    Policy(#[from] PolicyRefError),
    /// The name doesn't have the parts that the kind's names have.
    #[error("`{}` is not an address: a name of this kind is written {form}", text.escape_debug())]
    Form {
        /// The text itself.
        text: String,
        /// How it is written.
        form: &'static str,
    },
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let form = |form| AddressError::Form {
            text: text.to_owned(),
            form,
        };
        let (kind, name) = text.split_once('/').ok_or_else(|| form("`KIND/NAME`"))?;
        let split = |text| str::split_once(name, ':').ok_or_else(|| form(text));
        Ok(match kind.parse()? {
            Kind::User => Self::User(UserName::new(name)?),
            Kind::LoginProfile => Self::LoginProfile(UserName::new(name)?),
            Kind::Credential => {
                let (user, id) = split("`credential/USER:ID`")?;
                Self::Credential(UserName::new(user)?, CredentialId::new(id)?)
            }
            Kind::MfaDevice => Self::MfaDevice(DeviceName::new(name)?),
            Kind::Group => Self::Group(GroupName::new(name)?),
            Kind::Membership => {
                let (group, user) = split("`membership/GROUP:USER`")?;
                Self::Membership(GroupName::new(group)?, UserName::new(user)?)
            }
            Kind::Policy => Self::Policy(name.parse()?),
            Kind::Attachment => {
                let (principal, policy) =
                    of_principal(name).ok_or_else(|| form("`attachment/group:GROUP:POLICY`"))?;
                Self::Attachment(principal?, policy.parse()?)
            }
            Kind::InlinePolicy => {
                let (principal, name) =
                    of_principal(name).ok_or_else(|| form("`inline_policy/group:GROUP:NAME`"))?;
                Self::InlinePolicy(principal?, InlinePolicyName::new(name)?)
            }
            Kind::Role => Self::Role(RoleName::new(name)?),
            Kind::PasswordPolicy if name == "account" => Self::PasswordPolicy,
            Kind::PasswordPolicy => return Err(form("`password_policy/account`")),
            Kind::LogGroup => Self::LogGroup(LogGroupName::new(name)?),
            Kind::MetricFilter => {
                let (log_group, name) = split("`metric_filter/LOG_GROUP:NAME`")?;
                Self::MetricFilter(LogGroupName::new(log_group)?, FilterName::new(name)?)
            }
            Kind::Alarm => Self::Alarm(AlarmName::new(name)?),
            Kind::Dashboard => Self::Dashboard(DashboardName::new(name)?),
        })
    }
}

/// Splits `group:GROUP:REST` and its like for users and roles.
fn of_principal(text: &str) -> Option<(Result<Principal, NameError>, &str)> {
    let mut parts = text.splitn(3, ':');
    let (sort, name, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let principal = match sort {
        "user" => UserName::new(name).map(Principal::User),
        "group" => GroupName::new(name).map(Principal::Group),
        "role" => RoleName::new(name).map(Principal::Role),
        _ => return None,
    };
    Some((principal, rest))
}

/// Matches addresses, or paths and names; `*` stands for any text, slashes included.
#[derive(Debug, Clone, PartialEq)]
pub struct AddressPattern(WildMatch);

impl AddressPattern {
    /// Makes a pattern of a text. Every text is one.
    pub fn new(text: &str) -> Self {
        Self(WildMatch::new(text))
    }

    /// Tells whether the pattern matches the whole of a text.
    pub fn matches(&self, text: &str) -> bool {
        self.0.matches(text)
    }
}

impl fmt::Display for AddressPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EXAMPLES: &[&str] = &[
        "user/alice",
        "login_profile/alice",
        "credential/alice:AKIAIOSFODNN7EXAMPLE",
        "mfa_device/alice",
        "group/mfa-admins",
        "membership/mfa-admins:alice",
        "policy/enforce-mfa",
        "policy/aws/job-function/Billing",
        "attachment/group:mfa-admins:enforce-mfa",
        "attachment/role:ops:aws/ReadOnlyAccess",
        "inline_policy/user:alice:own-bucket",
        "role/ops",
        "password_policy/account",
        "log_group/CloudTrail/AWSLogs",
        "metric_filter/CloudTrail/AWSLogs:MFAUsageFilter",
        "alarm/a:b/c d",
        "dashboard/MFA-Security-Dashboard",
    ];

    #[test]
    fn an_address_prints_as_it_is_typed() {
        for text in EXAMPLES {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), *text);
        }
    }

    #[test]
    fn every_kind_has_an_address() {
        for kind in Kind::ALL {
            assert!(
                EXAMPLES
                    .iter()
                    .any(|text| text.parse::<Address>().unwrap().kind() == *kind),
                "{kind}"
            );
        }
    }

    #[test]
    fn an_address_that_is_none_says_how_it_is_written() {
        let error = "membership/alice".parse::<Address>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`membership/alice` is not an address: a name of this kind is written `membership/GROUP:USER`"
        );
        assert!("users/alice".parse::<Address>().is_err());
        assert!("alice".parse::<Address>().is_err());
        assert!("attachment/team:x:y".parse::<Address>().is_err());
    }

    #[test]
    fn a_star_in_a_pattern_crosses_slashes() {
        assert!(AddressPattern::new("/people/*").matches("/people/eng/alice"));
        assert!(AddressPattern::new("user/ci-*").matches("user/ci-build"));
        assert!(!AddressPattern::new("user/ci-*").matches("user/alice"));
    }

    proptest! {
        #[test]
        fn parsing_an_address_never_panics(text in "\\PC{0,40}") {
            if let Ok(address) = text.parse::<Address>() {
                prop_assert_eq!(address.to_string().parse::<Address>().unwrap(), address);
            }
        }
    }
}
