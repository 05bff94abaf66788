"""Streams, events, and what filters make of them.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

import json
import time

import pytest

from aws import refused
from cloudwatch_metrics import statistics


@pytest.fixture
def put(logs):
    """Puts messages into a stream."""
    logs.create_log_group(logGroupName="app")
    logs.create_log_stream(logGroupName="app", logStreamName="one")

    def put(*messages, stream="one", at=None):
        now = int(time.time() * 1000) if at is None else at
        return logs.put_log_events(
            logGroupName="app", logStreamName=stream,
            logEvents=[{"timestamp": now, "message": message} for message in messages])

    return put


def test_events_are_got_as_they_were_put(logs, put):
    put("first", "second")
    found = logs.get_log_events(logGroupName="app", logStreamName="one", startFromHead=True)["events"]
    assert [event["message"] for event in found] == ["first", "second"]


def test_events_need_their_stream(put):
    with refused("ResourceNotFoundException"):
        put("lost", stream="none")


def test_a_stream_is_created_once(logs, put):
    with refused("ResourceAlreadyExistsException"):
        logs.create_log_stream(logGroupName="app", logStreamName="one")


def test_events_of_more_than_two_weeks_ago_are_rejected_and_told(logs, put):
    answer = put("old", at=int(time.time() * 1000) - 15 * 86_400_000)
    assert "tooOldLogEventEndIndex" in answer["rejectedLogEventsInfo"]
    assert logs.get_log_events(logGroupName="app", logStreamName="one")["events"] == []


def test_events_are_found_by_a_pattern(logs, put):
    put(json.dumps({"user": "alice"}), json.dumps({"user": "bob"}))
    found = logs.filter_log_events(logGroupName="app", filterPattern="{ $.user = alice }")["events"]
    assert [json.loads(event["message"])["user"] for event in found] == ["alice"]


def test_a_filter_makes_a_metric_of_new_events_only(logs, cloudwatch, put):
    put("ERROR before")
    logs.put_metric_filter(
        logGroupName="app", filterName="errors", filterPattern="ERROR",
        metricTransformations=[{"metricName": "Errors", "metricNamespace": "App", "metricValue": "1"}])
    put("ERROR 1", "all is well", "ERROR 2")
    assert sum(total for total, in statistics(cloudwatch, "Sum", name="Errors")) == 2.0
