//! How many requests a second are decided with the recipe's policy, and what making it ready costs.
//!
//! `cargo bench -p mfactl-policy`

#![expect(clippy::expect_used, reason = "what is measured is written here")]

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use mfactl_policy::Document;
use mfactl_policy::evaluate::{Context, InForce, Policy, Request};

const RECIPE: &str = include_str!("../../../specs/presets/enforce-mfa.json");
const ALICE: &str = "arn:aws:iam::123456789012:user/people/alice";

fn main() {
    divan::main();
}

#[divan::bench]
fn decide(bencher: Bencher<'_, '_>) {
    let policy = Policy::new(&recipe());
    let in_force = InForce {
        identity: vec![&policy],
        ..InForce::default()
    };
    let requests = requests();
    bencher
        .counter(ItemsCount::new(requests.len()))
        .bench_local(|| {
            for request in &requests {
                black_box(in_force.evaluate(black_box(request)));
            }
        });
}

#[divan::bench]
fn make_ready(bencher: Bencher<'_, '_>) {
    let document = recipe();
    bencher.bench_local(|| Policy::new(black_box(&document)));
}

fn recipe() -> Document {
    Document::parse(RECIPE).expect("the recipe's policy is one")
}

/// Returns what a person does on the first day: enrolling with a password only, then working, with MFA and without.
fn requests() -> Vec<Request> {
    let sessions = [None, Some("false"), Some("true")];
    let asked = [
        ("iam:EnableMFADevice", ALICE),
        ("iam:ChangePassword", "arn:aws:iam::123456789012:user/bob"),
        (
            "iam:CreateVirtualMFADevice",
            "arn:aws:iam::123456789012:mfa/phone",
        ),
        ("s3:GetObject", "arn:aws:s3:::bucket/folder/object"),
        ("ec2:DescribeInstances", "*"),
    ];
    let session = |mfa: Option<&str>| {
        let context = Context::default()
            .with("aws:username", "alice")
            .with("aws:SourceIp", "203.0.113.7");
        mfa.map_or(context.clone(), |mfa| {
            context.with("aws:MultiFactorAuthPresent", mfa)
        })
    };
    let request = |mfa, (action, resource)| {
        Request::new(action, resource, session(mfa)).expect("an action and an ARN")
    };
    sessions
        .into_iter()
        .flat_map(|mfa| asked.map(|asked| request(mfa, asked)))
        .collect()
}
