//! The whole spec: its sections in turn.

use std::path::Path as FilePath;

use model::{AccountId, Desired, Path, Region, Tags};

use crate::diagnostic::{Diagnostic, Severity};
use crate::draft::Draft;
use crate::node::{Node, Value};
use crate::parts::{self, File, Parts};
use crate::reading::Reading;
use crate::tags::{Case, tags};
use crate::{
    access_check, alarm, check, dashboard, group, keys, lock, log_group, metric_filter,
    password_policy, policy, prune, references, safety, user,
};

/// Reads a spec. Without an account and a region there is nothing to ask for.
pub(crate) fn read(path: &FilePath) -> (Option<Desired>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let files = parts::read(path, &mut diagnostics);
    let parts = join(&files, &mut diagnostics);
    let mut draft = Draft::default();
    if !files.is_empty() {
        required(path, &parts, &mut diagnostics);
        settings(&parts, &mut draft, &mut diagnostics);
        people(&parts, &mut draft, &mut diagnostics);
        monitoring(&parts, &mut draft, &mut diagnostics);
        references::resolve(&mut draft, &mut diagnostics);
        check::check(&draft, &mut diagnostics);
    }
    (draft.finish(), diagnostics)
}

/// Sorts the top-level keys of all files by key, and checks `version`, which each file has.
fn join<'n>(files: &'n [File], diagnostics: &mut Vec<Diagnostic>) -> Parts<'n> {
    let mut parts = Parts::default();
    for File { source, tree } in files {
        let mut reading = Reading {
            source: source.clone(),
            diagnostics,
        };
        let Some(section) = reading.section(tree, "a spec", keys::SPEC) else {
            continue;
        };
        match section.get("version") {
            Some(Node {
                value: Value::Integer(1),
                ..
            }) => {}
            Some(version) => reading.error(
                version,
                format!("this mfactl reads `version: 1`, found {}", version.found()),
            ),
            None => reading.error_with_hint(
                tree,
                "`version` is missing",
                "begin the file with `version: 1`",
            ),
        }
        parts.add(source, &section);
    }
    parts
}

fn required(path: &FilePath, parts: &Parts<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let examples = [
        ("account", "add `account: \"123456789012\"`"),
        ("region", "add `region: us-east-1`"),
    ];
    for (key, hint) in examples.into_iter().filter(|(key, _)| !parts.has(key)) {
        let name = path.display().to_string();
        let message = format!("`{key}` is missing");
        diagnostics.push(Diagnostic::of_file(Severity::Error, &name, message).hint(hint));
    }
}

fn settings(parts: &Parts<'_>, draft: &mut Draft, diagnostics: &mut Vec<Diagnostic>) {
    draft.account = parts.single("account", diagnostics, account);
    draft.region = parts.single("region", diagnostics, |reading, node| {
        let text = reading.text(node, "a region such as `us-east-1`")?;
        reading.ok(node, Region::new(text))
    });
    let region = draft.region.clone();
    draft.lock = parts.single("lock", diagnostics, |reading, node| {
        lock::read(reading, node, region)
    });
    (draft.path, draft.tags, draft.mfa_grace) = parts
        .single("defaults", diagnostics, defaults)
        .unwrap_or_default();
    draft.safety = parts
        .single("safety", diagnostics, safety::read)
        .unwrap_or_default();
    parts.each("prune", diagnostics, |reading, node| {
        prune::read(reading, node, draft);
    });
    parts.each("checks", diagnostics, |reading, node| {
        access_check::read(reading, node, draft);
    });
    parts.each("ignore", diagnostics, |reading, node| {
        draft.ignore.extend(safety::patterns(reading, node));
    });
}

fn people(parts: &Parts<'_>, draft: &mut Draft, diagnostics: &mut Vec<Diagnostic>) {
    parts.single("password_policy", diagnostics, |reading, node| {
        password_policy::read(reading, node, draft)
    });
    parts.each_named("policies", diagnostics, |reading, at, node| {
        policy::read(reading, at, node, draft);
    });
    parts.each_named("groups", diagnostics, |reading, at, node| {
        group::read(reading, at, node, draft);
    });
    parts.each_named("users", diagnostics, |reading, at, node| {
        user::read(reading, at, node, draft);
    });
}

fn monitoring(parts: &Parts<'_>, draft: &mut Draft, diagnostics: &mut Vec<Diagnostic>) {
    let parts = parts.under("monitoring", keys::MONITORING, diagnostics);
    let log_group = parts.single("log_group", diagnostics, |reading, node| {
        log_group::read(reading, node, draft)
    });
    draft.log_group.clone_from(&log_group);
    let log_group = match (log_group, parts.has("log_group")) {
        (Some(name), _) => metric_filter::Source::Given(name),
        (None, true) => metric_filter::Source::Wrong,
        (None, false) => metric_filter::Source::Missing,
    };
    parts.each_named("metric_filters", diagnostics, |reading, at, node| {
        metric_filter::read(reading, at, node, &log_group, draft);
    });
    parts.each_named("alarms", diagnostics, |reading, at, node| {
        alarm::read(reading, at, node, draft);
    });
    parts.each_named("dashboards", diagnostics, |reading, at, node| {
        dashboard::read(reading, at, node, draft);
    });
}

/// Reads the account, which is to be quoted whether or not this one begins with a zero: the next one may.
fn account(reading: &mut Reading<'_>, node: &Node) -> Option<AccountId> {
    let written = reading.written(node)?;
    let is_bare = reading.source_of(node) == written;
    if is_bare && written.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = "an account id must be quoted, or its leading zeros are lost";
        reading.error_with_hint(
            node,
            message,
            format!("write `account: \"{written:0>12}\"`"),
        );
        return None;
    }
    reading.parsed(node, "an account id of 12 digits in quotes")
}

fn defaults(reading: &mut Reading<'_>, node: &Node) -> Option<(Path, Tags, Option<u16>)> {
    let section = reading.section(node, "`defaults`", keys::DEFAULTS)?;
    let path = section
        .get("path")
        .and_then(|node| reading.parsed(node, "a path such as `/people/`"));
    // They are users' tags too, so what counts as one key there is one here.
    let tags = tags(reading, &section, &Tags::default(), Case::Ignored);
    let grace = section.get("mfa_grace").and_then(|node| reading.days(node));
    Some((path.unwrap_or_default(), tags, grace))
}
