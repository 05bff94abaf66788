//! `mfactl policy eval`

mod case;

use crate::args::PolicyEvalArgs;
use crate::commands::policy_eval::case::Case;
use crate::error::{CommandError, Exit};
use crate::lines::{self, LONGEST_LINE};
use crate::ui::Ui;

/// Decides cases, one JSON object a line, and prints the decision of each.
pub(crate) fn run(ui: &Ui, args: &PolicyEvalArgs) -> Result<Exit, CommandError> {
    let unreadable = |source| CommandError::Input {
        file: args.file.clone(),
        source,
    };
    let mut input = lines::open(&args.file).map_err(unreadable)?;
    let (mut line, mut number, mut exit) = (Vec::new(), 0_usize, Exit::Done);
    while lines::next(&mut input, &mut line).map_err(unreadable)? {
        number += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        match decide(&line) {
            Ok(decision) => ui.result(&format!("{decision}\n"))?,
            Err(reasons) => {
                exit = Exit::Failed;
                for reason in reasons {
                    ui.mistake(&format!("{}:{number}: {reason}", args.file.display()));
                }
            }
        }
    }
    Ok(exit)
}

fn decide(line: &[u8]) -> Result<String, Vec<String>> {
    if line.len() > LONGEST_LINE {
        return Err(vec![format!(
            "the line is longer than {LONGEST_LINE} bytes"
        )]);
    }
    let case = Case::read(line)?;
    serde_json::to_string(&case.decide()).map_err(|error| vec![error.to_string()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_is_a_mistake() {
        let line = vec![b'x'; LONGEST_LINE + 1];
        assert!(decide(&line).unwrap_err()[0].contains("longer"));
    }
}
