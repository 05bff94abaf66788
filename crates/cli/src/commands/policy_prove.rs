//! `mfactl policy prove`

use std::path::Path;

use access::{Holder, Holding, Proof, Verdict, prove_holder};
use anstyle::{AnsiColor, Style};
use model::{Finding, PolicyName};
use serde_json::{Value, json};
use spec::PolicyFile;

use crate::args::PolicyProveArgs;
use crate::error::{CommandError, Exit};
use crate::ui::{Ui, shown};

const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const YES: Style = AnsiColor::Green.on_default();
const NO: Style = AnsiColor::Red.on_default();
const OPEN: Style = AnsiColor::Cyan.on_default();

/// Proves what holds of a user who has documents.
pub(crate) fn run(ui: &Ui, args: &PolicyProveArgs) -> Result<Exit, CommandError> {
    let holder = holder(args)?;
    let proofs = prove_holder(&holder);
    if args.json {
        ui.json(&value(&holder, &proofs))?;
    } else {
        ui.result(&text(&holder, args, &proofs))?;
    }
    let is_proved = proofs.iter().all(|(proof, _)| proof.verdict.is_proved());
    Ok(if is_proved { Exit::Done } else { Exit::Refused })
}

fn holder(args: &PolicyProveArgs) -> Result<Holder, CommandError> {
    let mut names = Vec::new();
    let mut policies = Vec::new();
    for path in &args.files {
        policies.push(holding(path, &mut names)?);
    }
    let boundary = args.boundary.as_deref();
    Ok(Holder {
        name: args.user.clone(),
        path: args.path.clone(),
        policies,
        boundary: boundary.map(|path| holding(path, &mut names)).transpose()?,
    })
}

/// Loads a document. It is named after its file, and with a number where another one is named so.
fn holding(path: &Path, names: &mut Vec<PolicyName>) -> Result<Holding, CommandError> {
    let PolicyFile {
        document,
        statements,
        ..
    } = spec::load_policy(path)?;
    let mut name = PolicyName::new(stem(path))?;
    let mut number = 1;
    while names.contains(&name) {
        number += 1;
        name = PolicyName::new(format!("{}-{number}", stem(path)))?;
    }
    names.push(name.clone());
    Ok(Holding {
        name,
        document,
        statements,
    })
}

/// Returns what of a file's name can be the name of a policy.
fn stem(path: &Path) -> String {
    const LONGEST: usize = 100;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let fit =
        |character: &char| character.is_ascii_alphanumeric() || "+=,.@_-".contains(*character);
    let stem: String = stem.chars().filter(fit).take(LONGEST).collect();
    match stem.as_str() {
        "" | "-" => "document".to_owned(),
        _ => stem,
    }
}

fn text(holder: &Holder, args: &PolicyProveArgs, proofs: &[(Proof, Option<Finding>)]) -> String {
    let names = args
        .files
        .iter()
        .map(|path| shown(&path.display().to_string()));
    let boundary = args.boundary.as_ref().map_or_else(String::new, |path| {
        format!(", with the boundary {}", shown(&path.display().to_string()))
    });
    let mut text = format!(
        "{STRONG}A user, {}{}, who holds {}{boundary}:{STRONG:#}\n\n",
        holder.path,
        holder.name,
        names.collect::<Vec<_>>().join(", ")
    );
    for (proof, finding) in proofs {
        let (sign, style) = match proof.verdict {
            Verdict::Proved => ("✓", YES),
            Verdict::Violated { .. } => ("✗", NO),
            Verdict::CannotProve { .. } => ("?", OPEN),
        };
        text += &format!("  {style}{sign} {}{style:#}\n", proof.claim.sentence());
        for line in finding.iter().flat_map(lines) {
            text += &format!("      {FAINT}{}{FAINT:#}\n", shown(&line));
        }
    }
    let proved = proofs
        .iter()
        .filter(|(_, finding)| finding.is_none())
        .count();
    text + &format!(
        "\n{STRONG}{proved} of {} claims are proved.{STRONG:#}\n",
        proofs.len()
    )
}

fn lines(finding: &Finding) -> Vec<String> {
    let message = finding.message.clone();
    [message]
        .into_iter()
        .chain(finding.because.clone())
        .chain(finding.hint.clone())
        .collect()
}

fn value(holder: &Holder, proofs: &[(Proof, Option<Finding>)]) -> Value {
    let proofs = proofs.iter().map(|(proof, finding)| {
        let mut value = json!(proof);
        if let (Some(object), Some(finding)) = (value.as_object_mut(), finding) {
            object.insert("message".to_owned(), json!(finding.message));
            object.insert("because".to_owned(), json!(finding.because));
            object.insert("remedy".to_owned(), json!(finding.hint));
        }
        value
    });
    json!({
        "format_version": "1.0",
        "user": holder.name,
        "path": holder.path,
        "proofs": proofs.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_named_after_its_file_and_no_two_are_named_alike() {
        assert_eq!(stem(Path::new("policies/deny all.json")), "denyall");
        assert_eq!(stem(Path::new("-")), "document");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("p.json");
        let text = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
        std::fs::write(&file, text).unwrap();
        let mut names = Vec::new();
        let mut name = || holding(&file, &mut names).unwrap().name.to_string();
        assert_eq!([name(), name(), name()], ["p", "p-2", "p-3"]);
    }
}
