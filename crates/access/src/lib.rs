//! Who can do what in an account, proved from the policy documents in force.
//!
//! [`prove`] takes one state of an account and says of each [`Claim`] and each user whether it holds: [`Verdict::Proved`]
//! for every request that could be made, [`Verdict::Violated`] with a request that shows it, or
//! [`Verdict::CannotProve`] with the reason. Never a silent yes.
//!
//! What is proved is what identity policies, group policies, permissions boundaries and service control policies decide.
//! A policy of a resource, such as a bucket's, can allow more: [`Claim::DeniedWithoutMfa`] is the claim that it can't.
//!
//! [`conditions`] tells what is wrong with the credentials of an account, by its credential report.
//!
//! Pure: the same state gives the same verdicts.

mod actions;
mod check;
mod claim;
mod conditions;
mod examples;
mod explain_holder;
mod explain_request;
mod gains;
mod in_force;
mod lint;
mod logins;
mod principal;
mod prove;
mod requests;
mod review;
mod steps;
mod verdict;

pub use claim::Claim;
pub use conditions::{Ages, conditions};
pub use explain_holder::{Holder, Holding, prove_holder};
pub use explain_request::{
    Answer, Near, Outcome, arn_of, declared, explain_request, is_as_declared, probable_resource,
};
pub use in_force::unread;
pub use lint::{Example, Explanation, Mistake, explain, lint};
pub use logins::from_new_address;
pub use prove::{Asked, Keeps, Proof, caller_can_not, prove};
pub use review::{by, by_limit, digest, lints, review};
pub use verdict::{Limit, Obstacle, Verdict, Via, Witness};
