use crate::support::{aws, code, iam_as};

const PASSWORD: &str = "Correct-horse-7";

#[tokio::test]
async fn an_update_without_password_keeps_it_and_sets_the_reset() {
    let aws = aws().await;
    aws.user("alice").await;
    let create = aws
        .iam
        .create_login_profile()
        .user_name("alice")
        .password(PASSWORD);
    create.password_reset_required(true).send().await.unwrap();
    let reset = || async {
        let profile = aws
            .iam
            .get_login_profile()
            .user_name("alice")
            .send()
            .await
            .unwrap();
        profile.login_profile.unwrap().password_reset_required
    };
    assert!(reset().await);
    aws.iam
        .update_login_profile()
        .user_name("alice")
        .password_reset_required(false)
        .send()
        .await
        .unwrap();
    assert!(!reset().await);
    aws.iam
        .update_login_profile()
        .user_name("alice")
        .password("Another-horse-8")
        .send()
        .await
        .unwrap();
    assert!(!reset().await);
}

#[tokio::test]
async fn a_login_profile_is_created_once_and_deleted_once() {
    let aws = aws().await;
    aws.user("alice").await;
    let create = || {
        aws.iam
            .create_login_profile()
            .user_name("alice")
            .password(PASSWORD)
            .send()
    };
    create().await.unwrap();
    assert_eq!(code(create().await), "EntityAlreadyExists");
    let delete = || aws.iam.delete_login_profile().user_name("alice").send();
    delete().await.unwrap();
    assert_eq!(code(delete().await), "NoSuchEntity");
    assert_eq!(
        code(aws.iam.get_login_profile().user_name("alice").send().await),
        "NoSuchEntity"
    );
    let update = aws
        .iam
        .update_login_profile()
        .user_name("alice")
        .password(PASSWORD);
    assert_eq!(code(update.send().await), "NoSuchEntity");
}

#[tokio::test]
async fn without_a_policy_a_password_has_eight_characters_of_three_kinds() {
    let aws = aws().await;
    aws.user("alice").await;
    let create = |password| {
        aws.iam
            .create_login_profile()
            .user_name("alice")
            .password(password)
            .send()
    };
    for password in ["Ab1-567", "abcdefgh1", "123456789012"] {
        assert_eq!(
            code(create(password).await),
            "PasswordPolicyViolation",
            "{password}"
        );
    }
    create("Abcdefg1").await.unwrap();
}

#[tokio::test]
async fn a_password_meets_the_accounts_policy() {
    let aws = aws().await;
    aws.user("alice").await;
    let policy = aws
        .iam
        .update_account_password_policy()
        .minimum_password_length(14)
        .require_symbols(true);
    policy.send().await.unwrap();
    let create = |password| {
        aws.iam
            .create_login_profile()
            .user_name("alice")
            .password(password)
            .send()
    };
    assert_eq!(
        code(create("short-pass-1A").await),
        "PasswordPolicyViolation"
    );
    assert_eq!(
        code(create("nosymbolsinhere").await),
        "PasswordPolicyViolation"
    );
    create("with-symbols-in-it").await.unwrap();
    let update = aws
        .iam
        .update_login_profile()
        .user_name("alice")
        .password("x");
    assert_eq!(code(update.send().await), "PasswordPolicyViolation");
}

#[tokio::test]
async fn a_refusal_does_not_repeat_the_password() {
    let aws = aws().await;
    aws.user("alice").await;
    let create = aws
        .iam
        .create_login_profile()
        .user_name("alice")
        .password("geheim\u{3b1}");
    let refusal = create.send().await.unwrap_err();
    assert!(!format!("{refusal:?}").contains("geheim"));
}

#[tokio::test]
async fn a_user_changes_its_own_password_which_then_needs_no_reset() {
    let aws = aws().await;
    aws.user("alice").await;
    let create = aws.iam.create_login_profile().user_name("alice");
    let create = create.password(PASSWORD).password_reset_required(true);
    create.send().await.unwrap();
    let alice = iam_as(&aws.sandbox, &aws.key("alice").await);
    let change = |old, new| {
        let change = alice.change_password().old_password(old);
        change.new_password(new).send()
    };
    let refused = change("Wrong-horse-9", "Another-horse-8").await;
    assert_eq!(code(refused), "AccessDenied");
    assert_eq!(code(change(PASSWORD, "x").await), "PasswordPolicyViolation");
    change(PASSWORD, "Another-horse-8").await.unwrap();
    let profile = alice.get_login_profile().send().await.unwrap();
    assert!(!profile.login_profile.unwrap().password_reset_required);
    assert_eq!(
        code(change(PASSWORD, "Third-horse-6").await),
        "AccessDenied"
    );
    change("Another-horse-8", "Third-horse-6").await.unwrap();
}

#[tokio::test]
async fn only_a_user_with_a_password_changes_it() {
    let aws = aws().await;
    aws.user("alice").await;
    let change = aws.iam.change_password().old_password(PASSWORD);
    let change = change.new_password(PASSWORD);
    assert_eq!(code(change.send().await), "InvalidUserType");
    let change = iam_as(&aws.sandbox, &aws.key("alice").await).change_password();
    let change = change.old_password(PASSWORD).new_password(PASSWORD);
    assert_eq!(code(change.send().await), "NoSuchEntity");
}

#[tokio::test]
async fn the_last_passwords_are_refused_as_many_as_the_policy_says() {
    let aws = aws().await;
    aws.user("alice").await;
    let policy = aws.iam.update_account_password_policy();
    let policy = policy.password_reuse_prevention(2);
    policy.send().await.unwrap();
    let create = aws.iam.create_login_profile().user_name("alice");
    create.password("first-1").send().await.unwrap();
    let set = |password| {
        let update = aws.iam.update_login_profile().user_name("alice");
        update.password(password).send()
    };
    set("second-2").await.unwrap();
    for password in ["first-1", "second-2"] {
        assert_eq!(code(set(password).await), "PasswordPolicyViolation");
    }
    set("third-3").await.unwrap();
    set("first-1").await.unwrap();
}
