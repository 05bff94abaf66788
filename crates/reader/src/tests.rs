//! What is read, by which calls, through the SDK's own clients.

mod aws;
mod bulk;
mod by_user;
mod desired;
mod failures;
mod monitoring;
mod sandbox;
