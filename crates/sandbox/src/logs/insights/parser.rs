//! Parses queries.

use regex_lite::Regex;

use super::query::{
    Aggregate, COMPARISONS, Column, Command, Direction, Expression, Query, SUMMARIES, Summary,
};

/// How deep expressions may be nested.
const DEPTH: usize = 64;

impl Query {
    /// Parses a query, or says what in it is wrong or not there in the sandbox.
    pub(super) fn parse(source: &str) -> Result<Self, String> {
        let mut parser = Parser {
            rest: source,
            depth: 0,
        };
        let sources = parser.sources()?;
        let mut commands = vec![parser.command()?];
        while parser.token("|") {
            commands.push(parser.command()?);
        }
        parser.skip();
        if parser.rest.is_empty() {
            Ok(Self { sources, commands })
        } else {
            Err(parser.unexpected("`|` or the end of the query"))
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    /// Parses `SOURCE 'app' | SOURCE 'web' |`.
    fn sources(&mut self) -> Result<Vec<String>, String> {
        let mut sources = Vec::new();
        while self.word("source") {
            if self.peek_word().eq_ignore_ascii_case("logGroups") {
                return Err(
                    "the sandbox has no logGroups(…): after SOURCE it takes a name in quotes"
                        .to_owned(),
                );
            }
            sources.push(self.quoted()?);
            self.expect("|")?;
        }
        Ok(sources)
    }

    fn command(&mut self) -> Result<Command, String> {
        let word = self.peek_word().to_ascii_lowercase();
        let command = match word.as_str() {
            "fields" => Self::fields,
            "filter" => Self::filter,
            "stats" => Self::stats,
            "sort" => Self::sort,
            "limit" => Self::limit,
            "" => return Err(self.unexpected("a command")),
            other => {
                return Err(format!(
                    "the sandbox has no command `{other}`: it has fields, filter, stats, sort and limit"
                ));
            }
        };
        self.word(&word);
        command(self)
    }

    fn fields(&mut self) -> Result<Command, String> {
        self.list(Self::column).map(Command::Fields)
    }

    fn filter(&mut self) -> Result<Command, String> {
        self.any().map(Command::Filter)
    }

    fn stats(&mut self) -> Result<Command, String> {
        let aggregates = self.list(Self::aggregate)?;
        let by = if self.word("by") {
            self.list(Self::column)?
        } else {
            Vec::new()
        };
        Ok(Command::Stats { aggregates, by })
    }

    fn sort(&mut self) -> Result<Command, String> {
        self.list(|parser| {
            let expression = parser.operand()?;
            let direction = if parser.word("desc") {
                Direction::Down
            } else {
                parser.word("asc");
                Direction::Up
            };
            Ok((expression, direction))
        })
        .map(Command::Sort)
    }

    fn limit(&mut self) -> Result<Command, String> {
        let digits = self.take(|c| c.is_ascii_digit());
        let limit = digits.parse().ok().filter(|limit| *limit > 0);
        limit
            .map(Command::Limit)
            .ok_or_else(|| self.unexpected("a number"))
    }

    fn list<T>(&mut self, item: impl Fn(&mut Self) -> Result<T, String>) -> Result<Vec<T>, String> {
        let mut items = vec![item(self)?];
        while self.token(",") {
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn column(&mut self) -> Result<Column, String> {
        self.skip();
        let start = self.rest;
        let expression = self.operand()?;
        let name = self.name_of(start)?;
        Ok(Column { expression, name })
    }

    /// Returns the alias of what was read since `start`, or else its text.
    fn name_of(&mut self, start: &str) -> Result<String, String> {
        let length = start.len() - self.rest.len();
        let text = start.get(..length).unwrap_or_default().trim();
        if self.word("as") {
            self.field()
        } else {
            Ok(text.trim_matches('`').to_owned())
        }
    }

    fn aggregate(&mut self) -> Result<(Aggregate, String), String> {
        self.skip();
        let start = self.rest;
        let word = self.peek_word().to_ascii_lowercase();
        let Some((_, summary)) = SUMMARIES.iter().find(|(name, _)| *name == word) else {
            return Err(self.unexpected("count, count_distinct, sum, avg, min or max"));
        };
        self.word(&word);
        self.expect("(")?;
        let aggregate = match summary {
            Summary::Count if self.token("*") => Aggregate::CountAll,
            Summary::Count if self.rest.trim_start().starts_with(')') => Aggregate::CountAll,
            summary => Aggregate::Of(*summary, self.operand()?),
        };
        self.expect(")")?;
        Ok((aggregate, self.name_of(start)?))
    }

    fn any(&mut self) -> Result<Expression, String> {
        let mut parts = vec![self.all()?];
        while self.word("or") {
            parts.push(self.all()?);
        }
        Ok(match <[Expression; 1]>::try_from(parts) {
            Ok([one]) => one,
            Err(parts) => Expression::Any(parts),
        })
    }

    fn all(&mut self) -> Result<Expression, String> {
        let mut parts = vec![self.not()?];
        while self.word("and") {
            parts.push(self.not()?);
        }
        Ok(match <[Expression; 1]>::try_from(parts) {
            Ok([one]) => one,
            Err(parts) => Expression::All(parts),
        })
    }

    fn not(&mut self) -> Result<Expression, String> {
        if self.word("not") {
            return self.nested(|parser| Ok(Expression::Not(Box::new(parser.not()?))));
        }
        let left = self.operand()?;
        let negated = self.word("not");
        let test = if self.word("like") {
            Expression::Like(Box::new(left), self.like()?)
        } else if self.word("in") {
            self.expect("[")?;
            let items = self.list(Self::operand)?;
            self.expect("]")?;
            Expression::In(Box::new(left), items)
        } else if negated {
            return Err(self.unexpected("like or in"));
        } else if let Some((token, comparison)) = COMPARISONS
            .iter()
            .find(|(token, _)| self.starts_with(token))
        {
            self.token(token);
            Expression::Compare(Box::new(left), *comparison, Box::new(self.operand()?))
        } else {
            left
        };
        Ok(if negated {
            Expression::Not(Box::new(test))
        } else {
            test
        })
    }

    /// Parses `/regex/`, or a text in quotes that is to be contained.
    fn like(&mut self) -> Result<Regex, String> {
        let expression = if self.token("/") {
            let Some((regex, rest)) = self.rest.split_once('/') else {
                return Err(self.unexpected("a closing `/`"));
            };
            self.rest = rest;
            regex.to_owned()
        } else {
            regex_lite::escape(&self.quoted()?)
        };
        Regex::new(&expression).map_err(|error| format!("the regex is not valid: {error}"))
    }

    fn operand(&mut self) -> Result<Expression, String> {
        if self.token("(") {
            let expression = self.nested(Self::any)?;
            self.expect(")")?;
            return Ok(expression);
        }
        self.skip();
        match self.rest.chars().next() {
            Some('\'' | '"') => self.quoted().map(Expression::Text),
            Some(c) if c.is_ascii_digit() || c == '-' => {
                let text = self.take(|c| c.is_ascii_digit() || ".-".contains(c));
                let number = text.parse().map(Expression::Number);
                number.map_err(|_| format!("`{text}` is not a number"))
            }
            _ => self.field_or_function(),
        }
    }

    fn field_or_function(&mut self) -> Result<Expression, String> {
        let is_quoted = self.starts_with("`");
        let name = self.field()?;
        if is_quoted || !self.token("(") {
            return Ok(Expression::Field(name));
        }
        let expression = match name.to_ascii_lowercase().as_str() {
            "coalesce" => Expression::Coalesce(self.nested(|parser| parser.list(Self::operand))?),
            "ispresent" => Expression::IsPresent(Box::new(self.nested(Self::operand)?)),
            "bin" => Expression::Bin(self.period()?),
            _ => {
                return Err(format!(
                    "the sandbox has no function `{name}`: it has coalesce, ispresent and bin"
                ));
            }
        };
        self.expect(")")?;
        Ok(expression)
    }

    /// Parses `5m` into milliseconds.
    fn period(&mut self) -> Result<i64, String> {
        self.skip();
        let number: Option<i64> = self.take(|c| c.is_ascii_digit()).parse().ok();
        let unit = match self.take(|c| c.is_ascii_alphabetic()) {
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(self.unexpected("a period such as 30s, 5m, 1h or 1d")),
        };
        let period = number.and_then(|number| number.checked_mul(unit));
        period
            .filter(|period| *period > 0)
            .ok_or_else(|| self.unexpected("a period such as 5m"))
    }

    fn field(&mut self) -> Result<String, String> {
        self.skip();
        if let Some(rest) = self.rest.strip_prefix('`') {
            let Some((name, rest)) = rest.split_once('`') else {
                return Err(self.unexpected("a closing backtick"));
            };
            self.rest = rest;
            return Ok(name.to_owned());
        }
        match self.take(|c| c.is_alphanumeric() || "_@.".contains(c)) {
            "" => Err(self.unexpected("a field, a number or a text in quotes")),
            name => Ok(name.to_owned()),
        }
    }

    /// Parses a text in single or double quotes; there is no escape in it.
    fn quoted(&mut self) -> Result<String, String> {
        self.skip();
        let Some(quote @ ('\'' | '"')) = self.rest.chars().next() else {
            return Err(self.unexpected("a text in quotes"));
        };
        let parts = self.rest.get(1..).and_then(|rest| rest.split_once(quote));
        let Some((text, rest)) = parts else {
            return Err(self.unexpected("a closing quote"));
        };
        if text.contains('\\') {
            return Err("the sandbox has no escapes in texts".to_owned());
        }
        self.rest = rest;
        Ok(text.to_owned())
    }

    fn nested<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<T, String> {
        if self.depth == DEPTH {
            return Err(format!("expressions are nested more than {DEPTH} deep"));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        self.skip();
        let end = self.rest.find(|c| !keep(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn peek_word(&self) -> &'a str {
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
    }

    /// Takes a word, written large or small.
    fn word(&mut self, word: &str) -> bool {
        let found = self.peek_word().eq_ignore_ascii_case(word);
        if found {
            self.skip();
            self.rest = self.rest.get(word.len()..).unwrap_or_default();
        }
        found
    }

    fn starts_with(&self, token: &str) -> bool {
        self.rest.trim_start().starts_with(token)
    }

    fn token(&mut self, token: &str) -> bool {
        let after = self.rest.trim_start().strip_prefix(token);
        if let Some(after) = after {
            self.rest = after;
        }
        after.is_some()
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.token(token) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("`{token}`")))
        }
    }

    fn unexpected(&self, expected: &str) -> String {
        match self.rest.trim_start().chars().take(20).collect::<String>() {
            found if found.is_empty() => format!("expected {expected} at the end"),
            found => format!("expected {expected} at {found:?}"),
        }
    }
}
