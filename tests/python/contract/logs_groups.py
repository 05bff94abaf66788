"""Log groups. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html"""

import json

import pytest

from aws import pages, refused


@pytest.fixture
def group(logs):
    logs.create_log_group(logGroupName="app")
    return "app"


def names(logs, **filters):
    return [group["logGroupName"] for group in logs.describe_log_groups(**filters)["logGroups"]]


def described(logs):
    found, = logs.describe_log_groups()["logGroups"]
    return found


def test_a_new_group_keeps_events_for_ever(logs, account, group):
    found = described(logs)
    assert found["arn"] == f"arn:aws:logs:us-east-1:{account}:log-group:app:*"
    assert "retentionInDays" not in found
    assert found["metricFilterCount"] == 0


def test_a_group_is_created_once(logs, group):
    with refused("ResourceAlreadyExistsException"):
        logs.create_log_group(logGroupName=group)


@pytest.mark.parametrize("name", ["", "a b", "a*b", "x" * 513], ids=["empty", "space", "star", "513 characters"])
def test_a_group_may_not_be_named(logs, name):
    with refused("InvalidParameterException", "ValidationException"):
        logs.create_log_group(logGroupName=name)


def test_a_group_may_have_a_path(logs):
    logs.create_log_group(logGroupName="/aws/lambda/a_b-c.d#1")
    assert names(logs) == ["/aws/lambda/a_b-c.d#1"]


@pytest.mark.parametrize("days", [1, 30, 365, 3653])
def test_events_are_kept_for(logs, group, days):
    logs.put_retention_policy(logGroupName=group, retentionInDays=days)
    assert described(logs)["retentionInDays"] == days


@pytest.mark.parametrize("days", [0, 2, 366])
def test_events_are_not_kept_for(logs, group, days):
    with refused("InvalidParameterException"):
        logs.put_retention_policy(logGroupName=group, retentionInDays=days)


def test_without_retention_events_are_kept_for_ever_again(logs, group):
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    logs.delete_retention_policy(logGroupName=group)
    assert "retentionInDays" not in described(logs)


@pytest.mark.parametrize("call, arguments", [
    ("delete_log_group", {}), ("put_retention_policy", {"retentionInDays": 1}), ("delete_retention_policy", {}),
    ("create_log_stream", {"logStreamName": "s"}), ("describe_log_streams", {}),
])
def test_of_a_group_that_does_not_exist(logs, call, arguments):
    with refused("ResourceNotFoundException"):
        getattr(logs, call)(logGroupName="none", **arguments)


def test_groups_are_found_by_prefix_in_the_order_of_their_names(logs):
    for name in ("app-2", "db", "app-1"):
        logs.create_log_group(logGroupName=name)
    assert names(logs, logGroupNamePrefix="app-") == ["app-1", "app-2"]
    assert names(logs) == ["app-1", "app-2", "db"]


def test_groups_come_in_pages(logs):
    for number in range(3):
        logs.create_log_group(logGroupName=f"group-{number}")
    found = pages(logs.describe_log_groups, "logGroups", more="nextToken", limit=2)
    assert [len(page) for page in found] == [2, 1]


def test_a_group_is_tagged_and_untagged(logs, account):
    logs.create_log_group(logGroupName="app", tags={"team": "core"})
    arn = f"arn:aws:logs:us-east-1:{account}:log-group:app"
    logs.tag_resource(resourceArn=arn, tags={"cost": "1"})
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "core", "cost": "1"}
    logs.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"cost": "1"}


def test_a_protected_group_is_not_deleted(logs, group):
    logs.put_log_group_deletion_protection(logGroupIdentifier=group, deletionProtectionEnabled=True)
    with refused("ValidationException", "InvalidOperationException", "OperationAbortedException"):
        logs.delete_log_group(logGroupName=group)
    logs.put_log_group_deletion_protection(logGroupIdentifier=group, deletionProtectionEnabled=False)
    logs.delete_log_group(logGroupName=group)
    assert names(logs) == []


def test_a_retention_policy_of_the_account_goes_before_the_groups_own(logs, group):
    logs.put_retention_policy(logGroupName=group, retentionInDays=365)
    document = json.dumps({"retentionInDays": 30, "enforcementMode": "RETROACTIVE"})
    logs.put_account_policy(policyName="short", policyType="RETENTION_POLICY", policyDocument=document, scope="ALL")
    assert described(logs)["retentionInDays"] == 30
    logs.delete_account_policy(policyName="short", policyType="RETENTION_POLICY")
    assert described(logs)["retentionInDays"] == 365
