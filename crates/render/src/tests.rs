//! Whole plans and reports, as a reviewer sees them.

mod agreement;
mod drift;
pub(crate) mod hostile;
mod html;
mod markdown;
mod plans;
mod reports;
pub(crate) mod sample;
mod suggestions;

pub(crate) use plans::{acme, denied, troubled};
pub(crate) use sample::header;
