//! The credential report.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::access_keys::{AccessKey, Status};
use super::users::User;
use crate::call::Call;
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::Record;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("GenerateCredentialReport", generate).unlike("the report is ready at once"),
    Operation::read("GetCredentialReport", get),
];

/// Holds a report as it was when it was made.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CredentialReport {
    generated: Timestamp,
    content: String,
}

/// A report is as good as new for so long.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(4);

/// Makes a report unless there is one of the last four hours, however much has changed since; or always, if the sandbox
/// is told so.
///
/// It is ready at once, though the first answer says `STARTED` as AWS's does.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateCredentialReport.html>
fn generate(account: &mut Account, call: &Call<'_>) -> Answer {
    let report = account.iam.credential_report.as_ref();
    if !call.rules.fresh_credential_reports
        && report.is_some_and(|report| is_good(report, call.now))
    {
        return Ok(Record::new().with("State", "COMPLETE"));
    }
    let content = content(account);
    account.iam.credential_report = Some(CredentialReport {
        generated: call.now,
        content,
    });
    let description = "No report exists. Starting a new report generation task";
    Ok(Record::new()
        .with("State", "STARTED")
        .with("Description", description))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetCredentialReport.html>
fn get(account: &Account, call: &Call<'_>) -> Answer {
    let report = account.iam.credential_report.as_ref();
    let report = report
        .ok_or_else(|| Error::new(Code::ReportNotPresent, "No report has been generated."))?;
    if !is_good(report, call.now) {
        return Err(Error::new(
            Code::ReportExpired,
            "The report has expired; generate a new one.",
        ));
    }
    Ok(Record::new()
        .with("Content", report.content.clone().into_bytes())
        .with("ReportFormat", "text/csv")
        .with("GeneratedTime", report.generated))
}

fn is_good(report: &CredentialReport, now: Timestamp) -> bool {
    now.duration_since(report.generated) < GOOD_FOR
}

const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
password_next_rotation,mfa_active,\
access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,\
access_key_1_last_used_service,\
access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,\
access_key_2_last_used_service,\
cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

/// Returns the report as CSV.
fn content(account: &Account) -> String {
    let [first, second] = access_keys(&account.iam.root_access_keys);
    let root = format!(
        "<root_account>,arn:aws:iam::{}:root,{},not_supported,no_information,not_supported,not_supported,{},{first},{second},{}",
        account.id,
        time(Timestamp::UNIX_EPOCH),
        account.root_device().is_some(),
        "false,N/A,false,N/A"
    );
    let users = account.iam.users.iter().map(|(_, user)| row(account, user));
    let rows: Vec<String> = [COLUMNS.to_owned(), root]
        .into_iter()
        .chain(users)
        .collect();
    rows.join("\n")
}

fn row(account: &Account, user: &User) -> String {
    let [first, second] = access_keys(&user.access_keys);
    let mut certificates = user.signing_certificates.values();
    let mut certificate = || match certificates.next() {
        Some(it) => format!("{},{}", it.status == Status::Active, time(it.uploaded)),
        None => "false,N/A".to_owned(),
    };
    [
        quoted(&user.name),
        quoted(&account.user_arn(user)),
        time(user.created),
        password(account, user),
        account.iam.has_device(&user.name).to_string(),
        first,
        second,
        certificate(),
        certificate(),
    ]
    .join(",")
}

/// Returns whether there is a password, when it was used and changed, and when it has to be changed.
fn password(account: &Account, user: &User) -> String {
    let Some(profile) = &user.login_profile else {
        return "false,N/A,N/A,N/A".to_owned();
    };
    let rotation = account.max_password_age().and_then(|days| {
        profile
            .changed
            .checked_add(SignedDuration::from_hours(24 * days))
            .ok()
            .map(time)
    });
    format!(
        "true,{},{},{}",
        profile
            .last_used
            .map_or_else(|| "no_information".to_owned(), time),
        time(profile.changed),
        rotation.unwrap_or_else(|| "N/A".to_owned())
    )
}

/// Returns the columns of the first two keys, the older one first.
fn access_keys(keys: &BTreeMap<String, AccessKey>) -> [String; 2] {
    let mut keys: Vec<_> = keys.values().collect();
    keys.sort_by_key(|key| key.created);
    [0, 1].map(|place| access_key(keys.get(place).copied()))
}

fn access_key(key: Option<&AccessKey>) -> String {
    let Some(key) = key else {
        return "false,N/A,N/A,N/A,N/A".to_owned();
    };
    let used = match &key.last_used {
        Some(used) => format!("{},{},{}", time(used.at), used.region, used.service),
        None => "N/A,N/A,N/A".to_owned(),
    };
    format!(
        "{},{},{used}",
        key.status == Status::Active,
        time(key.created)
    )
}

/// Returns a field in quotes if it has a comma, as names may.
fn quoted(field: &str) -> String {
    if field.contains(['"', ',']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}
