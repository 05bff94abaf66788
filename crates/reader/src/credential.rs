//! Access keys and other credentials of users who are to be deleted: they must go first.

use model::{Address, Body, Credential, CredentialId, CredentialType, Kind, ReadFailure, UserName};

use crate::Clients;
use crate::part::{Limit, Part, failure, unexpected};
use crate::scope::Scope;

const LIST_ACCESS_KEYS: &str = "iam:ListAccessKeys";
const LIST_SIGNING_CERTIFICATES: &str = "iam:ListSigningCertificates";
const LIST_SSH_PUBLIC_KEYS: &str = "iam:ListSSHPublicKeys";
const LIST_SERVICE_SPECIFIC_CREDENTIALS: &str = "iam:ListServiceSpecificCredentials";

type Found = Result<Vec<(Address, Body)>, ReadFailure>;

pub(crate) async fn read(clients: &Clients, scope: &Scope, limit: &Limit) -> Part {
    limit
        .one_by_one(&scope.leaving, |user| read_one(clients, user))
        .await
}

async fn read_one(clients: &Clients, user: &UserName) -> Part {
    match of_user(clients, user).await {
        Ok(objects) => Part {
            objects,
            looked_up: vec![(Kind::Credential, user.clone())],
            ..Part::default()
        },
        Err(failure) => Part::unread(&[Kind::Credential], &failure),
    }
}

async fn of_user(clients: &Clients, user: &UserName) -> Found {
    let lists = [
        access_keys(clients, user).await?,
        signing_certificates(clients, user).await?,
        ssh_public_keys(clients, user).await?,
        service_specific_credentials(clients, user).await?,
    ];
    Ok(lists.into_iter().flatten().collect())
}

/// Makes objects of a user's credentials of one type, which `operation` listed by their ids.
fn objects<'a>(
    operation: &'static str,
    user: &UserName,
    credential_type: CredentialType,
    ids: impl Iterator<Item = &'a str>,
) -> Found {
    let object = |id: &str| {
        let id = CredentialId::new(id).map_err(|error| unexpected(operation, &error))?;
        let body = Body::Credential(Credential { credential_type });
        Ok((Address::Credential(user.clone(), id), body))
    };
    ids.map(object).collect()
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
        let page = page.map_err(|error| failure(LIST_ACCESS_KEYS, &error))?;
        let ids = page
            .access_key_metadata()
            .iter()
            .filter_map(aws_sdk_iam::types::AccessKeyMetadata::access_key_id);
        found.extend(objects(
            LIST_ACCESS_KEYS,
            user,
            CredentialType::AccessKey,
            ids,
        )?);
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
        let page = page.map_err(|error| failure(LIST_SIGNING_CERTIFICATES, &error))?;
        let ids = page
            .certificates()
            .iter()
            .map(aws_sdk_iam::types::SigningCertificate::certificate_id);
        found.extend(objects(
            LIST_SIGNING_CERTIFICATES,
            user,
            CredentialType::SigningCertificate,
            ids,
        )?);
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
        let page = page.map_err(|error| failure(LIST_SSH_PUBLIC_KEYS, &error))?;
        let ids = page
            .ssh_public_keys()
            .iter()
            .map(aws_sdk_iam::types::SshPublicKeyMetadata::ssh_public_key_id);
        found.extend(objects(
            LIST_SSH_PUBLIC_KEYS,
            user,
            CredentialType::SshPublicKey,
            ids,
        )?);
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
            .map_err(|error| failure(LIST_SERVICE_SPECIFIC_CREDENTIALS, &error))?;
        let ids = page.service_specific_credentials().iter().map(
            aws_sdk_iam::types::ServiceSpecificCredentialMetadata::service_specific_credential_id,
        );
        found.extend(objects(
            LIST_SERVICE_SPECIFIC_CREDENTIALS,
            user,
            CredentialType::ServiceSpecificCredential,
            ids,
        )?);
        marker = page
            .marker()
            .map(str::to_owned)
            .filter(|_| page.is_truncated());
        if marker.is_none() {
            return Ok(found);
        }
    }
}
