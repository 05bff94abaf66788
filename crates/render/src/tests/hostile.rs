//! Nothing that comes from AWS or a spec reaches a terminal as anything but text.

use model::{
    Alarm, Body, Change, Dashboard, DashboardBody, FindingCode, Kind, Level, Metric, MetricFilter,
    Plan, ReadFailure, User,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::sample::{alarm, create, delete, finding, header, plan, policy, tags, update, user};
use crate::document::{Entry, Mark};
use crate::shown::is_hidden;
use crate::{Header, changes, json_text, plan_json, plan_text, style};

/// Returns a plan with a text of anybody's choice wherever one can be.
pub(crate) fn plan_with(text: &str, other: &str) -> Plan {
    let statement = |text: &str| json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/x": text}}});
    let (old, new) = (policy(&[statement(text)]), policy(&[statement(other)]));
    let body = |text: &str| {
        Body::Dashboard(Dashboard {
            body: DashboardBody::from_value(
                json!({"start": text, "widgets": [{"type": text, "properties": {"title": text}}]}),
            )
            .unwrap(),
        })
    };
    let filter = MetricFilter {
        pattern: text.to_owned(),
        metric: Metric {
            namespace: text.to_owned(),
            name: text.to_owned(),
        },
        value: text.to_owned(),
        default_value: None,
        unit: Some(text.to_owned()),
        dimensions: [(text.to_owned(), text.to_owned())].into(),
    };
    let alarm = Alarm {
        description: Some(text.to_owned()),
        alarm_actions: [text.to_owned()].into(),
        ..alarm()
    };
    let tagged = User {
        tags: tags(&[(text, text)]),
        ..user("/", &[])
    };
    let document = [
        ("document", Value::Null, Value::Null),
        ("tags.x", json!(text), json!(other)),
        (text, json!([text]), json!([other])),
    ];
    let mut plan = plan(vec![
        ("user/a", create(Body::User(tagged)), Some(1), 0),
        (
            "metric_filter/a:b",
            create(Body::MetricFilter(filter)),
            None,
            0,
        ),
        ("alarm/a", create(Body::Alarm(alarm)), None, 0),
        ("dashboard/a", create(body(text)), None, 0),
        (
            "dashboard/b",
            update(
                body(text),
                body(other),
                &[("body", Value::Null, Value::Null)],
            ),
            None,
            0,
        ),
        (
            "policy/a",
            update(Body::Policy(old.clone()), Body::Policy(new), &document),
            None,
            3,
        ),
        ("policy/b", delete(Body::Policy(old)), None, 0),
    ]);
    plan.account.alias = Some(text.to_owned());
    plan.caller = model::Caller::Other(text.to_owned());
    plan.digest = text.to_owned();
    plan.findings = vec![
        finding(
            Level::Refusal,
            FindingCode::Everybody,
            None,
            text,
            Some(text),
        ),
        finding(
            Level::Note,
            FindingCode::Undeclared,
            Some("user/b"),
            text,
            None,
        ),
    ];
    plan.unread.insert(
        Kind::Alarm,
        ReadFailure {
            operation: text.to_owned(),
            message: text.to_owned(),
        },
    );
    plan
}

/// Takes our own styles out of a text.
fn without_styles(mut text: String) -> String {
    let mut styles: Vec<String> = style::all()
        .iter()
        .map(|style| style.render().to_string())
        .collect();
    styles.sort_by_key(|style| std::cmp::Reverse(style.len()));
    for style in styles {
        text = text.replace(&style, "");
    }
    text.replace("\u{1b}[0m", "")
}

proptest! {
    // Each case renders a plan several times over.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_control_character_survives_but_newlines_and_our_styles(text in any::<String>(), other in any::<String>()) {
        let header = Header { spec: text.clone(), commit: Some(other.clone()), declared: 0, sandbox: false };
        let plan = plan_with(&text, &other);
        let rendered = without_styles(plan_text(&plan, &header));
        let obeyed: Vec<char> = rendered.chars().filter(|c| *c != '\n' && is_hidden(*c)).collect();
        prop_assert_eq!(obeyed, Vec::<char>::new());
        let json = json_text(&plan_json(&plan, &header));
        prop_assert!(json.chars().all(|c| c == '\n' || !is_hidden(c)));
        prop_assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), plan_json(&plan, &header));
    }

    #[test]
    fn data_makes_no_lines(text in "[?\n\r\u{85}\u{2028}]{0,20}", other in "[a-z]{21}") {
        let lines = |text: &str| plan_text(&plan_with(text, &other), &header()).lines().count();
        prop_assert_eq!(lines(&text), lines(&"?".repeat(text.chars().count())));
    }

    #[test]
    fn entries_json_and_verdict_count_alike(marks in prop::collection::vec(0..3usize, 0..30)) {
        let changes = marks.iter().map(|mark| {
            let body = || Body::User(user("/", &[]));
            let change = match mark { 0 => create(body()), 1 => update(body(), body(), &[]), _ => delete(body()) };
            ("user/a", change, None, 0)
        });
        let plan = plan(changes.collect());
        let number = |mark| changes::entries(&plan).iter().filter(|entry: &&Entry| entry.mark == mark).count();
        let counts = [number(Mark::Create), number(Mark::Update), number(Mark::Delete)];
        let json = plan_json(&plan, &header());
        let in_json = ["add", "change", "destroy"].map(|key| json["counts"][key].as_u64().unwrap() as usize);
        prop_assert_eq!(counts, in_json);
        let [add, change, destroy] = counts;
        let sentence = format!("Plan: {add} to add, {change} to change, {destroy} to destroy. Digest");
        prop_assert!(marks.is_empty() || plan_text(&plan, &header()).contains(&sentence));
    }
}

#[test]
fn no_secret_has_a_place_in_a_plan() {
    let Change::Create { after } = create(super::sample::password()) else {
        panic!("it is created")
    };
    assert_eq!(
        json!(after),
        json!({"reset_required": true, "deliver_to": super::sample::KEY})
    );
}
