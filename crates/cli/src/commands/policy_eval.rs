//! `mfactl policy eval`

mod case;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::args::PolicyEvalArgs;
use crate::commands::policy_eval::case::Case;
use crate::error::{CommandError, Exit};
use crate::ui::Ui;

/// The longest line that is read, in bytes: several times the longest documents in it, and no more memory than that.
const LONGEST_LINE: usize = 8 * 1024 * 1024;

/// Decides cases, one JSON object a line, and prints the decision of each.
pub(crate) fn run(ui: &Ui, args: &PolicyEvalArgs) -> Result<Exit, CommandError> {
    let unreadable = |source| CommandError::Cases {
        file: args.file.clone(),
        source,
    };
    let mut input = open(&args.file).map_err(unreadable)?;
    let (mut line, mut number, mut exit) = (Vec::new(), 0_usize, Exit::Done);
    while next(&mut input, &mut line).map_err(unreadable)? {
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

/// Opens the file; `-` is the standard input.
fn open(file: &Path) -> io::Result<Box<dyn BufRead>> {
    if file == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    Ok(Box::new(BufReader::new(File::open(file)?)))
}

/// Reads the next line, of one that is too long no more than one byte too many. Tells whether there was one.
fn next(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let limit = u64::try_from(LONGEST_LINE)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    input.by_ref().take(limit).read_until(b'\n', line)?;
    if line.len() > LONGEST_LINE && !line.ends_with(b"\n") {
        input.skip_until(b'\n')?;
    }
    Ok(!line.is_empty())
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
    fn a_line_that_is_too_long_is_passed_over_and_the_next_one_read() {
        let text = format!("{}\nnext", "x".repeat(LONGEST_LINE + 2));
        let (mut input, mut line) = (text.as_bytes(), Vec::new());
        assert!(next(&mut input, &mut line).unwrap());
        assert_eq!(line.len(), LONGEST_LINE + 1);
        assert!(decide(&line).unwrap_err()[0].contains("longer"));
        assert!(next(&mut input, &mut line).unwrap());
        assert_eq!(line, b"next");
        assert!(!next(&mut input, &mut line).unwrap());
    }
}
