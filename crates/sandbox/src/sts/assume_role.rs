//! Sessions of roles.

use policy::evaluate::Request;

use super::mfa;
use super::session::{Holder, Session, SessionMfa, SessionPolicies};
use super::trust::{Principal, Trust, trust};
use crate::authorization::{self, Verdict};
use crate::call::{Call, Pattern, Shape};
use crate::caller::Caller;
use crate::error::{Code, Error};
use crate::iam::{ARN, DOCUMENT, Role, check_identity_policy};
use crate::operation::Answer;
use crate::state::{Account, State};
use crate::value::Record;

const SESSION_NAME: Shape = Shape {
    lengths: 2..=64,
    pattern: Pattern {
        expression: r"[\w+=,.@-]*",
        matches: |name| {
            let word = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
            name.bytes().all(word)
        },
    },
};
const EXTERNAL_ID: Shape = Shape {
    lengths: 2..=1_224,
    pattern: Pattern {
        expression: r"[\w+=,.@:\/-]*",
        matches: |id| {
            let word = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&b);
            id.bytes().all(word)
        },
    },
};

/// How long a session lasts at most that a session of a role begins, in seconds.
const LONGEST_CHAINED: i64 = 3_600;

/// How many characters session policies have together at most.
const POLICIES_SIZE: usize = 2_048;

/// Gives temporary credentials of a role, of any account of the sandbox, that trusts the caller.
///
/// The role's trust policy has to let the caller in. Where it doesn't name the caller itself, or the role is another
/// account's, the caller's own policies have to allow it too; those are asked if the sandbox enforces policies. Session
/// tags are not kept.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
pub(super) fn assume(state: &mut State, account: &str, call: &Call<'_>) -> Answer {
    let arn = call.input.required_text("RoleArn", &ARN)?;
    let name = call.input.required_text("RoleSessionName", &SESSION_NAME)?;
    let seconds = call.input.integer("DurationSeconds", 900..=43_200)?;
    let identity = call.input.text("SourceIdentity", &SESSION_NAME)?;
    let policies = session_policies(call)?;
    let caller = state.account(account);
    if *call.caller == Caller::Root {
        let message = "Roles may not be assumed by root accounts.";
        return Err(Error::new(Code::AccessDenied, message));
    }
    let request = request(caller, call, arn)?;
    let principal = principal(caller, call)?;
    let verdict = authorization::verdict(caller, call, "sts:AssumeRole", &request)?;
    let denied = authorization::not_trusted(caller, call, arn)?;

    let owner = arn.split(':').nth(4).unwrap_or_default();
    let Some(owner) = state.existing_account(owner) else {
        return Err(denied);
    };
    let Some(role) = owner.role_of_arn(arn) else {
        return Err(denied);
    };
    match (trust(&role.trust_policy, &principal, &request), verdict) {
        (Trust::None, _) => return Err(denied),
        (Trust::Principal, Verdict::NotAllowed(_)) if owner.id == account => {}
        (Trust::Principal | Trust::Account, Verdict::Allowed) => {}
        (_, Verdict::Denied(refusal) | Verdict::NotAllowed(refusal)) => return Err(refusal),
    }
    let seconds = duration(role, call, seconds)?;
    let holder = Holder::Role {
        name: role.name.clone(),
        id: role.id.clone(),
        session: name.to_owned(),
    };
    let session_caller = Caller::Role {
        name: role.name.clone(),
        session: name.to_owned(),
    };
    let role_id = role.id.clone();
    let mut session = Session::begin(holder, call.now, seconds, SessionMfa::Unsaid)?;
    session.policies = policies;
    session.source_identity = identity.map(str::to_owned);
    let assumed = Record::new()
        .with("AssumedRoleId", format!("{role_id}:{name}"))
        .with("Arn", owner.caller_arn(&session_caller)?);
    Ok(Record::new()
        .with("Credentials", owner.sts.issue(session)?)
        .with("AssumedRoleUser", assumed)
        .with_some("SourceIdentity", identity))
}

/// Returns what is asked of both accounts, with the keys that only this operation has.
fn request(caller: &Account, call: &Call<'_>, role: &str) -> Result<Request, Error> {
    let mut context = authorization::context(caller, call)?;
    if mfa::is_shown(caller, call)? {
        context = context
            .with("aws:MultiFactorAuthPresent", "true")
            .with("aws:MultiFactorAuthAge", "0");
    }
    let keys = [
        ("sts:ExternalId", "ExternalId", &EXTERNAL_ID),
        ("sts:RoleSessionName", "RoleSessionName", &SESSION_NAME),
        ("sts:SourceIdentity", "SourceIdentity", &SESSION_NAME),
    ];
    for (key, parameter, shape) in keys {
        if let Some(value) = call.input.text(parameter, shape)? {
            context = context.with(key, value);
        }
    }
    Request::new("sts:AssumeRole", role, context)
        .map_err(|_| Error::validation(format!("{role} is invalid")))
}

fn principal(account: &Account, call: &Call<'_>) -> Result<Principal, Error> {
    let mut names = vec![account.caller_arn(call.caller)?];
    match call.caller {
        Caller::Root => {}
        Caller::User(name) => names.push(account.iam.user(name)?.id.clone()),
        Caller::Role { name, .. } => {
            let role = account.iam.role(name)?;
            names.extend([account.role_arn(role), role.id.clone()]);
        }
    }
    Ok(Principal {
        account: account.id.clone(),
        names,
    })
}

fn duration(role: &Role, call: &Call<'_>, seconds: Option<i64>) -> Result<i64, Error> {
    let seconds = seconds.unwrap_or(3_600);
    if seconds > role.max_session_duration {
        return Err(Error::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    if call.session.is_some() && seconds > LONGEST_CHAINED {
        return Err(Error::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    Ok(seconds)
}

/// Returns the session policies that a call passes, checked.
fn session_policies(call: &Call<'_>) -> Result<Option<SessionPolicies>, Error> {
    let inline = call.input.text("Policy", &DOCUMENT)?;
    let managed = call.input.records("PolicyArns")?.unwrap_or_default();
    if inline.is_none() && managed.is_empty() {
        return Ok(None);
    }
    if let Some(document) = inline {
        check_identity_policy(document)?;
        if document.chars().count() > POLICIES_SIZE {
            return Err(Error::validation(format!(
                "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to {POLICIES_SIZE}"
            )));
        }
    }
    let managed = managed
        .iter()
        .map(|descriptor| descriptor.required_text("arn", &ARN).map(str::to_owned));
    Ok(Some(SessionPolicies {
        inline: inline.map(str::to_owned),
        managed: managed.collect::<Result<_, _>>()?,
    }))
}
