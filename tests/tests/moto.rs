//! The recipe on moto, an AWS that isn't ours, and read back by boto3, a client that isn't ours.
//!
//! What moto can't do is in `python/moto_gaps.py`. Every apply waits between its phases for as long as on AWS, so few
//! tests do much each.

use std::fs;
use std::path::Path;

use mfactl_tests::{Emulator, Kit, Mfactl, Ran, copy, recipe};

/// Runs a command on a spec.
fn run(mfactl: &Mfactl, command: &[&str], spec: &Path) -> Ran {
    let words = command.iter().map(|word| (*word).to_owned());
    mfactl.run(words.chain(["--file".to_owned(), spec.display().to_string()]))
}

/// Compares what moto holds with the spec of the recipe.
#[track_caller]
fn read_back(moto: &Emulator, state: &str) {
    moto.python("readback.py", &[state, &recipe().display().to_string()]);
}

#[test]
fn the_recipe_is_applied_as_boto3_reads_it_back_and_destroyed() {
    let moto = Emulator::moto_with_aws_policies();
    let (mfactl, recipe) = (moto.mfactl(), recipe());
    run(&mfactl, &["plan", "--detailed-exitcode"], &recipe).ends_with(2);
    run(&mfactl, &["apply", "--auto-approve"], &recipe).ends_with(0);
    read_back(&moto, "applied");

    let plan = run(&mfactl, &["plan", "--detailed-exitcode"], &recipe).ends_with(0);
    assert!(plan.contains("No changes."), "{plan}");

    run(&mfactl, &["destroy", "--auto-approve"], &recipe).ends_with(0);
    read_back(&moto, "destroyed");
    let plan = run(&mfactl, &["destroy", "--auto-approve"], &recipe).ends_with(0);
    assert!(plan.contains("No changes."), "{plan}");
}

#[test]
fn what_was_changed_behind_the_back_is_put_right_unless_it_takes_from_too_many() {
    let moto = Emulator::moto_with_aws_policies();
    let (mfactl, recipe) = (moto.mfactl(), recipe());
    run(&mfactl, &["apply", "--auto-approve"], &recipe).ends_with(0);
    moto.python("tamper.py", &[]);

    let spec = mfactl.folder().join("spec");
    copy(&recipe, &spec);
    let account = spec.join("mfactl.yaml");
    let text = fs::read_to_string(&account).unwrap();
    fs::write(
        account,
        text.replace("max_people_removed: 1", "max_people_removed: 0"),
    )
    .unwrap();
    // mallory loses what the group grants; alice keeps it by the group's other policy.
    let refused = run(&mfactl, &["apply", "--auto-approve"], &spec);
    assert!(
        refused.stdout.contains("max_people_removed"),
        "{}",
        refused.stdout
    );
    refused.ends_with(3);

    run(&mfactl, &["apply", "--auto-approve"], &recipe).ends_with(0);
    read_back(&moto, "applied");
    run(&mfactl, &["plan", "--detailed-exitcode"], &recipe).ends_with(0);
}

#[test]
fn the_secrets_are_in_a_kit_that_the_demonstration_key_opens_and_nowhere_else() {
    let moto = Emulator::moto_with_aws_policies();
    let mfactl = moto.mfactl();
    let applied = run(&mfactl, &["apply", "--auto-approve", "-vvv"], &recipe());
    let planned = run(&mfactl, &["plan", "--json", "-vvv"], &recipe());

    let kit = Kit::open(&mfactl.folder().join("kits/alice.age"));
    // moto tells seeds when devices are listed, which AWS doesn't.
    let seed = moto.python("seed.py", &["alice"]);
    let seed = seed.trim();
    assert!(
        kit.otpauth().contains(&format!("secret={seed}&")),
        "{}",
        kit.otpauth()
    );
    assert_eq!(kit.scanned(), kit.otpauth());
    assert!(kit.password().len() >= 14);

    for secret in [kit.password(), seed, kit.otpauth()] {
        for ran in [&applied, &planned] {
            assert!(!ran.stdout.contains(secret), "{secret} in\n{}", ran.stdout);
            assert!(!ran.stderr.contains(secret), "{secret} in\n{}", ran.stderr);
        }
    }
    applied.ends_with(0);
}

#[test]
fn every_known_gap_of_moto_is_still_there() {
    Emulator::moto().python("moto_gaps.py", &[]);
}
