//! The resources that a request is about, by its parameters.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

use policy::evaluate::Context;

use super::context::add_tags;
use crate::call::Call;
use crate::caller::Caller;
use crate::logs::sources;
use crate::operation::Service;
use crate::state::Account;

/// Holds a resource as policies see it.
pub(super) struct Resource<'a> {
    /// Its ARN; `*` where the operation is about no resource.
    pub(super) arn: String,
    tags: Vec<(&'a str, &'a str)>,
}

impl<'a> Resource<'a> {
    pub(super) fn untagged(arn: impl Into<String>) -> Self {
        Self {
            arn: arn.into(),
            tags: Vec::new(),
        }
    }

    /// Adds the keys that tell the resource's tags.
    pub(super) fn add_to(&self, mut context: Context, service: Service) -> Context {
        add_tags(&mut context, "aws:ResourceTag", self.tags.iter().copied());
        if service == Service::Iam {
            add_tags(&mut context, "iam:ResourceTag", self.tags.iter().copied());
        }
        context
    }
}

/// Returns what a call is about; every resource has to be allowed.
pub(super) fn resources<'a>(
    account: &'a Account,
    call: &Call<'_>,
    service: Service,
    operation: &str,
) -> Vec<Resource<'a>> {
    let found = match service {
        Service::Iam => iam(account, call, operation),
        Service::Sts | Service::CloudTrail => Vec::new(),
        Service::CloudWatch => cloudwatch(account, call),
        Service::Logs => logs(account, call, operation),
        Service::S3 => s3(call),
    };
    if found.is_empty() {
        vec![Resource::untagged("*")]
    } else {
        found
    }
}

/// The operations of IAM that are about the caller's own user if they name none.
const OWN: [&str; 18] = [
    "ChangePassword",
    "CreateAccessKey",
    "DeactivateMFADevice",
    "DeleteAccessKey",
    "DeleteServiceSpecificCredential",
    "DeleteSigningCertificate",
    "GetLoginProfile",
    "GetMFADevice",
    "GetUser",
    "ListAccessKeys",
    "ListMFADevices",
    "ListSSHPublicKeys",
    "ListServiceSpecificCredentials",
    "ListSigningCertificates",
    "ResetServiceSpecificCredential",
    "UpdateAccessKey",
    "UpdateServiceSpecificCredential",
    "UploadSigningCertificate",
];

fn iam<'a>(account: &'a Account, call: &Call<'_>, operation: &str) -> Vec<Resource<'a>> {
    let text = |name| call.input.any_text(name);
    let path = text("Path").unwrap_or("/");
    let arn = |kind, path: &str, name: &str| account.iam_arn(kind, path, name);
    if let Some(name) = text("GroupName") {
        let new = text("NewGroupName").map(|new| arn("group", path, new));
        let group = Resource::untagged(account.group_arn_of(name, path));
        return std::iter::once(group)
            .chain(new.map(Resource::untagged))
            .collect();
    }
    if let Some(name) = text("RoleName") {
        return vec![role(account, name, path)];
    }
    if let Some(name) = text("UserName") {
        let new_path = text("NewPath").unwrap_or(path);
        let new = text("NewUserName").map(|new| arn("user", new_path, new));
        return std::iter::once(user(account, name, path))
            .chain(new.map(Resource::untagged))
            .collect();
    }
    if let (true, Caller::User(name)) = (OWN.contains(&operation), call.caller) {
        return vec![user(account, name, path)];
    }
    let found = match operation {
        "CreatePolicy" => text("PolicyName").map(|name| arn("policy", path, name)),
        "CreateVirtualMFADevice" => text("VirtualMFADeviceName").map(|name| arn("mfa", path, name)),
        "GetAccessKeyLastUsed" => {
            let owner = text("AccessKeyId").and_then(|key| account.iam.owner_of(key));
            return owner
                .map(|name| user(account, name, path))
                .into_iter()
                .collect();
        }
        "ListUsers" => Some(arn("user", text("PathPrefix").unwrap_or("/"), "")),
        "ListGroups" => Some(arn("group", text("PathPrefix").unwrap_or("/"), "")),
        "ListRoles" => Some(arn("role", text("PathPrefix").unwrap_or("/"), "")),
        "ListPolicies" => Some(arn("policy", text("PathPrefix").unwrap_or("/"), "")),
        "ListVirtualMFADevices" => Some(arn("mfa", "/", "")),
        "SimulatePrincipalPolicy" => text("PolicySourceArn").map(str::to_owned),
        _ => text("PolicyArn")
            .or_else(|| text("SerialNumber"))
            .map(str::to_owned),
    };
    found.map(Resource::untagged).into_iter().collect()
}

/// Returns a user, there or to be created at `path`.
fn user<'a>(account: &'a Account, name: &str, path: &str) -> Resource<'a> {
    match account.iam.user(name) {
        Ok(user) => Resource {
            arn: account.user_arn(user),
            tags: user.tags().collect(),
        },
        Err(_) => Resource::untagged(account.iam_arn("user", path, name)),
    }
}

/// Returns a role, there or to be created at `path`.
fn role<'a>(account: &'a Account, name: &str, path: &str) -> Resource<'a> {
    match account.iam.role(name) {
        Ok(role) => Resource {
            arn: account.role_arn(role),
            tags: role.tags().collect(),
        },
        Err(_) => Resource::untagged(account.iam_arn("role", path, name)),
    }
}

fn cloudwatch<'a>(account: &Account, call: &Call<'_>) -> Vec<Resource<'a>> {
    let (region, account) = (call.region, &account.id);
    let alarm = |name: &str| format!("arn:aws:cloudwatch:{region}:{account}:alarm:{name}");
    let dashboard = |name: &str| format!("arn:aws:cloudwatch::{account}:dashboard/{name}");
    let input = &call.input;
    let arns = input.any_texts("AlarmNames").into_iter().map(alarm);
    let arns = arns.chain(input.any_text("AlarmName").map(alarm));
    let arns = arns.chain(input.any_texts("DashboardNames").into_iter().map(dashboard));
    let arns = arns.chain(input.any_text("DashboardName").map(dashboard));
    let arns = arns.chain(input.any_text("ResourceARN").map(str::to_owned));
    arns.map(Resource::untagged).collect()
}

/// Buckets and objects; a partition other than `aws` there is none.
fn s3<'a>(call: &Call<'_>) -> Vec<Resource<'a>> {
    let text = |name| call.input.any_text(name);
    let bucket = text("Bucket").unwrap_or_default();
    let key = text("Key").map_or_else(String::new, |key| format!("/{key}"));
    vec![Resource::untagged(format!("arn:aws:s3:::{bucket}{key}"))]
}

/// Log groups are seen with the stream, be it empty, as the messages of AWS show.
fn logs<'a>(account: &Account, call: &Call<'_>, operation: &str) -> Vec<Resource<'a>> {
    let (region, account, input) = (call.region, &account.id, &call.input);
    let stream = input.any_text("logStreamName").unwrap_or_default();
    let of_arn = |group: &str| {
        let group = group.strip_suffix(":*").unwrap_or(group);
        format!("{group}:log-stream:{stream}")
    };
    let of_name = |name: &str| of_arn(&format!("arn:aws:logs:{region}:{account}:log-group:{name}"));
    // An identifier is a name or an ARN.
    let identified = |identifier: &str| {
        if identifier.starts_with("arn:") {
            of_arn(identifier)
        } else {
            of_name(identifier)
        }
    };
    let names = input.any_text("logGroupName").into_iter();
    let names = names.chain(input.any_texts("logGroupNames"));
    let identifiers = input.any_text("logGroupIdentifier").into_iter();
    let identifiers = identifiers.chain(input.any_texts("logGroupIdentifiers"));
    let arns = names.map(of_name).chain(identifiers.map(identified));
    let query = input
        .any_text("queryString")
        .filter(|_| operation == "StartQuery");
    let sources = query.map_or_else(Vec::new, sources);
    let arns = arns.chain(sources.iter().map(|name| of_name(name)));
    let arns = arns.chain(input.any_text("resourceArn").map(str::to_owned));
    arns.map(Resource::untagged).collect()
}
