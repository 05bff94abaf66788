//! First passwords and their kits.

use std::fs;

use mfactl_executor::check_kits;
use model::{Address, Body, Change, LoginProfile, PasswordPolicy};

use crate::support::{Aws, assert_applied, aws, create, outcomes, plan, update, user};

fn password(aws: &Aws, user: &str) -> (Address, Change) {
    let profile = LoginProfile {
        reset_required: true,
        deliver_to: Some(aws.recipient()),
    };
    create(
        &format!("login_profile/{user}"),
        Body::LoginProfile(profile),
    )
}

fn in_kit(aws: &Aws, user: &str) -> String {
    let kit = aws.kit(user);
    let line = kit.lines().find(|line| line.contains("Password ")).unwrap();
    line.split_whitespace().last().unwrap().to_owned()
}

#[tokio::test]
async fn a_password_is_in_its_kit_and_nowhere_else() {
    let aws = aws().await;
    let changes = vec![
        create("user/alice", Body::User(user())),
        password(&aws, "alice"),
    ];
    check_kits(&plan(changes.clone()), &aws.kits()).unwrap();
    let report = aws.apply(changes).await;
    assert_applied(&report);
    assert_eq!(report.kits, [aws.kits().join("alice.age")]);
    let password = in_kit(&aws, "alice");
    assert_eq!(password.len(), 24);
    assert!(!aws.everything_shown(&report).contains(&password));
    let profile = aws.clients.iam.get_login_profile().user_name("alice");
    let profile = profile.send().await.unwrap().login_profile.unwrap();
    assert!(profile.password_reset_required);
}

#[tokio::test]
async fn a_password_is_as_long_as_the_accounts_policy_asks_or_will_ask() {
    let aws = aws().await;
    let policy = aws.clients.iam.update_account_password_policy();
    let policy = policy.minimum_password_length(40).require_symbols(true);
    policy.send().await.unwrap();
    let changes = vec![
        create("user/alice", Body::User(user())),
        password(&aws, "alice"),
    ];
    assert_applied(&aws.apply(changes).await);
    assert_eq!(in_kit(&aws, "alice").len(), 40);

    let live = PasswordPolicy {
        minimum_length: 40,
        require_symbols: true,
        ..PasswordPolicy::default()
    };
    let longer = PasswordPolicy {
        minimum_length: 64,
        ..PasswordPolicy::default()
    };
    let changes = vec![
        create("user/bob", Body::User(user())),
        password(&aws, "bob"),
        update(
            "password_policy/account",
            Body::PasswordPolicy(live),
            Body::PasswordPolicy(longer),
        ),
    ];
    assert_applied(&aws.apply(changes).await);
    assert_eq!(in_kit(&aws, "bob").len(), 64);
}

#[tokio::test]
async fn a_password_that_aws_refuses_leaves_no_kit() {
    let aws = aws().await;
    let report = aws.apply(vec![password(&aws, "nobody")]).await;
    let outcome = outcomes(&report).remove(0);
    assert!(
        outcome.starts_with("iam:CreateLoginProfile failed: NoSuchEntity"),
        "{outcome}"
    );
    assert!(report.kits.is_empty());
    assert_eq!(fs::read_dir(aws.kits()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_password_that_can_not_be_sealed_is_not_created() {
    let aws = aws().await;
    fs::write(aws.kits(), "a file in the place of the folder").unwrap();
    let changes = vec![
        create("user/alice", Body::User(user())),
        password(&aws, "alice"),
    ];
    let report = aws.apply(changes).await;
    assert!(
        outcomes(&report)[1].contains("no kit can be written"),
        "{:?}",
        outcomes(&report)
    );
    let profile = aws.clients.iam.get_login_profile().user_name("alice");
    assert!(profile.send().await.is_err());
}
