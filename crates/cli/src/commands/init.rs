//! `mfactl init`

use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use model::{AccountId, Region};

use crate::args::InitArgs;
use crate::error::{CommandError, Exit};
use crate::ui::Ui;

/// Lists the files of `examples/gitops`, with their texts.
macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../../../../examples/gitops/", $name)))),+]
    };
}

/// What is written, as it is for [`ACCOUNT`] and the other examples.
const FILES: [(&str, &str); 14] = files![
    "mfactl.yaml",
    "README.md",
    ".gitignore",
    ".github/dependabot.yml",
    ".github/workflows/plan.yml",
    ".github/workflows/apply.yml",
    ".github/workflows/drift.yml",
    "roles/create.sh",
    "roles/plan-trust.json",
    "roles/plan-policy.json",
    "roles/apply-trust.json",
    "roles/apply-policy.json",
    "roles/drift-trust.json",
    "roles/drift-policy.json",
];

const SPEC: &str = "mfactl.yaml";
const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";
/// The beginning of what GitHub's identity tokens say of a run in the repository.
const SUBJECT: &str = "repo:acme/aws-access:";
const ACTION: &str = "acme/mfactl@0123456789abcdef0123456789abcdef01234567";

/// Writes a repository in which a spec is changed by pull requests. Files that are there are left as they are.
pub(crate) fn run(ui: &Ui, args: &InitArgs) -> Result<Exit, CommandError> {
    let (account, region) = place(args)?;
    let (mut written, mut left) = (Vec::new(), Vec::new());
    for (name, text) in FILES {
        let file = args.folder.join(name);
        match create(&file, &filled(text, &account, &region, args)) {
            Ok(()) => written.push(name),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => left.push(name),
            Err(source) => return Err(CommandError::Unwritable { path: file, source }),
        }
    }
    let folder = args.folder.display();
    let written = list(&format!("Wrote to {folder}:"), &written);
    let left = list("Was there, and is left as it is:", &left);
    ui.result(&format!(
        "{written}{left}\nNext, as README.md says: create the roles in account {account} by roles/create.sh, and protect main.\n"
    ))?;
    Ok(Exit::Done)
}

/// Returns the account and the region: those of the spec, if there is one.
fn place(args: &InitArgs) -> Result<(AccountId, Region), CommandError> {
    let file = args.folder.join(SPEC);
    if !file.exists() {
        let account = args.account.clone().ok_or(CommandError::NoAccount)?;
        let region = args
            .region
            .clone()
            .map_or_else(|| Region::new(REGION), Ok)?;
        return Ok((account, region));
    }
    let declared = spec::load(&file)?.desired;
    agree(&file, "--account", args.account.as_ref(), &declared.account)?;
    agree(&file, "--region", args.region.as_ref(), &declared.region)?;
    Ok((declared.account, declared.region))
}

/// Makes sure that an option says what a spec declares, if it was given.
fn agree<T: PartialEq + Display>(
    spec: &Path,
    option: &'static str,
    said: Option<&T>,
    declared: &T,
) -> Result<(), CommandError> {
    match said {
        Some(said) if said != declared => Err(CommandError::Contradicts {
            option,
            said: said.to_string(),
            spec: spec.to_owned(),
            declared: declared.to_string(),
        }),
        _ => Ok(()),
    }
}

/// Returns a text with what is asked for in place of the examples. What can contain an example comes last.
fn filled(text: &str, account: &AccountId, region: &Region, args: &InitArgs) -> String {
    text.replace("arn:aws:", &format!("arn:{}:", region.partition()))
        .replace(REGION, region.as_str())
        .replace(ACCOUNT, account.as_str())
        .replace(ACTION, &args.action)
        .replace(SUBJECT, &format!("repo:{}:", args.repository))
}

/// Writes a file that wasn't there, and the folders that it is in.
fn create(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    File::create_new(file)?.write_all(text.as_bytes())
}

fn list(heading: &str, files: &[&str]) -> String {
    if files.is_empty() {
        return String::new();
    }
    let files = files.iter().map(|file| format!("  {file}\n"));
    format!("{heading}\n{}", files.collect::<String>())
}

/// Reads a repository as GitHub's identity tokens name it: OWNER/NAME, or both with their ids, OWNER@ID/NAME@ID.
pub(crate) fn repository(text: &str) -> Result<String, String> {
    let parts = text.split_once('/').map(|(owner, name)| [owner, name]);
    let is_part = |part: &str| match part.split_once('@') {
        Some((name, id)) => {
            is_name(name) && !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit())
        }
        None => is_name(part),
    };
    match parts {
        Some([owner, name])
            if is_part(owner) && is_part(name) && owner.contains('@') == name.contains('@') =>
        {
            Ok(text.to_owned())
        }
        _ => Err("expected OWNER/NAME, or OWNER@ID/NAME@ID".to_owned()),
    }
}

/// Reads a repository on GitHub with a commit: OWNER/NAME@COMMIT.
pub(crate) fn action(text: &str) -> Result<String, String> {
    let is_commit =
        |commit: &str| commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit());
    let parts = text.split_once('@');
    let is_repository = |repository: &str| {
        let names = repository.split_once('/');
        names.is_some_and(|(owner, name)| is_name(owner) && is_name(name))
    };
    match parts {
        Some((repository, commit)) if is_repository(repository) && is_commit(commit) => {
            Ok(text.to_owned())
        }
        _ => Err("expected OWNER/NAME@COMMIT, with all 40 digits of the commit".to_owned()),
    }
}

/// Tells whether a text can be the name of a user, an organization or a repository of GitHub.
fn is_name(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    !text.is_empty() && text.len() <= 100 && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::args::Permitted;
    use crate::permissions;

    fn file(name: &str) -> &'static str {
        let file = FILES.iter().find(|(file, _)| *file == name);
        file.unwrap().1
    }

    #[test]
    fn the_policies_are_those_that_permissions_prints() {
        for (command, name) in [
            (Permitted::Plan, "roles/plan-policy.json"),
            (Permitted::Apply, "roles/apply-policy.json"),
            (Permitted::Drift, "roles/drift-policy.json"),
        ] {
            let document = permissions::of_any_spec(command).unwrap();
            let expected = format!("{}\n", document.to_json_pretty());
            assert_eq!(file(name), expected, "examples/gitops/{name}");
        }
    }

    #[test]
    fn every_example_is_replaced_by_what_is_asked_for() {
        let args = InitArgs {
            folder: PathBuf::new(),
            repository: "octo@1/us-east-1@2".to_owned(),
            action: format!("octo/mfactl@{}", "f".repeat(40)),
            account: None,
            region: None,
        };
        let account = AccountId::new("000000000007").unwrap();
        let region = Region::new("us-gov-west-1").unwrap();
        let mut all = String::new();
        for (_, text) in FILES {
            all.push_str(&filled(text, &account, &region, &args));
        }
        for left in [ACCOUNT, "acme/", "arn:aws:", "region: us-east-1"] {
            assert!(!all.contains(left), "{left}");
        }
        for put in [
            "arn:aws-us-gov:iam::000000000007:role/mfactl-apply",
            "aws-region: us-gov-west-1",
            "\"repo:octo@1/us-east-1@2:environment:production\"",
            "uses: octo/mfactl@ffff",
        ] {
            assert!(all.contains(put), "{put}");
        }
    }

    #[test]
    fn a_repository_has_both_ids_or_none() {
        for right in ["acme/aws-access", "a-b@12/c.d_e@3"] {
            assert_eq!(repository(right).as_deref(), Ok(right));
        }
        for wrong in [
            "acme",
            "acme@1/access",
            "acme/access@1",
            "a/b/c",
            "a/",
            "a\"/b",
            "a@x/b@1",
        ] {
            assert!(repository(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_action_is_pinned_by_a_whole_commit() {
        assert!(action(ACTION).is_ok());
        for wrong in [
            "acme/mfactl@v1",
            "acme/mfactl",
            "acme@0123456789abcdef0123456789abcdef01234567",
        ] {
            assert!(action(wrong).is_err(), "{wrong}");
        }
    }
}
