//! Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'default'}`, and the escapes `${*}`, `${?}`, `${$}`.

/// Holds a policy variable: what stands for the value of a condition key of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    /// The key's name in lower case; not always the name of a key that exists, nor even of a possible one.
    pub(crate) key: String,
    /// What stands for the value when the request doesn't have the key.
    pub(crate) default: Option<String>,
}

/// Holds what `${…}` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// The character itself, which would otherwise have a meaning.
    Escape(char),
    /// The value of a key.
    Variable(Variable),
}

impl Reference {
    /// Reads the reference that the text starts with, and returns it with the text behind it; none where the text
    /// doesn't start with `${` or has no `}`.
    pub(crate) fn strip(text: &str) -> Option<(Self, &str)> {
        let (inside, rest) = text.strip_prefix("${")?.split_once('}')?;
        let reference = match inside {
            "*" => Self::Escape('*'),
            "?" => Self::Escape('?'),
            "$" => Self::Escape('$'),
            _ => Self::Variable(Variable::read(inside)),
        };
        Some((reference, rest))
    }
}

impl Variable {
    /// Reads what is between the braces: a key, or a key, a comma and a default in single quotes ("Specifying default
    /// values" of "IAM policy elements: Variables and tags").
    fn read(inside: &str) -> Self {
        let default = |text: &str| {
            Some(
                text.trim()
                    .strip_prefix('\'')?
                    .strip_suffix('\'')?
                    .to_owned(),
            )
        };
        let (key, default) = match inside.split_once(',') {
            Some((key, text)) => (key, default(text)),
            None => (inside, None),
        };
        Self {
            key: key.trim().to_ascii_lowercase(),
            default,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(key: &str, default: Option<&str>) -> Reference {
        Reference::Variable(Variable {
            key: key.to_owned(),
            default: default.map(str::to_owned),
        })
    }

    #[test]
    fn a_variable_ends_at_the_first_brace_and_its_key_has_no_case() {
        let read = Reference::strip("${aws:PrincipalTag/Team}-${aws:username}");
        assert_eq!(
            read,
            Some((variable("aws:principaltag/team", None), "-${aws:username}"))
        );
    }

    #[test]
    fn a_default_is_in_single_quotes_after_a_comma() {
        let read = |text| Reference::strip(text).unwrap().0;
        assert_eq!(read("${a:b, 'c d'}"), variable("a:b", Some("c d")));
        assert_eq!(read("${a:b,''}"), variable("a:b", Some("")));
        assert_eq!(read("${a:b, c}"), variable("a:b", None));
        assert_eq!(read("${a:b, '}"), variable("a:b", None));
    }

    #[test]
    fn the_three_escapes_stand_for_themselves() {
        for character in ['*', '?', '$'] {
            let text = format!("${{{character}}}");
            assert_eq!(
                Reference::strip(&text),
                Some((Reference::Escape(character), ""))
            );
        }
    }

    #[test]
    fn what_does_not_close_is_not_a_reference() {
        for text in [
            "",
            "$",
            "${",
            "${aws:username",
            "$aws:username}",
            "x${aws:username}",
        ] {
            assert_eq!(Reference::strip(text), None);
        }
    }
}
