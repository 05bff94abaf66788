"""Queries of Logs Insights.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

import json
import time

import pytest

from aws import refused

SIGN_INS = [
    {"eventName": "ConsoleLogin", "user": "alice", "ms": 7, "mfa": {"used": "Yes"}},
    {"eventName": "ConsoleLogin", "user": "bob", "ms": 10, "mfa": {"used": "No"}},
    {"eventName": "CreateUser", "user": "alice", "ms": 30},
    {"eventName": "ConsoleLogin", "user": "alice", "ms": 9, "mfa": {"used": "Yes"}},
]


@pytest.fixture
def query(logs):
    """Makes a log group with events, a second apart, and returns what a query over the last hour answers."""
    logs.create_log_group(logGroupName="app")
    logs.create_log_stream(logGroupName="app", logStreamName="one")
    now = int(time.time())
    logs.put_log_events(logGroupName="app", logStreamName="one", logEvents=[
        {"timestamp": (now - 10 + number) * 1000, "message": json.dumps(event)} for number, event in enumerate(SIGN_INS)])

    def query(text, **parameters):
        groups = {} if {"logGroupNames", "logGroupIdentifiers"} & parameters.keys() else {"logGroupName": "app"}
        started = logs.start_query(**{"startTime": now - 3600, "endTime": now + 60, "queryString": text} | groups | parameters)
        for _ in range(20):
            found = logs.get_query_results(queryId=started["queryId"])
            if found["status"] not in ("Scheduled", "Running"):
                return found
            time.sleep(0.1)
        raise AssertionError("the query does not end")

    return query


def rows(found):
    """Returns the rows, without the pointers to their events."""
    return [{cell["field"]: cell["value"] for cell in row if cell["field"] != "@ptr"} for row in found["results"]]


def test_a_query_is_complete_and_tells_what_it_looked_at(query):
    found = query("fields user | filter eventName = 'ConsoleLogin'")
    assert found["status"] == "Complete"
    assert [found["statistics"][name] for name in ("recordsMatched", "recordsScanned")] == [3.0, 4.0]


def test_every_row_of_events_has_a_pointer(query):
    for row in query("fields user")["results"]:
        assert "@ptr" in [cell["field"] for cell in row]


def test_the_newest_event_comes_first_and_has_its_message(query):
    found = rows(query("fields @timestamp, @message"))
    assert [json.loads(row["@message"]) for row in found] == SIGN_INS[::-1]


@pytest.mark.parametrize("text, expected", [
    pytest.param("filter mfa.used = 'No' | fields user", [{"user": "bob"}], id="a nested field"),
    pytest.param("filter ms > 9 | fields ms | sort ms asc", [{"ms": "10"}, {"ms": "30"}], id="numbers"),
    pytest.param("filter user like /^b/ | fields user", [{"user": "bob"}], id="a regular expression"),
    pytest.param("filter user in ['bob', 'eve'] | fields user", [{"user": "bob"}], id="a list"),
    pytest.param("filter not ispresent(mfa.used) | fields eventName", [{"eventName": "CreateUser"}], id="absence"),
    pytest.param("filter user = 'bob' or (user = 'alice' and ms = 30) | fields ms | sort ms desc",
                 [{"ms": "30"}, {"ms": "10"}], id="and, or"),
    pytest.param("fields user | sort ms asc | limit 1", [{"user": "alice"}], id="limit"),
    pytest.param("filter user = 'bob' | fields coalesce(nobody, user) as who", [{"who": "bob"}], id="coalesce"),
    pytest.param("stats count(*) as n by user | sort n desc",
                 [{"user": "alice", "n": "3"}, {"user": "bob", "n": "1"}], id="counts by a field"),
    pytest.param("stats sum(ms) as total, min(ms) as least, max(ms) as most, count_distinct(user) as users",
                 [{"total": "56", "least": "7", "most": "30", "users": "2"}], id="sums"),
])
def test_a_query_with(query, text, expected):
    assert rows(query(text)) == expected


def test_only_events_of_the_time_are_looked_at(query):
    now = int(time.time())
    assert rows(query("fields user", startTime=now - 7200, endTime=now - 3600)) == []


def test_the_limit_of_a_call_holds_where_the_query_has_none(query):
    assert len(rows(query("fields user", limit=2))) == 2


def test_log_groups_are_named_in_one_of_three_ways(logs, query, account):
    arn = f"arn:aws:logs:us-east-1:{account}:log-group:app"
    assert len(rows(query("fields user", logGroupNames=["app"]))) == 4
    assert len(rows(query("fields user", logGroupIdentifiers=[arn]))) == 4
    with refused("InvalidParameterException"):
        query("fields user", logGroupName="app", logGroupNames=["app"])


@pytest.mark.parametrize("text", ["filter", "nonsense user", "stats count(*) by", "fields user | | limit 1"])
def test_a_query_is_malformed(query, text):
    with refused("MalformedQueryException"):
        query(text)


def test_a_query_needs_its_log_group(query):
    with refused("ResourceNotFoundException"):
        query("fields user", logGroupName="none")


def test_a_time_that_ends_before_it_begins_is_refused(query):
    now = int(time.time())
    with refused("InvalidParameterException", "MalformedQueryException"):
        query("fields user", startTime=now, endTime=now - 60)


def test_a_query_that_does_not_exist_has_no_results(logs):
    with refused("ResourceNotFoundException"):
        logs.get_query_results(queryId="00000000-0000-0000-0000-000000000000")
