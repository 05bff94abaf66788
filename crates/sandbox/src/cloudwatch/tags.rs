//! Tags of alarms and dashboards.

use std::collections::BTreeMap;

use super::CloudWatch;
use crate::call::{Call, Fields, Pattern, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("TagResource", tag),
    Operation::write("UntagResource", untag),
    Operation::read("ListTagsForResource", list),
];

pub(super) type Tags = BTreeMap<String, String>;

/// The tags that a resource can have.
pub(super) const LIMIT: usize = 50;
const ARN: Shape = Shape {
    lengths: 1..=1024,
    pattern: Pattern::ANY,
};
const KEY: Shape = Shape {
    lengths: 1..=128,
    pattern: Pattern::ANY,
};
const VALUE: Shape = Shape {
    lengths: 0..=256,
    pattern: Pattern::ANY,
};

/// Returns the tags of a request.
pub(super) fn sent<'a>(input: &Fields<'a>) -> Result<Option<Vec<(&'a str, &'a str)>>, Error> {
    let Some(records) = input.records("Tags")? else {
        return Ok(None);
    };
    let tag = |record: Fields<'a>| {
        let key = record.required_text("Key", &KEY)?;
        if key
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
        {
            return Err(invalid("Tag keys can't begin with aws:."));
        }
        Ok((key, record.required_text("Value", &VALUE)?))
    };
    records
        .into_iter()
        .map(tag)
        .collect::<Result<_, _>>()
        .map(Some)
}

/// Adds tags to those that are there.
pub(super) fn add(tags: &mut Tags, new: &[(&str, &str)]) -> Result<(), Error> {
    let added = new
        .iter()
        .filter(|(key, _)| !tags.contains_key(*key))
        .count();
    if tags.len() + added > LIMIT {
        return Err(invalid(format!(
            "A resource can have no more than {LIMIT} tags."
        )));
    }
    tags.extend(
        new.iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
    );
    Ok(())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_TagResource.html>
fn tag(account: &mut Account, call: &Call<'_>) -> Answer {
    let new = sent(&call.input)?.ok_or_else(|| call.input.missing("Tags"))?;
    add(tags_mut(account, call)?, &new)?;
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_UntagResource.html>
fn untag(account: &mut Account, call: &Call<'_>) -> Answer {
    let keys = call
        .input
        .texts("TagKeys", &KEY)?
        .ok_or_else(|| call.input.missing("TagKeys"))?;
    let tags = tags_mut(account, call)?;
    for key in keys {
        tags.remove(key);
    }
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListTagsForResource.html>
fn list(account: &Account, call: &Call<'_>) -> Answer {
    let tags = match resource(account, call)? {
        Resource::Alarm(name) => account.alarms(call).get(name).map(|alarm| &alarm.tags),
        Resource::Dashboard(name) => account
            .cloudwatch
            .dashboards
            .get(name)
            .map(|dashboard| &dashboard.tags),
    };
    let tags = tags.ok_or_else(no_such_resource)?;
    let records = tags
        .iter()
        .map(|(key, value)| Record::new().with("Key", key).with("Value", value));
    Ok(Record::new().with("Tags", records.collect::<Value>()))
}

fn tags_mut<'a>(account: &'a mut Account, call: &Call<'_>) -> Result<&'a mut Tags, Error> {
    let resource = resource(account, call)?;
    let CloudWatch {
        alarms,
        dashboards,
        metrics: _,
        alarm_history: _,
    } = &mut account.cloudwatch;
    let tags = match resource {
        Resource::Alarm(name) => alarms
            .get_mut(call.region)
            .and_then(|alarms| alarms.get_mut(name))
            .map(|alarm| &mut alarm.tags),
        Resource::Dashboard(name) => dashboards
            .get_mut(name)
            .map(|dashboard| &mut dashboard.tags),
    };
    tags.ok_or_else(no_such_resource)
}

/// Names what can be tagged.
enum Resource<'a> {
    Alarm(&'a str),
    Dashboard(&'a str),
}

/// Returns what a call's ARN names in this account and region.
fn resource<'a>(account: &Account, call: &Call<'a>) -> Result<Resource<'a>, Error> {
    let arn = call.input.required_text("ResourceARN", &ARN)?;
    if !arn.starts_with("arn:") {
        return Err(invalid(format!("{arn} is not an ARN.")));
    }
    let alarm = arn
        .strip_prefix(&account.alarm_arn(call.region, ""))
        .map(Resource::Alarm);
    let dashboard = || {
        arn.strip_prefix(&account.dashboard_arn(""))
            .map(Resource::Dashboard)
    };
    alarm.or_else(dashboard).ok_or_else(no_such_resource)
}

fn no_such_resource() -> Error {
    Error::new(Code::ResourceToTagNotFound, "The resource does not exist.")
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(Code::InvalidParameterValue, message)
}
