//! Users and what is theirs, and groups.

use model::{
    Account, Boundary, Credential, CredentialId, CredentialType, DeviceName, DeviceType, Group,
    GroupName, LoginProfile, MfaDevice, Path, Tags, User, UserName,
};
use serde_json::json;

use super::shell::{ascii, call, comment, function, quoted};
use super::{Write, impossible, key_value, tag_changes};

pub(super) fn user(account: &Account, name: &UserName, write: &Write<'_, User>) -> Vec<String> {
    let name = name.as_str();
    let of_user = json!({"UserName": name});
    match write {
        Write::Create(User {
            path,
            tags,
            boundary,
            renamed_from: _,
        }) => {
            let boundary = boundary.policy().map(|policy| policy.arn(account));
            let input = json!({
                "UserName": name,
                "Path": path.as_str(),
                "PermissionsBoundary": boundary,
                "Tags": key_value(tags.iter()),
            });
            vec![
                call("iam create-user", &input),
                call("iam wait user-exists", &of_user),
            ]
        }
        Write::Update {
            before,
            after,
            fields,
        } => {
            let mut lines = rename_or_move(name, before, after);
            lines.extend(tag_changes(
                fields,
                |tags| {
                    let input = json!({"UserName": name, "Tags": key_value(tags)});
                    call("iam tag-user", &input)
                },
                |keys| {
                    let input = json!({"UserName": name, "TagKeys": keys});
                    call("iam untag-user", &input)
                },
            ));
            if before.boundary != after.boundary {
                lines.push(bound(account, name, &after.boundary));
            }
            lines
        }
        Write::Delete(_) => vec![call("iam delete-user", &of_user)],
    }
}

fn rename_or_move(name: &str, before: &User, after: &User) -> Vec<String> {
    let path = after.path.as_str();
    match &after.renamed_from {
        Some(old) => vec![
            call(
                "iam update-user",
                &json!({"UserName": old.as_str(), "NewUserName": name, "NewPath": path}),
            ),
            call("iam wait user-exists", &json!({"UserName": name})),
        ],
        None if before.path != after.path => vec![call(
            "iam update-user",
            &json!({"UserName": name, "NewPath": path}),
        )],
        None => Vec::new(),
    }
}

fn bound(account: &Account, name: &str, boundary: &Boundary) -> String {
    match boundary {
        Boundary::Policy(policy) => call(
            "iam put-user-permissions-boundary",
            &json!({"UserName": name, "PermissionsBoundary": policy.arn(account)}),
        ),
        Boundary::None => call(
            "iam delete-user-permissions-boundary",
            &json!({"UserName": name}),
        ),
        Boundary::Undeclared => impossible("a boundary that nobody declared"),
    }
}

/// The password is typed, and reaches the AWS CLI by a pipe: arguments and files others might read.
pub(super) fn login_profile(user: &UserName, write: &Write<'_, LoginProfile>) -> Vec<String> {
    let name = user.as_str();
    let typed = |operation, reset_required: &bool| {
        let input = json!({"UserName": name, "PasswordResetRequired": reset_required});
        let set = call(operation, &input);
        vec![
            comment(
                "`mfactl apply` makes a password and seals it for its owner. This script asks for one.",
            ),
            function("ask_password", name),
            format!(r#"printf %s "$password" | {set} --password file:///dev/stdin"#),
            "unset password".to_owned(),
        ]
    };
    match write {
        Write::Create(LoginProfile {
            reset_required,
            deliver_to: _,
        }) => typed("iam create-login-profile", reset_required),
        Write::Update {
            after:
                LoginProfile {
                    reset_required,
                    deliver_to: _,
                },
            ..
        } => typed("iam update-login-profile", reset_required),
        Write::Delete(_) => vec![call("iam delete-login-profile", &json!({"UserName": name}))],
    }
}

pub(super) fn credential(
    user: &UserName,
    id: &CredentialId,
    write: &Write<'_, Credential>,
) -> Vec<String> {
    let Write::Delete(Credential { credential_type }) = write else {
        return vec![impossible("a credential is only ever deleted")];
    };
    let (operation, parameter) = match credential_type {
        CredentialType::AccessKey => ("iam delete-access-key", "AccessKeyId"),
        CredentialType::SigningCertificate => ("iam delete-signing-certificate", "CertificateId"),
        CredentialType::SshPublicKey => ("iam delete-ssh-public-key", "SSHPublicKeyId"),
        CredentialType::ServiceSpecificCredential => (
            "iam delete-service-specific-credential",
            "ServiceSpecificCredentialId",
        ),
    };
    let input = json!({"UserName": user.as_str(), parameter: id.as_str()});
    vec![call(operation, &input)]
}

pub(super) fn mfa_device(
    account: &Account,
    name: &DeviceName,
    write: &Write<'_, MfaDevice>,
) -> Vec<String> {
    match write {
        Write::Create(after) => create_device(account, name, after),
        Write::Update { after, .. } if after.deliver_to.is_some() => {
            let lost =
                comment("The device that is there isn't enabled, and nobody may have its seed.");
            let delete = delete_virtual(&after.device.serial(name, account));
            let create = create_device(account, name, after);
            [lost, delete].into_iter().chain(create).collect()
        }
        Write::Update { after, fields, .. } => {
            let serial = after.device.serial(name, account);
            tag_changes(
                fields,
                |tags| {
                    let input = json!({"SerialNumber": serial, "Tags": key_value(tags)});
                    call("iam tag-mfa-device", &input)
                },
                |keys| {
                    let input = json!({"SerialNumber": serial, "TagKeys": keys});
                    call("iam untag-mfa-device", &input)
                },
            )
        }
        Write::Delete(MfaDevice {
            device,
            user,
            tags: _,
            deliver_to: _,
        }) => {
            let serial = device.serial(name, account);
            let deactivate = user.as_ref().map(|user| {
                let input = json!({"UserName": user.as_str(), "SerialNumber": serial});
                call("iam deactivate-mfa-device", &input)
            });
            let delete = match device {
                DeviceType::Virtual { .. } => Some(delete_virtual(&serial)),
                DeviceType::Hardware { .. } | DeviceType::Fido { .. } => None,
            };
            deactivate.into_iter().chain(delete).collect()
        }
    }
}

fn delete_virtual(serial: &str) -> String {
    let input = json!({"SerialNumber": serial});
    call("iam delete-virtual-mfa-device", &input)
}

/// IAM tells the seed once, into a file, and takes the device for the user's after two of its codes. One that isn't enabled,
/// since the script ended before, the next plan makes anew.
fn create_device(account: &Account, name: &DeviceName, after: &MfaDevice) -> Vec<String> {
    let MfaDevice {
        device: device @ DeviceType::Virtual { path },
        user: Some(user),
        tags,
        deliver_to: Some(_),
    } = after
    else {
        return vec![impossible("only a virtual device for somebody is created")];
    };
    let file = format!("mfa-seed-{name}.txt");
    let input = json!({"UserName": user.as_str(), "SerialNumber": device.serial(name, account)});
    vec![
        comment(&format!(
            "`mfactl apply` seals the seed for {user}, and computes the codes. Here the seed is in {file}, which only you"
        )),
        comment(
            "can read, and the codes are typed, from an authenticator app. Then delete the file.",
        ),
        function("is_new", &file),
        create_virtual(name, path, tags, &file),
        format!("{} {}", function("ask_codes", user.as_str()), quoted(&file)),
        format!(
            r#"{} --authentication-code1 "$first" --authentication-code2 "$second""#,
            call("iam enable-mfa-device", &input)
        ),
    ]
}

/// Of all calls this one doesn't take `--cli-input-json`, since the AWS CLI writes a part of the answer to a file. No name and
/// no path can look like something else here.
fn create_virtual(name: &DeviceName, path: &Path, tags: &Tags, file: &str) -> String {
    let mut words = vec![
        format!("--virtual-mfa-device-name={name}"),
        format!("--path={path}"),
        "--bootstrap-method=Base32StringSeed".to_owned(),
        format!("--outfile={file}"),
    ];
    if !tags.is_empty() {
        words.push(format!(
            "--tags={}",
            ascii(&key_value(tags.iter()).to_string())
        ));
    }
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("aws iam create-virtual-mfa-device {}", words.join(" "))
}

pub(super) fn group(name: &GroupName, write: &Write<'_, Group>) -> Vec<String> {
    let name = name.as_str();
    vec![match write {
        Write::Create(Group { path }) => call(
            "iam create-group",
            &json!({"GroupName": name, "Path": path.as_str()}),
        ),
        Write::Update {
            after: Group { path },
            ..
        } => call(
            "iam update-group",
            &json!({"GroupName": name, "NewPath": path.as_str()}),
        ),
        Write::Delete(_) => call("iam delete-group", &json!({"GroupName": name})),
    }]
}

pub(super) fn membership(group: &GroupName, user: &UserName, write: &Write<'_, ()>) -> Vec<String> {
    let input = json!({"GroupName": group.as_str(), "UserName": user.as_str()});
    vec![match write {
        Write::Create(()) => call("iam add-user-to-group", &input),
        Write::Update { .. } => impossible("a membership has nothing that could be changed"),
        Write::Delete(()) => call("iam remove-user-from-group", &input),
    }]
}
