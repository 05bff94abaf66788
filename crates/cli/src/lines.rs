//! Input that is read line by line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// The longest line that is read, in bytes: several times the longest documents in it, and no more memory than that.
pub(crate) const LONGEST_LINE: usize = 8 * 1024 * 1024;

/// Opens the file; `-` is the standard input.
pub(crate) fn open(file: &Path) -> io::Result<Box<dyn BufRead>> {
    if file == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    Ok(Box::new(BufReader::new(File::open(file)?)))
}

/// Reads the next line, of one that is too long no more than one byte too many. Tells whether there was one.
pub(crate) fn next(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_the_next_one_read() {
        let text = format!("{}\nnext", "x".repeat(LONGEST_LINE + 2));
        let (mut input, mut line) = (text.as_bytes(), Vec::new());
        assert!(next(&mut input, &mut line).unwrap());
        assert_eq!(line.len(), LONGEST_LINE + 1);
        assert!(next(&mut input, &mut line).unwrap());
        assert_eq!(line, b"next");
        assert!(!next(&mut input, &mut line).unwrap());
    }
}
