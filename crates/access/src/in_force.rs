//! Which documents are in force for whom.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, Body, GroupName, Kind, PolicyRef, Principal, Snapshot, UserName};
use policy::Document;

/// Holds who holds which policies in one state of an account.
#[derive(Debug)]
pub(crate) struct Holdings<'s> {
    snapshot: &'s Snapshot,
    groups: BTreeMap<&'s UserName, BTreeSet<&'s GroupName>>,
    held: BTreeMap<&'s Principal, Vec<&'s Address>>,
    managed: BTreeMap<&'s PolicyRef, (&'s Address, &'s Document)>,
    /// What the account's password policy lets every user do.
    own_password: Option<Held<'s>>,
    service_control: &'s [Vec<Document>],
}

/// Holds the documents in force for a principal.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Holds<'s> {
    /// Its own and its groups' policies.
    pub(crate) identity: Vec<Held<'s>>,
    /// Its permissions boundary.
    pub(crate) boundary: Option<Held<'s>>,
    /// The service control policies of each level of the organization.
    pub(crate) service_control: &'s [Vec<Document>],
}

/// Holds a document with where it comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Held<'s> {
    /// The policy, or the inline policy.
    pub(crate) address: &'s Address,
    /// The group that it comes through, if it does.
    pub(crate) group: Option<&'s GroupName>,
    /// What it says.
    pub(crate) document: &'s Document,
}

/// Says which policy's document isn't known, or which kind of objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unknown {
    Kind(Kind),
    Policy(PolicyRef),
}

/// Returns a kind that must be known to say what is in force, and couldn't be read, if there is one.
pub fn unread(snapshot: &Snapshot) -> Option<Kind> {
    const READ: [Kind; 7] = [
        Kind::User,
        Kind::Group,
        Kind::Membership,
        Kind::Policy,
        Kind::Attachment,
        Kind::InlinePolicy,
        Kind::PasswordPolicy,
    ];
    let unread = snapshot.unread();
    READ.into_iter().find(|kind| unread.contains_key(kind))
}

impl<'s> Holdings<'s> {
    /// Looks through a state once. `own_password` is what `AllowUsersToChangePassword` comes to where it is set.
    pub(crate) fn new(
        snapshot: &'s Snapshot,
        own_password: &'s Document,
        service_control: &'s [Vec<Document>],
    ) -> Self {
        let mut holdings = Self {
            snapshot,
            groups: BTreeMap::new(),
            held: BTreeMap::new(),
            managed: BTreeMap::new(),
            own_password: None,
            service_control,
        };
        for (address, body) in snapshot.iter() {
            match (address, body) {
                (Address::Membership(group, user), _) => {
                    holdings.groups.entry(user).or_default().insert(group);
                }
                (Address::Attachment(principal, _) | Address::InlinePolicy(principal, _), _) => {
                    holdings.held.entry(principal).or_default().push(address);
                }
                (Address::Policy(name), Body::Policy(policy)) => {
                    holdings.managed.insert(name, (address, &policy.document));
                }
                (Address::PasswordPolicy, Body::PasswordPolicy(policy))
                    if policy.allow_users_to_change_password =>
                {
                    holdings.own_password = Some(Held {
                        address,
                        group: None,
                        document: own_password,
                    });
                }
                _ => {}
            }
        }
        holdings
    }

    /// Returns the documents in force for a principal.
    pub(crate) fn of(&self, principal: &Principal) -> Result<Holds<'s>, Unknown> {
        if let Some(kind) = unread(self.snapshot) {
            return Err(Unknown::Kind(kind));
        }
        let mut identity = self.held_by(principal, None)?;
        if let Principal::User(user) = principal {
            for group in self.groups.get(user).into_iter().flatten().copied() {
                identity.extend(self.held_by(&Principal::Group(group.clone()), Some(group))?);
            }
            identity.extend(self.own_password);
        }
        Ok(Holds {
            identity,
            boundary: self.boundary(principal)?,
            service_control: self.service_control,
        })
    }

    fn held_by(
        &self,
        principal: &Principal,
        group: Option<&'s GroupName>,
    ) -> Result<Vec<Held<'s>>, Unknown> {
        let addresses = self.held.get(principal).into_iter().flatten().copied();
        addresses
            .map(|address| {
                Ok(Held {
                    group,
                    ..self.document(address)?
                })
            })
            .collect()
    }

    /// Returns the document that an attachment or inline policy puts in force.
    fn document(&self, address: &'s Address) -> Result<Held<'s>, Unknown> {
        match (address, self.snapshot.get(address)) {
            (Address::Attachment(_, policy), _) => self.managed(policy),
            (_, Some(Body::InlinePolicy(inline))) => Ok(Held {
                address,
                group: None,
                document: &inline.document,
            }),
            (_, _) => Err(Unknown::Kind(address.kind())),
        }
    }

    fn managed(&self, policy: &PolicyRef) -> Result<Held<'s>, Unknown> {
        let (address, document) = self
            .managed
            .get(policy)
            .ok_or_else(|| Unknown::Policy(policy.clone()))?;
        Ok(Held {
            address,
            group: None,
            document,
        })
    }

    fn boundary(&self, principal: &Principal) -> Result<Option<Held<'s>>, Unknown> {
        let policy = match self.snapshot.get(&principal.address()) {
            Some(Body::User(user)) => user.boundary.policy(),
            Some(Body::Role(role)) => role.boundary.as_ref(),
            _ => None,
        };
        policy
            .map(|policy| self.managed(&policy.reference()))
            .transpose()
    }
}
