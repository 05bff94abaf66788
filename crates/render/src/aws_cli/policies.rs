//! Policies and what they are attached to, and the account's password policy.

use model::{
    Account, Attachment, InlinePolicy, InlinePolicyName, ManagedPolicy, Owner, PasswordPolicy,
    Policy, PolicyRef, Principal,
};
use serde_json::{Value, json};

use super::shell::{call, call_with, function};
use super::{Write, impossible, key_value, tag_changes};

/// What the parameter of a document is called.
const DOCUMENT: &str = "--policy-document";

pub(super) fn policy(
    account: &Account,
    reference: &PolicyRef,
    write: &Write<'_, Policy>,
) -> Vec<String> {
    let PolicyRef::Local(name) = reference else {
        return vec![impossible("only AWS changes its policies")];
    };
    let arn = |policy: &Policy| {
        let (owner, path, name) = (Owner::Account, policy.path.clone(), name.clone());
        ManagedPolicy { owner, path, name }.arn(account)
    };
    match write {
        Write::Create(after) => create(name.as_str(), &arn(after), after),
        Write::Update {
            before,
            after,
            fields,
        } => {
            let arn = arn(before);
            let mut lines = Vec::new();
            if !after.document.same_meaning(&before.document) {
                let input = json!({"PolicyArn": arn, "SetAsDefault": true});
                let document = after.document.to_json_pretty();
                lines.push(function("make_room", &arn));
                lines.push(call_with(
                    "iam create-policy-version",
                    &input,
                    DOCUMENT,
                    &document,
                ));
            }
            lines.extend(tag_changes(
                fields,
                |tags| {
                    let input = json!({"PolicyArn": arn, "Tags": key_value(tags)});
                    call("iam tag-policy", &input)
                },
                |keys| {
                    let input = json!({"PolicyArn": arn, "TagKeys": keys});
                    call("iam untag-policy", &input)
                },
            ));
            lines
        }
        Write::Delete(before) => {
            let arn = arn(before);
            vec![
                function("delete_other_versions", &arn),
                call("iam delete-policy", &json!({"PolicyArn": arn})),
            ]
        }
    }
}

fn create(name: &str, arn: &str, after: &Policy) -> Vec<String> {
    let Policy {
        path,
        description,
        document,
        tags,
    } = after;
    let input = json!({
        "PolicyName": name,
        "Path": path.as_str(),
        "Description": description,
        "Tags": key_value(tags.iter()),
    });
    let document = document.to_json_pretty();
    vec![
        call_with("iam create-policy", &input, DOCUMENT, &document),
        call("iam wait policy-exists", &json!({"PolicyArn": arn})),
    ]
}

/// Returns the word of a principal in operations, its parameter and its name.
fn parameter(principal: &Principal) -> (&'static str, &'static str, &str) {
    match principal {
        Principal::User(name) => ("user", "UserName", name.as_str()),
        Principal::Group(name) => ("group", "GroupName", name.as_str()),
        Principal::Role(name) => ("role", "RoleName", name.as_str()),
    }
}

pub(super) fn attachment(
    account: &Account,
    principal: &Principal,
    write: &Write<'_, Attachment>,
) -> Vec<String> {
    let (word, parameter, name) = parameter(principal);
    let input = |Attachment { policy }: &Attachment| json!({parameter: name, "PolicyArn": policy.arn(account)});
    vec![match write {
        Write::Create(after) => call(&format!("iam attach-{word}-policy"), &input(after)),
        Write::Update { .. } => impossible("an attachment has nothing that could be changed"),
        Write::Delete(before) => call(&format!("iam detach-{word}-policy"), &input(before)),
    }]
}

pub(super) fn inline_policy(
    principal: &Principal,
    policy: &InlinePolicyName,
    write: &Write<'_, InlinePolicy>,
) -> Vec<String> {
    let (word, parameter, name) = parameter(principal);
    let input = json!({parameter: name, "PolicyName": policy.as_str()});
    vec![match write {
        Write::Create(InlinePolicy { document })
        | Write::Update {
            after: InlinePolicy { document },
            ..
        } => {
            let document = document.to_json_pretty();
            call_with(
                &format!("iam put-{word}-policy"),
                &input,
                DOCUMENT,
                &document,
            )
        }
        Write::Delete(_) => call(&format!("iam delete-{word}-policy"), &input),
    }]
}

/// The call replaces the whole policy. "Never expires" and "no limit on reuse" are said by leaving them out.
pub(super) fn password_policy(write: &Write<'_, PasswordPolicy>) -> Vec<String> {
    let (Write::Create(after) | Write::Update { after, .. }) = write else {
        return vec![impossible("the account's password policy is never deleted")];
    };
    vec![call("iam update-account-password-policy", &settings(after))]
}

fn settings(policy: &PasswordPolicy) -> Value {
    let PasswordPolicy {
        minimum_length,
        require_symbols,
        require_numbers,
        require_uppercase,
        require_lowercase,
        allow_users_to_change_password,
        max_age_days,
        reuse_prevention,
        hard_expiry,
    } = policy;
    json!({
        "MinimumPasswordLength": minimum_length,
        "RequireSymbols": require_symbols,
        "RequireNumbers": require_numbers,
        "RequireUppercaseCharacters": require_uppercase,
        "RequireLowercaseCharacters": require_lowercase,
        "AllowUsersToChangePassword": allow_users_to_change_password,
        "MaxPasswordAge": max_age_days,
        "PasswordReusePrevention": reuse_prevention,
        "HardExpiry": hard_expiry,
    })
}
