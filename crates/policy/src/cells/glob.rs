//! Patterns as sequences of characters and wildcards.

/// Holds a pattern: a text matches when its characters are those of the tokens, in turn.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Glob(Vec<Token>);

/// One element of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Token {
    /// This character.
    Char(char),
    /// `?`: one character.
    One(Reach),
    /// `*`: any number of characters.
    Many(Reach),
}

/// Says which characters a wildcard stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Reach {
    /// All of Unicode.
    Everything,
    /// All but `:`, which ends a part of an ARN.
    Part,
}

impl Reach {
    /// Tells whether a wildcard of this reach stands for a character.
    pub(crate) fn covers(self, character: char) -> bool {
        match self {
            Self::Everything => true,
            Self::Part => character != ':',
        }
    }
}

impl Glob {
    /// Reads `*` and `?` as wildcards of one reach, everything else as itself.
    pub(crate) fn read(text: &str, reach: Reach) -> Self {
        let mut glob = Self::default();
        glob.extend_pattern(text, reach);
        glob
    }

    /// Returns the pattern that only this text matches.
    pub(crate) fn literal(text: &str) -> Self {
        let mut glob = Self::default();
        glob.extend_literal(text);
        glob
    }

    /// Returns the pattern that every text matches.
    pub(crate) fn everything() -> Self {
        Self(vec![Token::Many(Reach::Everything)])
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        &self.0
    }

    /// Adds a token; one `*` after another of the same reach says nothing.
    pub(crate) fn push(&mut self, token: Token) {
        if !(matches!(token, Token::Many(_)) && self.0.last() == Some(&token)) {
            self.0.push(token);
        }
    }

    /// Adds the characters of a text, wildcards among them as themselves.
    pub(crate) fn extend_literal(&mut self, text: &str) {
        self.0.extend(text.chars().map(Token::Char));
    }

    /// Adds the characters and wildcards of a text.
    pub(crate) fn extend_pattern(&mut self, text: &str, reach: Reach) {
        for character in text.chars() {
            self.push(match character {
                '*' => Token::Many(reach),
                '?' => Token::One(reach),
                other => Token::Char(other),
            });
        }
    }
}
