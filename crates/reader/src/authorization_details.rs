//! Users, groups, roles, policies and what holds them together, by `GetAccountAuthorizationDetails`.
//!
//! One bulk call, a page per thousand entities, gives everything but passwords, devices, credentials and tags of
//! policies. Documents come URL-encoded by RFC 3986 (the API reference of `GetAccountAuthorizationDetails`).

use std::error::Error;

use aws_sdk_iam::types::{
    AttachedPermissionsBoundary, AttachedPolicy, GroupDetail, ManagedPolicyDetail, PolicyDetail,
    RoleDetail, UserDetail,
};
use model::{
    AccountId, Address, Attachment, Body, Boundary, Desired, Group, GroupName, InlinePolicy,
    InlinePolicyName, Kind, ManagedPolicy, Owner, Path, Policy, Principal, Role, RoleName, Tags,
    User, UserName, Wish,
};
use percent_encoding::percent_decode_str;
use policy::Document;

use crate::Clients;
use crate::part::{Part, failure, unexpected};

const OPERATION: &str = "iam:GetAccountAuthorizationDetails";
const KINDS: &[Kind] = &[
    Kind::User,
    Kind::Group,
    Kind::Membership,
    Kind::Policy,
    Kind::Attachment,
    Kind::InlinePolicy,
    Kind::Role,
];

type Answer<T> = Result<T, Box<dyn Error + Send + Sync>>;

pub(crate) async fn read(clients: &Clients, account: &AccountId, desired: &Desired) -> Part {
    let mut pages = clients
        .iam
        .get_account_authorization_details()
        .max_items(1000)
        .into_paginator()
        .send();
    let mut reading = Reading {
        account,
        desired,
        part: Part::default(),
    };
    while let Some(page) = pages.next().await {
        let page = match page {
            Ok(page) => page,
            Err(error) => return Part::unread(KINDS, &failure(OPERATION, &error)),
        };
        let read = (page
            .user_detail_list()
            .iter()
            .try_for_each(|user| reading.user(user)))
        .and_then(|()| {
            page.group_detail_list()
                .iter()
                .try_for_each(|group| reading.group(group))
        })
        .and_then(|()| {
            page.role_detail_list()
                .iter()
                .try_for_each(|role| reading.role(role))
        })
        .and_then(|()| {
            page.policies()
                .iter()
                .try_for_each(|policy| reading.policy(policy))
        });
        if let Err(error) = read {
            return Part::unread(KINDS, &unexpected(OPERATION, &error));
        }
    }
    reading.part
}

struct Reading<'a> {
    account: &'a AccountId,
    desired: &'a Desired,
    part: Part,
}

impl Reading<'_> {
    fn user(&mut self, user: &UserDetail) -> Answer<()> {
        let name = UserName::new(user.user_name().unwrap_or_default())?;
        let mut tags = Tags::default();
        for tag in user.tags() {
            tags.observe(tag.key(), tag.value());
        }
        let boundary = match self.boundary(user.permissions_boundary())? {
            Some(policy) => Boundary::Policy(policy),
            None => Boundary::None,
        };
        let path = Path::new(user.path().unwrap_or("/"))?;
        self.add(
            Address::User(name.clone()),
            Body::User(User {
                path,
                tags,
                boundary,
                renamed_from: None,
            }),
        );
        for group in user.group_list() {
            self.add(
                Address::Membership(GroupName::new(group)?, name.clone()),
                Body::Membership,
            );
        }
        let principal = Principal::User(name);
        self.attached(&principal, user.attached_managed_policies())?;
        self.inline(&principal, user.user_policy_list())
    }

    fn group(&mut self, group: &GroupDetail) -> Answer<()> {
        let name = GroupName::new(group.group_name().unwrap_or_default())?;
        let path = Path::new(group.path().unwrap_or("/"))?;
        self.add(Address::Group(name.clone()), Body::Group(Group { path }));
        let principal = Principal::Group(name);
        self.attached(&principal, group.attached_managed_policies())?;
        self.inline(&principal, group.group_policy_list())
    }

    fn role(&mut self, role: &RoleDetail) -> Answer<()> {
        let name = RoleName::new(role.role_name().unwrap_or_default())?;
        let path = Path::new(role.path().unwrap_or("/"))?;
        let boundary = self.boundary(role.permissions_boundary())?;
        self.add(
            Address::Role(name.clone()),
            Body::Role(Role { path, boundary }),
        );
        let principal = Principal::Role(name);
        self.attached(&principal, role.attached_managed_policies())?;
        self.inline(&principal, role.role_policy_list())
    }

    fn policy(&mut self, policy: &ManagedPolicyDetail) -> Answer<()> {
        let managed = ManagedPolicy::from_arn(policy.arn().unwrap_or_default(), self.account)?;
        let address = Address::Policy(managed.reference());
        let default = policy
            .policy_version_list()
            .iter()
            .find(|version| version.is_default_version());
        match document(
            default
                .and_then(|version| version.document())
                .unwrap_or_default(),
        ) {
            Ok(document) => {
                let description = policy.description().map(str::to_owned);
                let body = Policy {
                    path: managed.path,
                    description,
                    document,
                    tags: Tags::default(),
                };
                self.add(address, Body::Policy(body));
            }
            Err(error) => {
                if self.is_used(&address, &managed) {
                    self.unreadable(Kind::Policy, &address, &error);
                }
            }
        }
        Ok(())
    }

    fn attached(&mut self, principal: &Principal, policies: &[AttachedPolicy]) -> Answer<()> {
        for policy in policies {
            let policy =
                ManagedPolicy::from_arn(policy.policy_arn().unwrap_or_default(), self.account)?;
            let address = Address::Attachment(principal.clone(), policy.reference());
            self.add(address, Body::Attachment(Attachment { policy }));
        }
        Ok(())
    }

    fn inline(&mut self, principal: &Principal, policies: &[PolicyDetail]) -> Answer<()> {
        for policy in policies {
            let name = InlinePolicyName::new(policy.policy_name().unwrap_or_default())?;
            let address = Address::InlinePolicy(principal.clone(), name);
            match document(policy.policy_document().unwrap_or_default()) {
                Ok(document) => self.add(address, Body::InlinePolicy(InlinePolicy { document })),
                Err(error) => {
                    // Of a declared principal it would have to be compared or removed, so it must not be taken for absent.
                    if self.desired.objects.contains_key(&principal.address()) {
                        self.unreadable(Kind::InlinePolicy, &address, &error);
                    }
                }
            }
        }
        Ok(())
    }

    fn boundary(
        &self,
        boundary: Option<&AttachedPermissionsBoundary>,
    ) -> Answer<Option<ManagedPolicy>> {
        let arn = boundary.and_then(AttachedPermissionsBoundary::permissions_boundary_arn);
        Ok(arn
            .map(|arn| ManagedPolicy::from_arn(arn, self.account))
            .transpose()?)
    }

    fn add(&mut self, address: Address, body: Body) {
        self.part.objects.push((address, body));
    }

    /// A policy that can't be understood matters only where the spec declares or attaches it; others are left alone anyway.
    fn is_used(&self, address: &Address, policy: &ManagedPolicy) -> bool {
        let attaches = |wish: &Wish| match wish {
            Wish::Present(Body::Attachment(attachment)) => {
                attachment.policy.reference() == policy.reference()
            }
            _ => false,
        };
        let by_aws = policy.owner == Owner::Aws;
        self.desired.objects.contains_key(address)
            || (by_aws
                && self
                    .desired
                    .objects
                    .values()
                    .any(|declared| attaches(&declared.wish)))
    }

    fn unreadable(&mut self, kind: Kind, address: &Address, error: &policy::ParseError) {
        let failure = unexpected(
            OPERATION,
            &format!("the document of {address} can't be understood: {error}"),
        );
        self.part.unread.push((kind, failure));
    }
}

/// Decodes and parses a document as IAM returns it.
pub(crate) fn document(encoded: &str) -> Result<Document, policy::ParseError> {
    Document::parse(&percent_decode_str(encoded).decode_utf8_lossy())
}
