//! Scenarios: commands in, output out, on the sandbox. Each is a text file in the folder `scenarios`.

use mfactl_tests::Mfactl;

#[test]
fn every_scenario_prints_what_its_file_says() {
    trycmd::TestCases::new()
        .register_bin("mfactl", Mfactl::path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("NO_COLOR", "1")
        .case("tests/scenarios/*.trycmd");
}
