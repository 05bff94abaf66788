//! Alarms are listed: by name, by type, by their composite parents and children, and by their metric.

use std::collections::BTreeSet;
use std::ops::Bound;

use super::alarms::{Alarm, AlarmType, Definition, STATES, State, alarm_names, page};
use super::metric_alarm::NAME;
use super::metric_query;
use super::metrics::{MetricId, STATISTICS};
use super::watched_metric::WatchedMetric;
use crate::call::{Call, Fields, Pattern, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::unit::UNITS;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] = &[
    // Alarms that are due are evaluated first.
    Operation::write("DescribeAlarms", describe)
        .unlike("evaluates the alarms that are due; there are no log alarms"),
    Operation::write("DescribeAlarmsForMetric", describe_for_metric),
];

const PREFIX: Shape = Shape {
    lengths: 1..=1024,
    pattern: Pattern::ANY,
};

/// Lists alarms by name: metric alarms, or those that are asked for.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>
fn describe(account: &mut Account, call: &Call<'_>) -> Answer {
    let filter = Filter::of(call)?;
    let relation = Relation::of(&call.input)?;
    let page = page(call)?;
    account.cloudwatch.evaluate_due(call.region, call.time);
    let alarms = account.alarms(call);
    let relatives = relation.map(|(relation, name)| relation.names(account, call, name));
    let wanted = |name: &str, alarm: &Alarm| match &relatives {
        Some(relatives) => relatives.contains(name),
        None => filter.selects(name, alarm),
    };
    let start = match page.start() {
        Bound::Unbounded => Bound::Included(filter.prefix),
        start => start,
    };
    let alarms = alarms
        .range::<str, _>((start, Bound::Unbounded))
        .take_while(|(name, _)| name.starts_with(filter.prefix))
        .filter(|(name, alarm)| wanted(name, alarm));
    let alarms = alarms.map(|(name, alarm)| {
        let record = match relation {
            Some((relation, _)) => relation.record(account, call, name, alarm),
            None => record(account, call, name, alarm),
        };
        (name, (alarm.alarm_type(), record))
    });
    let (alarms, token) = page.take(alarms);
    let of_type = |wanted: AlarmType| -> Value {
        let alarms = alarms.iter().filter(|(it, _)| *it == wanted);
        alarms.map(|(_, record)| record.clone()).collect()
    };
    Ok(Record::new()
        .with("MetricAlarms", of_type(AlarmType::Metric))
        .with("CompositeAlarms", of_type(AlarmType::Composite))
        .with_some("NextToken", token))
}

/// Says which alarms are asked for by what they are.
struct Filter<'a> {
    types: Vec<AlarmType>,
    names: BTreeSet<&'a str>,
    prefix: &'a str,
    state: Option<State>,
    action: Option<&'a str>,
}

impl<'a> Filter<'a> {
    fn of(call: &Call<'a>) -> Result<Self, Error> {
        let prefix = call.input.text("AlarmNamePrefix", &NAME)?;
        let filter = Self {
            types: AlarmType::asked_for(&call.input)?,
            names: alarm_names(call)?.unwrap_or_default(),
            prefix: prefix.unwrap_or_default(),
            state: call.input.choice("StateValue", STATES)?,
            action: call.input.text("ActionPrefix", &PREFIX)?,
        };
        if !filter.names.is_empty() && prefix.is_some() {
            let message = "AlarmNames and AlarmNamePrefix can't be used together.";
            return Err(Error::new(Code::InvalidParameterCombination, message));
        }
        Ok(filter)
    }

    fn selects(&self, name: &str, alarm: &Alarm) -> bool {
        let Self {
            types,
            names,
            prefix,
            state,
            action,
        } = self;
        types.contains(&alarm.alarm_type())
            && (names.is_empty() || names.contains(name))
            && name.starts_with(prefix)
            && state.is_none_or(|state| alarm.state == state)
            && action.is_none_or(|prefix| alarm.actions().has(prefix))
    }
}

/// Says how alarms belong to another.
#[derive(Clone, Copy)]
enum Relation {
    Children,
    Parents,
}

impl Relation {
    /// Returns the relation that a call asks for, and to which alarm. It asks for nothing else then.
    fn of<'a>(input: &Fields<'a>) -> Result<Option<(Self, &'a str)>, Error> {
        let children = input.text("ChildrenOfAlarmName", &NAME)?;
        let parents = input.text("ParentsOfAlarmName", &NAME)?;
        let relation = match (children, parents) {
            (None, None) => return Ok(None),
            (Some(name), None) => Some((Self::Children, name)),
            (None, Some(name)) => Some((Self::Parents, name)),
            (Some(_), Some(_)) => None,
        };
        let others = [
            "AlarmNames",
            "AlarmNamePrefix",
            "AlarmTypes",
            "StateValue",
            "ActionPrefix",
        ];
        let alone = others.iter().all(|name| !input.has(name));
        match relation.filter(|_| alone) {
            Some(relation) => Ok(Some(relation)),
            None => Err(Error::validation(
                "ChildrenOfAlarmName and ParentsOfAlarmName go with MaxRecords and NextToken only.",
            )),
        }
    }

    /// Returns the names of the alarms that are so related to the named one.
    fn names(self, account: &Account, call: &Call<'_>, name: &str) -> BTreeSet<String> {
        let alarms = account.alarms(call);
        let children = |alarm: &Alarm| match &alarm.definition {
            Definition::Composite(alarm) => {
                let rule = alarm.rule();
                let children = rule.children().into_iter();
                children.map(str::to_owned).collect()
            }
            Definition::Metric(_) => BTreeSet::new(),
        };
        match self {
            Self::Children => alarms.get(name).map(children).unwrap_or_default(),
            Self::Parents => {
                let parents = alarms.iter();
                let parents = parents.filter(|(_, alarm)| children(alarm).contains(name));
                parents.map(|(parent, _)| parent.clone()).collect()
            }
        }
    }

    /// Returns the little that is shown of a related alarm.
    fn record(self, account: &Account, call: &Call<'_>, name: &str, alarm: &Alarm) -> Record {
        let record = Record::new()
            .with("AlarmName", name)
            .with("AlarmArn", account.alarm_arn(call.region, name));
        match self {
            Self::Parents => record,
            Self::Children => record
                .with("StateValue", alarm.state.name())
                .with("StateUpdatedTimestamp", alarm.state_updated),
        }
    }
}

fn record(account: &Account, call: &Call<'_>, name: &str, alarm: &Alarm) -> Record {
    let Alarm {
        definition,
        created: _,
        defined,
        state,
        state_reason,
        state_reason_data,
        state_updated,
        state_changed,
        evaluated: _,
        tags: _,
    } = alarm;
    let record = Record::new()
        .with("AlarmName", name)
        .with("AlarmArn", account.alarm_arn(call.region, name))
        .with("AlarmConfigurationUpdatedTimestamp", *defined)
        .with("StateValue", state.name())
        .with("StateReason", state_reason)
        .with_some("StateReasonData", state_reason_data.as_ref())
        .with("StateUpdatedTimestamp", *state_updated)
        .with("StateTransitionedTimestamp", *state_changed);
    match definition {
        Definition::Metric(alarm) => alarm.add_to(record),
        Definition::Composite(alarm) => alarm.add_to(record),
    }
}

/// Lists the alarms that watch a metric by itself.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmsForMetric.html>
fn describe_for_metric(account: &mut Account, call: &Call<'_>) -> Answer {
    let input = &call.input;
    let id = MetricId {
        namespace: input
            .required_text("Namespace", &metric_query::NAMESPACE)?
            .to_owned(),
        name: input
            .required_text("MetricName", &metric_query::METRIC_NAME)?
            .to_owned(),
        dimensions: metric_query::dimensions(input)?.into_iter().collect(),
    };
    let statistic = input.choice("Statistic", STATISTICS)?;
    let extended_statistic = input.text("ExtendedStatistic", &metric_query::STATISTIC)?;
    let period = input.integer("Period", 1..=i64::MAX)?;
    let unit = input.word("Unit", UNITS)?;
    account.cloudwatch.evaluate_due(call.region, call.time);
    let wanted = |metric: &WatchedMetric| {
        metric.is(&id)
            && (statistic.is_none() || metric.statistic == statistic)
            && (extended_statistic.is_none() || metric.extended_statistic() == extended_statistic)
            && period.is_none_or(|period| metric.period == period)
            && (unit.is_none() || metric.unit.as_deref() == unit)
    };
    let alarms = account.alarms(call).iter();
    let alarms = alarms
        .filter(|(_, alarm)| alarm.watched_metric().is_some_and(|metric| wanted(&metric)))
        .map(|(name, alarm)| record(account, call, name, alarm));
    Ok(Record::new().with("MetricAlarms", alarms.collect::<Value>()))
}
