//! A spec that declares what an account has: the way back from AWS to YAML.
//!
//! What is printed reads back as what was read from AWS, so that planning it shows no changes. What a spec can't say
//! is left out, and named.

mod monitoring;
mod people;
mod yaml;

use std::collections::BTreeSet;

use model::{Account, AccountId, Address, AddressPattern, Desired, Kind, Prune, Region, Snapshot};

use monitoring::Monitoring;
use people::People;

/// The file of a folder that says which account the spec is for.
const SETTINGS: &str = "mfactl.yaml";

/// What every file of a spec begins with.
const VERSION: &str = "version: 1\n";

/// The kinds that are asked for to be imported. Whatever a spec asks for, users are read, with their groups and policies, and
/// so is the password policy.
pub const IMPORTED: &[Kind] = &[
    Kind::Group,
    Kind::Policy,
    Kind::MetricFilter,
    Kind::Alarm,
    Kind::Dashboard,
];

/// Holds a spec for what an account has.
#[derive(Debug)]
pub struct Import {
    /// Which account and region it is for, with comments.
    settings: String,
    /// The declared objects, by the file that has them in a folder.
    sections: Vec<(&'static str, String)>,
    /// How many objects are declared.
    pub declared: usize,
    /// What exists and isn't declared, each with the reason.
    pub left_out: Vec<LeftOut>,
}

/// Holds an object that a spec can't declare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The object.
    pub address: Address,
    /// Why, in a few words.
    pub reason: &'static str,
}

/// Returns a spec that asks for nothing, with which everything is read that a spec can declare.
pub fn everything(account: AccountId, region: Region) -> Desired {
    let mut desired = Desired::new(account, region);
    let prune = IMPORTED.iter().map(|kind| Prune {
        kind: *kind,
        pattern: AddressPattern::new("*"),
    });
    desired.prune = prune.collect();
    desired
}

/// Writes a spec for what was read of an account.
pub fn import(snapshot: &Snapshot, region: &Region) -> Import {
    let (mut people, mut monitoring) = (People::default(), Monitoring::default());
    for (address, body) in snapshot.iter() {
        people.add(address, body);
        monitoring.add(address, body);
    }
    let declared = people.declared() + monitoring.declared();
    let left_out = std::mem::take(&mut monitoring.left_out);
    let monitoring = monitoring.section() + &comments(&left_out);
    let sections = people.sections().into_iter();
    let sections = sections.chain([("monitoring.yaml", monitoring)]);
    Import {
        settings: settings(snapshot, region, &left_out),
        sections: sections.filter(|(_, text)| !text.is_empty()).collect(),
        declared,
        left_out,
    }
}

impl Import {
    /// Returns the spec as one file.
    pub fn file(&self) -> String {
        let sections = self.sections.iter().map(|(_, text)| format!("\n{text}"));
        format!("{}{}", self.settings, sections.collect::<String>())
    }

    /// Returns the spec as the files of a folder, each with its name.
    pub fn files(&self) -> Vec<(&'static str, String)> {
        let sections = self
            .sections
            .iter()
            .map(|(name, text)| (*name, format!("{VERSION}\n{text}")));
        std::iter::once((SETTINGS, self.settings.clone()))
            .chain(sections)
            .collect()
    }
}

fn settings(snapshot: &Snapshot, region: &Region, left_out: &[LeftOut]) -> String {
    let Account {
        id,
        partition: _,
        alias,
    } = &snapshot.account;
    let alias = alias
        .as_ref()
        .map(|alias| format!(" ({})", alias.escape_debug()))
        .unwrap_or_default();
    let unread = snapshot.unread().iter().map(|(kind, failure)| {
        let message = failure.message.escape_debug();
        format!(
            "# Missing, since it could not be read: {kind}. {} answers: {message}\n",
            failure.operation
        )
    });
    let unread: String = unread.collect();
    format!(
        "# Imported from account {id}{alias}.
#
# Left as they are: passwords, MFA devices and access keys. With `console: true`, `mfa: required` or
# `mfa: provisioned` a user's password and MFA are this file's, too.
{unread}{VERSION}account: \"{id}\"
region: {region}
{}",
        prune(left_out)
    )
}

/// Proposes to prune what is declared whole: what was left out would be deleted.
fn prune(left_out: &[LeftOut]) -> String {
    let kept: BTreeSet<Kind> = left_out.iter().map(|left| left.address.kind()).collect();
    let kinds = std::iter::once(&Kind::User).chain(IMPORTED);
    let lines = kinds
        .filter(|kind| !kept.contains(kind))
        .map(|kind| format!("#   {kind}: \"*\"\n"));
    format!(
        "
# A user, group or policy taken out of this file stays in AWS; a group or policy taken out of somebody's list is taken from
# them. To have the former deleted, and what others create beside it:
# prune:
{}",
        lines.collect::<String>()
    )
}

fn comments(left_out: &[LeftOut]) -> String {
    let lines = left_out.iter().map(|LeftOut { address, reason }| {
        let address = address.to_string();
        format!("# Not declared: {}, {reason}.\n", address.escape_debug())
    });
    lines.collect()
}

#[cfg(test)]
mod tests;
