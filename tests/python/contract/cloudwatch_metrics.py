"""Metrics. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html"""

import datetime

MINUTE = datetime.timedelta(minutes=1)


def statistics(cloudwatch, *wanted, name="Logins", **parameters):
    """Returns the datapoints of the last ten minutes, as one."""
    now = datetime.datetime.now(datetime.UTC)
    found = cloudwatch.get_metric_statistics(
        Namespace="App", MetricName=name, StartTime=now - 10 * MINUTE, EndTime=now + 2 * MINUTE, Period=3600,
        Statistics=list(wanted), **parameters)
    return [tuple(point[one] for one in wanted) for point in found["Datapoints"]]


def test_data_is_summed_counted_and_averaged(cloudwatch):
    for value in (1.0, 2.0, 6.0):
        cloudwatch.put_metric_data(Namespace="App", MetricData=[{"MetricName": "Logins", "Value": value}])
    found = statistics(cloudwatch, "Sum", "SampleCount", "Average", "Minimum", "Maximum")
    total = [sum(point[0] for point in found), sum(point[1] for point in found)]
    assert total == [9.0, 3.0]


def test_dimensions_make_another_metric(cloudwatch):
    dimensions = [{"Name": "user", "Value": "alice"}]
    cloudwatch.put_metric_data(
        Namespace="App", MetricData=[{"MetricName": "Logins", "Value": 1.0, "Dimensions": dimensions}])
    assert statistics(cloudwatch, "Sum") == []
    assert statistics(cloudwatch, "Sum", Dimensions=dimensions) == [(1.0,)]


def test_metrics_are_listed_by_name_and_namespace(cloudwatch):
    for name in ("Logins", "Errors"):
        cloudwatch.put_metric_data(Namespace="App", MetricData=[{"MetricName": name, "Value": 1.0}])
    found = cloudwatch.list_metrics(Namespace="App", MetricName="Errors")["Metrics"]
    assert [metric["MetricName"] for metric in found] == ["Errors"]
    assert cloudwatch.list_metrics(Namespace="Other")["Metrics"] == []
