//! Dashboards, widget by widget.

use model::DashboardBody;
use serde_json::Value;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::diff::{all_lines, diff, pretty};
use crate::document::{Detail, Side};
use crate::words::quoted;

/// Names each widget in a line.
pub(crate) fn summary(body: &DashboardBody) -> Vec<Detail> {
    widgets(body)
        .iter()
        .enumerate()
        .map(|(index, widget)| Detail::Field {
            name: format!("widget {}", index + 1),
            value: [kind(widget).map(str::to_owned), label(widget)]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" "),
        })
        .collect()
}

/// Shows the widgets that differ, each by the lines that differ.
pub(crate) fn changes(before: &DashboardBody, after: &DashboardBody) -> Vec<Detail> {
    let mut details = Vec::new();
    let outer = diff(&outer(before), &outer(after));
    if !outer.is_empty() {
        details.push(Detail::Diff {
            title: "dashboard".to_owned(),
            lines: outer,
        });
    }
    let (old, new) = (widgets(before), widgets(after));
    let (old_texts, new_texts): (Vec<String>, Vec<String>) = (
        old.iter().map(pretty).collect(),
        new.iter().map(pretty).collect(),
    );
    for op in capture_diff_slices(Algorithm::Histogram, &old_texts, &new_texts) {
        details.extend(hunk(op, (old, &old_texts), (new, &new_texts)));
    }
    details
}

/// Pairs the widgets of a hunk in their order; what is left over is removed or added.
fn hunk(op: DiffOp, old: (&[Value], &[String]), new: (&[Value], &[String])) -> Vec<Detail> {
    if matches!(op, DiffOp::Equal { .. }) {
        return Vec::new();
    }
    let (mut before, mut after) = (op.old_range(), op.new_range());
    let mut details = Vec::new();
    loop {
        let widget = |(widgets, texts): (&[Value], &[String]), index: Option<usize>| {
            let index = index?;
            Some((title(index, widgets.get(index)?), texts.get(index)?.clone()))
        };
        let (title, lines) = match (widget(old, before.next()), widget(new, after.next())) {
            (Some((_, old)), Some((title, new))) => (title, diff(&old, &new)),
            (Some((title, old)), None) => {
                (format!("{title}, removed"), all_lines(&old, Side::Before))
            }
            (None, Some((title, new))) => (format!("{title}, added"), all_lines(&new, Side::After)),
            (None, None) => return details,
        };
        details.push(Detail::Diff { title, lines });
    }
}

fn widgets(body: &DashboardBody) -> &[Value] {
    body.value()
        .get("widgets")
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn outer(body: &DashboardBody) -> String {
    let mut outer = body.value().clone();
    if let Some(fields) = outer.as_object_mut() {
        fields.remove("widgets");
    }
    pretty(&outer)
}

fn title(index: usize, widget: &Value) -> String {
    let label = label(widget).or_else(|| kind(widget).map(str::to_owned));
    format!("widget {} {}", index + 1, label.unwrap_or_default())
        .trim_end()
        .to_owned()
}

fn kind(widget: &Value) -> Option<&str> {
    widget.get("type")?.as_str()
}

fn label(widget: &Value) -> Option<String> {
    widget.get("properties")?.get("title")?.as_str().map(quoted)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(widgets: &[Value]) -> DashboardBody {
        DashboardBody::from_value(json!({"widgets": widgets})).unwrap()
    }

    fn widget(title: &str, period: u32) -> Value {
        json!({"type": "metric", "properties": {"title": title, "period": period}})
    }

    fn titles(before: &[Value], after: &[Value]) -> Vec<String> {
        changes(&body(before), &body(after))
            .into_iter()
            .map(|detail| match detail {
                Detail::Diff { title, .. } => title,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_widget_inserted_before_others_leaves_them_alone() {
        let (a, b) = (widget("A", 60), widget("B", 60));
        assert_eq!(
            titles(std::slice::from_ref(&b), &[a, b.clone()]),
            ["widget 1 \"A\", added"]
        );
    }

    #[test]
    fn a_changed_widget_is_named_by_its_title() {
        let (a, b) = (widget("A", 60), widget("B", 60));
        assert_eq!(
            titles(&[a.clone(), b], &[a, widget("B", 300)]),
            ["widget 2 \"B\""]
        );
    }

    #[test]
    fn settings_beside_the_widgets_are_compared_too() {
        let before = DashboardBody::from_value(json!({"start": "-PT3H"})).unwrap();
        let after = DashboardBody::from_value(json!({"start": "-PT6H"})).unwrap();
        let changes = changes(&before, &after);
        assert!(matches!(changes.as_slice(), [Detail::Diff { title, .. }] if title == "dashboard"));
    }
}
