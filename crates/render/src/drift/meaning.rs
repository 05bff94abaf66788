//! What drift means, in words that need no knowledge of AWS.

use std::collections::BTreeMap;

use model::{
    Address, Body, Credential, CredentialType, Deviation, Difference, Drift, FieldChange,
    UndeclaredPrincipal,
};

use super::mark;
use crate::changes::of_rights;
use crate::collapse::collapse;
use crate::document::{Entry, Importance, Mark};
use crate::prose::coded;
use crate::words::first_few;

/// How many names are said in a row.
const FEW: usize = 5;

/// The policy of AWS that allows everything.
const ADMINISTRATOR: &str = "aws/AdministratorAccess";

const UNDECLARED: &str = "exists in the account, and isn't in the spec";

/// Returns a sentence for each object that differs, or for whose user, group or role something does.
pub(super) fn meaning(drift: &Drift) -> Vec<Entry> {
    let mut said: BTreeMap<Address, (Mark, Vec<String>)> = BTreeMap::new();
    let whole = drift.differences.iter().filter(|it| it.part_of.is_none());
    for difference in whole {
        let (subject, predicate) = predicate(difference);
        let mark = if subject == difference.address {
            mark(&difference.deviation)
        } else {
            Mark::Update
        };
        let (marked, predicates) = said.entry(subject).or_insert((mark, Vec::new()));
        *marked = if mark == Mark::Update { *marked } else { mark };
        predicates.push(predicate);
    }
    for principal in &drift.principals {
        let (marked, predicates) = said
            .entry(principal.address.clone())
            .or_insert((Mark::Create, Vec::new()));
        *marked = Mark::Create;
        predicates.insert(0, UNDECLARED.to_owned());
        predicates.extend(access(principal, drift));
    }
    let entries = said.into_iter().map(|(address, (mark, predicates))| {
        let is_principal = drift.principals.iter().any(|it| it.address == address);
        let rights = is_principal.then_some(Importance::Attachment);
        let rights = rights.or(of_rights(&address)).unwrap_or_default();
        let entry = Entry::new(mark, &address);
        let entry = Entry {
            note: Some(predicates.join(", ")),
            importance: entry.importance.max(rights),
            ..entry
        };
        (Some(address.kind()), entry)
    });
    collapse(entries)
}

/// Says what gives somebody rights whom nobody declared, as far as no difference says it.
fn access(principal: &UndeclaredPrincipal, drift: &Drift) -> Vec<String> {
    let is_said = |address: &&Address| drift.differences.iter().any(|it| it.address == **address);
    let access = principal.access.iter().filter(|it| !is_said(it));
    let predicate = |address: &Address| match address {
        Address::Membership(group, _) => Some(format!("is in the group {}", coded(group))),
        Address::Attachment(_, policy) if policy.to_string() == ADMINISTRATOR => Some(format!(
            "has full administrator access, by the policy `{policy}`"
        )),
        Address::Attachment(_, policy) => Some(format!("has the policy {}", coded(policy))),
        Address::InlinePolicy(_, policy) => Some(format!("has its own policy {}", coded(policy))),
        _ => None,
    };
    let said: Vec<String> = access.filter_map(predicate).collect();
    match said.len().saturating_sub(FEW) {
        0 => said,
        more => {
            let first = said.into_iter().take(FEW);
            first
                .chain([format!("and {more} more that give rights")])
                .collect()
        }
    }
}

/// Says one thing of an object, or of the user, group or role that it gives something.
fn predicate(difference: &Difference) -> (Address, String) {
    let Difference {
        address,
        deviation,
        origin: _,
        part_of: _,
    } = difference;
    match deviation {
        Deviation::Missing { declared } => missing(address, declared),
        Deviation::Undeclared { found } => undeclared(address, found),
        Deviation::Changed {
            declared: _,
            found: _,
            fields,
        } => (address.clone(), changed(address, fields)),
        Deviation::Conflict { because } => (address.clone(), because.clone()),
    }
}

fn missing(address: &Address, declared: &Body) -> (Address, String) {
    let itself = |predicate: &str| (address.clone(), predicate.to_owned());
    match address {
        Address::LoginProfile(user) => of(user, "has no password for the console"),
        Address::Credential(user, _) => of(user, &format!("lacks {}", credential(declared))),
        Address::MfaDevice(_) => match holder(declared) {
            Some(user) => of(user, "lacks an MFA device"),
            None => itself("is an MFA device that isn't there"),
        },
        Address::Membership(group, user) => {
            of(user, &format!("isn't in the group {}", coded(group)))
        }
        Address::Attachment(principal, policy) => (
            principal.address(),
            format!("doesn't come under the policy {}", coded(policy)),
        ),
        Address::InlinePolicy(principal, name) => (
            principal.address(),
            format!("lacks its own policy {}", coded(name)),
        ),
        Address::User(_) => itself("isn't there, and can't get in"),
        Address::Alarm(_) => itself("isn't there, and warns nobody"),
        Address::MetricFilter(..) => itself("isn't there, and counts nothing"),
        Address::Group(_)
        | Address::Policy(_)
        | Address::Role(_)
        | Address::PasswordPolicy
        | Address::LogGroup(_)
        | Address::Dashboard(_) => itself("isn't there"),
    }
}

fn undeclared(address: &Address, found: &Body) -> (Address, String) {
    match address {
        Address::LoginProfile(user) => of(user, "has a password for the console and shouldn't"),
        Address::Credential(user, _) => {
            of(user, &format!("has {} and shouldn't", credential(found)))
        }
        Address::MfaDevice(_) => match holder(found) {
            Some(user) => of(user, "has an MFA device that nobody declared"),
            None => nobody_declared(address),
        },
        Address::Membership(group, user) => of(
            user,
            &format!("is in the group {} and shouldn't be", coded(group)),
        ),
        Address::Attachment(principal, policy) => (
            principal.address(),
            format!("comes under the policy {} and shouldn't", coded(policy)),
        ),
        Address::InlinePolicy(principal, name) => (
            principal.address(),
            format!("has its own policy {} and shouldn't", coded(name)),
        ),
        Address::User(_)
        | Address::Group(_)
        | Address::Policy(_)
        | Address::Role(_)
        | Address::PasswordPolicy
        | Address::LogGroup(_)
        | Address::MetricFilter(..)
        | Address::Alarm(_)
        | Address::Dashboard(_) => nobody_declared(address),
    }
}

fn nobody_declared(address: &Address) -> (Address, String) {
    (address.clone(), UNDECLARED.to_owned())
}

fn changed(address: &Address, fields: &[FieldChange]) -> String {
    let is_document = |field: &FieldChange| field.field == "document";
    if matches!(address, Address::Policy(_) | Address::InlinePolicy(..))
        && fields.iter().any(is_document)
    {
        return "allows or denies something else than is declared".to_owned();
    }
    let fields = fields.iter().map(|field| &field.field);
    format!("has another {} than is declared", first_few(fields, FEW))
}

fn of(user: &model::UserName, predicate: &str) -> (Address, String) {
    (Address::User(user.clone()), predicate.to_owned())
}

/// Returns the user whose device it is, or is to be.
fn holder(body: &Body) -> Option<&model::UserName> {
    let Body::MfaDevice(device) = body else {
        return None;
    };
    device.user.as_ref()
}

fn credential(body: &Body) -> &'static str {
    match body {
        Body::Credential(Credential { credential_type }) => match credential_type {
            CredentialType::AccessKey => "an access key",
            CredentialType::SshPublicKey => "an SSH public key",
            CredentialType::SigningCertificate => "a signing certificate",
            CredentialType::ServiceSpecificCredential => "a service-specific credential",
        },
        _ => "a credential",
    }
}
