//! `%regex%`: the restricted regular expressions of filter patterns.

use std::fmt;

use crate::cursor::Cursor;
use crate::error::{PatternError, Problem, shown};

/// The most regexes a pattern may hold.
const MAX_REGEXES: usize = 2;

/// What a compiled regex may take, in bytes: more than 1,024 characters can need in earnest, too
/// little for nested repetitions to slow matching down.
const MAX_COMPILED_SIZE: usize = 1 << 18;

#[derive(Clone, Debug)]
pub(crate) struct Regex {
    source: String,
    compiled: regex_lite::Regex,
}

impl Eq for Regex {}

impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Regex {
    /// Parses `%…%`; the guide has no way to write a `%` inside but `\x25`.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        let start = cursor.position();
        cursor.expect("%", "`%`")?;
        if cursor.regex_count == MAX_REGEXES {
            return Err(cursor.error_at(start, Problem::TooManyRegexes));
        }
        cursor.regex_count += 1;
        let source = take_supported(cursor)?;
        cursor.expect("%", "a character that a regex supports, or the closing `%`")?;
        let compiled = compile(source)
            .map_err(|reason| cursor.error_at(start, Problem::InvalidRegex { reason }))?;
        Ok(Self {
            source: source.to_owned(),
            compiled,
        })
    }

    /// Returns whether the regex matches anywhere in a text.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }
}

impl fmt::Display for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}%", self.source)
    }
}

fn take_supported<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, PatternError> {
    let rest = cursor.rest();
    let start = cursor.position();
    while let Some(character) = cursor.peek().filter(|&character| character != '%') {
        if !is_supported(character) {
            return Err(unsupported(cursor, character));
        }
        cursor.bump();
        if character == '\\' {
            take_escape(cursor)?;
        }
    }
    match rest.get(..cursor.position() - start) {
        Some("") | None => Err(cursor.unexpected("a regex between the two `%`")),
        Some(source) => Ok(source),
    }
}

fn unsupported(cursor: &Cursor<'_>, character: char) -> PatternError {
    let error = cursor.unexpected("a character that a regex supports, or the closing `%`");
    if character.is_ascii() {
        let code = u32::from(character);
        error.suggest(format!(
            "write {} as `\\x{code:02X}`",
            shown(&character.to_string())
        ))
    } else {
        error
    }
}

/// Takes what follows a backslash: a class, an ASCII code, or a character meant literally.
fn take_escape(cursor: &mut Cursor<'_>) -> Result<(), PatternError> {
    match cursor.peek() {
        Some('x') => take_code(cursor),
        // The guide names the tab and the newline where it explains `\s`.
        Some('d' | 'D' | 's' | 'S' | 'w' | 'W' | 't' | 'n') => {
            cursor.bump();
            Ok(())
        }
        Some(character) if is_supported(character) && !character.is_ascii_alphanumeric() => {
            cursor.bump();
            Ok(())
        }
        _ => Err(cursor.unexpected("`d`, `s`, `w`, `x` and two digits, or an operator after `\\`")),
    }
}

fn take_code(cursor: &mut Cursor<'_>) -> Result<(), PatternError> {
    cursor.bump();
    let expected = "two hexadecimal digits of an ASCII code (`00` to `7F`)";
    if !matches!(cursor.peek(), Some('0'..='7')) {
        return Err(cursor.unexpected(expected));
    }
    cursor.bump();
    if !cursor.peek().is_some_and(|digit| digit.is_ascii_hexdigit()) {
        return Err(cursor.unexpected(expected));
    }
    cursor.bump();
    Ok(())
}

/// The guide's lists of symbols and operators; the space is in its examples only.
fn is_supported(character: char) -> bool {
    character.is_ascii_alphanumeric() || " :_#=@/;,-^$?[]{}|\\*+.".contains(character)
}

/// Compiles with `regex-lite`, whose `\d`, `\s` and `\w` are ASCII and whose `.` is a character,
/// as the guide has them.
fn compile(source: &str) -> Result<regex_lite::Regex, String> {
    // The guide writes `{m, n}` and lets either number be left out.
    let source = source.replace("{,", "{0,");
    regex_lite::RegexBuilder::new(&source)
        .size_limit(MAX_COMPILED_SIZE)
        .build()
        .map_err(|error| error.to_string())
}
