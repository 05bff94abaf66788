//! The users and roles that trust policies name.
//!
//! AWS keeps a principal's unique id and shows its ARN as it is now; when the principal is gone it shows the id.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use policy::{Document, PrincipalKind, PrincipalSet, Principals};
use serde_json::Value;

use crate::caller::is_account_id;
use crate::error::{Code, Error};
use crate::state::Account;

impl Account {
    /// Refuses a trust policy that names nobody: a user or role of this account that isn't there, or what is no name. Those
    /// of other accounts are not looked for.
    pub(super) fn check_principals(&self, document: &Document) -> Result<(), Error> {
        let own = format!("arn:aws:iam::{}:", self.id);
        let is_known = |name: &str| match name.strip_prefix(&own) {
            Some("root") => true,
            Some(_) => self.has_principal(name),
            None => is_formed_as_principal(name),
        };
        let principals = document.statements().filter_map(|it| it.principals());
        match principals.flat_map(names).find(|name| !is_known(name)) {
            None => Ok(()),
            Some(name) => {
                let message = format!(r#"Invalid principal in policy: "AWS":"{name}""#);
                Err(Error::new(Code::MalformedPolicyDocument, message))
            }
        }
    }

    fn has_principal(&self, arn: &str) -> bool {
        let name = arn.rsplit('/').next().unwrap_or_default();
        let user = self.iam.user(name).map(|user| self.user_arn(user));
        user.is_ok_and(|found| found == arn) || self.role_of_arn(arn).is_some()
    }

    /// Has trust policies name a principal in another way: by its new ARN, or by its id when it is gone.
    pub(super) fn rename_principal(&mut self, old: &str, new: &str) {
        for role in self.iam.roles.values_mut() {
            if let Some(renamed) = renamed(&role.trust_policy, old, new) {
                role.trust_policy = renamed;
            }
        }
    }
}

/// Refuses a trust policy about actions that assume no role. AWS does not document that; its words are known from use.
pub(super) fn check_actions(document: &Document) -> Result<(), Error> {
    let mut patterns = document.statements().flat_map(|it| it.actions().patterns());
    let is_of_sts = |service: &str| service == "*" || service.eq_ignore_ascii_case("sts");
    if patterns.all(|pattern| is_of_sts(pattern.service())) {
        return Ok(());
    }
    let message = "AssumeRole policy may only specify STS AssumeRole actions.";
    Err(Error::new(Code::MalformedPolicyDocument, message))
}

/// Returns whether this is an ARN, the number of an account, a unique id, or everybody.
fn is_formed_as_principal(name: &str) -> bool {
    let is_id = |name: &str| {
        name.len() >= 16
            && name.starts_with('A')
            && name
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    name == "*" || name.starts_with("arn:") || is_account_id(name) || is_id(name)
}

fn names(principals: &Principals) -> &[String] {
    match principals.set() {
        PrincipalSet::Everyone => &[],
        PrincipalSet::Named(kinds) => kinds
            .get(&PrincipalKind::Aws)
            .map(Vec::as_slice)
            .unwrap_or_default(),
    }
}

/// Returns a trust policy with a principal named in another way, if it names that at all.
fn renamed(document: &str, old: &str, new: &str) -> Option<String> {
    if !document.contains(old) {
        return None;
    }
    let mut value: Value = serde_json::from_str(document).ok()?;
    let mut is_renamed = false;
    for statement in one_or_many(value.get_mut("Statement")?) {
        for element in ["Principal", "NotPrincipal"] {
            let names = statement.get_mut(element).and_then(|it| it.get_mut("AWS"));
            for name in names.map(one_or_many).unwrap_or_default() {
                if name == old {
                    *name = new.into();
                    is_renamed = true;
                }
            }
        }
    }
    is_renamed.then(|| value.to_string())
}

fn one_or_many(value: &mut Value) -> Vec<&mut Value> {
    match value {
        Value::Array(items) => items.iter_mut().collect(),
        one => vec![one],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_is_renamed_and_nothing_else() {
        let document = r#"{"Statement":[{"Principal":{"AWS":["a","b"],"Service":"a"},"Condition":{"ArnLike":{"x:y":"a"}}},
            {"NotPrincipal":{"AWS":"a"}},{"Principal":"*"}]}"#;
        let expected = r#"{"Statement":[{"Condition":{"ArnLike":{"x:y":"a"}},"Principal":{"AWS":["c","b"],"Service":"a"}},{"NotPrincipal":{"AWS":"c"}},{"Principal":"*"}]}"#;
        assert_eq!(renamed(document, "a", "c").as_deref(), Some(expected));
        assert_eq!(renamed(document, "x:y", "c"), None);
    }
}
