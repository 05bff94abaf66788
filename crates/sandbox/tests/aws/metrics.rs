use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use aws_sdk_cloudwatch::operation::get_metric_statistics::builders::GetMetricStatisticsFluentBuilder;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::builders::MetricDatumBuilder;
use aws_sdk_cloudwatch::types::{
    Dimension, DimensionFilter, Metric, MetricDataQuery, MetricDataResult, MetricDatum, MetricStat,
    RecentlyActive, ScanBy, StandardUnit, Statistic, StatisticSet, StatusCode,
};

use crate::log_events::{event, now, put as put_events, stream};
use crate::support::{Aws, aws, aws_with, code};

/// Returns the beginning of the minute so many minutes ago; it stays the same for as long as a test runs.
pub(crate) fn minutes_ago(minutes: u64) -> DateTime {
    static MINUTE: OnceLock<u64> = OnceLock::new();
    let minute = MINUTE.get_or_init(|| {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since.unwrap().as_secs() / 60
    });
    let since = Duration::from_secs(60 * (minute - minutes));
    DateTime::from(SystemTime::UNIX_EPOCH + since)
}

fn datum() -> MetricDatumBuilder {
    MetricDatum::builder()
        .metric_name("Logins")
        .timestamp(minutes_ago(10))
}

async fn put(aws: &Aws, data: Vec<MetricDatumBuilder>) {
    let data = data.into_iter().map(MetricDatumBuilder::build).collect();
    let put = aws.cloudwatch.put_metric_data().namespace("App");
    put.set_metric_data(Some(data)).send().await.unwrap();
}

fn statistics(aws: &Aws) -> GetMetricStatisticsFluentBuilder {
    let get = aws.cloudwatch.get_metric_statistics().namespace("App");
    let get = get.metric_name("Logins").period(60);
    get.start_time(minutes_ago(20)).end_time(minutes_ago(0))
}

#[tokio::test]
async fn values_counts_and_statistic_sets_add_up() {
    let aws = aws().await;
    let set = StatisticSet::builder()
        .sample_count(2.0)
        .sum(9.0)
        .minimum(4.0)
        .maximum(5.0);
    let data = vec![
        datum().value(1.0),
        datum().values(2.0).values(3.0).counts(1.0).counts(2.0),
        datum().statistic_values(set.build()),
    ];
    put(&aws, data).await;
    let all = statistics(&aws)
        .statistics(Statistic::SampleCount)
        .statistics(Statistic::Average)
        .statistics(Statistic::Sum)
        .statistics(Statistic::Minimum)
        .statistics(Statistic::Maximum);
    let all = all.send().await.unwrap();
    let [point] = all.datapoints() else {
        panic!("not one datapoint")
    };
    assert_eq!((point.sample_count(), point.sum()), (Some(6.0), Some(18.0)));
    assert_eq!(
        (point.average(), point.unit()),
        (Some(3.0), Some(&StandardUnit::None))
    );
    assert_eq!((point.minimum(), point.maximum()), (Some(1.0), Some(5.0)));
    assert_eq!(point.timestamp(), Some(&minutes_ago(10)));
}

#[tokio::test]
async fn datapoints_go_by_period_unit_and_dimensions() {
    let aws = aws().await;
    let alice = Dimension::builder().name("user").value("alice").build();
    put(
        &aws,
        vec![
            datum().value(1.0).timestamp(minutes_ago(12)),
            datum().value(2.0).timestamp(minutes_ago(11)),
            datum().value(4.0).unit(StandardUnit::Count),
            datum().value(8.0).dimensions(alice.clone()),
        ],
    )
    .await;
    let sums = |get: GetMetricStatisticsFluentBuilder| async {
        let answer = get.statistics(Statistic::Sum).send().await.unwrap();
        let mut sums: Vec<f64> = answer
            .datapoints()
            .iter()
            .map(|it| it.sum().unwrap())
            .collect();
        sums.sort_by(f64::total_cmp);
        sums
    };
    assert_eq!(sums(statistics(&aws)).await, [1.0, 2.0, 4.0]);
    assert_eq!(sums(statistics(&aws).period(1200)).await, [3.0, 4.0]);
    assert_eq!(
        sums(statistics(&aws).unit(StandardUnit::Count)).await,
        [4.0]
    );
    assert_eq!(sums(statistics(&aws).dimensions(alice)).await, [8.0]);
    assert_eq!(
        sums(statistics(&aws).end_time(minutes_ago(11))).await,
        [1.0]
    );
}

#[tokio::test]
async fn the_start_of_a_range_is_rounded_down_to_the_minute() {
    let aws = aws().await;
    put(&aws, vec![datum().value(1.0)]).await;
    let within = DateTime::from_secs(minutes_ago(10).secs() + 59);
    let get = statistics(&aws)
        .start_time(within)
        .statistics(Statistic::Sum);
    let points = get.send().await.unwrap();
    assert_eq!(points.datapoints()[0].timestamp(), Some(&minutes_ago(10)));
}

#[tokio::test]
async fn data_of_high_resolution_keeps_its_seconds() {
    let aws = aws().await;
    let start = minutes_ago(2);
    let at = |second: i64| DateTime::from_secs(start.secs() + second);
    let data = [0, 9, 10].map(|second| {
        datum()
            .value(1.0)
            .timestamp(at(second))
            .storage_resolution(1)
    });
    put(&aws, data.to_vec()).await;
    let get = statistics(&aws)
        .start_time(at(3))
        .period(10)
        .statistics(Statistic::Sum);
    let points = get.send().await.unwrap();
    let mut sums: Vec<(i64, f64)> = points
        .datapoints()
        .iter()
        .map(|it| {
            (
                it.timestamp().unwrap().secs() - start.secs(),
                it.sum().unwrap(),
            )
        })
        .collect();
    sums.sort_by_key(|(second, _)| *second);
    assert_eq!(sums, [(0, 2.0), (10, 1.0)]);
}

#[tokio::test]
async fn data_that_breaks_a_rule_is_refused_whole() {
    let aws = aws().await;
    let twice = Dimension::builder().name("user").value("alice").build();
    let refused = [
        (datum(), "MissingParameter"),
        (
            datum().value(1.0).values(1.0),
            "InvalidParameterCombination",
        ),
        (
            datum().value(1.0).timestamp(minutes_ago(15 * 24 * 60)),
            "InvalidParameterValue",
        ),
        (
            datum().value(1.0).storage_resolution(30),
            "InvalidParameterValue",
        ),
        (
            datum().values(1.0).values(2.0).counts(1.0),
            "InvalidParameterValue",
        ),
        (datum().value(1e200), "InvalidParameterValue"),
        (
            datum()
                .value(1.0)
                .dimensions(twice.clone())
                .dimensions(twice),
            "InvalidParameterValue",
        ),
    ];
    for (wrong, expected) in refused {
        let shown = format!("{wrong:?}");
        let put = aws.cloudwatch.put_metric_data().namespace("App");
        let put = put
            .metric_data(datum().value(1.0).build())
            .metric_data(wrong.build());
        assert_eq!(code(put.send().await), expected, "{shown}");
    }
    assert!(
        aws.cloudwatch
            .list_metrics()
            .send()
            .await
            .unwrap()
            .metrics()
            .is_empty()
    );
}

#[tokio::test]
async fn statistics_that_break_a_rule_are_refused() {
    let aws = aws().await;
    let sum = || statistics(&aws).statistics(Statistic::Sum);
    let refused = [
        (statistics(&aws), "MissingParameter"),
        (
            sum().extended_statistics("p99"),
            "InvalidParameterCombination",
        ),
        (
            statistics(&aws).extended_statistics("p99"),
            "InvalidParameterValue",
        ),
        (sum().period(90), "InvalidParameterValue"),
        (sum().start_time(minutes_ago(0)), "InvalidParameterValue"),
        (
            sum().start_time(minutes_ago(1441)),
            "InvalidParameterCombination",
        ),
    ];
    for (get, expected) in refused {
        let shown = format!("{get:?}");
        assert_eq!(code(get.send().await), expected, "{shown}");
    }
}

fn query(id: &str, name: &str) -> MetricDataQuery {
    let metric = Metric::builder().namespace("App").metric_name(name).build();
    let stat = MetricStat::builder()
        .metric(metric)
        .period(60)
        .stat("Sum")
        .build();
    MetricDataQuery::builder().id(id).metric_stat(stat).build()
}

#[tokio::test]
async fn data_of_several_metrics_comes_in_pages() {
    let aws = aws().await;
    let data = (11..14).map(|ago| datum().value(ago as f64).timestamp(minutes_ago(ago)));
    put(
        &aws,
        data.chain([datum().metric_name("Other").value(1.0)])
            .collect(),
    )
    .await;
    let get = || {
        let get = aws.cloudwatch.get_metric_data().start_time(minutes_ago(20));
        let get = get
            .end_time(minutes_ago(0))
            .metric_data_queries(query("a", "Logins"));
        get.metric_data_queries(query("b", "Other"))
    };
    let first = get().max_datapoints(2).send().await.unwrap();
    let [a, b] = first.metric_data_results() else {
        panic!("not two results")
    };
    assert_eq!(
        (a.values(), b.values()),
        ([11.0, 12.0].as_slice(), [].as_slice())
    );
    assert_eq!(
        (a.label(), a.status_code()),
        (Some("Logins"), Some(&StatusCode::PartialData))
    );
    let second = get()
        .max_datapoints(2)
        .next_token(first.next_token().unwrap());
    let second = second.send().await.unwrap();
    let values: Vec<&[f64]> = second
        .metric_data_results()
        .iter()
        .map(MetricDataResult::values)
        .collect();
    assert_eq!(values, [[13.0].as_slice(), [1.0].as_slice()]);
    assert_eq!(second.next_token(), None);
    let ascending = get()
        .scan_by(ScanBy::TimestampAscending)
        .send()
        .await
        .unwrap();
    assert_eq!(
        ascending.metric_data_results()[0].values(),
        [13.0, 12.0, 11.0]
    );
    let expression = MetricDataQuery::builder()
        .id("e")
        .expression("a * 2")
        .build();
    let refused = get().metric_data_queries(expression).send().await;
    assert_eq!(code(refused), "ValidationError");
    let twice = get().metric_data_queries(query("a", "Logins")).send().await;
    assert_eq!(code(twice), "ValidationError");
}

#[tokio::test]
async fn metrics_are_listed_by_name_dimension_and_age() {
    let aws = aws().await;
    let user = |name: &str| Dimension::builder().name("user").value(name).build();
    put(
        &aws,
        vec![
            datum().value(1.0),
            datum().value(1.0).dimensions(user("alice")),
            datum().value(1.0).dimensions(user("bob")),
            datum()
                .metric_name("Old")
                .value(1.0)
                .timestamp(minutes_ago(4 * 60)),
        ],
    )
    .await;
    let list = || aws.cloudwatch.list_metrics().namespace("App");
    assert_eq!(list().send().await.unwrap().metrics().len(), 4);
    let recent = list()
        .recently_active(RecentlyActive::Pt3H)
        .send()
        .await
        .unwrap();
    assert_eq!(recent.metrics().len(), 3);
    let named = list().metric_name("Old").send().await.unwrap();
    assert_eq!(named.metrics().len(), 1);
    let any_user = DimensionFilter::builder().name("user");
    let users = list()
        .dimensions(any_user.clone().build())
        .send()
        .await
        .unwrap();
    assert_eq!(users.metrics().len(), 2);
    let bob = list()
        .dimensions(any_user.value("bob").build())
        .send()
        .await
        .unwrap();
    assert_eq!(bob.metrics()[0].dimensions(), [user("bob")]);
    let elsewhere = aws
        .cloudwatch
        .list_metrics()
        .namespace("Other")
        .send()
        .await
        .unwrap();
    assert!(elsewhere.metrics().is_empty());
}

#[tokio::test]
async fn much_metric_data_may_come_compressed_and_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.json");
    let aws = aws_with(Some(file.clone())).await;
    // The SDK compresses what is longer than 10,240 bytes.
    put(&aws, vec![datum().value(0.1); 1000]).await;
    let sum = || statistics(&aws).statistics(Statistic::Sum).send();
    let before = sum().await.unwrap().datapoints()[0].sum().unwrap();
    assert!((before - 100.0).abs() < 1e-9);
    aws.sandbox.stop().await.unwrap();
    let aws = aws_with(Some(file)).await;
    let after = statistics(&aws)
        .statistics(Statistic::Sum)
        .send()
        .await
        .unwrap();
    assert_eq!(after.datapoints()[0].sum(), Some(before));
}

#[tokio::test]
async fn events_become_metrics_through_filters_that_were_there_before_them() {
    let aws = aws().await;
    stream(&aws, "s").await;
    let now = now();
    let login = r#"{"eventName":"ConsoleLogin"}"#;
    put_events(&aws, "s", vec![event(now - 120_000, login)]).await;
    let transformation = aws_sdk_cloudwatchlogs::types::MetricTransformation::builder()
        .metric_name("Logins")
        .metric_namespace("App")
        .metric_value("1")
        .default_value(0.0);
    let filter = aws
        .logs
        .put_metric_filter()
        .log_group_name("app")
        .filter_name("f");
    let filter = filter.filter_pattern("{ $.eventName = ConsoleLogin }");
    let filter = filter.metric_transformations(transformation.build().unwrap());
    filter.send().await.unwrap();
    let events = vec![event(now - 60_000, login), event(now - 60_000, login)];
    put_events(&aws, "s", events).await;
    put_events(&aws, "s", vec![event(now - 300_000, "{}")]).await;
    let get = statistics(&aws).end_time(DateTime::from_millis(now + 60_000));
    let points = get.statistics(Statistic::Sum).send().await.unwrap();
    let mut sums: Vec<f64> = points
        .datapoints()
        .iter()
        .map(|it| it.sum().unwrap())
        .collect();
    sums.sort_by(f64::total_cmp);
    assert_eq!(sums, [0.0, 2.0]);
}
