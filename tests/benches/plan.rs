//! How long a spec takes from text to plan, for companies of 200, 2,000 and 5,000 people: `cargo bench --bench plan`.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that can't be set up has nothing to say"
)]

use std::fs;

use divan::{Bencher, black_box};
use mfactl_tests::company;
use model::{
    Account, AccountId, Address, Body, Boundary, Caller, Desired, Kind, Partition, Snapshot, Wish,
};
use tempfile::TempDir;

const PEOPLE: [usize; 3] = [200, 2_000, 5_000];

fn main() {
    divan::main();
}

/// YAML to desired state, with every check.
#[divan::bench(args = PEOPLE)]
fn parse(bencher: Bencher<'_, '_>, people: usize) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("mfactl.yaml");
    fs::write(&path, company(people)).unwrap();
    bencher.bench_local(|| spec::load(black_box(&path)).unwrap());
}

/// An account that is as the spec says: all of it is compared, and nothing is to be done.
#[divan::bench(args = PEOPLE)]
fn diff(bencher: Bencher<'_, '_>, people: usize) {
    let desired = desired(people);
    let live = live(&desired);
    assert!(planner::plan(&desired, &live).actions.is_empty());
    bencher.bench_local(|| planner::plan(black_box(&desired), black_box(&live)));
}

/// An account in which one object in ten is missing, so that a tenth of everything is planned and put in order.
#[divan::bench(args = PEOPLE)]
fn plan_a_tenth(bencher: Bencher<'_, '_>, people: usize) {
    let desired = desired(people);
    let mut live = live(&desired);
    for address in desired.objects.keys().step_by(10) {
        live.remove(address);
    }
    bencher.bench_local(|| planner::plan(black_box(&desired), black_box(&live)));
}

/// An empty account: everything is planned and put in order.
#[divan::bench(args = PEOPLE)]
fn plan_everything(bencher: Bencher<'_, '_>, people: usize) {
    let desired = desired(people);
    let live = empty(&desired.account);
    assert_eq!(
        planner::plan(&desired, &live).actions.len(),
        desired.objects.len()
    );
    bencher.bench_local(|| planner::plan(black_box(&desired), black_box(&live)));
}

/// The removal of everything: the order follows what is live.
#[divan::bench(args = PEOPLE)]
fn plan_destroy(bencher: Bencher<'_, '_>, people: usize) {
    let desired = desired(people);
    let live = live(&desired);
    bencher.bench_local(|| planner::plan_destroy(black_box(&desired), black_box(&live)));
}

fn desired(people: usize) -> Desired {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("mfactl.yaml");
    fs::write(&path, company(people)).unwrap();
    spec::load(&path).unwrap().desired
}

fn empty(account: &AccountId) -> Snapshot {
    let account = Account {
        id: account.clone(),
        partition: Partition::new("aws").unwrap(),
        alias: None,
    };
    Snapshot::new(account, Caller::Root)
}

/// Returns the account that a reader would find after the spec was applied.
fn live(desired: &Desired) -> Snapshot {
    let mut live = empty(&desired.account);
    for (address, declared) in &desired.objects {
        let Wish::Present(body) = &declared.wish else {
            continue;
        };
        if let Address::User(user) = address {
            live.mark_looked_up(Kind::LoginProfile, user.clone());
            live.mark_looked_up(Kind::Credential, user.clone());
        }
        live.insert(address.clone(), stored(body.clone()));
    }
    live
}

/// What a read returns has no field that is undeclared.
fn stored(mut body: Body) -> Body {
    if let Body::User(user) = &mut body {
        user.boundary = Boundary::None;
    }
    body
}

/// The same, with all that is proved of the plan and of every state between its steps.
#[divan::bench(args = PEOPLE)]
fn review_everything(bencher: Bencher<'_, '_>, people: usize) {
    let desired = desired(people);
    let live = empty(&desired.account);
    let plan = planner::plan(&desired, &live);
    let today = jiff::civil::date(2026, 11, 24);
    bencher.bench_local(|| access::review(plan.clone(), &desired, &live, today, None));
}
