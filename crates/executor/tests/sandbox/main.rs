//! The kinds against the sandbox, through the AWS SDK.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod consistency;
mod devices;
mod monitoring;
mod passwords;
mod people;
mod policies;
mod secrets;
mod support;
