//! Who must have MFA and doesn't have it yet.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use model::{
    Address, Body, Change, Desired, DeviceName, Finding, FindingCode, Kind, Level, MfaDevice,
    MfaType, RequiredMfa, Snapshot, UserName, Wish,
};

use crate::draft::Draft;
use crate::findings::finding;

/// Lists who must have MFA, has a password or may have one, and has no device of a sort that is required.
pub(crate) fn findings(desired: &Desired, live: &Snapshot, drafts: &[Draft]) -> Vec<Finding> {
    if live.unread().contains_key(&Kind::MfaDevice) {
        return Vec::new();
    }
    let look = Look {
        desired,
        live,
        types: desired.types_by_user(),
        held: held(live),
        get_devices: drafts.iter().filter_map(gets_a_device).collect(),
    };
    let required = desired.needs_mfa.iter();
    required
        .filter_map(|(user, required)| look.at(user, *required))
        .collect()
}

struct Look<'a> {
    desired: &'a Desired,
    live: &'a Snapshot,
    /// The sorts of devices that users must have.
    types: BTreeMap<&'a UserName, BTreeSet<MfaType>>,
    /// The sorts of devices that are enabled for users.
    held: BTreeMap<&'a UserName, BTreeSet<MfaType>>,
    /// Whom the plan makes a device for. Then that is what there is to say.
    get_devices: BTreeSet<&'a UserName>,
}

fn held(live: &Snapshot) -> BTreeMap<&UserName, BTreeSet<MfaType>> {
    let mut held: BTreeMap<&UserName, BTreeSet<MfaType>> = BTreeMap::new();
    for (_, body) in live.iter() {
        if let Body::MfaDevice(MfaDevice {
            user: Some(user),
            device,
            ..
        }) = body
        {
            held.entry(user).or_default().insert(device.mfa_type());
        }
    }
    held
}

/// Returns the user whom a change makes a device for.
fn gets_a_device(draft: &Draft) -> Option<&UserName> {
    let brings = matches!(
        draft.change,
        Some(Change::Create { .. } | Change::Update { .. })
    );
    let is_device = draft.address.kind() == Kind::MfaDevice;
    let person = draft.person.as_ref();
    person.filter(|_| is_device && brings && draft.withheld.is_none())
}

impl Look<'_> {
    fn at(&self, user: &UserName, required: RequiredMfa) -> Option<Finding> {
        let address = Address::User(user.clone());
        if self.desired.ignores(&address)
            || !self.can_sign_in(user)
            || self.get_devices.contains(user)
        {
            return None;
        }
        let lack = self.lack(user)?;
        let age = self.age(user);
        let is_overdue = match (&age, required.grace_days) {
            (Some((days, _)), Some(grace)) => *days > i32::from(grace),
            (None, _) | (_, None) => false,
        };
        let (level, code) = if is_overdue {
            (Level::Warning, FindingCode::MfaOverdue)
        } else {
            (Level::Note, FindingCode::MfaPending)
        };
        let message = format!("{}{}", lack.message, time(age, required.grace_days));
        let hint = match lack.wanted {
            None | Some(MfaType::Virtual) => "enrol one in the console, or by `mfactl enroll USER`",
            Some(MfaType::Hardware) => "enable it by `mfactl enroll USER --serial SERIAL`",
            Some(MfaType::Fido2) => {
                "register it in the console; `mfactl enroll USER --fido2` says how"
            }
        };
        Some(finding(
            level,
            code,
            &address,
            message,
            Some(hint.to_owned()),
        ))
    }

    /// Tells whether a user has a password or is to get one. What isn't known may be.
    fn can_sign_in(&self, user: &UserName) -> bool {
        let password = Address::LoginProfile(user.clone());
        match self.desired.objects.get(&password) {
            Some(declared) => matches!(declared.wish, Wish::Present(_)),
            None => {
                let is_known = self.live.knows(&password);
                self.live.get(&Address::User(user.clone())).is_some()
                    && (!is_known || self.live.get(&password).is_some())
            }
        }
    }

    fn lack(&self, user: &UserName) -> Option<Lack> {
        let none = BTreeSet::new();
        let held = self.held.get(user).unwrap_or(&none);
        let wanted = self.types.get(user).unwrap_or(&none);
        let missing = wanted.difference(held).next().copied();
        match (held.first(), missing) {
            (Some(_), None) => None,
            (Some(held), Some(missing)) => Some(Lack {
                wanted: Some(missing),
                message: format!("has no {}, only a {}", missing.noun(), held.noun()),
            }),
            (None, missing) => Some(Lack {
                wanted: missing,
                message: format!(
                    "has no {}{}",
                    missing.map_or("MFA device", MfaType::noun),
                    self.of_that_name(user)
                ),
            }),
        }
    }

    /// Says what a device of the user's name is, where it is none of the user's.
    fn of_that_name(&self, user: &UserName) -> String {
        let name = DeviceName::new(user.as_str()).ok();
        let device = name.and_then(|name| self.live.get(&Address::MfaDevice(name)));
        match device {
            Some(Body::MfaDevice(MfaDevice { user: None, .. })) => {
                format!(" (mfa_device/{user} was never enabled)")
            }
            Some(Body::MfaDevice(MfaDevice {
                user: Some(other), ..
            })) => {
                format!(" (mfa_device/{user} is enabled for user/{other})")
            }
            _ => String::new(),
        }
    }

    /// Returns how many days ago the user's password was made, or else the user, as far as that is known.
    fn age(&self, user: &UserName) -> Option<(i32, &'static str)> {
        let today = self.desired.as_of?;
        let created = |address| self.live.created(&address);
        let of_password = created(Address::LoginProfile(user.clone())).map(|day| (day, "password"));
        let of_user = || created(Address::User(user.clone())).map(|day| (day, "user"));
        let (day, what): (Date, _) = of_password.or_else(of_user)?;
        Some(((today - day).get_days().max(0), what))
    }
}

/// Holds what a user lacks.
struct Lack {
    wanted: Option<MfaType>,
    message: String,
}

/// Says how old the password or the user is, and how much time there is.
fn time(age: Option<(i32, &'static str)>, grace: Option<u16>) -> String {
    let Some((days, what)) = age else {
        return String::new();
    };
    let since = match (days, what) {
        (0, "password") => "; the password was created today".to_owned(),
        (0, _) => "; the user was created today".to_owned(),
        (days, what) => format!("; the {what} is {} old", count(days)),
    };
    let left = grace.map(|grace| i32::from(grace) - days);
    let left = match left {
        None => String::new(),
        Some(left) if left >= 0 => format!(", overdue in {}", count(left + 1)),
        Some(late) => format!(", overdue for {}", count(-late)),
    };
    format!("{since}{left}")
}

fn count(days: i32) -> String {
    match days {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}
