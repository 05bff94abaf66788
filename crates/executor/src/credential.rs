//! Long-lived credentials other than passwords and MFA devices. They are only ever deleted, with their user.

use model::{Body, Credential, CredentialId, CredentialType, UserName};

use crate::dispatch::Write;
use crate::step::Step;
use crate::{Error, Outcome};

pub(crate) async fn perform(
    step: &Step<'_>,
    user: &UserName,
    id: &CredentialId,
    write: Write<'_, Credential>,
) -> Result<Outcome, Error> {
    match write {
        Write::Create(_) => Err(step.impossible("is a credential, and none is ever created")),
        Write::Update { .. } => Err(step.impossible("is a credential, and none is ever changed")),
        Write::Delete(before) => delete(step, user, id, before).await,
    }
}

async fn delete(
    step: &Step<'_>,
    user: &UserName,
    id: &CredentialId,
    before: &Credential,
) -> Result<Outcome, Error> {
    let Credential { credential_type } = before;
    let (iam, user, id) = (&step.clients().iam, user.as_str(), id.as_str());
    match credential_type {
        CredentialType::AccessKey => {
            let request = iam.delete_access_key().user_name(user).access_key_id(id);
            step.delete("iam:DeleteAccessKey", || request.clone().send())
                .await
        }
        CredentialType::SigningCertificate => {
            let request = iam.delete_signing_certificate().user_name(user);
            let request = request.certificate_id(id);
            step.delete("iam:DeleteSigningCertificate", || request.clone().send())
                .await
        }
        CredentialType::SshPublicKey => {
            let request = iam.delete_ssh_public_key().user_name(user);
            let request = request.ssh_public_key_id(id);
            step.delete("iam:DeleteSSHPublicKey", || request.clone().send())
                .await
        }
        CredentialType::ServiceSpecificCredential => {
            let request = iam.delete_service_specific_credential().user_name(user);
            let request = request.service_specific_credential_id(id);
            step.delete("iam:DeleteServiceSpecificCredential", || {
                request.clone().send()
            })
            .await
        }
    }
}

/// Reads whether the credential is there.
pub(crate) async fn live(
    step: &Step<'_>,
    user: &UserName,
    id: &CredentialId,
    planned: &Credential,
) -> Result<Option<Body>, Error> {
    let Credential { credential_type } = planned;
    let (iam, user, id) = (&step.clients().iam, user.as_str(), id.as_str());
    let is_there = match credential_type {
        CredentialType::AccessKey => {
            let request = iam.list_access_keys().user_name(user);
            let found = step.find("iam:ListAccessKeys", || request.clone().send());
            found.await?.is_some_and(|output| {
                let mut keys = output.access_key_metadata().iter();
                keys.any(|key| key.access_key_id() == Some(id))
            })
        }
        CredentialType::SigningCertificate => {
            let request = iam.list_signing_certificates().user_name(user);
            let found = step.find("iam:ListSigningCertificates", || request.clone().send());
            found.await?.is_some_and(|output| {
                let mut certificates = output.certificates().iter();
                certificates.any(|certificate| certificate.certificate_id() == id)
            })
        }
        CredentialType::SshPublicKey => {
            let request = iam.list_ssh_public_keys().user_name(user);
            let found = step.find("iam:ListSSHPublicKeys", || request.clone().send());
            found.await?.is_some_and(|output| {
                let mut keys = output.ssh_public_keys().iter();
                keys.any(|key| key.ssh_public_key_id() == id)
            })
        }
        CredentialType::ServiceSpecificCredential => {
            let request = iam.list_service_specific_credentials().user_name(user);
            let found = step.find("iam:ListServiceSpecificCredentials", || {
                request.clone().send()
            });
            found.await?.is_some_and(|output| {
                let mut credentials = output.service_specific_credentials().iter();
                credentials.any(|credential| credential.service_specific_credential_id() == id)
            })
        }
    };
    Ok(is_there.then(|| Body::Credential(planned.clone())))
}
