use aws_sdk_iam::types::{
    ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType as Decided,
    ResourceSpecificResult,
};

use crate::support::{ACCOUNT, ALLOW_ALL, Aws, aws, code};

const DENY_WITHOUT_MFA: &str = r#"{"Version":"2012-10-17","Statement":[
  {"Effect":"Allow","Action":"*","Resource":"*"},
  {"Effect":"Deny","NotAction":"iam:GetUser","Resource":"*",
   "Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}]}"#;

fn mfa(present: &str) -> ContextEntry {
    ContextEntry::builder()
        .context_key_name("aws:multifactorauthpresent")
        .context_key_type(ContextKeyTypeEnum::Boolean)
        .context_key_values(present)
        .build()
}

/// Simulates one action, with a user's policies, on a resource.
async fn simulate(aws: &Aws, user: &str, action: &str, resource: &str) -> Decided {
    let simulate = aws.iam.simulate_principal_policy().action_names(action);
    let simulate = simulate.resource_arns(resource);
    let source = format!("arn:aws:iam::{ACCOUNT}:user/{user}");
    let simulated = simulate.policy_source_arn(source).send().await.unwrap();
    simulated.evaluation_results()[0].eval_decision().clone()
}

#[tokio::test]
async fn policies_decide_by_the_context_that_is_sent() {
    let aws = aws().await;
    let simulate = |entry: Option<ContextEntry>| {
        let simulate = aws.iam.simulate_custom_policy();
        let simulate = simulate.policy_input_list(DENY_WITHOUT_MFA);
        let simulate = simulate.action_names("iam:CreateUser");
        simulate
            .set_context_entries(entry.map(|entry| vec![entry]))
            .send()
    };
    for (entry, expected) in [
        (None, Decided::ExplicitDeny),
        (Some(mfa("false")), Decided::ExplicitDeny),
        (Some(mfa("true")), Decided::Allowed),
    ] {
        let result = simulate(entry.clone()).await.unwrap();
        let result = &result.evaluation_results()[0];
        assert_eq!(*result.eval_decision(), expected);
        let missing: &[&str] = if entry.is_some() {
            &[]
        } else {
            &["aws:MultiFactorAuthPresent"]
        };
        assert_eq!(result.missing_context_values(), missing);
    }
}

#[tokio::test]
async fn the_statements_that_decided_are_told_with_their_places() {
    let aws = aws().await;
    let simulate = aws.iam.simulate_custom_policy();
    let simulate = simulate.policy_input_list(DENY_WITHOUT_MFA);
    let simulate = simulate.action_names("iam:CreateUser");
    let simulated = simulate.send().await.unwrap();
    let statements = simulated.evaluation_results()[0].matched_statements();
    assert_eq!(statements.len(), 1);
    assert_eq!(statements[0].source_policy_id(), Some("PolicyInputList.1"));
    let start = statements[0].start_position().unwrap();
    let end = statements[0].end_position().unwrap();
    assert_eq!((start.line(), start.column(), end.line()), (3, 3, 4));
}

#[tokio::test]
async fn a_user_has_the_policies_of_its_groups_and_its_boundary() {
    let aws = aws().await;
    aws.user("alice").await;
    assert_eq!(
        simulate(&aws, "alice", "iam:GetUser", "*").await,
        Decided::ImplicitDeny
    );
    aws.group("admins").await;
    aws.member("admins", "alice").await;
    let attach = aws.iam.attach_group_policy().group_name("admins");
    let attach = attach.policy_arn("arn:aws:iam::aws:policy/AdministratorAccess");
    attach.send().await.unwrap();
    assert_eq!(
        simulate(&aws, "alice", "iam:CreateUser", "*").await,
        Decided::Allowed
    );
    let put = aws.iam.put_user_permissions_boundary().user_name("alice");
    let put = put.permissions_boundary("arn:aws:iam::aws:policy/ReadOnlyAccess");
    put.send().await.unwrap();
    assert_eq!(
        simulate(&aws, "alice", "iam:CreateUser", "*").await,
        Decided::ImplicitDeny
    );
    assert_eq!(
        simulate(&aws, "alice", "iam:GetUser", "*").await,
        Decided::Allowed
    );
}

#[tokio::test]
async fn a_variable_is_the_simulated_users() {
    let aws = aws().await;
    aws.user("alice").await;
    let own =
        r#"{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:user/${aws:username}"}"#;
    aws.allow("alice", own).await;
    let alice = format!("arn:aws:iam::{ACCOUNT}:user/alice");
    let bob = format!("arn:aws:iam::{ACCOUNT}:user/bob");
    assert_eq!(
        simulate(&aws, "alice", "iam:GetUser", &alice).await,
        Decided::Allowed
    );
    assert_eq!(
        simulate(&aws, "alice", "iam:GetUser", &bob).await,
        Decided::ImplicitDeny
    );

    let both = aws
        .iam
        .simulate_principal_policy()
        .policy_source_arn(&alice);
    let both = both
        .action_names("iam:GetUser")
        .resource_arns(&alice)
        .resource_arns(&bob);
    let both = both.send().await.unwrap();
    let result: &EvaluationResult = &both.evaluation_results()[0];
    // An action has one result, the most restrictive one.
    assert_eq!(*result.eval_decision(), Decided::ImplicitDeny);
    let specific = result.resource_specific_results().iter();
    let specific: Vec<_> = specific
        .map(ResourceSpecificResult::eval_resource_decision)
        .collect();
    assert_eq!(specific, [&Decided::Allowed, &Decided::ImplicitDeny]);
}

#[tokio::test]
async fn actions_come_in_pages() {
    let aws = aws().await;
    let simulate = aws
        .iam
        .simulate_custom_policy()
        .policy_input_list(ALLOW_ALL);
    let actions = ["iam:GetUser", "iam:GetRole", "iam:GetGroup"];
    let simulate = simulate.set_action_names(Some(actions.map(str::to_owned).into()));
    let mut pages = simulate.max_items(2).into_paginator().send();
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        names.extend(
            page.evaluation_results()
                .iter()
                .map(|it| it.eval_action_name().to_owned()),
        );
    }
    assert_eq!(names, actions);
}

#[tokio::test]
async fn what_is_not_simulated_is_refused_and_not_guessed() {
    let aws = aws().await;
    let simulate = || {
        let simulate = aws
            .iam
            .simulate_custom_policy()
            .policy_input_list(ALLOW_ALL);
        simulate.action_names("iam:GetUser")
    };
    let refused = simulate().resource_policy(ALLOW_ALL).send().await;
    assert_eq!(code(refused), "InvalidInput");
    let refused = simulate().action_names("iam:*").send().await;
    assert_eq!(code(refused), "InvalidInput");
    let refused = simulate().policy_input_list("{}").send().await;
    assert_eq!(code(refused), "InvalidInput");
    let simulate = aws
        .iam
        .simulate_principal_policy()
        .action_names("iam:GetUser");
    let nobody = format!("arn:aws:iam::{ACCOUNT}:user/nobody");
    let refused = simulate.policy_source_arn(nobody).send().await;
    assert_eq!(code(refused), "NoSuchEntity");
}

#[tokio::test]
async fn the_keys_that_policies_ask_for_are_told() {
    let aws = aws().await;
    let keys = aws.iam.get_context_keys_for_custom_policy();
    let keys = keys
        .policy_input_list(DENY_WITHOUT_MFA)
        .send()
        .await
        .unwrap();
    assert_eq!(keys.context_key_names(), ["aws:MultiFactorAuthPresent"]);
}
