//! The sandbox as the AWS SDK sees it: one test a behaviour, each with a sandbox of its own.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on fails"
)]

mod authorization_details;
mod groups;
mod policies;
mod support;
mod users;
