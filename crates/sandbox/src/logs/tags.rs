//! Tags of log groups.

use std::collections::BTreeMap;

use super::groups::LogGroup;
use super::{GROUP_NAME, invalid, no_such_group};
use crate::call::{Call, Fields, Pattern, Shape};
use crate::error::{Code, Error};
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::{Record, Value};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("TagResource", tag),
    Operation::write("UntagResource", untag),
    Operation::read("ListTagsForResource", list),
    // The same by the group's name, as clients called it before log groups had ARNs in these operations.
    Operation::write("TagLogGroup", tag_group),
    Operation::write("UntagLogGroup", untag_group),
    Operation::read("ListTagsLogGroup", list_of_group),
];

const LIMIT: usize = 50;

const ARN: Shape = Shape {
    lengths: 1..=1011,
    pattern: Pattern {
        expression: r"[\w+=/:,.@-]*",
        matches: |arn| {
            arn.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_+=/:,.@-".contains(&b))
        },
    },
};
const KEY: Shape = Shape {
    lengths: 1..=128,
    pattern: Pattern::ANY,
};

/// Returns the tags of a request.
pub(super) fn sent<'a>(input: &Fields<'a>) -> Result<Option<Vec<(&'a str, &'a str)>>, Error> {
    input.text_map("tags")
}

/// Adds tags to those that are there.
pub(super) fn add(tags: &mut BTreeMap<String, String>, new: &[(&str, &str)]) -> Result<(), Error> {
    for (key, value) in new {
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
            return Err(invalid(
                "A tag's key has 1 to 128 characters, its value up to 256.",
            ));
        }
        if key
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
        {
            return Err(invalid("Tag keys can't begin with aws:."));
        }
    }
    let added = new
        .iter()
        .filter(|(key, _)| !tags.contains_key(*key))
        .count();
    if tags.len() + added > LIMIT {
        return Err(Error::new(
            Code::TooManyTags,
            format!("A resource can have no more than {LIMIT} tags."),
        ));
    }
    tags.extend(
        new.iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
    );
    Ok(())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html>
fn tag(account: &mut Account, call: &Call<'_>) -> Answer {
    let new = sent(&call.input)?.ok_or_else(|| call.input.missing("tags"))?;
    add(tags_mut(account, call)?, &new)?;
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagResource.html>
fn untag(account: &mut Account, call: &Call<'_>) -> Answer {
    let keys = call
        .input
        .texts("tagKeys", &KEY)?
        .ok_or_else(|| call.input.missing("tagKeys"))?;
    let tags = tags_mut(account, call)?;
    for key in keys {
        tags.remove(key);
    }
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsForResource.html>
fn list(account: &Account, call: &Call<'_>) -> Answer {
    let name = group_name(account, call)?;
    let group = account
        .log_groups(call)
        .get(name)
        .ok_or_else(no_such_group)?;
    Ok(record(group))
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagLogGroup.html>
fn tag_group(account: &mut Account, call: &Call<'_>) -> Answer {
    let new = sent(&call.input)?.ok_or_else(|| call.input.missing("tags"))?;
    if new.is_empty() {
        return Err(invalid("At least one tag is required."));
    }
    // The reference names no code of its own for too many tags here.
    add(&mut account.log_group_mut(call)?.tags, &new).map_err(|error| invalid(error.message))?;
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagLogGroup.html>
fn untag_group(account: &mut Account, call: &Call<'_>) -> Answer {
    let keys = call
        .input
        .texts("tags", &KEY)?
        .ok_or_else(|| call.input.missing("tags"))?;
    if keys.is_empty() {
        return Err(invalid("At least one tag key is required."));
    }
    let tags = &mut account.log_group_mut(call)?.tags;
    for key in keys {
        tags.remove(key);
    }
    Ok(Record::new())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsLogGroup.html>
fn list_of_group(account: &Account, call: &Call<'_>) -> Answer {
    let name = call.input.required_text("logGroupName", &GROUP_NAME)?;
    let group = account
        .log_groups(call)
        .get(name)
        .ok_or_else(no_such_group)?;
    Ok(record(group))
}

fn record(group: &LogGroup) -> Record {
    let tags = group
        .tags
        .iter()
        .map(|(key, value)| (key.clone(), Value::from(value)))
        .collect();
    Record::new().with("tags", Value::Map(tags))
}

fn tags_mut<'a>(
    account: &'a mut Account,
    call: &Call<'_>,
) -> Result<&'a mut BTreeMap<String, String>, Error> {
    let name = group_name(account, call)?;
    account
        .log_groups_mut(call)
        .get_mut(name)
        .map(|group| &mut group.tags)
        .ok_or_else(no_such_group)
}

/// Returns the name of the log group whose ARN a call names.
fn group_name<'a>(account: &Account, call: &Call<'a>) -> Result<&'a str, Error> {
    let arn = call.input.required_text("resourceArn", &ARN)?;
    arn.strip_prefix(&account.log_group_arn(call, ""))
        .ok_or_else(no_such_group)
}
