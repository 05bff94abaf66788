//! The condition keys of a request.

use policy::evaluate::{Context, ContextValue};

use crate::call::{Call, Fields};
use crate::caller::Caller;
use crate::error::Error;
use crate::state::Account;
use crate::sts::SessionMfa;

/// Returns the keys that a request has by its caller, its time and its parameters.
///
/// Requests come from 127.0.0.1 and count as made over TLS, as requests to AWS are. What a request says of MFA is as for
/// long-term keys (nothing), for `GetSessionToken` (whether a code was shown) and for sessions of roles (nothing).
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
pub(crate) fn context(account: &Account, call: &Call<'_>) -> Result<Context, Error> {
    let mut context = Context::default()
        .with("aws:CurrentTime", call.now.to_string())
        .with("aws:EpochTime", call.now.as_second().to_string())
        .with("aws:SecureTransport", "true")
        .with("aws:SourceIp", "127.0.0.1")
        .with("aws:RequestedRegion", call.region)
        .with("aws:ViaAWSService", "false")
        .with("aws:PrincipalIsAWSService", "false")
        .with("aws:PrincipalAccount", &account.id)
        .with("aws:PrincipalArn", principal_arn(account, call.caller)?)
        .with("aws:userid", account.caller_id(call.caller)?);
    match call.caller {
        Caller::Root => context = context.with("aws:PrincipalType", "Account"),
        Caller::User(name) => {
            context = context
                .with("aws:PrincipalType", "User")
                .with("aws:username", name);
            add_tags(
                &mut context,
                "aws:PrincipalTag",
                account.iam.user(name)?.tags(),
            );
        }
        Caller::Role { name, .. } => {
            context = context.with("aws:PrincipalType", "AssumedRole");
            add_tags(
                &mut context,
                "aws:PrincipalTag",
                account.iam.role(name)?.tags(),
            );
            if let Some(session) = call.session {
                add_tags(&mut context, "aws:PrincipalTag", session.tags.pairs());
            }
        }
    }
    add_session(&mut context, call);
    add_parameters(&mut context, &call.input)?;
    Ok(context)
}

/// Returns the caller's ARN, which for a session is its role's.
fn principal_arn(account: &Account, caller: &Caller) -> Result<String, Error> {
    match caller {
        Caller::Root | Caller::User(_) => account.caller_arn(caller),
        Caller::Role { name, .. } => Ok(account.role_arn(account.iam.role(name)?)),
    }
}

fn add_session(context: &mut Context, call: &Call<'_>) {
    let Some(session) = call.session else {
        return;
    };
    set(context, "aws:TokenIssueTime", &session.issued.to_string());
    if let Some(identity) = &session.source_identity {
        set(context, "aws:SourceIdentity", identity);
    }
    match session.mfa {
        SessionMfa::Unsaid => {}
        SessionMfa::Absent => set(context, "aws:MultiFactorAuthPresent", "false"),
        SessionMfa::Present => {
            let age = call.now.duration_since(session.issued).as_secs();
            set(context, "aws:MultiFactorAuthPresent", "true");
            set(context, "aws:MultiFactorAuthAge", &age.to_string());
        }
    }
}

/// Adds the keys that tell parameters: tags, and of IAM the policy and the boundary.
fn add_parameters(context: &mut Context, input: &Fields<'_>) -> Result<(), Error> {
    let parameters = [
        ("cloudwatch:namespace", "Namespace"),
        ("s3:if-match", "IfMatch"),
        ("s3:if-none-match", "IfNoneMatch"),
        ("iam:PolicyARN", "PolicyArn"),
        ("iam:PermissionsBoundary", "PermissionsBoundary"),
        ("iam:ServiceSpecificCredentialServiceName", "ServiceName"),
    ];
    for (key, parameter) in parameters {
        if let Some(value) = input.any_text(parameter) {
            set(context, key, value);
        }
    }
    let mut keys: Vec<String> = Vec::new();
    for tag in input.records("Tags").ok().flatten().unwrap_or_default() {
        if let (Some(key), Some(value)) = (tag.any_text("Key"), tag.any_text("Value")) {
            set(context, &format!("aws:RequestTag/{key}"), value);
            keys.push(key.to_owned());
        }
    }
    let untagged = input.any_texts("TagKeys");
    keys.extend(untagged.into_iter().map(str::to_owned));
    context.set("aws:TagKeys", ContextValue::Multiple(keys));
    Ok(())
}

/// Adds a key for each tag, such as `aws:PrincipalTag/team`.
pub(super) fn add_tags<'a>(
    context: &mut Context,
    prefix: &str,
    tags: impl Iterator<Item = (&'a str, &'a str)>,
) {
    for (key, value) in tags {
        set(context, &format!("{prefix}/{key}"), value);
    }
}

fn set(context: &mut Context, key: &str, value: &str) {
    context.set(key, ContextValue::Single(value.to_owned()));
}
