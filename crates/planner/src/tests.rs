//! Whole plans: what is decided, in which order, and the laws that hold for every account.

mod account;
mod decisions;
mod drift;
mod expiry;
mod guards;
mod laws;
mod mfa;
mod order;
mod quotas;
mod resets;
mod world;
