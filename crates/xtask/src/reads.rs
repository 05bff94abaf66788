//! The reader only reads: no operation of AWS that writes is called in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::cargo::Workspace;
use crate::step;

/// What the name of an operation that reads starts with, in the SDK's spelling.
const READS: [&str; 9] = [
    "get_",
    "list_",
    "describe_",
    "filter_log_events",
    "generate_credential_report",
    "simulate_",
    "lookup_",
    // A query of Logs Insights.
    "start_query",
    "stop_query",
];

/// Checks every file of the reader but its tests.
///
/// # Errors
///
/// Names every call of an operation that writes.
pub(crate) fn check(workspace: &Workspace) -> step::Result {
    let writes = writes(workspace)?;
    let mut wrong = Vec::new();
    for file in sources(&workspace.root().join("crates/reader/src"))? {
        let source = fs::read_to_string(&file)?;
        wrong
            .extend(calls(&source, &writes).map(|name| format!("{} calls {name}", file.display())));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("; ").into())
    }
}

/// Returns the operations that write, of all services whose SDK crate we use: each has a file named after it.
fn writes(workspace: &Workspace) -> step::Result<BTreeSet<String>> {
    let mut writes = BTreeSet::new();
    for package in workspace.packages() {
        if !package.name.starts_with("aws-sdk-") {
            continue;
        }
        let operations = package
            .manifest_path
            .with_file_name("src")
            .join("operation");
        for entry in fs::read_dir(&operations)? {
            let name = entry?.path().with_extension("");
            writes.extend(
                name.file_name()
                    .and_then(|name| name.to_str())
                    .map(str::to_owned),
            );
        }
    }
    writes.retain(|name| !READS.iter().any(|read| name.starts_with(read)));
    Ok(writes)
}

/// Returns the Rust files of a folder and of those in it, without the files and folders of tests.
fn sources(folder: &Path) -> step::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_stem().is_some_and(|name| name == "tests") {
            continue;
        }
        if path.is_dir() {
            files.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

/// Returns the names of a set that a source calls as methods, before the module of its tests.
fn calls<'a>(source: &'a str, names: &BTreeSet<String>) -> impl Iterator<Item = &'a str> {
    let code = source
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or(source);
    code.split('.')
        .skip(1)
        .filter_map(|rest| rest.split_once('('))
        .map(|(name, _)| name)
        .filter(|name| names.contains(*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_writes_is_found_on_any_line() {
        let names = BTreeSet::from(["create_user".to_owned()]);
        let source = "client\n    .create_user()\n    .user_name(name)";
        assert_eq!(calls(source, &names).collect::<Vec<_>>(), ["create_user"]);
    }

    #[test]
    fn what_tests_call_is_left_out() {
        let names = BTreeSet::from(["create_user".to_owned()]);
        let source = "client.get_user()\n#[cfg(test)]\nmod tests {\n    client.create_user()";
        assert_eq!(calls(source, &names).count(), 0);
    }

    #[test]
    fn operations_that_write_are_known_by_name_and_those_that_read_are_not_among_them() {
        let writes = writes(&Workspace::find().unwrap()).unwrap();
        for name in [
            "create_user",
            "put_metric_filter",
            "delete_alarms",
            "assume_role",
        ] {
            assert!(writes.contains(name), "{name}");
        }
        for name in ["get_user", "list_users", "describe_alarms"] {
            assert!(!writes.contains(name), "{name}");
        }
    }
}
