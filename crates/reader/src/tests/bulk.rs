//! `GetAccountAuthorizationDetails` and what it lacks.

use std::fmt::Write;

use model::{
    Attachment, Body, Boundary, Kind, LoginProfile, ManagedPolicy, Owner, Path, PolicyName,
    Principal, UserName,
};

use super::aws::Aws;
use super::desired::{Wishes, address, made, nothing, snapshot, user};

const DETAILS: &str = "iam:GetAccountAuthorizationDetails";

/// `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}` as IAM writes it.
const DOCUMENT: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3AGet%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D";

/// A document that IAM would have to have accepted, but that nobody understands.
const ODD: &str = "%7B%22Statement%22%3A%22later%22%7D";

fn page(users: &str, groups: &str, roles: &str, policies: &str, marker: Option<&str>) -> String {
    let end = marker.map_or("<IsTruncated>false</IsTruncated>".to_owned(), |marker| {
        format!("<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>")
    });
    format!(
        "<UserDetailList>{users}</UserDetailList><GroupDetailList>{groups}</GroupDetailList>\
         <RoleDetailList>{roles}</RoleDetailList><Policies>{policies}</Policies>{end}"
    )
}

fn plain_user(name: &str) -> String {
    format!("<member><Path>/</Path><UserName>{name}</UserName></member>")
}

fn managed(arn: &str, document: &str) -> String {
    format!(
        "<member><Arn>{arn}</Arn><Description>what it is for</Description><PolicyVersionList>\
         <member><Document>{ODD}</Document><VersionId>v1</VersionId><IsDefaultVersion>false</IsDefaultVersion></member>\
         <member><Document>{document}</Document><VersionId>v2</VersionId><IsDefaultVersion>true</IsDefaultVersion></member>\
         </PolicyVersionList></member>"
    )
}

fn attached(arn: &str) -> String {
    format!(
        "<AttachedManagedPolicies><member><PolicyName>x</PolicyName><PolicyArn>{arn}</PolicyArn></member></AttachedManagedPolicies>"
    )
}

#[tokio::test]
async fn every_page_is_read_and_one_may_be_empty() {
    let aws = Aws::default()
        .xml(DETAILS, &page(&plain_user("alice"), "", "", "", Some("a")))
        .xml(DETAILS, &page("", "", "", "", Some("b")))
        .xml(DETAILS, &page(&plain_user("zoe"), "", "", "", None));
    let (live, _) = snapshot(&aws, &nothing()).await;
    assert!(live.unread().is_empty(), "{:?}", live.unread());
    assert!(live.get(&address("user/alice")).is_some());
    assert!(live.get(&address("user/zoe")).is_some());
}

#[tokio::test]
async fn a_list_that_stops_before_its_end_is_unread_and_not_shorter() {
    let again = page(&plain_user("alice"), "", "", "", Some("a"));
    let aws = Aws::default().xml(DETAILS, &again).xml(DETAILS, &again);
    let (live, _) = snapshot(&aws, &nothing()).await;
    assert!(live.unread().contains_key(&Kind::User));
    assert!(live.get(&address("user/alice")).is_none());
}

#[tokio::test]
async fn a_boundary_is_read_by_its_arn_whatever_its_type_is_called() {
    // The model has the one; the user guide and AWS's own examples show the other.
    let arn = "arn:aws:iam::123456789012:policy/limit";
    for named in ["PermissionsBoundaryPolicy", "Policy"] {
        let boundary = format!(
            "<PermissionsBoundary><PermissionsBoundaryType>{named}</PermissionsBoundaryType>\
             <PermissionsBoundaryArn>{arn}</PermissionsBoundaryArn></PermissionsBoundary>"
        );
        let alice = plain_user("alice").replace("</member>", &format!("{boundary}</member>"));
        let aws = Aws::default().xml(
            DETAILS,
            &page(&alice, "", "", &managed(arn, DOCUMENT), None),
        );
        let (live, _) = snapshot(&aws, &nothing()).await;
        let Some(Body::User(alice)) = live.get(&address("user/alice")) else {
            panic!("alice is a user: {:?}", live.unread());
        };
        let boundary = alice.boundary.policy();
        assert_eq!(
            boundary.map(|policy| policy.arn(&live.account)),
            Some(arn.to_owned()),
            "{named}"
        );
    }
}

#[tokio::test]
async fn one_answer_gives_users_groups_roles_policies_and_what_joins_them() {
    let local = "arn:aws:iam::123456789012:policy/people/enforce-mfa";
    let by_aws = "arn:aws:iam::aws:policy/job-function/Billing";
    let alice = format!(
        "<member><Path>/eng/</Path><UserName>alice</UserName><GroupList><member>admins</member></GroupList>\
         <PermissionsBoundary><PermissionsBoundaryArn>{local}</PermissionsBoundaryArn></PermissionsBoundary>\
         <UserPolicyList><member><PolicyName>own</PolicyName><PolicyDocument>{DOCUMENT}</PolicyDocument></member></UserPolicyList>\
         <Tags><member><Key>team</Key><Value>eng</Value></member></Tags></member>"
    );
    let admins = format!(
        "<member><Path>/</Path><GroupName>admins</GroupName>{}</member>",
        attached(local)
    );
    let ops = format!(
        "<member><Path>/</Path><RoleName>ops</RoleName>{}</member>",
        attached(by_aws)
    );
    let policies = managed(local, DOCUMENT) + &managed(by_aws, DOCUMENT);
    let aws = Aws::default()
        .xml(DETAILS, &page(&alice, &admins, &ops, &policies, None))
        .xml(
            "iam:ListAccountAliases",
            "<AccountAliases><member>acme</member></AccountAliases>",
        );
    let (live, calls) = snapshot(&aws, &nothing()).await;

    assert!(live.unread().is_empty(), "{:?}", live.unread());
    let found: Vec<String> = live
        .iter()
        .map(|(address, _)| address.to_string())
        .collect();
    assert_eq!(
        found,
        [
            "user/alice",
            "group/admins",
            "membership/admins:alice",
            "policy/enforce-mfa",
            "policy/aws/job-function/Billing",
            "attachment/group:admins:enforce-mfa",
            "attachment/role:ops:aws/job-function/Billing",
            "inline_policy/user:alice:own",
            "role/ops",
        ]
    );
    let Some(Body::User(alice)) = live.get(&address("user/alice")) else {
        panic!("alice is a user");
    };
    assert_eq!(alice.path.as_str(), "/eng/");
    assert_eq!(alice.tags.get("team"), Some("eng"));
    assert_eq!(
        alice
            .boundary
            .policy()
            .map(|policy| policy.arn(&live.account)),
        Some(local.to_owned())
    );
    let Some(Body::Policy(policy)) = live.get(&address("policy/enforce-mfa")) else {
        panic!("the default version is read");
    };
    assert_eq!(policy.description.as_deref(), Some("what it is for"));
    assert_eq!(live.account.alias.as_deref(), Some("acme"));
    assert_eq!(made(&calls).iter().map(|(_, count)| count).sum::<u64>(), 3);
}

#[tokio::test]
async fn an_odd_document_of_somebody_else_stops_nobody() {
    let role = format!(
        "<member><Path>/</Path><RoleName>ops</RoleName>{}<RolePolicyList><member><PolicyName>own</PolicyName>\
         <PolicyDocument>{ODD}</PolicyDocument></member></RolePolicyList></member>",
        attached("arn:aws:iam::123456789012:policy/odd")
    );
    let odd = managed("arn:aws:iam::123456789012:policy/odd", ODD);
    let aws = Aws::default().xml(DETAILS, &page(&plain_user("alice"), "", &role, &odd, None));
    let desired = nothing().with("user/alice", user(None));
    let (live, _) = snapshot(&aws, &desired).await;
    assert!(live.unread().is_empty(), "{:?}", live.unread());
    assert!(live.get(&address("policy/odd")).is_none());
    assert!(live.get(&address("attachment/role:ops:odd")).is_some());
}

#[tokio::test]
async fn an_odd_document_that_a_declared_user_has_is_unread_and_named() {
    let alice = format!(
        "<member><Path>/</Path><UserName>alice</UserName>{}<UserPolicyList><member><PolicyName>own</PolicyName>\
         <PolicyDocument>{ODD}</PolicyDocument></member></UserPolicyList></member>",
        attached("arn:aws:iam::123456789012:policy/odd")
    );
    let odd = managed("arn:aws:iam::123456789012:policy/odd", ODD);
    let aws = Aws::default().xml(DETAILS, &page(&alice, "", "", &odd, None));
    let desired = nothing().with("user/alice", user(None));
    let (live, _) = snapshot(&aws, &desired).await;
    let message = |kind| live.unread().get(&kind).unwrap().message.clone();
    assert!(message(Kind::Policy).contains("policy/odd"));
    assert!(message(Kind::InlinePolicy).contains("inline_policy/user:alice:own"));
    assert!(!live.unread().contains_key(&Kind::User));
}

#[tokio::test]
async fn an_odd_document_of_a_user_to_be_pruned_is_unread() {
    let bob = format!(
        "<member><Path>/</Path><UserName>bob</UserName><UserPolicyList><member><PolicyName>own</PolicyName>\
         <PolicyDocument>{ODD}</PolicyDocument></member></UserPolicyList></member>"
    );
    let aws = Aws::default().xml(DETAILS, &page(&bob, "", "", "", None));
    let (live, _) = snapshot(&aws, &nothing().pruning(Kind::User, "/*")).await;
    assert!(live.unread().contains_key(&Kind::InlinePolicy));
}

#[tokio::test]
async fn a_policy_of_aws_that_nothing_uses_yet_is_read_by_itself() {
    let billing = ManagedPolicy {
        owner: Owner::Aws,
        path: Path::new("/job-function/").unwrap(),
        name: PolicyName::new("Billing").unwrap(),
    };
    let typo = ManagedPolicy {
        name: PolicyName::new("Biling").unwrap(),
        ..billing.clone()
    };
    let attach = |policy: &ManagedPolicy| {
        Body::Attachment(Attachment {
            policy: policy.clone(),
        })
    };
    let aws = Aws::default()
        .xml(DETAILS, &page(&plain_user("alice"), "", "", "", None))
        .xml_to(
            "iam:GetPolicy",
            "Billing",
            "<Policy><DefaultVersionId>v7</DefaultVersionId></Policy>",
        )
        .refuse("iam:GetPolicy", 404, "NoSuchEntity", "no such policy")
        .xml_to(
            "iam:GetPolicyVersion",
            "VersionId=v7",
            &format!("<PolicyVersion><Document>{DOCUMENT}</Document></PolicyVersion>"),
        );
    let desired = nothing()
        .with(
            "attachment/user:alice:aws/job-function/Billing",
            attach(&billing),
        )
        .with(
            "attachment/user:alice:aws/job-function/Biling",
            attach(&typo),
        );
    let (live, _) = snapshot(&aws, &desired).await;
    assert!(live.unread().is_empty(), "{:?}", live.unread());
    assert!(
        live.get(&address("policy/aws/job-function/Billing"))
            .is_some()
    );
    assert!(
        live.get(&address("policy/aws/job-function/Biling"))
            .is_none()
    );
}

#[tokio::test]
async fn a_big_account_without_passwords_takes_few_calls() {
    let tagged = |index: u32| {
        format!(
            "<member><Path>/</Path><UserName>user-{index}</UserName><Tags><member><Key>team</Key><Value>eng</Value></member></Tags></member>"
        )
    };
    let users = |range: std::ops::Range<u32>| range.map(tagged).collect::<String>();
    let mut rest = String::new();
    for index in 0..60 {
        let arn = format!("arn:aws:iam::123456789012:policy/policy-{index}");
        rest.write_str(&managed(&arn, DOCUMENT)).unwrap();
    }
    let groups: String = (0..50)
        .map(|index| format!("<member><Path>/</Path><GroupName>group-{index}</GroupName></member>"))
        .collect();
    let aws = super::monitoring::recipe(Aws::default())
        .xml(DETAILS, &page(&users(0..1000), "", "", "", Some("a")))
        .xml(DETAILS, &page(&users(1000..2000), "", "", "", Some("b")))
        .xml(DETAILS, &page("", &groups, "", &rest, None))
        .xml(
            "iam:ListAccountAliases",
            "<AccountAliases></AccountAliases>",
        )
        .xml(
            "iam:GetAccountPasswordPolicy",
            "<PasswordPolicy><MinimumPasswordLength>14</MinimumPasswordLength></PasswordPolicy>",
        )
        .xml(
            "sts:GetCallerIdentity",
            "<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/ci</Arn>",
        );
    let declared = (0..2000).fold(super::monitoring::declared(), |desired, index| {
        desired.with(&format!("user/user-{index}"), user(None))
    });
    let declared = declared.with(
        "password_policy/account",
        Body::PasswordPolicy(model::PasswordPolicy::default()),
    );
    let (clients, calls) = aws.clients();
    let identity = crate::whoami(&clients).await.unwrap();
    assert_eq!(
        identity.caller,
        model::Caller::User(UserName::new("ci").unwrap())
    );
    let live = crate::read(&clients, identity, &declared, 10).await;
    assert!(live.unread().is_empty(), "{:?}", live.unread());
    assert_eq!(
        live.iter()
            .filter(|(address, _)| address.kind() == Kind::User)
            .count(),
        2000
    );
    assert_eq!(calls.counts()[DETAILS].calls, 3);
    assert_eq!(calls.total(), 11, "{:?}", calls.counts());
}

#[tokio::test]
async fn a_declared_password_policy_that_is_not_there_is_absent_and_known() {
    let aws = Aws::default()
        .xml(DETAILS, &page("", "", "", "", None))
        .refuse("iam:GetAccountPasswordPolicy", 404, "NoSuchEntity", "none");
    let policy = Body::PasswordPolicy(model::PasswordPolicy::default());
    let desired = nothing().with("password_policy/account", policy);
    let (live, _) = snapshot(&aws, &desired).await;
    assert!(live.knows(&address("password_policy/account")));
    assert!(live.get(&address("password_policy/account")).is_none());
}

#[tokio::test]
async fn a_password_policy_is_read_whole() {
    let aws = Aws::default()
        .xml(DETAILS, &page("", "", "", "", None))
        .xml(
            "iam:GetAccountPasswordPolicy",
            "<PasswordPolicy><MinimumPasswordLength>14</MinimumPasswordLength><RequireSymbols>true</RequireSymbols>\
             <RequireNumbers>false</RequireNumbers><RequireUppercaseCharacters>true</RequireUppercaseCharacters>\
             <RequireLowercaseCharacters>false</RequireLowercaseCharacters>\
             <AllowUsersToChangePassword>true</AllowUsersToChangePassword><ExpirePasswords>true</ExpirePasswords>\
             <MaxPasswordAge>90</MaxPasswordAge><PasswordReusePrevention>5</PasswordReusePrevention></PasswordPolicy>",
        );
    let policy = Body::PasswordPolicy(model::PasswordPolicy::default());
    let desired = nothing().with("password_policy/account", policy);
    let (live, _) = snapshot(&aws, &desired).await;
    let expected = model::PasswordPolicy {
        minimum_length: 14,
        require_symbols: true,
        require_numbers: false,
        require_uppercase: true,
        require_lowercase: false,
        allow_users_to_change_password: true,
        max_age_days: Some(90),
        reuse_prevention: Some(5),
        hard_expiry: false,
    };
    assert_eq!(
        live.get(&address("password_policy/account")),
        Some(&Body::PasswordPolicy(expected))
    );
}

#[tokio::test]
async fn tags_of_a_policy_are_read_only_where_they_are_declared() {
    let arn = |name| format!("arn:aws:iam::123456789012:policy/{name}");
    let policies = managed(&arn("tagged"), DOCUMENT) + &managed(&arn("plain"), DOCUMENT);
    let aws = Aws::default()
        .xml(DETAILS, &page("", "", "", &policies, None))
        .xml_to(
            "iam:ListPolicyTags",
            "policy%2Ftagged",
            "<Tags><member><Key>owner</Key><Value>sec</Value></member></Tags>",
        );
    let (plain, _) = snapshot(&aws, &nothing()).await;
    let Some(Body::Policy(policy)) = plain.get(&address("policy/plain")) else {
        panic!("the policy is live");
    };
    let mut tagged = policy.clone();
    tagged.tags.set("owner", "x").unwrap();
    let desired = nothing()
        .with("policy/plain", Body::Policy(policy.clone()))
        .with("policy/tagged", Body::Policy(tagged.clone()))
        .with("policy/new", Body::Policy(tagged));
    let (live, calls) = snapshot(&aws, &desired).await;
    assert!(live.unread().is_empty(), "{:?}", live.unread());
    let Some(Body::Policy(policy)) = live.get(&address("policy/tagged")) else {
        panic!("the policy is live");
    };
    assert_eq!(policy.tags.get("owner"), Some("sec"));
    assert_eq!(calls.counts()["iam:ListPolicyTags"].calls, 1);
}

#[tokio::test]
async fn not_knowing_the_users_is_not_knowing_their_passwords() {
    let aws = Aws::default().refuse(DETAILS, 403, "AccessDenied", "not you");
    let desired = nothing().with("user/alice", user(None)).with(
        "login_profile/alice",
        Body::LoginProfile(LoginProfile {
            reset_required: true,
            deliver_to: None,
        }),
    );
    let (live, _) = snapshot(&aws, &desired).await;
    for kind in [
        Kind::User,
        Kind::Group,
        Kind::Membership,
        Kind::Policy,
        Kind::Attachment,
        Kind::InlinePolicy,
        Kind::Role,
        Kind::LoginProfile,
        Kind::Credential,
    ] {
        let failure = live.unread().get(&kind).unwrap();
        assert_eq!(failure.operation, DETAILS);
        assert_eq!(failure.message, "AccessDenied: not you");
    }
    assert!(!live.knows(&address("login_profile/alice")));
}

#[tokio::test]
async fn a_boundary_is_none_where_aws_tells_none() {
    let aws = Aws::default().xml(DETAILS, &page(&plain_user("alice"), "", "", "", None));
    let (live, _) = snapshot(&aws, &nothing()).await;
    let Some(Body::User(alice)) =
        live.get(&Principal::User(UserName::new("alice").unwrap()).address())
    else {
        panic!("alice is a user");
    };
    assert_eq!(alice.boundary, Boundary::None);
}
