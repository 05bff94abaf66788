use model::{Body, Boundary, FieldChange, Reset, Tags, User};

use super::tags::{Keys, merged};
use super::{Fields, Update, value};

/// Name, path and tags come first, since later actions use the new name; the boundary has a phase of its own. That a reset
/// was done is said last, for each of them alone.
pub(super) fn updates(declared: &User, live: &User) -> Vec<Update> {
    let User {
        path,
        tags,
        boundary,
        renamed_from,
    } = declared;
    let mut identity = Fields::default();
    if let Some(old) = renamed_from {
        identity.add("renamed_from", value(old), serde_json::Value::Null);
    }
    identity.compare("path", &live.path, path);
    let managed = only(tags, |key| Reset::of_tag(key).is_none());
    let managed = merged(&managed, &live.tags, Keys::AnyCase, &mut identity);
    let boundary = match boundary {
        Boundary::Undeclared => live.boundary.clone(),
        declared => declared.clone(),
    };

    let mut bounds = Fields::default();
    bounds.compare("boundary", &live.boundary.policy(), &boundary.policy());
    let moved = User {
        path: path.clone(),
        tags: managed,
        boundary: live.boundary.clone(),
        renamed_from: renamed_from.clone(),
    };
    let bounded = User {
        boundary,
        renamed_from: None,
        ..moved.clone()
    };
    let mut updates = Vec::from_iter(identity.into_update(|| Body::User(moved)));
    updates.extend(bounds.into_update(|| Body::User(bounded.clone())));
    let mut recorded = bounded;
    for reset in Reset::ALL {
        let mut done = Fields::default();
        let request = only(tags, |key| Reset::of_tag(key) == Some(reset));
        recorded.tags = merged(&request, &recorded.tags, Keys::AnyCase, &mut done);
        updates.extend(done.into_update(|| Body::User(recorded.clone())));
    }
    updates
}

fn only(tags: &Tags, is_meant: impl Fn(&str) -> bool) -> Tags {
    let mut some = Tags::default();
    for (key, value) in tags.iter().filter(|(key, _)| is_meant(key)) {
        some.observe(key, value);
    }
    some
}

/// Returns the reset that an update says was done, if that is what it is for.
pub(crate) fn recorded(fields: &[FieldChange]) -> Option<Reset> {
    let [field] = fields else { return None };
    field.field.strip_prefix("tags.").and_then(Reset::of_tag)
}

pub(super) fn created(declared: &User) -> User {
    let boundary = match &declared.boundary {
        Boundary::Undeclared => Boundary::None,
        boundary => boundary.clone(),
    };
    User {
        boundary,
        renamed_from: None,
        ..declared.clone()
    }
}
