//! Expressions of GitHub Actions, as far as our workflows need them; anything else fails a test.

use serde_json::Value;

/// Puts what they come to in place of the `${{ … }}` in a text.
pub(crate) fn fill(text: &str, contexts: &Value) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, after) = after.split_once("}}").expect("an expression ends");
        filled.push_str(before);
        filled.push_str(&text_of(&evaluate(expression, contexts)));
        rest = after;
    }
    filled + rest
}

/// Tells whether a condition holds, `${{ … }}` or not. Without a function of the job's state it asks for success, too.
pub(crate) fn holds(condition: &str, contexts: &Value) -> bool {
    let condition = condition.trim();
    let inner = condition
        .strip_prefix("${{")
        .and_then(|rest| rest.strip_suffix("}}"))
        .unwrap_or(condition);
    let asks = ["always()", "cancelled()"]
        .iter()
        .any(|it| inner.contains(it));
    (asks || contexts["succeeds"] == true) && is_true(&evaluate(inner, contexts))
}

/// `a || b`, `a && b`, `a == b`, `a != b`, `!a`, a literal, a function of the job's state or a path in the contexts.
/// There are no parentheses, and no operators within literals.
fn evaluate(expression: &str, contexts: &Value) -> Value {
    let expression = expression.trim();
    let value = |text: &str| evaluate(text, contexts);
    if let Some((left, right)) = expression.split_once("||") {
        let left = value(left);
        return if is_true(&left) { left } else { value(right) };
    }
    if let Some((left, right)) = expression.split_once("&&") {
        let left = value(left);
        return if is_true(&left) { value(right) } else { left };
    }
    if let Some((left, right)) = expression.split_once("==") {
        return (text_of(&value(left)) == text_of(&value(right))).into();
    }
    if let Some((left, right)) = expression.split_once("!=") {
        return (text_of(&value(left)) != text_of(&value(right))).into();
    }
    if let Some(negated) = expression.strip_prefix('!') {
        return (!is_true(&value(negated))).into();
    }
    if let Some(literal) = expression
        .strip_prefix('\'')
        .and_then(|it| it.strip_suffix('\''))
    {
        return literal.into();
    }
    match expression {
        "always()" => true.into(),
        "cancelled()" => false.into(),
        "success()" => contexts["succeeds"].clone(),
        path => at(path, contexts),
    }
}

/// Returns what is at a path; nothing is where a step that ran set no such output, and where an event has no such part.
fn at(path: &str, contexts: &Value) -> Value {
    let is_path = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    assert!(path.chars().all(is_path), "not known: {path}");
    let mut found = contexts;
    for (depth, name) in path.split('.').enumerate() {
        assert!(depth > 0 || found.get(name).is_some(), "no context: {path}");
        found = &found[name];
    }
    found.clone()
}

fn is_true(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value.as_str() != Some("")
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditions_are_those_of_github() {
        let contexts = json!({"succeeds": false, "steps": {"plan": {"outputs": {"code": "2"}}}});
        assert!(
            !holds("steps.plan.outputs.code == '2'", &contexts),
            "it failed before"
        );
        assert!(holds(
            "${{ always() && steps.plan.outputs.code == '2' }}",
            &contexts
        ));
        assert!(!holds(
            "${{ !cancelled() && steps.plan.outputs.code != '2' }}",
            &contexts
        ));
        assert!(!holds(
            "${{ always() && steps.other.outputs.code }}",
            &contexts
        ));
    }

    #[test]
    fn expressions_in_a_text_are_replaced() {
        let contexts = json!({"runner": {"temp": "/t"}, "steps": {}});
        let text = "plan --out ${{ runner.temp }}/plan.json${{ steps.a.outputs.b }}";
        assert_eq!(fill(text, &contexts), "plan --out /t/plan.json");
    }
}
