//! What AWS documents that it does, by tests in Python that call it with boto3: `python/contract`.
//!
//! The sandbox does all of it. Emulators that aren't ours show that the tests are not made to the sandbox's measure: where
//! one of them differs, `python/contract/disagreements.toml` says why.

use mfactl_tests::{Emulator, Mfactl, Served, python, python_file, succeeds};

/// Runs all tests against the AWS that an environment leads to; what is known of an emulator is expected to fail.
#[track_caller]
fn keeps_the_contract(
    environment: impl IntoIterator<Item = (String, String)>,
    emulator: Option<&str>,
) {
    let mut pytest = python();
    pytest.args(["-m", "pytest", "--quiet"]);
    pytest.args(emulator.map(|name| format!("--emulator={name}")));
    pytest
        .current_dir(python_file("contract"))
        .envs(environment);
    succeeds(&mut pytest);
}

#[test]
fn the_sandbox_does_what_aws_documents() {
    let sandbox = Served::start(&Mfactl::new(Vec::new()), &["--listen", "127.0.0.1:0"]);
    keeps_the_contract(sandbox.environment(), None);
}

#[test]
fn moto_differs_from_aws_only_where_it_is_said() {
    keeps_the_contract(Emulator::moto().environment(), Some("moto"));
}

#[test]
fn ministack_differs_from_aws_only_where_it_is_said() {
    keeps_the_contract(Emulator::ministack().environment(), Some("ministack"));
}
