//! What is deleted when it isn't declared.

use std::slice;

use model::{AddressPattern, Kind, Prune};

use crate::draft::Draft;
use crate::keys;
use crate::node::{Node, Value};
use crate::reading::Reading;

pub(crate) fn read(reading: &mut Reading<'_>, node: &Node, draft: &mut Draft) {
    let Some(section) = reading.section(node, "`prune`", keys::PRUNE) else {
        return;
    };
    for (key, _, node) in section.iter() {
        let Ok(kind) = key.parse::<Kind>() else {
            continue;
        };
        let patterns = match &node.value {
            Value::List(items) => items.as_slice(),
            _ => slice::from_ref(node),
        };
        for node in patterns {
            let pattern = pattern(reading, node, kind);
            draft.prune.extend(pattern);
        }
    }
}

fn pattern(reading: &mut Reading<'_>, node: &Node, kind: Kind) -> Option<Prune> {
    let (has_path, what) = match kind {
        Kind::User | Kind::Group | Kind::Policy | Kind::MfaDevice => {
            (true, "a pattern of path and name, such as `/people/*`")
        }
        _ => (false, "a pattern of names, such as `mfa-*`"),
    };
    let text = reading.text(node, what)?;
    if has_path && !text.starts_with(['/', '*', '?']) {
        let message =
            format!("`{text}` matches no {kind}: it begins with the path, and that with `/`");
        reading.error_with_hint(
            node,
            message,
            format!("for those of any path write `*/{text}`"),
        );
        return None;
    }
    Some(Prune {
        kind,
        pattern: AddressPattern::new(text),
    })
}
