//! Users, groups, roles, policies and what holds them together, by `GetAccountAuthorizationDetails`.
//!
//! One bulk call, a page per thousand entities, gives everything but passwords, devices, credentials and tags of
//! policies. Documents come URL-encoded by RFC 3986 (the API reference of `GetAccountAuthorizationDetails`).

use std::error::Error;

use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::types::{
    AttachedPermissionsBoundary, AttachedPolicy, GroupDetail, ManagedPolicyDetail, PolicyDetail,
    RoleDetail, UserDetail,
};
use jiff::civil::Date;
use model::{
    AccountId, Address, Attachment, Body, Boundary, Desired, Group, GroupName, InlinePolicy,
    InlinePolicyName, Kind, ManagedPolicy, Path, Policy, Principal, Role, RoleName, Tags, User,
    UserName,
};
use percent_encoding::percent_decode_str;
use policy::{Document, ParseError};

use crate::part::{Part, day, failure, unexpected};
use crate::{Clients, unreadable};

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
        objects: Vec::new(),
        unreadable: Vec::new(),
        created: Vec::new(),
    };
    let mut truncated = false;
    while let Some(page) = pages.next().await {
        let page = match page {
            Ok(page) => page,
            Err(error) => return Part::unread(KINDS, &failure(OPERATION, &error)),
        };
        truncated = page.is_truncated();
        if let Err(error) = reading.page(&page) {
            return Part::unread(KINDS, &unexpected(OPERATION, &error));
        }
    }
    // The paginator also stops where AWS repeats a marker; what was read is then less than there is.
    if truncated {
        return Part::unread(
            KINDS,
            &unexpected(OPERATION, &"it ends before its last page"),
        );
    }
    let Reading {
        objects,
        unreadable,
        created,
        ..
    } = reading;
    let unread = unreadable::in_the_way(desired, &objects, &unreadable)
        .map(|(address, error)| {
            let what = format!("the document of {address} can't be understood: {error}");
            (address.kind(), unexpected(OPERATION, &what))
        })
        .collect();
    Part {
        objects,
        unread,
        created,
        ..Part::default()
    }
}

struct Reading<'a> {
    account: &'a AccountId,
    objects: Vec<(Address, Body)>,
    unreadable: Vec<(Address, ParseError)>,
    created: Vec<(Address, Date)>,
}

impl Reading<'_> {
    fn page(&mut self, page: &GetAccountAuthorizationDetailsOutput) -> Answer<()> {
        for user in page.user_detail_list() {
            self.user(user)?;
        }
        for group in page.group_detail_list() {
            self.group(group)?;
        }
        for role in page.role_detail_list() {
            self.role(role)?;
        }
        for policy in page.policies() {
            self.policy(policy)?;
        }
        Ok(())
    }

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
        let created = user.create_date().and_then(day);
        self.created
            .extend(created.map(|day| (Address::User(name.clone()), day)));
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
            Err(error) => self.unreadable.push((address, error)),
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
                Err(error) => self.unreadable.push((address, error)),
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
        self.objects.push((address, body));
    }
}

/// Decodes and parses a document as IAM returns it.
pub fn document(encoded: &str) -> Result<Document, ParseError> {
    Document::parse(&percent_decode_str(encoded).decode_utf8_lossy())
}
