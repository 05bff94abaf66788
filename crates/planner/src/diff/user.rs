use model::{Body, Boundary, User};

use super::tags::{Keys, merged};
use super::{Fields, Update, value};

/// Name, path and tags come first, since later actions use the new name; the boundary has a phase of its own.
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
    let tags = merged(tags, &live.tags, Keys::AnyCase, &mut identity);
    let boundary = match boundary {
        Boundary::Undeclared => live.boundary.clone(),
        declared => declared.clone(),
    };

    let mut bounds = Fields::default();
    bounds.compare("boundary", &live.boundary.policy(), &boundary.policy());
    let moved = User {
        path: path.clone(),
        tags,
        boundary: live.boundary.clone(),
        renamed_from: renamed_from.clone(),
    };
    let bounded = User {
        boundary,
        renamed_from: None,
        ..moved.clone()
    };
    let identity = identity.into_update(|| Body::User(moved));
    identity
        .into_iter()
        .chain(bounds.into_update(|| Body::User(bounded)))
        .collect()
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
