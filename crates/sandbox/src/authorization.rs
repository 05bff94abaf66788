//! Whether a caller may: the condition keys of its requests, and what its policies say of them.
//!
//! Policies are asked only if the sandbox enforces them; the account itself may do everything. Policies of resources,
//! service control policies and resource control policies are not asked, since the sandbox has none.

use policy::evaluate::{Decision, Layer, Request};

use crate::call::Call;
use crate::caller::{Caller, invalid_token};
use crate::error::{Code, Error};
use crate::iam::{Attached, Origin, PrincipalKind};
use crate::operation::Service;
use crate::state::Account;

mod context;
mod resource;

pub(crate) use context::context;
use resource::Resource;

/// The operations that need no permission.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
const WITHOUT_PERMISSION: [&str; 2] = ["GetCallerIdentity", "GetSessionToken"];

/// Says what a caller's own policies make of a request; a refusal is in AWS's words.
pub(crate) enum Verdict {
    Allowed,
    /// Nothing denies it, and not every policy that has to allow it does.
    NotAllowed(Error),
    /// A statement denies it.
    Denied(Error),
}

/// Refuses an operation that the caller's credentials or policies don't allow.
pub(crate) fn check(
    account: &Account,
    call: &Call<'_>,
    service: Service,
    operation: &str,
) -> Result<(), Error> {
    check_credentials(call, service, operation)?;
    if !call.rules.enforce
        || *call.caller == Caller::Root
        || (service == Service::Sts && WITHOUT_PERMISSION.contains(&operation))
    {
        return Ok(());
    }
    for action in actions(call, service, operation) {
        for resource in resource::resources(account, call, service, operation) {
            match asked(account, call, service, &action, &resource)? {
                Verdict::Allowed => {}
                Verdict::NotAllowed(_)
                    if operation == "ChangePassword" && account.lets_users_change_passwords() => {}
                Verdict::NotAllowed(refusal) | Verdict::Denied(refusal) => return Err(refusal),
            }
        }
    }
    match service {
        Service::S3 => check_listing(account, call, operation),
        Service::Iam | Service::Sts | Service::CloudWatch | Service::Logs | Service::CloudTrail => {
            Ok(())
        }
    }
}

/// Returns what an operation needs to be allowed. In S3 that isn't always called as the operation is.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>
fn actions(call: &Call<'_>, service: Service, operation: &str) -> Vec<String> {
    let names = match (service, operation) {
        (Service::S3, "HeadObject") => vec!["GetObject"],
        (Service::S3, "HeadBucket") => vec!["ListBucket"],
        // To learn what an object is takes the right to read it.
        (Service::S3, "PutObject" | "DeleteObject")
            if call.input.any_text("IfMatch").is_some_and(|tag| tag != "*") =>
        {
            vec![operation, "GetObject"]
        }
        (_, operation) => vec![operation],
    };
    let action = |name| format!("{}:{name}", service.prefix());
    names.into_iter().map(action).collect()
}

/// Refuses to say that an object isn't there to who may not list the bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
fn check_listing(account: &Account, call: &Call<'_>, operation: &str) -> Result<(), Error> {
    let text = |name| call.input.any_text(name);
    let (Some(bucket), Some(key)) = (text("Bucket"), text("Key")) else {
        return Ok(());
    };
    if !["GetObject", "HeadObject"].contains(&operation) || !account.lacks_object(bucket, key) {
        return Ok(());
    }
    let bucket = Resource::untagged(format!("arn:aws:s3:::{bucket}"));
    match asked(account, call, Service::S3, "s3:ListBucket", &bucket)? {
        Verdict::Allowed => Ok(()),
        Verdict::NotAllowed(refusal) | Verdict::Denied(refusal) => Err(refusal),
    }
}

fn asked(
    account: &Account,
    call: &Call<'_>,
    service: Service,
    action: &str,
    resource: &Resource<'_>,
) -> Result<Verdict, Error> {
    let context = resource.add_to(context(account, call)?, service);
    let request = Request::new(action, &resource.arn, context)
        .map_err(|error| Error::validation(error.to_string()))?;
    verdict(account, call, action, &request)
}

/// Refuses what can't be called with what `GetSessionToken` gives, without regard to policies.
fn check_credentials(call: &Call<'_>, service: Service, operation: &str) -> Result<(), Error> {
    let (Some(session), Caller::Root | Caller::User(_)) = (call.session, call.caller) else {
        return Ok(());
    };
    match service {
        Service::Iam if session.is_token_without_mfa() => Err(invalid_token()),
        Service::Sts if !["AssumeRole", "GetCallerIdentity"].contains(&operation) => {
            let message = format!("Cannot call {operation} with session credentials");
            Err(Error::new(Code::AccessDenied, message))
        }
        Service::Iam
        | Service::Sts
        | Service::CloudWatch
        | Service::Logs
        | Service::S3
        | Service::CloudTrail => Ok(()),
    }
}

/// Returns what the caller's own policies make of a request.
pub(crate) fn verdict(
    account: &Account,
    call: &Call<'_>,
    action: &str,
    request: &Request,
) -> Result<Verdict, Error> {
    let policies = match call.caller {
        _ if !call.rules.enforce => return Ok(Verdict::Allowed),
        Caller::Root => return Ok(Verdict::Allowed),
        Caller::User(name) => account.iam.policies_of(PrincipalKind::User, name)?,
        Caller::Role { name, .. } => account.iam.policies_of(PrincipalKind::Role, name)?,
    };
    let session = session_policies(account, call)?;
    let mut in_force = policies.in_force();
    in_force.session = session
        .as_ref()
        .map(|session| session.iter().map(|it| it.policy.as_ref()).collect());
    let caller = account.caller_arn(call.caller)?;
    let refusal = |why: &str| refusal(&caller, action, request.resource(), why);
    Ok(match in_force.evaluate(request) {
        Decision::Allowed { .. } => Verdict::Allowed,
        Decision::ImplicitlyDenied { missing } => {
            let layer = missing.first().map_or("policy", |layer| policy_of(*layer));
            Verdict::NotAllowed(refusal(&format!(
                "because no {layer} allows the {action} action"
            )))
        }
        Decision::ExplicitlyDenied { by } => {
            let layer = by.first().map_or("policy", |by| policy_of(by.layer));
            let article = if layer.starts_with('i') { "an" } else { "a" };
            Verdict::Denied(refusal(&format!(
                "with an explicit deny in {article} {layer}"
            )))
        }
    })
}

/// Returns the refusal of a role whose trust policy doesn't let the caller in, or that isn't there.
pub(crate) fn not_trusted(
    account: &Account,
    call: &Call<'_>,
    action: &str,
    role: &str,
) -> Result<Error, Error> {
    let caller = account.caller_arn(call.caller)?;
    let why = format!("because no role trust policy allows the {action} action");
    Ok(refusal(&caller, action, role, &why))
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
fn refusal(caller: &str, action: &str, resource: &str, why: &str) -> Error {
    let message = format!(
        "User: {caller} is not authorized to perform: {action} on resource: {resource} {why}"
    );
    Error::new(Code::AccessDenied, message)
}

fn policy_of(layer: Layer) -> &'static str {
    match layer {
        Layer::Identity => "identity-based policy",
        Layer::Boundary => "permissions boundary",
        Layer::Session => "session policy",
        Layer::ServiceControl(_) => "service control policy",
    }
}

/// Returns the policies that limit the session, if it was given any. One that is gone by now allows nothing.
fn session_policies<'a>(
    account: &'a Account,
    call: &Call<'a>,
) -> Result<Option<Vec<Attached<'a>>>, Error> {
    let Some(policies) = call.session.and_then(|session| session.policies.as_ref()) else {
        return Ok(None);
    };
    let inline = policies.inline.as_deref();
    let inline = inline.map(|document| Attached::new("Policy", Origin::Input, document));
    let managed = policies
        .managed
        .iter()
        .filter_map(|arn| account.iam.managed(arn).ok());
    let inline = inline.transpose()?;
    Ok(Some(inline.into_iter().chain(managed).collect()))
}
