//! Whole plans and reports, as a reviewer sees them.

mod drift;
mod hostile;
mod plans;
mod reports;
mod sample;
mod suggestions;
