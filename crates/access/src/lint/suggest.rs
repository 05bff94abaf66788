//! Changes that mend a mistake, where one is safe.

use model::FindingCode;
use policy::Document;
use serde_json::{Map, Value, json};

use super::exempt::{CREDENTIALS, ON_USERS, REMOVING};
use super::{Mistake, is_mfa_age, is_mfa_present};

const PRESENT: &str = "aws:MultiFactorAuthPresent";
const CREATE: &str = "iam:CreateVirtualMFADevice";

/// Returns the document with a mistake mended; none where that takes a decision. What it grants or leaves open
/// otherwise isn't touched.
pub(super) fn mended(document: &Document, mistake: &Mistake) -> Option<Document> {
    let mut draft = Draft::of(document)?;
    let changed = match mistake.code {
        FindingCode::BoolLetsKeysThrough => draft.each(mistake, bool_if_exists),
        FindingCode::AllowsKeysWithoutMfa => draft.each(mistake, bool),
        FindingCode::DenyNeverApplies => draft.each(mistake, without_age),
        FindingCode::MfaToldByAge => draft.each(mistake, by_presence),
        FindingCode::PathForgotten => draft.each(mistake, with_path),
        FindingCode::DeviceNameFixed => draft.any_name(mistake),
        FindingCode::DeviceRemovalWithoutMfa => {
            draft.each(mistake, |statement| not_exempt(statement, &REMOVING))
        }
        FindingCode::CredentialsWithoutMfa => {
            draft.each(mistake, |statement| not_exempt(statement, &CREDENTIALS))
        }
        FindingCode::SessionTokenDenied => draft.each(mistake, exempt_session_token),
        FindingCode::ExemptForOthers => draft.deny_to_others(document, mistake),
        _ => None,
    };
    changed?;
    Document::from_value(&draft.0).ok()
}

/// A document as JSON, as it is printed.
struct Draft(Value);

type Statement = Map<String, Value>;

impl Draft {
    fn of(document: &Document) -> Option<Self> {
        serde_json::to_value(document).ok().map(Self)
    }

    fn statements(&mut self) -> Option<&mut Vec<Value>> {
        self.0.get_mut("Statement")?.as_array_mut()
    }

    fn statement(&mut self, index: usize) -> Option<&mut Statement> {
        self.statements()?.get_mut(index)?.as_object_mut()
    }

    /// Changes each statement that has a mistake; none where one can't be.
    fn each(
        &mut self,
        mistake: &Mistake,
        change: impl Fn(&mut Statement) -> Option<()>,
    ) -> Option<()> {
        mistake
            .statements
            .iter()
            .try_for_each(|index| change(self.statement(*index)?))
    }

    /// Allows creating devices of any name: in place where the statement is about nothing else.
    fn any_name(&mut self, mistake: &Mistake) -> Option<()> {
        let statement = self.statement(*mistake.statements.first()?)?;
        let mut resources = texts(statement.get("Resource")?)?;
        let fixed = resources
            .iter_mut()
            .find(|resource| resource.contains(":mfa/"))?;
        let (before, _) = fixed.rsplit_once(":mfa/")?;
        let any = format!("{before}:mfa/*");
        if texts(statement.get("Action")?)? == [CREATE] {
            *fixed = any;
            statement.insert("Resource".to_owned(), json!(resources));
            return Some(());
        }
        let mut added = json!({"Effect": "Allow", "Action": CREATE, "Resource": any});
        if let (Some(condition), Some(added)) = (statement.get("Condition"), added.as_object_mut())
        {
            added.insert("Condition".to_owned(), condition.clone());
        }
        self.statements()?.push(added);
        Some(())
    }

    /// Denies without MFA, on all but the user itself, what the statement exempts and what acts on a user.
    fn deny_to_others(&mut self, document: &Document, mistake: &Mistake) -> Option<()> {
        let index = *mistake.statements.first()?;
        let actions = document.statements().nth(index)?.actions();
        let exempt: Vec<&str> = ON_USERS
            .into_iter()
            .filter(|action| !actions.include(action))
            .collect();
        let listed = document
            .statements()
            .filter_map(policy::Statement::resources);
        let arn = listed
            .flat_map(policy::Resources::patterns)
            .find_map(|pattern| pattern.as_str().strip_suffix(":user/${aws:username}"));
        let arn = arn.unwrap_or("arn:aws:iam::*");
        let condition = self.statement(index)?.get("Condition")?.clone();
        self.statements()?.push(json!({
            "Effect": "Deny",
            "Action": exempt,
            "NotResource": [
                format!("{arn}:user/${{aws:username}}"),
                format!("{arn}:user/*/${{aws:username}}"),
            ],
            "Condition": condition,
        }));
        Some(())
    }
}

/// Returns one text, or each of a list.
fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(items) => {
            let texts = items.iter().map(|item| Some(item.as_str()?.to_owned()));
            texts.collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

/// Takes the test of a key that is meant out of a condition.
fn take(
    statement: &mut Statement,
    is_operator: impl Fn(&str) -> bool,
    is_key: impl Fn(&str) -> bool,
) -> Option<(String, Value)> {
    let condition = statement.get_mut("Condition")?.as_object_mut()?;
    let (operator, keys) = condition
        .iter_mut()
        .filter_map(|(operator, keys)| Some((operator, keys.as_object_mut()?)))
        .find(|(operator, keys)| is_operator(operator) && keys.keys().any(|key| is_key(key)))?;
    let key = keys.keys().find(|key| is_key(key))?.clone();
    let values = keys.remove(&key)?;
    let empty = keys.is_empty().then(|| operator.clone());
    if let Some(operator) = empty {
        condition.remove(&operator);
    }
    Some((key, values))
}

/// Adds a test to a condition; none where there is one already.
fn put(statement: &mut Statement, operator: &str, key: &str, values: Value) -> Option<()> {
    let condition = statement.get_mut("Condition")?.as_object_mut()?;
    let keys = condition
        .entry(operator)
        .or_insert_with(|| json!({}))
        .as_object_mut()?;
    keys.insert(key.to_owned(), values).is_none().then_some(())
}

fn bool_if_exists(statement: &mut Statement) -> Option<()> {
    let (key, values) = take(statement, |operator| operator == "Bool", is_mfa_present)?;
    put(statement, "BoolIfExists", &key, values)
}

fn bool(statement: &mut Statement) -> Option<()> {
    let (key, values) = take(
        statement,
        |operator| operator == "BoolIfExists",
        is_mfa_present,
    )?;
    put(statement, "Bool", &key, values)
}

/// Leaves out the age, where the presence is tested as well.
/// What a Deny must exempt by name before it is made to apply: else it could take enrolment from people who have it now.
const ENROLLING: [&str; 5] = [
    "iam:ChangePassword",
    CREATE,
    "iam:EnableMFADevice",
    "iam:GetMFADevice",
    "sts:GetSessionToken",
];

fn without_age(statement: &mut Statement) -> Option<()> {
    let exempt = texts(statement.get("NotAction")?)?;
    let is_exempt = |action: &&str| {
        let mut exempt = exempt.iter();
        exempt.any(|other| other.eq_ignore_ascii_case(action))
    };
    ENROLLING.iter().all(is_exempt).then_some(())?;
    take(statement, |_| true, is_mfa_age)?;
    let left = statement.get("Condition")?.as_object()?.values();
    let mut keys = left.filter_map(Value::as_object).flat_map(Map::keys);
    keys.any(|key| is_mfa_present(key)).then_some(())
}

fn by_presence(statement: &mut Statement) -> Option<()> {
    take(statement, |operator| operator == "Null", is_mfa_age)?;
    put(statement, "BoolIfExists", PRESENT, json!("false"))
}

/// Lists the user's ARN with a path as well.
fn with_path(statement: &mut Statement) -> Option<()> {
    let element = ["Resource", "NotResource"]
        .into_iter()
        .find(|element| statement.contains_key(*element))?;
    let mut resources = texts(statement.get(element)?)?;
    let place = resources
        .iter()
        .position(|resource| resource.ends_with(":user/${aws:username}"))?;
    let (arn, _) = resources.get(place)?.rsplit_once(":user/")?;
    let with_path = format!("{arn}:user/*/${{aws:username}}");
    resources.insert(place + 1, with_path);
    statement.insert(element.to_owned(), json!(resources));
    Some(())
}

/// Takes actions out of an exemption that lists them by their names.
fn not_exempt(statement: &mut Statement, actions: &[&str]) -> Option<()> {
    let mut exempt = texts(statement.get("NotAction")?)?;
    let is_meant = |action: &String| {
        actions
            .iter()
            .any(|meant| meant.eq_ignore_ascii_case(action))
    };
    exempt.retain(|action| !is_meant(action));
    (!exempt.is_empty()).then(|| statement.insert("NotAction".to_owned(), json!(exempt)))?;
    Some(())
}

fn exempt_session_token(statement: &mut Statement) -> Option<()> {
    let mut exempt = texts(statement.get("NotAction")?)?;
    exempt.push("sts:GetSessionToken".to_owned());
    statement.insert("NotAction".to_owned(), json!(exempt));
    Some(())
}

#[cfg(test)]
mod tests {
    use policy::StatementChange;

    use super::*;
    use crate::lint::lint;

    /// Returns the lines that a suggestion for a mistake takes out and adds, sorted.
    fn suggested(code: FindingCode, statements: &str) -> Option<Vec<String>> {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        let document = Document::parse(&text).unwrap();
        let mistakes = lint("policy", &document);
        let mistake = mistakes.into_iter().find(|mistake| mistake.code == code);
        let suggestion = mistake.unwrap_or_else(|| panic!("no {code}")).suggestion?;
        let changes = Document::changes(&suggestion.before, &suggestion.after);
        let lines = changes.into_iter().flat_map(|change| match change {
            StatementChange::Added(statement) => vec![format!("+ {}", compact(statement))],
            StatementChange::Removed(statement) => vec![format!("- {}", compact(statement))],
            StatementChange::Changed { before, after } => {
                let (before, after) = (before.to_json_pretty(), after.to_json_pretty());
                let lines = |text: &str| -> Vec<String> {
                    let line = |line: &str| line.trim().trim_end_matches(',').to_owned();
                    text.lines().map(line).collect()
                };
                let (before, after) = (lines(&before), lines(&after));
                let gone = before.iter().filter(|line| !after.contains(line));
                let new = after.iter().filter(|line| !before.contains(line));
                gone.map(|line| format!("- {line}"))
                    .chain(new.map(|line| format!("+ {line}")))
                    .collect()
            }
        });
        Some(lines.collect())
    }

    fn compact(statement: &policy::Statement) -> String {
        serde_json::to_string(statement).unwrap()
    }

    const OWN: &str =
        r#"["arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"]"#;

    fn deny(exempt: &str, condition: &str) -> String {
        format!(
            r#"{{"Effect": "Deny", "NotAction": [{exempt}], "Resource": "*", "Condition": {{{condition}}}}}"#
        )
    }

    const ENROLMENT: &str =
        r#""iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken""#;
    const AGE: &str = r#""NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}"#;
    const WITHOUT_MFA: &str = r#""BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}"#;

    #[track_caller]
    fn assert_suggests(code: FindingCode, statements: &str, lines: &[&str]) {
        assert_eq!(suggested(code, statements).unwrap(), lines);
    }

    #[test]
    fn conditions_are_mended_in_place() {
        assert_suggests(
            FindingCode::BoolLetsKeysThrough,
            &deny(ENROLMENT, &WITHOUT_MFA.replace("BoolIfExists", "Bool")),
            &[r#"- "Bool": {"#, r#"+ "BoolIfExists": {"#],
        );
        assert_suggests(
            FindingCode::AllowsKeysWithoutMfa,
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:multifactorauthpresent": "true", "aws:SecureTransport": "true"}}}"#,
            &[r#"+ "Bool": {"#],
        );
        let others = format!(
            r#"{{"Effect": "Allow", "Action": ["iam:CreateVirtualMFADevice", "iam:ChangePassword", "iam:EnableMFADevice", "iam:GetMFADevice"], "Resource": "*"}},
               {{"Effect": "Deny", "Action": ["iam:ChangePassword", "iam:EnableMFADevice"], "NotResource": {OWN}, "Condition": {{{WITHOUT_MFA}}}}}"#
        );
        let exempt = format!(r#"{ENROLMENT}, "iam:ChangePassword", "iam:GetMFADevice""#);
        let late = deny(&exempt, &format!("{WITHOUT_MFA}, {AGE}"));
        assert_suggests(
            FindingCode::DenyNeverApplies,
            &format!("{others}, {late}"),
            &[
                r#"- "NumericGreaterThan": {"#,
                r#"- "aws:MultiFactorAuthAge": ["#,
                r#"- "3600""#,
            ],
        );
        assert_suggests(
            FindingCode::MfaToldByAge,
            &deny(ENROLMENT, r#""Null": {"aws:MultiFactorAuthAge": "true"}"#),
            &[
                r#"- "Null": {"#,
                r#"- "aws:MultiFactorAuthAge": ["#,
                r#"- "true""#,
                r#"+ "BoolIfExists": {"#,
                r#"+ "aws:MultiFactorAuthPresent": ["#,
                r#"+ "false""#,
            ],
        );
    }

    #[test]
    fn exemptions_are_narrowed_to_what_enrolment_takes() {
        assert_suggests(
            FindingCode::DeviceRemovalWithoutMfa,
            &deny(
                &format!(r#"{ENROLMENT}, "iam:deactivateMFADevice""#),
                WITHOUT_MFA,
            ),
            &[r#"- "iam:deactivateMFADevice""#],
        );
        assert_suggests(
            FindingCode::CredentialsWithoutMfa,
            &deny(
                &format!(r#"{ENROLMENT}, "iam:CreateAccessKey""#),
                WITHOUT_MFA,
            ),
            &[r#"- "iam:CreateAccessKey""#],
        );
        let by_pattern = deny(&format!(r#"{ENROLMENT}, "iam:*MFADevice""#), WITHOUT_MFA);
        assert_eq!(
            suggested(FindingCode::DeviceRemovalWithoutMfa, &by_pattern),
            None
        );
        assert_suggests(
            FindingCode::SessionTokenDenied,
            &deny(
                r#""iam:CreateVirtualMFADevice", "iam:EnableMFADevice""#,
                WITHOUT_MFA,
            ),
            &[r#"+ "sts:GetSessionToken""#],
        );
        let condition = r#""Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#;
        assert_suggests(
            FindingCode::ExemptForOthers,
            &deny(ENROLMENT, WITHOUT_MFA),
            &[&format!(
                r#"+ {{"Effect":"Deny","Action":"iam:EnableMFADevice","NotResource":{},{condition}}}"#,
                OWN.replace(", ", ",")
            )],
        );
    }

    #[test]
    fn resources_are_widened_to_what_a_user_can_have() {
        let allow = |actions: &str, resources: &str| {
            format!(r#"{{"Effect": "Allow", "Action": [{actions}], "Resource": {resources}}}"#)
        };
        assert_suggests(
            FindingCode::PathForgotten,
            &allow(
                r#""iam:GetUser""#,
                r#""arn:aws-cn:iam::123456789012:user/${aws:username}""#,
            ),
            &[r#"+ "arn:aws-cn:iam::123456789012:user/*/${aws:username}""#],
        );
        let fixed = r#""arn:aws:iam::*:mfa/${aws:username}""#;
        assert_suggests(
            FindingCode::DeviceNameFixed,
            &allow(r#""iam:CreateVirtualMFADevice""#, fixed),
            &[
                r#"- "arn:aws:iam::*:mfa/${aws:username}""#,
                r#"+ "arn:aws:iam::*:mfa/*""#,
            ],
        );
        // Deleting is left as it is: of any name it would be of anybody's device.
        assert_suggests(
            FindingCode::DeviceNameFixed,
            &allow(
                r#""iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice""#,
                fixed,
            ),
            &[
                r#"+ {"Effect":"Allow","Action":"iam:CreateVirtualMFADevice","Resource":"arn:aws:iam::*:mfa/*"}"#,
            ],
        );
    }

    #[test]
    fn what_would_be_another_mistake_is_not_suggested() {
        // Once it applies it denies enrolment.
        let deadlock = deny(r#""sts:GetSessionToken""#, &format!("{WITHOUT_MFA}, {AGE}"));
        assert_eq!(suggested(FindingCode::DenyNeverApplies, &deadlock), None);
    }
}
