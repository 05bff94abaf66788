//! `mfactl policy lint`

use std::collections::BTreeMap;
use std::path::Path;

use access::{Mistake, explain};
use model::Level;
use serde_json::{Value, json};
use spec::{Diagnostic, PolicyFile, Severity, SpecErrors};

use crate::annotations::{self, Form, SPEC, of_diagnostic};
use crate::args::{LintFormat, PolicyLintArgs};
use crate::error::{CommandError, Exit};
use crate::ui::Ui;

/// Looks for mistakes in documents. All files are looked at before one that is no document is an error.
pub(crate) fn run(ui: &Ui, args: &PolicyLintArgs) -> Result<Exit, CommandError> {
    let (mut files, mut errors): (Vec<(&Path, Vec<Found>)>, Option<SpecErrors>) =
        (Vec::new(), None);
    for path in &args.files {
        match spec::load_policy(path) {
            Ok(file) => files.push((path, found(path, &file))),
            Err(more) => match &mut errors {
                Some(errors) => {
                    errors.diagnostics.extend(more.diagnostics);
                    errors.path = "several files".into();
                }
                None => errors = Some(more),
            },
        }
    }
    let all = || files.iter().flat_map(|(_, found)| found);
    let annotated = |form| {
        let found =
            all().map(|found| of_diagnostic(found.mistake.code.as_str(), &found.diagnostic));
        let broken = errors.iter().flat_map(|errors| &errors.diagnostics);
        let broken = broken.map(|diagnostic| of_diagnostic(SPEC, diagnostic));
        annotations::print(ui, form, &found.chain(broken).collect::<Vec<_>>())
    };
    match args.output.format() {
        LintFormat::Json => ui.json(&value(&files))?,
        LintFormat::Sarif => annotated(Form::Sarif)?,
        LintFormat::Github => annotated(Form::Github)?,
        LintFormat::Text => {
            let diagnostics: Vec<Diagnostic> =
                all().map(|found| found.diagnostic.clone()).collect();
            ui.findings(&diagnostics)?;
            if !files.is_empty() {
                ui.result(&format!("{}\n", summary(files.len(), all())))?;
            }
        }
    }
    if let Some(errors) = errors {
        return Err(errors.into());
    }
    let is_refused = all().any(|found| found.mistake.code.level() == Level::Refusal);
    Ok(if is_refused {
        Exit::Refused
    } else {
        Exit::Done
    })
}

/// A mistake of a file, as it is shown.
struct Found {
    mistake: Mistake,
    diagnostic: Diagnostic,
}

fn found(path: &Path, file: &PolicyFile) -> Vec<Found> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let mistakes = access::lint(&stem, &file.document).into_iter();
    mistakes
        .map(|mistake| Found {
            diagnostic: file.diagnostic(
                severity(mistake.code.level()),
                mistake.statements.first().copied(),
                &format!("{}: {}", mistake.code, mistake.message),
                explain(mistake.code).remedy,
            ),
            mistake,
        })
        .collect()
}

/// Returns how a finding of a level is shown beside its line.
pub(crate) fn severity(level: Level) -> Severity {
    match level {
        Level::Refusal => Severity::Error,
        Level::Warning => Severity::Warning,
        Level::Note | Level::Accepted => Severity::Note,
    }
}

fn summary<'f>(files: usize, found: impl Iterator<Item = &'f Found>) -> String {
    let mut counts: BTreeMap<Severity, usize> = BTreeMap::new();
    for found in found {
        *counts.entry(found.diagnostic.severity).or_default() += 1;
    }
    let noun = |severity| match severity {
        Severity::Error => "refusal",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let counts: Vec<String> = counts
        .into_iter()
        .map(|(severity, count)| counted(count, noun(severity)))
        .collect();
    let found = if counts.is_empty() {
        "no mistake found".to_owned()
    } else {
        counts.join(", ")
    };
    format!("{}: {found}.", counted(files, "document"))
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

fn value(files: &[(&Path, Vec<Found>)]) -> Value {
    let findings = files.iter().flat_map(|(_, found)| found).map(|found| {
        let Found {
            mistake,
            diagnostic,
        } = found;
        json!({
            "code": mistake.code,
            "level": mistake.code.level(),
            "message": mistake.message,
            "remedy": explain(mistake.code).remedy,
            "file": diagnostic.file,
            "line": diagnostic.line,
            "column": diagnostic.column,
            "statements": mistake.statements,
        })
    });
    json!({"format_version": "1.0", "findings": findings.collect::<Vec<_>>()})
}
