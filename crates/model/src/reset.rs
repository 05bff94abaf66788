//! Resets: what a spec asks for once.

use crate::User;

/// Tells what is made anew once, on request. The user's tag says which request was done last, so that it isn't done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reset {
    /// The user's password.
    Password,
    /// The user's MFA devices.
    Mfa,
}

impl Reset {
    /// Lists every reset.
    pub const ALL: [Self; 2] = [Self::Password, Self::Mfa];

    /// Returns the key of the tag whose value is the request: of a declared user the one that is asked for, of a live one
    /// the one that was done.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Password => "mfactl:reset-password",
            Self::Mfa => "mfactl:reset-mfa",
        }
    }

    /// Returns the reset that a tag is about, if it is about one.
    pub fn of_tag(key: &str) -> Option<Self> {
        let is_it = |reset: &Self| key.eq_ignore_ascii_case(reset.tag());
        Self::ALL.into_iter().find(is_it)
    }

    /// Tells whether a declared user asks for this and the live one says that something else was done, or nothing.
    pub fn is_due(self, declared: &User, live: &User) -> bool {
        let request = declared.tags.get(self.tag());
        request.is_some() && request != live.tags.get(self.tag())
    }
}
