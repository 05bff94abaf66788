//! The values in the rows of a query.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::Timestamp;

use super::query::Comparison;

/// Holds a value that a field or an expression has.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Text(String),
    Number(f64),
    /// In milliseconds since 1970.
    Time(i64),
}

impl Cell {
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Text(text) => text.parse().ok().filter(|number: &f64| number.is_finite()),
            Self::Number(number) => Some(*number),
            #[expect(clippy::cast_precision_loss, reason = "times of our age are exact")]
            Self::Time(time) => Some(*time as f64),
        }
    }

    pub(super) fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Time(time) => {
                let time = Timestamp::from_millisecond(*time).unwrap_or_default();
                Cow::Owned(time.strftime("%Y-%m-%d %H:%M:%S.%3f").to_string())
            }
        }
    }
}

/// Orders what is not there before numbers by their size, and these before texts by their letters.
pub(super) fn order(a: Option<&Cell>, b: Option<&Cell>) -> Ordering {
    let (Some(a), Some(b)) = (a, b) else {
        return a.is_some().cmp(&b.is_some());
    };
    match (a.number(), b.number()) {
        // Adding zero makes of its negative the positive one.
        (Some(a), Some(b)) => (a + 0.0).total_cmp(&(b + 0.0)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.shown().cmp(&b.shown()),
    }
}

/// Compares as numbers if both are, else as texts.
pub(super) fn compares(left: &Cell, comparison: Comparison, right: &Cell) -> bool {
    let order = order(Some(left), Some(right));
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}
