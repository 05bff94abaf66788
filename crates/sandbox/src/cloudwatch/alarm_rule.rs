//! `ALARM(a) AND NOT (OK("b") OR TRUE)`: the rules of composite alarms.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html>

use std::collections::BTreeSet;

use super::alarms::{STATES, State};

/// Holds a rule. That AND binds tighter than OR is not documented.
#[derive(Debug, PartialEq)]
pub(super) enum AlarmRule {
    All(Vec<AlarmRule>),
    Any(Vec<AlarmRule>),
    Not(Box<AlarmRule>),
    Constant(bool),
    /// The alarm of this name is in this state.
    In(State, String),
}

/// How many alarms, and how many alarms, constants and parentheses a rule may have.
const CHILDREN: usize = 100;
const ELEMENTS: usize = 500;

impl AlarmRule {
    /// Parses a rule, or says what is wrong with it.
    pub(super) fn parse(source: &str) -> Result<Self, String> {
        let mut parser = Parser {
            rest: source,
            elements: 0,
        };
        let rule = parser.any()?;
        if !parser.rest.trim_start().is_empty() {
            return Err(parser.unexpected("AND, OR or the end of the rule"));
        }
        let children = rule.children().len();
        if children > CHILDREN {
            return Err(format!("{children} alarms are more than {CHILDREN}"));
        }
        Ok(rule)
    }

    /// Returns the names of the alarms in the rule.
    pub(super) fn children(&self) -> BTreeSet<&str> {
        match self {
            Self::All(rules) | Self::Any(rules) => rules.iter().flat_map(Self::children).collect(),
            Self::Not(rule) => rule.children(),
            Self::Constant(_) => BTreeSet::new(),
            Self::In(_, name) => BTreeSet::from([name.as_str()]),
        }
    }

    /// Returns whether the rule holds, given the states of alarms by name.
    pub(super) fn holds(&self, state: &impl Fn(&str) -> Option<State>) -> bool {
        match self {
            Self::All(rules) => rules.iter().all(|rule| rule.holds(state)),
            Self::Any(rules) => rules.iter().any(|rule| rule.holds(state)),
            Self::Not(rule) => !rule.holds(state),
            Self::Constant(value) => *value,
            Self::In(wanted, name) => state(name) == Some(*wanted),
        }
    }
}

/// Returns the name of an alarm that is given by name or ARN.
pub(super) fn alarm_name(name_or_arn: &str) -> &str {
    match name_or_arn.strip_prefix("arn:") {
        Some(rest) => rest
            .split_once(":alarm:")
            .map_or(name_or_arn, |(_, name)| name),
        None => name_or_arn,
    }
}

struct Parser<'a> {
    rest: &'a str,
    elements: usize,
}

impl<'a> Parser<'a> {
    fn any(&mut self) -> Result<AlarmRule, String> {
        let mut rules = vec![self.all()?];
        while self.word("OR") {
            rules.push(self.all()?);
        }
        Ok(only(rules).unwrap_or_else(AlarmRule::Any))
    }

    fn all(&mut self) -> Result<AlarmRule, String> {
        let mut rules = vec![self.one()?];
        while self.word("AND") {
            rules.push(self.one()?);
        }
        Ok(only(rules).unwrap_or_else(AlarmRule::All))
    }

    /// Each level of nesting is an element, and so not too deep for the stack.
    fn one(&mut self) -> Result<AlarmRule, String> {
        self.elements += 1;
        if self.elements > ELEMENTS {
            return Err(format!("more than {ELEMENTS} elements"));
        }
        if self.word("NOT") {
            return Ok(AlarmRule::Not(Box::new(self.one()?)));
        }
        if self.token('(') {
            let rule = self.any()?;
            self.close()?;
            return Ok(rule);
        }
        for (word, value) in [("TRUE", true), ("FALSE", false)] {
            if self.word(word) {
                return Ok(AlarmRule::Constant(value));
            }
        }
        for (word, state) in STATES {
            if self.word(word) {
                return self.name().map(|name| AlarmRule::In(*state, name));
            }
        }
        Err(self.unexpected("ALARM, OK, INSUFFICIENT_DATA, TRUE, FALSE, NOT or a parenthesis"))
    }

    /// Parses the name in parentheses that follows a state.
    fn name(&mut self) -> Result<String, String> {
        if !self.token('(') {
            return Err(self.unexpected("an alarm in parentheses"));
        }
        let end = if self.token('"') { '"' } else { ')' };
        let Some((name, rest)) = self.rest.split_once(end) else {
            return Err(self.unexpected("the end of an alarm's name"));
        };
        if end == '"' {
            self.rest = rest;
            self.close()?;
        } else {
            self.rest = rest;
        }
        match name.trim() {
            "" => Err(self.unexpected("an alarm's name")),
            name => Ok(alarm_name(name).to_owned()),
        }
    }

    fn close(&mut self) -> Result<(), String> {
        if self.token(')') {
            Ok(())
        } else {
            Err(self.unexpected("`)`"))
        }
    }

    /// Takes a word, written large or small, that no letter follows.
    fn word(&mut self, word: &str) -> bool {
        let rest = self.rest.trim_start();
        let Some((start, after)) = rest.split_at_checked(word.len()) else {
            return false;
        };
        let ends = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let found = start.eq_ignore_ascii_case(word) && ends;
        if found {
            self.rest = after;
        }
        found
    }

    fn token(&mut self, token: char) -> bool {
        let after = self.rest.trim_start().strip_prefix(token);
        if let Some(after) = after {
            self.rest = after;
        }
        after.is_some()
    }

    fn unexpected(&self, expected: &str) -> String {
        match self.rest.trim_start().chars().take(20).collect::<String>() {
            found if found.is_empty() => format!("expected {expected} at the end"),
            found => format!("expected {expected} at {found:?}"),
        }
    }
}

/// Returns the only rule, or all.
fn only(mut rules: Vec<AlarmRule>) -> Result<AlarmRule, Vec<AlarmRule>> {
    match rules.pop() {
        Some(rule) if rules.is_empty() => Ok(rule),
        last => {
            rules.extend(last);
            Err(rules)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns whether a rule holds while `a` is in alarm and `b` is OK.
    fn holds(rule: &str) -> bool {
        let state = |name: &str| match name {
            "a" => Some(State::Alarm),
            "b" => Some(State::Ok),
            _ => None,
        };
        AlarmRule::parse(rule).unwrap().holds(&state)
    }

    #[test]
    fn a_rule_holds_by_the_states_of_its_alarms() {
        assert!(holds("ALARM(a)") && holds("OK(\"b\")") && holds("true"));
        assert!(!holds("ALARM(b)") && !holds("INSUFFICIENT_DATA(c)") && !holds("FALSE"));
        assert!(holds("ALARM( a ) AND NOT ALARM(b)") && !holds("NOT (ALARM(a) OR OK(a))"));
        assert!(holds(
            "ALARM(arn:aws:cloudwatch:us-east-1:123456789012:alarm:a)"
        ));
    }

    #[test]
    fn and_binds_tighter_than_or() {
        assert!(holds("TRUE OR TRUE AND FALSE"));
        assert!(!holds("(TRUE OR TRUE) AND FALSE"));
    }

    #[test]
    fn the_children_are_the_alarms_named() {
        let rule = AlarmRule::parse("(ALARM(a) OR OK(\"c (d)\")) AND NOT ALARM(a)").unwrap();
        assert_eq!(rule.children(), BTreeSet::from(["a", "c (d)"]));
    }

    #[test]
    fn a_rule_that_breaks_the_grammar_is_refused() {
        let long = format!("{}TRUE{}", "(".repeat(501), ")".repeat(501));
        let many: Vec<String> = (0..101).map(|number| format!("ALARM(a{number})")).collect();
        let cases = [
            "",
            "ALARM",
            "ALARM()",
            "ALARM(a",
            "ALARM(\"a)",
            "ALARM(a) ALARM(b)",
            "ALARM(a) AND",
            "(TRUE",
            "TRUE)",
            "ALARMED(a)",
            "AT_LEAST(1, ALARM, (a))",
            &long,
            &many.join(" OR "),
        ];
        for rule in cases {
            assert!(AlarmRule::parse(rule).is_err(), "{rule}");
        }
    }
}
