use model::{Body, Group};

use super::{Fields, Update};

pub(super) fn update(declared: &Group, live: &Group) -> Option<Update> {
    let Group { path } = declared;
    let mut fields = Fields::default();
    fields.compare("path", &live.path, path);
    fields.into_update(|| Body::Group(declared.clone()))
}
