use crate::support::{
    aws_enforcing, cloudwatch_with, code, codes, iam_as, iam_with, logs_with, message, sts_as,
    temporary,
};

const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

#[tokio::test]
async fn a_user_may_do_what_its_policies_allow_and_the_account_everything() {
    let aws = aws_enforcing().await;
    aws.user("alice").await;
    aws.user("bob").await;
    let own = r#"{"Effect":"Allow","Action":["iam:GetUser","iam:ListAccessKeys"],
        "Resource":"arn:aws:iam::*:user/${aws:username}"}"#;
    aws.allow("alice", own).await;
    let alice = iam_as(&aws.sandbox, &aws.key("alice").await);
    alice.get_user().send().await.unwrap();
    alice.list_access_keys().send().await.unwrap();
    let refused = alice.get_user().user_name("bob").send().await;
    assert_eq!(
        message(refused),
        "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: iam:GetUser on resource: \
         arn:aws:iam::123456789012:user/bob because no identity-based policy allows the iam:GetUser action"
    );
    let refused = alice.create_user().user_name("carol").send().await;
    assert_eq!(code(refused), "AccessDenied");
    aws.user("carol").await;
}

#[tokio::test]
async fn a_deny_without_mfa_holds_until_a_code_is_shown() {
    let aws = aws_enforcing().await;
    aws.user("alice").await;
    let (serial, seed) = aws.device("alice").await;
    let guard = r#"{"Effect":"Deny","NotAction":"sts:GetSessionToken","Resource":"*",
        "Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}"#;
    aws.allow("alice", &format!("{ALL},{guard}")).await;
    let key = aws.key("alice").await;
    let refused = iam_as(&aws.sandbox, &key).list_users().send().await;
    assert_eq!(
        message(refused),
        "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: iam:ListUsers on resource: \
         arn:aws:iam::123456789012:user/ with an explicit deny in an identity-based policy"
    );
    let [shown] = codes(&seed, [1]);
    let get = sts_as(&aws.sandbox, &key).get_session_token();
    let given = get.serial_number(serial).token_code(shown).send().await;
    let given = temporary(&given.unwrap().credentials.unwrap());
    let alice = iam_with(&aws.sandbox, given);
    alice.list_users().send().await.unwrap();
}

#[tokio::test]
async fn policies_of_groups_count_and_a_boundary_limits() {
    let aws = aws_enforcing().await;
    aws.user("alice").await;
    aws.group("admins").await;
    aws.member("admins", "alice").await;
    let attach = aws.iam.attach_group_policy().group_name("admins");
    let attach = attach.policy_arn("arn:aws:iam::aws:policy/IAMFullAccess");
    attach.send().await.unwrap();
    let alice = iam_as(&aws.sandbox, &aws.key("alice").await);
    alice
        .create_group()
        .group_name("mine")
        .send()
        .await
        .unwrap();
    let put = aws.iam.put_user_permissions_boundary().user_name("alice");
    let put = put.permissions_boundary("arn:aws:iam::aws:policy/IAMReadOnlyAccess");
    put.send().await.unwrap();
    alice.list_groups().send().await.unwrap();
    let refused = alice.delete_group().group_name("mine").send().await;
    assert!(message(refused).contains("because no permissions boundary allows"));
}

#[tokio::test]
async fn a_role_may_do_what_its_policies_and_its_sessions_allow() {
    let aws = aws_enforcing().await;
    aws.user("alice").await;
    let arn = aws.role("reader", r#"{"AWS":"123456789012"}"#, "").await;
    let attach = aws.iam.attach_role_policy().role_name("reader");
    let attach = attach.policy_arn("arn:aws:iam::aws:policy/ReadOnlyAccess");
    attach.send().await.unwrap();
    let alice = sts_as(&aws.sandbox, &aws.key("alice").await);
    let assume = || alice.assume_role().role_arn(&arn).role_session_name("work");
    // The role trusts the account, so that alice's own policies have to allow it.
    let refused = assume().send().await;
    assert!(
        message(refused).contains("because no identity-based policy allows the sts:AssumeRole")
    );
    let statement = format!(r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"{arn}"}}"#);
    aws.allow("alice", &statement).await;
    let assumed = assume().send().await.unwrap();
    let reader = iam_with(&aws.sandbox, temporary(&assumed.credentials.unwrap()));
    reader.list_users().send().await.unwrap();
    let refused = reader.create_user().user_name("bob").send().await;
    assert_eq!(code(refused), "AccessDenied");

    let only = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ListRoles","Resource":"*"}}"#;
    let assumed = assume().policy(only).send().await.unwrap();
    let reader = iam_with(&aws.sandbox, temporary(&assumed.credentials.unwrap()));
    reader.list_roles().send().await.unwrap();
    let refused = reader.list_users().send().await;
    assert!(message(refused).contains("because no session policy allows the iam:ListUsers"));
}

#[tokio::test]
async fn a_role_that_names_a_user_needs_no_policy_of_the_users_but_no_deny_either() {
    let aws = aws_enforcing().await;
    aws.user("alice").await;
    let trusted = r#"{"AWS":"arn:aws:iam::123456789012:user/alice"}"#;
    let arn = aws.role("admin", trusted, "").await;
    let alice = sts_as(&aws.sandbox, &aws.key("alice").await);
    let assume = || alice.assume_role().role_arn(&arn).role_session_name("work");
    assume().send().await.unwrap();
    aws.allow(
        "alice",
        r#"{"Effect":"Deny","Action":"sts:*","Resource":"*"}"#,
    )
    .await;
    assert_eq!(code(assume().send().await), "AccessDenied");
    // These need no permission, whatever is denied.
    alice.get_caller_identity().send().await.unwrap();
    alice.get_session_token().send().await.unwrap();
}

#[tokio::test]
async fn users_change_their_passwords_without_a_policy_if_the_password_policy_says_so() {
    let aws = aws_enforcing().await;
    aws.user("alice").await;
    let create = aws.iam.create_login_profile().user_name("alice");
    create.password("Correct-horse-7").send().await.unwrap();
    let alice = iam_as(&aws.sandbox, &aws.key("alice").await);
    let change = || {
        let change = alice.change_password().old_password("Correct-horse-7");
        change.new_password("Another-horse-8").send()
    };
    assert_eq!(code(change().await), "AccessDenied");
    let policy = aws.iam.update_account_password_policy();
    let policy = policy.allow_users_to_change_password(true);
    policy.send().await.unwrap();
    change().await.unwrap();
}

#[tokio::test]
async fn tags_of_callers_resources_and_requests_are_seen() {
    let aws = aws_enforcing().await;
    for (name, team) in [("alice", "red"), ("bob", "red"), ("carol", "blue")] {
        aws.user(name).await;
        let tag = aws_sdk_iam::types::Tag::builder().key("team").value(team);
        let tag = aws
            .iam
            .tag_user()
            .user_name(name)
            .tags(tag.build().unwrap());
        tag.send().await.unwrap();
    }
    let team = r#"{"Effect":"Allow","Action":"iam:*","Resource":"*",
        "Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}}"#;
    let create = r#"{"Effect":"Allow","Action":"iam:CreateUser","Resource":"*",
        "Condition":{"StringEquals":{"aws:RequestTag/team":"red"},"ForAllValues:StringEquals":{"aws:TagKeys":"team"}}}"#;
    aws.allow("alice", &format!("{team},{create}")).await;
    let alice = iam_as(&aws.sandbox, &aws.key("alice").await);
    alice.get_user().user_name("bob").send().await.unwrap();
    assert_eq!(
        code(alice.get_user().user_name("carol").send().await),
        "AccessDenied"
    );
    for (name, team, allowed) in [("dora", "red", true), ("emil", "blue", false)] {
        let tag = aws_sdk_iam::types::Tag::builder().key("team").value(team);
        let create = alice.create_user().user_name(name);
        let created = create.tags(tag.build().unwrap()).send().await;
        assert_eq!(created.is_ok(), allowed, "{name}");
    }
}

#[tokio::test]
async fn alarms_and_log_groups_are_resources() {
    let aws = aws_enforcing().await;
    aws.user("alice").await;
    let statements = r#"{"Effect":"Allow","Action":"cloudwatch:DeleteAlarms",
        "Resource":"arn:aws:cloudwatch:*:*:alarm:own-*"},
        {"Effect":"Allow","Action":"logs:*","Resource":"arn:aws:logs:us-east-1:123456789012:log-group:own:*"}"#;
    aws.allow("alice", statements).await;
    let key = aws.key("alice").await;
    let cloudwatch = cloudwatch_with(&aws.sandbox, &key);
    let delete = |name| {
        cloudwatch
            .delete_alarms()
            .alarm_names("own-a")
            .alarm_names(name)
            .send()
    };
    assert_eq!(code(delete("another").await), "AccessDenied");
    if let Err(refusal) = delete("own-b").await {
        assert_ne!(code::<(), _, _>(Err(refusal)), "AccessDenied");
    }
    let logs = logs_with(&aws.sandbox, &key);
    let create = |name| logs.create_log_group().log_group_name(name).send();
    create("own").await.unwrap();
    assert_eq!(code(create("others").await), "AccessDeniedException");
}

#[tokio::test]
async fn a_role_of_another_account_needs_a_policy_of_the_user_even_where_it_names_the_user() {
    let aws = aws_enforcing().await;
    aws.user("alice").await;
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow",
        "Principal":{"AWS":"arn:aws:iam::123456789012:user/alice"},"Action":"sts:AssumeRole"}}"#;
    let other = iam_as(&aws.sandbox, "210987654321");
    let create = other.create_role().role_name("guest");
    let create = create.assume_role_policy_document(trust).send().await;
    let arn = create.unwrap().role.unwrap().arn;
    let alice = sts_as(&aws.sandbox, &aws.key("alice").await);
    let assume = || {
        let assume = alice.assume_role().role_arn(&arn);
        assume.role_session_name("work").send()
    };
    assert_eq!(code(assume().await), "AccessDenied");
    let statement = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}"#;
    aws.allow("alice", statement).await;
    assume().await.unwrap();
}

#[tokio::test]
async fn log_groups_are_resources_however_they_are_named() {
    let aws = aws_enforcing().await;
    for group in ["own", "others"] {
        let create = aws.logs.create_log_group().log_group_name(group);
        create.send().await.unwrap();
    }
    aws.user("alice").await;
    aws.allow(
        "alice",
        r#"{"Effect":"Allow","Action":"logs:*","Resource":"arn:aws:logs:us-east-1:123456789012:log-group:own:*"}"#,
    )
    .await;
    let logs = logs_with(&aws.sandbox, &aws.key("alice").await);
    let arn = |name| format!("arn:aws:logs:us-east-1:123456789012:log-group:{name}");
    let read = |identifier: &str| {
        logs.filter_log_events()
            .log_group_identifier(identifier)
            .send()
    };
    let start = |query| {
        let start = logs.start_query().start_time(0).end_time(1);
        start.query_string(query)
    };
    let query = |identifier: String| start("limit 1").log_group_identifiers(identifier).send();
    for own in ["own".to_owned(), arn("own")] {
        read(&own).await.unwrap();
        query(own).await.unwrap();
    }
    for other in ["others".to_owned(), arn("others")] {
        assert_eq!(code(read(&other).await), "AccessDeniedException", "{other}");
        assert_eq!(code(query(other).await), "AccessDeniedException");
    }
    let both = start("limit 1")
        .log_group_identifiers("own")
        .log_group_identifiers("others");
    assert_eq!(code(both.send().await), "AccessDeniedException");
    start("SOURCE 'own' | limit 1").send().await.unwrap();
    let sourced = start("SOURCE 'own' | SOURCE 'others' | limit 1")
        .send()
        .await;
    assert_eq!(code(sourced), "AccessDeniedException");
}

#[tokio::test]
async fn the_tags_of_a_session_go_before_those_of_its_role() {
    let aws = aws_enforcing().await;
    aws.user("alice").await;
    aws.allow("alice", ALL).await;
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},
        "Action":["sts:AssumeRole","sts:TagSession"]}}"#;
    let tag = |key: &str, value: &str| {
        let tag = aws_sdk_iam::types::Tag::builder().key(key).value(value);
        tag.build().unwrap()
    };
    let create = aws.iam.create_role().role_name("work");
    let create = create.tags(tag("Team", "blue"));
    let create = create.assume_role_policy_document(trust).send().await;
    let arn = create.unwrap().role.unwrap().arn;
    let own = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*",
        "Condition":{"StringEquals":{"aws:PrincipalTag/Team":"red"}}}}"#;
    let put = aws.iam.put_role_policy().role_name("work");
    let put = put.policy_name("own").policy_document(own);
    put.send().await.unwrap();
    let alice = sts_as(&aws.sandbox, &aws.key("alice").await);
    for (team, allowed) in [(None, false), (Some("red"), true)] {
        let assume = alice.assume_role().role_arn(&arn).role_session_name("work");
        let tags = team.map(|team| {
            let tag = aws_sdk_sts::types::Tag::builder().key("team").value(team);
            vec![tag.build().unwrap()]
        });
        let assumed = assume.set_tags(tags).send().await.unwrap();
        let session = iam_with(&aws.sandbox, temporary(&assumed.credentials.unwrap()));
        assert_eq!(session.list_users().send().await.is_ok(), allowed);
    }
}
