//! Passwords, credentials and devices: users with calls of their own.

use model::{
    Body, Credential, CredentialType, Desired, DeviceType, Kind, LoginProfile, MfaDevice, Path,
    RequiredMfa, Tags, UserName,
};

use super::aws::Aws;
use super::desired::{Wishes, address, made, nothing, snapshot, user};

const VIRTUAL: &str = "iam:ListVirtualMFADevices";

fn account_of(users: &[&str]) -> Aws {
    let members: String = users
        .iter()
        .map(|name| format!("<member><Path>/</Path><UserName>{name}</UserName></member>"))
        .collect();
    Aws::default().xml(
        "iam:GetAccountAuthorizationDetails",
        &format!("<UserDetailList>{members}</UserDetailList><IsTruncated>false</IsTruncated>"),
    )
}

fn password() -> Body {
    Body::LoginProfile(LoginProfile {
        reset_required: true,
        deliver_to: None,
    })
}

fn with_password(aws: Aws, user: &'static str) -> Aws {
    aws.xml_to(
        "iam:GetLoginProfile",
        user,
        "<LoginProfile><UserName>x</UserName><CreateDate>2026-01-01T00:00:00Z</CreateDate><PasswordResetRequired>true</PasswordResetRequired></LoginProfile>",
    )
}

fn without_anything(aws: Aws) -> Aws {
    aws.refuse("iam:GetLoginProfile", 404, "NoSuchEntity", "no password")
        .xml("iam:ListAccessKeys", "<AccessKeyMetadata/>")
        .xml("iam:ListSigningCertificates", "<Certificates/>")
        .xml("iam:ListSSHPublicKeys", "<SSHPublicKeys/>")
        .xml(
            "iam:ListServiceSpecificCredentials",
            "<ServiceSpecificCredentials/>",
        )
        .xml(
            "iam:ListMFADevices",
            "<MFADevices/><IsTruncated>false</IsTruncated>",
        )
        .xml(
            VIRTUAL,
            "<VirtualMFADevices/><IsTruncated>false</IsTruncated>",
        )
}

fn device(serial: &str, user: Option<(&str, &str)>) -> String {
    let user = user.map_or_else(String::new, |(name, arn)| {
        format!("<User><Path>/</Path><UserName>{name}</UserName><UserId>AIDA</UserId><Arn>{arn}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></User>")
    });
    format!("<member><SerialNumber>{serial}</SerialNumber>{user}</member>")
}

fn devices(members: &[String]) -> String {
    format!(
        "<VirtualMFADevices>{}</VirtualMFADevices><IsTruncated>false</IsTruncated>",
        members.concat()
    )
}

fn declares_a_device() -> Desired {
    let device = MfaDevice {
        device: DeviceType::Virtual { path: Path::root() },
        user: None,
        tags: Tags::default(),
        deliver_to: None,
    };
    nothing().with("mfa_device/alice", Body::MfaDevice(device))
}

#[tokio::test]
async fn passwords_are_looked_up_only_where_declared_one_way_or_the_other() {
    let aws = with_password(account_of(&["alice", "bob", "carol"]), "UserName=alice").refuse(
        "iam:GetLoginProfile",
        404,
        "NoSuchEntity",
        "no password",
    );
    let desired = nothing()
        .with("user/alice", user(None))
        .with("login_profile/alice", password())
        .with("user/bob", user(None))
        .without("login_profile/bob")
        .with("user/carol", user(None))
        .with("user/new", user(None))
        .with("login_profile/new", password());
    let (live, calls) = snapshot(&aws, &desired).await;
    assert!(live.unread().is_empty(), "{:?}", live.unread());
    assert_eq!(live.get(&address("login_profile/alice")), Some(&password()));
    assert!(live.get(&address("login_profile/bob")).is_none());
    assert!(live.knows(&address("login_profile/bob")));
    assert!(!live.knows(&address("login_profile/carol")));
    assert_eq!(calls.counts()["iam:GetLoginProfile"].calls, 2);
}

#[tokio::test]
async fn the_password_of_a_renamed_user_is_found_under_the_old_name() {
    let aws = with_password(account_of(&["ann"]), "UserName=ann");
    let desired = nothing()
        .with("user/alice", user(Some("ann")))
        .with("login_profile/alice", password())
        .pruning(Kind::User, "/*");
    let (live, calls) = snapshot(&aws, &desired).await;
    assert_eq!(live.get(&address("login_profile/ann")), Some(&password()));
    assert!(live.has_looked_up(Kind::LoginProfile, &UserName::new("ann").unwrap()));
    assert!(
        !calls.counts().contains_key("iam:ListAccessKeys"),
        "whoever is renamed stays: {:?}",
        made(&calls)
    );
}

#[tokio::test]
async fn all_that_a_user_has_is_read_before_the_user_is_deleted() {
    let aws = account_of(&["alice", "bob"])
        .xml(
            "iam:ListAccessKeys",
            "<AccessKeyMetadata><member><AccessKeyId>AKIAIOSFODNN7EXAMPLE</AccessKeyId></member></AccessKeyMetadata>",
        )
        .xml(
            "iam:ListServiceSpecificCredentials",
            "<ServiceSpecificCredentials><member><ServiceSpecificCredentialId>ACCA1</ServiceSpecificCredentialId></member></ServiceSpecificCredentials><IsTruncated>true</IsTruncated><Marker>m</Marker>",
        )
        .xml(
            "iam:ListServiceSpecificCredentials",
            "<ServiceSpecificCredentials><member><ServiceSpecificCredentialId>ACCA2</ServiceSpecificCredentialId></member></ServiceSpecificCredentials>",
        )
        .xml(
            "iam:ListMFADevices",
            "<MFADevices><member><UserName>bob</UserName><SerialNumber>GAHT12345678</SerialNumber></member>\
             <member><UserName>bob</UserName><SerialNumber>arn:aws:iam::123456789012:mfa/eng/bob</SerialNumber></member></MFADevices>",
        )
        .xml(
            VIRTUAL,
            &devices(&[device(
                "arn:aws:iam::123456789012:mfa/eng/bob",
                Some(("bob", "arn:aws:iam::123456789012:user/bob")),
            )]),
        );
    let desired = nothing()
        .with("user/alice", user(None))
        .pruning(Kind::User, "/*");
    let (live, calls) = snapshot(&without_anything(aws), &desired).await;
    assert!(live.unread().is_empty(), "{:?}", live.unread());
    let found: Vec<String> = live
        .iter()
        .map(|(address, _)| address.to_string())
        .collect();
    assert_eq!(
        found,
        [
            "user/alice",
            "user/bob",
            "credential/bob:ACCA1",
            "credential/bob:ACCA2",
            "credential/bob:AKIAIOSFODNN7EXAMPLE",
            "mfa_device/GAHT12345678",
            "mfa_device/bob",
        ]
    );
    assert_eq!(
        live.get(&address("credential/bob:ACCA1")),
        Some(&Body::Credential(Credential {
            credential_type: CredentialType::ServiceSpecificCredential
        }))
    );
    let bob = UserName::new("bob").unwrap();
    assert!(live.has_looked_up(Kind::LoginProfile, &bob));
    assert!(live.has_looked_up(Kind::Credential, &bob));
    assert_eq!(calls.counts()["iam:ListAccessKeys"].calls, 1, "alice stays");
}

#[tokio::test]
async fn a_user_who_is_to_be_deleted_by_wish_is_looked_up_too() {
    let aws = without_anything(account_of(&["alice"]));
    let (live, _) = snapshot(&aws, &nothing().without("user/alice")).await;
    assert!(live.has_looked_up(Kind::Credential, &UserName::new("alice").unwrap()));
}

#[tokio::test]
async fn one_list_that_fails_makes_the_credentials_unknown() {
    let aws = account_of(&["bob"]).refuse("iam:ListSSHPublicKeys", 403, "AccessDenied", "not you");
    let desired = nothing().pruning(Kind::User, "/*");
    let (live, _) = snapshot(&without_anything(aws), &desired).await;
    let failure = &live.unread()[&Kind::Credential];
    assert_eq!(failure.operation, "iam:ListSSHPublicKeys");
    assert!(!live.has_looked_up(Kind::Credential, &UserName::new("bob").unwrap()));
    assert!(!live.unread().contains_key(&Kind::LoginProfile));
}

#[tokio::test]
async fn devices_of_the_root_user_are_never_there() {
    let root = "arn:aws:iam::123456789012:root";
    let aws = account_of(&[]).xml(
        VIRTUAL,
        &devices(&[
            device(
                "arn:aws:iam::123456789012:mfa/root-account-mfa-device",
                None,
            ),
            device(
                "arn:aws:iam::123456789012:mfa/second-phone",
                Some(("", root)),
            ),
            device("arn:aws:iam::123456789012:mfa/alice", None),
        ]),
    );
    let (live, _) = snapshot(&aws, &declares_a_device()).await;
    assert!(live.unread().is_empty(), "{:?}", live.unread());
    let found: Vec<String> = live
        .iter()
        .map(|(address, _)| address.to_string())
        .collect();
    assert_eq!(found, ["mfa_device/alice"]);
}

#[tokio::test]
async fn two_devices_of_one_name_are_not_taken_for_one() {
    let aws = account_of(&[]).xml(
        VIRTUAL,
        &devices(&[
            device("arn:aws:iam::123456789012:mfa/a/phone", None),
            device("arn:aws:iam::123456789012:mfa/b/phone", None),
        ]),
    );
    let (live, _) = snapshot(&aws, &declares_a_device()).await;
    assert!(live.unread()[&Kind::MfaDevice].message.contains("`phone`"));
}

#[tokio::test]
async fn a_list_of_devices_that_stops_before_its_end_is_unread() {
    let cut = "<VirtualMFADevices/><IsTruncated>true</IsTruncated><Marker>m</Marker>";
    let aws = account_of(&[]).xml(VIRTUAL, cut).xml(VIRTUAL, cut);
    let (live, _) = snapshot(&aws, &declares_a_device()).await;
    assert!(live.unread().contains_key(&Kind::MfaDevice));
}

#[tokio::test]
async fn devices_are_not_read_where_nothing_needs_them() {
    let (_, calls) = snapshot(
        &account_of(&["alice"]),
        &nothing().with("user/alice", user(None)),
    )
    .await;
    assert_eq!(
        made(&calls),
        [
            ("iam:GetAccountAuthorizationDetails".to_owned(), 1),
            ("iam:GetAccountPasswordPolicy".to_owned(), 1),
            ("iam:ListAccountAliases".to_owned(), 1)
        ]
    );
}

fn requiring_mfa(users: &[&str]) -> Desired {
    users.iter().fold(nothing(), |mut desired, name| {
        let required = RequiredMfa { grace_days: None };
        let user_name = UserName::new(*name).unwrap();
        desired.needs_mfa.insert(user_name, required);
        desired.with(&format!("user/{name}"), user(None))
    })
}

#[tokio::test]
async fn who_must_have_mfa_and_has_no_virtual_device_is_asked_for_other_sorts() {
    let aws = account_of(&["alice", "bob", "carol"])
        .xml(
            VIRTUAL,
            &devices(&[device(
                "arn:aws:iam::123456789012:mfa/alice",
                Some(("alice", "arn:aws:iam::123456789012:user/alice")),
            )]),
        )
        .xml_to(
            "iam:ListMFADevices",
            "UserName=bob",
            "<MFADevices><member><UserName>bob</UserName><SerialNumber>GAHT12345678</SerialNumber></member></MFADevices>",
        );
    let (live, calls) = snapshot(&aws, &requiring_mfa(&["alice", "bob", "new"])).await;
    assert!(live.unread().is_empty(), "{:?}", live.unread());
    let found = live.get(&address("mfa_device/GAHT12345678"));
    let Some(Body::MfaDevice(token)) = found else {
        panic!("no token: {found:?}");
    };
    assert_eq!(token.user, UserName::new("bob").ok());
    assert_eq!(calls.counts()["iam:ListMFADevices"].calls, 1, "bob's");
}

#[tokio::test]
async fn other_sorts_of_devices_that_can_not_be_read_are_not_none() {
    let aws = account_of(&["bob"])
        .refuse("iam:ListMFADevices", 403, "AccessDenied", "not you")
        .xml(VIRTUAL, &devices(&[]));
    let (live, _) = snapshot(&aws, &requiring_mfa(&["bob"])).await;
    let failure = &live.unread()[&Kind::MfaDevice];
    assert_eq!(failure.operation, "iam:ListMFADevices");
}

#[tokio::test]
async fn users_and_passwords_have_the_day_of_their_creation() {
    let details = "<UserDetailList><member><Path>/</Path><UserName>alice</UserName><CreateDate>2025-12-31T23:59:59Z</CreateDate></member></UserDetailList><IsTruncated>false</IsTruncated>";
    let aws = Aws::default().xml("iam:GetAccountAuthorizationDetails", details);
    let desired = nothing()
        .with("user/alice", user(None))
        .with("login_profile/alice", password());
    let (live, _) = snapshot(&with_password(aws, "UserName=alice"), &desired).await;
    let created = |text: &str| live.created(&address(text)).unwrap().to_string();
    assert_eq!(created("user/alice"), "2025-12-31");
    assert_eq!(created("login_profile/alice"), "2026-01-01");
}
