//! Long-lived credentials other than passwords and MFA devices. They are only ever deleted, with their user.

use model::{Credential, CredentialId, CredentialType, UserName};

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
