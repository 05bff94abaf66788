"""CloudTrail's event history.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html,
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

import datetime
import json
import time

import pytest

from aws import pages, refused

HOUR = datetime.timedelta(hours=1)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


@pytest.fixture
def lookup(cloudtrail):
    """Returns what tells the events, once CloudTrail has heard of so many."""

    def lookup(least=0, **parameters):
        for _ in range(20):
            found = cloudtrail.lookup_events(**parameters)["Events"]
            if len(found) >= least:
                return found
            time.sleep(0.1)
        raise AssertionError(f"there are {len(found)} events")

    return lookup


def attribute(key, value):
    return [{"AttributeKey": key, "AttributeValue": value}]


def record(event):
    return json.loads(event["CloudTrailEvent"])


@pytest.fixture
def users(iam):
    for name in ["alice", "bob", "carol"]:
        iam.create_user(UserName=name)


def names(events):
    return [record(event)["requestParameters"]["userName"] for event in events]


def test_an_event_tells_who_did_what_from_where_with_what(iam, lookup, account):
    iam.create_user(UserName="alice", Path="/people/")
    [event] = lookup(1)
    assert (event["EventName"], event["EventSource"], event["ReadOnly"]) == ("CreateUser", "iam.amazonaws.com", "false")
    assert abs(now() - event["EventTime"]) < HOUR
    told = record(event)
    assert (told["eventName"], told["eventID"]) == ("CreateUser", event["EventId"])
    assert told["requestParameters"] == {"userName": "alice", "path": "/people/"}
    assert told["userIdentity"]["accountId"] == told["recipientAccountId"] == account
    assert told["awsRegion"] == "us-east-1"
    assert told["sourceIPAddress"] and "Boto3/" in told["userAgent"]
    assert "errorCode" not in told


def test_the_resources_of_an_event_have_type_and_name(iam, lookup):
    iam.create_user(UserName="alice")
    [event] = lookup(1)
    assert {"ResourceType": "AWS::IAM::User", "ResourceName": "alice"} in event["Resources"]


def test_what_was_refused_has_its_error(iam, lookup):
    with refused("NoSuchEntity"):
        iam.delete_user(UserName="nobody")
    [event] = lookup(1)
    assert record(event)["errorCode"].startswith("NoSuchEntity")


def test_a_user_is_told_by_name_and_key(iam, client, lookup):
    iam.create_user(UserName="alice")
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    with refused("NoSuchEntity", "AccessDenied"):
        client("iam", key["AccessKeyId"], key["SecretAccessKey"]).delete_user(UserName="nobody")
    [event] = lookup(1, LookupAttributes=attribute("Username", "alice"))
    assert (event["Username"], event["AccessKeyId"]) == ("alice", key["AccessKeyId"])
    identity = record(event)["userIdentity"]
    assert (identity["type"], identity["userName"]) == ("IAMUser", "alice")


def test_a_password_is_in_no_event(iam, lookup):
    iam.create_user(UserName="alice")
    iam.create_login_profile(UserName="alice", Password="Correct-Horse-9")
    assert "Correct-Horse-9" not in str(lookup(2))


def test_the_newest_event_comes_first(users, lookup):
    assert names(lookup(3)) == ["carol", "bob", "alice"]


@pytest.mark.parametrize("key, value, expected", [
    ("EventName", "CreateUser", 3),
    ("EventName", "DeleteUser", 0),
    ("EventSource", "iam.amazonaws.com", 3),
    ("EventSource", "logs.amazonaws.com", 0),
    ("ResourceName", "bob", 1),
    ("ResourceName", "bo", 0),
    ("ResourceType", "AWS::IAM::User", 3),
    ("ReadOnly", "false", 3),
    ("Username", "nobody", 0),
])
def test_events_are_found_by(users, lookup, key, value, expected):
    lookup(3)
    assert len(lookup(LookupAttributes=attribute(key, value))) == expected


def test_an_event_is_found_by_its_id(users, lookup):
    first = lookup(3)[0]
    [found] = lookup(LookupAttributes=attribute("EventId", first["EventId"]))
    assert found["EventId"] == first["EventId"]


def test_events_come_in_pages(users, cloudtrail, lookup):
    lookup(3)
    found = pages(cloudtrail.lookup_events, "Events", more="NextToken", MaxResults=2)
    assert [names(page) for page in found] == [["carol", "bob"], ["alice"]]


def test_a_token_is_good_for_the_parameters_that_it_was_given_for(users, cloudtrail, lookup):
    lookup(3)
    token = cloudtrail.lookup_events(MaxResults=2)["NextToken"]
    with refused("InvalidNextTokenException"):
        cloudtrail.lookup_events(MaxResults=2, NextToken=token, LookupAttributes=attribute("EventName", "CreateUser"))


def test_a_token_that_was_not_given_is_refused(cloudtrail):
    with refused("InvalidNextTokenException"):
        cloudtrail.lookup_events(NextToken="x")


@pytest.mark.parametrize("start, end, expected", [(-1, 1, 3), (-2, -1, 0), (1, 2, 0)])
def test_only_events_of_the_time_are_told(users, lookup, start, end, expected):
    lookup(3)
    assert len(lookup(StartTime=now() + start * HOUR, EndTime=now() + end * HOUR)) == expected


def test_a_time_that_ends_before_it_begins_is_refused(cloudtrail):
    with refused("InvalidTimeRangeException"):
        cloudtrail.lookup_events(StartTime=now(), EndTime=now() - HOUR)


def test_only_one_attribute_can_be_looked_up(cloudtrail):
    two = attribute("EventName", "CreateUser") + attribute("Username", "root")
    with refused("InvalidLookupAttributesException"):
        cloudtrail.lookup_events(LookupAttributes=two)


@pytest.mark.parametrize("size", [0, 51])
def test_a_page_has_one_to_fifty_events(cloudtrail, size):
    with refused("InvalidMaxResultsException"):
        cloudtrail.lookup_events(MaxResults=size)


def test_only_insight_is_another_category(users, cloudtrail):
    assert cloudtrail.lookup_events(EventCategory="insight")["Events"] == []
    with refused("InvalidEventCategoryException"):
        cloudtrail.lookup_events(EventCategory="data")


def test_each_service_is_told_by_its_source(lookup, logs):
    logs.create_log_group(logGroupName="app")
    [event] = lookup(1, LookupAttributes=attribute("EventName", "CreateLogGroup"))
    assert event["EventSource"] == "logs.amazonaws.com"
