//! What an operation answers when it refuses: AWS's code, HTTP status and words.

/// Holds a refusal as AWS would send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Error {
    pub(crate) code: Code,
    pub(crate) message: String,
}

impl Error {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    pub(crate) fn no_such_entity(message: impl Into<String>) -> Self {
        Self::new(Code::NoSuchEntity, message)
    }

    pub(crate) fn already_exists(message: impl Into<String>) -> Self {
        Self::new(Code::EntityAlreadyExists, message)
    }

    pub(crate) fn delete_conflict(message: impl Into<String>) -> Self {
        Self::new(Code::DeleteConflict, message)
    }

    pub(crate) fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidInput, message)
    }

    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new(Code::ValidationError, message)
    }

    /// Returns IAM's refusal of one more object than a quota allows.
    pub(crate) fn over_quota(quota: &str, limit: usize) -> Self {
        Self::new(
            Code::LimitExceeded,
            format!("Cannot exceed quota for {quota}: {limit}"),
        )
    }

    /// Returns whose fault it is, as AWS says it.
    pub(crate) fn fault(&self) -> &'static str {
        if self.code.status() >= 500 {
            "Receiver"
        } else {
            "Sender"
        }
    }
}

/// Names a kind of refusal; names, shapes and statuses are those of the API models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    // Every service
    AccessDenied,
    ExpiredToken,
    IncompleteSignature,
    InternalFailure,
    InvalidAction,
    InvalidClientTokenId,
    MalformedRequest,
    MissingAuthenticationToken,
    RequestTooLarge,
    SerializationException,
    Throttling,
    ValidationError,
    // IAM
    ConcurrentModification,
    DeleteConflict,
    DuplicateSshPublicKey,
    EntityAlreadyExists,
    InvalidMfaCodes,
    InvalidInput,
    InvalidPublicKey,
    InvalidUserType,
    LimitExceeded,
    MalformedCertificate,
    MalformedPolicyDocument,
    NoSuchEntity,
    NotSupportedService,
    PasswordPolicyViolation,
    ReportExpired,
    ReportNotPresent,
    UnrecognizedPublicKeyEncoding,
    // CloudWatch
    AlarmLimitExceeded,
    AlarmNotFound,
    DashboardInvalidInput,
    DashboardNotFound,
    InvalidFormat,
    InvalidNextToken,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
    ResourceToTagNotFound,
    // Logs
    InvalidOperation,
    InvalidParameter,
    LogsLimitExceeded,
    LogsResourceNotFound,
    LogsThrottling,
    MalformedQuery,
    ResourceAlreadyExists,
    TooManyTags,
    Validation,
    OperationAborted,
    // S3
    AuthorizationHeaderMalformed,
    BadDigest,
    BucketAlreadyOwnedByYou,
    ConditionalRequestConflict,
    IllegalLocationConstraint,
    IncompleteBody,
    InternalError,
    InvalidArgument,
    InvalidBucketName,
    InvalidUri,
    KeyTooLong,
    MalformedXml,
    NoSuchBucket,
    NoSuchKey,
    NotImplemented,
    NotModified,
    PreconditionFailed,
    SlowDown,
    // CloudTrail
    InvalidEventCategory,
    InvalidLookupAttributes,
    InvalidMaxResults,
    InvalidTimeRange,
    InvalidTrailToken,
}

impl Code {
    /// Returns the word that clients go by.
    pub(crate) fn name(self) -> &'static str {
        self.wire().0
    }

    /// Returns the name of the error's shape, which newer protocols send.
    pub(crate) fn shape(self) -> &'static str {
        match self {
            Self::AccessDenied => "AccessDeniedException",
            Self::AlarmLimitExceeded => "LimitExceededFault",
            Self::DashboardInvalidInput => "DashboardInvalidInputError",
            Self::DashboardNotFound => "DashboardNotFoundError",
            Self::ExpiredToken => "ExpiredTokenException",
            Self::InvalidFormat => "InvalidFormatFault",
            Self::InvalidParameterCombination => "InvalidParameterCombinationException",
            Self::InvalidParameterValue => "InvalidParameterValueException",
            Self::MissingParameter => "MissingRequiredParameterException",
            _ => self.name(),
        }
    }

    /// Returns the HTTP status that comes with the code.
    pub(crate) fn status(self) -> u16 {
        self.wire().1
    }

    fn wire(self) -> (&'static str, u16) {
        match self {
            Self::AccessDenied => ("AccessDenied", 403),
            Self::ExpiredToken => ("ExpiredToken", 403),
            Self::IncompleteSignature => ("IncompleteSignature", 403),
            Self::InternalFailure => ("InternalFailure", 500),
            Self::InvalidAction => ("InvalidAction", 400),
            Self::InvalidClientTokenId => ("InvalidClientTokenId", 403),
            Self::MalformedRequest => ("MalformedRequest", 400),
            Self::MissingAuthenticationToken => ("MissingAuthenticationToken", 403),
            Self::RequestTooLarge => ("RequestEntityTooLarge", 413),
            Self::SerializationException => ("SerializationException", 400),
            Self::Throttling => ("Throttling", 400),
            Self::ValidationError => ("ValidationError", 400),
            Self::ConcurrentModification => ("ConcurrentModification", 409),
            Self::DeleteConflict => ("DeleteConflict", 409),
            Self::DuplicateSshPublicKey => ("DuplicateSSHPublicKey", 400),
            Self::EntityAlreadyExists => ("EntityAlreadyExists", 409),
            Self::InvalidMfaCodes => ("InvalidAuthenticationCode", 403),
            Self::InvalidInput => ("InvalidInput", 400),
            Self::InvalidPublicKey => ("InvalidPublicKey", 400),
            Self::InvalidUserType => ("InvalidUserType", 400),
            Self::LimitExceeded => ("LimitExceeded", 409),
            Self::MalformedCertificate => ("MalformedCertificate", 400),
            Self::MalformedPolicyDocument => ("MalformedPolicyDocument", 400),
            Self::NoSuchEntity => ("NoSuchEntity", 404),
            Self::NotSupportedService => ("NotSupportedService", 404),
            Self::PasswordPolicyViolation => ("PasswordPolicyViolation", 400),
            Self::ReportExpired => ("ReportExpired", 410),
            Self::ReportNotPresent => ("ReportNotPresent", 410),
            Self::UnrecognizedPublicKeyEncoding => ("UnrecognizedPublicKeyEncoding", 400),
            Self::AlarmLimitExceeded => ("LimitExceeded", 400),
            Self::AlarmNotFound => ("ResourceNotFound", 404),
            Self::DashboardInvalidInput => ("InvalidParameterInput", 400),
            Self::DashboardNotFound => ("ResourceNotFound", 404),
            Self::InvalidFormat => ("InvalidFormat", 400),
            Self::InvalidNextToken => ("InvalidNextToken", 400),
            Self::InvalidParameterCombination => ("InvalidParameterCombination", 400),
            Self::InvalidParameterValue => ("InvalidParameterValue", 400),
            Self::MissingParameter => ("MissingParameter", 400),
            Self::ResourceToTagNotFound => ("ResourceNotFoundException", 404),
            Self::InvalidOperation => ("InvalidOperationException", 400),
            Self::InvalidParameter => ("InvalidParameterException", 400),
            Self::LogsLimitExceeded => ("LimitExceededException", 400),
            Self::LogsResourceNotFound => ("ResourceNotFoundException", 400),
            Self::MalformedQuery => ("MalformedQueryException", 400),
            Self::LogsThrottling => ("ThrottlingException", 400),
            Self::ResourceAlreadyExists => ("ResourceAlreadyExistsException", 400),
            Self::TooManyTags => ("TooManyTagsException", 400),
            Self::Validation => ("ValidationException", 400),
            Self::OperationAborted => ("OperationAbortedException", 400),
            Self::AuthorizationHeaderMalformed => ("AuthorizationHeaderMalformed", 400),
            Self::BadDigest => ("BadDigest", 400),
            Self::BucketAlreadyOwnedByYou => ("BucketAlreadyOwnedByYou", 409),
            Self::ConditionalRequestConflict => ("ConditionalRequestConflict", 409),
            Self::IllegalLocationConstraint => ("IllegalLocationConstraintException", 400),
            Self::IncompleteBody => ("IncompleteBody", 400),
            Self::InternalError => ("InternalError", 500),
            Self::InvalidArgument => ("InvalidArgument", 400),
            Self::InvalidBucketName => ("InvalidBucketName", 400),
            Self::InvalidUri => ("InvalidURI", 400),
            Self::KeyTooLong => ("KeyTooLongError", 400),
            Self::MalformedXml => ("MalformedXML", 400),
            Self::NoSuchBucket => ("NoSuchBucket", 404),
            Self::NoSuchKey => ("NoSuchKey", 404),
            Self::NotImplemented => ("NotImplemented", 501),
            Self::NotModified => ("NotModified", 304),
            Self::PreconditionFailed => ("PreconditionFailed", 412),
            Self::SlowDown => ("SlowDown", 503),
            Self::InvalidEventCategory => ("InvalidEventCategoryException", 400),
            Self::InvalidLookupAttributes => ("InvalidLookupAttributesException", 400),
            Self::InvalidMaxResults => ("InvalidMaxResultsException", 400),
            Self::InvalidTimeRange => ("InvalidTimeRangeException", 400),
            Self::InvalidTrailToken => ("InvalidNextTokenException", 400),
        }
    }
}
