//! The program, as built. Because a test is here, `cargo test --workspace` builds the program before the tests of the
//! crate `mfactl-tests` run it.

use std::process::Command;

#[test]
fn the_program_says_its_version() {
    let output = Command::new(env!("CARGO_BIN_EXE_mfactl"))
        .arg("--version")
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed, concat!("mfactl ", env!("CARGO_PKG_VERSION"), "\n"));
}
