//! Splits a log event into its fields.

/// A field's text, without the brackets or quotes around it, and where it starts with them.
#[derive(Debug, PartialEq)]
pub(super) struct Value<'e> {
    pub(super) text: &'e str,
    pub(super) start: usize,
}

/// Splits at white space; text between `[` and `]` or two `"` is one field (the guide).
///
/// The guide has spaces only; tabs separate fields in use (the logs of Lambda). An opening
/// bracket or quote that is never closed is a character like any other.
pub(super) fn fields(event: &str) -> Vec<Value<'_>> {
    let mut fields = Vec::new();
    let mut rest = event.trim_start();
    // Once nothing closes, nothing will: looking again at every field would be quadratic.
    let (mut bracket_closes, mut quote_closes) = (true, true);
    while !rest.is_empty() {
        let start = event.len() - rest.len();
        let enclosed = if let Some(inner) = rest.strip_prefix('[').filter(|_| bracket_closes) {
            let enclosed = inner.split_once(']');
            bracket_closes = enclosed.is_some();
            enclosed
        } else if let Some(inner) = rest.strip_prefix('"').filter(|_| quote_closes) {
            let enclosed = inner.split_once('"');
            quote_closes = enclosed.is_some();
            enclosed
        } else {
            None
        };
        let (text, after) = enclosed.unwrap_or_else(|| first_word(rest));
        fields.push(Value { text, start });
        rest = after.trim_start();
    }
    fields
}

fn first_word(text: &str) -> (&str, &str) {
    text.split_once(char::is_whitespace).unwrap_or((text, ""))
}
