//! How a live object differs from what an action was planned on, or brings. What a kind has is compared in its own file.

use std::collections::BTreeSet;

use model::{
    Attachment, Body, Credential, Dashboard, Group, InlinePolicy, LoginProfile, Role, Tags,
};

use crate::tags::{Keys, TagChanges};
use crate::{alarm, log_group, metric_filter, mfa_device, password_policy, policy, user};

/// Names the fields in which a live object isn't as it is to be, or as it was planned on.
pub(crate) fn differences(live: &Body, planned: &Body) -> BTreeSet<&'static str> {
    let mut fields = Differences::default();
    match (live, planned) {
        (Body::User(live), Body::User(planned)) => user::differences(live, planned, &mut fields),
        (Body::Group(Group { path }), Body::Group(planned)) => {
            fields.add("path", *path == planned.path);
        }
        (Body::Policy(live), Body::Policy(planned)) => {
            policy::differences(live, planned, &mut fields);
        }
        (Body::InlinePolicy(InlinePolicy { document }), Body::InlinePolicy(planned)) => {
            fields.add("document", document.same_meaning(&planned.document));
        }
        (Body::Attachment(Attachment { policy }), Body::Attachment(planned)) => {
            fields.add("policy", *policy == planned.policy);
        }
        (Body::MfaDevice(live), Body::MfaDevice(planned)) => {
            mfa_device::differences(live, planned, &mut fields);
        }
        (Body::LogGroup(live), Body::LogGroup(planned)) => {
            log_group::differences(live, planned, &mut fields);
        }
        (Body::MetricFilter(live), Body::MetricFilter(planned)) => {
            metric_filter::differences(live, planned, &mut fields);
        }
        (Body::Alarm(live), Body::Alarm(planned)) => alarm::differences(live, planned, &mut fields),
        (Body::Dashboard(Dashboard { body }), Body::Dashboard(planned)) => {
            fields.add("body", *body == planned.body);
        }
        (Body::PasswordPolicy(live), Body::PasswordPolicy(planned)) => {
            password_policy::differences(live, planned, &mut fields);
        }
        // They are there or they aren't.
        (
            Body::LoginProfile(LoginProfile {
                reset_required: _,
                deliver_to: _,
            }),
            Body::LoginProfile(_),
        )
        | (Body::Credential(Credential { credential_type: _ }), Body::Credential(_))
        | (Body::Membership, Body::Membership)
        | (Body::Role(Role { .. }), Body::Role(_)) => {}
        (_, _) => fields.add("kind", false),
    }
    fields.0
}

/// Collects the names of fields that differ.
#[derive(Default)]
pub(crate) struct Differences(BTreeSet<&'static str>);

impl Differences {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_names(self) -> Vec<&'static str> {
        self.0.into_iter().collect()
    }

    pub(crate) fn add(&mut self, field: &'static str, is_same: bool) {
        if !is_same {
            self.0.insert(field);
        }
    }

    pub(crate) fn of_tags(&mut self, live: &Tags, planned: &Tags, keys: Keys) {
        self.add(
            "tags",
            TagChanges::between(live, planned, keys) == TagChanges::default(),
        );
    }
}
