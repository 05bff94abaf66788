"""Subscription filters.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html

The destinations don't exist: AWS sends each a test message when a filter is put, which tests of a sandbox leave out.
"""

import pytest

from aws import pages, refused


@pytest.fixture
def put(logs, account):
    """Puts a filter on a log group that there is."""
    logs.create_log_group(logGroupName="app")

    def put(name="logins", **parameters):
        destination = f"arn:aws:logs:us-east-1:{account}:destination:central"
        logs.put_subscription_filter(**{
            "logGroupName": "app", "filterName": name, "filterPattern": "ERROR", "destinationArn": destination} | parameters)
        return destination

    return put


def filters(logs, **parameters):
    return logs.describe_subscription_filters(logGroupName="app", **parameters)["subscriptionFilters"]


def test_a_filter_is_described_as_it_was_put(logs, put, account):
    destination = put(roleArn=f"arn:aws:iam::{account}:role/logs")
    found, = filters(logs)
    expected = {"filterName": "logins", "logGroupName": "app", "filterPattern": "ERROR", "destinationArn": destination,
                "roleArn": f"arn:aws:iam::{account}:role/logs", "distribution": "ByLogStream"}
    assert {key: found[key] for key in expected} == expected
    assert "creationTime" in found


def test_putting_a_filter_again_replaces_it(logs, put):
    put()
    put(filterPattern="WARN", distribution="Random")
    found, = filters(logs)
    assert (found["filterPattern"], found["distribution"]) == ("WARN", "Random")


def test_a_group_has_two_filters_at_most(put):
    put("one")
    put("two")
    put("two", filterPattern="WARN")
    with refused("LimitExceededException"):
        put("three")


def test_filters_are_found_by_prefix(logs, put):
    put("app-1")
    put("db-1")
    assert [found["filterName"] for found in filters(logs, filterNamePrefix="app-")] == ["app-1"]


def test_filters_come_in_pages(logs, put):
    put("one")
    put("two")
    found = pages(logs.describe_subscription_filters, "subscriptionFilters", more="nextToken", logGroupName="app", limit=1)
    assert [len(page) for page in found] == [1, 1]


def test_a_filter_needs_its_group(logs, put):
    with refused("ResourceNotFoundException"):
        put(logGroupName="none")
    with refused("ResourceNotFoundException"):
        logs.describe_subscription_filters(logGroupName="none")


@pytest.mark.parametrize("change", [
    pytest.param({"filterPattern": "{ $.a = "}, id="a pattern that can't be read"),
    pytest.param({"destinationArn": "central"}, id="a destination that is no ARN"),
    pytest.param({"distribution": "Evenly"}, id="an unknown distribution"),
    pytest.param({"filterName": "a:b"}, id="a colon in its name"),
])
def test_a_filter_is_refused_for(put, change):
    with refused("InvalidParameterException", "ValidationException"):
        put(**change)


def test_a_deleted_filter_is_gone(logs, put):
    put()
    logs.delete_subscription_filter(logGroupName="app", filterName="logins")
    assert filters(logs) == []
    with refused("ResourceNotFoundException"):
        logs.delete_subscription_filter(logGroupName="app", filterName="logins")


def test_a_filter_goes_with_its_group(logs, put):
    put()
    logs.delete_log_group(logGroupName="app")
    logs.create_log_group(logGroupName="app")
    assert filters(logs) == []


def test_patterns_with_regular_expressions_are_five_a_group_with_those_of_metric_filters(logs, put):
    metric = {"metricName": "Logins", "metricNamespace": "App", "metricValue": "1"}
    for number in range(4):
        logs.put_metric_filter(
            logGroupName="app", filterName=f"filter-{number}", filterPattern="%a+%", metricTransformations=[metric])
    put("one", filterPattern="%a+%")
    with refused("LimitExceededException"):
        put("two", filterPattern="%a+%")
    put("two")
