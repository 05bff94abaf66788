//! What became of alarms in the last thirty days, deleted ones included.
//!
//! Actions are not in it, since none is done.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::alarms::{Alarm, AlarmType, State, page};
use super::metric_alarm::NAME;
use crate::call::Call;
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] =
    &[Operation::read("DescribeAlarmHistory", describe).unlike("has no actions")];

/// Holds what became of the alarms of a region, the oldest first.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlarmHistory {
    items: VecDeque<Item>,
    /// How many items there have been.
    count: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    /// How many items came before.
    number: u64,
    alarm: String,
    alarm_type: AlarmType,
    time: Timestamp,
    kind: Kind,
    summary: String,
    data: String,
}

/// Says what an item is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    ConfigurationUpdate,
    StateUpdate,
}

/// Says what was done to an alarm.
#[derive(Clone, Copy)]
pub(super) enum Configuration {
    Created,
    Updated,
    Deleted,
}

/// How long the history is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

impl AlarmHistory {
    pub(super) fn configured(
        &mut self,
        name: &str,
        alarm_type: AlarmType,
        what: Configuration,
        time: Timestamp,
    ) {
        let (done, word) = match what {
            Configuration::Created => ("created", "Create"),
            Configuration::Updated => ("updated", "Update"),
            Configuration::Deleted => ("deleted", "Delete"),
        };
        let data = json!({"version": "1.0", "type": word}).to_string();
        let summary = format!("Alarm \"{name}\" {done}");
        self.add(
            name,
            alarm_type,
            time,
            Kind::ConfigurationUpdate,
            summary,
            data,
        );
    }

    /// Adds that an alarm has come from a state, with its reason, into the one it is in now.
    pub(super) fn changed(&mut self, name: &str, alarm: &Alarm, from: (State, String)) {
        let (old, old_reason) = from;
        let new = alarm.state;
        let summary = format!("Alarm updated from {} to {}", old.name(), new.name());
        let data = json!({
            "version": "1.0",
            "oldState": {"stateValue": old.name(), "stateReason": old_reason},
            "newState": {"stateValue": new.name(), "stateReason": alarm.state_reason},
        });
        let (alarm_type, time) = (alarm.alarm_type(), alarm.state_changed);
        self.add(
            name,
            alarm_type,
            time,
            Kind::StateUpdate,
            summary,
            data.to_string(),
        );
    }

    fn add(
        &mut self,
        name: &str,
        alarm_type: AlarmType,
        time: Timestamp,
        kind: Kind,
        summary: String,
        data: String,
    ) {
        while let Some(item) = self.items.front()
            && time.duration_since(item.time) > KEPT
        {
            self.items.pop_front();
        }
        self.items.push_back(Item {
            number: self.count,
            alarm: name.to_owned(),
            alarm_type,
            time,
            kind,
            summary,
            data,
        });
        self.count += 1;
    }
}

/// Lists what became of metric alarms, or of the types that are asked for; the newest first unless asked otherwise.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html>
fn describe(account: &Account, call: &Call<'_>) -> Answer {
    let input = &call.input;
    let name = input.text("AlarmName", &NAME)?;
    let types = AlarmType::asked_for(input)?;
    let kinds = [
        ("ConfigurationUpdate", Some(Kind::ConfigurationUpdate)),
        ("StateUpdate", Some(Kind::StateUpdate)),
        ("Action", None),
        ("AlarmContributorStateUpdate", None),
        ("AlarmContributorAction", None),
    ];
    let kind = input.choice("HistoryItemType", &kinds)?;
    let start = input.time("StartDate")?.unwrap_or(Timestamp::MIN);
    let end = input.time("EndDate")?.unwrap_or(Timestamp::MAX);
    let orders = [("TimestampDescending", true), ("TimestampAscending", false)];
    let newest_first = input.choice("ScanBy", &orders)?.unwrap_or(true);
    let page = page(call)?;
    let history = account.cloudwatch.alarm_history.get(call.region);
    let items = history.into_iter().flat_map(|history| &history.items);
    let wanted = items
        .filter(|item| name.is_none_or(|name| name == item.alarm))
        .filter(|item| types.contains(&item.alarm_type))
        .filter(|item| kind.is_none_or(|kind| kind == Some(item.kind)))
        .filter(|item| (start..=end).contains(&item.time));
    let keyed: BTreeMap<String, &Item> = wanted
        .map(|item| (format!("{:020}", item.number), item))
        .collect();
    let (items, token) = if newest_first {
        page.take_down(keyed.into_iter().rev())
    } else {
        page.take(keyed.into_iter())
    };
    let items = items.into_iter().map(Item::record).collect::<Value>();
    Ok(Record::new()
        .with("AlarmHistoryItems", items)
        .with_some("NextToken", token))
}

impl Item {
    fn record(&self) -> Record {
        let Self {
            number: _,
            alarm,
            alarm_type,
            time,
            kind,
            summary,
            data,
        } = self;
        let kind = match kind {
            Kind::ConfigurationUpdate => "ConfigurationUpdate",
            Kind::StateUpdate => "StateUpdate",
        };
        Record::new()
            .with("AlarmName", alarm)
            .with("AlarmType", alarm_type.name())
            .with("Timestamp", *time)
            .with("HistoryItemType", kind)
            .with("HistorySummary", summary)
            .with("HistoryData", data)
    }
}
