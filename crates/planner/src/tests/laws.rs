//! Laws that hold for every spec and every account.

use model::{
    Action, Address, AddressPattern, Body, Boundary, Desired, Kind, Limit, Path, Plan, Snapshot,
    Tags, User, UserName, Wish,
};
use proptest::prelude::*;

use super::account::apply;
use super::world::*;
use crate::{digest, plan, plan_destroy};

const USERS: [&str; 4] = ["ann", "bob", "cid", "dee"];
const GROUPS: [&str; 3] = ["admins", "mfa", "sales"];
const POLICIES: [&str; 3] = ["p", "q", "r"];
const DOCUMENTS: [&str; 4] = [ALLOW, ALLOW_MORE, DENY, BOTH];

/// Draws from a list of random bytes; when they run out, zeros, so that shrinking makes smaller worlds.
struct Dice(std::vec::IntoIter<u8>);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        usize::from(self.0.next().unwrap_or(0)) % sides
    }

    fn chance(&mut self) -> bool {
        self.roll(2) == 1
    }

    fn document(&mut self) -> &'static str {
        DOCUMENTS[self.roll(4)]
    }
}

/// Draws users, groups, policies and what holds them together: nothing refers to what isn't there.
fn objects(dice: &mut Dice, declared: bool) -> Vec<(String, Body)> {
    let mut objects = Vec::new();
    let policies: Vec<&str> = POLICIES.into_iter().filter(|_| dice.chance()).collect();
    let users: Vec<&str> = USERS.into_iter().filter(|_| dice.chance()).collect();
    let groups: Vec<&str> = GROUPS.into_iter().filter(|_| dice.chance()).collect();
    objects.extend(
        policies
            .iter()
            .map(|name| (format!("policy/{name}"), policy(dice.document()))),
    );
    for name in &users {
        let boundary = match dice.roll(4) {
            0 if declared => Boundary::Undeclared,
            1 if !policies.is_empty() => {
                Boundary::Policy(managed(policies[dice.roll(policies.len())]))
            }
            _ => Boundary::None,
        };
        let path = Path::new(["/", "/people/"][dice.roll(2)]).unwrap();
        objects.push((
            format!("user/{name}"),
            Body::User(User {
                path,
                tags: Tags::default(),
                boundary,
                renamed_from: None,
            }),
        ));
        if dice.chance() {
            let body = if declared {
                password()
            } else {
                live_password()
            };
            objects.push((format!("login_profile/{name}"), body));
        }
        if dice.chance() {
            let body = if declared {
                device_for(name)
            } else {
                live_device(dice.chance().then_some(*name))
            };
            objects.push((format!("mfa_device/{name}"), body));
        }
    }
    objects.extend(groups.iter().map(|name| (format!("group/{name}"), group())));
    let principals = users
        .iter()
        .map(|name| format!("user:{name}"))
        .chain(groups.iter().map(|name| format!("group:{name}")));
    for principal in principals {
        for name in policies.iter().filter(|_| dice.roll(3) == 0) {
            objects.push((format!("attachment/{principal}:{name}"), attachment(name)));
        }
        if dice.roll(3) == 0 {
            objects.push((
                format!("inline_policy/{principal}:own"),
                inline(dice.document()),
            ));
        }
    }
    for group in &groups {
        objects.extend(
            users
                .iter()
                .filter(|_| dice.chance())
                .map(|user| (format!("membership/{group}:{user}"), Body::Membership)),
        );
    }
    objects
}

fn world(bytes: Vec<u8>) -> (Desired, Snapshot) {
    let mut dice = Dice(bytes.into_iter());
    let borrowed = |objects: &[(String, Body)]| -> Vec<(&'static str, Body)> {
        objects
            .iter()
            .map(|(text, body)| (&*text.clone().leak(), body.clone()))
            .collect()
    };
    let mut desired = spec(&borrowed(&objects(&mut dice, true)));
    let live = account(&borrowed(&objects(&mut dice, false)));
    for kind in [Kind::User, Kind::Group, Kind::Policy, Kind::MfaDevice] {
        if dice.chance() {
            desired
                .prune
                .push(prune(kind, ["*", "/people/*"][dice.roll(2)]));
        }
    }
    if dice.roll(4) == 0 {
        desired.ignore.push(AddressPattern::new(
            ["user/ann", "group/mfa", "policy/p"][dice.roll(3)],
        ));
    }
    if dice.roll(4) == 0 {
        desired.safety.max_people_removed = Some(Limit::Count(1));
    }
    let owners: Vec<Address> = desired
        .objects
        .keys()
        .filter(|address| matches!(address.kind(), Kind::User | Kind::Group))
        .cloned()
        .collect();
    desired
        .inclusive
        .extend(owners.into_iter().filter(|_| dice.roll(4) == 0));
    rename_somebody(&mut dice, &mut desired);
    (desired, live)
}

fn rename_somebody(dice: &mut Dice, desired: &mut Desired) {
    let old = UserName::new(USERS[dice.roll(4)]).unwrap();
    let is_free = !desired.objects.contains_key(&Address::User(old.clone()));
    for declared in desired.objects.values_mut().filter(|_| is_free) {
        if let Wish::Present(Body::User(user)) = &mut declared.wish
            && dice.roll(3) == 0
        {
            user.renamed_from = Some(old);
            return;
        }
    }
}

/// Does one thing that somebody else could do to the account.
fn meddle(live: &mut Snapshot, dice: &mut Dice) {
    live.insert(address("user/zed"), user());
    let loose: Vec<Address> = live
        .iter()
        .filter(|(address, _)| {
            !matches!(
                address.kind(),
                Kind::User | Kind::Group | Kind::MfaDevice | Kind::Role
            )
        })
        .map(|(address, _)| address.clone())
        .collect();
    let Some(chosen) = loose.get(dice.roll(loose.len() + 1)) else {
        return;
    };
    match live.remove(chosen) {
        Some(Body::Policy(_)) => live.insert(chosen.clone(), policy(dice.document())),
        Some(Body::InlinePolicy(_)) => live.insert(chosen.clone(), inline(dice.document())),
        _ => {}
    }
}

/// Returns what an apply is bound to.
fn bound(plan: &Plan) -> serde_json::Value {
    let unplaced = plan.actions.iter().map(|action| Action {
        origin: None,
        ..action.clone()
    });
    let actions: Vec<Action> = unplaced.collect();
    serde_json::json!([plan.account.id, plan.region, actions])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn aws_accepts_the_order_and_planning_again_finds_nothing(bytes in prop::collection::vec(any::<u8>(), 0..160)) {
        let (desired, live) = world(bytes);
        let first = plan(&desired, &live);
        let after = apply(&first, &live).map_err(TestCaseError::fail)?;
        prop_assert!(live.after(&first.actions).iter().eq(after.iter()), "all at once comes to the same as one by one");
        let second = plan(&desired, &after);
        if first.withheld.is_empty() {
            prop_assert!(second.is_clean(), "{:#?}\n{:#?}", lines(&second), second.withheld);
        } else {
            apply(&second, &after).map_err(TestCaseError::fail)?;
        }
    }

    #[test]
    fn aws_accepts_the_order_in_which_things_are_destroyed(bytes in prop::collection::vec(any::<u8>(), 0..160)) {
        let (desired, live) = world(bytes);
        let first = plan_destroy(&desired, &live);
        let after = apply(&first, &live).map_err(TestCaseError::fail)?;
        if first.withheld.is_empty() {
            prop_assert!(plan_destroy(&desired, &after).is_clean());
        }
    }

    #[test]
    fn the_same_inputs_give_the_same_plan(bytes in prop::collection::vec(any::<u8>(), 0..160)) {
        let (desired, live) = world(bytes);
        let (one, other) = (plan(&desired, &live), plan(&desired.clone(), &live.clone()));
        prop_assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&other).unwrap());
    }

    #[test]
    fn what_is_ignored_is_in_no_action(bytes in prop::collection::vec(any::<u8>(), 0..160)) {
        let (desired, live) = world(bytes);
        for action in plan(&desired, &live).actions {
            prop_assert!(!desired.ignores(&action.address), "{}", action.address);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_plan_reads_back_from_its_json_with_the_same_digest(bytes in prop::collection::vec(any::<u8>(), 0..160)) {
        let (desired, live) = world(bytes);
        for plan in [plan(&desired, &live), plan_destroy(&desired, &live)] {
            let json = serde_json::to_string(&plan).unwrap();
            let read: Plan = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(serde_json::to_string(&read).unwrap(), json);
            prop_assert_eq!(digest(&read), plan.digest);
        }
    }

    #[test]
    fn a_plan_is_stale_exactly_when_something_else_would_be_done(bytes in prop::collection::vec(any::<u8>(), 0..160), more in prop::collection::vec(any::<u8>(), 4)) {
        let (desired, live) = world(bytes);
        let reviewed = plan(&desired, &live);
        let mut meddled = live.clone();
        meddle(&mut meddled, &mut Dice(more.into_iter()));
        let now = plan(&desired, &meddled);
        prop_assert_eq!(bound(&reviewed) == bound(&now), reviewed.digest == now.digest);
    }
}
