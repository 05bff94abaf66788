//! Every state of the account during an undisturbed apply: nobody gets in without MFA who doesn't before or after, and
//! nobody is locked out on the way.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::fs;

use mfactl_tests::{Meanwhile, People, company, repository};
use model::{Desired, Plan, Snapshot};
use sandbox::{Changed, Faults};

use crate::world::{World, read};

fn spec(path: &str) -> String {
    fs::read_to_string(repository("tests/tests").join(path)).unwrap()
}

/// Carries out a plan, and asserts of the state after each of its calls that nothing is wrong with it.
async fn nothing_is_wrong(
    world: &World,
    desired: &Desired,
    plan: fn(&Desired, &Snapshot) -> Plan,
    break_glass: &[&str],
) {
    let before = People::read(&world.state());
    let (sandbox, clients) = world.serve(Faults::default()).await;
    let states = sandbox.watch();
    let plan = plan(desired, &read(&clients, desired).await.unwrap());
    let report = world.execute(&clients, &plan).await;
    assert!(report.is_complete(), "{plan:#?}\n{report:#?}");
    sandbox.stop().await.unwrap();
    let mut meanwhile = Meanwhile::new(before, People::read(&world.state()), break_glass);
    let mut calls = 0;
    for Changed { operation, state } in states.try_iter() {
        let wrongs = meanwhile.wrongs(&People::read(&state));
        calls += 1;
        assert!(
            wrongs.is_empty(),
            "after {operation}, call {calls}: {wrongs:#?}"
        );
    }
    assert!(calls >= plan.actions.len(), "{calls} calls");
}

/// Makes an account as a spec says, makes it as another says, and dismantles it.
async fn nothing_is_wrong_in_the_life_of(first: &str, second: &str, break_glass: &[&str]) {
    let world = World::new();
    let first = world.load(first);
    nothing_is_wrong(&world, &first, planner::plan, &[]).await;
    let second = world.load(second);
    nothing_is_wrong(&world, &second, planner::plan, break_glass).await;
    nothing_is_wrong(&world, &second, planner::plan_destroy, &[]).await;
}

#[tokio::test]
async fn nothing_is_wrong_meanwhile_where_people_join_move_and_leave() {
    let [first, second] = ["first", "second"].map(|name| spec(&format!("meanwhile/{name}.yaml")));
    nothing_is_wrong_in_the_life_of(&first, &second, &["keeper"]).await;
}

#[tokio::test]
async fn nothing_is_wrong_meanwhile_where_every_kind_of_object_changes() {
    let [first, second] = ["first", "second"].map(|name| spec(&format!("reliability/{name}.yaml")));
    nothing_is_wrong_in_the_life_of(&first, &second, &[]).await;
}

#[tokio::test]
async fn nothing_is_wrong_meanwhile_in_a_company() {
    nothing_is_wrong_in_the_life_of(&company(80), &company(100), &[]).await;
}
