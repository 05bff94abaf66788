use model::{Body, Policy};

use super::tags::{Keys, merged};
use super::{Fields, Update, value};

/// Path and description stay as they are: no call changes them, and replacing the policy would lift its Denies meanwhile.
pub(super) fn update(declared: &Policy, live: &Policy) -> Option<Update> {
    let Policy {
        path: _,
        description: _,
        document,
        tags,
    } = declared;
    let mut fields = Fields::default();
    let same = document.same_meaning(&live.document);
    if !same {
        fields.add("document", value(&live.document), value(document));
    }
    let tags = merged(tags, &live.tags, Keys::Exact, &mut fields);
    let document = if same { &live.document } else { document };
    fields.into_update(|| {
        Body::Policy(Policy {
            document: document.clone(),
            tags,
            ..live.clone()
        })
    })
}
