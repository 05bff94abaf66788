"""Metric alarms. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""

import pytest

from aws import pages, refused

ALARM = {
    "AlarmName": "logins", "Namespace": "App", "MetricName": "Logins", "Statistic": "Sum", "Period": 300,
    "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold"}


def described(cloudwatch, name="logins"):
    alarm, = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return alarm


def names(cloudwatch, **filters):
    return sorted(alarm["AlarmName"] for alarm in cloudwatch.describe_alarms(**filters)["MetricAlarms"])


def test_an_alarm_is_described_as_it_was_put(cloudwatch, account):
    actions = [f"arn:aws:sns:us-east-1:{account}:ops"]
    given = ALARM | {"AlarmDescription": "Too many.", "Dimensions": [{"Name": "user", "Value": "alice"}],
                     "AlarmActions": actions, "TreatMissingData": "notBreaching", "DatapointsToAlarm": 1}
    cloudwatch.put_metric_alarm(**given)
    alarm = described(cloudwatch)
    assert {key: alarm[key] for key in given} == given
    assert alarm["AlarmArn"] == f"arn:aws:cloudwatch:us-east-1:{account}:alarm:logins"
    assert alarm["ActionsEnabled"] is True


def test_a_new_alarm_has_insufficient_data(cloudwatch):
    cloudwatch.put_metric_alarm(**ALARM)
    assert described(cloudwatch)["StateValue"] == "INSUFFICIENT_DATA"


def test_what_was_not_said_is_absent(cloudwatch):
    cloudwatch.put_metric_alarm(**ALARM)
    assert not {"TreatMissingData", "DatapointsToAlarm"} & described(cloudwatch).keys()


def test_putting_an_alarm_replaces_everything(cloudwatch, account):
    cloudwatch.put_metric_alarm(
        **ALARM, AlarmDescription="Old.", TreatMissingData="breaching", ActionsEnabled=False,
        OKActions=[f"arn:aws:sns:us-east-1:{account}:ops"])
    cloudwatch.put_metric_alarm(**ALARM | {"Threshold": 2.0})
    alarm = described(cloudwatch)
    assert (alarm["Threshold"], alarm["ActionsEnabled"], alarm["OKActions"]) == (2.0, True, [])
    assert not {"AlarmDescription", "TreatMissingData"} & alarm.keys()


def test_an_alarm_keeps_its_state_when_put_again(cloudwatch):
    cloudwatch.put_metric_alarm(**ALARM)
    cloudwatch.set_alarm_state(AlarmName="logins", StateValue="ALARM", StateReason="a test")
    cloudwatch.put_metric_alarm(**ALARM | {"AlarmDescription": "New."})
    assert described(cloudwatch)["StateValue"] == "ALARM"


@pytest.mark.parametrize("field", ["EvaluationPeriods", "ComparisonOperator"])
def test_an_alarm_needs(cloudwatch, field):
    with refused("ValidationError", "MissingParameter", "ValidationException"):
        cloudwatch.put_metric_alarm(**{key: value for key, value in ALARM.items() if key != field})


@pytest.mark.parametrize("change", [
    pytest.param({"Period": 15}, id="a period of 15 seconds"),
    pytest.param({"Period": 90}, id="a period of 90 seconds"),
    pytest.param({"Period": 300, "EvaluationPeriods": 289}, id="more than a day of periods under an hour"),
    pytest.param({"Period": 3600, "EvaluationPeriods": 169}, id="more than seven days"),
    pytest.param({"EvaluationPeriods": 0}, id="no evaluation period"),
    pytest.param({"EvaluationPeriods": 2, "DatapointsToAlarm": 3}, id="more datapoints than periods"),
    pytest.param({"Statistic": "Median"}, id="an unknown statistic"),
    pytest.param({"ComparisonOperator": "Equals"}, id="an unknown comparison"),
    pytest.param({"TreatMissingData": "guess"}, id="an unknown treatment of missing data"),
    pytest.param({"ExtendedStatistic": "p99"}, id="two statistics"),
    pytest.param({"AlarmActions": ["mail"]}, id="an action that is no ARN"),
    pytest.param({"AlarmName": ""}, id="an empty name"),
    pytest.param({"AlarmName": "x" * 256}, id="a name of 256 characters"),
    pytest.param({"AlarmDescription": "x" * 1025}, id="a description of 1025 characters"),
])
def test_an_alarm_is_refused_for(cloudwatch, change):
    with refused("ValidationError", "InvalidParameterCombination", "InvalidParameterValue"):
        cloudwatch.put_metric_alarm(**ALARM | change)
    assert names(cloudwatch) == []


@pytest.mark.parametrize("change", [
    {"Period": 10}, {"Period": 30}, {"EvaluationPeriods": 288}, {"Period": 3600, "EvaluationPeriods": 168},
], ids=lambda change: " ".join(f"{key} {value}" for key, value in change.items()))
def test_an_alarm_may_have(cloudwatch, change):
    cloudwatch.put_metric_alarm(**ALARM | change)
    assert {key: described(cloudwatch)[key] for key in change} == change


def test_an_alarm_watches_a_percentile(cloudwatch):
    given = {key: value for key, value in ALARM.items() if key != "Statistic"}
    cloudwatch.put_metric_alarm(**given, ExtendedStatistic="p99.9")
    alarm = described(cloudwatch)
    assert (alarm["ExtendedStatistic"], "Statistic" in alarm) == ("p99.9", False)


def test_an_alarm_on_metric_math_is_kept_whole(cloudwatch):
    stat = {"Metric": {"Namespace": "App", "MetricName": "Logins"}, "Period": 300, "Stat": "Sum"}
    metrics = [{"Id": "logins", "MetricStat": stat, "ReturnData": False},
               {"Id": "rate", "Expression": "logins / 300", "Label": "Rate", "ReturnData": True}]
    cloudwatch.put_metric_alarm(
        AlarmName="logins", EvaluationPeriods=1, Threshold=1.0, ComparisonOperator="GreaterThanThreshold",
        Metrics=metrics)
    found = {metric["Id"]: metric for metric in described(cloudwatch)["Metrics"]}
    assert found["rate"]["Expression"] == "logins / 300"
    assert (found["logins"]["MetricStat"]["Stat"], found["logins"]["ReturnData"]) == ("Sum", False)


def test_alarms_are_found_by_prefix_name_and_state(cloudwatch):
    for name in ("app-1", "app-2", "db-1"):
        cloudwatch.put_metric_alarm(**ALARM | {"AlarmName": name})
    cloudwatch.set_alarm_state(AlarmName="app-2", StateValue="OK", StateReason="a test")
    assert names(cloudwatch, AlarmNamePrefix="app-") == ["app-1", "app-2"]
    assert names(cloudwatch, AlarmNames=["db-1", "none"]) == ["db-1"]
    assert names(cloudwatch, StateValue="OK") == ["app-2"]


def test_alarms_are_not_found_by_name_and_prefix_at_once(cloudwatch):
    with refused("InvalidParameterCombination", "ValidationError"):
        cloudwatch.describe_alarms(AlarmNames=["a"], AlarmNamePrefix="a")


def test_alarms_come_in_pages(cloudwatch):
    for number in range(3):
        cloudwatch.put_metric_alarm(**ALARM | {"AlarmName": f"alarm-{number}"})
    found = pages(cloudwatch.describe_alarms, "MetricAlarms", more="NextToken", MaxRecords=2)
    assert [len(page) for page in found] == [2, 1]


@pytest.mark.parametrize("number", [0, 101])
def test_a_page_of_alarms_has_one_to_a_hundred(cloudwatch, number):
    with refused("ValidationError", "InvalidParameterValue"):
        cloudwatch.describe_alarms(MaxRecords=number)


def test_deleting_alarms_deletes_those_that_are_there(cloudwatch):
    cloudwatch.put_metric_alarm(**ALARM)
    cloudwatch.delete_alarms(AlarmNames=["none", "logins"])
    assert names(cloudwatch) == []


def test_no_more_than_a_hundred_alarms_are_deleted_at_once(cloudwatch):
    with refused("ValidationError", "InvalidParameterValue"):
        cloudwatch.delete_alarms(AlarmNames=[f"alarm-{number}" for number in range(101)])


def test_tags_are_given_to_a_new_alarm_only(cloudwatch):
    cloudwatch.put_metric_alarm(**ALARM, Tags=[{"Key": "team", "Value": "core"}])
    cloudwatch.put_metric_alarm(**ALARM, Tags=[{"Key": "team", "Value": "edge"}])
    arn = described(cloudwatch)["AlarmArn"]
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "team", "Value": "core"}]


def test_an_alarm_is_tagged_and_untagged(cloudwatch):
    cloudwatch.put_metric_alarm(**ALARM)
    arn = described(cloudwatch)["AlarmArn"]
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_an_alarm_that_does_not_exist_is_not_tagged(cloudwatch, account):
    with refused("ResourceNotFoundException"):
        cloudwatch.tag_resource(
            ResourceARN=f"arn:aws:cloudwatch:us-east-1:{account}:alarm:none", Tags=[{"Key": "a", "Value": "1"}])


def test_the_state_of_an_alarm_that_does_not_exist_is_not_set(cloudwatch):
    with refused("ResourceNotFound"):
        cloudwatch.set_alarm_state(AlarmName="none", StateValue="OK", StateReason="a test")


def test_the_actions_of_an_alarm_are_switched_off_and_on(cloudwatch):
    cloudwatch.put_metric_alarm(**ALARM)
    cloudwatch.disable_alarm_actions(AlarmNames=["logins"])
    assert described(cloudwatch)["ActionsEnabled"] is False
    cloudwatch.enable_alarm_actions(AlarmNames=["logins"])
    assert described(cloudwatch)["ActionsEnabled"] is True


def test_composite_alarms_are_described_when_asked_for(cloudwatch):
    cloudwatch.put_metric_alarm(**ALARM)
    cloudwatch.put_composite_alarm(AlarmName="any", AlarmRule="ALARM(logins)")
    assert cloudwatch.describe_alarms().get("CompositeAlarms", []) == []
    found = cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])
    assert [alarm["AlarmRule"] for alarm in found["CompositeAlarms"]] == ["ALARM(logins)"]
    assert found.get("MetricAlarms", []) == []


def test_the_child_of_a_composite_alarm_is_not_deleted(cloudwatch):
    cloudwatch.put_metric_alarm(**ALARM)
    cloudwatch.put_composite_alarm(AlarmName="any", AlarmRule="ALARM(logins)")
    with refused("ValidationError"):
        cloudwatch.delete_alarms(AlarmNames=["logins"])
    assert names(cloudwatch) == ["logins"]


def test_of_composite_alarms_one_is_deleted_at_once(cloudwatch):
    cloudwatch.put_metric_alarm(**ALARM)
    for name in ("one", "two"):
        cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule="ALARM(logins)")
    with refused("ValidationError", "InvalidParameterCombination"):
        cloudwatch.delete_alarms(AlarmNames=["one", "two"])
    cloudwatch.delete_alarms(AlarmNames=["one"])
    found = cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert [alarm["AlarmName"] for alarm in found] == ["two"]


def test_what_is_not_about_the_metric_is_replaced_too(cloudwatch):
    cloudwatch.put_metric_alarm(**ALARM | {"EvaluationPeriods": 3}, DatapointsToAlarm=2, Unit="Count",
                                Dimensions=[{"Name": "user", "Value": "alice"}])
    cloudwatch.put_metric_alarm(**ALARM)
    alarm = described(cloudwatch)
    assert not {"DatapointsToAlarm", "Unit"} & alarm.keys()
    assert alarm["Dimensions"] == []
