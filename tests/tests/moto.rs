//! The recipe on moto, an AWS that isn't ours, and read back by boto3, a client that isn't ours.
//!
//! What moto can't do is in `python/moto_gaps.py`.

use mfactl_tests::{Kit, Mfactl, Moto, recipe};

/// Runs a command on the recipe and returns its result.
#[track_caller]
fn run(mfactl: &Mfactl, command: &[&str], code: i32) -> String {
    let spec = recipe();
    let words = command.iter().map(|word| (*word).to_owned());
    let arguments = words.chain(["--file".to_owned(), spec.display().to_string()]);
    mfactl.run(arguments).ends_with(code)
}

/// Compares what moto holds with the spec.
#[track_caller]
fn read_back(moto: &Moto, state: &str) {
    moto.python("readback.py", &[state, &recipe().display().to_string()]);
}

#[test]
fn boto3_reads_back_what_the_recipe_says() {
    let moto = Moto::start();
    run(&moto.mfactl(), &["apply", "--auto-approve"], 0);
    read_back(&moto, "applied");
}

#[test]
fn a_second_plan_has_no_changes() {
    let moto = Moto::start();
    let mfactl = moto.mfactl();
    run(&mfactl, &["plan", "--detailed-exitcode"], 2);
    run(&mfactl, &["apply", "--auto-approve"], 0);
    let plan = run(&mfactl, &["plan", "--detailed-exitcode"], 0);
    assert!(plan.contains("No changes."), "{plan}");
}

#[test]
fn destroying_leaves_the_log_group_and_the_password_policy_only() {
    let moto = Moto::start();
    let mfactl = moto.mfactl();
    run(&mfactl, &["apply", "--auto-approve"], 0);
    run(&mfactl, &["destroy", "--auto-approve"], 0);
    read_back(&moto, "destroyed");
}

#[test]
fn what_was_changed_behind_the_back_is_put_right() {
    let moto = Moto::start();
    let mfactl = moto.mfactl();
    run(&mfactl, &["apply", "--auto-approve"], 0);
    moto.python("tamper.py", &[]);
    run(&mfactl, &["apply", "--auto-approve"], 0);
    read_back(&moto, "applied");
    run(&mfactl, &["plan", "--detailed-exitcode"], 0);
}

#[test]
fn the_demonstration_key_opens_a_kit_with_the_seed_of_the_device() {
    let moto = Moto::start();
    let mfactl = moto.mfactl();
    run(&mfactl, &["apply", "--auto-approve"], 0);
    let kit = Kit::open(&mfactl.folder().join("kits/alice.age"));
    let seed = moto.python("seed.py", &["alice"]);
    assert!(kit.otpauth().contains(&format!("secret={}&", seed.trim())));
    assert_eq!(kit.scanned(), kit.otpauth());
    assert!(kit.password().len() >= 14);
}

#[test]
fn no_secret_is_printed() {
    let moto = Moto::start();
    let mfactl = moto.mfactl();
    let spec = recipe().display().to_string();
    let applied = mfactl.run(["apply", "--auto-approve", "-vvv", "--file", &spec]);
    let planned = mfactl.run(["plan", "--json", "-vvv", "--file", &spec]);
    let kit = Kit::open(&mfactl.folder().join("kits/alice.age"));
    // moto lists seeds, which AWS doesn't: an answer to a read holds one.
    let seed = moto.python("seed.py", &["alice"]);
    for secret in [kit.password(), seed.trim(), kit.otpauth()] {
        for printed in [
            &applied.stdout,
            &applied.stderr,
            &planned.stdout,
            &planned.stderr,
        ] {
            assert!(!printed.contains(secret), "`{secret}` is in\n{printed}");
        }
    }
}

#[test]
fn every_known_gap_of_moto_is_still_there() {
    Moto::start().python("moto_gaps.py", &[]);
}
