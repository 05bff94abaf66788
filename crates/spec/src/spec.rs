//! The whole spec: its files joined, and its sections in turn.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path as FilePath;
use std::sync::Arc;

use model::{
    AccountId, Address, AddressPattern, Body, Declared, Desired, Kind, Limit, Path, Prune, Region,
    Safety, Tags, Wish,
};

use crate::diagnostic::{Diagnostic, Place};
use crate::node::{Node, Value, parse};
use crate::reading::{Reading, Section};
use crate::source::{Source, files};
use crate::{
    alarm, check, dashboard, group, keys, log_group, metric_filter, password_policy, policy,
    references, user,
};

/// Holds one file of the spec and its tree.
pub(crate) struct File {
    source: Arc<Source>,
    tree: Node,
}

/// Holds a section of one file, by its key.
pub(crate) struct Part<'n> {
    source: &'n Arc<Source>,
    key: &'n Node,
    value: &'n Node,
}

/// Holds what is being put together.
pub(crate) struct Draft {
    pub(crate) account: AccountId,
    pub(crate) path: Path,
    pub(crate) tags: Tags,
    pub(crate) desired: Desired,
    /// Where each object was declared.
    pub(crate) places: BTreeMap<Address, Place>,
    /// References to be resolved when everything is known.
    pub(crate) references: references::References,
}

impl Draft {
    pub(crate) fn declare(
        &mut self,
        reading: &Reading<'_>,
        node: &Node,
        address: Address,
        wish: Wish,
    ) {
        let origin = reading.origin(node);
        self.places.insert(address.clone(), reading.place(node));
        self.desired
            .objects
            .insert(address, Declared { wish, origin });
    }

    pub(crate) fn declare_body(
        &mut self,
        reading: &Reading<'_>,
        node: &Node,
        address: Address,
        body: Body,
    ) {
        self.declare(reading, node, address, Wish::Present(body));
    }
}

/// Reads a spec. Without an account and a region there is nothing to ask for.
pub(crate) fn read(path: &FilePath) -> (Option<Desired>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let trees = read_files(path, &mut diagnostics);
    let parts = join(&trees, &mut diagnostics);
    let desired = sections(path, &trees, &parts, &mut diagnostics);
    (desired, diagnostics)
}

fn read_files(path: &FilePath, diagnostics: &mut Vec<Diagnostic>) -> Vec<File> {
    let name = path.display().to_string();
    let paths = match files(path) {
        Ok(paths) => paths,
        Err(reason) => {
            diagnostics.push(Diagnostic::of_file(
                &name,
                format!("can't read the spec: {reason}"),
            ));
            return Vec::new();
        }
    };
    let mut trees = Vec::new();
    for path in paths {
        let source = match Source::read(&path) {
            Ok(source) => Arc::new(source),
            Err(reason) => {
                let file = path.display().to_string();
                diagnostics.push(Diagnostic::of_file(
                    &file,
                    format!("can't read the spec: {reason}"),
                ));
                continue;
            }
        };
        if source.text.trim().is_empty() {
            let message = "the spec is empty; it begins with `version: 1`, `account` and `region`";
            diagnostics.push(Diagnostic::of_file(&source.name, message));
            continue;
        }
        match parse(&source) {
            Ok(tree) => trees.push(File { source, tree }),
            Err(diagnostic) => diagnostics.push(diagnostic),
        }
    }
    trees
}

/// Sorts the top-level keys of all files by key, and checks `version`, which each has.
fn join<'n>(
    trees: &'n [File],
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Vec<Part<'n>>> {
    let mut parts: BTreeMap<String, Vec<Part<'_>>> = BTreeMap::new();
    for File { source, tree } in trees {
        let mut reading = Reading {
            source: source.clone(),
            diagnostics,
        };
        let Some(section) = reading.section(tree, "a spec", keys::SPEC) else {
            if matches!(tree.value, Value::Null) {
                reading.error(
                    tree,
                    "the spec is empty; it begins with `version: 1`, `account` and `region`",
                );
            }
            continue;
        };
        match section.get("version").map(|version| &version.value) {
            Some(Value::Integer(1)) => {}
            Some(_) => reading.error(
                section.get("version").unwrap_or(tree),
                "this mfactl reads `version: 1`",
            ),
            None => reading.error_with_hint(
                tree,
                "`version` is missing",
                "begin the file with `version: 1`",
            ),
        }
        for (key, at, value) in section.iter() {
            parts.entry(key.to_owned()).or_default().push(Part {
                source,
                key: at,
                value,
            });
        }
    }
    parts
}

fn sections(
    path: &FilePath,
    trees: &[File],
    parts: &BTreeMap<String, Vec<Part<'_>>>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Desired> {
    for key in ["account", "region", "safety", "defaults", "password_policy"] {
        once(parts, key, diagnostics);
    }
    if !trees.is_empty() {
        for key in ["account", "region"]
            .into_iter()
            .filter(|key| !parts.contains_key(*key))
        {
            let hint = if key == "account" {
                "add `account: \"123456789012\"`"
            } else {
                "add `region: us-east-1`"
            };
            diagnostics.push(
                Diagnostic::of_file(&path.display().to_string(), format!("`{key}` is missing"))
                    .hint(hint),
            );
        }
    }
    let account = single(parts, "account", diagnostics, account);
    let region = single(parts, "region", diagnostics, |reading, node| {
        let text = reading.text(node, "a region such as `us-east-1`")?;
        reading.ok(node, Region::new(text))
    });
    // Whatever else is wrong can be said without them.
    let known = account.is_some() && region.is_some();
    let account = account.or_else(|| AccountId::new("000000000000").ok())?;
    let region = region.or_else(|| Region::new("us-east-1").ok())?;
    let (default_path, tags) = single(parts, "defaults", diagnostics, defaults).unwrap_or_default();
    let desired = Desired {
        account: account.clone(),
        region,
        prune: Vec::new(),
        ignore: Vec::new(),
        safety: single(parts, "safety", diagnostics, safety).unwrap_or_default(),
        objects: BTreeMap::new(),
        inclusive: BTreeSet::new(),
        required_log_groups: BTreeMap::new(),
    };
    let mut draft = Draft {
        account,
        path: default_path,
        tags,
        desired,
        places: BTreeMap::new(),
        references: references::References::default(),
    };
    objects(parts, &mut draft, diagnostics);
    references::resolve(&mut draft, diagnostics);
    check::check(&draft, diagnostics);
    known.then_some(draft.desired)
}

fn objects(
    parts: &BTreeMap<String, Vec<Part<'_>>>,
    draft: &mut Draft,
    diagnostics: &mut Vec<Diagnostic>,
) {
    each(parts, "prune", diagnostics, |reading, node| {
        prune(reading, node, draft);
    });
    each(parts, "ignore", diagnostics, |reading, node| {
        draft.desired.ignore.extend(patterns(reading, node));
    });
    each(parts, "password_policy", diagnostics, |reading, node| {
        password_policy::read(reading, node, draft);
    });
    each_named(parts, "policies", diagnostics, |reading, name, at, node| {
        policy::read(reading, name, at, node, draft);
    });
    each_named(parts, "groups", diagnostics, |reading, name, at, node| {
        group::read(reading, name, at, node, draft);
    });
    each_named(parts, "users", diagnostics, |reading, name, at, node| {
        user::read(reading, name, at, node, draft);
    });
    let mut monitoring: BTreeMap<String, Vec<Part<'_>>> = BTreeMap::new();
    for part in parts.get("monitoring").into_iter().flatten() {
        let mut reading = Reading {
            source: part.source.clone(),
            diagnostics,
        };
        let Some(section) = reading.section(part.value, "`monitoring`", keys::MONITORING) else {
            continue;
        };
        for (key, at, value) in section.iter() {
            monitoring.entry(key.to_owned()).or_default().push(Part {
                source: part.source,
                key: at,
                value,
            });
        }
    }
    once(&monitoring, "log_group", diagnostics);
    let log_group = single(&monitoring, "log_group", diagnostics, |reading, node| {
        log_group::read(reading, node, draft)
    });
    each_named(
        &monitoring,
        "metric_filters",
        diagnostics,
        |reading, name, at, node| {
            metric_filter::read(reading, name, at, node, log_group.as_ref(), draft);
        },
    );
    each_named(
        &monitoring,
        "alarms",
        diagnostics,
        |reading, name, at, node| alarm::read(reading, name, at, node, draft),
    );
    each_named(
        &monitoring,
        "dashboards",
        diagnostics,
        |reading, name, at, node| {
            dashboard::read(reading, name, at, node, draft);
        },
    );
}

/// Says that a value is there in two files.
fn once(parts: &BTreeMap<String, Vec<Part<'_>>>, key: &str, diagnostics: &mut Vec<Diagnostic>) {
    if let Some([first, others @ ..]) = parts.get(key).map(Vec::as_slice) {
        for other in others {
            twice(
                key,
                &first.key.place(first.source),
                &other.key.place(other.source),
                diagnostics,
            );
        }
    }
}

fn twice(name: &str, first: &Place, second: &Place, diagnostics: &mut Vec<Diagnostic>) {
    let diagnostic = Diagnostic::at(
        crate::Severity::Error,
        second,
        format!("`{name}` is there twice"),
    );
    diagnostics.push(diagnostic.related(first, "the first one"));
}

fn single<T>(
    parts: &BTreeMap<String, Vec<Part<'_>>>,
    key: &str,
    diagnostics: &mut Vec<Diagnostic>,
    read: impl FnOnce(&mut Reading<'_>, &Node) -> Option<T>,
) -> Option<T> {
    let part = parts.get(key)?.first()?;
    read(
        &mut Reading {
            source: part.source.clone(),
            diagnostics,
        },
        part.value,
    )
}

fn each(
    parts: &BTreeMap<String, Vec<Part<'_>>>,
    key: &str,
    diagnostics: &mut Vec<Diagnostic>,
    mut read: impl FnMut(&mut Reading<'_>, &Node),
) {
    for part in parts.get(key).into_iter().flatten() {
        read(
            &mut Reading {
                source: part.source.clone(),
                diagnostics,
            },
            part.value,
        );
    }
}

/// Reads the maps of all files that have names as keys. A name that is there in two files is an error that shows both.
fn each_named(
    parts: &BTreeMap<String, Vec<Part<'_>>>,
    key: &str,
    diagnostics: &mut Vec<Diagnostic>,
    mut read: impl FnMut(&mut Reading<'_>, &str, &Node, &Node),
) {
    let mut seen: BTreeMap<String, Place> = BTreeMap::new();
    for part in parts.get(key).into_iter().flatten() {
        let mut reading = Reading {
            source: part.source.clone(),
            diagnostics,
        };
        let Some(section) = reading.names(part.value, &format!("`{key}` as a map of names")) else {
            continue;
        };
        for (name, at, value) in section.iter() {
            let place = reading.place(at);
            match seen.get(name) {
                Some(first) => twice(name, first, &place, reading.diagnostics),
                None => {
                    seen.insert(name.to_owned(), place);
                    read(&mut reading, name, at, value);
                }
            }
        }
    }
}

fn account(reading: &mut Reading<'_>, node: &Node) -> Option<AccountId> {
    if let Value::Integer(number) = &node.value {
        let message = "an account id must be quoted, or its leading zeros are lost";
        reading.error_with_hint(node, message, format!("write `account: \"{number:012}\"`"));
        return None;
    }
    reading.parsed(node, "an account id of 12 digits in quotes")
}

fn defaults(reading: &mut Reading<'_>, node: &Node) -> Option<(Path, Tags)> {
    let section = reading.section(node, "`defaults`", keys::DEFAULTS)?;
    let path = section
        .get("path")
        .and_then(|node| reading.parsed(node, "a path such as `/people/`"));
    Some((
        path.unwrap_or_default(),
        tags(reading, &section, &Tags::default()),
    ))
}

fn safety(reading: &mut Reading<'_>, node: &Node) -> Option<Safety> {
    let section = reading.section(node, "`safety`", keys::SAFETY)?;
    let protected = section
        .get("protected")
        .map(|node| patterns(reading, node))
        .unwrap_or_default();
    let max_people_removed = section
        .get("max_people_removed")
        .and_then(|node| limit(reading, node));
    Some(Safety {
        protected,
        max_people_removed,
    })
}

fn limit(reading: &mut Reading<'_>, node: &Node) -> Option<Limit> {
    let limit = match &node.value {
        Value::Integer(count) => u32::try_from(*count).ok().map(Limit::Count),
        Value::Text(text) => text
            .strip_suffix('%')
            .and_then(|text| text.parse().ok())
            .filter(|percent| *percent <= 100)
            .map(Limit::Percent),
        _ => None,
    };
    if limit.is_none() {
        reading.error(
            node,
            "expected a number of people such as `3`, or a share such as `\"30%\"`",
        );
    }
    limit
}

/// Reads patterns of addresses: `user/ci-*`.
fn patterns(reading: &mut Reading<'_>, node: &Node) -> Vec<AddressPattern> {
    let mut patterns = Vec::new();
    for item in reading.list(node, "a list of addresses such as `user/ci-*`") {
        let Some(text) = reading.text(item, "an address such as `user/ci-*`") else {
            continue;
        };
        let kind = text.split_once('/').map_or(text, |(kind, _)| kind);
        if !kind.contains('*') && kind.parse::<Kind>().is_err() {
            let near = crate::reading::nearest(kind, Kind::ALL.iter().map(|kind| kind.as_str()));
            let hint = near.map_or_else(
                || "an address is KIND/NAME, such as `user/alice`".to_owned(),
                |near| format!("did you mean `{near}/…`?"),
            );
            reading.error_with_hint(item, format!("`{kind}` is not a kind of object"), hint);
        }
        patterns.push(AddressPattern::new(text));
    }
    patterns
}

const PRUNABLE: &[(&str, Kind)] = &[
    ("user", Kind::User),
    ("group", Kind::Group),
    ("policy", Kind::Policy),
    ("mfa_device", Kind::MfaDevice),
    ("metric_filter", Kind::MetricFilter),
    ("alarm", Kind::Alarm),
    ("dashboard", Kind::Dashboard),
];

fn prune(reading: &mut Reading<'_>, node: &Node, draft: &mut Draft) {
    let known: Vec<&str> = PRUNABLE.iter().map(|(word, _)| *word).collect();
    let Some(section) = reading.section(node, "`prune`", &known) else {
        return;
    };
    for (word, kind) in PRUNABLE {
        let Some(node) = section.get(word) else {
            continue;
        };
        let patterns: &[Node] = match &node.value {
            Value::List(items) => items,
            _ => std::slice::from_ref(node),
        };
        for node in patterns {
            if let Some(text) =
                reading.text(node, "a pattern of path and name, such as `/people/*`")
            {
                draft.desired.prune.push(Prune {
                    kind: *kind,
                    pattern: AddressPattern::new(text),
                });
            }
        }
    }
}

/// Reads a section's tags on top of others. The section's own win.
pub(crate) fn tags(reading: &mut Reading<'_>, section: &Section<'_>, defaults: &Tags) -> Tags {
    let mut tags = defaults.clone();
    let Some(section) = section
        .get("tags")
        .and_then(|node| reading.names(node, "tags as a map of texts"))
    else {
        return tags;
    };
    for (key, at, value) in section.iter() {
        let Some(text) = scalar(reading, value) else {
            continue;
        };
        let same = tags
            .iter()
            .map(|(other, _)| other.to_owned())
            .find(|other| other.eq_ignore_ascii_case(key));
        if let Some(same) = same {
            tags.remove(&same);
        }
        let set = tags.set(key, &text);
        reading.ok(at, set);
    }
    if tags.len() > 50 {
        reading.error(
            section.node,
            format!("{} tags, and AWS allows 50", tags.len()),
        );
    }
    tags
}

fn scalar(reading: &mut Reading<'_>, node: &Node) -> Option<String> {
    match &node.value {
        Value::Bool(_) | Value::Integer(_) | Value::Float(_) => Some(node.key()),
        _ => reading.text(node, "text").map(str::to_owned),
    }
}
