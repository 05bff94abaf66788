//! What people gain by a plan, in sentences that need no knowledge of AWS.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use model::{Address, Extent, Gain, Gained, Means, Plan};

use crate::document::{Mark, Remark};
use crate::plan::remark;
use crate::prose::name;
use crate::words::listed;

/// How many names are said in a row.
const FEW: usize = 5;

/// How many sentences there may be with where rights come from.
const MANY: usize = 10;

/// Says who gains what by a plan, as far as it is proved.
pub(crate) fn gains(plan: &Plan) -> Vec<Remark> {
    match &plan.gains {
        Some(gains) => {
            let mut remarks: Vec<Remark> = nobody(gains).into_iter().collect();
            remarks.extend(somebody(gains));
            remarks.extend(who_needs_no_mfa(gains));
            remarks
        }
        None if plan.unread.is_empty() || plan.actions.is_empty() => Vec::new(),
        None => {
            let text = "It isn't known who gains what: not everything could be read.";
            vec![remark(Mark::Unknown, text.to_owned())]
        }
    }
}

/// Tells when something is gained; what depends least on MFA goes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum When {
    Always,
    WithoutMfa,
    WithMfa,
    /// Once somebody has assumed a role.
    Assumed,
}

/// Says when nobody gains anything, or nothing but self-service.
fn nobody(gains: &[Gain]) -> Option<Remark> {
    // Whoever assumes a role that gains something is somebody.
    let is_meant = |gain: &&Gain| !is_role(gain) || is_little(gain.with_mfa.extent);
    let meant: Vec<&Gain> = gains.iter().filter(is_meant).collect();
    let who = if meant.len() == gains.len() {
        "nobody"
    } else {
        "no user"
    };
    let most = |gained: fn(&Gain) -> &Gained| meant.iter().map(|gain| gained(gain).extent).max();
    let (without, with) = (
        most(|gain| &gain.without_mfa)?,
        most(|gain| &gain.with_mfa)?,
    );
    let (when, most) = match (is_little(without), is_little(with)) {
        (true, true) => ("With MFA or without", without.max(with)),
        (true, false) => ("Without MFA", without),
        (false, true) => ("With MFA", with),
        (false, false) => return None,
    };
    let what = if most == Extent::Nothing {
        "a right"
    } else {
        "more than to manage their own sign-in"
    };
    Some(Remark {
        mark: None,
        text: format!("{when}, {who} gains {what}."),
    })
}

fn is_role(gain: &Gain) -> bool {
    matches!(gain.address, Address::Role(_))
}

fn is_little(extent: Extent) -> bool {
    match extent {
        Extent::Nothing | Extent::SelfService => true,
        Extent::Unknown | Extent::Rights | Extent::Administration | Extent::Everything => false,
    }
}

/// Says who gains more than that, the most first: a sentence for all who gain the same.
fn somebody(gains: &[Gain]) -> Vec<Remark> {
    let all: Vec<(&Address, When, &Gained)> = gains.iter().flat_map(gained).collect();
    let different: BTreeSet<_> = all.iter().map(|(_, when, gained)| (when, gained)).collect();
    let is_short = different.len() <= MANY;
    let nothing = BTreeMap::new();
    let mut alike: BTreeMap<_, Vec<&Address>> = BTreeMap::new();
    for (address, when, Gained { extent, by }) in all {
        let by = if is_short { by } else { &nothing };
        let key = (Reverse(*extent), when, by);
        alike.entry(key).or_default().push(address);
    }
    let sentences = alike
        .into_iter()
        .map(|((Reverse(extent), when, by), who)| sentence(&who, when, extent, by));
    sentences.collect()
}

/// Lists what somebody gains beyond self-service, once where MFA makes no difference.
fn gained(gain: &Gain) -> Vec<(&Address, When, &Gained)> {
    let Gain {
        address,
        without_mfa,
        with_mfa,
        needs_no_mfa: _,
    } = gain;
    let all = if is_role(gain) {
        vec![(When::Assumed, with_mfa)]
    } else if without_mfa == with_mfa {
        vec![(When::Always, with_mfa)]
    } else {
        vec![(When::WithoutMfa, without_mfa), (When::WithMfa, with_mfa)]
    };
    let much = all
        .into_iter()
        .filter(|(_, gained)| !is_little(gained.extent));
    much.map(|(when, gained)| (address, when, gained)).collect()
}

fn sentence(who: &[&Address], when: When, extent: Extent, by: &BTreeMap<Address, Means>) -> Remark {
    let names = names(who);
    let is_one = who.len() == 1 || when == When::Assumed;
    let (begin, end) = match when {
        When::Always => ("With MFA or without, ", "with MFA or without"),
        When::WithoutMfa => ("Without MFA, ", "without MFA"),
        When::WithMfa => ("With MFA, ", "with MFA"),
        When::Assumed => ("Whoever assumes ", "by being assumed"),
    };
    let gains = match (extent, is_one) {
        (Extent::Nothing | Extent::SelfService | Extent::Unknown, _) => {
            let verb = if who.len() == 1 { "gains" } else { "gain" };
            let text = format!("It is not proved what {names} {verb} {end}.");
            return remark(Mark::Unknown, text);
        }
        (Extent::Rights, true) => "gains rights",
        (Extent::Rights, false) => "gain rights",
        (Extent::Administration, true) => {
            "becomes an administrator, who can change what anybody may do in this account"
        }
        (Extent::Administration, false) => {
            "become administrators, who can change what anybody may do in this account"
        }
        (Extent::Everything, true) => {
            "becomes an administrator, who can do everything in this account"
        }
        (Extent::Everything, false) => {
            "become administrators, who can do everything in this account"
        }
    };
    let is_plain = extent == Extent::Rights && matches!(when, When::WithMfa | When::Assumed);
    let wide = if extent == Extent::Rights {
        wide(by)
    } else {
        None
    };
    Remark {
        mark: (!is_plain || wide.is_some()).then_some(Mark::Attention),
        text: format!(
            "{begin}{names} {gains}{}{}.",
            origin(by),
            wide.unwrap_or_default()
        ),
    }
}

/// Says where it comes from.
fn origin(by: &BTreeMap<Address, Means>) -> String {
    let with = |is_meant: fn(Means) -> bool, words: &str| {
        let meant = by.iter().filter(|(_, means)| is_meant(**means));
        let meant: Vec<&Address> = meant.map(|(address, _)| address).collect();
        (!meant.is_empty()).then(|| format!("{words} {}", names(&meant)))
    };
    let origins = [
        with(grants, "granted by"),
        with(|means| means == Means::Denies, "no longer denied by"),
        with(|means| means == Means::Limits, "no longer limited by"),
    ];
    let origins: Vec<String> = origins.into_iter().flatten().collect();
    if origins.is_empty() {
        String::new()
    } else {
        format!(", {}", origins.join(" and "))
    }
}

fn grants(means: Means) -> bool {
    match means {
        Means::Allows | Means::AllowsAdministration | Means::AllowsEverything => true,
        Means::Denies | Means::Limits => false,
    }
}

/// Says what would make an administrator if nothing else stood in its way.
fn wide(by: &BTreeMap<Address, Means>) -> Option<String> {
    let with = |meant: Means, what: &str| {
        let wide = by.iter().filter(|(_, means)| **means == meant);
        let wide: Vec<&Address> = wide.map(|(address, _)| address).collect();
        let verb = if wide.len() == 1 { "allows" } else { "allow" };
        let names = names(&wide);
        (!wide.is_empty()).then(|| format!("; {names} {verb} {what} that nothing else denies"))
    };
    with(Means::AllowsEverything, "everything").or_else(|| {
        with(
            Means::AllowsAdministration,
            "all administration of who may do what",
        )
    })
}

fn who_needs_no_mfa(gains: &[Gain]) -> Option<Remark> {
    let who = gains.iter().filter(|gain| gain.needs_no_mfa);
    let who: Vec<&Address> = who.map(|gain| &gain.address).collect();
    let text = format!(
        "Nothing requires MFA of {}: a password alone opens all that they may do.",
        names(&who)
    );
    (!who.is_empty()).then(|| remark(Mark::Attention, text))
}

fn names(addresses: &[&Address]) -> String {
    listed(addresses.iter().map(|address| name(*address)), FEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gained(extent: Extent, by: &[(&str, Means)]) -> Gained {
        let by = by.iter();
        Gained {
            extent,
            by: by
                .map(|(address, means)| (address.parse().unwrap(), *means))
                .collect(),
        }
    }

    fn gain(address: &str, without_mfa: Gained, with_mfa: Gained) -> Gain {
        Gain {
            address: address.parse().unwrap(),
            without_mfa,
            with_mfa,
            needs_no_mfa: false,
        }
    }

    fn told(gains: Option<Vec<Gain>>) -> Vec<String> {
        let plan = Plan {
            gains,
            ..crate::tests::acme()
        };
        let remarks = super::gains(&plan).into_iter();
        remarks
            .map(|Remark { mark, text }| format!("{}{text}", mark.map_or("", Mark::sign)))
            .collect()
    }

    fn nothing() -> Gained {
        Gained::default()
    }

    fn self_service() -> Gained {
        gained(Extent::SelfService, &[])
    }

    #[test]
    fn where_nobody_gains_anything_one_sentence_says_so() {
        let nobody = gain("user/alice", nothing(), nothing());
        assert_eq!(
            told(Some(vec![nobody])),
            ["With MFA or without, nobody gains a right."]
        );
        let little = gain("user/alice", self_service(), nothing());
        assert_eq!(
            told(Some(vec![little])),
            ["With MFA or without, nobody gains more than to manage their own sign-in."]
        );
        assert!(told(Some(Vec::new())).is_empty());
    }

    #[test]
    fn administrators_are_said_to_be_that_and_those_alike_share_a_sentence() {
        let admins = gained(
            Extent::Everything,
            &[("group/admins", Means::AllowsEverything)],
        );
        let rights = gained(
            Extent::Rights,
            &[
                ("policy/read", Means::Allows),
                ("group/devs", Means::Allows),
            ],
        );
        let iam = gained(Extent::Administration, &[("policy/limit", Means::Limits)]);
        let gains = vec![
            gain("user/alice", self_service(), admins.clone()),
            gain("user/bob", nothing(), rights),
            gain("user/carol", nothing(), admins),
            gain("user/dave", nothing(), iam),
        ];
        assert_eq!(
            told(Some(gains)),
            [
                "Without MFA, nobody gains more than to manage their own sign-in.",
                "!With MFA, user/alice and user/carol become administrators, who can do everything in this account, granted by group/admins.",
                "!With MFA, user/dave becomes an administrator, who can change what anybody may do in this account, no longer limited by policy/limit.",
                "With MFA, user/bob gains rights, granted by group/devs and policy/read.",
            ]
        );
    }

    #[test]
    fn what_is_gained_without_mfa_calls_for_attention() {
        let rights = gained(
            Extent::Rights,
            &[("policy/read", Means::Allows), ("policy/no", Means::Denies)],
        );
        let gains = vec![
            gain("user/alice", rights.clone(), rights.clone()),
            gain("user/bob", rights, nothing()),
        ];
        let by = "granted by policy/read and no longer denied by policy/no";
        assert_eq!(
            told(Some(gains)),
            [
                format!("!With MFA or without, user/alice gains rights, {by}."),
                format!("!Without MFA, user/bob gains rights, {by}."),
            ]
        );
    }

    #[test]
    fn a_document_that_allows_everything_is_named_where_something_else_limits_it() {
        let by = &[("policy/aws/AdministratorAccess", Means::AllowsEverything)];
        let gains = vec![gain("user/bob", nothing(), gained(Extent::Rights, by))];
        assert_eq!(
            told(Some(gains))[1],
            "!With MFA, user/bob gains rights, granted by policy/aws/AdministratorAccess; policy/aws/AdministratorAccess allows everything that nothing else denies."
        );
    }

    #[test]
    fn what_is_not_proved_is_said_and_nobody_is_said_to_gain_nothing_then() {
        let unknown = || gained(Extent::Unknown, &[]);
        let gains = vec![gain("user/bob", unknown(), unknown())];
        assert_eq!(
            told(Some(gains)),
            ["?It is not proved what user/bob gains with MFA or without."]
        );
    }

    #[test]
    fn a_role_gives_what_it_gains_to_whoever_assumes_it() {
        let rights = gained(
            Extent::Rights,
            &[("policy/aws/ReadOnlyAccess", Means::Allows)],
        );
        let gains = vec![
            gain("role/ci", rights.clone(), rights),
            gain("user/alice", nothing(), nothing()),
        ];
        assert_eq!(
            told(Some(gains)),
            [
                "With MFA or without, no user gains a right.",
                "Whoever assumes role/ci gains rights, granted by policy/aws/ReadOnlyAccess.",
            ]
        );
    }

    #[test]
    fn of_whom_nothing_requires_mfa_is_said_last() {
        let gain = Gain {
            needs_no_mfa: true,
            ..gain("user/bob", nothing(), nothing())
        };
        assert_eq!(
            told(Some(vec![gain])),
            [
                "With MFA or without, nobody gains a right.",
                "!Nothing requires MFA of user/bob: a password alone opens all that they may do.",
            ]
        );
    }

    #[test]
    fn many_different_gains_are_one_sentence_without_where_they_come_from() {
        let gain = |number: usize| {
            let by = format!("policy/p{number}");
            let rights = gained(Extent::Rights, &[(by.as_str(), Means::Allows)]);
            gain(&format!("user/u{number:02}"), nothing(), rights)
        };
        assert_eq!(
            told(Some((0..20).map(gain).collect()))[1..],
            ["With MFA, user/u00, user/u01, user/u02, user/u03, user/u04 and 15 more gain rights."]
        );
    }

    #[test]
    fn without_knowing_the_account_nothing_is_claimed() {
        assert!(told(None).iter().all(|sentence| sentence.starts_with('?')));
    }
}
