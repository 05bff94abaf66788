use crate::support::{aws, code};

#[tokio::test]
async fn an_account_has_no_password_policy_at_first() {
    let aws = aws().await;
    assert_eq!(
        code(aws.iam.get_account_password_policy().send().await),
        "NoSuchEntity"
    );
    assert_eq!(
        code(aws.iam.delete_account_password_policy().send().await),
        "NoSuchEntity"
    );
}

#[tokio::test]
async fn an_update_puts_omitted_fields_back_to_their_defaults() {
    let aws = aws().await;
    let whole = aws
        .iam
        .update_account_password_policy()
        .minimum_password_length(14)
        .max_password_age(90);
    let whole = whole
        .password_reuse_prevention(24)
        .require_numbers(true)
        .hard_expiry(true);
    whole
        .allow_users_to_change_password(true)
        .send()
        .await
        .unwrap();
    let get = || async {
        let policy = aws.iam.get_account_password_policy().send().await.unwrap();
        policy.password_policy.unwrap()
    };
    let policy = get().await;
    assert_eq!(
        (policy.minimum_password_length, policy.max_password_age),
        (Some(14), Some(90))
    );
    assert!(
        policy.expire_passwords && policy.require_numbers && policy.allow_users_to_change_password
    );

    aws.iam
        .update_account_password_policy()
        .require_symbols(true)
        .send()
        .await
        .unwrap();
    let policy = get().await;
    assert_eq!(policy.minimum_password_length, Some(6));
    assert!(
        policy.require_symbols && !policy.require_numbers && !policy.allow_users_to_change_password
    );
    assert!(!policy.expire_passwords);
    assert_eq!(
        (
            policy.max_password_age,
            policy.password_reuse_prevention,
            policy.hard_expiry
        ),
        (None, None, None)
    );
}

#[tokio::test]
async fn numbers_out_of_bounds_are_validation_errors() {
    let aws = aws().await;
    let update = || aws.iam.update_account_password_policy();
    assert_eq!(
        code(update().minimum_password_length(5).send().await),
        "ValidationError"
    );
    assert_eq!(
        code(update().max_password_age(0).send().await),
        "ValidationError"
    );
    assert_eq!(
        code(update().max_password_age(1096).send().await),
        "ValidationError"
    );
    assert_eq!(
        code(update().password_reuse_prevention(25).send().await),
        "ValidationError"
    );
}
