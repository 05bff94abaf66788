//! `mfactl validate`

use model::{Finding, Level, Origin};
use spec::{Diagnostic, Severity};

use crate::args::SpecArgs;
use crate::commands::policy_lint::severity;
use crate::error::{CommandError, Exit};
use crate::session;
use crate::ui::Ui;

/// Checks a spec, looks for mistakes in its documents, and says how much it declares.
pub(crate) fn run(ui: &Ui, args: &SpecArgs) -> Result<Exit, CommandError> {
    let spec = session::load(ui, args)?;
    let mistakes: Vec<Diagnostic> = access::lints(&spec.desired, session::today())
        .iter()
        .filter(|(finding, _)| finding.level != Level::Accepted)
        .map(|(finding, place)| diagnostic(finding, place))
        .collect();
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
        args.path().display()
    ))?;
    Ok(Exit::Done)
}

fn diagnostic(finding: &Finding, place: &Origin) -> Diagnostic {
    let severity = severity(finding.level);
    Diagnostic::on_line(severity, place, &finding.message, finding.hint.as_deref())
}
