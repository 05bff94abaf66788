//! Managed policies and their versions; the password policy.

use model::{Body, PasswordPolicy, Policy};

use crate::support::{assert_applied, aws, create, delete, outcomes, policy, tags, update};

const ARN: &str = "arn:aws:iam::123456789012:policy/mfa/p";

#[tokio::test]
async fn a_policy_that_changes_often_keeps_five_versions_and_the_last_is_in_force() {
    let aws = aws().await;
    let actions: Vec<String> = (0..8).map(|number| format!("s3:Action{number}")).collect();
    assert_applied(
        &aws.apply(vec![create("policy/p", Body::Policy(policy(&actions[0])))])
            .await,
    );
    for pair in actions.windows(2) {
        let (before, after) = (policy(&pair[0]), policy(&pair[1]));
        let change = update("policy/p", Body::Policy(before), Body::Policy(after));
        assert_applied(&aws.apply(vec![change]).await);
    }
    let versions = aws.clients.iam.list_policy_versions().policy_arn(ARN);
    let versions = versions.send().await.unwrap().versions.unwrap();
    let mut ids: Vec<&str> = versions
        .iter()
        .filter_map(|version| version.version_id())
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, ["v4", "v5", "v6", "v7", "v8"]);
    let default = versions
        .iter()
        .find(|version| version.is_default_version)
        .unwrap();
    assert_eq!(default.version_id(), Some("v8"));

    let gone = delete("policy/p", Body::Policy(policy(&actions[7])));
    assert_applied(&aws.apply(vec![gone]).await);
}

#[tokio::test]
async fn tags_alone_make_no_new_version() {
    let aws = aws().await;
    let before = Policy {
        tags: tags(&[("Team", "core")]),
        ..policy("s3:GetObject")
    };
    let after = Policy {
        tags: tags(&[("team", "core")]),
        ..before.clone()
    };
    let changes = vec![
        create("policy/p", Body::Policy(before.clone())),
        update("policy/p", Body::Policy(before), Body::Policy(after)),
    ];
    assert_applied(&aws.apply(changes).await);
    let iam = &aws.clients.iam;
    let versions = iam.list_policy_versions().policy_arn(ARN).send().await;
    assert_eq!(versions.unwrap().versions().len(), 1);
    let tags = iam.list_policy_tags().policy_arn(ARN).send().await.unwrap();
    assert_eq!(tags.tags()[0].key(), "team");
}

#[tokio::test]
async fn a_policy_that_is_still_in_use_says_what_aws_says() {
    let aws = aws().await;
    assert_applied(
        &aws.apply(vec![create("policy/p", Body::Policy(policy("*")))])
            .await,
    );
    let iam = &aws.clients.iam;
    iam.create_user().user_name("bob").send().await.unwrap();
    let attach = iam.attach_user_policy().user_name("bob").policy_arn(ARN);
    attach.send().await.unwrap();
    let report = aws
        .apply(vec![delete("policy/p", Body::Policy(policy("*")))])
        .await;
    let outcome = outcomes(&report).remove(0);
    assert!(
        outcome.starts_with("iam:DeletePolicy failed: DeleteConflict: "),
        "{outcome}"
    );
}

#[tokio::test]
async fn a_password_policy_is_replaced_whole_and_never_deleted() {
    let aws = aws().await;
    let strict = PasswordPolicy {
        minimum_length: 14,
        require_symbols: true,
        max_age_days: Some(90),
        reuse_prevention: Some(24),
        ..PasswordPolicy::default()
    };
    let lax = PasswordPolicy {
        minimum_length: 16,
        ..PasswordPolicy::default()
    };
    let address = "password_policy/account";
    let report = aws
        .apply(vec![
            create(address, Body::PasswordPolicy(strict.clone())),
            update(
                address,
                Body::PasswordPolicy(strict),
                Body::PasswordPolicy(lax.clone()),
            ),
            delete(address, Body::PasswordPolicy(lax)),
        ])
        .await;
    assert_eq!(outcomes(&report)[..2], ["applied", "applied"]);
    assert!(outcomes(&report)[2].contains("never deleted"));
    let got = aws.clients.iam.get_account_password_policy().send().await;
    let policy = got.unwrap().password_policy.unwrap();
    assert_eq!(policy.minimum_password_length(), Some(16));
    assert_eq!(policy.max_password_age(), None);
    assert_eq!(policy.password_reuse_prevention(), None);
    assert!(!policy.require_symbols);
}
