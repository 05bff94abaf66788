//! How data is shown: control and format characters visible, long values cut.

use std::borrow::Cow;

/// What is shown of one value. A filter pattern and an alarm's description, the longest that AWS takes for what is
/// reviewed as one value, have up to 1,024 characters.
const LONGEST: usize = 1024;

/// Tells whether a character would do something to a terminal or a reader other than be seen: control characters, those
/// that reverse, hide or break text, and those that only exist on top of others.
pub(crate) fn is_hidden(character: char) -> bool {
    !matches!(character, '"' | '\'' | '\\') && character.escape_debug().len() > 1
}

/// Returns data as it may be shown: what would be obeyed is escaped, as `\u{1b}`, and what is too long loses its middle.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST && !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let length = text.chars().count();
    if length <= LONGEST {
        return Cow::Owned(text.chars().map(visible).collect());
    }
    let half = LONGEST / 2;
    let start = text.chars().take(half).map(visible);
    let end = text.chars().skip(length - half).map(visible);
    let left_out = format!("…({} characters left out)…", length - 2 * half);
    Cow::Owned(start.chain([left_out]).chain(end).collect())
}

fn visible(character: char) -> String {
    if is_hidden(character) {
        character.escape_debug().to_string()
    } else {
        character.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_overrides_and_newlines_are_shown() {
        assert_eq!(
            shown("a\u{1b}[31m\n\u{202e}b\u{9b}"),
            r"a\u{1b}[31m\n\u{202e}b\u{9b}"
        );
        assert_eq!(
            shown("\u{200b}\u{feff}\u{2028}\u{7f}"),
            r"\u{200b}\u{feff}\u{2028}\u{7f}"
        );
    }

    #[test]
    fn what_people_write_stays_as_it_is() {
        for text in [r#"{ ($.a = "x\*") && 'b' }"#, "plätform 平台 ✓", ""] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn a_long_value_loses_its_middle_and_says_how_much() {
        let long = format!("{}{}", "a".repeat(1000), "b".repeat(1000));
        let text = shown(&long);
        assert!(text.contains("a…(976 characters left out)…b"), "{text}");
        assert_eq!(shown(&"ä".repeat(1024)), "ä".repeat(1024));
    }
}
