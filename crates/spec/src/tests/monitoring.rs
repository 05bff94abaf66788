//! Metric filters, alarms and dashboards.

use model::{Address, Body, Retention, Wish};

use super::{HEAD, load_text, valid, warned, wrong};

const FILTER: &str = "  log_group: {name: trail, create: {retention_days: 365}}\n  metric_filters:\n    f:\n      pattern: '{ $.a = 1 }'\n      metric: {namespace: AWS/CloudTrailMetrics, name: Logins}\n";

#[test]
fn a_mistake_in_a_pattern_is_shown_where_it_is() {
    let text = "monitoring:\n  log_group: {name: trail}\n  metric_filters:\n    f:\n      pattern: '{ $.a = }'\n      metric: {namespace: N, name: M}\n";
    let errors = load_text(&format!("{HEAD}{text}")).unwrap_err();
    let diagnostic = &errors.diagnostics[0];
    assert_eq!(
        (
            diagnostic.line,
            diagnostic.message.starts_with("filter pattern: ")
        ),
        (8, true),
        "{diagnostic}"
    );
    assert!(diagnostic.column > 16, "{diagnostic}");
}

#[test]
fn an_alarm_on_a_metric_that_nothing_emits_is_a_warning() {
    let alarm = |metric: &str| {
        format!(
            "monitoring:\n{FILTER}  alarms:\n    a: {{metric: {metric}, statistic: Sum, period: 300, threshold: 1, comparison: GreaterThanThreshold}}\n"
        )
    };
    assert!(warned(&alarm("{namespace: AWS/CloudTrailMetrics, name: Logins}")).is_empty());
    assert!(warned(&alarm("{namespace: AWS/EC2, name: CPUUtilization}")).is_empty());
    let message = "no metric filter of this spec emits AWS/CloudTrailMetrics/NonMFALoginCount";
    assert_eq!(
        warned(&alarm(
            "{namespace: AWS/CloudTrailMetrics, name: NonMFALoginCount}"
        )),
        [message]
    );
}

#[test]
fn a_dashboard_on_another_log_group_is_a_warning() {
    let text = format!(
        "monitoring:\n{FILTER}  dashboards:\n    d: {{widgets: [{{type: log, properties: {{query: \"SOURCE '/aws/cloudtrail' | limit 5\"}}}}]}}\n"
    );
    assert_eq!(
        warned(&text),
        ["the dashboard queries log group `/aws/cloudtrail`, and the metric filters read `trail`"]
    );
}

/// Returns the mistakes in an alarm with some of its lines replaced, each with the text that is underlined.
fn alarm(changes: &[(&str, &str)]) -> Vec<String> {
    let lines = [
        ("metric", "{namespace: AWS/CloudTrailMetrics, name: Logins}"),
        ("statistic", "Sum"),
        ("period", "300"),
        ("threshold", "1"),
        ("comparison", "GreaterThanThreshold"),
    ];
    let mut text = format!("monitoring:\n{FILTER}  alarms:\n    a:\n");
    let kept = lines
        .iter()
        .filter(|(key, _)| !changes.iter().any(|(changed, _)| changed == key));
    for (key, value) in kept.chain(changes).filter(|(_, value)| !value.is_empty()) {
        text.push_str(&format!("      {key}: {value}\n"));
    }
    let spec = load_text(&format!("{HEAD}{text}"));
    let diagnostics = spec.map_or_else(|errors| errors.diagnostics, |_| Vec::new());
    diagnostics
        .into_iter()
        .map(|diagnostic| diagnostic.message)
        .collect()
}

#[test]
fn an_alarms_fields_are_checked_as_cloudwatch_checks_them() {
    assert_eq!(alarm(&[]), [""; 0]);
    let cases = [
        (
            ("period", "45"),
            "a period is 10, 20 or 30 seconds, or a multiple of 60",
        ),
        (
            ("evaluation_periods", "289"),
            "`period` × `evaluation_periods` is more than 1 day with a period under an hour",
        ),
        (("statistic", "sum"), "`sum` is not a statistic"),
        (("statistic", "p101"), "`p101` is not a statistic"),
        (("comparison", "GreaterThan"), "unknown word `GreaterThan`"),
        (
            ("treat_missing_data", "notbreaching"),
            "unknown word `notbreaching`",
        ),
        (("actions", "[arn:aws:sns]"), "`arn:aws:sns` is not an ARN"),
        (
            ("threshold", "high"),
            "expected a number, found the text `high`",
        ),
        (
            ("datapoints_to_alarm", "2"),
            "2 of 1 periods can't breach: `datapoints_to_alarm` is at most `evaluation_periods`",
        ),
        (("comparison", ""), "`comparison` is missing"),
    ];
    for (change, message) in cases {
        assert_eq!(alarm(&[change]), [message]);
    }
    for statistic in ["p99.9", "IQM", "TM(10%:90%)", "PR(:300)", "tm90"] {
        assert_eq!(alarm(&[("statistic", statistic)]), [""; 0]);
    }
    assert_eq!(
        alarm(&[("period", "86400"), ("evaluation_periods", "7")]),
        [""; 0]
    );
}

#[test]
fn an_alarm_names_exactly_the_dimensions_of_its_metric() {
    let text = format!(
        "monitoring:\n{FILTER}  alarms:\n    a: {{metric: {{namespace: AWS/CloudTrailMetrics, name: Logins, dimensions: {{User: x}}}}, statistic: Sum, period: 300, threshold: 1, comparison: GreaterThanThreshold}}\n"
    );
    assert_eq!(
        warned(&text),
        ["no metric filter of this spec emits AWS/CloudTrailMetrics/Logins with `User`"]
    );
}

fn filter(metric: &str) -> Vec<String> {
    wrong(&format!(
        "monitoring:\n  log_group: {{name: trail}}\n  metric_filters:\n    f:\n      pattern: '{{ $.a = 1 }}'\n      metric: {metric}\n"
    ))
}

#[test]
fn what_a_filter_emits_is_checked() {
    let cases = [
        (
            "{namespace: N, name: M, value: many}",
            "selector: expected a selector such as `$.latency` or `$size`, found `many`, at character 1",
        ),
        (
            "{namespace: N, name: M, dimensions: {A: $.b}}",
            "the pattern doesn't mention `$.b`, so it can't be a dimension",
        ),
        (
            "{namespace: N, name: M, dimensions: {A: $.a}, default_value: 0}",
            "a metric filter has `dimensions` or a `default_value`, not both",
        ),
        (
            "{namespace: 'N:', name: M}",
            "a namespace is not empty and has no `:`, `*`, `$` or control characters",
        ),
        (
            "{namespace: N, name: M, unit: Counts}",
            "unknown word `Counts`",
        ),
    ];
    for (metric, message) in cases {
        assert_eq!(filter(metric), [format!("9: {message}")]);
    }
}

fn pattern(pattern: &str, value: &str) -> String {
    format!(
        "monitoring:\n  log_group: {{name: trail}}\n  metric_filters:\n    f: {{pattern: '{pattern}', metric: {{namespace: N, name: M, value: {value}}}}}\n"
    )
}

#[test]
fn a_pattern_of_terms_selects_no_value() {
    let message = "7: only JSON and space-delimited patterns can select a `value`";
    assert_eq!(wrong(&pattern("ERROR", "$.latency")), [message]);
    assert!(warned(&pattern("{ $.a = 1 }", "$.latency")).is_empty());
    assert!(warned(&pattern("[ip, size]", "$size")).is_empty());
}

#[test]
fn a_pattern_with_parts_that_select_nothing_is_a_warning() {
    let condition = "this pattern has no condition, so it counts every event with that many fields";
    assert_eq!(warned(&pattern("[ip, user]", "1")), [condition]);
    assert!(warned(&pattern("[ip, user = root]", "1")).is_empty());
    let ignored = "terms with a `?` are ignored beside others";
    for mixed in ["ERROR ?WARN", "?WARN \"what?\"", "-INFO ?WARN ?ERROR"] {
        assert_eq!(warned(&pattern(mixed, "1")), [ignored], "{mixed}");
    }
    for all in [
        "?WARN ?ERROR",
        "?\"two words\" ?three",
        "ERROR \"a ?b\"",
        "",
        "WHY",
    ] {
        assert!(warned(&pattern(all, "1")).is_empty(), "{all}");
    }
}

#[test]
fn a_log_group_has_a_hundred_filters_and_five_with_a_regex() {
    let filters = |count: usize, pattern: &str| {
        let mut text = "monitoring:\n  log_group: {name: trail}\n  metric_filters:\n".to_owned();
        for number in 0..count {
            text.push_str(&format!(
                "    f{number:03}: {{pattern: '{pattern}', metric: {{namespace: N, name: M}}}}\n"
            ));
        }
        text
    };
    assert_eq!(warned(&filters(100, "x")), [""; 0]);
    assert_eq!(
        wrong(&filters(101, "x")),
        ["107: log group `trail` has 101 metric filters, and CloudWatch Logs allows 100"]
    );
    assert_eq!(
        wrong(&filters(6, "%x%")),
        ["12: log group `trail` has 6 metric filters with a regex, and CloudWatch Logs allows 5"]
    );
}

#[test]
fn the_tags_of_a_log_group_are_part_of_creating_it() {
    let log_group = |text: &str| format!("monitoring: {{log_group: {{name: trail{text}}}}}\n");
    let spec = valid(&log_group(", create: {tags: {team: sec}}"));
    let address = "log_group/trail".parse::<Address>().unwrap();
    let Wish::Present(Body::LogGroup(created)) = &spec.desired.objects[&address].wish else {
        panic!("a log group is declared");
    };
    assert_eq!(created.tags.get("team"), Some("sec"));
    assert_eq!(created.retention, Retention::Undeclared);
    assert_eq!(
        wrong(&log_group(", tags: {team: sec}")),
        ["4: unknown key `tags`"],
        "of a log group that must exist nothing is managed"
    );
}

#[test]
fn a_log_group_must_exist_unless_the_spec_creates_it() {
    let filter = |log_group: &str| {
        format!(
            "metric_filters: {{f: {{pattern: x, metric: {{namespace: N, name: M}}{log_group}}}}}"
        )
    };
    let required = |text: String| {
        let desired = valid(&text).desired;
        let names = desired.required_log_groups.into_keys();
        names.map(|name| name.to_string()).collect::<Vec<_>>()
    };
    let given = format!(
        "monitoring: {{log_group: {{name: trail}}, {}}}\n",
        filter("")
    );
    assert_eq!(required(given), ["trail"]);
    let created = format!(
        "monitoring: {{log_group: {{name: trail, create: }}, {}}}\n",
        filter("")
    );
    assert_eq!(required(created), [""; 0]);
    let own = format!("monitoring: {{{}}}\n", filter(", log_group: own"));
    assert_eq!(required(own), ["own"]);
    assert_eq!(
        wrong(&format!("monitoring: {{{}}}\n", filter(""))),
        ["4: it isn't said which log group this reads"]
    );
}

#[test]
fn a_dashboards_mistakes_are_shown_in_its_own_file() {
    let folder = tempfile::TempDir::new().unwrap();
    let spec = folder.path().join("mfactl.yaml");
    let text = format!("{HEAD}monitoring:\n{FILTER}  dashboards:\n    d: {{file: d.json}}\n");
    std::fs::write(&spec, text).unwrap();
    let json = folder.path().join("d.json");
    std::fs::write(&json, "{\n  \"widgets\": [}\n").unwrap();
    let error = crate::load(&spec).unwrap_err().diagnostics.remove(0);
    assert!(error.file.ends_with("d.json"), "{error}");
    assert_eq!((error.line, error.column), (2, 15), "{error}");
    let query = "{\"widgets\": [{\"type\": \"log\", \"properties\": {\n\"query\": \"SOURCE 'other' | limit 1\"}}]}";
    std::fs::write(&json, query).unwrap();
    let warning = crate::load(&spec).unwrap().warnings.remove(0);
    assert_eq!((warning.line, warning.column), (2, 19), "{warning}");
}
