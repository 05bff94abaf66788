use model::{Alarm, AlarmMetric, AlarmSource, Body, Reason};

use super::tags::{Keys, merged};
use super::{Fields, Update, value};

/// `PutMetricAlarm` turns metric math into a metric alarm, but takes no composite alarm's name.
pub(super) fn update(declared: &Alarm, live: &Alarm) -> Result<Option<Update>, Reason> {
    let Alarm {
        description,
        source,
        evaluation_periods,
        datapoints_to_alarm,
        threshold,
        comparison,
        treat_missing_data,
        actions_enabled,
        alarm_actions,
        ok_actions,
        insufficient_data_actions,
        tags,
    } = declared;
    if live.source == AlarmSource::Composite {
        let sentence = "a composite alarm has this name; delete or rename it first";
        return Err(Reason::Conflict(sentence.to_owned()));
    }
    let mut fields = Fields::default();
    fields.compare("description", &live.description, description);
    compare_source(source, &live.source, &mut fields);
    fields.compare(
        "evaluation_periods",
        &live.evaluation_periods,
        evaluation_periods,
    );
    fields.compare(
        "datapoints_to_alarm",
        &live.datapoints(),
        &declared.datapoints(),
    );
    fields.compare("threshold", &live.threshold, threshold);
    fields.compare("comparison", &live.comparison, comparison);
    fields.compare(
        "treat_missing_data",
        &live.treat_missing_data,
        treat_missing_data,
    );
    fields.compare("actions_enabled", &live.actions_enabled, actions_enabled);
    fields.compare("actions", &live.alarm_actions, alarm_actions);
    fields.compare("ok_actions", &live.ok_actions, ok_actions);
    fields.compare(
        "insufficient_data_actions",
        &live.insufficient_data_actions,
        insufficient_data_actions,
    );
    let datapoints_to_alarm = if live.datapoints() == declared.datapoints() {
        &live.datapoints_to_alarm
    } else {
        datapoints_to_alarm
    };
    let tags = merged(tags, &live.tags, Keys::Exact, &mut fields);
    Ok(fields.into_update(|| {
        Body::Alarm(Alarm {
            tags,
            datapoints_to_alarm: *datapoints_to_alarm,
            ..declared.clone()
        })
    }))
}

fn compare_source(declared: &AlarmSource, live: &AlarmSource, fields: &mut Fields) {
    match (declared, live) {
        (AlarmSource::Metric(declared), AlarmSource::Metric(live)) => {
            let AlarmMetric {
                metric,
                dimensions,
                statistic,
                period,
                unit,
            } = declared;
            fields.compare(
                "metric.namespace",
                &live.metric.namespace,
                &metric.namespace,
            );
            fields.compare("metric.name", &live.metric.name, &metric.name);
            fields.compare("metric.dimensions", &live.dimensions, dimensions);
            fields.compare("statistic", &live.statistic, statistic);
            fields.compare("period", &live.period, period);
            fields.compare("metric.unit", &live.unit, unit);
        }
        (declared, live) if declared != live => fields.add("metric", value(live), value(declared)),
        _ => {}
    }
}
