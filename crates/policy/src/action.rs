//! Patterns for actions: `iam:CreateUser`, `s3:Get*`, `*`.

use std::fmt;

use crate::evaluate::Context;
use crate::evaluate::template::Template;

/// Holds a pattern for actions as written: `*`, or `SERVICE:NAME` where `*` and `?` are wildcards in the name.
///
/// AWS compares actions without regard to case; equality here is that of the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct ActionPattern(String);

impl ActionPattern {
    /// Returns the pattern as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the service prefix, `*` for the pattern `*`.
    pub fn service(&self) -> &str {
        self.0.split_once(':').map_or("*", |(service, _)| service)
    }

    /// Returns the pattern for the action's name within its service, `*` for the pattern `*`.
    pub fn name(&self) -> &str {
        self.0.split_once(':').map_or("*", |(_, name)| name)
    }

    /// Tells whether an action such as `iam:GetUser` matches; its case makes no difference.
    pub fn matches(&self, action: &str) -> bool {
        Template::of_action(self).matches(&action.to_ascii_lowercase(), &Context::default())
    }

    /// Returns the one spelling of all patterns that differ in case only; `*:*` is `*`.
    pub(crate) fn canonical(&self) -> Self {
        match self.0.as_str() {
            "*:*" => Self("*".to_owned()),
            written => Self(written.to_ascii_lowercase()),
        }
    }
}

impl fmt::Display for ActionPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ActionPattern {
    /// Reads a pattern, refusing what `CreatePolicy` refuses. IAM doesn't know which actions exist, nor do we: `eks:` is
    /// accepted and matches nothing.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self(text.to_owned()));
        }
        let Some((service, name)) = text.split_once(':') else {
            return Err("an action must be prefaced by its service, such as `iam:GetUser` or `s3:*`, or be `*`".to_owned());
        };
        if name.contains(':') {
            return Err("an action can contain only one colon".to_owned());
        }
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
        if service != "*" && (service.is_empty() || !service.bytes().all(valid)) {
            return Err("the service before the colon must be letters, digits, `-` and `.`, or the whole of it `*`".to_owned());
        }
        if !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(
                "an action's name can't contain white space, control or non-ASCII characters"
                    .to_owned(),
            );
        }
        Ok(Self(text.to_owned()))
    }
}
