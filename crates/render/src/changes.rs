//! The entries of what a plan does.

use std::collections::{BTreeMap, BTreeSet};

use model::{Action, Address, Body, Change, Credential, LoginProfile, MfaDevice, Plan, User};

use crate::collapse::collapse;
use crate::document::{Detail, Entry, Importance};
use crate::words::{count, mark, short};
use crate::{changed, created, policies};

/// Returns an entry for each action: what is created, changed, deleted, each by address, so that a plan reads the same
/// when something else in it changes. Objects that go with their user or group are parts of its entry.
pub(crate) fn entries(plan: &Plan) -> Vec<Entry> {
    let deleted: BTreeSet<&Address> = plan
        .actions
        .iter()
        .filter(|action| matches!(action.change, Change::Delete { .. }))
        .map(|action| &action.address)
        .collect();
    let mut parts: BTreeMap<&Address, Vec<&Action>> = BTreeMap::new();
    let mut actions = Vec::new();
    for action in &plan.actions {
        match &action.part_of {
            Some(owner) if deleted.contains(owner) => parts.entry(owner).or_default().push(action),
            Some(_) | None => actions.push(action),
        }
    }
    actions.sort_by_key(|action| (mark(&action.change), &action.address));
    let of_one_object = actions.chunk_by(|one, other| {
        let both_change = [one, other].map(|action| matches!(action.change, Change::Update { .. }));
        one.address == other.address && both_change == [true, true]
    });
    of_one_object
        .filter_map(|steps| {
            let first = *steps.first()?;
            let own = match first.change {
                Change::Delete { .. } => parts.remove(&first.address).unwrap_or_default(),
                Change::Create { .. } | Change::Update { .. } => Vec::new(),
            };
            let mut entry = entry(&all_in_one(first, steps), own);
            if steps.len() > 1 {
                let steps = format!("in {} steps", steps.len());
                let notes = entry.note.into_iter().chain([steps]);
                entry.note = Some(notes.collect::<Vec<_>>().join(", "));
            }
            Some(entry)
        })
        .collect()
}

/// Returns an action that does at once what several do to the same object.
fn all_in_one(first: &Action, steps: &[&Action]) -> Action {
    let mut action = first.clone();
    for step in steps.iter().skip(1) {
        if let (
            Change::Update { after, fields, .. },
            Change::Update {
                after: later,
                fields: more,
                ..
            },
        ) = (&mut action.change, &step.change)
        {
            *after = later.clone();
            for field in more {
                match fields.iter_mut().find(|known| known.field == field.field) {
                    Some(known) => known.after = field.after.clone(),
                    None => fields.push(field.clone()),
                }
            }
        }
    }
    action
}

/// Returns the entry of one action with those that go with it.
pub(crate) fn entry(action: &Action, mut parts: Vec<&Action>) -> Entry {
    parts.sort_by_key(|part| &part.address);
    let bodies = parts.iter().filter_map(|part| part.change.before());
    let notes = [
        note(&action.change),
        reset(action),
        people(action.people),
        with(bodies),
    ];
    let notes: Vec<String> = notes.into_iter().flatten().collect();
    Entry {
        note: (!notes.is_empty()).then(|| notes.join(", ")),
        origin: action.origin.as_ref().map(ToString::to_string),
        details: details(&action.change),
        parts: collapse(
            parts
                .iter()
                .map(|part| (Some(part.address.kind()), entry(part, Vec::new()))),
        ),
        importance: importance(action),
        ..Entry::new(mark(&action.change), &action.address)
    }
}

/// Tells how much a change matters where not everything fits: who may do what goes first.
pub(crate) fn importance(action: &Action) -> Importance {
    match &action.change {
        Change::Update { fields, .. }
            if !fields.is_empty() && fields.iter().all(|it| it.field.starts_with("tags.")) =>
        {
            Importance::Tags
        }
        Change::Delete { .. } => of_rights(&action.address).unwrap_or(Importance::Deletion),
        Change::Create { .. } | Change::Update { .. } => {
            of_rights(&action.address).unwrap_or_default()
        }
    }
}

/// Tells how much an object matters that says who may do what.
pub(crate) fn of_rights(address: &Address) -> Option<Importance> {
    match address {
        Address::Policy(_) | Address::InlinePolicy(..) => Some(Importance::Policy),
        Address::Attachment(..) => Some(Importance::Attachment),
        Address::Membership(..) => Some(Importance::Membership),
        _ => None,
    }
}

/// Says why an MFA device goes whose user stays: there is no other reason.
fn reset(action: &Action) -> Option<String> {
    match &action.change {
        Change::Delete {
            before: Body::MfaDevice(MfaDevice {
                user: Some(user), ..
            }),
        } if action.part_of.is_none() => Some(format!(
            "since MFA is reset: {user} is without until another device is enabled"
        )),
        Change::Create { .. } | Change::Update { .. } | Change::Delete { .. } => None,
    }
}

pub(crate) fn details(change: &Change) -> Vec<Detail> {
    match change {
        Change::Create { after } => created::details(after),
        Change::Update {
            before,
            after,
            fields,
        } => changed::details(before, after, fields),
        Change::Delete {
            before: Body::Policy(policy),
        } => policies::summary(&policy.document),
        Change::Delete {
            before: Body::InlinePolicy(inline),
        } => policies::summary(&inline.document),
        Change::Delete { before: _ } => Vec::new(),
    }
}

pub(crate) fn note(change: &Change) -> Option<String> {
    match change {
        Change::Create {
            after: Body::LoginProfile(password),
        } => Some(format!("password{}", how_new(password, "first"))),
        Change::Update {
            after: Body::LoginProfile(password),
            ..
        } => Some(format!("another password,{}", how_new(password, "next"))),
        Change::Create {
            after: Body::MfaDevice(device),
        } => Some(new_device("", device)),
        Change::Update {
            after:
                Body::MfaDevice(
                    device @ MfaDevice {
                        deliver_to: Some(_),
                        ..
                    },
                ),
            ..
        } => Some(new_device("made anew: ", device)),
        Change::Update {
            after:
                Body::User(User {
                    renamed_from: Some(old),
                    ..
                }),
            ..
        } => Some(format!("renamed from {}", Address::User(old.clone()))),
        Change::Delete {
            before: Body::LoginProfile(_),
        } => Some("console password".to_owned()),
        Change::Delete {
            before: Body::Credential(Credential { credential_type }),
        } => Some(credential_type.to_string()),
        Change::Delete {
            before: Body::MfaDevice(MfaDevice { device, user, .. }),
        } => {
            let holder = user
                .as_ref()
                .map(|user| format!(" of {}", Address::User(user.clone())));
            Some(format!("{device}{}", holder.unwrap_or_default()))
        }
        Change::Create { .. } | Change::Update { .. } | Change::Delete { .. } => None,
    }
}

/// Says when a new password is changed, and whom it is sealed for.
fn how_new(password: &LoginProfile, sign_in: &str) -> String {
    let LoginProfile {
        reset_required,
        deliver_to,
    } = password;
    let reset = if *reset_required {
        format!(" reset at {sign_in} sign-in")
    } else {
        String::new()
    };
    let sealed = deliver_to
        .as_ref()
        .map(|recipient| format!(", sealed for {}", short(recipient)));
    format!("{reset}{}", sealed.unwrap_or_default())
}

fn new_device(how: &str, device: &MfaDevice) -> String {
    let MfaDevice {
        device,
        user,
        tags: _,
        deliver_to,
    } = device;
    let enabled = user.as_ref().map(|user| format!(", enabled for {user}"));
    let sealed = deliver_to
        .as_ref()
        .map(|recipient| format!(", seed sealed for {}", short(recipient)));
    let [enabled, sealed] = [enabled, sealed].map(Option::unwrap_or_default);
    format!("{how}{device}{enabled}{sealed}")
}

fn people(people: usize) -> Option<String> {
    (people > 0).then(|| count(people, "person", "people"))
}

/// Says what goes with a user or group: `with 1 password, 2 access keys`.
pub(crate) fn with<'a>(parts: impl IntoIterator<Item = &'a Body>) -> Option<String> {
    let mut numbers: Vec<(&str, &str, usize)> = Vec::new();
    for (one, many) in parts.into_iter().filter_map(nouns) {
        match numbers.iter_mut().find(|(other, _, _)| *other == one) {
            Some((_, _, number)) => *number += 1,
            None => numbers.push((one, many, 1)),
        }
    }
    let words: Vec<String> = numbers
        .into_iter()
        .map(|(one, many, number)| count(number, one, many))
        .collect();
    (!words.is_empty()).then(|| format!("with {}", words.join(", ")))
}

/// Returns what people call one and many of an object that goes with its user or group.
fn nouns(part: &Body) -> Option<(&'static str, &'static str)> {
    use model::CredentialType::{
        AccessKey, ServiceSpecificCredential, SigningCertificate, SshPublicKey,
    };
    Some(match part {
        Body::LoginProfile(_) => ("password", "passwords"),
        Body::Credential(Credential { credential_type }) => match credential_type {
            AccessKey => ("access key", "access keys"),
            SigningCertificate => ("signing certificate", "signing certificates"),
            SshPublicKey => ("SSH public key", "SSH public keys"),
            ServiceSpecificCredential => (
                "service-specific credential",
                "service-specific credentials",
            ),
        },
        Body::MfaDevice(_) => ("MFA device", "MFA devices"),
        Body::Membership => ("membership", "memberships"),
        Body::Attachment(_) => ("attached policy", "attached policies"),
        Body::InlinePolicy(_) => ("inline policy", "inline policies"),
        Body::User(_)
        | Body::Group(_)
        | Body::Policy(_)
        | Body::Role(_)
        | Body::PasswordPolicy(_)
        | Body::LogGroup(_)
        | Body::MetricFilter(_)
        | Body::Alarm(_)
        | Body::Dashboard(_) => return None,
    })
}
