//! Access keys and other credentials of users who are to be deleted: they must go first.

use model::{Address, Body, Credential, CredentialId, CredentialType, Kind, ReadFailure, UserName};

use crate::Clients;
use crate::part::{Part, failure, one_by_one, unexpected};
use crate::scope::Scope;

type Found = Result<Vec<(CredentialType, String)>, ReadFailure>;

pub(crate) async fn read(clients: &Clients, scope: &Scope, parallelism: usize) -> Part {
    one_by_one(&scope.leaving, parallelism, |user| read_one(clients, user)).await
}

async fn read_one(clients: &Clients, user: &UserName) -> Part {
    match of_user(clients, user).await {
        Ok(objects) => Part {
            objects,
            unread: Vec::new(),
            looked_up: vec![(Kind::Credential, user.clone())],
        },
        Err(failure) => Part::unread(&[Kind::Credential], &failure),
    }
}

async fn of_user(clients: &Clients, user: &UserName) -> Result<Vec<(Address, Body)>, ReadFailure> {
    let lists = [
        access_keys(clients, user).await?,
        signing_certificates(clients, user).await?,
        ssh_public_keys(clients, user).await?,
        service_specific_credentials(clients, user).await?,
    ];
    let object = |(credential_type, id): (CredentialType, String)| {
        let id = CredentialId::new(id).map_err(|error| unexpected("iam:List…", &error))?;
        Ok((
            Address::Credential(user.clone(), id),
            Body::Credential(Credential { credential_type }),
        ))
    };
    lists.into_iter().flatten().map(object).collect()
}

async fn access_keys(clients: &Clients, user: &UserName) -> Found {
    let mut pages = clients
        .iam
        .list_access_keys()
        .user_name(user.as_str())
        .into_paginator()
        .send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure("iam:ListAccessKeys", &error))?;
        let ids = page
            .access_key_metadata()
            .iter()
            .filter_map(|key| key.access_key_id());
        found.extend(ids.map(|id| (CredentialType::AccessKey, id.to_owned())));
    }
    Ok(found)
}

async fn signing_certificates(clients: &Clients, user: &UserName) -> Found {
    let mut pages = clients
        .iam
        .list_signing_certificates()
        .user_name(user.as_str())
        .into_paginator()
        .send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure("iam:ListSigningCertificates", &error))?;
        let ids = page
            .certificates()
            .iter()
            .map(aws_sdk_iam::types::SigningCertificate::certificate_id);
        found.extend(ids.map(|id| (CredentialType::SigningCertificate, id.to_owned())));
    }
    Ok(found)
}

async fn ssh_public_keys(clients: &Clients, user: &UserName) -> Found {
    let mut pages = clients
        .iam
        .list_ssh_public_keys()
        .user_name(user.as_str())
        .into_paginator()
        .send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure("iam:ListSSHPublicKeys", &error))?;
        let ids = page
            .ssh_public_keys()
            .iter()
            .map(aws_sdk_iam::types::SshPublicKeyMetadata::ssh_public_key_id);
        found.extend(ids.map(|id| (CredentialType::SshPublicKey, id.to_owned())));
    }
    Ok(found)
}

async fn service_specific_credentials(clients: &Clients, user: &UserName) -> Found {
    let mut marker = None;
    let mut found = Vec::new();
    loop {
        let call = clients
            .iam
            .list_service_specific_credentials()
            .user_name(user.as_str())
            .set_marker(marker);
        let page = call
            .send()
            .await
            .map_err(|error| failure("iam:ListServiceSpecificCredentials", &error))?;
        let ids = page.service_specific_credentials().iter().map(
            aws_sdk_iam::types::ServiceSpecificCredentialMetadata::service_specific_credential_id,
        );
        found.extend(ids.map(|id| (CredentialType::ServiceSpecificCredential, id.to_owned())));
        marker = page
            .marker()
            .map(str::to_owned)
            .filter(|_| page.is_truncated());
        if marker.is_none() {
            return Ok(found);
        }
    }
}
