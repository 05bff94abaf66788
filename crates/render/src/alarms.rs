//! When an alarm goes off, in words.

use model::{Alarm, AlarmMetric, AlarmSource, Comparison};

use crate::words::count;

/// Says when an alarm goes off: `Sum of NAMESPACE/NAME >= 1 for 1 period of 300 s`.
pub(crate) fn condition(alarm: &Alarm) -> String {
    let Alarm {
        source,
        evaluation_periods,
        datapoints_to_alarm,
        threshold,
        comparison,
        ..
    } = alarm;
    let (metric, length) = match source {
        AlarmSource::Metric(metric) => (watched(metric), format!(" of {} s", metric.period)),
        AlarmSource::Expression => ("an expression".to_owned(), String::new()),
        AlarmSource::Composite => return "other alarms do".to_owned(),
    };
    let periods = count(*evaluation_periods as usize, "period", "periods");
    let some = match datapoints_to_alarm {
        Some(some) if some != evaluation_periods => format!("{some} of "),
        Some(_) | None => String::new(),
    };
    format!(
        "{metric} {} {threshold} for {some}{periods}{length}",
        sign(*comparison)
    )
}

fn watched(metric: &AlarmMetric) -> String {
    let AlarmMetric {
        metric,
        dimensions,
        statistic,
        period: _,
        unit,
    } = metric;
    let dimensions: Vec<String> = dimensions
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let with = if dimensions.is_empty() {
        String::new()
    } else {
        format!(" with {}", dimensions.join(", "))
    };
    let unit = unit
        .as_deref()
        .map(|unit| format!(" in {unit}"))
        .unwrap_or_default();
    format!("{statistic} of {metric}{with}{unit}")
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::GreaterThanOrEqualToThreshold => ">=",
        Comparison::GreaterThanThreshold => ">",
        Comparison::LessThanThreshold => "<",
        Comparison::LessThanOrEqualToThreshold => "<=",
    }
}

#[cfg(test)]
mod tests {
    use model::{Dimensions, Metric, Statistic};

    use super::*;

    fn alarm(datapoints_to_alarm: Option<u32>, evaluation_periods: u32) -> Alarm {
        let metric = Metric {
            namespace: "AWS/Logs".into(),
            name: "Errors".into(),
        };
        let dimensions = Dimensions::from([("Host".to_owned(), "a".to_owned())]);
        let statistic = Statistic::Extended("p99".into());
        Alarm {
            description: None,
            source: AlarmSource::Metric(AlarmMetric {
                metric,
                dimensions,
                statistic,
                period: 60,
                unit: None,
            }),
            evaluation_periods,
            datapoints_to_alarm,
            threshold: 0.5,
            comparison: Comparison::LessThanThreshold,
            treat_missing_data: model::MissingData::Missing,
            actions_enabled: true,
            alarm_actions: Default::default(),
            ok_actions: Default::default(),
            insufficient_data_actions: Default::default(),
            tags: Default::default(),
        }
    }

    #[test]
    fn a_condition_reads_as_a_sentence() {
        assert_eq!(
            condition(&alarm(Some(2), 3)),
            "p99 of AWS/Logs/Errors with Host=a < 0.5 for 2 of 3 periods of 60 s"
        );
        assert_eq!(
            condition(&alarm(None, 1)),
            "p99 of AWS/Logs/Errors with Host=a < 0.5 for 1 period of 60 s"
        );
    }
}
