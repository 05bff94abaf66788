//! Everybody's credentials, from the credential report, and what their MFA devices are.
//!
//! It takes three calls, or one more for each thousand virtual devices, and one for each user who has MFA and no virtual
//! device: no call lists security keys and tokens of all users.

mod parse;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_iam::error::SdkError;
use aws_sdk_iam::operation::get_credential_report::{
    GetCredentialReportError, GetCredentialReportOutput,
};
use aws_sdk_iam::operation::list_mfa_devices::ListMFADevicesError;
use aws_sdk_iam::types::AssignmentStatusType;
use model::{CredentialReport, MfaType, Person, ReadFailure, UserName};

use crate::Clients;
use crate::part::{Limit, failure, unexpected};

const GENERATE: &str = "iam:GenerateCredentialReport";
const GET: &str = "iam:GetCredentialReport";
const LIST_VIRTUAL: &str = "iam:ListVirtualMFADevices";
const LIST_OF_USER: &str = "iam:ListMFADevices";

/// How long to wait before asking again for a report that is being made.
const PAUSE: Duration = Duration::from_secs(1);

/// How often to ask for a report: IAM takes seconds for thousands of users.
const ASKED: usize = 60;

/// Reads everybody's credentials. What their devices are may be missing; then the report says why.
///
/// # Errors
///
/// Says why there is no report.
pub async fn credential_report(
    clients: &Clients,
    parallelism: usize,
) -> Result<CredentialReport, ReadFailure> {
    let (answer, devices) = tokio::join!(report(clients), virtual_devices(clients));
    let answer = answer?;
    let content = answer.content().map_or(&[][..], AsRef::as_ref);
    let people = parse::parse(content).map_err(|error| unexpected(GET, &error))?;
    let generated = answer
        .generated_time()
        .map(aws_smithy_types::DateTime::secs);
    let generated = generated.and_then(|second| jiff::Timestamp::from_second(second).ok());
    let mut report = CredentialReport {
        generated: generated.ok_or_else(|| unexpected(GET, &"it has no time"))?,
        people,
        unread: None,
    };
    match devices {
        Ok(devices) => {
            add_devices(&mut report, devices);
            ask_for_others(clients, &mut report, &Limit::new(parallelism)).await;
        }
        Err(failure) => report.unread = Some(failure),
    }
    Ok(report)
}

/// Has a report made, unless there is one of the last four hours, and waits for it.
async fn report(clients: &Clients) -> Result<GetCredentialReportOutput, ReadFailure> {
    let generated = clients.iam.generate_credential_report().send().await;
    generated.map_err(|error| failure(GENERATE, &error))?;
    let mut asked = 0;
    loop {
        asked += 1;
        match clients.iam.get_credential_report().send().await {
            Ok(answer) => return Ok(answer),
            Err(error) if asked < ASKED && is_being_made(&error) => {
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(failure(GET, &error)),
        }
    }
}

/// Tells whether an error will pass, since the report that was asked for isn't ready, and an old one may have expired.
fn is_being_made<R>(error: &SdkError<GetCredentialReportError, R>) -> bool {
    error.as_service_error().is_some_and(|error| {
        error.is_credential_report_not_ready_exception()
            || error.is_credential_report_not_present_exception()
            || error.is_credential_report_expired_exception()
    })
}

/// Lists whose virtual devices are enabled.
async fn virtual_devices(clients: &Clients) -> Result<BTreeSet<Person>, ReadFailure> {
    let call = clients.iam.list_virtual_mfa_devices().max_items(1000);
    let call = call.assignment_status(AssignmentStatusType::Assigned);
    let mut pages = call.into_paginator().send();
    let mut owners = BTreeSet::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(LIST_VIRTUAL, &error))?;
        let users = page.virtual_mfa_devices().iter();
        for user in users.filter_map(|device| device.user()) {
            owners.insert(if user.arn().ends_with(":root") {
                Person::Root
            } else {
                let name = UserName::new(user.user_name());
                Person::User(name.map_err(|error| unexpected(LIST_VIRTUAL, &error))?)
            });
        }
    }
    Ok(owners)
}

/// The list is newer than the report: who is in it has MFA by now.
fn add_devices(report: &mut CredentialReport, owners: BTreeSet<Person>) {
    for owner in owners {
        if let Some(credentials) = report.people.get_mut(&owner) {
            credentials.mfa = true;
            credentials.devices.insert(MfaType::Virtual);
        }
    }
}

/// Asks for the devices of everybody who has MFA and no virtual device. Whoever has none any more has no MFA.
async fn ask_for_others(clients: &Clients, report: &mut CredentialReport, limit: &Limit) {
    let has_other =
        |credentials: &model::Credentials| credentials.mfa && credentials.devices.is_empty();
    let others = report.people.iter().filter(|(_, it)| has_other(it));
    let others: Vec<UserName> = others
        .filter_map(|(person, _)| match person {
            Person::User(name) => Some(name.clone()),
            Person::Root => None,
        })
        .collect();
    let asked = limit.each(&others, |user| devices_of(clients, user)).await;
    let found: BTreeMap<&UserName, _> = others.iter().zip(asked).collect();
    for (user, devices) in found {
        let Some(credentials) = report.people.get_mut(&Person::User(user.clone())) else {
            continue;
        };
        match devices {
            Ok(devices) => {
                credentials.mfa = !devices.is_empty();
                credentials.devices = devices;
            }
            Err(failure) => report.unread = Some(failure),
        }
    }
}

/// Returns the sorts of a user's devices. A user who was deleted since the report was made has none.
async fn devices_of(clients: &Clients, user: &UserName) -> Result<BTreeSet<MfaType>, ReadFailure> {
    let answer = clients.iam.list_mfa_devices().user_name(user.as_str());
    // Nobody has more than eight, which is one page.
    match answer.send().await {
        Ok(answer) => {
            let serials = answer.mfa_devices().iter();
            Ok(serials
                .map(|device| MfaType::of_serial(device.serial_number()))
                .collect())
        }
        Err(error)
            if error
                .as_service_error()
                .is_some_and(ListMFADevicesError::is_no_such_entity_exception) =>
        {
            Ok(BTreeSet::new())
        }
        Err(error) => Err(failure(LIST_OF_USER, &error)),
    }
}
