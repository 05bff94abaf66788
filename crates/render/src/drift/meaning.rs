//! What drift means, in words that need no knowledge of AWS.

use std::collections::BTreeMap;

use model::{
    Address, Body, Credential, CredentialType, Deviation, Difference, Drift, FieldChange,
    UndeclaredPrincipal,
};

use super::mark;
use crate::collapse::collapse;
use crate::document::{Entry, Mark};
use crate::words::first_few;

/// How many names are said in a row.
const FEW: usize = 5;

const UNDECLARED: &str = "is there, and nobody declared it";

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
    for UndeclaredPrincipal { address, .. } in &drift.principals {
        said.insert(address.clone(), (Mark::Create, vec![UNDECLARED.to_owned()]));
    }
    let entries = said.into_iter().map(|(address, (mark, predicates))| {
        let entry = Entry {
            note: Some(predicates.join(", ")),
            ..Entry::new(mark, &address)
        };
        (Some(address.kind()), entry)
    });
    collapse(entries)
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
        Address::Membership(group, user) => of(user, &format!("isn't in the group {group}")),
        Address::Attachment(principal, policy) => (
            principal.address(),
            format!("doesn't come under the policy {policy}"),
        ),
        Address::InlinePolicy(principal, name) => {
            (principal.address(), format!("lacks its own policy {name}"))
        }
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
        Address::Membership(group, user) => {
            of(user, &format!("is in the group {group} and shouldn't be"))
        }
        Address::Attachment(principal, policy) => (
            principal.address(),
            format!("comes under the policy {policy} and shouldn't"),
        ),
        Address::InlinePolicy(principal, name) => (
            principal.address(),
            format!("has its own policy {name} and shouldn't"),
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
