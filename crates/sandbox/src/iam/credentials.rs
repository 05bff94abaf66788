//! Users' signing certificates and service-specific credentials.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::access_keys::Status;
use super::names::{CREDENTIAL_ID, EXISTING_USER_NAME, LATIN_1};
use super::page::Page;
use super::users::User;
use super::{ids, quotas};
use crate::call::{Call, Pattern, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::Record;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("UploadSigningCertificate", upload_certificate)
        .unlike("only the frame is checked, and that the content is DER"),
    Operation::read("ListSigningCertificates", list_certificates),
    Operation::write("UpdateSigningCertificate", update_certificate),
    Operation::write("DeleteSigningCertificate", delete_certificate),
    Operation::write("CreateServiceSpecificCredential", create_service_credential),
    Operation::read("ListServiceSpecificCredentials", list_service_credentials),
    Operation::write("UpdateServiceSpecificCredential", update_service_credential),
    Operation::write("ResetServiceSpecificCredential", reset_service_credential),
    Operation::write("DeleteServiceSpecificCredential", delete_service_credential),
];

/// Holds an X.509 certificate as it was uploaded.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SigningCertificate {
    body: String,
    pub(super) status: Status,
    pub(super) uploaded: Timestamp,
}

/// Holds what a user signs in to one service with; the secret of it is not kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceSpecificCredential {
    service: String,
    /// The user name, or the alias of an API key.
    service_user_name: String,
    status: Status,
    created: Timestamp,
    /// When an API key ends, if it does.
    #[serde(default)]
    expires: Option<Timestamp>,
}

const CERTIFICATE: Shape = Shape {
    lengths: 1..=16_384,
    pattern: LATIN_1,
};
const SERVICE: Shape = Shape {
    lengths: 1..=128,
    pattern: Pattern::ANY,
};

/// The services that take service-specific user names and passwords.
const PASSWORD_SERVICES: &[&str] = &["codecommit.amazonaws.com", "cassandra.amazonaws.com"];

/// The services that take long-term API keys.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_api_keys_for_aws_services.html>
const API_KEY_SERVICES: &[&str] = &["bedrock.amazonaws.com", "logs.amazonaws.com"];

/// Keeps a certificate that is PEM around something like DER; more of it is not looked at.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSigningCertificate.html>
fn upload_certificate(account: &mut Account, call: &Call<'_>) -> Answer {
    let body = call.input.required_text("CertificateBody", &CERTIFICATE)?;
    let user = account.called_user_mut(call)?;
    if !is_pem_certificate(body) {
        return Err(Error::new(
            Code::MalformedCertificate,
            "The certificate is malformed.",
        ));
    }
    if user.signing_certificates.len() >= quotas::SIGNING_CERTIFICATES_PER_USER {
        return Err(Error::over_quota(
            "CertificatesPerUser",
            quotas::SIGNING_CERTIFICATES_PER_USER,
        ));
    }
    let id = ids::certificate_id()?;
    let certificate = SigningCertificate {
        body: body.to_owned(),
        status: Status::Active,
        uploaded: call.now,
    };
    let answer = certificate_record(user, &id, &certificate);
    user.signing_certificates.insert(id, certificate);
    Ok(Record::new().with("Certificate", answer))
}

fn is_pem_certificate(body: &str) -> bool {
    let inner = body.trim().strip_prefix("-----BEGIN CERTIFICATE-----");
    let inner = inner.and_then(|rest| rest.strip_suffix("-----END CERTIFICATE-----"));
    let base64: Option<String> =
        inner.map(|inner| inner.chars().filter(|c| !c.is_whitespace()).collect());
    // DER begins with a SEQUENCE.
    base64
        .and_then(|base64| BASE64.decode(base64.as_bytes()).ok())
        .is_some_and(|der| der.first() == Some(&0x30))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSigningCertificates.html>
fn list_certificates(account: &Account, call: &Call<'_>) -> Answer {
    let user = account.called_user(call)?;
    let certificates = user.signing_certificates.iter();
    Ok(Page::of(call)?.answer(
        "Certificates",
        certificates.map(|(id, it)| (id, certificate_record(user, id, it))),
    ))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateSigningCertificate.html>
fn update_certificate(account: &mut Account, call: &Call<'_>) -> Answer {
    let id = call.input.required_text("CertificateId", &CREDENTIAL_ID)?;
    let status = Status::sent(call)?;
    let certificates = &mut account.called_user_mut(call)?.signing_certificates;
    certificates
        .get_mut(id)
        .ok_or_else(|| none("Certificate", id))?
        .status = status;
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteSigningCertificate.html>
fn delete_certificate(account: &mut Account, call: &Call<'_>) -> Answer {
    let id = call.input.required_text("CertificateId", &CREDENTIAL_ID)?;
    let user = account.called_user_mut(call)?;
    user.signing_certificates
        .remove(id)
        .ok_or_else(|| none("Certificate", id))?;
    Ok(Record::new())
}

fn certificate_record(user: &User, id: &str, certificate: &SigningCertificate) -> Record {
    Record::new()
        .with("UserName", &user.name)
        .with("CertificateId", id)
        .with("CertificateBody", &certificate.body)
        .with("Status", certificate.status.name())
        .with("UploadDate", certificate.uploaded)
}

/// Creates a user name and password for `CodeCommit` or Keyspaces, or a long-term API key for Bedrock or Logs.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html>
fn create_service_credential(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("UserName", &EXISTING_USER_NAME)?;
    let service = call.input.required_text("ServiceName", &SERVICE)?;
    let days = call.input.integer("CredentialAgeDays", 1..=36_600)?;
    let account_id = account.id.clone();
    let user = account.iam.user_mut(name)?;
    let is_api_key = API_KEY_SERVICES.contains(&service);
    if !is_api_key && !PASSWORD_SERVICES.contains(&service) {
        let message = format!("The service {service} is not supported here.");
        return Err(Error::new(Code::NotSupportedService, message));
    }
    if days.is_some() && !is_api_key {
        let message = format!("CredentialAgeDays is not valid for {service}.");
        return Err(Error::invalid_input(message));
    }
    let of_service = user.service_credentials.values();
    let owned = of_service.filter(|it| it.service == service).count();
    let limit = quotas::SERVICE_CREDENTIALS_PER_SERVICE;
    if owned >= limit {
        return Err(Error::over_quota(
            "ServiceSpecificCredentialsPerUser",
            limit,
        ));
    }
    let id = ids::unique_id(ids::SERVICE_SPECIFIC_CREDENTIAL)?;
    let credential = ServiceSpecificCredential {
        service: service.to_owned(),
        service_user_name: format!("{name}-at-{account_id}"),
        status: Status::Active,
        created: call.now,
        expires: days.and_then(|days| {
            call.now
                .checked_add(SignedDuration::from_hours(24 * days))
                .ok()
        }),
    };
    let answer = with_new_secret(user, &id, &credential)?;
    user.service_credentials.insert(id, credential);
    Ok(Record::new().with("ServiceSpecificCredential", answer))
}

/// Returns a credential with the secret that is told once.
fn with_new_secret(
    user: &User,
    id: &str,
    credential: &ServiceSpecificCredential,
) -> Result<Record, Error> {
    let secret = if credential.is_api_key() {
        "ServiceCredentialSecret"
    } else {
        "ServicePassword"
    };
    Ok(service_credential_record(user, id, credential).with(secret, ids::secret_key()?))
}

/// Gives a credential a new secret.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ResetServiceSpecificCredential.html>
fn reset_service_credential(account: &mut Account, call: &Call<'_>) -> Answer {
    let id = call
        .input
        .required_text("ServiceSpecificCredentialId", &CREDENTIAL_ID)?;
    let user = account.called_user(call)?;
    let credential = user
        .service_credentials
        .get(id)
        .ok_or_else(|| none("Service specific credential", id))?;
    let answer = with_new_secret(user, id, credential)?;
    Ok(Record::new().with("ServiceSpecificCredential", answer))
}

impl ServiceSpecificCredential {
    fn is_api_key(&self) -> bool {
        API_KEY_SERVICES.contains(&self.service.as_str())
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServiceSpecificCredentials.html>
fn list_service_credentials(account: &Account, call: &Call<'_>) -> Answer {
    let service = call.input.text("ServiceName", &SERVICE)?;
    let page = Page::of(call)?;
    if call.input.boolean("AllUsers")?.unwrap_or(false) {
        let all = account
            .iam
            .users
            .iter()
            .flat_map(|(_, user)| credentials_of(user, service));
        return Ok(page.answer(
            "ServiceSpecificCredentials",
            all.collect::<BTreeMap<_, _>>().into_iter(),
        ));
    }
    let own = credentials_of(account.called_user(call)?, service);
    Ok(page.answer("ServiceSpecificCredentials", own))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateServiceSpecificCredential.html>
fn update_service_credential(account: &mut Account, call: &Call<'_>) -> Answer {
    let id = call
        .input
        .required_text("ServiceSpecificCredentialId", &CREDENTIAL_ID)?;
    let status = Status::sent(call)?;
    let credentials = &mut account.called_user_mut(call)?.service_credentials;
    credentials
        .get_mut(id)
        .ok_or_else(|| none("Service specific credential", id))?
        .status = status;
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceSpecificCredential.html>
fn delete_service_credential(account: &mut Account, call: &Call<'_>) -> Answer {
    let id = call
        .input
        .required_text("ServiceSpecificCredentialId", &CREDENTIAL_ID)?;
    let user = account.called_user_mut(call)?;
    user.service_credentials
        .remove(id)
        .ok_or_else(|| none("Service specific credential", id))?;
    Ok(Record::new())
}

fn credentials_of<'a>(
    user: &'a User,
    service: Option<&'a str>,
) -> impl Iterator<Item = (&'a String, Record)> {
    let wanted = user
        .service_credentials
        .iter()
        .filter(move |(_, it)| service.is_none_or(|name| it.service == name));
    wanted.map(move |(id, it)| (id, service_credential_record(user, id, it)))
}

fn service_credential_record(
    user: &User,
    id: &str,
    credential: &ServiceSpecificCredential,
) -> Record {
    let name = if credential.is_api_key() {
        "ServiceCredentialAlias"
    } else {
        "ServiceUserName"
    };
    Record::new()
        .with("UserName", &user.name)
        .with("Status", credential.status.name())
        .with(name, &credential.service_user_name)
        .with("CreateDate", credential.created)
        .with_some("ExpirationDate", credential.expires)
        .with("ServiceSpecificCredentialId", id)
        .with("ServiceName", &credential.service)
}

fn none(kind: &str, id: &str) -> Error {
    Error::no_such_entity(format!("The {kind} with id {id} cannot be found."))
}
