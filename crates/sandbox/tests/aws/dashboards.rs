use aws_sdk_cloudwatch::types::Tag;

use crate::support::{Aws, aws, cloudwatch_in, code};

const BODY: &str = r##"{"widgets": [
  {"type": "text", "x": 0, "y": 0, "width": 24, "height": 1, "properties": {"markdown": "# Sign-ins"}},
  {"type": "metric", "properties": {"metrics": [["App", "Logins"]], "region": "us-east-1"}}
]}"##;

async fn put(aws: &Aws, name: &str, body: &str) -> Result<(), String> {
    let put = aws
        .cloudwatch
        .put_dashboard()
        .dashboard_name(name)
        .dashboard_body(body)
        .send()
        .await;
    if put.is_ok() { Ok(()) } else { Err(code(put)) }
}

#[tokio::test]
async fn a_dashboard_comes_back_as_it_was_put_in_every_region() {
    let aws = aws().await;
    put(&aws, "Sign-ins_1", BODY).await.unwrap();
    let elsewhere = cloudwatch_in(&aws.sandbox, "eu-west-1");
    let dashboard = elsewhere
        .get_dashboard()
        .dashboard_name("Sign-ins_1")
        .send()
        .await
        .unwrap();
    assert_eq!(dashboard.dashboard_body(), Some(BODY));
    assert_eq!(
        dashboard.dashboard_arn(),
        Some("arn:aws:cloudwatch::123456789012:dashboard/Sign-ins_1")
    );
}

#[tokio::test]
async fn a_body_or_name_that_can_not_be_is_refused() {
    let aws = aws().await;
    let bodies = [
        "",
        "[]",
        "{}",
        r#"{"widgets": {}}"#,
        r#"{"widgets": [1]}"#,
        r#"{"widgets": [{"type": "graph", "properties": {}}]}"#,
        r#"{"widgets": [{"type": "text"}]}"#,
        r#"{"widgets": [{"type": "text", "properties": {}}]}"#,
        r#"{"widgets": [{"type": "text", "x": 24, "properties": {"markdown": ""}}]}"#,
    ];
    for body in bodies {
        assert_eq!(
            put(&aws, "d", body).await,
            Err("InvalidParameterInput".to_owned()),
            "{body}"
        );
    }
    let widget = r#"{"type": "text", "properties": {"markdown": ""}}"#;
    let many = |count| format!(r#"{{"widgets": [{}]}}"#, vec![widget; count].join(","));
    put(&aws, "d", &many(500)).await.unwrap();
    assert!(put(&aws, "d", &many(501)).await.is_err());
    for name in ["a b", "a.b", &"x".repeat(256)] {
        assert_eq!(
            put(&aws, name, BODY).await,
            Err("InvalidParameterInput".to_owned()),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_graph_shows_metrics_of_a_region_or_an_alarm() {
    let aws = aws().await;
    let graph = |properties| {
        format!(r#"{{"widgets": [{{"type": "metric", "properties": {properties}}}]}}"#)
    };
    let taken = [
        r#"{"region": "us-east-1", "metrics": [["App", "Logins", {"label": "all"}], [{"expression": "m1 * 2"}]]}"#,
        r#"{"annotations": {"alarms": ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:Logins"]}}"#,
    ];
    for properties in taken {
        put(&aws, "d", &graph(properties)).await.unwrap();
    }
    let refused = [
        "{}",
        r#"{"region": "us-east-1"}"#,
        r#"{"metrics": [["App", "Logins"]]}"#,
        r#"{"region": "us-east-1", "metrics": {}}"#,
        r#"{"region": "us-east-1", "metrics": ["App"]}"#,
        r#"{"region": "us-east-1", "metrics": [[{}, "App"]]}"#,
        r#"{"region": "us-east-1", "annotations": {"horizontal": [{"value": 1}]}}"#,
    ];
    for properties in refused {
        let put = put(&aws, "d", &graph(properties)).await;
        assert_eq!(put, Err("InvalidParameterInput".to_owned()), "{properties}");
    }
}

#[tokio::test]
async fn a_chart_is_a_widget_too() {
    let body = r#"{"widgets": [{"type": "chart", "properties": {"data": {"queries": []}}}]}"#;
    put(&aws().await, "d", body).await.unwrap();
}

#[tokio::test]
async fn dashboards_are_listed_by_prefix() {
    let aws = aws().await;
    for name in ["a1", "a2", "b1"] {
        put(&aws, name, BODY).await.unwrap();
    }
    let list = aws
        .cloudwatch
        .list_dashboards()
        .dashboard_name_prefix("a")
        .send()
        .await
        .unwrap();
    let names: Vec<_> = list
        .dashboard_entries()
        .iter()
        .map(|entry| entry.dashboard_name().unwrap())
        .collect();
    assert_eq!(names, ["a1", "a2"]);
    let size = i64::try_from(BODY.len()).unwrap();
    assert_eq!(list.dashboard_entries()[0].size(), Some(size));
}

#[tokio::test]
async fn deleting_dashboards_goes_as_far_as_it_can() {
    let aws = aws().await;
    put(&aws, "a", BODY).await.unwrap();
    let delete = || aws.cloudwatch.delete_dashboards();
    let both = delete().dashboard_names("none").dashboard_names("a");
    assert_eq!(code(both.send().await), "ResourceNotFound");
    let get = aws.cloudwatch.get_dashboard().dashboard_name("a");
    assert_eq!(code(get.send().await), "ResourceNotFound");
    let many = delete().set_dashboard_names(Some(vec!["x".to_owned(); 101]));
    assert_eq!(code(many.send().await), "InvalidParameterValue");
}

#[tokio::test]
async fn tags_count_only_for_a_new_dashboard() {
    let aws = aws().await;
    let tag = |value: &str| Tag::builder().key("team").value(value).build();
    for value in ["ops", "dev"] {
        let put = aws
            .cloudwatch
            .put_dashboard()
            .dashboard_name("d")
            .dashboard_body(BODY)
            .tags(tag(value));
        put.send().await.unwrap();
    }
    let arn = "arn:aws:cloudwatch::123456789012:dashboard/d";
    let tags = aws
        .cloudwatch
        .list_tags_for_resource()
        .resource_arn(arn)
        .send()
        .await
        .unwrap();
    assert_eq!(tags.tags(), [tag("ops")]);
}
