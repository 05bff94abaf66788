"""Metric filters and their patterns.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import json

import pytest

from aws import pages, refused

METRIC = {"metricName": "Logins", "metricNamespace": "App", "metricValue": "1"}


@pytest.fixture
def put(logs):
    """Puts a filter on a log group that there is."""
    logs.create_log_group(logGroupName="app")

    def put(name="logins", pattern="{ $.eventName = ConsoleLogin }", group="app", metrics=None, **changes):
        logs.put_metric_filter(
            logGroupName=group, filterName=name, filterPattern=pattern,
            metricTransformations=[METRIC | changes] if metrics is None else metrics)

    return put


def names(logs, **filters):
    return [found["filterName"] for found in logs.describe_metric_filters(**filters)["metricFilters"]]


def test_a_filter_is_described_as_it_was_put(logs, put):
    put(defaultValue=0.0, unit="Count")
    found, = logs.describe_metric_filters(logGroupName="app")["metricFilters"]
    assert (found["filterName"], found["logGroupName"]) == ("logins", "app")
    assert found["filterPattern"] == "{ $.eventName = ConsoleLogin }"
    assert found["metricTransformations"] == [METRIC | {"defaultValue": 0.0, "unit": "Count"}]


def test_putting_a_filter_again_replaces_it(logs, put):
    put(defaultValue=0.0)
    put(pattern="ERROR", metricName="Errors")
    found, = logs.describe_metric_filters(logGroupName="app")["metricFilters"]
    assert found["filterPattern"] == "ERROR"
    assert found["metricTransformations"] == [METRIC | {"metricName": "Errors"}]


def test_a_filter_needs_its_group(put):
    with refused("ResourceNotFoundException"):
        put(group="none")


def test_filters_of_two_groups_may_have_one_name(logs, put):
    logs.create_log_group(logGroupName="other")
    put()
    put(group="other")
    assert names(logs) == ["logins", "logins"]


@pytest.mark.parametrize("pattern", [
    "{ $.a = }", "{ $.a = 1", "{ a = 1 }", "{ $.a IS NOT NULL }", "{ $.a EXISTS }", "[a, b", "\"open", "%[a-%",
])
def test_a_pattern_is_refused(put, pattern):
    with refused("InvalidParameterException"):
        put(pattern=pattern)


@pytest.mark.parametrize("change", [
    pytest.param({"metrics": []}, id="no metric"),
    pytest.param({"metrics": [METRIC, METRIC]}, id="two metrics"),
    pytest.param({"metricName": "a:b"}, id="a colon in the name"),
    pytest.param({"metricNamespace": "a*b"}, id="a star in the namespace"),
    pytest.param({"dimensions": {"user": "$.user"}, "defaultValue": 0.0}, id="a default value with dimensions"),
    pytest.param({"dimensions": {name: f"$.{name}" for name in "abcd"}}, id="four dimensions"),
    pytest.param({"pattern": "ERROR", "dimensions": {"user": "$.user"}}, id="dimensions of terms"),
    pytest.param({"unit": "Apples"}, id="an unknown unit"),
    pytest.param({"name": "a:b"}, id="a colon in its name"),
])
def test_a_filter_is_refused_for(put, change):
    with refused("InvalidParameterException", "ValidationException"):
        put(**change)


def test_a_filter_has_three_dimensions(logs, put):
    dimensions = {name: f"$.{name}" for name in "abc"}
    put(pattern="{ ($.a = *) && ($.b = *) && ($.c = *) }", dimensions=dimensions)
    found, = logs.describe_metric_filters(logGroupName="app")["metricFilters"]
    assert found["metricTransformations"][0]["dimensions"] == dimensions


def test_a_group_has_a_hundred_filters_at_most(put):
    for number in range(100):
        put(f"filter-{number}")
    with refused("LimitExceededException"):
        put("one-more")


def test_filters_are_found_by_prefix_and_by_metric(logs, put):
    put("app-1")
    put("app-2", metricName="Errors")
    put("db-1")
    assert names(logs, logGroupName="app", filterNamePrefix="app-") == ["app-1", "app-2"]
    assert names(logs, metricName="Errors", metricNamespace="App") == ["app-2"]


def test_filters_are_not_found_by_the_name_of_a_metric_alone(logs, put):
    with refused("InvalidParameterException"):
        logs.describe_metric_filters(metricName="Errors")


def test_filters_come_in_pages(logs, put):
    for number in range(3):
        put(f"filter-{number}")
    found = pages(logs.describe_metric_filters, "metricFilters", more="nextToken", logGroupName="app", limit=2)
    assert [len(page) for page in found] == [2, 1]


def test_a_deleted_filter_is_gone(logs, put):
    put()
    logs.delete_metric_filter(logGroupName="app", filterName="logins")
    assert names(logs, logGroupName="app") == []
    with refused("ResourceNotFoundException"):
        logs.delete_metric_filter(logGroupName="app", filterName="logins")


def test_a_filter_goes_with_its_group(logs, put):
    put()
    logs.delete_log_group(logGroupName="app")
    logs.create_log_group(logGroupName="app")
    assert names(logs, logGroupName="app") == []


LOGIN = {"eventName": "ConsoleLogin", "code": 4, "ok": True, "none": None, "users": ["alice", "bob"],
         "details": {"MFAUsed": "No"}}


@pytest.mark.parametrize("pattern, matches", [
    ('{ $.eventName = "ConsoleLogin" }', True),
    ("{ $.eventName = Console* }", True),
    ("{ $.eventName != ConsoleLogin }", False),
    ('{ ($.eventName = ConsoleLogin) && ($.details.MFAUsed != "Yes") }', True),
    ('{ ($.eventName = Other) || ($.code >= 4) }', True),
    ("{ $.code > 4 }", False),
    ("{ $.code = 4 }", True),
    ("{ $.ok IS TRUE }", True),
    ("{ $.ok IS FALSE }", False),
    ("{ $.none IS NULL }", True),
    ("{ $.missing NOT EXISTS }", True),
    ("{ $.code NOT EXISTS }", False),
    ('{ $.users[0] = "alice" }', True),
    ('{ $.users[1] = "alice" }', False),
    ('{ $.users[*] = "bob" }', True),
    ("{ $.eventName = %^Console% }", True),
])
def test_a_pattern_of_json(logs, pattern, matches):
    found = logs.test_metric_filter(filterPattern=pattern, logEventMessages=[json.dumps(LOGIN)])["matches"]
    assert bool(found) is matches


@pytest.mark.parametrize("pattern, matched", [
    ("ERROR", [1, 2]),
    ('"ERROR 42"', [2]),
    ("ERROR -42", [1]),
    ("?INFO ?42", [2, 3]),
    ("error", []),
    ("", [1, 2, 3]),
    ("[level = ERROR, ...]", [1, 2]),
    ("[level, code = 4*]", [2]),
])
def test_a_pattern_of_text(logs, pattern, matched):
    lines = ["ERROR in a loop", "ERROR 42", "INFO all is well"]
    found = logs.test_metric_filter(filterPattern=pattern, logEventMessages=lines)["matches"]
    assert [match["eventNumber"] for match in found] == matched


def test_a_filter_needs_a_group_of_the_standard_class(logs, put):
    logs.create_log_group(logGroupName="rare", logGroupClass="INFREQUENT_ACCESS")
    with refused("InvalidOperationException", "InvalidParameterException"):
        put(group="rare")


def test_a_pattern_has_two_regular_expressions_at_most_and_a_group_five_such_patterns(put):
    put("two", pattern="{ $.a = %a% || $.b = %b% }")
    with refused("InvalidParameterException", "LimitExceededException"):
        put("three", pattern="{ $.a = %a% || $.b = %b% || $.c = %c% }")
    for number in range(4):
        put(f"filter-{number}", pattern="{ $.a = %a% }")
    with refused("LimitExceededException"):
        put("one-more", pattern="{ $.a = %a% }")


def test_a_prefix_without_a_group_is_not_looked_at(logs, put):
    put("app-1")
    put("db-1")
    assert names(logs, filterNamePrefix="app-") == ["app-1", "db-1"]


@pytest.mark.parametrize("number", [0, 51])
def test_a_page_of_filters_has_one_to_fifty(logs, put, number):
    with refused("InvalidParameterException", "ValidationException"):
        logs.describe_metric_filters(logGroupName="app", limit=number)


def test_what_is_not_about_the_pattern_is_kept(logs, put):
    given = {"applyOnTransformedLogs": False, "fieldSelectionCriteria": '@aws.region = "us-east-1"',
             "emitSystemFieldDimensions": ["@aws.account"]}
    logs.put_metric_filter(
        logGroupName="app", filterName="logins", filterPattern="{ $.a = * }", metricTransformations=[METRIC], **given)
    found, = logs.describe_metric_filters(logGroupName="app")["metricFilters"]
    assert {key: found.get(key) for key in given} == given
