//! Names, checked as AWS checks them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::Serialize;

/// Says why a text can't be a name of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` can't be {what}: {reason}", value.escape_debug())]
pub struct NameError {
    /// What the text was to name, with its article: "a user name".
    pub what: &'static str,
    /// The text itself.
    pub value: String,
    /// The rule it breaks, as a clause.
    pub reason: String,
}

struct Rule {
    what: &'static str,
    longest: usize,
    allowed: fn(char) -> bool,
    characters: &'static str,
}

fn check(value: &str, rule: &Rule) -> Result<(), NameError> {
    let error = |reason: String| NameError {
        what: rule.what,
        value: value.to_owned(),
        reason,
    };
    let length = value.chars().count();
    if length == 0 {
        return Err(error("it is empty".to_owned()));
    }
    if length > rule.longest {
        return Err(error(format!(
            "it has {length} characters, {} are allowed",
            rule.longest
        )));
    }
    match value.chars().find(|&c| !(rule.allowed)(c)) {
        Some(c) => Err(error(format!(
            "{} is not allowed, only {}",
            Quoted(c),
            rule.characters
        ))),
        None => Ok(()),
    }
}

/// Shows one character so that a reader can tell which it is.
struct Quoted(char);

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ' ' => f.write_str("a space"),
            c => write!(f, "`{}`", c.escape_debug()),
        }
    }
}

fn iam_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+=,.@_-".contains(c)
}

fn printable(c: char) -> bool {
    !c.is_control()
}

const IAM: &str = "letters, digits and `+=,.@_-`";

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $what:literal, $longest:literal, $allowed:expr, $characters:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $type(Arc<str>);

        impl $type {
            /// Checks a text and makes it a name.
            pub fn new(value: impl AsRef<str>) -> Result<Self, NameError> {
                let value = value.as_ref();
                const RULE: Rule =
                    Rule { what: $what, longest: $longest, allowed: $allowed, characters: $characters };
                check(value, &RULE)?;
                Ok(Self(value.into()))
            }

            /// Returns the name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Returns the form in which AWS compares names where it ignores their case.
            pub fn folded(&self) -> String {
                self.0.to_ascii_lowercase()
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $type {
            type Err = NameError;

            fn from_str(value: &str) -> Result<Self, NameError> {
                Self::new(value)
            }
        }
    };
}

name!(
    /// Names an IAM user: 1 to 64 characters, unique in the account without regard to case.
    UserName, "a user name", 64, iam_character, IAM
);
name!(
    /// Names an IAM group: 1 to 128 characters, unique in the account without regard to case.
    GroupName, "a group name", 128, iam_character, IAM
);
name!(
    /// Names an IAM role: 1 to 64 characters.
    RoleName, "a role name", 64, iam_character, IAM
);
name!(
    /// Names a managed policy: 1 to 128 characters, unique in the account without regard to case.
    PolicyName, "a policy name", 128, iam_character, IAM
);
name!(
    /// Names an inline policy: 1 to 128 characters, unique in its user, group or role.
    InlinePolicyName, "an inline policy name", 128, iam_character, IAM
);
name!(
    /// Names an MFA device: the last part of its serial number.
    DeviceName, "an MFA device name", 226, iam_character, IAM
);
name!(
    /// Identifies one credential of a user: an access key's, certificate's or key's id.
    CredentialId, "a credential id", 128, |c| c.is_ascii_alphanumeric() || c == '_' || c == '-', "letters, digits, `_` and `-`"
);
name!(
    /// Names a CloudWatch Logs log group: 1 to 512 characters.
    LogGroupName, "a log group name", 512, |c| c.is_ascii_alphanumeric() || "_-/.#".contains(c), "letters, digits and `_-/.#`"
);
name!(
    /// Names a metric filter: 1 to 512 characters, unique in its log group.
    FilterName, "a metric filter name", 512, |c| printable(c) && c != ':' && c != '*', "characters other than `:` and `*`"
);
name!(
    /// Names a CloudWatch alarm: 1 to 255 characters, unique in its account and region.
    AlarmName, "an alarm name", 255, printable, "printable characters"
);
name!(
    /// Names a CloudWatch dashboard: 1 to 255 characters, unique in its account.
    DashboardName, "a dashboard name", 255, |c| c.is_ascii_alphanumeric() || c == '_' || c == '-', "letters, digits, `_` and `-`"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_name_may_have_64_characters_and_no_more() {
        assert!(UserName::new("a".repeat(64)).is_ok());
        let error = UserName::new("a".repeat(65)).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("it has 65 characters, 64 are allowed"),
            "{error}"
        );
    }

    #[test]
    fn an_error_names_the_character_that_is_not_allowed() {
        let error = UserName::new("al ice").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`al ice` can't be a user name: a space is not allowed, only letters, digits and `+=,.@_-`"
        );
        let error = GroupName::new("a\u{1b}[31m").unwrap_err();
        assert!(
            !error.to_string().contains('\u{1b}'),
            "an escape must be shown, not obeyed: {error}"
        );
    }

    #[test]
    fn an_empty_name_is_an_error() {
        assert_eq!(PolicyName::new("").unwrap_err().reason, "it is empty");
    }

    #[test]
    fn a_metric_filter_name_has_no_colon_since_addresses_split_there() {
        assert!(FilterName::new("a:b").is_err());
        assert!(FilterName::new("Sign-in failures (console)").is_ok());
    }
}
