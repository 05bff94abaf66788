"""Dashboards. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html"""

import contextlib
import json

import pytest
from botocore.exceptions import ClientError

from aws import pages, refused

TEXT = {"type": "text", "x": 0, "y": 0, "width": 6, "height": 3, "properties": {"markdown": "hello"}}
BODY = json.dumps({"widgets": [TEXT]})
NOT_FOUND = ("ResourceNotFound", "DashboardNotFoundError")
INVALID = ("InvalidParameterInput", "DashboardInvalidInputError")


def names(cloudwatch, **filters):
    return [entry["DashboardName"] for entry in cloudwatch.list_dashboards(**filters)["DashboardEntries"]]


def test_a_dashboard_is_got_as_it_was_put_and_belongs_to_no_region(cloudwatch, account):
    cloudwatch.put_dashboard(DashboardName="logins", DashboardBody=BODY)
    found = cloudwatch.get_dashboard(DashboardName="logins")
    assert json.loads(found["DashboardBody"]) == json.loads(BODY)
    assert found["DashboardArn"] == f"arn:aws:cloudwatch::{account}:dashboard/logins"


def test_putting_a_dashboard_replaces_it(cloudwatch):
    cloudwatch.put_dashboard(DashboardName="logins", DashboardBody=BODY)
    cloudwatch.put_dashboard(DashboardName="logins", DashboardBody='{"widgets": []}')
    assert json.loads(cloudwatch.get_dashboard(DashboardName="logins")["DashboardBody"]) == {"widgets": []}
    assert names(cloudwatch) == ["logins"]


def test_a_body_that_is_no_json_is_refused(cloudwatch):
    with refused(*INVALID):
        cloudwatch.put_dashboard(DashboardName="logins", DashboardBody="{")
    assert names(cloudwatch) == []


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 256], ids=["empty", "space", "slash", "256 characters"])
def test_a_dashboard_may_not_be_named(cloudwatch, name):
    with refused(*INVALID, "InvalidParameterValue", "ValidationError"):
        cloudwatch.put_dashboard(DashboardName=name, DashboardBody=BODY)


def test_a_dashboard_has_500_widgets_at_most(cloudwatch):
    cloudwatch.put_dashboard(DashboardName="full", DashboardBody=json.dumps({"widgets": [TEXT] * 500}))
    with refused(*INVALID):
        cloudwatch.put_dashboard(DashboardName="over", DashboardBody=json.dumps({"widgets": [TEXT] * 501}))


def test_a_dashboard_that_does_not_exist_is_not_got(cloudwatch):
    with refused(*NOT_FOUND):
        cloudwatch.get_dashboard(DashboardName="none")


def test_dashboards_are_listed_by_prefix_with_their_size(cloudwatch):
    for name in ("app-1", "app-2", "db-1"):
        cloudwatch.put_dashboard(DashboardName=name, DashboardBody=BODY)
    assert sorted(names(cloudwatch, DashboardNamePrefix="app-")) == ["app-1", "app-2"]
    assert cloudwatch.list_dashboards()["DashboardEntries"][0]["Size"] == len(BODY)


def test_deleted_dashboards_are_gone(cloudwatch):
    for name in ("one", "two"):
        cloudwatch.put_dashboard(DashboardName=name, DashboardBody=BODY)
    cloudwatch.delete_dashboards(DashboardNames=["one"])
    assert names(cloudwatch) == ["two"]


def test_of_dashboards_those_that_are_there_are_deleted(cloudwatch):
    cloudwatch.put_dashboard(DashboardName="one", DashboardBody=BODY)
    with contextlib.suppress(ClientError):  # whether one that isn't there is an error is not said
        cloudwatch.delete_dashboards(DashboardNames=["none", "one"])
    assert names(cloudwatch) == []
