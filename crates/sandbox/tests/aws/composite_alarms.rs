use aws_sdk_cloudwatch::operation::put_composite_alarm::builders::PutCompositeAlarmFluentBuilder;
use aws_sdk_cloudwatch::types::{
    AlarmPromQlCriteria, AlarmType, ComparisonOperator, EvaluationCriteria, StateValue, Statistic,
    Tag,
};

use crate::support::{Aws, aws, code};

async fn metric_alarm(aws: &Aws, name: &str) {
    let put = aws.cloudwatch.put_metric_alarm().alarm_name(name);
    let put = put
        .metric_name("Logins")
        .namespace("App")
        .statistic(Statistic::Sum);
    let put = put.period(300).evaluation_periods(1).threshold(2.0);
    let put = put.comparison_operator(ComparisonOperator::GreaterThanThreshold);
    put.send().await.unwrap();
}

fn put(aws: &Aws, name: &str, rule: &str) -> PutCompositeAlarmFluentBuilder {
    let put = aws.cloudwatch.put_composite_alarm().alarm_name(name);
    put.alarm_rule(rule)
}

#[tokio::test]
async fn a_composite_alarm_comes_back_whole_and_keeps_its_tags() {
    let aws = aws().await;
    metric_alarm(&aws, "a").await;
    let tag = Tag::builder().key("team").value("ops").build();
    put(&aws, "c", "TRUE")
        .tags(tag.clone())
        .send()
        .await
        .unwrap();
    let action = "arn:aws:sns:us-east-1:123456789012:ops";
    let replaced = put(&aws, "c", "ALARM(a)")
        .alarm_description("why")
        .alarm_actions(action);
    let replaced = replaced
        .actions_suppressor("a")
        .actions_suppressor_wait_period(10);
    replaced
        .actions_suppressor_extension_period(20)
        .send()
        .await
        .unwrap();
    let describe = || aws.cloudwatch.describe_alarms();
    let composite = describe()
        .alarm_types(AlarmType::CompositeAlarm)
        .send()
        .await
        .unwrap();
    assert!(composite.metric_alarms().is_empty());
    let [alarm] = composite.composite_alarms() else {
        panic!("not one alarm")
    };
    assert_eq!(
        (alarm.alarm_rule(), alarm.alarm_description()),
        (Some("ALARM(a)"), Some("why"))
    );
    assert_eq!(
        (alarm.alarm_actions(), alarm.actions_enabled()),
        ([action.to_owned()].as_slice(), Some(true))
    );
    assert_eq!(
        (
            alarm.actions_suppressor(),
            alarm.actions_suppressor_wait_period(),
            alarm.actions_suppressor_extension_period()
        ),
        (Some("a"), Some(10), Some(20))
    );
    // The state stays until a child changes, but the new rule is evaluated.
    assert_eq!(alarm.state_value(), Some(&StateValue::Ok));
    let tags = aws
        .cloudwatch
        .list_tags_for_resource()
        .resource_arn(alarm.alarm_arn().unwrap());
    assert_eq!(tags.send().await.unwrap().tags(), [tag]);
    assert!(
        describe()
            .send()
            .await
            .unwrap()
            .composite_alarms()
            .is_empty()
    );
}

#[tokio::test]
async fn parents_and_children_are_found_and_little_is_told_of_them() {
    let aws = aws().await;
    for name in ["a", "b", "other"] {
        metric_alarm(&aws, name).await;
    }
    put(&aws, "c", "ALARM(a) OR OK(b)").send().await.unwrap();
    put(&aws, "d", "ALARM(c)").send().await.unwrap();
    let describe = || aws.cloudwatch.describe_alarms();
    let children = describe().children_of_alarm_name("c").send().await.unwrap();
    let names: Vec<_> = children
        .metric_alarms()
        .iter()
        .map(|it| it.alarm_name().unwrap())
        .collect();
    assert_eq!(names, ["a", "b"]);
    let child = &children.metric_alarms()[0];
    assert!(child.state_value().is_some() && child.metric_name().is_none());
    let parents = describe().parents_of_alarm_name("c").send().await.unwrap();
    let [parent] = parents.composite_alarms() else {
        panic!("not one parent")
    };
    assert_eq!(
        (parent.alarm_name(), parent.state_value()),
        (Some("d"), None)
    );
    let more = describe()
        .children_of_alarm_name("c")
        .alarm_name_prefix("a");
    assert_eq!(code(more.send().await), "ValidationError");
}

#[tokio::test]
async fn a_rule_needs_alarms_that_exist_and_the_grammar() {
    let aws = aws().await;
    metric_alarm(&aws, "a").await;
    let refused = [
        put(&aws, "c", "ALARM(none)"),
        put(&aws, "c", "ALARM(a"),
        put(&aws, "c", "ALARM(a)").actions_suppressor("a"),
        put(&aws, "a", "TRUE"),
    ];
    for put in refused {
        let shown = format!("{put:?}");
        assert_eq!(code(put.send().await), "ValidationError", "{shown}");
    }
}

#[tokio::test]
async fn an_alarm_in_a_rule_is_not_deleted_nor_are_two_composite_ones_at_once() {
    let aws = aws().await;
    metric_alarm(&aws, "a").await;
    metric_alarm(&aws, "b").await;
    put(&aws, "c", "ALARM(a)").send().await.unwrap();
    put(&aws, "d", "TRUE").send().await.unwrap();
    let delete = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        aws.cloudwatch
            .delete_alarms()
            .set_alarm_names(Some(names))
            .send()
    };
    assert_eq!(code(delete(&["b", "a"]).await), "ValidationError");
    assert_eq!(code(delete(&["c", "d"]).await), "ValidationError");
    delete(&["b", "c"]).await.unwrap();
    delete(&["a", "d"]).await.unwrap();
}

#[tokio::test]
async fn a_promql_alarm_is_ok_at_first_and_comes_back_whole() {
    let aws = aws().await;
    let query = AlarmPromQlCriteria::builder()
        .query("up == 0")
        .pending_period(60)
        .build();
    let criteria = EvaluationCriteria::PromQlCriteria(query);
    let put = || {
        let put = aws.cloudwatch.put_metric_alarm().alarm_name("p");
        put.evaluation_criteria(criteria.clone())
    };
    put().evaluation_interval(60).send().await.unwrap();
    let alarms = aws.cloudwatch.describe_alarms().send().await.unwrap();
    let alarm = &alarms.metric_alarms()[0];
    assert_eq!(alarm.evaluation_criteria(), Some(&criteria));
    assert_eq!(
        (alarm.evaluation_interval(), alarm.evaluation_periods()),
        (Some(60), None)
    );
    assert_eq!(alarm.state_value(), Some(&StateValue::Ok));
    assert_eq!(code(put().send().await), "MissingParameter");
    let both = put().evaluation_interval(60).threshold(1.0);
    assert_eq!(code(both.send().await), "InvalidParameterCombination");
}

#[tokio::test]
async fn alarms_are_found_by_their_metric() {
    let aws = aws().await;
    for name in ["a", "b"] {
        metric_alarm(&aws, name).await;
    }
    let find = || {
        let find = aws.cloudwatch.describe_alarms_for_metric().namespace("App");
        find.metric_name("Logins")
    };
    assert_eq!(find().send().await.unwrap().metric_alarms().len(), 2);
    let other = find().statistic(Statistic::Average).send().await.unwrap();
    assert!(other.metric_alarms().is_empty());
    assert!(
        find()
            .period(60)
            .send()
            .await
            .unwrap()
            .metric_alarms()
            .is_empty()
    );
    assert!(
        find()
            .metric_name("x")
            .send()
            .await
            .unwrap()
            .metric_alarms()
            .is_empty()
    );
}
