//! Tags that no bulk call tells, read only where the spec declares tags of an object that exists.

use model::{
    Account, Address, Body, Desired, DeviceType, Kind, ManagedPolicy, Owner, PolicyRef,
    ReadFailure, Region, Snapshot, Tags, Wish,
};

use crate::Clients;
use crate::part::{Limit, Part, failure};

pub(crate) async fn read(
    clients: &Clients,
    desired: &Desired,
    live: &Snapshot,
    limit: &Limit,
) -> Part {
    let tagged = desired
        .objects
        .iter()
        .filter_map(|(address, declared)| match &declared.wish {
            Wish::Present(declared) if declares_tags(declared) => {
                Some((address, live.get(address)?))
            }
            Wish::Present(_) | Wish::Absent => None,
        });
    let reader = Reader {
        clients,
        account: &live.account,
        region: &desired.region,
    };
    limit
        .one_by_one(tagged, |(address, body)| reader.read(address, body))
        .await
}

/// Tells whether a body declares tags that the bulk reads don't tell: those of users they do.
fn declares_tags(body: &Body) -> bool {
    body.kind() != Kind::User && body.tags().is_some_and(|tags| !tags.is_empty())
}

struct Reader<'a> {
    clients: &'a Clients,
    account: &'a Account,
    region: &'a Region,
}

impl Reader<'_> {
    async fn read(&self, address: &Address, body: &Body) -> Part {
        match self.tagged(address, body.clone()).await {
            Ok(body) => Part::found(vec![(address.clone(), body)]),
            Err(failure) => Part::unread(&[address.kind()], &failure),
        }
    }

    /// Returns the body with the object's tags.
    async fn tagged(&self, address: &Address, mut body: Body) -> Result<Body, ReadFailure> {
        match (address, &mut body) {
            (Address::Policy(PolicyRef::Local(name)), Body::Policy(policy)) => {
                let managed = ManagedPolicy {
                    owner: Owner::Account,
                    path: policy.path.clone(),
                    name: name.clone(),
                };
                policy.tags = self.policy(&managed).await?;
            }
            (Address::MfaDevice(name), Body::MfaDevice(device))
                if matches!(device.device, DeviceType::Virtual { .. }) =>
            {
                device.tags = self
                    .device(&device.device.serial(name, self.account))
                    .await?;
            }
            (Address::LogGroup(name), Body::LogGroup(log_group)) => {
                log_group.tags = self
                    .log_group(&self.arn("logs", &format!("log-group:{name}")))
                    .await?;
            }
            (Address::Alarm(name), Body::Alarm(alarm)) => {
                alarm.tags = self
                    .alarm(&self.arn("cloudwatch", &format!("alarm:{name}")))
                    .await?;
            }
            _ => {}
        }
        Ok(body)
    }

    fn arn(&self, service: &str, resource: &str) -> String {
        let Account {
            id,
            partition,
            alias: _,
        } = self.account;
        format!("arn:{partition}:{service}:{}:{id}:{resource}", self.region)
    }

    async fn policy(&self, policy: &ManagedPolicy) -> Result<Tags, ReadFailure> {
        let mut pages = self
            .clients
            .iam
            .list_policy_tags()
            .policy_arn(policy.arn(self.account))
            .into_paginator()
            .send();
        let mut tags = Tags::default();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure("iam:ListPolicyTags", &error))?;
            page.tags()
                .iter()
                .for_each(|tag| tags.observe(tag.key(), tag.value()));
        }
        Ok(tags)
    }

    async fn device(&self, serial: &str) -> Result<Tags, ReadFailure> {
        let mut pages = self
            .clients
            .iam
            .list_mfa_device_tags()
            .serial_number(serial)
            .into_paginator()
            .send();
        let mut tags = Tags::default();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure("iam:ListMFADeviceTags", &error))?;
            page.tags()
                .iter()
                .for_each(|tag| tags.observe(tag.key(), tag.value()));
        }
        Ok(tags)
    }

    async fn log_group(&self, arn: &str) -> Result<Tags, ReadFailure> {
        let answer = self
            .clients
            .logs
            .list_tags_for_resource()
            .resource_arn(arn)
            .send()
            .await;
        let answer = answer.map_err(|error| failure("logs:ListTagsForResource", &error))?;
        let mut tags = Tags::default();
        answer
            .tags()
            .into_iter()
            .flatten()
            .for_each(|(key, value)| tags.observe(key, value));
        Ok(tags)
    }

    async fn alarm(&self, arn: &str) -> Result<Tags, ReadFailure> {
        let answer = self
            .clients
            .cloudwatch
            .list_tags_for_resource()
            .resource_arn(arn)
            .send()
            .await;
        let answer = answer.map_err(|error| failure("cloudwatch:ListTagsForResource", &error))?;
        let mut tags = Tags::default();
        answer
            .tags()
            .iter()
            .filter_map(|tag| Some((tag.key()?, tag.value()?)))
            .for_each(|(key, value)| tags.observe(key, value));
        Ok(tags)
    }
}
