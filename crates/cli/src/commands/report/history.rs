//! What was counted at other times: a JSON line for each report, the oldest first.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use model::CredentialCounts;

use crate::error::CommandError;

/// Reads what was kept; nothing if there is no file yet.
pub(super) fn read(file: &Path) -> Result<Vec<CredentialCounts>, CommandError> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => {
            let file = file.to_owned();
            return Err(CommandError::Input { file, source });
        }
    };
    let lines = text.lines().enumerate();
    lines
        .map(|(index, line)| {
            serde_json::from_str(line).map_err(|source| CommandError::History {
                file: file.to_owned(),
                line: index + 1,
                source,
            })
        })
        .collect()
}

/// Adds what was counted, unless it is of a report that was counted before. Only its owner may read a new file.
pub(super) fn add(
    file: &Path,
    past: &[CredentialCounts],
    counts: &CredentialCounts,
) -> Result<(), CommandError> {
    if past.contains(counts) {
        return Ok(());
    }
    append(file, counts).map_err(|source| CommandError::Unwritable {
        path: file.to_owned(),
        source,
    })
}

fn append(file: &Path, counts: &CredentialCounts) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut line = serde_json::to_vec(counts)?;
    line.push(b'\n');
    // In one write, so that two runs at once don't mix their lines.
    options.open(file)?.write_all(&line)
}
