use aws_sdk_sts::types::PolicyDescriptorType;

use crate::support::{aws, code, codes, iam_with, sts_as, sts_with, temporary};

#[tokio::test]
async fn a_session_of_a_user_is_the_user_but_without_mfa_calls_no_iam() {
    let aws = aws().await;
    aws.user("alice").await;
    let alice = sts_as(&aws.sandbox, &aws.key("alice").await);
    let given = alice.get_session_token().send().await.unwrap();
    let given = temporary(&given.credentials.unwrap());
    assert!(given.access_key_id().starts_with("ASIA"));
    let session = sts_with(&aws.sandbox, given.clone());
    let identity = session.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.arn(), Some("arn:aws:iam::123456789012:user/alice"));
    let iam = iam_with(&aws.sandbox, given);
    assert_eq!(code(iam.get_user().send().await), "InvalidClientTokenId");
    let again = session.get_session_token().send().await;
    assert_eq!(code(again), "AccessDenied");
}

#[tokio::test]
async fn a_session_with_a_code_of_the_users_device_calls_iam() {
    let aws = aws().await;
    aws.user("alice").await;
    aws.user("bob").await;
    let (serial, seed) = aws.device("alice").await;
    let (bobs, _) = aws.device("bob").await;
    let alice = sts_as(&aws.sandbox, &aws.key("alice").await);
    let get = |serial: Option<&str>, code: Option<&str>| {
        let get = alice.get_session_token();
        let get = get.set_serial_number(serial.map(str::to_owned));
        get.set_token_code(code.map(str::to_owned)).send()
    };
    // Those of now have enabled the device, and are spent.
    let [spent, next, wrong] = codes(&seed, [0, 1, -9]);
    for (serial, shown) in [
        (Some(serial.as_str()), Some(wrong.as_str())),
        (Some(serial.as_str()), Some(spent.as_str())),
        (Some(serial.as_str()), None),
        (None, Some(next.as_str())),
        (Some(bobs.as_str()), Some(next.as_str())),
        (
            Some("arn:aws:iam::123456789012:mfa/none"),
            Some(next.as_str()),
        ),
    ] {
        assert_eq!(code(get(serial, shown).await), "AccessDenied");
    }
    let given = get(Some(&serial), Some(&next)).await.unwrap();
    let again = get(Some(&serial), Some(&next)).await;
    assert_eq!(code(again), "AccessDenied");
    let iam = iam_with(&aws.sandbox, temporary(&given.credentials.unwrap()));
    let user = iam.get_user().send().await.unwrap();
    assert_eq!(user.user.unwrap().user_name, "alice");
}

#[tokio::test]
async fn a_session_needs_its_token_and_ends_with_its_user_but_not_with_the_users_name() {
    let aws = aws().await;
    aws.user("alice").await;
    let key = aws.key("alice").await;
    let alice = sts_as(&aws.sandbox, &key);
    let given = alice.get_session_token().send().await.unwrap();
    let given = temporary(&given.credentials.unwrap());
    let without = sts_as(&aws.sandbox, given.access_key_id());
    let refused = without.get_caller_identity().send().await;
    assert_eq!(code(refused), "InvalidClientTokenId");

    let rename = aws.iam.update_user().user_name("alice");
    rename.new_user_name("alicia").send().await.unwrap();
    let session = sts_with(&aws.sandbox, given);
    let identity = session.get_caller_identity().send().await.unwrap();
    assert!(identity.arn().unwrap().ends_with("user/alicia"));

    let delete = aws.iam.delete_access_key().user_name("alicia");
    delete.access_key_id(&key).send().await.unwrap();
    let refused = alice.get_caller_identity().send().await;
    assert_eq!(code(refused), "InvalidClientTokenId");
    aws.iam
        .delete_user()
        .user_name("alicia")
        .send()
        .await
        .unwrap();
    aws.user("alicia").await;
    let refused = session.get_caller_identity().send().await;
    assert_eq!(code(refused), "InvalidClientTokenId");
}

#[tokio::test]
async fn the_accounts_own_session_lasts_an_hour_at_most() {
    let aws = aws().await;
    let get = aws.sts.get_session_token().duration_seconds(129_600);
    let given = get.send().await.unwrap().credentials.unwrap();
    let identity = sts_with(&aws.sandbox, temporary(&given));
    let identity = identity.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.arn(), Some("arn:aws:iam::123456789012:root"));
    let now = std::time::SystemTime::now();
    let left = std::time::SystemTime::try_from(*given.expiration()).unwrap();
    assert!(left.duration_since(now).unwrap().as_secs() <= 3_600);
}

#[tokio::test]
async fn a_role_is_assumed_by_whom_it_trusts_and_not_by_the_root_user() {
    let aws = aws().await;
    aws.user("alice").await;
    aws.user("bob").await;
    let trusted = r#"{"AWS":"arn:aws:iam::123456789012:user/alice"}"#;
    let arn = aws.role("admin", trusted, "").await;
    let assume = |sts: &aws_sdk_sts::Client, arn: &str| {
        let assume = sts.assume_role().role_arn(arn);
        assume.role_session_name("work").send()
    };
    let alice = sts_as(&aws.sandbox, &aws.key("alice").await);
    let bob = sts_as(&aws.sandbox, &aws.key("bob").await);
    assert_eq!(code(assume(&bob, &arn).await), "AccessDenied");
    assert_eq!(code(assume(&aws.sts, &arn).await), "AccessDenied");
    let none = "arn:aws:iam::123456789012:role/none";
    assert_eq!(code(assume(&alice, none).await), "AccessDenied");
    let none = "arn:aws:iam::210987654321:role/admin";
    assert_eq!(code(assume(&alice, none).await), "AccessDenied");

    let assumed = assume(&alice, &arn).await.unwrap();
    let expected = "arn:aws:sts::123456789012:assumed-role/admin/work";
    let user = assumed.assumed_role_user.unwrap();
    assert_eq!(user.arn(), expected);
    assert!(user.assumed_role_id().starts_with("AROA"));
    let given = temporary(&assumed.credentials.unwrap());
    let session = sts_with(&aws.sandbox, given.clone());
    let identity = session.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.arn(), Some(expected));
    let iam = iam_with(&aws.sandbox, given);
    iam.list_users().send().await.unwrap();
    assert_eq!(code(iam.get_user().send().await), "ValidationError");
}

#[tokio::test]
async fn a_role_of_another_account_is_assumed_with_the_external_id_it_asks_for() {
    let aws = aws().await;
    aws.user("alice").await;
    let other = crate::support::iam_as(&aws.sandbox, "210987654321");
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},
        "Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"seven"}}}}"#;
    let create = other.create_role().role_name("guest").path("/in/");
    create
        .assume_role_policy_document(trust)
        .send()
        .await
        .unwrap();
    let alice = sts_as(&aws.sandbox, &aws.key("alice").await);
    let assume = |id| {
        let assume = alice.assume_role().external_id(id);
        let assume = assume.role_arn("arn:aws:iam::210987654321:role/in/guest");
        assume.role_session_name("work").send()
    };
    assert_eq!(code(assume("eight").await), "AccessDenied");
    let assumed = assume("seven").await.unwrap();
    let session = sts_with(&aws.sandbox, temporary(&assumed.credentials.unwrap()));
    let identity = session.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account(), Some("210987654321"));
}

#[tokio::test]
async fn a_role_that_asks_for_mfa_is_assumed_with_a_code_or_with_a_session_that_had_one() {
    let aws = aws().await;
    for user in ["alice", "bob"] {
        aws.user(user).await;
    }
    let (serial, seed) = aws.device("alice").await;
    let (bobs, bobs_seed) = aws.device("bob").await;
    let mfa = r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#;
    let arn = aws.role("admin", r#"{"AWS":"123456789012"}"#, mfa).await;
    let alice = sts_as(&aws.sandbox, &aws.key("alice").await);
    let assume = |sts: &aws_sdk_sts::Client| {
        let assume = sts.assume_role().role_arn(&arn);
        assume.role_session_name("work")
    };
    assert_eq!(code(assume(&alice).send().await), "AccessDenied");
    let [shown] = codes(&seed, [1]);
    let with_code = || assume(&alice).serial_number(&serial).token_code(&shown);
    with_code().send().await.unwrap();
    assert_eq!(code(with_code().send().await), "AccessDenied");
    let bob = sts_as(&aws.sandbox, &aws.key("bob").await);
    let get = bob.get_session_token().serial_number(&bobs);
    let [shown] = codes(&bobs_seed, [1]);
    let given = get.token_code(shown).send().await.unwrap();
    let session = sts_with(&aws.sandbox, temporary(&given.credentials.unwrap()));
    let assumed = assume(&session).send().await.unwrap();
    // The role's own session says nothing of MFA, so that one is not enough for the next.
    let session = sts_with(&aws.sandbox, temporary(&assumed.credentials.unwrap()));
    assert_eq!(code(assume(&session).send().await), "AccessDenied");
}

#[tokio::test]
async fn a_session_of_a_role_lasts_as_long_as_the_role_says_and_an_hour_in_a_chain() {
    let aws = aws().await;
    aws.user("alice").await;
    let arn = aws.role("admin", r#"{"AWS":"123456789012"}"#, "").await;
    let assume = |sts: &aws_sdk_sts::Client, seconds| {
        let assume = sts.assume_role().role_arn(&arn).duration_seconds(seconds);
        assume.role_session_name("work").send()
    };
    let alice = sts_as(&aws.sandbox, &aws.key("alice").await);
    assert_eq!(code(assume(&alice, 3_601).await), "ValidationError");
    let update = aws.iam.update_role().role_name("admin");
    update.max_session_duration(7_200).send().await.unwrap();
    let assumed = assume(&alice, 7_200).await.unwrap();
    let session = sts_with(&aws.sandbox, temporary(&assumed.credentials.unwrap()));
    assert_eq!(code(assume(&session, 7_200).await), "ValidationError");
    assume(&session, 3_600).await.unwrap();
}

#[tokio::test]
async fn a_session_policy_is_a_policy() {
    let aws = aws().await;
    aws.user("alice").await;
    let arn = aws.role("admin", r#"{"AWS":"123456789012"}"#, "").await;
    let alice = sts_as(&aws.sandbox, &aws.key("alice").await);
    let assume = alice.assume_role().role_arn(&arn).role_session_name("work");
    let refused = assume.clone().policy("{}").send().await;
    assert_eq!(code(refused), "MalformedPolicyDocument");
    let managed = PolicyDescriptorType::builder();
    let managed = managed
        .arn("arn:aws:iam::aws:policy/ReadOnlyAccess")
        .build();
    assume.policy_arns(managed).send().await.unwrap();
}

#[tokio::test]
async fn the_account_of_a_key_is_told() {
    let aws = aws().await;
    aws.user("alice").await;
    let key = aws.key("alice").await;
    let info = aws.sts.get_access_key_info().access_key_id(key);
    let info = info.send().await.unwrap();
    assert_eq!(info.account(), Some("123456789012"));
}

#[tokio::test]
async fn the_use_of_a_role_is_kept() {
    let aws = aws().await;
    aws.user("alice").await;
    let arn = aws.role("admin", r#"{"AWS":"123456789012"}"#, "").await;
    let alice = sts_as(&aws.sandbox, &aws.key("alice").await);
    let assume = alice.assume_role().role_arn(&arn).role_session_name("work");
    let assumed = assume.send().await.unwrap();
    let used = async || {
        let role = aws.iam.get_role().role_name("admin").send().await;
        role.unwrap().role.unwrap().role_last_used.unwrap()
    };
    assert_eq!(used().await.last_used_date(), None);
    let session = sts_with(&aws.sandbox, temporary(&assumed.credentials.unwrap()));
    session.get_caller_identity().send().await.unwrap();
    assert_eq!(used().await.region(), Some("us-east-1"));
    let details = aws.iam.get_account_authorization_details().send().await;
    let details = details.unwrap();
    let role = &details.role_detail_list()[0];
    assert_eq!(role.role_last_used(), Some(&used().await));
}

#[tokio::test]
async fn a_session_in_a_chain_keeps_its_source_identity() {
    let aws = aws().await;
    aws.user("alice").await;
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},
        "Action":["sts:AssumeRole","sts:SetSourceIdentity"]}}"#;
    let create = aws.iam.create_role().role_name("admin");
    let create = create.assume_role_policy_document(trust).send().await;
    let arn = create.unwrap().role.unwrap().arn;
    let plain = aws.role("plain", r#"{"AWS":"123456789012"}"#, "").await;
    let alice = sts_as(&aws.sandbox, &aws.key("alice").await);
    let assume = |sts: &aws_sdk_sts::Client, arn: &str, identity: Option<&str>| {
        let assume = sts.assume_role().role_arn(arn).role_session_name("work");
        assume
            .set_source_identity(identity.map(str::to_owned))
            .send()
    };
    assert_eq!(
        code(assume(&alice, &plain, Some("alice")).await),
        "AccessDenied"
    );
    let first = assume(&alice, &arn, Some("alice")).await.unwrap();
    let session = sts_with(&aws.sandbox, temporary(&first.credentials.unwrap()));
    let second = assume(&session, &arn, None).await.unwrap();
    assert_eq!(second.source_identity(), Some("alice"));
    assert_eq!(
        code(assume(&session, &arn, Some("bob")).await),
        "AccessDenied"
    );
}
