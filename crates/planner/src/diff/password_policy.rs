use model::{Body, PasswordPolicy};

use super::{Fields, Update};

pub(super) fn update(declared: &PasswordPolicy, live: &PasswordPolicy) -> Option<Update> {
    let PasswordPolicy {
        minimum_length,
        require_symbols,
        require_numbers,
        require_uppercase,
        require_lowercase,
        allow_users_to_change_password,
        max_age_days,
        reuse_prevention,
        hard_expiry,
    } = declared;
    let mut fields = Fields::default();
    fields.compare("minimum_length", &live.minimum_length, minimum_length);
    fields.compare("require_symbols", &live.require_symbols, require_symbols);
    fields.compare("require_numbers", &live.require_numbers, require_numbers);
    fields.compare(
        "require_uppercase",
        &live.require_uppercase,
        require_uppercase,
    );
    fields.compare(
        "require_lowercase",
        &live.require_lowercase,
        require_lowercase,
    );
    fields.compare(
        "allow_users_to_change_password",
        &live.allow_users_to_change_password,
        allow_users_to_change_password,
    );
    fields.compare("max_age_days", &live.max_age_days, max_age_days);
    fields.compare("reuse_prevention", &live.reuse_prevention, reuse_prevention);
    fields.compare("hard_expiry", &live.hard_expiry, hard_expiry);
    fields.into_update(|| Body::PasswordPolicy(declared.clone()))
}
