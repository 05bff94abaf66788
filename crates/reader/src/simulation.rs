//! What AWS's own policy simulator says of a request.

use aws_sdk_iam::types::{
    ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType,
};
use model::{ReadFailure, Session};

use crate::Clients;
use crate::error::message;

/// Says what the simulator decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Simulated {
    /// The request is allowed.
    Allowed,
    /// Nothing allows it.
    ImplicitlyDenied,
    /// Something denies it.
    ExplicitlyDenied,
}

/// Asks AWS what a request of a user or role comes to, by `SimulatePrincipalPolicy`.
///
/// It looks at the documents in force for the principal with this ARN, its permissions boundary and the organization's
/// service control policies. It knows no condition keys of the session by itself, so those about MFA are sent along; a
/// session with MFA is one that has just begun.
///
/// # Errors
///
/// When AWS refuses or doesn't answer, or answers with a decision that isn't known.
pub async fn simulate(
    clients: &Clients,
    principal: &str,
    action: &str,
    resource: &str,
    session: Session,
) -> Result<Simulated, ReadFailure> {
    let failure = |message: String| ReadFailure {
        operation: "iam:SimulatePrincipalPolicy".to_owned(),
        message,
    };
    let answer = clients
        .iam
        .simulate_principal_policy()
        .policy_source_arn(principal)
        .action_names(action)
        .resource_arns(resource)
        .set_context_entries(Some(context(session)))
        .send()
        .await
        .map_err(|error| failure(message(&error)))?;
    let decision = answer
        .evaluation_results()
        .first()
        .map(EvaluationResult::eval_decision);
    match decision {
        Some(PolicyEvaluationDecisionType::Allowed) => Ok(Simulated::Allowed),
        Some(PolicyEvaluationDecisionType::ImplicitDeny) => Ok(Simulated::ImplicitlyDenied),
        Some(PolicyEvaluationDecisionType::ExplicitDeny) => Ok(Simulated::ExplicitlyDenied),
        Some(other) => Err(failure(format!(
            "an unexpected decision `{}`",
            other.as_str().escape_debug()
        ))),
        None => Err(failure("an answer without a decision".to_owned())),
    }
}

/// Returns what the session's requests have of condition keys ("AWS global condition context keys").
fn context(session: Session) -> Vec<ContextEntry> {
    let present = |value| {
        entry(
            "aws:MultiFactorAuthPresent",
            ContextKeyTypeEnum::Boolean,
            value,
        )
    };
    match session {
        Session::Key | Session::Role => Vec::new(),
        Session::Password => vec![present("false")],
        Session::Mfa => vec![
            present("true"),
            entry("aws:MultiFactorAuthAge", ContextKeyTypeEnum::Numeric, "0"),
        ],
    }
}

fn entry(key: &str, kind: ContextKeyTypeEnum, value: &str) -> ContextEntry {
    ContextEntry::builder()
        .context_key_name(key)
        .context_key_type(kind)
        .context_key_values(value)
        .build()
}
