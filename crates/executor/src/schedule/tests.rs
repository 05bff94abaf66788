use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::{Address, Body, Change};
use tokio::time::sleep;

use super::*;

fn action(id: usize, after: &[(usize, Edge)]) -> Action {
    Action {
        id: ActionId(id),
        address: Address::PasswordPolicy,
        change: Change::Create {
            after: Body::Membership,
        },
        after: after
            .iter()
            .map(|(id, edge)| (ActionId(*id), *edge))
            .collect(),
        origin: None,
        part_of: None,
        people: 0,
    }
}

fn needs(id: usize, after: &[usize]) -> Action {
    let after: Vec<(usize, Edge)> = after.iter().map(|id| (*id, Edge::Needs)).collect();
    action(id, &after)
}

const PACE: Pace = Pace {
    parallelism: 3,
    settle: Duration::ZERO,
};

fn never() -> watch::Receiver<bool> {
    watch::channel(false).1
}

fn broken() -> Error {
    Error::Internal("broken".to_owned())
}

/// Performs actions and notes when each begins and ends.
#[derive(Default)]
struct Fake {
    log: Mutex<Vec<(char, usize)>>,
    under_way: AtomicUsize,
    most: AtomicUsize,
    fails: Vec<usize>,
}

impl Fake {
    async fn perform(&self, action: &Action) -> Result<Outcome, Error> {
        let ActionId(id) = action.id;
        let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(under_way, Ordering::SeqCst);
        self.log.lock().unwrap().push(('+', id));
        sleep(Duration::from_millis(2)).await;
        self.log.lock().unwrap().push(('-', id));
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        if self.fails.contains(&id) {
            return Err(broken());
        }
        Ok(Outcome::Applied)
    }

    async fn run(&self, actions: &[Action]) -> Vec<ActionResult> {
        run(actions, PACE, never(), &|_| {}, |action| {
            self.perform(action)
        })
        .await
    }

    fn place(&self, entry: (char, usize)) -> usize {
        let log = self.log.lock().unwrap();
        log.iter().position(|other| *other == entry).unwrap()
    }
}

fn letters(results: &[ActionResult]) -> String {
    results
        .iter()
        .map(|result| match result {
            ActionResult::Done(_) => "done".to_owned(),
            ActionResult::Failed(_) => "failed".to_owned(),
            ActionResult::Skipped(SkipReason::Failed(id)) => format!("after {id}"),
            ActionResult::Skipped(SkipReason::Interrupted) => "interrupted".to_owned(),
        })
        .collect::<Vec<_>>()
        .join(", ")
}

#[tokio::test]
async fn an_action_begins_after_those_that_it_waits_for_have_ended() {
    let actions = [
        needs(0, &[]),
        needs(1, &[0]),
        needs(2, &[0]),
        needs(3, &[1, 2]),
    ];
    let fake = Fake::default();
    let results = fake.run(&actions).await;
    assert_eq!(letters(&results), "done, done, done, done");
    for action in &actions {
        for before in action.after.keys() {
            assert!(fake.place(('-', before.0)) < fake.place(('+', action.id.0)));
        }
    }
}

#[tokio::test]
async fn a_failure_leaves_out_what_waits_for_it_and_nothing_else() {
    let actions = [
        needs(0, &[]),
        needs(1, &[0]),
        needs(2, &[1]),
        needs(3, &[]),
        needs(4, &[3, 2]),
    ];
    let fake = Fake {
        fails: vec![0],
        ..Fake::default()
    };
    let results = fake.run(&actions).await;
    assert_eq!(letters(&results), "failed, after 0, after 0, done, after 0");
}

#[tokio::test]
async fn no_more_actions_than_allowed_are_under_way_and_no_fewer() {
    let actions: Vec<Action> = (0..20).map(|id| needs(id, &[])).collect();
    let fake = Fake::default();
    fake.run(&actions).await;
    assert_eq!(fake.most.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_change_settles_before_what_depends_on_its_being_in_force() {
    let actions = [
        needs(0, &[]),
        action(1, &[(0, Edge::Settled)]),
        needs(2, &[0]),
    ];
    let pace = Pace {
        settle: Duration::from_millis(60),
        parallelism: 1,
    };
    let begun = Instant::now();
    let starts = Mutex::new(BTreeMap::new());
    run(&actions, pace, never(), &|_| {}, async |action| {
        starts.lock().unwrap().insert(action.id.0, begun.elapsed());
        Ok(Outcome::Applied)
    })
    .await;
    let starts = starts.into_inner().unwrap();
    assert!(starts[&1] >= pace.settle, "{starts:?}");
    assert!(
        starts[&2] < pace.settle,
        "settling must not take a place: {starts:?}"
    );
}

#[tokio::test]
async fn after_a_stop_nothing_begins_and_what_is_under_way_is_finished() {
    let actions = [
        needs(0, &[]),
        action(1, &[(0, Edge::Settled)]),
        needs(2, &[0]),
    ];
    let (stop, stopped) = watch::channel(false);
    let pace = Pace {
        settle: Duration::from_secs(600),
        parallelism: 1,
    };
    let results = run(&actions, pace, stopped, &|_| {}, async |_| {
        stop.send_replace(true);
        sleep(Duration::from_millis(2)).await;
        Ok(Outcome::Applied)
    })
    .await;
    assert_eq!(letters(&results), "done, interrupted, interrupted");
}

#[tokio::test]
async fn every_action_ends_with_one_event() {
    let actions = [needs(0, &[]), needs(1, &[0]), needs(2, &[])];
    let seen = Mutex::new(Vec::new());
    let note = |event: &Event| {
        seen.lock().unwrap().push(match event {
            Event::Started { action } => format!("started {action}"),
            Event::Finished { action, .. } => format!("finished {action}"),
            Event::Failed { action, .. } => format!("failed {action}"),
            Event::Skipped { action, .. } => format!("skipped {action}"),
            Event::Calling { .. }
            | Event::Called { .. }
            | Event::Retrying { .. }
            | Event::Warned { .. } => panic!("{event:?}"),
        });
    };
    let pace = Pace {
        parallelism: 1,
        ..PACE
    };
    run(
        &actions,
        pace,
        never(),
        &note,
        async |action| match action.id.0 {
            0 => Err(broken()),
            _ => Ok(Outcome::AlreadyDone),
        },
    )
    .await;
    assert_eq!(
        seen.into_inner().unwrap(),
        [
            "started 0",
            "failed 0",
            "skipped 1",
            "started 2",
            "finished 2"
        ]
    );
}

#[tokio::test]
async fn a_plan_that_waits_for_itself_ends_with_an_error() {
    let actions = [needs(0, &[1]), needs(1, &[0]), needs(2, &[9])];
    let results = Fake::default().run(&actions).await;
    assert_eq!(letters(&results), "failed, failed, failed");
}

mod laws {
    use proptest::prelude::*;

    use super::*;

    fn graphs() -> impl Strategy<Value = Vec<Action>> {
        let edges = prop::collection::vec(any::<(u8, u8)>(), 0..40);
        (1..16usize, edges).prop_map(|(size, edges)| {
            let mut after = vec![Vec::new(); size];
            for (one, other) in edges {
                let (one, other) = (usize::from(one) % size, usize::from(other) % size);
                if one < other {
                    after[other].push(one);
                }
            }
            let nodes = after.iter().enumerate();
            nodes.map(|(id, after)| needs(id, after)).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_left_out_is_what_waits_for_a_failure(
            actions in graphs(),
            fails in prop::collection::vec(0..16usize, 0..3),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let results = runtime.block_on(run(&actions, PACE, never(), &|_| {}, async |action| {
                if fails.contains(&action.id.0) { Err(broken()) } else { Ok(Outcome::Applied) }
            }));
            let mut fine: Vec<bool> = Vec::new();
            for action in &actions {
                let waits = action.after.keys().any(|before| !fine[before.0]);
                let fails = fails.contains(&action.id.0);
                fine.push(!waits && !fails);
                let expected = match results[action.id.0] {
                    ActionResult::Done(_) => !waits && !fails,
                    ActionResult::Failed(_) => !waits && fails,
                    ActionResult::Skipped(_) => waits,
                };
                prop_assert!(expected, "{:?}: {}", action.id, letters(&results));
            }
        }
    }
}
