//! What fails fails alone, says why and is never empty.

use model::Kind;

use super::aws::{Aws, NoCredentials, unreachable_clients};
use super::desired::{address, snapshot};
use super::monitoring::{declared, recipe};
use crate::{ReadError, whoami};

fn account() -> Aws {
    Aws::default().xml(
        "iam:GetAccountAuthorizationDetails",
        "<UserDetailList><member><Path>/</Path><UserName>alice</UserName></member></UserDetailList><IsTruncated>false</IsTruncated>",
    )
}

#[tokio::test]
async fn a_service_that_refuses_makes_its_kinds_unread_and_no_others() {
    let code = "AccessDeniedException";
    let aws = account()
        .always_refuse("logs:DescribeLogGroups", code, "not you")
        .always_refuse("logs:DescribeMetricFilters", code, "not you");
    let (live, _) = snapshot(&recipe(aws), &declared()).await;
    let unread: Vec<Kind> = live.unread().keys().copied().collect();
    assert_eq!(unread, [Kind::LogGroup, Kind::MetricFilter]);
    let failure = &live.unread()[&Kind::MetricFilter];
    assert_eq!(failure.operation, "logs:DescribeMetricFilters");
    assert_eq!(failure.message, "AccessDeniedException: not you");
    assert!(live.get(&address("alarm/Non-MFA-Console-Logins")).is_some());
    assert!(live.get(&address("user/alice")).is_some());
}

#[tokio::test]
async fn cloudwatch_refusing_is_told_in_its_own_protocol() {
    let aws = account().always_refuse("cloudwatch:DescribeAlarms", "AccessDenied", "not you");
    let (live, _) = snapshot(&recipe(aws), &declared()).await;
    let failure = &live.unread()[&Kind::Alarm];
    assert_eq!(failure.message, "AccessDenied: not you");
    assert!(!live.unread().contains_key(&Kind::Dashboard));
}

#[tokio::test]
async fn throttling_is_retried_and_both_counts_tell() {
    let aws = recipe(account().refuse(
        "logs:DescribeLogGroups",
        400,
        "ThrottlingException",
        "Rate exceeded",
    ));
    let (live, calls) = snapshot(&aws, &declared()).await;
    assert!(live.unread().is_empty(), "{:?}", live.unread());
    let count = calls.counts()["logs:DescribeLogGroups"];
    assert_eq!((count.calls, count.attempts), (1, 2));
}

#[tokio::test]
async fn throttling_without_end_ends_unread() {
    let aws = account().always_refuse(
        "logs:DescribeLogGroups",
        "ThrottlingException",
        "Rate exceeded",
    );
    let (live, calls) = snapshot(&recipe(aws), &declared()).await;
    assert_eq!(
        live.unread()[&Kind::LogGroup].message,
        "ThrottlingException: Rate exceeded"
    );
    assert!(live.unread()[&Kind::LogGroup].is_throttled());
    assert_eq!(calls.counts()["logs:DescribeLogGroups"].attempts, 8);
}

#[tokio::test]
async fn whoever_asks_is_told_what_is_wrong_and_what_to_do() {
    let refused = |status, code: &'static str| async move {
        let aws = Aws::default().refuse("sts:GetCallerIdentity", status, code, "because");
        whoami(&aws.clients().0).await.unwrap_err()
    };
    let expired = refused(400, "ExpiredToken").await;
    assert!(matches!(expired, ReadError::Expired(_)), "{expired:?}");
    assert_eq!(
        expired.to_string(),
        "the AWS credentials have expired: ExpiredToken: because"
    );
    let unknown = refused(403, "InvalidClientTokenId").await;
    assert!(matches!(unknown, ReadError::Refused(_)), "{unknown:?}");
    let denied = refused(403, "AccessDenied").await;
    assert!(matches!(denied, ReadError::Denied(_)), "{denied:?}");
    let aws = Aws::default().always_refuse("sts:GetCallerIdentity", "Throttling", "because");
    let throttled = whoami(&aws.clients().0).await.unwrap_err();
    assert!(
        matches!(throttled, ReadError::Throttled(_)),
        "{throttled:?}"
    );
    let other = refused(400, "ValidationError").await;
    assert!(matches!(other, ReadError::Other(_)), "{other:?}");
}

#[tokio::test]
async fn without_credentials_nothing_is_asked() {
    let (clients, calls) = Aws::default().clients_of(NoCredentials);
    let error = whoami(&clients).await.unwrap_err();
    assert!(matches!(error, ReadError::NoCredentials(_)), "{error:?}");
    assert!(error.hint().contains("aws sso login"));
    assert_eq!(calls.counts()["sts:GetCallerIdentity"].attempts, 0);
}

#[tokio::test]
async fn an_endpoint_that_can_not_be_reached_is_told_from_missing_credentials() {
    let (clients, calls) = unreachable_clients();
    let error = whoami(&clients).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "AWS can't be reached: connection refused"
    );
    assert_eq!(calls.counts()["sts:GetCallerIdentity"].attempts, 3);
}
