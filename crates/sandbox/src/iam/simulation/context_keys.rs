//! The context keys that policies ask for.

use std::collections::BTreeMap;

use policy::{ResourcePattern, Statement, Version};

use crate::iam::Attached;

/// Returns the keys of conditions and variables, each once whatever its case, in order.
pub(super) fn context_keys(policies: &[Attached<'_>]) -> Vec<String> {
    let mut keys = BTreeMap::new();
    for policy in policies {
        let has_variables = policy.document.version() == Version::V2012_10_17;
        for statement in policy.document.statements() {
            for key in keys_of(statement, has_variables) {
                keys.entry(key.to_ascii_lowercase())
                    .or_insert_with(|| key.to_owned());
            }
        }
    }
    keys.into_values().collect()
}

fn keys_of(statement: &Statement, has_variables: bool) -> Vec<&str> {
    let mut keys = Vec::new();
    let mut texts = Vec::new();
    if let Some(resources) = statement.resources() {
        let patterns = resources.patterns().iter();
        texts.extend(patterns.map(ResourcePattern::as_str));
    }
    if let Some(condition) = statement.condition() {
        for (_, key, values) in condition.tests() {
            keys.push(key.as_str());
            texts.extend(values.iter().map(String::as_str));
        }
    }
    if has_variables {
        keys.extend(texts.into_iter().flat_map(variables));
    }
    keys
}

/// Returns the keys in `${key}` and `${key, 'default'}`; `${*}`, `${?}` and `${$}` are characters.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    let inside = text.split("${").skip(1);
    inside
        .filter_map(|rest| rest.split_once('}'))
        .filter_map(|(variable, _)| variable.split(',').next())
        .map(str::trim)
        .filter(|key| key.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::Origin;

    #[test]
    fn keys_of_conditions_and_variables_are_told_once() {
        let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*",
            "Resource":"arn:aws:s3:::${aws:username}-${*}/${aws:PrincipalTag/team, 'none'}/*",
            "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},
                "StringEquals":{"AWS:UserName":"${aws:userid}"}}}}"#;
        let policy = Attached::new("policy", Origin::Input, document).unwrap();
        assert_eq!(
            context_keys(&[policy]),
            [
                "aws:MultiFactorAuthPresent",
                "aws:PrincipalTag/team",
                "aws:userid",
                "AWS:UserName"
            ]
        );
    }
}
