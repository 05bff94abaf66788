//! What a plan lets people do that they can't do before.
//!
//! The requests of a principal are divided into cells by what its documents say before and after the plan, and each cell is
//! decided twice, by those in force before and by those in force after. So that nothing is gained is proved of every request;
//! where something isn't known, the answer is [`Extent::Unknown`].

mod sides;

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Action, Address, Body, Change, Extent, Gain, Gained, Path, Principal, Session, Snapshot,
    UserName,
};
use policy::Document;
use policy::cells::{Space, TooComplex};

use self::sides::Sides;
use crate::in_force::{Holdings, Holds, Unknown, unread};
use crate::principal::{self, Known};
use crate::prove::{Asked, Key};
use crate::requests::{Requests, own_password};
use crate::review::control;
use crate::steps::{changes_rights, renamed};

/// Says what actions give to each user and role whose documents they change, and to each user who comes or gets a password;
/// none where the account isn't known well enough. `after` is the account once they are done.
pub(crate) fn gains(
    actions: &[Action],
    before: &Snapshot,
    after: &Snapshot,
    asked: &Asked,
) -> Option<Vec<Gain>> {
    if unread(before).is_some() {
        return None;
    }
    let before = renamed(before, actions);
    let own_password = own_password(&before.account);
    let holdings = |snapshot| Holdings::new(snapshot, &own_password, &asked.service_control);
    let plan = Plan {
        had: holdings(&before),
        has: holdings(after),
        before: &before,
        after,
        moved: actions
            .iter()
            .filter(|action| moves(action))
            .map(|action| &action.address)
            .collect(),
        get_passwords: actions
            .iter()
            .filter(|action| matches!(action.change, Change::Create { .. }))
            .filter_map(|action| match &action.address {
                Address::LoginProfile(user) => Some(user),
                _ => None,
            })
            .collect(),
        changes_rights: actions.iter().any(changes_rights),
        control: control(),
        asked,
    };
    Some(plan.gains())
}

/// Tells whether an action gives a user another ARN.
fn moves(action: &Action) -> bool {
    match &action.change {
        Change::Update {
            before: Body::User(before),
            after: Body::User(after),
            fields: _,
        } => after.renamed_from.is_some() || before.path != after.path,
        Change::Create { .. } | Change::Update { .. } | Change::Delete { .. } => false,
    }
}

struct Plan<'p> {
    /// The account as before the plan, but with its users renamed.
    before: &'p Snapshot,
    after: &'p Snapshot,
    had: Holdings<'p>,
    has: Holdings<'p>,
    moved: BTreeSet<&'p Address>,
    get_passwords: BTreeSet<&'p UserName>,
    changes_rights: bool,
    control: Document,
    asked: &'p Asked,
}

/// Principals with the same documents before and the same after.
struct Alike<'p> {
    had: Holds<'p>,
    has: Holds<'p>,
    principals: Vec<(Principal, &'p Path)>,
}

impl<'p> Plan<'p> {
    fn gains(&self) -> Vec<Gain> {
        let mut gains: BTreeMap<Address, Gain> = BTreeMap::new();
        let mut alike: BTreeMap<(bool, Key<'p>, Key<'p>), Alike<'p>> = BTreeMap::new();
        for principal in self.principals() {
            match self.holds(&principal) {
                Err(_) => {
                    let address = principal.address();
                    gains.insert(address.clone(), unknown(address, false));
                }
                Ok(None) => {}
                Ok(Some((had, has, path))) => {
                    let is_user = matches!(principal, Principal::User(_));
                    let address = principal.address();
                    if self.moved.contains(&address) {
                        // With another ARN the same documents can come to something else.
                        let needs_no_mfa = self.needs_no_mfa(&principal, &has);
                        gains.insert(address.clone(), unknown(address, needs_no_mfa));
                        continue;
                    }
                    let alike = alike
                        .entry((is_user, had.key(), has.key()))
                        .or_insert_with(|| Alike {
                            had,
                            has,
                            principals: Vec::new(),
                        });
                    alike.principals.push((principal, path));
                }
            }
        }
        for alike in alike.values() {
            let of_alike = self.of_alike(alike).into_iter();
            gains.extend(of_alike.map(|gain| (gain.address.clone(), gain)));
        }
        gains.into_values().collect()
    }

    /// Lists the users and roles that there are after the plan, if it changes anybody's rights, else those who come or
    /// get passwords.
    fn principals(&self) -> impl Iterator<Item = Principal> {
        let all = self.after.iter().filter_map(|(address, _)| match address {
            Address::User(name) => Some(Principal::User(name.clone())),
            Address::Role(name) => Some(Principal::Role(name.clone())),
            _ => None,
        });
        all.filter(|principal| {
            self.changes_rights || self.gets_password(principal) || self.is_new(principal)
        })
    }

    fn is_new(&self, principal: &Principal) -> bool {
        self.before.get(&principal.address()).is_none()
    }

    fn gets_password(&self, principal: &Principal) -> bool {
        matches!(principal, Principal::User(user) if self.get_passwords.contains(user))
    }

    /// Returns what a principal holds before and after and its path, if the plan changes anything of it, makes it or lets it
    /// sign in.
    fn holds(
        &self,
        principal: &Principal,
    ) -> Result<Option<(Holds<'p>, Holds<'p>, &'p Path)>, Unknown> {
        let has = self.has.of(principal)?;
        let had = if self.is_new(principal) {
            Holds {
                service_control: has.service_control,
                ..Holds::default()
            }
        } else {
            self.had.of(principal)?
        };
        let is_affected = had != has
            || self.moved.contains(&principal.address())
            || self.gets_password(principal)
            || self.is_new(principal);
        let path = principal::path(self.after, principal);
        Ok(path.filter(|_| is_affected).map(|path| (had, has, path)))
    }

    fn of_alike(&self, alike: &Alike<'p>) -> Vec<Gain> {
        let sides = Sides::new(&alike.had, &alike.has);
        let layers = sides.layers();
        let account = &self.after.account;
        let paths: BTreeSet<&Path> = alike.principals.iter().map(|(_, path)| *path).collect();
        let of_path = |path| (path, Requests::new(account, path, self.asked.lists_users));
        let requests: BTreeMap<&Path, Requests> = paths.into_iter().map(of_path).collect();
        let mut first: Option<Result<Space<'_>, TooComplex>> = None;
        let mut gains = Vec::new();
        for (principal, path) in &alike.principals {
            let Some(requests) = requests.get(path) else {
                continue;
            };
            let [harmless, self_service, enrolment] = requests.all();
            let sets = [harmless, self_service, enrolment, &self.control];
            let known = Known::new(account, principal, path);
            let (facts, examples) = (known.facts.clone(), known.examples());
            let space = match &first {
                Some(Ok(first)) => first.of_another(&sets, facts, &examples),
                Some(Err(TooComplex)) => Err(TooComplex),
                None => Space::new(&layers, &sets, facts, &examples),
            };
            let needs_no_mfa = self.needs_no_mfa(principal, &alike.has);
            gains.push(match &space {
                Err(TooComplex) => unknown(principal.address(), needs_no_mfa),
                Ok(space) => Gain {
                    address: principal.address(),
                    without_mfa: sides.gained(space, without_mfa(principal)),
                    with_mfa: sides.gained(space, with_mfa(principal)),
                    needs_no_mfa: needs_no_mfa && sides.has_rights(space, Session::Password),
                },
            });
            first.get_or_insert(space);
        }
        gains
    }

    /// Tells whether it is certain that a user can sign in with a password, and that no document in force for it says
    /// anything of MFA, so that its requests are decided alike with MFA and without.
    fn needs_no_mfa(&self, principal: &Principal, has: &Holds<'_>) -> bool {
        let Principal::User(user) = principal else {
            return false;
        };
        let password = Address::LoginProfile(user.clone());
        let says_nothing = |document: &Document| {
            let text = document.to_json().to_ascii_lowercase();
            !text.contains("aws:multifactorauth")
        };
        self.after.get(&password).is_some() && has.documents().all(says_nothing)
    }
}

fn unknown(address: Address, needs_no_mfa: bool) -> Gain {
    let gained = Gained {
        extent: Extent::Unknown,
        by: BTreeMap::new(),
    };
    Gain {
        address,
        without_mfa: gained.clone(),
        with_mfa: gained,
        needs_no_mfa,
    }
}

fn without_mfa(principal: &Principal) -> &'static [Session] {
    match principal {
        Principal::User(_) => &[Session::Key, Session::Password],
        Principal::Role(_) | Principal::Group(_) => &[Session::Role],
    }
}

fn with_mfa(principal: &Principal) -> &'static [Session] {
    match principal {
        Principal::User(_) => &[Session::Mfa],
        Principal::Role(_) | Principal::Group(_) => &[Session::Role],
    }
}

#[cfg(test)]
mod tests;
