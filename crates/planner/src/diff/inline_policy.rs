use model::{Body, InlinePolicy};

use super::{Fields, Update, value};

pub(super) fn update(declared: &InlinePolicy, live: &InlinePolicy) -> Option<Update> {
    let InlinePolicy { document } = declared;
    let mut fields = Fields::default();
    if !document.same_meaning(&live.document) {
        fields.add("document", value(&live.document), value(document));
    }
    fields.into_update(|| Body::InlinePolicy(declared.clone()))
}
