//! The services, and the table by which an operation is found.

use std::collections::HashMap;

use crate::call::Call;
use crate::error::{Code, Error};
use crate::state::{Account, State};
use crate::value::Record;
use crate::{cloudtrail, cloudwatch, iam, logs, s3, sts};

/// Names a service of the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Service {
    Iam,
    Sts,
    CloudWatch,
    Logs,
    S3,
    CloudTrail,
}

impl Service {
    pub(crate) const ALL: [Self; 6] = [
        Self::Iam,
        Self::Sts,
        Self::CloudWatch,
        Self::Logs,
        Self::S3,
        Self::CloudTrail,
    ];

    /// Returns the service that requests are signed for as `name`.
    pub(crate) fn signed_as(name: &str) -> Option<Self> {
        match name {
            "iam" => Some(Self::Iam),
            "sts" => Some(Self::Sts),
            "monitoring" => Some(Self::CloudWatch),
            "logs" => Some(Self::Logs),
            "s3" => Some(Self::S3),
            "cloudtrail" => Some(Self::CloudTrail),
            _ => None,
        }
    }

    /// Returns the prefix of the service's actions in policies.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Iam => "iam",
            Self::Sts => "sts",
            Self::CloudWatch => "cloudwatch",
            Self::Logs => "logs",
            Self::S3 => "s3",
            Self::CloudTrail => "cloudtrail",
        }
    }

    /// Returns the XML namespace of the service's awsQuery answers.
    pub(crate) fn xml_namespace(self) -> &'static str {
        match self {
            Self::Iam => "https://iam.amazonaws.com/doc/2010-05-08/",
            Self::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
            Self::CloudWatch => "http://monitoring.amazonaws.com/doc/2010-08-01/",
            // They never spoke awsQuery.
            Self::Logs | Self::S3 | Self::CloudTrail => "",
        }
    }

    /// Returns the code with which the service refuses a parameter that breaks its model.
    pub(crate) fn invalid_parameter(self) -> Code {
        match self {
            Self::Iam | Self::Sts | Self::CloudWatch => Code::ValidationError,
            Self::Logs => Code::InvalidParameter,
            Self::S3 => Code::InvalidArgument,
            Self::CloudTrail => Code::Validation,
        }
    }

    /// Returns the code with which the service refuses one call too many.
    pub(crate) fn throttling(self) -> Code {
        match self {
            Self::Iam | Self::Sts | Self::CloudWatch => Code::Throttling,
            Self::Logs | Self::CloudTrail => Code::LogsThrottling,
            Self::S3 => Code::SlowDown,
        }
    }

    /// Returns the code with which the service says that it is in trouble.
    pub(crate) fn trouble(self) -> Code {
        match self {
            Self::Iam | Self::Sts | Self::CloudWatch | Self::Logs | Self::CloudTrail => {
                Code::InternalFailure
            }
            Self::S3 => Code::InternalError,
        }
    }

    /// Returns the code with which the service refuses what another call is changing, if it ever does.
    pub(crate) fn conflict(self) -> Option<Code> {
        match self {
            Self::Iam => Some(Code::ConcurrentModification),
            Self::Logs => Some(Code::OperationAborted),
            Self::S3 => Some(Code::ConditionalRequestConflict),
            Self::Sts | Self::CloudWatch | Self::CloudTrail => None,
        }
    }

    pub(crate) fn operations(self) -> Vec<&'static [Operation]> {
        match self {
            Self::Iam => iam::operations(),
            Self::Sts => vec![sts::OPERATIONS],
            Self::CloudWatch => cloudwatch::operations(),
            Self::Logs => logs::operations(),
            Self::S3 => s3::operations(),
            Self::CloudTrail => vec![cloudtrail::OPERATIONS],
        }
    }
}

/// Holds an operation: its name in the API, and what does it.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) run: Run,
    /// In what it is known to differ from AWS's, beyond what `docs/sandbox.md` says of all of them.
    pub(crate) unlike: Option<&'static str>,
}

/// Says whether an operation may change an account.
#[derive(Clone, Copy)]
pub(crate) enum Run {
    Read(fn(&Account, &Call<'_>) -> Answer),
    Write(fn(&mut Account, &Call<'_>) -> Answer),
    /// It may change other accounts than the caller's, whose number it is given.
    Across(fn(&mut State, &str, &Call<'_>) -> Answer),
}

/// What an operation comes to.
pub(crate) type Answer = Result<Record, Error>;

impl Operation {
    pub(crate) const fn read(name: &'static str, run: fn(&Account, &Call<'_>) -> Answer) -> Self {
        Self {
            name,
            run: Run::Read(run),
            unlike: None,
        }
    }

    pub(crate) const fn write(
        name: &'static str,
        run: fn(&mut Account, &Call<'_>) -> Answer,
    ) -> Self {
        Self {
            name,
            run: Run::Write(run),
            unlike: None,
        }
    }

    pub(crate) const fn across(
        name: &'static str,
        run: fn(&mut State, &str, &Call<'_>) -> Answer,
    ) -> Self {
        Self {
            name,
            run: Run::Across(run),
            unlike: None,
        }
    }
}

impl Operation {
    /// Returns the operation with a note of where it differs from AWS's.
    pub(crate) const fn unlike(mut self, what: &'static str) -> Self {
        self.unlike = Some(what);
        self
    }
}

/// Finds operations by service and name.
pub(crate) struct Operations(HashMap<(Service, &'static str), &'static Operation>);

impl Operations {
    pub(crate) fn new() -> Self {
        let operations = Service::ALL.into_iter().flat_map(|service| {
            service
                .operations()
                .into_iter()
                .flatten()
                .map(move |operation| ((service, operation.name), operation))
        });
        Self(operations.collect())
    }

    /// Returns the operation, or the refusal that names it.
    pub(crate) fn find(&self, service: Service, name: &str) -> Result<&'static Operation, Error> {
        self.0.get(&(service, name)).copied().ok_or_else(|| {
            let message = format!(
                "the sandbox has no operation {name} of {}",
                service.prefix()
            );
            Error::new(Code::InvalidAction, message)
        })
    }
}
