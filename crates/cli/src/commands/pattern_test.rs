//! `mfactl pattern test`

use std::collections::BTreeMap;

use model::{Address, Body, MetricFilter, Wish};
use pattern::{Pattern, PatternError, Selector};
use serde_json::{Value, json};

use crate::args::{PatternTestArgs, TestedPattern};
use crate::error::{CommandError, Exit};
use crate::lines::{self, LONGEST_LINE};
use crate::session;
use crate::ui::{Ui, shown};

/// Tells which log events, one a line, a pattern selects, and what is read from them.
pub(crate) fn run(ui: &Ui, args: &PatternTestArgs) -> Result<Exit, CommandError> {
    let filter = Filter::of(ui, args)?;
    let unreadable = |source| CommandError::Input {
        file: args.events.clone(),
        source,
    };
    let mut input = lines::open(&args.events).map_err(unreadable)?;
    let (mut line, mut number, mut exit) = (Vec::new(), 0_usize, Exit::Done);
    let (mut events, mut selected, mut matches) = (0_usize, 0_usize, Vec::new());
    while lines::next(&mut input, &mut line).map_err(unreadable)? {
        number += 1;
        let matched = match read(&line) {
            Ok("") => continue,
            Ok(event) => filter.matched(number, event),
            Err(reason) => {
                exit = Exit::Failed;
                ui.mistake(&format!("{}:{number}: {reason}", args.events.display()));
                continue;
            }
        };
        events += 1;
        selected += usize::from(matched.is_some());
        match matched {
            Some(matched) if args.json => matches.push(matched.json()),
            Some(matched) => ui.result(&matched.text())?,
            None => {}
        }
    }
    if args.json {
        ui.json(&json!({"format_version": "1.0", "events": events, "matches": matches}))?;
    }
    let noun = if events == 1 { "event" } else { "events" };
    ui.status(&format!(
        "The pattern selects {selected} of {events} {noun}."
    ));
    Ok(exit)
}

/// Returns the log event on a line.
fn read(line: &[u8]) -> Result<&str, String> {
    if line.len() > LONGEST_LINE {
        return Err(format!("the line is longer than {LONGEST_LINE} bytes"));
    }
    let line = std::str::from_utf8(line).map_err(|_| "the line is not UTF-8".to_owned())?;
    Ok(line.trim_end_matches(['\n', '\r']))
}

/// Holds a pattern to test, and the metric of its filter if it is a spec's.
struct Filter {
    pattern: Pattern,
    emits: Option<MetricFilter>,
}

/// Holds an event that the pattern selects.
struct Match {
    line: usize,
    event: String,
    values: BTreeMap<String, String>,
    emitted: Option<Emitted>,
}

/// Holds what the filter makes of an event.
struct Emitted {
    metric: String,
    /// Without a number, the event adds nothing.
    value: Option<f64>,
    dimensions: BTreeMap<String, Option<String>>,
}

impl Filter {
    fn of(ui: &Ui, args: &PatternTestArgs) -> Result<Self, CommandError> {
        let TestedPattern { pattern, filter } = &args.tested;
        let emits = match filter {
            None => None,
            Some(name) => Some(declared(ui, args, name)?),
        };
        let source = emits.as_ref().map(|filter| filter.pattern.as_str());
        let source = source.or(pattern.as_deref()).unwrap_or_default();
        match Pattern::parse(source) {
            Ok(pattern) => Ok(Self { pattern, emits }),
            Err(error) => Err(CommandError::Pattern {
                place: place(source, &error),
                source: error,
            }),
        }
    }

    fn matched(&self, line: usize, event: &str) -> Option<Match> {
        Some(Match {
            line,
            event: event.to_owned(),
            values: self.pattern.extracted_values(event)?,
            emitted: self
                .emits
                .as_ref()
                .map(|filter| self.emitted(filter, event)),
        })
    }

    fn emitted(&self, filter: &MetricFilter, event: &str) -> Emitted {
        let selector = |text: &str| Selector::parse(text).ok();
        let value = filter.value.parse().ok().or_else(|| {
            self.pattern
                .extract_number(event, &selector(&filter.value)?)
        });
        let dimensions = filter.dimensions.iter().map(|(name, text)| {
            let value = selector(text).and_then(|it| self.pattern.extract(event, &it));
            (name.clone(), value)
        });
        Emitted {
            metric: filter.metric.to_string(),
            value,
            dimensions: dimensions.collect(),
        }
    }
}

/// Finds a spec's metric filter by its name, or by its log group and name.
fn declared(ui: &Ui, args: &PatternTestArgs, name: &str) -> Result<MetricFilter, CommandError> {
    let objects = session::load(ui, &args.spec)?.desired.objects;
    let (mut known, mut found) = (Vec::new(), Vec::new());
    for (address, declared) in objects {
        if let Address::MetricFilter(_, own) = &address
            && let Wish::Present(Body::MetricFilter(filter)) = declared.wish
        {
            if own.as_str() == name || address.name() == name {
                found.push(filter);
            }
            known.push(address.name());
        }
    }
    match <[MetricFilter; 1]>::try_from(found) {
        Ok([filter]) => Ok(filter),
        Err(_) => Err(CommandError::Filter {
            name: name.to_owned(),
            known: known.join(", "),
        }),
    }
}

impl Match {
    fn text(&self) -> String {
        let Self {
            line,
            event,
            values,
            emitted,
        } = self;
        let mut text = format!("{line}: {}\n", shown(event));
        for (name, value) in values {
            text.push_str(&format!("   {name} = {}\n", shown(value)));
        }
        if let Some(emitted) = emitted {
            text.push_str(&format!("   {}\n", shown(&emitted.text())));
        }
        text
    }

    fn json(&self) -> Value {
        let Self {
            line,
            event,
            values,
            emitted,
        } = self;
        let mut json = json!({"line": line, "event": event, "values": values});
        if let (Some(emitted), Some(members)) = (emitted, json.as_object_mut()) {
            members.insert("emits".to_owned(), emitted.json());
        }
        json
    }
}

impl Emitted {
    fn text(&self) -> String {
        let Self {
            metric,
            value,
            dimensions,
        } = self;
        let Some(value) = value else {
            return format!("{metric}: nothing, since the event has no number there");
        };
        let mut text = format!("{metric} = {value}");
        for (name, value) in dimensions {
            match value {
                Some(value) => text.push_str(&format!(", {name} {value}")),
                None => return format!("{metric}: nothing, since the event has no {name}"),
            }
        }
        text
    }

    fn json(&self) -> Value {
        let Self {
            metric,
            value,
            dimensions,
        } = self;
        json!({"metric": metric, "value": value, "dimensions": dimensions})
    }
}

/// Returns a pattern with a caret below the place of a mistake.
fn place(source: &str, error: &PatternError) -> String {
    let before = source.get(..error.position()).unwrap_or(source);
    let indent = shown(before).chars().count();
    format!("  {}\n  {}^", shown(source), " ".repeat(indent))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(pattern: &str, value: &str, dimension: Option<&str>) -> Filter {
        let dimension = dimension.map(|text| ("user".to_owned(), text.to_owned()));
        Filter {
            pattern: Pattern::parse(pattern).unwrap(),
            emits: Some(MetricFilter {
                pattern: pattern.to_owned(),
                metric: model::Metric {
                    namespace: "App".to_owned(),
                    name: "Logins".to_owned(),
                },
                value: value.to_owned(),
                default_value: None,
                unit: None,
                dimensions: dimension.into_iter().collect(),
            }),
        }
    }

    #[test]
    fn a_match_tells_what_the_filter_emits() {
        let tested = filter("[user, ms]", "$ms", Some("$user"));
        let matched = tested.matched(3, "alice 7.5").unwrap();
        assert_eq!(
            matched.text(),
            "3: alice 7.5\n   $ms = 7.5\n   $user = alice\n   App/Logins = 7.5, user alice\n"
        );
        assert_eq!(matched.json()["emits"]["value"], 7.5);
    }

    #[test]
    fn an_event_without_the_number_or_a_dimension_emits_nothing() {
        let without_number = filter("{ $.a = 1 }", "$.ms", None);
        let text = without_number.matched(1, r#"{"a":1}"#).unwrap().text();
        assert!(
            text.contains("nothing, since the event has no number there"),
            "{text}"
        );
        let without_user = filter("{ $.a = 1 }", "1", Some("$.user"));
        let text = without_user.matched(1, r#"{"a":1}"#).unwrap().text();
        assert!(
            text.contains("nothing, since the event has no user"),
            "{text}"
        );
    }

    #[test]
    fn the_caret_is_below_the_mistake_whatever_comes_before() {
        let source = "{ $.ä = \u{1b}§ }";
        let error = Pattern::parse(source).unwrap_err();
        let place = place(source, &error);
        let (pattern, caret) = place.split_once('\n').unwrap();
        let column = caret.find('^').unwrap();
        let before: String = pattern.chars().take(column).collect();
        assert_eq!(
            before.trim_start(),
            shown(source.get(..error.position()).unwrap())
        );
        assert!(!place.contains('\u{1b}'));
    }

    #[test]
    fn control_characters_of_events_are_shown() {
        let tested = filter("\" \"", "1", None);
        let matched = tested.matched(1, "red \u{1b}[31m").unwrap();
        assert!(!matched.text().contains('\u{1b}'));
    }
}
