//! The policies that decide what a user, group or role may do.

use policy::Document;
use policy::evaluate::{InForce, Policy};

use super::{Grants, Iam, PrincipalKind, aws_managed};
use crate::error::{Code, Error};

/// Holds the policies of a principal.
#[derive(Default)]
pub(crate) struct Policies {
    pub(crate) identity: Vec<Attached>,
    pub(crate) boundary: Option<Attached>,
}

/// Holds a policy, and where it comes from.
pub(crate) struct Attached {
    pub(crate) name: String,
    pub(crate) origin: Origin,
    pub(crate) document: Document,
    pub(crate) policy: Policy,
}

/// Says where a policy comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Inline in a user, group or role.
    Inline(PrincipalKind),
    /// A managed policy, by its ARN.
    Managed(String),
    /// A call's parameter.
    Input,
}

impl Attached {
    pub(crate) fn new(
        name: impl Into<String>,
        origin: Origin,
        document: &str,
    ) -> Result<Self, Error> {
        let name = name.into();
        let document = Document::parse(document).map_err(|error| {
            let message = format!("the policy `{name}` can't be evaluated: {error}");
            Error::new(Code::MalformedPolicyDocument, message)
        })?;
        Ok(Self {
            name,
            origin,
            policy: Policy::new(&document),
            document,
        })
    }
}

impl Policies {
    /// Returns these as what decides.
    pub(crate) fn in_force(&self) -> InForce<'_> {
        InForce {
            identity: self.identity.iter().map(|it| &it.policy).collect(),
            boundary: self.boundary.as_ref().map(|it| &it.policy),
            ..InForce::default()
        }
    }
}

impl Iam {
    /// Returns the policies of a user with those of its groups, of a group, or of a role.
    pub(crate) fn policies_of(&self, kind: PrincipalKind, name: &str) -> Result<Policies, Error> {
        let mut policies = Policies::default();
        self.add_grants(&mut policies, kind, self.grants(kind, name)?)?;
        let boundary = match kind {
            PrincipalKind::Group => None,
            PrincipalKind::Role => self.role(name)?.boundary.as_deref(),
            PrincipalKind::User => {
                let user = self.user(name)?;
                for group in user.groups.iter().filter_map(|it| self.groups.folded(it)) {
                    self.add_grants(&mut policies, PrincipalKind::Group, &group.grants)?;
                }
                user.boundary.as_deref()
            }
        };
        policies.boundary = boundary.map(|arn| self.managed(arn)).transpose()?;
        Ok(policies)
    }

    fn add_grants(
        &self,
        policies: &mut Policies,
        kind: PrincipalKind,
        grants: &Grants,
    ) -> Result<(), Error> {
        let Grants { attached, inline } = grants;
        for (name, document) in inline {
            let origin = Origin::Inline(kind);
            policies
                .identity
                .push(Attached::new(name, origin, document)?);
        }
        for arn in attached {
            policies.identity.push(self.managed(arn)?);
        }
        Ok(())
    }

    /// Returns a managed policy in its default version.
    pub(crate) fn managed(&self, arn: &str) -> Result<Attached, Error> {
        let policy = self.policy(arn)?;
        let origin = Origin::Managed(arn.to_owned());
        if let Some((document, ready)) = aws_managed::evaluable(arn) {
            return Ok(Attached {
                name: policy.name.clone(),
                origin,
                document: document.clone(),
                policy: ready.clone(),
            });
        }
        let version = policy.versions.get(&policy.default_version);
        let document = version.map(|version| version.document.as_str());
        Attached::new(&policy.name, origin, document.unwrap_or_default())
    }
}
