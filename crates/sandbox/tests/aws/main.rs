//! The sandbox as the AWS SDK sees it: one test a behaviour, each with a sandbox of its own.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on fails"
)]

mod access_keys;
mod account;
mod alarm_states;
mod alarms;
mod attachments;
mod authorization_details;
mod cloudtrail;
mod cloudwatch_protocols;
mod composite_alarms;
mod credentials;
mod dashboards;
mod enforcement;
mod faults;
mod groups;
mod inline_policies;
mod insights;
mod log_events;
mod log_groups;
mod login_profiles;
mod metric_filters;
mod metrics;
mod mfa_devices;
mod password_policy;
mod policies;
mod protocol;
mod retention_policies;
mod roles;
mod s3;
mod sign_in;
mod simulation;
mod ssh_keys;
mod store;
mod sts;
mod subscription_filters;
mod support;
mod tags;
mod users;
