//! Whose account it is and who asks.

use aws_config::retry::RetryConfig;
use model::{Account, AccountId, Caller, Partition, RoleName, UserName};

use crate::{Clients, ReadError};

/// Tells the account and the caller, by `GetCallerIdentity`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account's id.
    pub account: AccountId,
    /// The partition, from the caller's ARN.
    pub partition: Partition,
    /// The caller.
    pub caller: Caller,
    /// The caller's ARN, with the name of a session.
    pub arn: String,
}

/// Asks AWS whose credentials these are. Needs no permission, so that it tells early what is wrong.
pub async fn whoami(clients: &Clients) -> Result<Identity, ReadError> {
    let few = aws_sdk_sts::config::Builder::new()
        .retry_config(RetryConfig::standard().with_max_attempts(3));
    let answer = clients
        .sts
        .get_caller_identity()
        .customize()
        .config_override(few)
        .send()
        .await;
    let answer = answer.map_err(|error| ReadError::of(&error))?;
    let arn = answer.arn().unwrap_or_default();
    identity(answer.account().unwrap_or_default(), arn)
        .ok_or_else(|| ReadError::Other(format!("an unexpected ARN `{}`", arn.escape_debug())))
}

fn identity(account: &str, arn: &str) -> Option<Identity> {
    let mut parts = arn.splitn(6, ':').skip(1);
    let (partition, service) = (parts.next()?, parts.next()?);
    let resource = parts.nth(2)?;
    let caller = match (service, resource.split_once('/')) {
        ("iam", None) if resource == "root" => Caller::Root,
        ("iam", Some(("user", path_and_name))) => {
            Caller::User(UserName::new(path_and_name.rsplit('/').next()?).ok()?)
        }
        ("sts", Some(("assumed-role", role_and_session))) => {
            Caller::Role(RoleName::new(role_and_session.split('/').next()?).ok()?)
        }
        _ => Caller::Other(arn.to_owned()),
    };
    let arn = arn.to_owned();
    Some(Identity {
        account: AccountId::new(account).ok()?,
        partition: Partition::new(partition).ok()?,
        caller,
        arn,
    })
}

/// Returns the account of an identity, with its alias if that can be read.
pub async fn account(clients: &Clients, identity: &Identity) -> Account {
    Account {
        id: identity.account.clone(),
        partition: identity.partition.clone(),
        alias: alias(clients).await,
    }
}

/// Returns the account's alias. It is only shown, so a failure is no harm.
pub(crate) async fn alias(clients: &Clients) -> Option<String> {
    let answer = clients.iam.list_account_aliases().send().await;
    match answer {
        Ok(answer) => answer.account_aliases().first().cloned(),
        Err(error) => {
            tracing::debug!(%error, "the account's alias could not be read");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(arn: &str) -> Caller {
        identity("123456789012", arn).unwrap().caller
    }

    #[test]
    fn a_caller_is_told_by_its_arn() {
        assert_eq!(caller("arn:aws:iam::123456789012:root"), Caller::Root);
        assert_eq!(
            caller("arn:aws:iam::123456789012:user/eng/alice"),
            Caller::User(UserName::new("alice").unwrap())
        );
        let session = "arn:aws:sts::123456789012:assumed-role/mfactl-plan/run-7";
        assert_eq!(
            caller(session),
            Caller::Role(RoleName::new("mfactl-plan").unwrap())
        );
        let federated = "arn:aws:sts::123456789012:federated-user/bob";
        assert_eq!(caller(federated), Caller::Other(federated.to_owned()));
    }

    #[test]
    fn the_partition_is_the_arns() {
        let identity = identity("123456789012", "arn:aws-us-gov:iam::123456789012:root").unwrap();
        assert_eq!(identity.partition.as_str(), "aws-us-gov");
        assert!(super::identity("123456789012", "nonsense").is_none());
    }
}
