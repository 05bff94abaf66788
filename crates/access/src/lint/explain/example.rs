//! How each mistake is written wrongly, and how rightly.

use model::FindingCode;

/// Holds statements that have a mistake, or of which a claim doesn't hold, and such as are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// The wrong statements, as they stand in a document's list.
    pub wrong: &'static str,
    /// The right ones.
    pub right: &'static str,
}

/// Returns the example of a finding about documents.
pub(super) fn of(code: FindingCode) -> Option<Example> {
    let (wrong, right) = match code {
        FindingCode::OnlySelfServiceWithoutMfa => (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#,
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*",
 "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#,
        ),
        FindingCode::NothingWithKey => (
            r#"{"Effect": "Allow", "Action": "iam:ChangePassword",
 "Resource": "arn:aws:iam::*:user/${aws:username}"}"#,
            r#"{"Effect": "Allow", "Action": "iam:ChangePassword",
 "Resource": "arn:aws:iam::*:user/${aws:username}"},
{"Effect": "Deny", "NotAction": ["sts:GetCallerIdentity", "sts:GetSessionToken"],
 "Resource": "*",
 "Condition": {"Null": {"aws:MultiFactorAuthPresent": "true"}}}"#,
        ),
        FindingCode::DeniedWithoutMfa => (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*",
 "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#,
            r#"{"Effect": "Deny", "NotAction": [
  "iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice",
  "iam:GetMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice",
  "sts:GetCallerIdentity", "sts:GetSessionToken"],
 "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}},
{"Effect": "Deny", "Action": ["iam:ChangePassword", "iam:EnableMFADevice",
  "iam:GetMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice"],
 "NotResource": [
  "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"],
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
        ),
        FindingCode::CanEnrol => (
            r#"{"Effect": "Allow",
 "Action": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"],
 "Resource": ["arn:aws:iam::*:mfa/${aws:username}",
  "arn:aws:iam::*:user/${aws:username}"]}"#,
            r#"{"Effect": "Allow", "Action": ["iam:ChangePassword", "iam:EnableMFADevice",
  "iam:ListMFADevices", "iam:ResyncMFADevice"],
 "Resource": [
  "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"]},
{"Effect": "Allow", "Action": "iam:CreateVirtualMFADevice",
 "Resource": "arn:aws:iam::*:mfa/*"}"#,
        ),
        FindingCode::KeepsControl => (
            r#"{"Effect": "Allow", "Action": "*", "Resource": "*"},
{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}"#,
            r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
        ),
        FindingCode::FullAccessWithMfa => (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
{"Effect": "Deny", "Action": "*", "Resource": "*",
 "Condition": {"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}}"#,
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
{"Effect": "Deny", "Action": "*", "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
        ),
        FindingCode::BoolLetsKeysThrough => (
            r#"{"Effect": "Deny", "NotAction": ["iam:*MFADevice*", "sts:GetSessionToken"],
 "Resource": "*",
 "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}"#,
            r#"{"Effect": "Deny", "NotAction": ["iam:*MFADevice*", "sts:GetSessionToken"],
 "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
        ),
        FindingCode::ExemptsIam => (
            r#"{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
            r#"{"Effect": "Deny", "NotAction": [
  "iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice",
  "iam:GetMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice",
  "sts:GetSessionToken"],
 "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
        ),
        FindingCode::DenyNeverApplies => (
            r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"},
  "NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}}"#,
            r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*",
 "Condition": {"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}}"#,
        ),
        FindingCode::AllowsKeysWithoutMfa => (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}}"#,
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*",
 "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#,
        ),
        FindingCode::EnrolmentNeedsMfa => (
            r#"{"Effect": "Deny", "Action": "*", "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
            r#"{"Effect": "Deny", "NotAction": [
  "iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice",
  "iam:GetMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice",
  "sts:GetSessionToken"],
 "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
        ),
        FindingCode::DeviceCreatedOnUser => (
            r#"{"Effect": "Allow", "Action": "iam:CreateVirtualMFADevice",
 "Resource": "arn:aws:iam::*:user/${aws:username}"}"#,
            r#"{"Effect": "Allow", "Action": "iam:CreateVirtualMFADevice",
 "Resource": "arn:aws:iam::*:mfa/*"}"#,
        ),
        FindingCode::DeviceNameFixed => (
            r#"{"Effect": "Allow", "Action": "iam:CreateVirtualMFADevice",
 "Resource": "arn:aws:iam::*:mfa/${aws:username}"}"#,
            r#"{"Effect": "Allow", "Action": "iam:CreateVirtualMFADevice",
 "Resource": "arn:aws:iam::*:mfa/*"}"#,
        ),
        FindingCode::PathForgotten => (
            r#"{"Effect": "Allow", "Action": "iam:ChangePassword",
 "Resource": "arn:aws:iam::*:user/${aws:username}"}"#,
            r#"{"Effect": "Allow", "Action": "iam:ChangePassword",
 "Resource": [
  "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"]}"#,
        ),
        FindingCode::DeviceRemovalWithoutMfa => (
            r#"{"Effect": "Allow", "Action": "iam:DeactivateMFADevice",
 "Resource": [
  "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"]}"#,
            r#"{"Effect": "Allow", "Action": "iam:DeactivateMFADevice",
 "Resource": [
  "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"],
 "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#,
        ),
        FindingCode::CredentialsWithoutMfa => (
            r#"{"Effect": "Allow", "Action": "iam:CreateAccessKey",
 "Resource": [
  "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"]}"#,
            r#"{"Effect": "Allow", "Action": "iam:CreateAccessKey",
 "Resource": [
  "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"],
 "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#,
        ),
        FindingCode::DenyListsServices => (
            r#"{"Effect": "Deny", "Action": ["ec2:*", "s3:*"], "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
            r#"{"Effect": "Deny", "NotAction": [
  "iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice",
  "iam:GetMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice",
  "sts:GetSessionToken"],
 "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
        ),
        FindingCode::MatchesNothing => (
            r#"{"Effect": "Allow", "Action": "eks:", "Resource": "*"}"#,
            r#"{"Effect": "Allow", "Action": "eks:*", "Resource": "*"}"#,
        ),
        FindingCode::ExemptForOthers => (
            r#"{"Effect": "Deny", "NotAction": ["iam:EnableMFADevice", "sts:GetSessionToken"],
 "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
            r#"{"Effect": "Deny", "NotAction": ["iam:EnableMFADevice", "sts:GetSessionToken"],
 "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}},
{"Effect": "Deny", "Action": "iam:EnableMFADevice",
 "NotResource": [
  "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"],
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
        ),
        FindingCode::ExemptNotAllowed => (
            r#"{"Effect": "Deny", "NotAction": ["iam:EnableMFADevice", "sts:GetSessionToken"],
 "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
            r#"{"Effect": "Deny", "NotAction": ["iam:EnableMFADevice", "sts:GetSessionToken"],
 "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}},
{"Effect": "Allow", "Action": "iam:EnableMFADevice",
 "Resource": [
  "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"]}"#,
        ),
        FindingCode::SessionTokenDenied => (
            r#"{"Effect": "Deny", "NotAction": "iam:*MFADevice*", "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
            r#"{"Effect": "Deny", "NotAction": ["iam:*MFADevice*", "sts:GetSessionToken"],
 "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
        ),
        FindingCode::NamePromisesMfa => (
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#,
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*",
 "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#,
        ),
        FindingCode::EveryoneIsAdministrator => (
            r#"{"Effect": "Allow", "Action": "*", "Resource": "*",
 "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#,
            r#"{"Effect": "Allow", "Action": ["ec2:*", "s3:*"], "Resource": "*",
 "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#,
        ),
        FindingCode::AccountWideOnArn => (
            r#"{"Effect": "Allow", "Action": ["iam:GetAccountSummary", "iam:GetUser"],
 "Resource": [
  "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"]}"#,
            r#"{"Effect": "Allow", "Action": "iam:GetUser",
 "Resource": [
  "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"]},
{"Effect": "Allow", "Action": "iam:GetAccountSummary", "Resource": "*"}"#,
        ),
        FindingCode::GuardRemovable => (
            r#"{"Effect": "Deny", "Action": "iam:DetachUserPolicy", "Resource": "*"}"#,
            r#"{"Effect": "Deny", "Action": ["iam:DetachUserPolicy",
  "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"],
 "Resource": "*"}"#,
        ),
        FindingCode::SelfServiceOnOthers => (
            r#"{"Effect": "Allow", "Action": "iam:EnableMFADevice", "Resource": "*"}"#,
            r#"{"Effect": "Allow", "Action": "iam:EnableMFADevice",
 "Resource": [
  "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:user/*/${aws:username}"]}"#,
        ),
        FindingCode::EnrolmentIncomplete => (
            r#"{"Effect": "Deny", "NotAction": ["iam:CreateVirtualMFADevice",
  "iam:EnableMFADevice", "sts:GetSessionToken"],
 "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
            r#"{"Effect": "Deny", "NotAction": [
  "iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice",
  "iam:GetMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice",
  "sts:GetSessionToken"],
 "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
        ),
        FindingCode::MfaToldByAge => (
            r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*",
 "Condition": {"Null": {"aws:MultiFactorAuthAge": "true"}}}"#,
            r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#,
        ),
        FindingCode::Undeclared
        | FindingCode::Unchangeable
        | FindingCode::RetentionOverridden
        | FindingCode::UndeclaredBoundary
        | FindingCode::NamedElsewhere
        | FindingCode::Expired
        | FindingCode::ExpiresSoon
        | FindingCode::MfaPending
        | FindingCode::MfaOverdue
        | FindingCode::Protected
        | FindingCode::Caller
        | FindingCode::TooManyPeople
        | FindingCode::Everybody
        | FindingCode::Quota
        | FindingCode::CallerKeepsPermissions
        | FindingCode::EveryStep
        | FindingCode::Check => return None,
    };
    Some(Example { wrong, right })
}

#[cfg(test)]
mod tests {
    use model::{
        Account, AccountId, Address, Body, Boundary, Caller, InlinePolicy, Partition, Path,
        Principal, Snapshot, Tags, User, UserName,
    };
    use policy::Document;

    use super::*;
    use crate::lint::lint;
    use crate::prove::{Asked, prove};

    fn document(statements: &str) -> Document {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        Document::parse(&text).unwrap()
    }

    /// Lists what is found of a policy with these statements, and of a user with a path who holds it.
    fn found(statements: &str) -> Vec<FindingCode> {
        let document = document(statements);
        let mistakes = lint("S3AccessWithMFA", &document).into_iter();
        let alice = Principal::User(UserName::new("alice").unwrap());
        let asked = Asked {
            governed: [UserName::new("alice").unwrap()].into(),
            break_glass: [(
                alice.clone(),
                self::document(r#"{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}"#),
            )]
            .into(),
            ..Asked::default()
        };
        let proofs = prove(&holding(&alice, document), &asked);
        let refuted = proofs.iter().filter(|proof| !proof.verdict.is_proved());
        mistakes
            .map(|mistake| mistake.code)
            .chain(refuted.map(|proof| proof.claim.code()))
            .collect()
    }

    fn holding(user: &Principal, document: Document) -> Snapshot {
        let account = Account {
            id: AccountId::new("123456789012").unwrap(),
            partition: Partition::new("aws").unwrap(),
            alias: None,
        };
        let mut snapshot = Snapshot::new(account, Caller::Root);
        let body = User {
            path: Path::new("/eng/").unwrap(),
            tags: Tags::default(),
            boundary: Boundary::None,
            renamed_from: None,
        };
        snapshot.insert(user.address(), Body::User(body));
        snapshot.insert(
            Address::InlinePolicy(user.clone(), "policy".parse().unwrap()),
            Body::InlinePolicy(InlinePolicy { document }),
        );
        snapshot
    }

    #[test]
    fn each_wrong_example_is_found_and_no_right_one_is() {
        for code in FindingCode::ALL {
            let Some(Example { wrong, right }) = of(*code) else {
                continue;
            };
            assert!(found(wrong).contains(code), "{code} in {wrong}");
            assert!(!found(right).contains(code), "{code} in {right}");
        }
    }
}
