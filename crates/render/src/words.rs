//! Wording that several parts share, so that it is the same everywhere.

use model::{Change, FindingCode, Recipient};

use crate::document::Mark;

/// Returns a number with its noun: `1 person`, `2 people`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{number} {noun}")
}

/// Returns the first of some names and the number of those that follow: `a, b and 3 more`.
pub(crate) fn first_few<T: ToString>(names: impl IntoIterator<Item = T>, few: usize) -> String {
    let mut names = names.into_iter();
    let first: Vec<String> = names
        .by_ref()
        .take(few)
        .map(|name| name.to_string())
        .collect();
    match names.count() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// Returns names as a sentence lists them, the first few where there are more: `a, b and c`.
pub(crate) fn listed<T: ToString>(names: impl IntoIterator<Item = T>, few: usize) -> String {
    let names: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
    match names.as_slice() {
        [before @ .., last] if !before.is_empty() && names.len() <= few => {
            format!("{} and {last}", before.join(", "))
        }
        _ => first_few(names, few),
    }
}

/// Returns a claim in a few words, said of whoever it holds for. What is no claim goes by its name.
pub(crate) fn claim(code: FindingCode) -> &'static str {
    match code {
        FindingCode::OnlySelfServiceWithoutMfa => "only self-service without MFA",
        FindingCode::NothingWithKey => "nothing with a bare key",
        FindingCode::DeniedWithoutMfa => "all else denied",
        FindingCode::CanEnrol => "can enrol",
        FindingCode::KeepsControl => "break-glass",
        FindingCode::FullAccessWithMfa => "full access with MFA",
        FindingCode::CallerKeepsPermissions => "caller",
        FindingCode::EveryStep => "every step",
        FindingCode::Check => "checks",
        other => other.as_str(),
    }
}

/// Returns a claim as a clause that needs no knowledge of AWS.
pub(crate) fn claim_in_words(code: FindingCode) -> &'static str {
    match code {
        FindingCode::OnlySelfServiceWithoutMfa => {
            "without MFA they can do nothing but manage their own sign-in"
        }
        FindingCode::NothingWithKey => "an access key alone opens nothing",
        FindingCode::DeniedWithoutMfa => "no policy of a resource can let them in without MFA",
        FindingCode::CanEnrol => "they can set up MFA with their password",
        FindingCode::KeepsControl => "who must keep control in an emergency keeps it",
        FindingCode::FullAccessWithMfa => "what enforces MFA takes nothing from those who use it",
        FindingCode::CallerKeepsPermissions => "whoever runs mfactl keeps what it needs",
        FindingCode::EveryStep => "between the steps of the plan nobody has too much or too little",
        FindingCode::Check => "what the spec asserts of access holds",
        other => other.as_str(),
    }
}

/// Returns text in quotation marks, so that its ends can be seen.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Returns enough of a recipient to compare it by eye.
pub(crate) fn short(recipient: &Recipient) -> String {
    let text = recipient.as_str();
    let start: String = text.chars().take(5).collect();
    let end: String = text
        .chars()
        .skip(text.chars().count().saturating_sub(2))
        .collect();
    format!("{start}…{end}")
}

/// Returns the mark of a change.
pub(crate) fn mark(change: &Change) -> Mark {
    match change {
        Change::Create { .. } => Mark::Create,
        Change::Update { .. } => Mark::Update,
        Change::Delete { .. } => Mark::Delete,
    }
}

/// Returns the verb of a change that was made.
pub(crate) fn participle(change: &Change) -> &'static str {
    match change {
        Change::Create { .. } => "created",
        Change::Update { .. } => "changed",
        Change::Delete { .. } => "deleted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        assert_eq!(count(1, "person", "people"), "1 person");
        assert_eq!(count(0, "person", "people"), "0 people");
    }

    #[test]
    fn names_beyond_a_few_are_counted() {
        assert_eq!(first_few(["a", "b"], 2), "a, b");
        assert_eq!(first_few(["a", "b", "c", "d"], 2), "a, b and 2 more");
    }

    #[test]
    fn the_last_of_a_few_names_is_joined_by_and() {
        assert_eq!(listed(["a"], 3), "a");
        assert_eq!(listed(["a", "b", "c"], 3), "a, b and c");
        assert_eq!(listed(["a", "b", "c", "d"], 3), "a, b, c and 1 more");
    }

    #[test]
    fn a_quotation_mark_in_a_value_does_not_end_it() {
        assert_eq!(quoted(r#"a" -> "b\"#), r#""a\" -> \"b\\""#);
    }
}
