//! `mfactl validate`

use model::{Finding, Level, Origin};
use spec::{Diagnostic, Severity, Spec};

use crate::annotations::{self, Form, SPEC, of_diagnostic};
use crate::args::{CheckFormat, ValidateArgs};
use crate::commands::policy_lint::severity;
use crate::error::{CommandError, Exit};
use crate::session;
use crate::ui::Ui;

/// Checks a spec, looks for mistakes in its documents, and says how much it declares.
pub(crate) fn run(ui: &Ui, args: &ValidateArgs) -> Result<Exit, CommandError> {
    match args.format {
        CheckFormat::Text => text(ui, args)?,
        CheckFormat::Sarif => annotated(ui, args, Form::Sarif)?,
        CheckFormat::Github => annotated(ui, args, Form::Github)?,
    }
    Ok(Exit::Done)
}

fn text(ui: &Ui, args: &ValidateArgs) -> Result<(), CommandError> {
    let spec = session::load(ui, &args.spec)?;
    let mistakes = mistakes(&spec);
    let mistakes: Vec<Diagnostic> = mistakes.into_iter().map(|(_, mistake)| mistake).collect();
    ui.diagnostics(&mistakes);
    let objects = spec.desired.objects.len();
    let all = || spec.warnings.iter().chain(&mistakes);
    let warnings = match all()
        .filter(|found| found.severity == Severity::Warning)
        .count()
    {
        0 => String::new(),
        1 => ", 1 warning".to_owned(),
        count => format!(", {count} warnings"),
    };
    let noun = if objects == 1 { "object" } else { "objects" };
    ui.result(&format!(
        "{} is valid: {objects} {noun} declared{warnings}.\n",
        args.spec.path().display()
    ))
}

/// Prints what is wrong, also with a spec that can't be used.
fn annotated(ui: &Ui, args: &ValidateArgs, form: Form) -> Result<(), CommandError> {
    let of_spec = |diagnostics: &[Diagnostic]| {
        let annotations = diagnostics.iter();
        annotations
            .map(|found| of_diagnostic(SPEC, found))
            .collect::<Vec<_>>()
    };
    match spec::load(args.spec.path()) {
        Ok(spec) => {
            let mut found = of_spec(&spec.warnings);
            let mistakes = mistakes(&spec).into_iter();
            found.extend(mistakes.map(|(rule, mistake)| of_diagnostic(rule, &mistake)));
            annotations::print(ui, form, &found)
        }
        Err(errors) => {
            annotations::print(ui, form, &of_spec(&errors.diagnostics))?;
            Err(errors.into())
        }
    }
}

/// Looks for mistakes in a spec's documents: each with its code.
fn mistakes(spec: &Spec) -> Vec<(&'static str, Diagnostic)> {
    access::lints(&spec.desired, session::today())
        .iter()
        .filter(|(finding, _)| finding.level != Level::Accepted)
        .map(|(finding, place)| (finding.code.as_str(), diagnostic(finding, place)))
        .collect()
}

fn diagnostic(finding: &Finding, place: &Origin) -> Diagnostic {
    let severity = severity(finding.level);
    Diagnostic::on_line(severity, place, &finding.message, finding.hint.as_deref())
}
