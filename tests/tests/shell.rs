//! What makes mfactl at home in a shell: completions and manual pages.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::fs;
use std::process::Command;

use mfactl_tests::Mfactl;

/// Lets bash complete a line, which ends where the cursor is, and returns what it offers.
fn completed(line: &str) -> Vec<String> {
    let mfactl = Mfactl::new(Vec::new());
    let script = mfactl.run(["completions", "bash"]).ends_with(0);
    fs::write(mfactl.folder().join("mfactl.bash"), script).unwrap();
    let complete = r#"
        source mfactl.bash
        COMP_WORDS=($1 "$2"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _mfactl mfactl "$2" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}""#;
    let (before, word) = line.rsplit_once(' ').unwrap();
    let output = Command::new("bash")
        .args(["-c", complete, "bash", before, word])
        .current_dir(mfactl.folder())
        .output()
        .unwrap();
    let offered = String::from_utf8(output.stdout).unwrap();
    offered.lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_flags_and_values() {
    assert_eq!(completed("mfactl des"), ["destroy"]);
    assert_eq!(completed("mfactl plan --det"), ["--detailed-exitcode"]);
    assert_eq!(completed("mfactl plan --format js"), ["json"]);
    assert_eq!(completed("mfactl policy pr"), ["prove"]);
}

#[test]
fn every_command_has_a_manual_page() {
    let mfactl = Mfactl::new(Vec::new());
    mfactl.run(["man", "--out", "man"]).ends_with(0);
    let page = |name: &str| fs::read_to_string(mfactl.folder().join("man").join(name)).unwrap();
    assert!(page("mfactl-policy-prove.1").contains("Prove what holds of a user"));
    let printed = mfactl.run(["man"]).ends_with(0);
    assert!(printed.contains(r"mfactl\-import(1)"), "{printed}");
}
