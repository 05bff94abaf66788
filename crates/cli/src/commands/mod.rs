//! The commands, one file each.

pub(crate) mod apply;
pub(crate) mod completions;
pub(crate) mod destroy;
pub(crate) mod drift;
pub(crate) mod enroll;
pub(crate) mod explain;
pub(crate) mod explain_finding;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod logins;
pub(crate) mod man;
pub(crate) mod pattern_test;
pub(crate) mod permissions;
pub(crate) mod plan;
pub(crate) mod policy_eval;
pub(crate) mod policy_lint;
pub(crate) mod policy_prove;
pub(crate) mod report;
pub(crate) mod sandbox;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod unlock;
pub(crate) mod validate;
