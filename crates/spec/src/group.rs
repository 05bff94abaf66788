//! Groups.

use model::{Address, Body, Group, GroupName, Principal};

use crate::draft::Draft;
use crate::keys;
use crate::node::Node;
use crate::policy::{self, path};
use crate::reading::Reading;
use crate::user::require_type;

pub(crate) fn read(reading: &mut Reading<'_>, at: &Node, node: &Node, draft: &mut Draft) {
    let Some(name) = reading.name(at, |text| GroupName::new(text)) else {
        return;
    };
    let section = reading.section_or_nothing(node, "a group", keys::GROUP);
    let own = section.as_ref().and_then(|section| path(reading, section));
    let group = Group {
        path: own.unwrap_or_else(|| draft.path.clone()),
    };
    let address = Address::Group(name.clone());
    draft.declare_body(reading, at, address.clone(), Body::Group(group));
    let Some(section) = section else { return };
    if section.get("exclusive").and_then(|node| reading.bool(node)) == Some(false) {
        draft.inclusive.insert(address);
    }
    let principal = Principal::Group(name);
    require_type(reading, &section, &principal, draft);
    policy::held(reading, &section, &principal, draft);
}
