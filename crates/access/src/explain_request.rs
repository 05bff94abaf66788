//! What one request of a principal comes to, in each kind of session, and by which statements.

use std::collections::BTreeSet;

use model::{Address, Body, Desired, Path, PolicyRef, Principal, Session, Snapshot, Wish};
use policy::cells::{Applies, Facts, Truth, open_keys};
use policy::evaluate::{Layer, Source};
use policy::{Document, Effect, Resources, Statement};
use serde::Serialize;

use crate::claim::facts;
use crate::examples;
use crate::in_force::{Holdings, Holds};
use crate::principal::{Known, arn, path};
use crate::prove::obstacle;
use crate::requests::own_password;
use crate::verdict::{Limit, Obstacle, Via};

/// Holds what a request comes to in sessions of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// How the request is signed.
    pub session: Session,
    /// What AWS answers.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Says what AWS answers to a request, as far as the documents in force decide it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Outcome {
    /// It is allowed.
    Allowed {
        /// By these statements, at least one of each layer that must allow but for those of service control policies.
        by: Vec<Via>,
    },
    /// It is denied by statements.
    ExplicitlyDenied {
        /// Statements of the principal's documents.
        by: Vec<Via>,
        /// Statements of service control policies.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        limits: Vec<Limit>,
    },
    /// It is denied since something doesn't allow it.
    ImplicitlyDenied {
        /// Whether neither the principal's policies nor its groups' allow it.
        by_identity: bool,
        /// Whether the permissions boundary doesn't.
        by_boundary: bool,
        /// The levels of service control policies that don't.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        limits: Vec<Limit>,
        /// What would allow the action otherwise.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        near: Vec<Near>,
    },
    /// It isn't known.
    Depends {
        /// The condition keys that it depends on.
        keys: Vec<String>,
        /// The policies that may decide, whose documents aren't known.
        #[serde(skip_serializing_if = "BTreeSet::is_empty")]
        policies: BTreeSet<PolicyRef>,
        /// The statements that may decide.
        by: Vec<Via>,
    },
    /// It needs no permission.
    NeedsNoPermission,
}

/// Holds a statement that allows an action, but not in this request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Near {
    /// The statement.
    pub statement: Via,
    /// The resources that it is about, or all but those, where that is the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Whether its condition doesn't hold.
    pub condition: bool,
}

/// Returns a state in which everything exists that a spec declares, and nothing else.
pub fn declared(desired: &Desired) -> Snapshot {
    let mut snapshot = Snapshot::new(desired.declared_account(), model::Caller::Root);
    for (address, declared) in &desired.objects {
        match &declared.wish {
            Wish::Present(body) => snapshot.insert(address.clone(), body.clone()),
            Wish::Absent => {}
        }
    }
    snapshot
}

/// Returns a resource that a request of a principal for an action is probably about: itself for what is done to users, a
/// device for what is done to devices, and otherwise `*`.
pub fn probable_resource(
    snapshot: &Snapshot,
    principal: &Principal,
    action: &str,
) -> Option<String> {
    let (account, path) = (&snapshot.account, path(snapshot, principal)?);
    let own = arn(account, principal, path);
    let (service, name) = action.split_once(':')?;
    let action = format!("{}:{name}", service.to_ascii_lowercase());
    let device = format!(
        "arn:{}:iam::{}:mfa/{}",
        account.partition,
        account.id,
        name_of(principal)
    );
    let candidates = [own, device];
    let is_iam = service.eq_ignore_ascii_case("iam");
    let fitting = candidates
        .into_iter()
        .find(|candidate| is_iam && examples::fit(&action, candidate));
    Some(fitting.unwrap_or_else(|| "*".to_owned()))
}

fn name_of(principal: &Principal) -> String {
    principal.address().name()
}

/// Returns the ARN of a user or role of a state.
pub fn arn_of(snapshot: &Snapshot, principal: &Principal) -> Option<String> {
    Some(arn(
        &snapshot.account,
        principal,
        path(snapshot, principal)?,
    ))
}

/// Says what a request of a principal for an action, such as `iam:GetUser`, on a resource, an ARN or `*`, comes to in each
/// kind of session that the principal can have.
///
/// # Errors
///
/// When the principal isn't there, or what is in force for it isn't known. A policy whose document isn't known is no error:
/// what may depend on it does.
pub fn explain_request(
    snapshot: &Snapshot,
    service_control: &[Vec<Document>],
    principal: &Principal,
    action: &str,
    resource: &str,
) -> Result<Vec<Answer>, Obstacle> {
    let path = path(snapshot, principal).ok_or_else(|| Obstacle::Missing(principal.address()))?;
    let own_password = own_password(&snapshot.account);
    let (known, unknown) = without_unknown(snapshot, principal);
    let holds = Holdings::new(&known, &own_password, service_control)
        .of(principal)
        .map_err(obstacle)?;
    let sessions: &[Session] = match principal {
        Principal::User(_) => &[Session::Key, Session::Password, Session::Mfa],
        Principal::Role(_) | Principal::Group(_) => &[Session::Role],
    };
    let answer = |session: &Session| Answer {
        session: *session,
        outcome: Asked {
            holds: &holds,
            unknown: &unknown,
            action,
            resource,
            facts: principal_facts(snapshot, principal, path).and(&facts(*session)),
        }
        .outcome(),
    };
    Ok(sessions.iter().map(answer).collect())
}

fn principal_facts(snapshot: &Snapshot, principal: &Principal, path: &Path) -> Facts {
    Known::new(&snapshot.account, principal, path).facts
}

/// Returns the state without the attachments whose documents aren't known, and those that bear on a principal.
fn without_unknown(snapshot: &Snapshot, principal: &Principal) -> (Snapshot, BTreeSet<PolicyRef>) {
    let groups: BTreeSet<Principal> = snapshot
        .iter()
        .filter_map(|(address, _)| match (address, principal) {
            (Address::Membership(group, user), Principal::User(name)) if user == name => {
                Some(Principal::Group(group.clone()))
            }
            _ => None,
        })
        .collect();
    let is_unknown = |policy: &PolicyRef| snapshot.get(&Address::Policy(policy.clone())).is_none();
    let mut known = snapshot.clone();
    let mut unknown = BTreeSet::new();
    for (address, _) in snapshot.iter() {
        if let Address::Attachment(holder, policy) = address
            && is_unknown(policy)
        {
            known.remove(address);
            if holder == principal || groups.contains(holder) {
                unknown.insert(policy.clone());
            }
        }
    }
    (known, unknown)
}

/// What is asked, with what is in force and known.
struct Asked<'a, 's> {
    holds: &'a Holds<'s>,
    unknown: &'a BTreeSet<PolicyRef>,
    action: &'a str,
    resource: &'a str,
    facts: Facts,
}

/// A statement in force, with how far it applies.
struct Looked<'a> {
    source: Source,
    document: &'a Document,
    statement: &'a Statement,
    applies: Applies,
}

impl Asked<'_, '_> {
    fn outcome(&self) -> Outcome {
        if needs_no_permission(self.action) {
            return Outcome::NeedsNoPermission;
        }
        let statements = self.statements();
        let of = |effect: Effect| {
            statements
                .iter()
                .filter(move |looked| looked.statement.effect() == effect)
        };
        let denied = Truth::any(of(Effect::Deny).map(|looked| looked.applies.truth()));
        if denied.must() {
            return self.denied(of(Effect::Deny).filter(|looked| looked.applies.truth().must()));
        }
        let allowed_in = |layer: Layer| {
            let allows = of(Effect::Allow).filter(|looked| looked.source.layer == layer);
            let may_be = layer == Layer::Identity && !self.unknown.is_empty();
            let unknown = if may_be { Truth::Unknown } else { Truth::False };
            Truth::any(allows.map(|looked| looked.applies.truth()).chain([unknown]))
        };
        let layers = self.layers();
        let missing: Vec<Layer> = layers
            .iter()
            .copied()
            .filter(|layer| !allowed_in(*layer).may())
            .collect();
        if !missing.is_empty() {
            return self.not_allowed(&missing, of(Effect::Allow));
        }
        let allowed = Truth::all(layers.into_iter().map(allowed_in));
        // What an unknown policy denies isn't known either.
        if allowed.must() && !denied.may() && self.unknown.is_empty() {
            let by = of(Effect::Allow).filter(|looked| looked.applies.truth().must());
            return Outcome::Allowed { by: self.via(by) };
        }
        self.depends(&statements)
    }

    fn layers(&self) -> Vec<Layer> {
        let levels = 0..self.holds.service_control.len();
        let boundary = self.holds.boundary.map(|_| Layer::Boundary);
        [Layer::Identity]
            .into_iter()
            .chain(boundary)
            .chain(levels.map(Layer::ServiceControl))
            .collect()
    }

    fn statements(&self) -> Vec<Looked<'_>> {
        let identity = self.holds.identity.iter().enumerate();
        let identity = identity.map(|(index, held)| (Layer::Identity, index, held.document));
        let boundary = self
            .holds
            .boundary
            .iter()
            .map(|held| (Layer::Boundary, 0, held.document));
        let levels = self.holds.service_control.iter().enumerate();
        let levels = levels.flat_map(|(level, documents)| {
            let documents = documents.iter().enumerate();
            documents.map(move |(index, document)| (Layer::ServiceControl(level), index, document))
        });
        let documents = identity.chain(boundary).chain(levels);
        documents
            .flat_map(|(layer, policy, document)| {
                document
                    .statements()
                    .enumerate()
                    .map(move |(index, statement)| Looked {
                        source: Source {
                            layer,
                            policy,
                            statement: index,
                        },
                        document,
                        statement,
                        applies: Applies::to(
                            statement,
                            document.version(),
                            self.action,
                            self.resource,
                            &self.facts,
                        ),
                    })
            })
            .collect()
    }

    fn via<'l>(&self, looked: impl Iterator<Item = &'l Looked<'l>>) -> Vec<Via> {
        looked
            .filter_map(|looked| self.holds.via(looked.source, looked.statement))
            .collect()
    }

    fn denied<'l>(&self, by: impl Iterator<Item = &'l Looked<'l>> + Clone) -> Outcome {
        let limit = |looked: &Looked<'_>| match looked.source.layer {
            Layer::ServiceControl(level) => Some(Limit::Statement {
                level,
                policy: looked.source.policy,
                statement: looked.source.statement,
            }),
            Layer::Identity | Layer::Boundary | Layer::Session => None,
        };
        Outcome::ExplicitlyDenied {
            limits: by.clone().filter_map(limit).collect(),
            by: self.via(by),
        }
    }

    fn not_allowed<'l>(
        &self,
        missing: &[Layer],
        allows: impl Iterator<Item = &'l Looked<'l>>,
    ) -> Outcome {
        let level = |layer: &Layer| match layer {
            Layer::ServiceControl(level) => Some(Limit::Level(*level)),
            Layer::Identity | Layer::Boundary | Layer::Session => None,
        };
        let of_missing = allows.filter(|looked| {
            missing.contains(&looked.source.layer) && looked.applies.action.must()
        });
        Outcome::ImplicitlyDenied {
            by_identity: missing.contains(&Layer::Identity),
            by_boundary: missing.contains(&Layer::Boundary),
            limits: missing.iter().filter_map(level).collect(),
            near: of_missing.filter_map(|looked| self.near(looked)).collect(),
        }
    }

    fn near(&self, looked: &Looked<'_>) -> Option<Near> {
        let resources = looked
            .statement
            .resources()
            .filter(|_| !looked.applies.resource.may());
        Some(Near {
            statement: self.holds.via(looked.source, looked.statement)?,
            resources: resources.map_or_else(Vec::new, listed),
            condition: !looked.applies.condition.may(),
        })
    }

    fn depends(&self, statements: &[Looked<'_>]) -> Outcome {
        let open = || {
            statements
                .iter()
                .filter(|looked| looked.applies.truth() == Truth::Unknown)
        };
        let keys = open()
            .flat_map(|looked| open_keys(looked.statement, looked.document.version(), &self.facts));
        let keys: BTreeSet<String> = keys.collect();
        Outcome::Depends {
            keys: keys.into_iter().collect(),
            policies: self.unknown.clone(),
            by: self.via(open()),
        }
    }
}

fn listed(resources: &Resources) -> Vec<String> {
    let patterns = resources.patterns().iter();
    patterns.map(ToString::to_string).collect()
}

/// Tells whether AWS answers an action whatever the policies say (`GetCallerIdentity` and `GetSessionToken` of the STS API
/// Reference, "Permissions").
fn needs_no_permission(action: &str) -> bool {
    ["sts:GetCallerIdentity", "sts:GetSessionToken"]
        .iter()
        .any(|free| free.eq_ignore_ascii_case(action))
}

/// Tells whether a document of a state is the one that a spec declares, so that its statements are where the spec has them.
pub fn is_as_declared(desired: &Desired, snapshot: &Snapshot, address: &Address) -> bool {
    let document = |body: &Body| match body {
        Body::Policy(policy) => Some(policy.document.clone()),
        Body::InlinePolicy(inline) => Some(inline.document.clone()),
        _ => None,
    };
    let declared = match desired.objects.get(address).map(|declared| &declared.wish) {
        Some(Wish::Present(body)) => document(body),
        Some(Wish::Absent) | None => None,
    };
    declared.is_some() && declared == snapshot.get(address).and_then(document)
}

#[cfg(test)]
mod tests;
