//! Random specs applied one after the other to random accounts while random things go wrong: what an apply calls done is
//! done, and once nothing goes wrong any more, the account is as the spec says.
//!
//! Every case is made from a number, and a case that fails prints its own. `MFACTL_CASE=NUMBER` runs that one alone.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::fmt::Write as _;
use std::thread;

use executor::{ActionResult, Report};
use mfactl_tests::{Meanwhile, People};
use model::{Address, Change, Desired, FindingCode, Plan, Reason, Snapshot, Withheld};
use sandbox::{Changed, Effect, Fault, Faults, When};
use tokio::runtime::Builder;
use tokio::task::{JoinSet, LocalSet, spawn_local};

use crate::world::{World, read};

/// As many as take a minute or two; `MFACTL_CASES` says another number.
const CASES: u64 = 1_000;

/// How many cases are under way at once: mostly they wait before they try something again.
const AT_ONCE: usize = 60;

/// A stream of numbers from a seed: `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn is_one_in(&mut self, limit: u64) -> bool {
        self.below(limit) == 0
    }

    fn choose<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let index = usize::try_from(self.below(items.len() as u64)).unwrap();
        items.get(index).unwrap()
    }

    /// Returns some of the items, in their order.
    fn some<'a>(&mut self, items: &[&'a str]) -> Vec<&'a str> {
        let mut chosen = items.to_vec();
        chosen.retain(|_| self.is_one_in(2));
        chosen
    }
}

const HEAD: &str = r#"version: 1
account: "123456789012"
region: us-east-1
prune: {user: "*", group: "*", policy: "*", alarm: "*", dashboard: "*"}
defaults: {path: /people/}
"#;

const KEY: &str = "age1xrahmamw2jvgfahulkgjnd24msgmje8ehtkeghdrc7hw6t9t6dus4nmwll";

/// Returns a spec of a few objects.
fn spec(random: &mut Random) -> String {
    let mut text = HEAD.to_owned();
    let groups = random.some(&["readers", "writers"]);
    let policies = random.some(&["logs", "buckets", "ceiling"]);
    if random.is_one_in(3) {
        let length = 8 + random.below(3);
        writeln!(text, "password_policy: {{minimum_length: {length}}}").unwrap();
    }
    text.push_str("users:\n");
    for user in random.some(&["alice", "bob", "carol"]) {
        let groups = random.some(&groups).join(", ");
        let attached = random.some(&policies).join(", ");
        let team = random.choose(&["red", "blue"]);
        write!(
            text,
            "  {user}: {{groups: [{groups}], policies: [{attached}]"
        )
        .unwrap();
        write!(text, ", tags: {{team: {team}}}, deliver_to: {KEY}").unwrap();
        if random.is_one_in(3) {
            text.push_str(", console: true");
        }
        if random.is_one_in(3) {
            text.push_str(", mfa: provisioned");
        }
        if policies.contains(&"ceiling") && random.is_one_in(3) {
            text.push_str(", boundary: ceiling");
        }
        if random.is_one_in(3) {
            let document = document(random);
            write!(text, ", inline_policies: {{own: {{document: {document}}}}}").unwrap();
        }
        text.push_str("}\n");
    }
    text.push_str("groups:\n");
    for group in &groups {
        let attached = random.some(&policies).join(", ");
        writeln!(text, "  {group}: {{policies: [{attached}]}}").unwrap();
    }
    text.push_str("policies:\n");
    for policy in &policies {
        let document = document(random);
        writeln!(text, "  {policy}: {{document: {document}}}").unwrap();
    }
    if random.is_one_in(4) {
        let period = random.choose(&[60, 300]);
        writeln!(text, "monitoring: {{log_group: {{name: trail, create: {{}}}}, metric_filters: {{f: {{pattern: ERROR, metric: {{namespace: n, name: m, value: 1}}}}}}, alarms: {{a: {{metric: {{namespace: n, name: m}}, statistic: Sum, period: {period}, evaluation_periods: 1, threshold: 1, comparison: GreaterThanThreshold}}}}}}").unwrap();
    }
    // A key without anything below it is nothing.
    text.replace("users:\ngroups", "users: {}\ngroups")
        .replace("groups:\npolicies", "groups: {}\npolicies")
        .replace("policies:\nmonitoring", "policies: {}\nmonitoring")
        .trim_end_matches("policies:\n")
        .to_owned()
}

fn document(random: &mut Random) -> String {
    let effect = random.choose(&["Allow", "Allow", "Deny"]);
    let action = random.choose(&["s3:GetObject", "logs:Get*", "sqs:SendMessage"]);
    format!(
        r#"{{Version: "2012-10-17", Statement: [{{Effect: {effect}, Action: "{action}", Resource: "*"}}]}}"#
    )
}

/// Returns things that go wrong: what passes, and now and then a service that is down.
fn faults(random: &mut Random) -> Faults {
    let effects = [
        Effect::Throttle,
        Effect::ServerError,
        Effect::Reset,
        Effect::DropAnswer,
    ];
    let mut faults: Vec<Fault> = effects
        .into_iter()
        .map(|effect| {
            fault(
                "*",
                When::Share(f64::from(random.below(12) as u32) / 100.0),
                effect,
            )
        })
        .collect();
    if random.is_one_in(4) {
        faults.push(fault("*", When::Always, Effect::StaleReads(400)));
    }
    if random.is_one_in(4) {
        let operation = *random.choose(&[
            "iam:Create*",
            "iam:Attach*",
            "iam:Delete*",
            "cloudwatch:*",
            "iam:Get*",
        ]);
        let begin = random.below(6);
        faults.push(fault(operation, When::After(begin), Effect::Deny));
    }
    Faults {
        seed: random.next(),
        faults,
    }
}

fn fault(operation: &str, when: When, effect: Effect) -> Fault {
    Fault {
        operation: operation.to_owned(),
        when,
        effect,
    }
}

/// Asserts that what a report calls done is so in an account without faults: it isn't planned again.
fn is_true(plan: &Plan, report: &Report, live: &Snapshot, rest: &Plan) {
    for (action, result) in plan.actions.iter().zip(&report.results) {
        let later = plan.actions.iter().skip(action.id.0 + 1);
        let is_last = later.clone().all(|other| other.address != action.address);
        let is_done = matches!(result, ActionResult::Done(_));
        if !is_done || !is_last {
            continue;
        }
        let mut again = rest.actions.iter();
        let again = again.find(|other| other.address == action.address);
        assert_eq!(again, None, "{} was called done", action.address);
        if !is_known(&action.address) {
            continue;
        }
        let is_there = live.get(&action.address).is_some();
        let is_wanted = !matches!(action.change, Change::Delete { .. });
        assert_eq!(is_there, is_wanted, "{} was called done", action.address);
    }
}

/// Tells whether `apply` would carry out a plan: every state between its steps is proved.
fn has_proof(plan: &Plan, desired: &Desired, snapshot: &Snapshot) -> bool {
    let today = jiff::civil::date(2026, 11, 24);
    let reviewed = access::review(plan.clone(), desired, snapshot, today, None);
    let mut findings = reviewed.findings.iter();
    findings.all(|finding| finding.code != FindingCode::EveryStep)
}

/// Tells whether a read for a spec finds every object of this kind.
fn is_known(address: &Address) -> bool {
    matches!(
        address,
        Address::User(_)
            | Address::Group(_)
            | Address::Membership(..)
            | Address::Policy(_)
            | Address::Attachment(..)
            | Address::InlinePolicy(..)
            | Address::Alarm(_)
    )
}

async fn case(number: u64) {
    let mut random = Random(number);
    let world = World::new();
    let first = world.load(&spec(&mut random));
    let text = spec(&mut random);
    let second = world.load(&text);
    let (sandbox, clients) = world.serve(Faults::default()).await;
    let (plan, report) = world.apply(&clients, &first).await.unwrap();
    assert!(report.is_complete(), "{plan:#?}\n{report:#?}");
    sandbox.stop().await.unwrap();
    let before = world.state();

    let (sandbox, clients) = world.serve(faults(&mut random)).await;
    let states = sandbox.watch();
    let mut is_proved = false;
    let mut troubled = None;
    if let Some(snapshot) = read(&clients, &second).await {
        let plan = planner::plan(&second, &snapshot);
        is_proved = plan.withheld.is_empty() && has_proof(&plan, &second, &snapshot);
        let report = world.execute(&clients, &plan).await;
        troubled = Some((plan, report));
    }
    sandbox.stop().await.unwrap();

    let (sandbox, clients) = world.serve(Faults::default()).await;
    if let Some((plan, report)) = troubled {
        let live = read(&clients, &second).await.unwrap();
        is_true(&plan, &report, &live, &planner::plan(&second, &live));
    }
    let (plan, report) = world.apply(&clients, &second).await.unwrap();
    assert!(report.is_complete(), "{text}\n{plan:#?}\n{report:#?}");
    let mut rest = planner::plan(&second, &read(&clients, &second).await.unwrap());
    // What has no order that is safe throughout takes several applies.
    for _ in 0..3 {
        if !rest.actions.is_empty() && !plan.withheld.is_empty() {
            assert!(world.execute(&clients, &rest).await.is_complete());
            rest = planner::plan(&second, &read(&clients, &second).await.unwrap());
        }
    }
    let waits = |withheld: &Withheld| {
        let reason = &withheld.reason;
        matches!(
            reason,
            Reason::Cycle(_) | Reason::WaitsFor(_) | Reason::UsedBy(_)
        )
    };
    let is_as_far_as_can_be = rest.actions.is_empty() && rest.withheld.iter().all(waits);
    assert!(is_as_far_as_can_be, "{text}\n{rest:#?}");
    sandbox.stop().await.unwrap();
    if is_proved {
        let [before, after] = [before, world.state()].map(|state| People::read(&state));
        let mut meanwhile = Meanwhile::new(before, after, &[]);
        for Changed { operation, state } in states.try_iter() {
            let wrongs = meanwhile.wrongs(&People::read(&state));
            assert!(wrongs.is_empty(), "{text}\nafter {operation}: {wrongs:#?}");
        }
    }
}

/// Runs cases, several at a time in this thread, and returns those that failed.
async fn run(numbers: Vec<u64>) -> Vec<u64> {
    let mut numbers = numbers.into_iter();
    let mut cases = JoinSet::new();
    let mut failed = Vec::new();
    loop {
        while cases.len() < AT_ONCE
            && let Some(number) = numbers.next()
        {
            cases.spawn_local(async move { (number, spawn_local(case(number)).await) });
        }
        let Some(ended) = cases.join_next().await else {
            return failed;
        };
        let (number, result) = ended.unwrap();
        if result.is_err() {
            failed.push(number);
        }
    }
}

fn cases() -> u64 {
    let cases = std::env::var("MFACTL_CASES");
    cases.map_or(CASES, |cases| cases.parse().unwrap())
}

#[test]
fn whatever_goes_wrong_the_next_apply_ends_as_the_spec_says() {
    let numbers = match std::env::var("MFACTL_CASE") {
        Ok(number) => vec![number.parse().unwrap()],
        Err(_) => Vec::from_iter(0..cases()),
    };
    let threads = numbers.chunks(numbers.len().div_ceil(2)).map(|numbers| {
        let numbers = numbers.to_vec();
        thread::spawn(|| {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            LocalSet::new().block_on(&runtime, run(numbers))
        })
    });
    let threads = Vec::from_iter(threads);
    let failed = threads
        .into_iter()
        .flat_map(|thread| thread.join().unwrap());
    let failed = Vec::from_iter(failed);
    assert!(
        failed.is_empty(),
        "{failed:?} failed; run one alone with `MFACTL_CASE=NUMBER cargo nextest run -p mfactl-tests --test random_faults`"
    );
}
