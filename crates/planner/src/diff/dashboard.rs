use model::{Body, Dashboard};

use super::{Fields, Update};

pub(super) fn update(declared: &Dashboard, live: &Dashboard) -> Option<Update> {
    let Dashboard { body } = declared;
    let mut fields = Fields::default();
    fields.compare("body", &live.body, body);
    fields.into_update(|| Body::Dashboard(declared.clone()))
}
