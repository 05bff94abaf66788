//! Dashboards.

use model::{Address, Body, Dashboard, DashboardBody, DashboardName};

use crate::node::Node;
use crate::reading::{Reading, Section};
use crate::spec::Draft;
use crate::{document, keys};

pub(crate) fn read(
    reading: &mut Reading<'_>,
    name: &str,
    at: &Node,
    node: &Node,
    draft: &mut Draft,
) {
    let name = reading.ok(at, DashboardName::new(name));
    let Some(section) = reading.section(node, "a dashboard", keys::DASHBOARD) else {
        return reading.error(at, "a dashboard needs `file`, `body` or `widgets`");
    };
    let (Some(body), Some(name)) = (body(reading, at, &section), name) else {
        return;
    };
    draft.declare_body(
        reading,
        at,
        Address::Dashboard(name),
        Body::Dashboard(Dashboard { body }),
    );
}

fn body(reading: &mut Reading<'_>, at: &Node, section: &Section<'_>) -> Option<DashboardBody> {
    match (
        section.get("file"),
        section.get("body"),
        section.get("widgets"),
    ) {
        (Some(node), None, None) => {
            let source = document::source(reading, node)?;
            match DashboardBody::parse(&source.text) {
                Ok(body) => Some(body),
                Err(model::DashboardError::Json(error)) => {
                    reading.error(node, format!("`{}` is not JSON: {error}", source.name));
                    None
                }
                Err(error) => {
                    reading.error(node, format!("`{}`: {error}", source.name));
                    None
                }
            }
        }
        (None, Some(node), None) => reading.ok(node, DashboardBody::from_value(node.to_json())),
        (None, None, Some(node)) => {
            let body = serde_json::json!({ "widgets": node.to_json() });
            reading.ok(node, DashboardBody::from_value(body))
        }
        _ => {
            reading.error(at, "a dashboard has one of `file`, `body` and `widgets`");
            None
        }
    }
}
