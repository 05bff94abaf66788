//! The executor: applies a plan, and nothing but the plan.
//!
//! [`apply`] runs a plan's actions as its graph allows, several at a time, and tells of each what became of it. It
//! decides nothing: what is done, to what and after what, the plan says. Each action is safe to repeat, so that an
//! interrupted run is resumed by planning again. A failed action stops what waits for it and nothing else.
//!
//! A person's first password and MFA seed exist in memory and in their sealed kit, a file in [`Options::kits`].
//! [`check_kits`] tells beforehand whether all kits of a plan can be written.
//!
//! [`NewDevice`] and what is beside it enrol a person's own MFA device, without a plan.
//!
//! [`Lock`] keeps other runs on the account away, from before it is read for the plan until the last call.

mod alarm;
mod apply;
mod attachment;
mod credential;
mod dashboard;
mod differences;
mod dispatch;
mod enrol;
mod error;
mod event;
mod group;
mod inline_policy;
mod kit;
mod kit_text;
mod lock;
mod log_group;
mod login_profile;
mod membership;
mod metric_filter;
mod mfa_code;
mod mfa_device;
mod operations;
mod password;
mod password_policy;
mod policy;
mod precheck;
mod qr;
mod report;
mod retry;
mod schedule;
mod step;
mod tags;
mod user;

pub use apply::{Clients, Options, apply};
pub use enrol::{
    DrawError, MOST_DEVICES, NewDevice, ShowError, devices_of, enable_device, resync_device,
};
pub use error::Error;
pub use event::{Answer, Event};
pub use kit::{KitError, check_kits};
pub use lock::{Holder, Lock, LockError};
pub use mfa_code::{CodesError, TotpCode};
pub use operations::{OPERATIONS, required};
pub use report::{ActionResult, Outcome, Report, SkipReason, Warning};
