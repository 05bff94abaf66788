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
    regex_lite::RegexBuilder::new(&with_minimums(source))
        .size_limit(MAX_COMPILED_SIZE)
        .build()
        .map_err(|error| error.to_string())
}

/// Writes `{,n}`, which the guide allows, as `{0,n}`, which `regex-lite` knows.
fn with_minimums(source: &str) -> String {
    let mut written = String::with_capacity(source.len() + 1);
    let (mut is_escaped, mut is_in_class) = (false, false);
    let mut characters = source.chars().peekable();
    while let Some(character) = characters.next() {
        written.push(character);
        if !is_escaped {
            is_in_class = character == '[' || (is_in_class && character != ']');
            if character == '{' && !is_in_class && characters.peek() == Some(&',') {
                written.push('0');
            }
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    written
}

#[cfg(test)]
mod tests {
    use crate::Pattern;
    use crate::tests::{error, matches};

    #[test]
    fn a_regex_matches_anywhere_in_the_event() {
        assert!(matches("%AUTHORIZED%", "[ERROR 401] UNAUTHORIZED REQUEST"));
        assert!(!matches("%AUTHORIZED%", "[ERROR 401] authorized"));
    }

    #[test]
    fn the_documented_operators_work() {
        let cases = [
            (r"%^[hc]at%", vec!["hat", "cats"], vec!["a hat", "bat"]),
            (r"%[hc]at$%", vec!["hat", "a cat"], vec!["cats"]),
            (r"%colou?r%", vec!["color", "colour"], vec!["colouur"]),
            (r"%^[abcx-z]$%", vec!["a", "y"], vec!["d", "w"]),
            (r"%^a{3,5}$%", vec!["aaa", "aaaaa"], vec!["aa", "aaaaaa"]),
            (r"%^a{2,}$%", vec!["aa", "aaaaaa"], vec!["a"]),
            (r"%^ba{,2}$%", vec!["b", "baa"], vec!["baaa"]),
            (r"%gra|ey%", vec!["gray", "grey"], vec!["gry"]),
            (
                r"%^starting|^shutting down%",
                vec!["shutting down now"],
                vec!["not starting"],
            ),
            (
                r"%abcc|ab[^c]$%",
                vec!["abcc ...", "aba"],
                vec!["aac", "abc"],
            ),
            (
                r"%^\[.\]$%",
                vec!["[a]", "[@]", "[]]", "[ ]"],
                vec!["[]", "a"],
            ),
            (r"%10\.10\.0\.1%", vec!["from 10.10.0.1"], vec!["10010,051"]),
            (r"%10.10.0.1%", vec!["10010,051"], vec![]),
            (r"%^ab*c$%", vec!["ac", "abbbc"], vec!["abb"]),
            (r"%^ab+c$%", vec!["abc", "abbc"], vec!["ac"]),
            (r"%.at%", vec!["4at", " at"], vec!["at"]),
            (r"%^\d\D$%", vec!["1a"], vec!["a1", "11"]),
            (r"%^\s\S$%", vec![" a", "\ta", "\na"], vec!["aa"]),
            (r"%^\w\W$%", vec!["_-", "9 "], vec!["-_"]),
            (r"%^\x3A\x28$%", vec![":("], vec!["x3A"]),
        ];
        for (pattern, hits, misses) in cases {
            assert!(
                hits.iter().all(|hit| matches(pattern, hit)),
                "{pattern}: {hits:?}"
            );
            assert!(
                !misses.iter().any(|miss| matches(pattern, miss)),
                "{pattern}: {misses:?}"
            );
        }
    }

    #[test]
    fn classes_are_ascii_but_a_dot_is_any_character() {
        assert!(!matches(r"%\w%", "é") && !matches(r"%\d%", "٣"));
        assert!(matches("%^.$%", "é"));
    }

    #[test]
    fn an_opening_brace_and_comma_that_repeat_nothing_stay_as_they_are() {
        assert!(matches(r"%^\{,3%", "{,3") && !matches(r"%^\{,3%", "{0,3"));
        assert!(!matches("%[{,]%", "0"));
        assert!(matches(r"%^\\{,2}x%", r"\\x"));
    }

    #[test]
    fn unsupported_characters_are_errors_that_name_the_code_to_write() {
        is_refused(r"%something!%", 10, r"write `!` as `\x21`");
        is_refused("%a(b)%", 2, r"write `(` as `\x28`");
        assert_eq!(error("%é%").position(), 1);
    }

    fn is_refused(pattern: &str, position: usize, advice: &str) {
        let error = error(pattern);
        assert_eq!(error.position(), position, "{error}");
        assert!(error.to_string().ends_with(advice), "{error}");
    }

    #[test]
    fn escapes_beyond_the_documented_ones_are_errors() {
        for pattern in [
            r"%\b%", r"%\pL%", r"%\A%", r"%\(%", r"%\x80%", r"%\x4%", r"%\1%",
        ] {
            error(pattern);
        }
    }

    #[test]
    fn a_regex_that_does_not_compile_is_an_error_at_its_start() {
        for pattern in [
            "{ $.a = %[% }",
            "{ $.a = %a{5,3}% }",
            "{ $.a = %a{150}{150}% }",
        ] {
            let error = error(pattern);
            assert_eq!(error.position(), 8);
            assert!(
                error.to_string().starts_with("the regex is not valid: "),
                "{error}"
            );
        }
    }

    #[test]
    fn an_empty_or_unclosed_regex_is_an_error() {
        assert_eq!(error("%%").position(), 1);
        assert_eq!(error("%abc").position(), 4);
    }

    #[test]
    fn a_pattern_holds_two_regexes_at_most() {
        let two = Pattern::parse("{ $.a = %x% || $.b != %y% }").unwrap();
        assert_eq!((two.is_regex(), two.regex_count()), (true, 2));
        assert_eq!(
            error("{ $.a = %x% || $.b != %y% || $.c = %z% }").position(),
            35
        );
        assert!(!Pattern::parse(r#"{ $.a = "%x%" }"#).unwrap().is_regex());
    }
}
