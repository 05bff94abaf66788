//! Why nothing could be read at all.

use std::error::Error;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Says why it isn't known whose account this is.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There are no credentials, or they couldn't be loaded.
    #[error("no AWS credentials: {0}")]
    NoCredentials(String),
    /// The endpoint didn't answer.
    #[error("AWS can't be reached: {0}")]
    Unreachable(String),
    /// AWS refused the credentials.
    #[error("AWS refused the credentials: {0}")]
    Refused(String),
    /// AWS answered something else.
    #[error("sts:GetCallerIdentity failed: {0}")]
    Other(String),
}

impl ReadError {
    /// Returns what to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoCredentials(_) => {
                "sign in (`aws sso login`), set AWS_PROFILE, or try `--sandbox`, which needs no account"
            }
            Self::Unreachable(_) => "check the network, the proxy, the region and AWS_ENDPOINT_URL",
            Self::Refused(_) => {
                "the credentials may have expired or be of another partition; sign in again"
            }
            Self::Other(_) => "try again; with -v the log says more",
        }
    }

    pub(crate) fn of<E, R>(error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
        R: std::fmt::Debug + 'static,
    {
        let innermost = innermost(error);
        match error {
            SdkError::ServiceError(_) => {
                let message = format!(
                    "{}: {}",
                    error.code().unwrap_or("error"),
                    error.message().unwrap_or(&innermost)
                );
                Self::Refused(message)
            }
            SdkError::DispatchFailure(dispatch) if dispatch.is_io() || dispatch.is_timeout() => {
                Self::Unreachable(innermost)
            }
            SdkError::TimeoutError(_) => Self::Unreachable(innermost),
            // Credentials are resolved while the request is built or dispatched.
            SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) => {
                Self::NoCredentials(innermost)
            }
            _ => Self::Other(innermost),
        }
    }
}

/// Returns the message of the innermost cause, which says what happened; the outer ones say where.
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
