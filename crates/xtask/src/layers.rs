//! Which of our crates may depend on which, and which stay away from I/O.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Package};

use crate::cargo::Workspace;
use crate::step::{self, output};

/// The crates that may depend on all others.
const TOP: [&str; 3] = ["mfactl", "mfactl-tests", "xtask"];

/// The other crates, each with those of ours that it may depend on.
const LAYERS: [(&str, &[&str]); 10] = [
    ("mfactl-policy", &[]),
    ("mfactl-pattern", &[]),
    ("mfactl-model", &["mfactl-policy"]),
    (
        "mfactl-spec",
        &["mfactl-model", "mfactl-policy", "mfactl-pattern"],
    ),
    ("mfactl-planner", &["mfactl-model", "mfactl-policy"]),
    ("mfactl-access", &["mfactl-model", "mfactl-policy"]),
    ("mfactl-render", &["mfactl-model", "mfactl-policy"]),
    ("mfactl-reader", &["mfactl-model", "mfactl-policy"]),
    (
        "mfactl-executor",
        &["mfactl-model", "mfactl-policy", "mfactl-reader"],
    ),
    ("mfactl-sandbox", &["mfactl-policy", "mfactl-pattern"]),
];

/// The crates that do no I/O: they must not reach, through any other crate, tokio or the AWS SDK.
const PURE: [&str; 7] = [
    "mfactl-model",
    "mfactl-policy",
    "mfactl-pattern",
    "mfactl-spec",
    "mfactl-planner",
    "mfactl-access",
    "mfactl-render",
];

/// Checks the layers. What only tests use doesn't count.
///
/// # Errors
///
/// Names every dependency that isn't allowed.
pub(crate) fn check(workspace: &Workspace) -> step::Result {
    let allowed = BTreeMap::from(LAYERS);
    let mut wrong: Vec<String> = workspace
        .crates()
        .into_iter()
        .flat_map(|package| wrong_edges(&allowed, package))
        .collect();
    for name in PURE {
        wrong.extend(
            io_reached(&reached(workspace, name)?).map(|io| format!("{name} reaches {io}")),
        );
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("; ").into())
    }
}

/// Returns the dependencies of one of our crates on others of ours that are not allowed.
fn wrong_edges(allowed: &BTreeMap<&str, &[&str]>, package: &Package) -> Vec<String> {
    let name = package.name.as_str();
    if TOP.contains(&name) {
        return Vec::new();
    }
    let Some(allowed) = allowed.get(name) else {
        return vec![format!(
            "{name} has no layer; add it to xtask/src/layers.rs"
        )];
    };
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.path.is_some())
        .filter(|dependency| dependency.kind != DependencyKind::Development)
        .filter(|dependency| !allowed.contains(&dependency.name.as_str()))
        .map(|dependency| format!("{name} may not depend on {}", dependency.name))
        .collect()
}

/// Returns the names of all crates that a crate of ours is built from.
fn reached(workspace: &Workspace, name: &str) -> step::Result<BTreeSet<String>> {
    let words = "tree --edges normal,build --prefix none --format {lib} --package";
    let tree = output(workspace.cargo(words).arg(name))?;
    // A crate that was shown before has `(*)` after its name.
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    Ok(names.map(str::to_owned).collect())
}

fn io_reached(names: &BTreeSet<String>) -> impl Iterator<Item = &str> {
    names
        .iter()
        .map(String::as_str)
        .filter(|name| *name == "tokio" || name.starts_with("aws_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crate_without_io_has_a_layer() {
        let layers: BTreeSet<&str> = LAYERS.iter().map(|(name, _)| *name).collect();
        assert!(PURE.iter().all(|name| layers.contains(name)));
    }

    #[test]
    fn tokio_and_the_sdk_are_io() {
        let names = ["aws_sdk_iam", "serde", "tokio", "tokio_util"].map(str::to_owned);
        let names = BTreeSet::from(names);
        assert_eq!(
            io_reached(&names).collect::<Vec<_>>(),
            ["aws_sdk_iam", "tokio"]
        );
    }

    #[test]
    fn the_reader_is_built_from_the_sdk() {
        let workspace = Workspace::find().unwrap();
        let names = reached(&workspace, "mfactl-reader").unwrap();
        assert!(io_reached(&names).any(|name| name == "aws_sdk_iam"));
    }
}
