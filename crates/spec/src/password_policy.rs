//! The account's password policy.

use model::{Address, Body, PasswordPolicy};

use crate::draft::Draft;
use crate::keys;
use crate::node::Node;
use crate::reading::Reading;

/// A key that isn't there gets AWS's default, since `UpdateAccountPasswordPolicy` replaces the whole.
pub(crate) fn read(reading: &mut Reading<'_>, node: &Node, draft: &mut Draft) -> Option<()> {
    let section = reading.section(node, "`password_policy`", keys::PASSWORD_POLICY)?;
    let default = PasswordPolicy::default();
    let mut flag = |key: &str| {
        section
            .get(key)
            .and_then(|node| reading.bool(node))
            .unwrap_or(false)
    };
    let policy = PasswordPolicy {
        require_symbols: flag("require_symbols"),
        require_numbers: flag("require_numbers"),
        require_uppercase: flag("require_uppercase"),
        require_lowercase: flag("require_lowercase"),
        allow_users_to_change_password: flag("allow_users_to_change_password"),
        hard_expiry: flag("hard_expiry"),
        ..default.clone()
    };
    let mut number = |key: &str, range| {
        section
            .get(key)
            .and_then(|node| reading.integer(node, range))
    };
    let policy = PasswordPolicy {
        minimum_length: number("minimum_length", 6..=128).unwrap_or(default.minimum_length),
        max_age_days: number("max_age_days", 1..=1095),
        reuse_prevention: number("reuse_prevention", 1..=24),
        ..policy
    };
    draft.declare_body(
        reading,
        node,
        Address::PasswordPolicy,
        Body::PasswordPolicy(policy),
    );
    Some(())
}
