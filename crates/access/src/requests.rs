//! Sets of requests that something is claimed of, written as policy documents.

use model::{Account, Path};
use policy::Document;

/// Holds the sets that the claims about one user are about. Names stand in them as `${aws:username}`, so that users with
/// one path share them.
#[derive(Debug, Clone)]
pub(crate) struct Requests {
    /// What is no harm: it needs no permission and gives nothing away.
    pub(crate) harmless: Document,
    /// What a user may do without MFA, to itself.
    pub(crate) self_service: Document,
    /// What a user who has no device yet must be able to do.
    pub(crate) enrolment: Document,
}

/// The places of the sets among those that a space is made with.
pub(crate) const HARMLESS: usize = 0;
pub(crate) const SELF_SERVICE: usize = 1;
pub(crate) const ENROLMENT: usize = 2;

impl Requests {
    /// Returns the sets for users with a path in an account.
    ///
    /// A user's name is unique in its account, whatever its path, and IAM acts on the caller's account only: so any ARN
    /// that ends in the user's name is the user's own.
    pub(crate) fn new(account: &Account, path: &Path, lists_users: bool) -> Self {
        let (partition, id) = (&account.partition, &account.id);
        let list_users = if lists_users {
            r#", "iam:ListUsers""#
        } else {
            ""
        };
        let path = escaped(path.as_str());
        Self {
            harmless: harmless(),
            self_service: document(&format!(
                r#"{{
                  "Effect": "Allow",
                  "Action": ["iam:ChangePassword", "iam:EnableMFADevice", "iam:GetMFADevice", "iam:GetUser", "iam:ListMFADevices", "iam:ResyncMFADevice"],
                  "Resource": ["arn:{partition}:iam::*:user/${{aws:username}}", "arn:{partition}:iam::*:user/*/${{aws:username}}"]
                }}, {{
                  "Effect": "Allow",
                  "Action": ["iam:CreateVirtualMFADevice", "iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices"{list_users}],
                  "Resource": "*"
                }}"#
            )),
            enrolment: document(&format!(
                r#"{{
                  "Effect": "Allow",
                  "Action": ["iam:ChangePassword", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice"],
                  "Resource": "arn:{partition}:iam::{id}:user{path}${{aws:username}}"
                }}, {{
                  "Effect": "Allow",
                  "Action": "iam:CreateVirtualMFADevice",
                  "Resource": "arn:{partition}:iam::{id}:mfa/?*"
                }}"#
            )),
        }
    }

    /// Returns the sets in the order of their places.
    pub(crate) fn all(&self) -> [&Document; 3] {
        let Self {
            harmless,
            self_service,
            enrolment,
        } = self;
        [harmless, self_service, enrolment]
    }
}

/// Returns the requests that need no permission and give nothing away.
pub(crate) fn harmless() -> Document {
    document(
        r#"{"Effect": "Allow", "Action": ["sts:GetCallerIdentity", "sts:GetSessionToken"], "Resource": "*"}"#,
    )
}

/// Returns what `AllowUsersToChangePassword` of the account's password policy comes to: no document grants it.
pub(crate) fn own_password(account: &Account) -> Document {
    let partition = &account.partition;
    document(&format!(
        r#"{{
          "Effect": "Allow",
          "Action": "iam:ChangePassword",
          "Resource": ["arn:{partition}:iam::*:user/${{aws:username}}", "arn:{partition}:iam::*:user/*/${{aws:username}}"]
        }}"#
    ))
}

#[expect(
    clippy::expect_used,
    reason = "constant but for names of partitions, accounts and paths; a test has strange ones"
)]
fn document(statements: &str) -> Document {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    Document::parse(&text).expect("a set of requests should be a document")
}

/// Returns a text that stands for itself as part of a pattern in a string of JSON.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '*' | '?' | '$' => escaped.extend(['$', '{', character, '}']),
            '"' | '\\' => escaped.extend(['\\', character]),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use model::{AccountId, Partition};

    use super::*;

    #[test]
    fn a_path_stands_for_itself_whatever_its_characters() {
        let account = Account {
            id: AccountId::new("123456789012").unwrap(),
            partition: Partition::new("aws-us-gov").unwrap(),
            alias: None,
        };
        let path: String = ('!'..='~').filter(|character| *character != '/').collect();
        let path = Path::new(format!("/{path}/")).unwrap();
        let requests = Requests::new(&account, &path, true);
        let resource = requests
            .enrolment
            .statements()
            .next()
            .unwrap()
            .resources()
            .unwrap()
            .patterns()[0]
            .to_string();
        assert!(resource.starts_with("arn:aws-us-gov:iam::123456789012:user/!\"#${$}%&'()${*}+"));
        own_password(&account);
    }
}
