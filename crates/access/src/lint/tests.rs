use super::*;

fn document(statements: &str) -> Document {
    Document::parse(&format!(
        r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#
    ))
    .unwrap()
}

const WITHOUT_MFA: &str =
    r#""Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}"#;
const WITH_MFA: &str = r#""Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#;

/// A Deny of everything but some actions, in JSON, for want of MFA.
fn deny_but(exempt: &str) -> String {
    format!(r#"{{"Effect": "Deny", "NotAction": [{exempt}], "Resource": "*", {WITHOUT_MFA}}}"#)
}

fn codes(statements: &str) -> Vec<FindingCode> {
    lint("policy", &document(statements))
        .iter()
        .map(|mistake| mistake.code)
        .collect()
}

/// Tells what is said of one mistake.
fn message(statements: &str, code: FindingCode) -> String {
    let mistakes = lint("policy", &document(statements));
    let mistake = mistakes.iter().find(|mistake| mistake.code == code);
    mistake
        .unwrap_or_else(|| panic!("{code} is not among {mistakes:?}"))
        .message
        .clone()
}

#[track_caller]
fn assert_has(statements: &str, code: FindingCode) {
    assert!(codes(statements).contains(&code), "{:?}", codes(statements));
}

#[track_caller]
fn assert_has_not(statements: &str, code: FindingCode) {
    assert!(
        !codes(statements).contains(&code),
        "{:?}",
        codes(statements)
    );
}

#[test]
fn the_preset_has_no_mistake() {
    let path = format!(
        "{}/../../specs/presets/enforce-mfa.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let preset = Document::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(lint("enforce-mfa", &preset), []);
}

#[test]
fn bool_lets_access_keys_through() {
    let bool = deny_but(r#""iam:EnableMFADevice""#).replace("BoolIfExists", "Bool");
    assert_has(&bool, FindingCode::BoolLetsKeysThrough);
    assert_has_not(
        &deny_but(r#""iam:EnableMFADevice""#),
        FindingCode::BoolLetsKeysThrough,
    );
    let null = r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Null": {"aws:MultiFactorAuthPresent": "true"}}}"#;
    assert_has_not(&format!("{bool}, {null}"), FindingCode::BoolLetsKeysThrough);
}

#[test]
fn all_of_iam_is_exempt() {
    assert_has(
        &deny_but(r#""iam:*", "sts:GetSessionToken""#),
        FindingCode::ExemptsIam,
    );
    assert_has(&deny_but(r#""*""#), FindingCode::ExemptsIam);
    assert_has_not(&deny_but(r#""iam:Get*""#), FindingCode::ExemptsIam);
}

#[test]
fn a_deny_that_needs_the_age_of_mfa_and_its_absence_never_applies() {
    let deny = |operator: &str| {
        format!(
            r#"{{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {{
              "BoolIfExists": {{"aws:MultiFactorAuthPresent": "false"}}, "{operator}": {{"aws:MultiFactorAuthAge": "3600"}}}}}}"#
        )
    };
    assert_has(&deny("NumericGreaterThan"), FindingCode::DenyNeverApplies);
    assert_has_not(
        &deny("NumericGreaterThanIfExists"),
        FindingCode::DenyNeverApplies,
    );
}

#[test]
fn if_exists_on_an_allow_is_for_access_keys_as_well() {
    let allow = format!(r#"{{"Effect": "Allow", "Action": "s3:*", "Resource": "*", {WITH_MFA}}}"#);
    assert_has(
        &allow.replace("Bool", "BoolIfExists"),
        FindingCode::AllowsKeysWithoutMfa,
    );
    assert_eq!(codes(&allow), []);
}

#[test]
fn enrolment_that_is_denied_or_only_allowed_with_mfa_is_a_deadlock() {
    assert_has(
        &deny_but(r#""iam:ListMFADevices""#),
        FindingCode::EnrolmentNeedsMfa,
    );
    assert_has(
        r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#,
        FindingCode::EnrolmentNeedsMfa,
    );
    let allow = format!(
        r#"{{"Effect": "Allow", "Action": "iam:*MFADevice", "Resource": "*", {WITH_MFA}}}"#
    );
    assert_has(&allow, FindingCode::EnrolmentNeedsMfa);
    let enrolment = r#"{"Effect": "Allow", "Action": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"], "Resource": "*"}"#;
    assert_has_not(
        &format!("{allow}, {enrolment}"),
        FindingCode::EnrolmentNeedsMfa,
    );
    assert_has_not(
        &deny_but(r#""iam:CreateVirtualMFADevice", "iam:EnableMFADevice""#),
        FindingCode::EnrolmentNeedsMfa,
    );
}

#[test]
fn a_device_is_not_created_on_a_user() {
    let on = |resource: &str| {
        format!(
            r#"{{"Effect": "Allow", "Action": "iam:CreateVirtualMFADevice", "Resource": "arn:aws:iam::*:{resource}"}}"#
        )
    };
    assert_eq!(
        message(
            &on("user/${aws:username}"),
            FindingCode::DeviceCreatedOnUser
        ),
        "statement 1 allows iam:CreateVirtualMFADevice on `arn:aws:iam::*:user/${aws:username}`, but the call is about `mfa/…`"
    );
    let both = format!("{}, {}", on("user/${aws:username}"), on("mfa/*"));
    assert_has_not(&both, FindingCode::DeviceCreatedOnUser);
}

#[test]
fn a_device_can_have_any_name() {
    let on = |resource: &str| {
        format!(
            r#"{{"Effect": "Allow", "Action": "iam:CreateVirtualMFADevice", "Resource": "arn:aws:iam::*:mfa/{resource}"}}"#
        )
    };
    assert_has(&on("${aws:username}"), FindingCode::DeviceNameFixed);
    assert_has_not(&on("${aws:username}*"), FindingCode::DeviceNameFixed);
    assert_has_not(
        &format!("{}, {}", on("${aws:username}"), on("*")),
        FindingCode::DeviceNameFixed,
    );
}

#[test]
fn a_users_path_is_part_of_its_arn() {
    let on = |resources: &str| {
        format!(r#"{{"Effect": "Allow", "Action": "iam:GetUser", "Resource": [{resources}]}}"#)
    };
    let own = r#""arn:aws:iam::*:user/${aws:username}""#;
    assert_has(&on(own), FindingCode::PathForgotten);
    assert_has_not(
        &on(&format!(
            r#"{own}, "arn:aws:iam::*:user/*/${{aws:username}}""#
        )),
        FindingCode::PathForgotten,
    );
    let twice = document(&format!("{}, {}", on(own), on(own)));
    let [mistake] = lint("policy", &twice).try_into().unwrap();
    assert_eq!(mistake.statements, [0, 1]);
    let finding = mistake.finding("policy/p".parse().unwrap());
    assert!(
        finding
            .message
            .ends_with("such as user/eng/alice, and another does likewise")
    );
    assert_eq!(
        finding.hint.as_deref(),
        Some("list arn:aws:iam::*:user/*/${aws:username} as well")
    );
}

#[test]
fn removing_devices_and_making_credentials_need_mfa() {
    assert_has(
        &deny_but(r#""iam:DeactivateMFADevice""#),
        FindingCode::DeviceRemovalWithoutMfa,
    );
    assert_has(
        &deny_but(r#""iam:*VirtualMFADevice""#),
        FindingCode::DeviceRemovalWithoutMfa,
    );
    assert_has(
        &deny_but(r#""iam:CreateAccessKey""#),
        FindingCode::CredentialsWithoutMfa,
    );
    assert_has(
        &deny_but(r#""iam:*LoginProfile""#),
        FindingCode::CredentialsWithoutMfa,
    );
    let allow = r#"{"Effect": "Allow", "Action": ["iam:DeleteVirtualMFADevice", "iam:CreateAccessKey"], "Resource": "*"}"#;
    assert_has(allow, FindingCode::DeviceRemovalWithoutMfa);
    assert_has(allow, FindingCode::CredentialsWithoutMfa);
    let denied = format!("{allow}, {}", deny_but(r#""iam:GetUser""#));
    assert_has_not(&denied, FindingCode::DeviceRemovalWithoutMfa);
    assert_has_not(&denied, FindingCode::CredentialsWithoutMfa);
}

#[test]
fn a_list_of_denied_services_leaves_the_others_open() {
    let deny = format!(
        r#"{{"Effect": "Deny", "Action": ["s3:*", "ec2:*"], "Resource": "*", {WITHOUT_MFA}}}"#
    );
    assert_has(&deny, FindingCode::DenyListsServices);
    assert_has_not(
        &deny.replace(r#""s3:*""#, r#""*""#),
        FindingCode::DenyListsServices,
    );
    assert_has_not(
        &format!("{deny}, {}", deny_but(r#""iam:GetUser""#)),
        FindingCode::DenyListsServices,
    );
}

#[test]
fn a_pattern_without_a_name_matches_nothing() {
    let allow = |action| format!(r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}"#);
    assert_eq!(
        message(&allow("eks:"), FindingCode::MatchesNothing),
        "statement 1 lists `eks:`, which matches no action"
    );
    assert_eq!(codes(&allow("eks:*")), []);
}

#[test]
fn exempt_actions_are_limited_to_the_user_itself() {
    let exempt = deny_but(r#""iam:EnableMFADevice", "iam:CreateVirtualMFADevice""#);
    assert_has(&exempt, FindingCode::ExemptForOthers);
    let others = format!(
        r#"{{"Effect": "Deny", "Action": "iam:EnableMFADevice", "NotResource": "arn:aws:iam::*:user/${{aws:username}}", {WITHOUT_MFA}}}"#
    );
    assert_has_not(&format!("{exempt}, {others}"), FindingCode::ExemptForOthers);
}

#[test]
fn an_exemption_allows_nothing_by_itself() {
    let exempt = deny_but(r#""iam:EnableMFADevice", "iam:GetMFADevice", "sts:GetCallerIdentity""#);
    let allow = r#"{"Effect": "Allow", "Action": "iam:Enable*", "Resource": "*"}"#;
    assert_eq!(
        message(&format!("{allow}, {exempt}"), FindingCode::ExemptNotAllowed),
        "statement 2 exempts iam:GetMFADevice, which nothing in the document allows"
    );
    let allowing =
        format!(r#"{{"Effect": "Allow", "Action": "iam:*MFADevice", "Resource": "*"}}, {exempt}"#);
    assert_has_not(&allowing, FindingCode::ExemptNotAllowed);
}

#[test]
fn getting_a_session_with_mfa_needs_none() {
    assert_has(
        &deny_but(r#""iam:EnableMFADevice""#),
        FindingCode::SessionTokenDenied,
    );
    assert_has_not(
        &deny_but(r#""sts:GetSessionToken""#),
        FindingCode::SessionTokenDenied,
    );
}

#[test]
fn a_name_that_promises_mfa_is_kept() {
    let allow = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#;
    let codes = |name: &str, statements: &str| {
        lint(name, &document(statements))
            .iter()
            .map(|mistake| mistake.code)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        codes("S3AccessWithMFA", allow),
        [FindingCode::NamePromisesMfa]
    );
    assert_eq!(codes("S3Access", allow), []);
    let with_mfa = allow.replace('}', &format!(", {WITH_MFA}}}"));
    assert_eq!(codes("S3AccessWithMFA", &with_mfa), []);
}

#[test]
fn everything_for_whoever_has_mfa_makes_everybody_an_administrator() {
    let allow = format!(r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", {WITH_MFA}}}"#);
    assert_eq!(codes(&allow), [FindingCode::EveryoneIsAdministrator]);
    assert_eq!(
        codes(&allow.replace(r#""Action": "*""#, r#""Action": "s3:*""#)),
        []
    );
}

#[test]
fn what_is_about_the_account_is_not_listed_with_an_arn() {
    let on = |actions: &str, resource: &str| {
        format!(
            r#"{{"Effect": "Allow", "Action": [{actions}], "Resource": "arn:aws:iam::*:{resource}"}}"#
        )
    };
    let summary = on(
        r#""iam:GetAccountSummary", "iam:ListUsers", "iam:GetUser""#,
        "user/${aws:username}",
    );
    assert_eq!(
        message(&summary, FindingCode::AccountWideOnArn),
        "statement 1 lists iam:GetAccountSummary, iam:ListUsers with `arn:aws:iam::*:user/${aws:username}`, but that is about the account and needs `*`"
    );
    let everywhere = r#"{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}"#;
    assert_has_not(
        &format!("{summary}, {everywhere}"),
        FindingCode::AccountWideOnArn,
    );
    for (list, resource) in [
        ("iam:ListUsers", "user/*"),
        ("iam:ListGroups", "group/"),
        ("iam:ListRoles", "role/teams/*"),
        ("iam:ListVirtualMFADevices", "mfa/*"),
        ("iam:List*", "user/${aws:username}"),
        ("iam:GetAccountSummary", "*"),
    ] {
        let allow = on(&format!("\"{list}\""), resource);
        assert_has_not(&allow, FindingCode::AccountWideOnArn);
    }
}

#[test]
fn a_slip_of_the_pen_is_a_pattern_that_matches_nothing() {
    let allow = |action| format!(r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}"#);
    assert_eq!(
        message(
            &allow("iam:CreateVirtualMfaDevices"),
            FindingCode::MatchesNothing
        ),
        "statement 1 lists `iam:CreateVirtualMfaDevices`, which matches no action that is known; probably `iam:CreateVirtualMFADevice` is meant"
    );
    assert_eq!(codes(&allow("iam:ActionOfTomorrow")), []);
}

#[test]
fn what_is_for_oneself_is_not_allowed_on_others() {
    let on = |action: &str, resource: &str| {
        format!(r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "{resource}"}}"#)
    };
    for (action, resource) in [
        ("iam:ChangePassword", "*"),
        ("iam:*MFADevice", "arn:aws:iam::123456789012:user/*"),
        ("iam:DeleteVirtualMFADevice", "arn:aws:iam::*:mfa/*"),
    ] {
        assert_has(&on(action, resource), FindingCode::SelfServiceOnOthers);
    }
    for (action, resource) in [
        ("iam:*", "*"),
        ("iam:ChangePassword", "arn:aws:iam::*:user/${aws:username}"),
        ("iam:CreateVirtualMFADevice", "arn:aws:iam::*:mfa/*"),
        ("iam:EnableMFADevice", "arn:aws:iam::*:mfa/*"),
    ] {
        assert_has_not(&on(action, resource), FindingCode::SelfServiceOnOthers);
    }
}
