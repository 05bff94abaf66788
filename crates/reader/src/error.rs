//! Why nothing could be read at all.

use std::error::Error;
use std::iter::successors;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Says why it isn't known whose account this is.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There are no credentials, or they couldn't be loaded.
    #[error("no AWS credentials: {0}")]
    NoCredentials(String),
    /// The endpoint didn't answer, or not in time.
    #[error("AWS can't be reached: {0}")]
    Unreachable(String),
    /// The credentials were good once.
    #[error("the AWS credentials have expired: {0}")]
    Expired(String),
    /// AWS doesn't know the credentials, or the request's signature is wrong.
    #[error("AWS refused the credentials: {0}")]
    Refused(String),
    /// The credentials are good, but a policy forbids the call.
    #[error("sts:GetCallerIdentity is denied: {0}")]
    Denied(String),
    /// AWS was asked too much.
    #[error("AWS takes no more calls for the moment: {0}")]
    Throttled(String),
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
            Self::Expired(_) => "sign in again (`aws sso login`), or get new session credentials",
            Self::Refused(_) => {
                "the access key may be deleted, mistyped or of another partition, or this machine's clock wrong"
            }
            Self::Denied(_) => {
                "no IAM policy can deny this call, so look at the session policy and the service control policies"
            }
            Self::Throttled(_) => "try again later",
            Self::Other(_) => "try again; with -v the log says more",
        }
    }

    pub(crate) fn of<E, R>(error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
        R: std::fmt::Debug + 'static,
    {
        if let Some(code) = error.code() {
            return Self::of_code(code, message(error));
        }
        let message = innermost(error);
        match error {
            SdkError::TimeoutError(_) => Self::Unreachable(message),
            _ if is_about_credentials(error) => Self::NoCredentials(message),
            SdkError::DispatchFailure(_) => Self::Unreachable(message),
            _ => Self::Other(message),
        }
    }

    /// Tells STS's error codes apart (Common Error Types in the STS API reference).
    fn of_code(code: &str, message: String) -> Self {
        match code {
            "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => Self::Expired(message),
            "AccessDenied" | "AccessDeniedException" => Self::Denied(message),
            "IncompleteSignature"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "MissingAuthenticationToken"
            | "SignatureDoesNotMatch"
            | "UnrecognizedClientException" => Self::Refused(message),
            _ if model::is_throttling(code) => Self::Throttled(message),
            _ => Self::Other(message),
        }
    }
}

/// Says why a call failed: AWS's code and message, or else the innermost cause.
pub(crate) fn message<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        (None, _) => innermost(error),
    }
}

/// Credentials are loaded while the first request is sent; where that fails, the cause is deep inside.
fn is_about_credentials(error: &(dyn Error + 'static)) -> bool {
    successors(Some(error), |&error| error.source()).any(<dyn Error>::is::<CredentialsError>)
}

/// Returns the message of the innermost cause, which says what happened; the outer ones say where.
fn innermost(error: &(dyn Error + 'static)) -> String {
    successors(Some(error), |&error| error.source())
        .last()
        .unwrap_or(error)
        .to_string()
}
