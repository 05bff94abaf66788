//! Whole plans and reports, as a reviewer sees them.

mod agreement;
mod drift;
mod hostile;
mod html;
mod markdown;
mod plans;
mod reports;
mod sample;
mod suggestions;

pub(crate) use plans::{acme, troubled};
pub(crate) use sample::header;
