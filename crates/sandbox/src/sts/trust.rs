//! A role's trust policy: whom it lets assume the role.

use policy::evaluate::{Decision, InForce, Policy, Request};
use policy::{Document, PrincipalKind, PrincipalSet, Principals, Statement};
use serde_json::Value;

/// Says how a trust policy lets somebody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Not at all.
    None,
    /// As somebody of their account, whose own policies have to allow it too.
    Account,
    /// By name, or as anybody.
    Principal,
}

/// Names somebody in the ways in which a trust policy can.
pub(super) struct Principal {
    pub(super) account: String,
    /// The ARN and the unique id of the user, or those of the role and of its session.
    pub(super) names: Vec<String>,
}

/// Returns how a trust policy lets a principal make a request.
pub(super) fn trust(document: &str, principal: &Principal, request: &Request) -> Trust {
    let allows = |least: Trust| {
        policy_about(document, |statement| {
            let named = principal.named_in(statement);
            let is_deny = statement.effect() == policy::Effect::Deny;
            named == Trust::Principal || (named == Trust::Account && (is_deny || least == named))
        })
        .is_some_and(|policy| allows(&policy, request))
    };
    if allows(Trust::Principal) {
        Trust::Principal
    } else if allows(Trust::Account) {
        Trust::Account
    } else {
        Trust::None
    }
}

fn allows(policy: &Policy, request: &Request) -> bool {
    let in_force = InForce {
        identity: vec![policy],
        ..InForce::default()
    };
    match in_force.evaluate(request) {
        Decision::Allowed { .. } => true,
        Decision::ImplicitlyDenied { .. } | Decision::ExplicitlyDenied { .. } => false,
    }
}

/// Returns those statements of a trust policy that are about somebody, as a policy of theirs about every resource.
///
/// `None` if there are none.
fn policy_about(document: &str, is_about: impl Fn(&Statement) -> bool) -> Option<Policy> {
    let parsed = Document::parse_trust(document).ok()?;
    let mut value: Value = serde_json::from_str(document).ok()?;
    let statements = match value.get_mut("Statement")?.take() {
        Value::Array(statements) => statements,
        statement => vec![statement],
    };
    let about = parsed.statements().zip(statements);
    let about = about.filter(|(statement, _)| is_about(statement));
    let statements: Vec<Value> = about.filter_map(|(_, value)| of_identity(value)).collect();
    *value.get_mut("Statement")? = Value::Array(statements);
    let document = Document::from_value(&value).ok()?;
    Some(Policy::new(&document))
}

/// Returns a statement of a trust policy as an identity policy has it: about resources, not principals.
fn of_identity(mut statement: Value) -> Option<Value> {
    let members = statement.as_object_mut()?;
    members.remove("Principal");
    members.remove("NotPrincipal");
    members.insert("Resource".to_owned(), "*".into());
    Some(statement)
}

impl Principal {
    /// Returns how a statement is about this principal.
    fn named_in(&self, statement: &Statement) -> Trust {
        match statement.principals() {
            Some(Principals::Principal(set)) => self.named_by(set),
            Some(Principals::NotPrincipal(set)) if self.named_by(set) == Trust::None => {
                Trust::Principal
            }
            Some(Principals::NotPrincipal(_)) | None => Trust::None,
        }
    }

    fn named_by(&self, set: &PrincipalSet) -> Trust {
        let names = match set {
            PrincipalSet::Everyone => return Trust::Principal,
            PrincipalSet::Named(kinds) => kinds.get(&PrincipalKind::Aws),
        };
        let names = names.map(Vec::as_slice).unwrap_or_default();
        let root = format!("arn:aws:iam::{}:root", self.account);
        if names
            .iter()
            .any(|name| name == "*" || self.names.contains(name))
        {
            Trust::Principal
        } else if names
            .iter()
            .any(|name| *name == self.account || *name == root)
        {
            Trust::Account
        } else {
            Trust::None
        }
    }
}

#[cfg(test)]
mod tests {
    use policy::evaluate::Context;

    use super::*;

    fn trust_of(principal: &str, effect: &str, condition: &str) -> String {
        format!(
            r#"{{"Effect":"{effect}","Principal":{principal},"Action":"sts:AssumeRole"{condition}}}"#
        )
    }

    fn trusts(statements: &[String], context: Context) -> Trust {
        let document = format!(
            r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
            statements.join(",")
        );
        let principal = Principal {
            account: "123456789012".to_owned(),
            names: vec!["arn:aws:iam::123456789012:user/alice".to_owned()],
        };
        let role = "arn:aws:iam::123456789012:role/admin";
        let request = Request::new("sts:AssumeRole", role, context).unwrap();
        trust(&document, &principal, &request)
    }

    fn by(principal: &str) -> Trust {
        trusts(&[trust_of(principal, "Allow", "")], Context::default())
    }

    #[test]
    fn a_principal_is_trusted_by_name_by_account_or_not() {
        let alice = r#"{"AWS":"arn:aws:iam::123456789012:user/alice"}"#;
        assert_eq!(by(alice), Trust::Principal);
        assert_eq!(by(r#""*""#), Trust::Principal);
        assert_eq!(by(r#"{"AWS":"123456789012"}"#), Trust::Account);
        let root = r#"{"AWS":["arn:aws:iam::123456789012:root"]}"#;
        assert_eq!(by(root), Trust::Account);
        assert_eq!(by(r#"{"AWS":"210987654321"}"#), Trust::None);
        assert_eq!(by(r#"{"Service":"ec2.amazonaws.com"}"#), Trust::None);
    }

    #[test]
    fn a_condition_that_does_not_hold_lets_nobody_in() {
        let mfa = r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#;
        let statement = || [trust_of(r#""*""#, "Allow", mfa)];
        assert_eq!(trusts(&statement(), Context::default()), Trust::None);
        let context = Context::default().with("aws:MultiFactorAuthPresent", "true");
        assert_eq!(trusts(&statement(), context), Trust::Principal);
    }

    #[test]
    fn a_deny_of_the_account_goes_before_an_allow_by_name() {
        let alice = r#"{"AWS":"arn:aws:iam::123456789012:user/alice"}"#;
        let statements = [
            trust_of(alice, "Allow", ""),
            trust_of(r#"{"AWS":"123456789012"}"#, "Deny", ""),
        ];
        assert_eq!(trusts(&statements, Context::default()), Trust::None);
    }
}
