//! Actions and resources that people know, for requests that show something.

use model::Account;

/// Actions, those first that do most harm.
pub(crate) const ACTIONS: [&str; 27] = [
    "iam:CreateAccessKey",
    "iam:AttachUserPolicy",
    "iam:CreateUser",
    "iam:DeactivateMFADevice",
    "iam:DeleteVirtualMFADevice",
    "iam:UpdateLoginProfile",
    "iam:CreateLoginProfile",
    "iam:EnableMFADevice",
    "iam:ChangePassword",
    "iam:CreateVirtualMFADevice",
    "iam:ResyncMFADevice",
    "iam:ListMFADevices",
    "iam:GetMFADevice",
    "iam:GetUser",
    "iam:ListUsers",
    "iam:ListVirtualMFADevices",
    "iam:GetAccountPasswordPolicy",
    "iam:PassRole",
    "sts:AssumeRole",
    "s3:GetObject",
    "ec2:RunInstances",
    "kms:Decrypt",
    "secretsmanager:GetSecretValue",
    "lambda:InvokeFunction",
    "cloudtrail:StopLogging",
    "sts:GetSessionToken",
    "sts:GetCallerIdentity",
];

/// Returns resources of an account: the principal itself, others of its kind, devices, one of them named like the principal,
/// and some of well-known services.
pub(crate) fn resources(account: &Account, principal: &str) -> [String; 11] {
    let (partition, id) = (&account.partition, &account.id);
    let name = principal.rsplit('/').next().unwrap_or_default();
    [
        principal.to_owned(),
        format!("arn:{partition}:iam::{id}:user/somebody-else"),
        format!("arn:{partition}:iam::{id}:mfa/some-device"),
        format!("arn:{partition}:iam::{id}:mfa/{name}"),
        format!("arn:{partition}:iam::{id}:role/some-role"),
        "*".to_owned(),
        format!("arn:{partition}:s3:::some-bucket/some-object"),
        format!("arn:{partition}:ec2:us-east-1:{id}:instance/i-0123456789abcdef0"),
        format!("arn:{partition}:kms:us-east-1:{id}:key/some-key"),
        format!("arn:{partition}:secretsmanager:us-east-1:{id}:secret:some-secret"),
        format!("arn:{partition}:lambda:us-east-1:{id}:function:some-function"),
    ]
}

/// Tells whether a request for an action would name such a resource.
pub(crate) fn fit(action: &str, resource: &str) -> bool {
    let kind = match action.split_once(':') {
        Some(("iam", name)) if name.ends_with("VirtualMFADevice") => ":mfa/",
        Some(("iam", name)) if name.starts_with("List") || name.starts_with("GetAccount") => "*",
        Some(("iam", "PassRole") | ("sts", _)) => ":role/",
        Some(("iam", _)) => ":user/",
        Some((service, _)) => return resource.split(':').nth(2) == Some(service),
        None => return false,
    };
    resource.contains(kind)
}
