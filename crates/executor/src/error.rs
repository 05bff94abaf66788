//! Why an action fails.

use aws_sdk_iam::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use model::Address;

use crate::KitError;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Says why an action failed. No variant holds a secret, and what AWS said has no control characters.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// AWS answered with an error.
    #[error("{operation} failed: {code}{}", message.as_ref().map(|message| format!(": {message}")).unwrap_or_default())]
    Refused {
        /// The call, as IAM policies name it: `iam:CreateUser`.
        operation: &'static str,
        /// AWS's error code, such as `AccessDenied`.
        code: String,
        /// AWS's message, if it gave one.
        message: Option<String>,
        /// What AWS's support asks for.
        request_id: Option<String>,
        /// Whether AWS blames itself (HTTP 5xx), so that the change may have been made nevertheless.
        by_server: bool,
    },
    /// There was no answer, or none that could be read, so that the change may have been made nevertheless.
    #[error("{operation} got no answer")]
    NoAnswer {
        /// The call, as IAM policies name it.
        operation: &'static str,
        /// What went wrong on the way. Missing where the answer itself can't be read, since it may hold a secret.
        #[source]
        source: Option<Source>,
    },
    /// An object that was to be created is there.
    #[error("{0} exists: it appeared since the plan was made")]
    Appeared(Address),
    /// An object that was to be changed isn't there.
    #[error("{0} doesn't exist: it disappeared since the plan was made")]
    Disappeared(Address),
    /// An object isn't what the action was planned on.
    #[error("{address} changed since the plan was made: {}", fields.join(", "))]
    Changed {
        /// The object.
        address: Address,
        /// Which of its fields are neither as they were nor as they are to be.
        fields: Vec<&'static str>,
    },
    /// The run was stopped while the action waited for AWS, which had changed nothing for it.
    #[error("the run was stopped before AWS changed anything")]
    Interrupted,
    /// What was done can't be seen yet, and other actions depend on its being in force.
    #[error("{0} was written but can't be read back yet")]
    NotSeen(Address),
    /// A device was created, but its seed couldn't be kept.
    #[error("{address} was created, but its seed could not be sealed; {}", if *deleted { "it was deleted again" } else { "deleting it again failed too, so it exists and nobody has its seed" })]
    Unsealed {
        /// The device.
        address: Address,
        /// Whether it could be deleted again.
        deleted: bool,
        /// Why the seed couldn't be kept.
        #[source]
        source: Box<Error>,
    },
    /// A person's kit can't be written.
    #[error(transparent)]
    Kit(#[from] KitError),
    /// The operating system gave no random bytes.
    #[error("the system's random number generator failed")]
    Random(#[source] getrandom::Error),
    /// AWS's answer lacks what it is documented to have.
    #[error("the answer to {operation} has no {what}")]
    Incomplete {
        /// The call, as IAM policies name it.
        operation: &'static str,
        /// What is missing.
        what: &'static str,
    },
    /// The plan asks for what can't be done, which is a mistake in mfactl.
    #[error("mfactl made a mistake in its plan: {0}")]
    Internal(String),
}

impl Error {
    pub(crate) fn of_call<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let response = match error {
            SdkError::ServiceError(response) => response,
            SdkError::ResponseError(_) => {
                return Self::NoAnswer {
                    operation,
                    source: None,
                };
            }
            error => {
                let source = error.into_source().ok();
                return Self::NoAnswer { operation, source };
            }
        };
        let metadata = response.err().meta();
        // S3 says there where a bucket is that was asked for elsewhere.
        let region = response.raw().headers().get("x-amz-bucket-region");
        let message = match (metadata.message(), region) {
            (Some(message), Some(region)) => Some(format!("{message} (the bucket is in {region})")),
            (message, _) => message.map(str::to_owned),
        };
        Self::Refused {
            operation,
            code: printable(metadata.code().unwrap_or("an error without a code")),
            message: message.as_deref().map(printable),
            request_id: metadata.request_id().map(printable),
            by_server: response.raw().status().is_server_error(),
        }
    }

    /// Returns AWS's error code, where AWS answered with one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            _ => None,
        }
    }

    /// Returns the call that failed, as IAM policies name it.
    pub(crate) fn operation(&self) -> Option<&'static str> {
        match self {
            Self::Refused { operation, .. }
            | Self::NoAnswer { operation, .. }
            | Self::Incomplete { operation, .. } => Some(operation),
            _ => None,
        }
    }

    /// Returns the id of the request that failed, where AWS gave one.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Refused { request_id, .. } => request_id.as_deref(),
            Self::Unsealed { source, .. } => source.request_id(),
            _ => None,
        }
    }

    /// Says what to do, in a sentence with a full stop, where there is something to do but to try again.
    pub fn advice(&self) -> Option<String> {
        match self {
            Self::Refused {
                operation, code, ..
            } => refused_advice(operation, code),
            Self::NoAnswer { .. } => {
                Some("Plan again: whether the change was made isn't known.".to_owned())
            }
            Self::NotSeen(_) => Some("Try again: AWS is slow to make changes known.".to_owned()),
            Self::Appeared(_) | Self::Disappeared(_) | Self::Changed { .. } => {
                Some("Plan again and look at what changed.".to_owned())
            }
            Self::Unsealed {
                deleted, address, ..
            } if !deleted => Some(format!("Delete {address} before you try again.")),
            Self::Unsealed { source, .. } => source.advice(),
            Self::Internal(_) => Some("Please report it with the plan.".to_owned()),
            Self::Interrupted | Self::Kit(_) | Self::Random(_) | Self::Incomplete { .. } => None,
        }
    }

    /// Tells whether AWS says that an object of that name is there.
    pub(crate) fn is_existing(&self) -> bool {
        matches!(
            self.code(),
            Some("EntityAlreadyExists" | "ResourceAlreadyExistsException")
        )
    }

    /// Tells whether AWS says that the object, or something it refers to, isn't there.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(
            self.code(),
            Some(
                "NoSuchEntity"
                    | "ResourceNotFound"
                    | "ResourceNotFoundException"
                    | "DashboardNotFoundError"
            )
        )
    }

    /// Tells whether AWS says that there were too many calls, for which it did nothing.
    pub(crate) fn is_throttled(&self) -> bool {
        self.code().is_some_and(model::is_throttling)
    }

    /// Tells whether it is certain that AWS changed nothing.
    pub(crate) fn is_certain(&self) -> bool {
        let is_in_doubt = matches!(
            self,
            Self::NoAnswer { .. }
                | Self::Refused {
                    by_server: true,
                    ..
                }
        );
        !is_in_doubt || self.is_throttled()
    }

    /// Takes a secret out of AWS's message, should AWS repeat it.
    pub(crate) fn without(mut self, secret: &str) -> Self {
        if let Self::Refused {
            message: Some(message),
            ..
        } = &mut self
        {
            *message = message.replace(secret, "(secret)");
        }
        self
    }
}

fn refused_advice(operation: &str, code: &str) -> Option<String> {
    Some(match code {
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => {
            format!("Give the credentials that apply the plan the permission {operation}.")
        }
        "LimitExceeded" | "LimitExceededException" | "LimitExceededFault" => {
            "Ask AWS for a higher quota, or declare fewer.".to_owned()
        }
        "DeleteConflict" => {
            "Plan again: it got something that keeps it from being deleted since the plan was made."
                .to_owned()
        }
        "Throttling" | "ThrottlingException" => {
            "Apply again later: AWS takes fewer calls than were made.".to_owned()
        }
        "ExpiredToken" | "ExpiredTokenException" => "Get new credentials and try again.".to_owned(),
        _ => return None,
    })
}

/// Shows control characters instead of obeying them: what AWS says is data.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let escaped = c
                .is_control()
                .then(|| c.escape_default())
                .into_iter()
                .flatten();
            escaped.chain((!c.is_control()).then_some(c))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(message: &str) -> Error {
        Error::Refused {
            operation: "iam:CreateUser",
            code: "AccessDenied".to_owned(),
            message: Some(printable(message)),
            request_id: None,
            by_server: false,
        }
    }

    #[test]
    fn what_aws_says_is_shown_and_not_obeyed() {
        let error = refused("no\u{1b}[2J \"you\" don't, ä");
        assert_eq!(
            error.to_string(),
            "iam:CreateUser failed: AccessDenied: no\\u{1b}[2J \"you\" don't, ä"
        );
    }

    #[test]
    fn a_missing_permission_is_named() {
        assert_eq!(
            refused("x").advice().unwrap(),
            "Give the credentials that apply the plan the permission iam:CreateUser."
        );
    }

    #[test]
    fn a_secret_that_aws_repeats_is_taken_out() {
        let error = refused("hunter2 is too short").without("hunter2");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
