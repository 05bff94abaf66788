//! `[ip, user, status = 4*, ..., bytes > 1000]`: the fields of space-delimited log events.

mod event;
mod parser;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use crate::comparison::{Comparison, Scalar};
use crate::expression::Expression;

/// Fields in order; `[]`, without any, matches every event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Delimited {
    fields: Vec<Field>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Field {
    /// `...`: any number of fields.
    Ellipsis,
    /// Nothing between two commas: a field without a name.
    Unnamed,
    Named {
        name: String,
        condition: Option<Expression<Comparison>>,
    },
}

/// The values of an event's fields; `None` where no field of the pattern stands for one.
type Bound<'p, 'e> = Vec<(Option<&'p Field>, &'e str)>;

impl Delimited {
    pub(crate) fn matches(&self, event: &str) -> bool {
        self.assign(event).is_some()
    }

    /// Returns an event's values by `$name`, or by `$position` from 1 where there is no name.
    ///
    /// Of two fields of the same name the later one counts; the guide doesn't say.
    pub(crate) fn bind<'e>(&self, event: &'e str) -> Option<BTreeMap<String, &'e str>> {
        let bound = self.assign(event)?;
        let name = |(index, (field, value)): (usize, (Option<&Field>, &'e str))| match field {
            Some(Field::Named { name, .. }) => (format!("${name}"), value),
            Some(Field::Ellipsis | Field::Unnamed) | None => (format!("${}", index + 1), value),
        };
        Some(bound.into_iter().enumerate().map(name).collect())
    }

    /// Returns whether a field has this name, or a position may be without name.
    pub(crate) fn mentions(&self, name: &str) -> bool {
        let is_position = !name.is_empty() && name.chars().all(|c| c.is_ascii_digit());
        let mentions = |field: &Field| match field {
            Field::Named { name: other, .. } => name == other,
            Field::Ellipsis | Field::Unnamed => is_position,
        };
        self.fields.iter().any(mentions) || (self.fields.is_empty() && is_position)
    }

    fn assign<'p, 'e>(&'p self, event: &'e str) -> Option<Bound<'p, 'e>> {
        let values = event::fields(event);
        if self.fields.is_empty() {
            Some(values.into_iter().map(|value| (None, value.text)).collect())
        } else if self.fields.contains(&Field::Ellipsis) {
            self.assign_around_ellipses(&values)
        } else {
            self.assign_in_order(event, &values)
        }
    }

    /// Gives each field one value and the last field all that is left.
    ///
    /// The guide finds six-word events with `[w1=ERROR, w2]` and has one "include a blank indicator
    /// after" the last condition: the last field takes the rest of the event.
    fn assign_in_order<'p, 'e>(
        &'p self,
        event: &'e str,
        values: &[event::Value<'e>],
    ) -> Option<Bound<'p, 'e>> {
        let last = self.fields.len().checked_sub(1)?;
        let has_more = values.len() > self.fields.len();
        let text = |index: usize, value: &event::Value<'e>| match event.get(value.start..) {
            Some(rest) if index == last && has_more => rest.trim_end(),
            Some(_) | None => value.text,
        };
        let bound: Bound<'p, 'e> = self
            .fields
            .iter()
            .zip(values)
            .enumerate()
            .map(|(index, (field, value))| (Some(field), text(index, value)))
            .collect();
        let is_complete = bound.len() == self.fields.len();
        let holds =
            |(field, text): &(Option<&Field>, &str)| field.is_some_and(|field| field.holds(text));
        (is_complete && bound.iter().all(holds)).then_some(bound)
    }

    /// Gives each field but the ellipses one value, the ellipses as few as possible from the left.
    ///
    /// As globs are matched: on a failure only the last ellipsis grows, so that the work is at most
    /// fields times values.
    fn assign_around_ellipses<'p, 'e>(
        &'p self,
        values: &[event::Value<'e>],
    ) -> Option<Bound<'p, 'e>> {
        let mut bound: Bound<'p, 'e> = values.iter().map(|value| (None, value.text)).collect();
        let (mut field, mut value) = (0, 0);
        let mut last_ellipsis = None;
        while value < values.len() || field < self.fields.len() {
            match (self.fields.get(field), bound.get_mut(value)) {
                (Some(Field::Ellipsis), _) => {
                    last_ellipsis = Some((field + 1, value));
                    field += 1;
                }
                (Some(named), Some(slot)) if named.holds(slot.1) => {
                    slot.0 = Some(named);
                    field += 1;
                    value += 1;
                }
                (_, None) => return None,
                (_, Some(_)) => {
                    let (after, taken) = last_ellipsis?;
                    // What the ellipsis takes has no name, whatever was tried before.
                    bound.get_mut(taken)?.0 = None;
                    last_ellipsis = Some((after, taken + 1));
                    (field, value) = (after, taken + 1);
                }
            }
        }
        Some(bound)
    }
}

impl Field {
    fn holds(&self, text: &str) -> bool {
        match self {
            Self::Ellipsis
            | Self::Unnamed
            | Self::Named {
                condition: None, ..
            } => true,
            Self::Named {
                condition: Some(condition),
                ..
            } => condition.holds(&|comparison| comparison.holds(&Scalar::of_text(text))),
        }
    }
}

impl fmt::Display for Delimited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (index, field) in self.fields.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{field}")?;
        }
        f.write_str("]")
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ellipsis => f.write_str("..."),
            Self::Unnamed => Ok(()),
            Self::Named {
                name,
                condition: None,
            } => f.write_str(name),
            Self::Named {
                name,
                condition: Some(condition),
            } => condition.print(f, &|comparison, f| write!(f, "{name} {comparison}")),
        }
    }
}
