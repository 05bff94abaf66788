//! The policies that decide what a user, group or role may do.

use std::borrow::Cow;

use policy::Document;
use policy::evaluate::{InForce, Policy};

use super::{Grants, Iam, PrincipalKind, aws_managed};
use crate::error::{Code, Error};

/// Holds the policies of a principal.
#[derive(Default)]
pub(crate) struct Policies<'a> {
    pub(crate) identity: Vec<Attached<'a>>,
    pub(crate) boundary: Option<Attached<'a>>,
}

/// Holds a policy, and where it comes from.
pub(crate) struct Attached<'a> {
    pub(crate) name: String,
    pub(crate) origin: Origin,
    pub(crate) text: &'a str,
    pub(crate) document: Cow<'a, Document>,
    pub(crate) policy: Cow<'a, Policy>,
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

impl<'a> Attached<'a> {
    pub(crate) fn new(
        name: impl Into<String>,
        origin: Origin,
        text: &'a str,
    ) -> Result<Self, Error> {
        let name = name.into();
        let document = Document::parse(text).map_err(|error| {
            let message = format!("the policy `{name}` can't be evaluated: {error}");
            Error::new(Code::MalformedPolicyDocument, message)
        })?;
        Ok(Self {
            name,
            origin,
            text,
            policy: Cow::Owned(Policy::new(&document)),
            document: Cow::Owned(document),
        })
    }
}

impl Policies<'_> {
    /// Returns these as what decides.
    pub(crate) fn in_force(&self) -> InForce<'_> {
        InForce {
            identity: self.identity.iter().map(|it| it.policy.as_ref()).collect(),
            boundary: self.boundary.as_ref().map(|it| it.policy.as_ref()),
            ..InForce::default()
        }
    }
}

impl Iam {
    /// Returns the policies of a user with those of its groups, of a group, or of a role.
    pub(crate) fn policies_of(
        &self,
        kind: PrincipalKind,
        name: &str,
    ) -> Result<Policies<'_>, Error> {
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

    fn add_grants<'a>(
        &'a self,
        policies: &mut Policies<'a>,
        kind: PrincipalKind,
        grants: &'a Grants,
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
    pub(crate) fn managed(&self, arn: &str) -> Result<Attached<'_>, Error> {
        let policy = self.policy(arn)?;
        let origin = Origin::Managed(arn.to_owned());
        let version = policy.versions.get(&policy.default_version);
        let text = version.map_or("", |version| &version.document);
        match aws_managed::evaluable(arn) {
            None => Attached::new(&policy.name, origin, text),
            Some((document, ready)) => Ok(Attached {
                name: policy.name.clone(),
                origin,
                text,
                document: Cow::Borrowed(document),
                policy: Cow::Borrowed(ready),
            }),
        }
    }
}
