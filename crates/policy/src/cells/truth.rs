//! Three-valued logic.

use std::ops::Not;

/// Says whether something holds in all requests that are looked at together, in some of them perhaps, or in none.
///
/// The order is that of the logic: the least of several is whether all of them hold, the greatest whether any does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// In none.
    False,
    /// In some perhaps: it isn't known, or it differs.
    Unknown,
    /// In all.
    True,
}

impl Truth {
    /// Tells whether all of several hold; all of none do.
    pub fn all(several: impl IntoIterator<Item = Self>) -> Self {
        several.into_iter().min().unwrap_or(Self::True)
    }

    /// Tells whether any of several holds; none of none does.
    pub fn any(several: impl IntoIterator<Item = Self>) -> Self {
        several.into_iter().max().unwrap_or(Self::False)
    }

    /// Tells whether it may hold.
    pub fn may(self) -> bool {
        self != Self::False
    }

    /// Tells whether it must hold.
    pub fn must(self) -> bool {
        self == Self::True
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

impl Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}
