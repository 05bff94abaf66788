//! Sessions of roles.

use policy::evaluate::{ContextValue, Request};

use super::mfa;
use super::session::{Holder, Session, SessionMfa, SessionPolicies};
use super::session_tags::{self, SessionTags};
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
/// account's, the caller's own policies have to allow it too; those are asked if the sandbox enforces policies. Tags need
/// `sts:TagSession`, and a source identity `sts:SetSourceIdentity`, of both.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
pub(super) fn assume(state: &mut State, account: &str, call: &Call<'_>) -> Answer {
    let wanted = Wanted::of(call)?;
    let caller = state.account(account);
    if *call.caller == Caller::Root {
        let message = "Roles may not be assumed by root accounts.";
        return Err(Error::new(Code::AccessDenied, message));
    }
    let principal = principal(caller, call)?;
    let asked = wanted.asked(caller, call)?;
    let denied = authorization::not_trusted(caller, call, "sts:AssumeRole", wanted.arn)?;

    let owner = wanted.arn.split(':').nth(4).unwrap_or_default();
    let Some(owner) = state.existing_account(owner) else {
        return Err(denied);
    };
    let Some(role) = owner.role_of_arn(wanted.arn) else {
        return Err(denied);
    };
    let is_same_account = owner.id == account;
    asked
        .into_iter()
        .try_for_each(|asked| asked.check(&role.trust_policy, &principal, is_same_account))?;
    let assumed = wanted.name_of(owner, role)?;
    let source_identity = wanted.source_identity;
    let session = wanted.session(role, call)?;
    Ok(Record::new()
        .with("Credentials", owner.sts.issue(session)?)
        .with("AssumedRoleUser", assumed)
        .with_some("SourceIdentity", source_identity))
}

/// Holds what a call says of the session that it wants.
struct Wanted<'a> {
    arn: &'a str,
    name: &'a str,
    seconds: Option<i64>,
    source_identity: Option<&'a str>,
    policies: Option<SessionPolicies>,
    tags: SessionTags,
}

impl<'a> Wanted<'a> {
    fn of(call: &Call<'a>) -> Result<Self, Error> {
        Ok(Self {
            arn: call.input.required_text("RoleArn", &ARN)?,
            name: call.input.required_text("RoleSessionName", &SESSION_NAME)?,
            seconds: call.input.integer("DurationSeconds", 900..=43_200)?,
            source_identity: source_identity(call)?,
            policies: session_policies(call)?,
            tags: SessionTags::of(call)?,
        })
    }

    /// Returns the actions that have to be allowed.
    fn asked(&self, caller: &mut Account, call: &Call<'_>) -> Result<Vec<Asked>, Error> {
        let mfa = mfa::is_shown(caller, call)?;
        let tags = (!self.tags.is_empty()).then_some("sts:TagSession");
        let identity = self.source_identity.map(|_| "sts:SetSourceIdentity");
        let actions = ["sts:AssumeRole"].into_iter().chain(tags).chain(identity);
        let asked = actions.map(|action| Asked::of(caller, call, action, self.arn, mfa));
        asked.collect()
    }

    /// Returns the id and the ARN of the session.
    fn name_of(&self, owner: &Account, role: &Role) -> Result<Record, Error> {
        let session = Caller::Role {
            name: role.name.clone(),
            session: self.name.to_owned(),
        };
        Ok(Record::new()
            .with("AssumedRoleId", format!("{}:{}", role.id, self.name))
            .with("Arn", owner.caller_arn(&session)?))
    }

    fn session(self, role: &Role, call: &Call<'_>) -> Result<Session, Error> {
        let holder = Holder::Role {
            name: role.name.clone(),
            id: role.id.clone(),
            session: self.name.to_owned(),
        };
        let seconds = duration(role, call, self.seconds)?;
        let mut session = Session::begin(holder, call.now, seconds, SessionMfa::Unsaid)?;
        session.policies = self.policies;
        session.source_identity = self.source_identity.map(str::to_owned);
        session.tags = self.tags;
        Ok(session)
    }
}

/// Returns who a session says to be of: what the call says, or what the caller's own session does, which can't be changed.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html>
fn source_identity<'a>(call: &Call<'a>) -> Result<Option<&'a str>, Error> {
    let said = call.input.text("SourceIdentity", &SESSION_NAME)?;
    let set = call.session.and_then(|it| it.source_identity.as_deref());
    match (said, set) {
        (Some(said), Some(set)) if said != set => {
            let message = "The source identity of a session can't be changed.";
            Err(Error::new(Code::AccessDenied, message))
        }
        (said, set) => Ok(said.or(set)),
    }
}

/// Holds an action that the role's trust policy has to allow, and what the caller's own policies make of it.
struct Asked {
    request: Request,
    verdict: Verdict,
    /// The refusal where the trust policy doesn't allow it.
    not_trusted: Error,
}

impl Asked {
    fn of(
        caller: &Account,
        call: &Call<'_>,
        action: &str,
        role: &str,
        mfa: bool,
    ) -> Result<Self, Error> {
        let request = request(caller, call, action, role, mfa)?;
        Ok(Self {
            verdict: authorization::verdict(caller, call, action, &request)?,
            not_trusted: authorization::not_trusted(caller, call, action, role)?,
            request,
        })
    }

    fn check(
        self,
        trust_policy: &str,
        principal: &Principal,
        is_same_account: bool,
    ) -> Result<(), Error> {
        match (trust(trust_policy, principal, &self.request), self.verdict) {
            (Trust::None, _) => Err(self.not_trusted),
            (Trust::Principal, Verdict::NotAllowed(_)) if is_same_account => Ok(()),
            (Trust::Principal | Trust::Account, Verdict::Allowed) => Ok(()),
            (_, Verdict::Denied(refusal) | Verdict::NotAllowed(refusal)) => Err(refusal),
        }
    }
}

/// Returns what is asked of both accounts, with the keys that only this operation has.
fn request(
    caller: &Account,
    call: &Call<'_>,
    action: &str,
    role: &str,
    mfa: bool,
) -> Result<Request, Error> {
    let mut context = authorization::context(caller, call)?;
    if mfa {
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
    let transitive = session_tags::transitive_keys(call)?;
    let transitive = transitive.into_iter().map(str::to_owned).collect();
    context.set("sts:TransitiveTagKeys", ContextValue::Multiple(transitive));
    Request::new(action, role, context).map_err(|_| Error::validation(format!("{role} is invalid")))
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
