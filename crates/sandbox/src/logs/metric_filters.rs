//! Metric filters.

use std::collections::BTreeMap;

use pattern::{Pattern as FilterPattern, Selector};
use serde::{Deserialize, Serialize};

use super::groups::{Class, LogGroup};
use super::put_events::MESSAGE;
use super::read_events::FILTER_PATTERN;
use super::{GROUP_NAME, invalid, no_such_group, page};
use crate::call::{Call, Fields, Pattern, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::unit::UNITS;
use crate::value::{Record, Value};

mod emission;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("PutMetricFilter", put)
        .unlike("a filter with selection criteria emits nothing"),
    Operation::read("DescribeMetricFilters", describe),
    Operation::write("DeleteMetricFilter", delete),
    Operation::read("TestMetricFilter", test),
];

/// Holds a metric filter.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetricFilter {
    pattern: String,
    transformation: Transformation,
    /// In milliseconds since 1970.
    created: i64,
    apply_on_transformed_logs: Option<bool>,
    field_selection_criteria: Option<String>,
    emit_system_field_dimensions: Vec<String>,
}

/// Says what a filter makes of the events it selects.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Transformation {
    metric_name: String,
    metric_namespace: String,
    metric_value: String,
    default_value: Option<f64>,
    dimensions: BTreeMap<String, String>,
    unit: Option<String>,
}

/// How many filters a log group may have.
const FILTERS: usize = 100;
/// How many of them may have regular expressions.
const REGEX_FILTERS: usize = 5;
const DIMENSIONS: usize = 3;

pub(super) const NAME: Shape = Shape {
    lengths: 1..=512,
    pattern: Pattern {
        expression: "[^:*]*",
        matches: |name| !name.contains([':', '*']),
    },
};
const METRIC: Shape = Shape {
    lengths: 0..=255,
    pattern: Pattern {
        expression: "[^:*$]*",
        matches: |name| !name.contains([':', '*', '$']),
    },
};
const METRIC_VALUE: Shape = Shape {
    lengths: 0..=100,
    pattern: Pattern::ANY,
};
pub(super) const CRITERIA: Shape = Shape {
    lengths: 0..=2000,
    pattern: Pattern::ANY,
};
const SYSTEM_FIELDS: &[(&str, &str)] = &[
    ("@aws.account", "@aws.account"),
    ("@aws.region", "@aws.region"),
];

/// Creates a filter, or replaces the one of this name in this group.
///
/// Selection criteria are kept and not checked.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html>
fn put(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("filterName", &NAME)?;
    let source = call.input.required_text("filterPattern", &FILTER_PATTERN)?;
    let system_fields = call
        .input
        .choices("emitSystemFieldDimensions", SYSTEM_FIELDS)?;
    let filter = MetricFilter {
        pattern: source.to_owned(),
        transformation: transformation(&call.input)?,
        created: call.time.as_millisecond(),
        apply_on_transformed_logs: call.input.boolean("applyOnTransformedLogs")?,
        field_selection_criteria: call
            .input
            .text("fieldSelectionCriteria", &CRITERIA)?
            .map(str::to_owned),
        emit_system_field_dimensions: system_fields.into_iter().map(str::to_owned).collect(),
    };
    let group = account.log_group_mut(call)?;
    if group.class != Class::Standard {
        let message = "Metric filters are for log groups of the Standard class only.";
        return Err(Error::new(Code::InvalidOperation, message));
    }
    let pattern = parse(source)?;
    check_transformation(&filter, &pattern)?;
    check_quotas(group, name, &pattern)?;
    group.metric_filters.insert(name.to_owned(), filter);
    Ok(Record::new())
}

fn transformation(input: &Fields<'_>) -> Result<Transformation, Error> {
    let transformations = input.records("metricTransformations")?;
    let transformations = transformations.ok_or_else(|| input.missing("metricTransformations"))?;
    let [fields] = transformations.as_slice() else {
        return Err(invalid(
            "A metric filter has exactly one metric transformation.",
        ));
    };
    let dimensions = fields.text_map("dimensions")?.unwrap_or_default();
    Ok(Transformation {
        metric_name: fields.required_text("metricName", &METRIC)?.to_owned(),
        metric_namespace: fields.required_text("metricNamespace", &METRIC)?.to_owned(),
        metric_value: fields
            .required_text("metricValue", &METRIC_VALUE)?
            .to_owned(),
        default_value: fields.number("defaultValue")?,
        dimensions: dimensions
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
        unit: fields.word("unit", UNITS)?.map(str::to_owned),
    })
}

/// Refuses a transformation that does not go with the pattern.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html>
fn check_transformation(filter: &MetricFilter, pattern: &FilterPattern) -> Result<(), Error> {
    let Transformation {
        metric_name,
        metric_namespace,
        metric_value,
        default_value,
        dimensions,
        unit: _,
    } = &filter.transformation;
    if metric_name.is_empty() || metric_namespace.is_empty() {
        return Err(invalid(
            "A metric transformation needs a metric name and a namespace.",
        ));
    }
    if !metric_value.parse::<f64>().is_ok_and(f64::is_finite) {
        check_selector(metric_value, pattern)?;
    }
    if default_value.is_some() && !dimensions.is_empty() {
        return Err(invalid(
            "A metric transformation with dimensions can't have a default value.",
        ));
    }
    if !dimensions.is_empty() && !pattern.supports_dimensions() {
        return Err(invalid(
            "Dimensions are for JSON and space-delimited filter patterns only.",
        ));
    }
    if dimensions.len() + filter.emit_system_field_dimensions.len() > DIMENSIONS {
        return Err(invalid(format!(
            "A metric transformation can have no more than {DIMENSIONS} dimensions."
        )));
    }
    dimensions.iter().try_for_each(|(key, value)| {
        if key.is_empty() || key.chars().count() > 255 {
            return Err(invalid("The name of a dimension has 1 to 255 characters."));
        }
        check_dimension(value, pattern)
    })
}

/// Refuses a metric value that no event of the pattern can give.
fn check_selector(text: &str, pattern: &FilterPattern) -> Result<Selector, Error> {
    if !pattern.supports_dimensions() {
        return Err(invalid(format!(
            "{text} selects nothing: the filter pattern names no fields."
        )));
    }
    Selector::parse(text).map_err(|error| invalid(format!("Invalid selector {text}: {error}")))
}

/// Refuses a dimension that is not a property or field of the pattern.
fn check_dimension(text: &str, pattern: &FilterPattern) -> Result<(), Error> {
    if pattern.mentions(&check_selector(text, pattern)?) {
        Ok(())
    } else {
        Err(invalid(format!(
            "The filter pattern does not mention {text}."
        )))
    }
}

fn check_quotas(group: &LogGroup, name: &str, pattern: &FilterPattern) -> Result<(), Error> {
    let is_other = |other: &str| other != name;
    let others = group.metric_filters.keys();
    if others.filter(|other| is_other(other)).count() >= FILTERS {
        return Err(over_limit(&format!(
            "A log group can have no more than {FILTERS} metric filters."
        )));
    }
    check_regex_quota(group, pattern, is_other, |_| true)
}

/// Refuses one more pattern with regular expressions than a log group may have. The metric and subscription filters
/// that count are those of the names.
pub(super) fn check_regex_quota(
    group: &LogGroup,
    pattern: &FilterPattern,
    metric_filter: impl Fn(&str) -> bool,
    subscription_filter: impl Fn(&str) -> bool,
) -> Result<(), Error> {
    if !pattern.is_regex() {
        return Ok(());
    }
    let metric_filters = group.metric_filters.iter();
    let metric_filters = metric_filters
        .filter(|(name, _)| metric_filter(name))
        .map(|(_, filter)| &filter.pattern);
    let subscription_filters = group.subscription_filters.iter();
    let subscription_filters = subscription_filters
        .filter(|(name, _)| subscription_filter(name))
        .map(|(_, filter)| &filter.pattern);
    let is_regex =
        |source: &&String| FilterPattern::parse(source).is_ok_and(|pattern| pattern.is_regex());
    let others = metric_filters.chain(subscription_filters);
    if others.filter(is_regex).count() < REGEX_FILTERS {
        return Ok(());
    }
    let message = format!(
        "A log group can have no more than {REGEX_FILTERS} filters with regular expressions."
    );
    Err(over_limit(&message))
}

pub(super) fn over_limit(message: &str) -> Error {
    Error::new(Code::LogsLimitExceeded, message)
}

/// Lists filters by name: those of one group, those of one metric, or all. Without a group, a prefix is ignored.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeMetricFilters.html>
fn describe(account: &Account, call: &Call<'_>) -> Answer {
    let group_name = call.input.text("logGroupName", &GROUP_NAME)?;
    let prefix = call
        .input
        .text("filterNamePrefix", &NAME)?
        .filter(|_| group_name.is_some())
        .unwrap_or_default();
    let metric = match (
        call.input.text("metricName", &METRIC)?,
        call.input.text("metricNamespace", &METRIC)?,
    ) {
        (Some(name), Some(namespace)) => Some((name, namespace)),
        (None, None) => None,
        _ => return Err(invalid("metricName and metricNamespace go together.")),
    };
    let page = page(call)?;
    let groups = account.log_groups(call);
    let wanted: BTreeMap<&String, &LogGroup> = match group_name {
        Some(name) => BTreeMap::from([groups.get_key_value(name).ok_or_else(no_such_group)?]),
        None => groups.iter().collect(),
    };
    let filters = wanted
        .into_iter()
        .flat_map(|(group, it)| it.metric_filters.iter().map(move |filter| (group, filter)));
    let filters = filters.filter(|(_, (name, filter))| {
        let own = (
            filter.transformation.metric_name.as_str(),
            filter.transformation.metric_namespace.as_str(),
        );
        name.starts_with(prefix) && metric.is_none_or(|metric| metric == own)
    });
    // Tab is in no name of a group and sorts before what is in names of filters.
    let sorted: BTreeMap<String, Record> = filters
        .map(|(group, (name, filter))| (format!("{name}\t{group}"), record(group, name, filter)))
        .collect();
    let (filters, token) = page.take(sorted.into_iter());
    Ok(Record::new()
        .with("metricFilters", filters.into_iter().collect::<Value>())
        .with_some("nextToken", token))
}

fn record(group: &str, name: &str, filter: &MetricFilter) -> Record {
    let MetricFilter {
        pattern,
        transformation,
        created,
        apply_on_transformed_logs,
        field_selection_criteria,
        emit_system_field_dimensions: system_fields,
    } = filter;
    let system_fields =
        (!system_fields.is_empty()).then(|| system_fields.iter().collect::<Value>());
    Record::new()
        .with("filterName", name)
        .with("filterPattern", pattern)
        .with(
            "metricTransformations",
            Value::List(vec![transformation_record(transformation).into()]),
        )
        .with("creationTime", *created)
        .with("logGroupName", group)
        .with(
            "applyOnTransformedLogs",
            apply_on_transformed_logs.unwrap_or(false),
        )
        .with_some("fieldSelectionCriteria", field_selection_criteria.as_ref())
        .with_some("emitSystemFieldDimensions", system_fields)
}

fn transformation_record(transformation: &Transformation) -> Record {
    let Transformation {
        metric_name,
        metric_namespace,
        metric_value,
        default_value,
        dimensions,
        unit,
    } = transformation;
    let dimensions: Vec<_> = dimensions
        .iter()
        .map(|(key, value)| (key.clone(), Value::from(value)))
        .collect();
    Record::new()
        .with("metricName", metric_name)
        .with("metricNamespace", metric_namespace)
        .with("metricValue", metric_value)
        .with_some("defaultValue", *default_value)
        .with_some(
            "dimensions",
            (!dimensions.is_empty()).then_some(Value::Map(dimensions)),
        )
        .with_some("unit", unit.as_ref())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteMetricFilter.html>
fn delete(account: &mut Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("filterName", &NAME)?;
    let removed = account.log_group_mut(call)?.metric_filters.remove(name);
    let no_such_filter = || {
        Error::new(
            Code::LogsResourceNotFound,
            "The specified metric filter does not exist.",
        )
    };
    removed.map(|_| Record::new()).ok_or_else(no_such_filter)
}

/// How many messages a filter can be tested on at once.
const MESSAGES: usize = 50;

/// Says which of some messages a pattern selects, by their numbers from 1, and what it extracts from them.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html>
fn test(_: &Account, call: &Call<'_>) -> Answer {
    let source = call.input.required_text("filterPattern", &FILTER_PATTERN)?;
    let messages = call.input.texts("logEventMessages", &MESSAGE)?;
    let messages = messages.ok_or_else(|| call.input.missing("logEventMessages"))?;
    if messages.is_empty() || messages.len() > MESSAGES {
        let rule = format!("Member must have length between 1 and {MESSAGES}");
        return Err(call.input.constraint("logEventMessages", None, &rule));
    }
    let pattern = parse(source)?;
    let matches = messages
        .into_iter()
        .zip(1_usize..)
        .filter_map(|(message, number)| {
            let values = pattern.extracted_values(message)?;
            let values = values.into_iter().map(|(name, it)| (name, Value::Text(it)));
            let record = Record::new()
                .with("eventNumber", number)
                .with("eventMessage", message)
                .with("extractedValues", Value::Map(values.collect()));
            Some(record)
        });
    Ok(Record::new().with("matches", matches.collect::<Value>()))
}

pub(super) fn parse(source: &str) -> Result<FilterPattern, Error> {
    FilterPattern::parse(source)
        .map_err(|error| invalid(format!("Invalid metric filter pattern: {error}")))
}
