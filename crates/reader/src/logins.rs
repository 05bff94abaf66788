//! Sign-ins to the console, from the log group that a trail writes to, by CloudWatch Logs Insights.
//!
//! "AWS Management Console sign-in events" in the CloudTrail user guide has the events.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cloudwatchlogs::operation::get_query_results::GetQueryResultsOutput;
use aws_sdk_cloudwatchlogs::types::{QueryStatus, ResultField};
use jiff::Timestamp;
use model::{Login, LoginKind, Logins, ReadFailure, UserName};
use tokio::time::{Instant, sleep};

use crate::Clients;
use crate::error::message;
use crate::part::{failure, unexpected};

const START: &str = "logs:StartQuery";
const RESULTS: &str = "logs:GetQueryResults";

/// The most rows that an answer has ("CloudWatch Logs quotas").
const MOST: usize = 10_000;

/// How long to wait between two looks at a query.
const PAUSE: Duration = Duration::from_millis(500);

/// Says which sign-ins are looked for.
#[derive(Debug)]
pub struct LoginSearch {
    /// The log group that a trail writes to.
    pub log_group: String,
    /// From when on.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Only this user's.
    pub user: Option<UserName>,
}

impl LoginSearch {
    /// Returns the query. A user's name has no character that could end the text that it is in.
    fn query(&self) -> String {
        let user = self.user.as_ref();
        let user = user.map(|name| format!(" and userIdentity.userName = \"{name}\""));
        format!(
            "fields @timestamp, userIdentity.type, userIdentity.userName, userIdentity.arn, sourceIPAddress, \
             responseElements.ConsoleLogin, additionalEventData.MFAUsed, errorMessage\n\
             | filter eventSource = \"signin.amazonaws.com\" and eventName = \"ConsoleLogin\"{}\n\
             | sort @timestamp desc\n\
             | limit {MOST}",
            user.unwrap_or_default()
        )
    }
}

/// Holds a query for sign-ins. It goes on, and costs, until it is done or stopped, whoever waits for it.
#[derive(Debug)]
pub struct LoginQuery {
    logs: aws_sdk_cloudwatchlogs::Client,
    id: String,
    query: String,
}

impl LoginQuery {
    /// Begins to look for sign-ins.
    ///
    /// # Errors
    ///
    /// The query can't be made.
    pub async fn start(clients: &Clients, search: &LoginSearch) -> Result<Self, ReadFailure> {
        let logs = clients.logs.clone();
        let query = search.query();
        let call = logs.start_query().log_group_name(&search.log_group);
        let call = call
            .start_time(search.since.as_second())
            .end_time(search.until.as_second())
            .query_string(&query);
        let answer = call.send().await.map_err(|error| failure(START, &error))?;
        let id = answer.query_id().unwrap_or_default().to_owned();
        Ok(Self { logs, id, query })
    }

    /// Waits for the sign-ins, and stops the query after `patience`. What is found until then is returned and said not to be
    /// all.
    ///
    /// # Errors
    ///
    /// The query's results can't be read.
    pub async fn logins(&self, patience: Duration) -> Result<Logins, ReadFailure> {
        let end = Instant::now() + patience;
        loop {
            let call = self.logs.get_query_results().query_id(&self.id);
            let answer = call
                .send()
                .await
                .map_err(|error| failure(RESULTS, &error))?;
            let is_running = matches!(
                answer.status(),
                Some(QueryStatus::Running | QueryStatus::Scheduled)
            );
            if is_running && Instant::now() + PAUSE < end {
                sleep(PAUSE).await;
                continue;
            }
            if is_running {
                self.stop().await;
            }
            let logins = answer.results().iter().map(|row| login(row));
            let logins: Option<Vec<Login>> = logins.collect();
            let logins = logins.ok_or_else(|| unexpected(RESULTS, &"a sign-in without a time"))?;
            return Ok(Logins {
                incomplete: incomplete(&answer, logins.len()),
                query: self.query.clone(),
                logins,
            });
        }
    }

    /// Stops the query. That it ended meanwhile is an error of AWS's, and no harm.
    pub async fn stop(&self) {
        if let Err(error) = self.logs.stop_query().query_id(&self.id).send().await {
            tracing::debug!(error = message(&error), "the query wasn't stopped");
        }
    }
}

fn incomplete(answer: &GetQueryResultsOutput, found: usize) -> Option<String> {
    match answer.status() {
        Some(QueryStatus::Complete) if found < MOST => None,
        Some(QueryStatus::Complete) => Some(format!("only the newest {MOST} are returned")),
        Some(QueryStatus::Running | QueryStatus::Scheduled) => {
            Some("the query was stopped, since it took too long".to_owned())
        }
        Some(status) => Some(format!("the query ended as {status}")),
        None => Some("the query has no status".to_owned()),
    }
}

/// Reads a row; an event has only those fields that apply.
fn login(row: &[ResultField]) -> Option<Login> {
    let fields: BTreeMap<&str, &str> = row
        .iter()
        .filter_map(|field| field.field().zip(field.value()))
        .collect();
    let text = |name: &str| fields.get(name).copied().filter(|text| !text.is_empty());
    let kind = match text("userIdentity.type") {
        Some("Root") => LoginKind::Root,
        Some("IAMUser") => LoginKind::User,
        _ => LoginKind::Federated,
    };
    // `2026-11-24 20:00:00.000`, in UTC.
    let time = text("@timestamp")?.replacen(' ', "T", 1) + "Z";
    Some(Login {
        time: time.parse().ok()?,
        who: match kind {
            LoginKind::Root => "root".to_owned(),
            LoginKind::User | LoginKind::Federated => {
                let arn = text("userIdentity.arn").map(last_part);
                let name = text("userIdentity.userName").or(arn);
                name.unwrap_or("unknown").to_owned()
            }
        },
        kind,
        success: text("responseElements.ConsoleLogin") == Some("Success"),
        mfa: text("additionalEventData.MFAUsed").map(|used| used == "Yes"),
        from: text("sourceIPAddress").unwrap_or_default().to_owned(),
        error: text("errorMessage").map(str::to_owned),
    })
}

/// Returns the name in an ARN: of a role's session `role/NAME/SESSION`.
fn last_part(arn: &str) -> &str {
    arn.split_once('/').map_or(arn, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(fields: &[(&str, &str)]) -> Vec<ResultField> {
        let field = |(field, value): &(&str, &str)| {
            ResultField::builder().field(*field).value(*value).build()
        };
        fields.iter().map(field).collect()
    }

    #[test]
    fn who_fails_with_a_name_that_is_no_users_is_not_named_by_cloudtrail() {
        let failed = login(&row(&[
            ("@timestamp", "2026-11-24 20:00:00.123"),
            ("userIdentity.type", "IAMUser"),
            ("userIdentity.userName", "HIDDEN_DUE_TO_SECURITY_REASONS"),
            ("sourceIPAddress", "192.0.2.1"),
            ("responseElements.ConsoleLogin", "Failure"),
            ("additionalEventData.MFAUsed", "No"),
            ("errorMessage", "No username found in supplied account"),
        ]))
        .unwrap();
        assert!(!failed.success && !failed.is_without_mfa());
        assert_eq!(failed.time.to_string(), "2026-11-24T20:00:00.123Z");
    }

    #[test]
    fn a_session_of_a_role_has_its_mfa_elsewhere() {
        let session = login(&row(&[
            ("@timestamp", "2026-11-24 20:00:00.000"),
            ("userIdentity.type", "AssumedRole"),
            (
                "userIdentity.arn",
                "arn:aws:sts::123456789012:assumed-role/Admin/alice@example.com",
            ),
            ("responseElements.ConsoleLogin", "Success"),
            ("additionalEventData.MFAUsed", "No"),
        ]))
        .unwrap();
        assert_eq!(session.who, "Admin/alice@example.com");
        assert!(session.success && !session.is_without_mfa());
    }

    #[test]
    fn the_query_has_the_user_and_no_more_than_there_can_be() {
        let search = LoginSearch {
            log_group: "trail".to_owned(),
            since: Timestamp::UNIX_EPOCH,
            until: Timestamp::UNIX_EPOCH,
            user: UserName::new("alice").ok(),
        };
        let query = search.query();
        assert!(
            query.contains("and userIdentity.userName = \"alice\"\n"),
            "{query}"
        );
        assert!(query.ends_with("| limit 10000"));
    }
}
