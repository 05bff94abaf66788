//! Sentences that hold data, told apart: plain words, and everything that a format could take for more than text.

use crate::shown::{is_hidden, shown};

/// Signs of our own that stand alone and mean nothing to any format.
const SIGNS: &[&str] = &["✓", "✗", "→", "…", "–"];

/// The letters and digits from which on a word of hexadecimal digits can be a plan's digest, or be taken for a commit.
/// A digest is code whatever it is made of: that is what a workflow looks for.
const SHORTEST_HASH: usize = crate::plan::SHORT_DIGEST;

/// Holds a run of a sentence, without the spaces around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// Whether a space is before it.
    pub(crate) is_apart: bool,
    /// What it is.
    pub(crate) text: Text,
}

/// Tells words from what is to be shown as code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Text {
    /// Letters or digits with punctuation around them: no format makes more of it, and nobody is called by it.
    Words(String),
    /// Anything else: names, numbers with letters, whatever was between backticks. It is as [`shown`] shows it.
    Code(String),
}

/// Takes a sentence apart. What is between two backticks is code, and so is every word that isn't plain.
pub(crate) fn runs(sentence: &str) -> Vec<Run> {
    let sentence = shown(sentence);
    let mut runs = Runs::default();
    let is_paired = sentence.matches('`').count().is_multiple_of(2) && !sentence.contains("``");
    if !is_paired {
        runs.add_words(&sentence);
        return runs.0;
    }
    let mut is_apart = false;
    for (index, part) in sentence.split('`').enumerate() {
        if index % 2 == 0 {
            runs.add_words(part);
            is_apart = part.ends_with(' ');
        } else if !part.is_empty() {
            runs.add(is_apart, Text::Code(part.to_owned()));
        }
    }
    runs.0
}

#[derive(Default)]
struct Runs(Vec<Run>);

impl Runs {
    /// Adds words, the first of which stands apart from what is before only if there is a space.
    fn add_words(&mut self, part: &str) {
        let mut is_apart = part.starts_with(' ');
        for word in part.split_whitespace() {
            self.add_word(is_apart, word);
            is_apart = true;
        }
    }

    fn add_word(&mut self, is_apart: bool, word: &str) {
        let inner = word.trim_start_matches(opens);
        let (opening, _) = word.split_at(word.len() - inner.len());
        let core = inner.trim_end_matches(closes);
        let (_, closing) = inner.split_at(core.len());
        if core.is_empty() || is_plain(core) || is_sign(inner, core) {
            return self.add(is_apart, Text::Words(word.to_owned()));
        }
        if !opening.is_empty() {
            self.add(is_apart, Text::Words(opening.to_owned()));
        }
        self.add(is_apart && opening.is_empty(), Text::Code(core.to_owned()));
        if !closing.is_empty() {
            self.add(false, Text::Words(closing.to_owned()));
        }
    }

    /// Adds a run, joined with the last if both are of one sort, so that no two of code touch.
    fn add(&mut self, is_apart: bool, text: Text) {
        let space = if is_apart { " " } else { "" };
        match (self.0.last_mut().map(|run| &mut run.text), &text) {
            (Some(Text::Words(last)), Text::Words(next))
            | (Some(Text::Code(last)), Text::Code(next)) => {
                last.push_str(space);
                last.push_str(next);
            }
            _ => self.0.push(Run { is_apart, text }),
        }
    }
}

/// Tells whether a word is a sign of ours, which punctuation may follow. The ellipsis is punctuation itself.
fn is_sign(inner: &str, core: &str) -> bool {
    SIGNS.contains(&inner) || SIGNS.contains(&core)
}

/// Returns a name as part of a sentence: between backticks where punctuation of its own could be taken for the sentence's.
pub(crate) fn name(name: &(impl ToString + ?Sized)) -> String {
    let name = name.to_string();
    let is_plain = !name.starts_with(opens) && !name.ends_with(closes);
    if is_plain || name.contains('`') {
        name
    } else {
        format!("`{name}`")
    }
}

/// Returns a name as part of a sentence for a page, as code even where it could be a word.
pub(crate) fn coded(name: &(impl ToString + ?Sized)) -> String {
    let name = name.to_string();
    if name.contains('`') {
        name
    } else {
        format!("`{name}`")
    }
}

fn opens(character: char) -> bool {
    matches!(character, '(' | '"' | '“')
}

fn closes(character: char) -> bool {
    matches!(
        character,
        '.' | ',' | ';' | ':' | '?' | ')' | '"' | '”' | '…'
    )
}

/// Tells whether a word is a number, or letters that an apostrophe or a hyphen may join.
fn is_plain(word: &str) -> bool {
    let is_hash = word.len() >= SHORTEST_HASH && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = word.split(['\'', '’', '-']).all(|part| {
        !part.is_empty()
            && part
                .chars()
                .all(|letter| letter.is_alphabetic() && !is_hidden(letter))
    });
    // With the full stop that may follow it would begin a link.
    let is_link = word.eq_ignore_ascii_case("www");
    !is_hash && !is_link && (is_number || is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes code between angle brackets.
    fn marked(sentence: &str) -> String {
        let runs = runs(sentence).into_iter();
        runs.map(|run| {
            let space = if run.is_apart { " " } else { "" };
            match run.text {
                Text::Words(words) => format!("{space}{words}"),
                Text::Code(code) => format!("{space}<{code}>"),
            }
        })
        .collect()
    }

    #[test]
    fn names_and_numbers_with_letters_are_code_and_words_are_not() {
        assert_eq!(
            marked("Plan: 1 to add (in the end). Digest 7d3a91."),
            "Plan: 1 to add (in the end). Digest <7d3a91>."
        );
        assert_eq!(
            marked("it isn't alice's: (arn:aws:s3:::x, \"*\") self-service ✓"),
            "it isn't alice's: (<arn:aws:s3:::x>, \"<*>\") self-service ✓"
        );
    }

    #[test]
    fn a_digest_is_code_whatever_it_is_made_of() {
        for digest in ["7d3a91", "123456", "abcdef"] {
            assert_eq!(
                marked(&format!("1 to destroy. Digest {digest}.")),
                format!("1 to destroy. Digest <{digest}>.")
            );
        }
    }

    #[test]
    fn what_is_between_backticks_is_code_and_joins_what_it_touches() {
        assert_eq!(
            marked("use `mfactl destroy`, or `a`/b `c`."),
            "use <mfactl destroy>, or <a/b c>."
        );
        assert_eq!(marked("an odd ` one"), "an odd <`> one");
    }

    #[test]
    fn a_sign_may_be_followed_by_punctuation() {
        assert_eq!(
            marked("can enrol ✓, checks ✗ 1 of 2."),
            "can enrol ✓, checks ✗ 1 of 2."
        );
    }

    #[test]
    fn punctuation_of_a_name_is_part_of_it() {
        let sentence = |it: &str| marked(&format!("joins {}, and goes.", name(it)));
        assert_eq!(sentence("a1."), "joins <a1.>, and goes.");
        assert_eq!(sentence("a1"), "joins <a1>, and goes.");
        assert_eq!(name("odd`."), "odd`.");
    }

    #[test]
    fn whatever_a_forge_would_link_is_code() {
        for word in [
            "@team",
            "#1",
            "GH-1",
            "TICKET12",
            "a@b.de",
            "www.a.de",
            "www.",
            "dead``beef",
            "deadbeef",
            "1234567",
            ":x:",
            "!1",
            "&amp;",
            "<b>",
            "*a*",
            "-",
            "+",
            "---",
            "=",
        ] {
            assert!(
                matches!(
                    runs(word).as_slice(),
                    [Run {
                        text: Text::Code(_),
                        ..
                    }] | [
                        Run {
                            text: Text::Code(_),
                            ..
                        },
                        _
                    ]
                ),
                "{word}"
            );
        }
    }
}
