//! Policies of AWS that the spec uses and nothing uses yet, so that the bulk read doesn't have them.

use std::collections::BTreeSet;

use aws_sdk_iam::error::SdkError;
use aws_sdk_iam::operation::get_policy::GetPolicyError;
use model::{
    Account, Address, Body, Boundary, Desired, Kind, ManagedPolicy, Owner, Policy, Snapshot, Tags,
    Wish,
};

use crate::Clients;
use crate::authorization_details::document;
use crate::part::{Limit, Part, failure, unexpected};

pub(crate) async fn read(
    clients: &Clients,
    live: &Snapshot,
    desired: &Desired,
    limit: &Limit,
) -> Part {
    let unknown: BTreeSet<&ManagedPolicy> = desired
        .objects
        .values()
        .filter_map(|declared| used(&declared.wish))
        .filter(|policy| {
            policy.owner == Owner::Aws && live.get(&Address::Policy(policy.reference())).is_none()
        })
        .collect();
    limit
        .one_by_one(unknown, |policy| read_one(clients, &live.account, policy))
        .await
}

fn used(wish: &Wish) -> Option<&ManagedPolicy> {
    match wish {
        Wish::Present(Body::Attachment(attachment)) => Some(&attachment.policy),
        Wish::Present(Body::User(user)) => match &user.boundary {
            Boundary::Policy(policy) => Some(policy),
            Boundary::Undeclared | Boundary::None => None,
        },
        Wish::Present(_) | Wish::Absent => None,
    }
}

async fn read_one(clients: &Clients, account: &Account, policy: &ManagedPolicy) -> Part {
    let arn = policy.arn(account);
    let found = match clients.iam.get_policy().policy_arn(&arn).send().await {
        Ok(found) => found,
        Err(error) if is_missing(&error) => return Part::default(),
        Err(error) => return Part::unread(&[Kind::Policy], &failure("iam:GetPolicy", &error)),
    };
    let found = found.policy();
    let version = found
        .and_then(|found| found.default_version_id())
        .unwrap_or_default();
    let answer = match clients
        .iam
        .get_policy_version()
        .policy_arn(&arn)
        .version_id(version)
        .send()
        .await
    {
        Ok(answer) => answer,
        Err(error) => {
            return Part::unread(&[Kind::Policy], &failure("iam:GetPolicyVersion", &error));
        }
    };
    match document(
        answer
            .policy_version()
            .and_then(|version| version.document())
            .unwrap_or_default(),
    ) {
        Ok(document) => {
            let description = found
                .and_then(|found| found.description())
                .map(str::to_owned);
            let body = Policy {
                path: policy.path.clone(),
                description,
                document,
                tags: Tags::default(),
            };
            Part::found(vec![(
                Address::Policy(policy.reference()),
                Body::Policy(body),
            )])
        }
        Err(error) => Part::unread(
            &[Kind::Policy],
            &unexpected("iam:GetPolicyVersion", &format!("{policy}: {error}")),
        ),
    }
}

fn is_missing(error: &SdkError<GetPolicyError>) -> bool {
    error
        .as_service_error()
        .is_some_and(GetPolicyError::is_no_such_entity_exception)
}
