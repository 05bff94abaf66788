//! Findings and diagnostics as annotations on the lines of a spec.

use access::{Explanation, explain};
use model::{Desired, Drift, FindingCode, Plan, Trail};
use render::{Annotation, Header, Rule, Severity};
use spec::Diagnostic;

use crate::error::CommandError;
use crate::ui::Ui;

/// The rule of what is wrong with a spec and no finding.
pub(crate) const SPEC: &str = "spec";

/// Tells the formats of annotations apart.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    Sarif,
    Github,
}

/// Prints annotations.
pub(crate) fn print(ui: &Ui, form: Form, annotations: &[Annotation]) -> Result<(), CommandError> {
    match form {
        Form::Sarif => ui.json(&render::sarif(annotations, rule)),
        Form::Github => ui.plain(&render::github(annotations)),
    }
}

/// Returns what a plan does and finds; a spec, where it is at hand, tells the lines of what isn't changed.
pub(crate) fn of_plan(plan: &Plan, header: &Header, desired: Option<&Desired>) -> Vec<Annotation> {
    render::plan_annotations(plan, header, |address| {
        let declared = desired?.objects.get(address)?;
        Some(declared.origin.clone())
    })
}

/// Returns what differs from a spec, on the lines that declare it.
pub(crate) fn of_drift(
    drift: &Drift,
    trail: Option<&Trail>,
    header: &Header,
    desired: &Desired,
) -> Vec<Annotation> {
    render::drift_annotations(drift, trail, header, |address| {
        let declared = desired.objects.get(address)?;
        Some(declared.origin.clone())
    })
}

/// Returns a diagnostic as an annotation.
pub(crate) fn of_diagnostic(rule: &str, diagnostic: &Diagnostic) -> Annotation {
    let hint = diagnostic.hint.as_ref();
    let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
    Annotation {
        severity: match diagnostic.severity {
            spec::Severity::Error => Severity::Error,
            spec::Severity::Warning => Severity::Warning,
            spec::Severity::Note => Severity::Note,
        },
        rule: rule.to_owned(),
        subject: format!("{} {}", diagnostic.file, diagnostic.message),
        message: format!("{}{hint}", diagnostic.message),
        file: diagnostic.file.to_string(),
        line: diagnostic.line,
    }
}

/// Explains the rule of an annotation.
fn rule(id: &str) -> Option<Rule> {
    let ours = |summary: &str| {
        Some(Rule {
            summary: summary.to_owned(),
            help: summary.to_owned(),
            markdown: summary.to_owned(),
        })
    };
    match id {
        SPEC => return ours("The spec can't be used as it is, or probably isn't meant so."),
        "change" => return ours("The plan changes this object."),
        "withheld" => return ours("This change is withheld, or its object couldn't be read."),
        "missing" => return ours("What the spec declares isn't there."),
        "changed" => return ours("What is there isn't as the spec declares it."),
        "undeclared" => {
            return ours("What is there nobody declared, or is declared not to be there.");
        }
        "not-compared" => {
            return ours("It isn't known what there is, so that it couldn't be compared.");
        }
        _ => {}
    }
    let code: FindingCode = id.parse().ok()?;
    let Explanation {
        meaning,
        remedy,
        example: _,
    } = explain(code);
    Some(Rule {
        summary: code.summary().to_owned(),
        help: format!("{meaning} What to do: {remedy}."),
        markdown: format!(
            "{meaning}\n\n**What to do:** {remedy}.\n\n`mfactl explain-finding {code}` says more."
        ),
    })
}
