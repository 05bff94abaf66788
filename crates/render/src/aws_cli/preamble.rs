//! What stands before the commands: what the script is, what it doesn't do, its settings and its functions.

use model::{Account, Plan};

use super::shell::{comment, quoted};
use crate::Header;
use crate::plan::document;

const ABOUT: &str = "\
# Made by `mfactl plan --format aws-cli`. It does what that plan says, in its order, with the AWS CLI, and stops
# at the first error. What is done stays done: then make the script anew, since this one doesn't begin in the middle.
#
# Read it before you run it. Unlike `mfactl apply` it doesn't look whether the account is still as it was planned on, takes
# no lock, proves nothing when it runs, and reads nothing again afterwards: `mfactl plan` shows what is left.
";

const SETTINGS: &str = "\
set -euo pipefail
umask 077";

const FUNCTIONS: &str = r#"
step() {
  current=$1
  printf '%s\n' "$1"
}

stop() {
  printf '%s.\n' "$1" >&2
  exit 1
}

current='checking the account'
trap '[ $? = 0 ] || printf "Stopped at %s: what is before it is done, what follows is not.\n" "$current" >&2' EXIT
"#;

/// Functions that not every script needs, after the words that their calls begin with.
const MORE_FUNCTIONS: [(&[&str], &str); 6] = [
    (
        &["settle"],
        r#"
# AWS documents no bound for how long a change of rights takes to be in force everywhere. SETTLE may say another time.
settle() {
  sleep "${SETTLE:-10}"
}
"#,
    ),
    (
        &["ask_password"],
        r#"
# Asks twice for a first password, without showing it. It is never an argument of a command, nor in a file.
ask_password() {
  local again
  IFS= read -rsp "First password for $1: " password
  echo >&2
  IFS= read -rsp "Again: " again
  echo >&2
  [ "$password" = "$again" ] || stop 'the two passwords differ'
}
"#,
    ),
    (
        &["is_new"],
        r#"
is_new() {
  [ ! -e "$1" ] || stop "the file $1 is there, and might hold the only copy of a seed"
}
"#,
    ),
    (
        &["ask_codes"],
        r#"
# Asks for two codes of a new device. Each is spent once it was used.
ask_codes() {
  printf 'Enter the key in %s into an authenticator app for %s; then two codes, one after the other.\n' "$2" "$1" >&2
  read -rp 'A code: ' first
  read -rp 'The next one: ' second
}
"#,
    ),
    (
        &["make_room", "delete_other_versions"],
        r#"
# Lists the versions of a policy that aren't in force, the oldest first.
other_versions() {
  aws iam list-policy-versions --policy-arn "$1" --query 'Versions[?!IsDefaultVersion].VersionId' --output text |
    tr '\t' '\n' | sort -k 1.2n
}

# IAM keeps five versions of a policy. Deletes the oldest that isn't in force where there is no room for another.
make_room() {
  local versions
  versions=$(other_versions "$1")
  if [ "$(wc -w <<< "$versions")" -ge 4 ]; then
    aws iam delete-policy-version --policy-arn "$1" --version-id "${versions%%$'\n'*}"
  fi
}

# IAM deletes a policy only when its version in force is the only one.
delete_other_versions() {
  local version versions
  versions=$(other_versions "$1")
  for version in $versions; do
    aws iam delete-policy-version --policy-arn "$1" --version-id "$version"
  done
}
"#,
    ),
    (
        &["only_known"],
        r#"
# Stops where an object has settings that mfactl doesn't manage: the call that follows replaces the whole object, and an
# apply would read them and put them back. An AWS CLI that is older than a setting doesn't see it.
only_known() {
  [ "$(aws "$@" --output text)" = 0 ] || stop 'it has settings that would be lost; use mfactl apply'
}
"#,
    ),
];

/// Says what the script is of.
pub(super) fn header(plan: &Plan, header: &Header) -> Vec<String> {
    let shown = document(plan, header);
    let mut lines = vec!["#!/usr/bin/env bash".to_owned(), comment(&shown.title)];
    let verdict = shown.verdict.iter().chain(&shown.refusal);
    lines.extend(verdict.map(|remark| comment(&remark.text)));
    lines.push("#".to_owned());
    lines
}

/// Says what the script does and doesn't, and sets what the commands rely on, whatever the environment says.
pub(super) fn settings(plan: &Plan, header: &Header) -> Vec<String> {
    let region = quoted(plan.region.as_str());
    let mut lines = vec![
        ABOUT.to_owned(),
        SETTINGS.to_owned(),
        format!("export AWS_REGION={region} AWS_DEFAULT_REGION={region} AWS_PAGER=''"),
        "export AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=10".to_owned(),
    ];
    if header.sandbox {
        lines.push(comment(
            "The plan is of an embedded AWS. `mfactl sandbox` serves it and prints its settings.",
        ));
        lines.push(
            r#": "${AWS_ENDPOINT_URL:?is not set, and this is not for a real account}""#.to_owned(),
        );
    }
    lines
}

/// Returns the functions that the commands use.
pub(super) fn functions(commands: &[String]) -> Vec<String> {
    let is_used = |(words, _): &&(&[&str], &str)| {
        let mut words = words.iter();
        words.any(|word| {
            commands
                .iter()
                .any(|line| line.split(' ').next() == Some(word))
        })
    };
    let more = MORE_FUNCTIONS.iter().filter(is_used);
    [FUNCTIONS]
        .into_iter()
        .chain(more.map(|(_, text)| *text))
        .map(|text| text.trim_end().to_owned())
        .chain([String::new()])
        .collect()
}

/// Returns the lines that stop the script with the credentials of another account.
pub(super) fn check_account(account: &Account) -> String {
    let id = &account.id;
    format!(
        r#"account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = {id} ] || stop "the credentials are of account $account, and this is for {id}""#
    )
}
