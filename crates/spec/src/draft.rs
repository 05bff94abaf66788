//! What is being put together of a spec's sections.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use model::{
    AccountId, Address, AddressPattern, Body, Check, Declared, Desired, Lock, LogGroupName,
    MfaType, Origin, Path, PolicyName, Principal, Prune, Region, RequiredMfa, Safety, Tags,
    UserName, Wish,
};

use crate::diagnostic::Place;
use crate::node::Node;
use crate::reading::Reading;
use crate::references::Reference;

/// Holds what was read so far. What was wrong is missing in it.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) account: Option<AccountId>,
    pub(crate) region: Option<Region>,
    pub(crate) lock: Option<Lock>,
    /// The path of what doesn't name its own.
    pub(crate) path: Path,
    /// The tags of what doesn't set its own.
    pub(crate) tags: Tags,
    /// How many days people who must have MFA may take, where nothing else is said.
    pub(crate) mfa_grace: Option<u16>,
    pub(crate) prune: Vec<Prune>,
    pub(crate) ignore: Vec<AddressPattern>,
    pub(crate) safety: Safety,
    pub(crate) objects: BTreeMap<Address, Declared>,
    /// Where each object was declared.
    pub(crate) places: BTreeMap<Address, Place>,
    pub(crate) inclusive: BTreeSet<Address>,
    pub(crate) required_log_groups: BTreeMap<LogGroupName, Origin>,
    pub(crate) log_group: Option<LogGroupName>,
    pub(crate) needs_mfa: BTreeMap<UserName, RequiredMfa>,
    pub(crate) required_types: BTreeMap<Principal, MfaType>,
    pub(crate) expires: BTreeMap<Address, Date>,
    pub(crate) checks: Vec<Check>,
    pub(crate) statements: BTreeMap<Address, Vec<Origin>>,
    pub(crate) lists_users: bool,
    /// The policies that are declared, even where their documents are wrong.
    pub(crate) policies: BTreeMap<PolicyName, Path>,
    /// The log groups that dashboards query, and where they do.
    pub(crate) queried: Vec<(String, Place)>,
    /// References to be resolved when everything is known.
    pub(crate) references: Vec<Reference>,
}

impl Draft {
    pub(crate) fn declare(
        &mut self,
        reading: &Reading<'_>,
        node: &Node,
        address: Address,
        wish: Wish,
    ) {
        let origin = reading.origin(node);
        self.places.insert(address.clone(), reading.place(node));
        self.objects.insert(address, Declared { wish, origin });
    }

    pub(crate) fn declare_body(
        &mut self,
        reading: &Reading<'_>,
        node: &Node,
        address: Address,
        body: Body,
    ) {
        self.declare(reading, node, address, Wish::Present(body));
    }

    /// Lists the bodies of what is to exist.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = (&Address, &Body)> {
        self.objects
            .iter()
            .filter_map(|(address, declared)| match &declared.wish {
                Wish::Present(body) => Some((address, body)),
                Wish::Absent => None,
            })
    }

    /// Returns the desired state, if it is known of which account and region.
    pub(crate) fn finish(self) -> Option<Desired> {
        let Self {
            account,
            region,
            lock,
            path: _,
            tags: _,
            mfa_grace: _,
            prune,
            ignore,
            safety,
            objects,
            places: _,
            inclusive,
            required_log_groups,
            log_group,
            needs_mfa,
            required_types,
            expires,
            checks,
            statements,
            lists_users,
            policies: _,
            queried: _,
            references: _,
        } = self;
        Some(Desired {
            account: account?,
            region: region?,
            lock,
            prune,
            ignore,
            safety,
            objects,
            inclusive,
            required_log_groups,
            log_group,
            needs_mfa,
            required_types,
            expires,
            as_of: None,
            checks,
            statements,
            lists_users,
        })
    }
}
