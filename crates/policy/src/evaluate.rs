//! Evaluating a request against the policies in force ("Policy evaluation logic" in the IAM User Guide).
//!
//! A [`Policy`] is a document made ready once; an [`InForce`] says which policies decide for a principal;
//! [`InForce::evaluate`] decides a [`Request`] and names the statements that did.
//!
//! What is not in a principal's own policies is not looked at: policies of resources, resource control policies, the
//! password policy's `AllowUsersToChangePassword`, and the few actions that need no permission, such as
//! `sts:GetCallerIdentity`.

mod arn;
pub(crate) mod comparison;
mod condition;
pub(crate) mod context;
#[cfg(test)]
mod differential;
mod policy;
mod request;
pub(crate) mod template;
pub(crate) mod variable;
mod wildcard;

use std::fmt;

pub use context::{Context, ContextValue};
pub use policy::Policy;
pub use request::{Request, RequestError};

use crate::statement::Effect;

/// Holds the policies that decide what a principal may do.
#[derive(Clone, Debug, Default)]
pub struct InForce<'a> {
    /// What grants: the principal's own policies, inline and attached, and those of its groups.
    pub identity: Vec<&'a Policy>,
    /// What limits it, if it has one: the permissions boundary.
    pub boundary: Option<&'a Policy>,
    /// What limits its session, if they were passed: the session policies, which together are one limit.
    pub session: Option<Vec<&'a Policy>>,
    /// What limits its account: for each level from the organization's root to the account, the service control
    /// policies attached there. Each level must allow.
    pub service_control: Vec<Vec<&'a Policy>>,
}

/// Names where a policy comes from, and so what it can do: only identity policies grant, the others limit, and all deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// [`InForce::identity`].
    Identity,
    /// [`InForce::boundary`].
    Boundary,
    /// [`InForce::session`].
    Session,
    /// [`InForce::service_control`], with the index of the level.
    ServiceControl(usize),
}

/// Names a statement that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// Where its policy comes from.
    pub layer: Layer,
    /// The index of the policy within its layer.
    pub policy: usize,
    /// The index of the statement within its document.
    pub statement: usize,
}

/// Says what AWS would answer, and because of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Every layer allows, and nothing denies.
    Allowed {
        /// The Allow statements that apply, at least one of each layer.
        by: Vec<Source>,
    },
    /// Nothing denies, but not every layer allows.
    ImplicitlyDenied {
        /// The layers that don't allow.
        missing: Vec<Layer>,
    },
    /// A statement denies, whatever else allows.
    ExplicitlyDenied {
        /// The Deny statements that apply.
        by: Vec<Source>,
    },
}

impl InForce<'_> {
    /// Decides a request.
    pub fn evaluate(&self, request: &Request) -> Decision {
        let layers = self.layers();
        let by = applying(&layers, Effect::Deny, request);
        if !by.is_empty() {
            return Decision::ExplicitlyDenied { by };
        }
        let by = applying(&layers, Effect::Allow, request);
        let silent = |layer: &Layer| by.iter().all(|source| source.layer != *layer);
        let missing: Vec<Layer> = layers
            .iter()
            .map(|(layer, _)| *layer)
            .filter(silent)
            .collect();
        if missing.is_empty() {
            Decision::Allowed { by }
        } else {
            Decision::ImplicitlyDenied { missing }
        }
    }

    /// Returns the layers that must allow, each with its policies.
    fn layers(&self) -> Vec<(Layer, &[&Policy])> {
        let Self {
            identity,
            boundary,
            session,
            service_control,
        } = self;
        let mut layers = vec![(Layer::Identity, identity.as_slice())];
        layers.extend(
            boundary
                .as_ref()
                .map(|boundary| (Layer::Boundary, std::slice::from_ref(boundary))),
        );
        layers.extend(
            session
                .as_ref()
                .map(|session| (Layer::Session, session.as_slice())),
        );
        let levels = service_control.iter().enumerate();
        layers.extend(
            levels.map(|(level, policies)| (Layer::ServiceControl(level), policies.as_slice())),
        );
        layers
    }
}

/// Returns the statements with an effect that apply to a request.
fn applying(layers: &[(Layer, &[&Policy])], effect: Effect, request: &Request) -> Vec<Source> {
    let mut sources = Vec::new();
    for (layer, policies) in layers {
        for (index, policy) in policies.iter().enumerate() {
            let applying = policy.applying(effect, request);
            sources.extend(applying.map(|statement| Source {
                layer: *layer,
                policy: index,
                statement,
            }));
        }
    }
    sources
}

impl Decision {
    /// Tells whether the request is allowed.
    pub fn is_allowed(&self) -> bool {
        match self {
            Self::Allowed { .. } => true,
            Self::ImplicitlyDenied { .. } | Self::ExplicitlyDenied { .. } => false,
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity => f.write_str("identity policies"),
            Self::Boundary => f.write_str("permissions boundary"),
            Self::Session => f.write_str("session policies"),
            Self::ServiceControl(level) => write!(f, "service control policies of level {level}"),
        }
    }
}

#[cfg(test)]
mod tests;
