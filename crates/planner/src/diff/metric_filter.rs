use model::{Body, MetricFilter};

use super::{Fields, Update};

pub(super) fn update(declared: &MetricFilter, live: &MetricFilter) -> Option<Update> {
    let MetricFilter {
        pattern,
        metric,
        value,
        default_value,
        unit,
        dimensions,
    } = declared;
    let mut fields = Fields::default();
    fields.compare("pattern", &live.pattern, pattern);
    fields.compare(
        "metric.namespace",
        &live.metric.namespace,
        &metric.namespace,
    );
    fields.compare("metric.name", &live.metric.name, &metric.name);
    fields.compare("metric.value", &live.value, value);
    fields.compare("metric.default_value", &live.default_value, default_value);
    fields.compare("metric.unit", &live.unit, unit);
    fields.compare("metric.dimensions", &live.dimensions, dimensions);
    fields.into_update(|| Body::MetricFilter(declared.clone()))
}
