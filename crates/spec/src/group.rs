//! Groups.

use model::{Address, Body, Group, GroupName, Principal};

use crate::node::Node;
use crate::reading::Reading;
use crate::spec::Draft;
use crate::{keys, policy};

pub(crate) fn read(
    reading: &mut Reading<'_>,
    name: &str,
    at: &Node,
    node: &Node,
    draft: &mut Draft,
) {
    let Some(name) = reading.ok(at, GroupName::new(name)) else {
        return;
    };
    let section = reading.section(node, "a group", keys::GROUP);
    let path = section.as_ref().and_then(|section| section.get("path"));
    let path = path
        .and_then(|node| reading.parsed(node, "a path such as `/people/`"))
        .unwrap_or_else(|| draft.path.clone());
    let address = Address::Group(name.clone());
    draft.declare_body(reading, at, address.clone(), Body::Group(Group { path }));
    let Some(section) = section else { return };
    if section.get("exclusive").and_then(|node| reading.bool(node)) == Some(false) {
        draft.desired.inclusive.insert(address);
    }
    policy::held(reading, &section, &Principal::Group(name), draft);
}
