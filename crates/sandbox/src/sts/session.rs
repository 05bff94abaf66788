//! Temporary credentials: given, kept until they end, recognised.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::session_tags::SessionTags;
use crate::caller::Caller;
use crate::error::Error;
use crate::iam::{User, ids};
use crate::state::Account;
use crate::value::{Record, Value};

/// Holds the sessions of one account.
#[derive(Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Sts {
    /// By access key id.
    sessions: BTreeMap<String, Session>,
}

/// Holds temporary credentials. It has no `Debug`, since it has the token.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Session {
    pub(super) holder: Holder,
    token: String,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
    /// What requests say of MFA.
    pub(crate) mfa: SessionMfa,
    /// The session policies, if any were passed.
    pub(crate) policies: Option<SessionPolicies>,
    pub(crate) source_identity: Option<String>,
    #[serde(default)]
    pub(crate) tags: SessionTags,
    /// Whether it began with a sign-in to the console, so that IAM can be called even without MFA.
    #[serde(default)]
    is_of_console: bool,
}

/// Says whose a session is. The id tells a user or role from a later one of the same name.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Holder {
    Root,
    User {
        name: String,
        id: String,
    },
    Role {
        name: String,
        id: String,
        session: String,
    },
}

/// Says what requests of a session tell of MFA: `aws:MultiFactorAuthPresent`.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent>
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SessionMfa {
    /// Nothing: sessions of roles.
    Unsaid,
    /// `false`.
    Absent,
    /// `true`, since the session began.
    Present,
}

/// Holds the session policies of a session, which together limit it.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionPolicies {
    pub(crate) inline: Option<String>,
    /// The ARNs of managed policies.
    pub(crate) managed: Vec<String>,
}

impl Session {
    /// Returns a session that begins now, with a new token.
    pub(super) fn begin(
        holder: Holder,
        now: Timestamp,
        seconds: i64,
        mfa: SessionMfa,
    ) -> Result<Self, Error> {
        let length = SignedDuration::from_secs(seconds);
        Ok(Self {
            holder,
            token: ids::session_token()?,
            issued: now,
            expires: now.saturating_add(length).unwrap_or(Timestamp::MAX),
            mfa,
            policies: None,
            source_identity: None,
            tags: SessionTags::default(),
            is_of_console: false,
        })
    }

    /// Returns a session of a user who signed in to the console: twelve hours, as AWS's last.
    pub(crate) fn of_console(user: &User, now: Timestamp, mfa: bool) -> Result<Self, Error> {
        let holder = Holder::User {
            name: user.name.clone(),
            id: user.id.clone(),
        };
        let mfa = if mfa {
            SessionMfa::Present
        } else {
            SessionMfa::Absent
        };
        Ok(Self {
            is_of_console: true,
            ..Self::begin(holder, now, 12 * 60 * 60, mfa)?
        })
    }

    /// Tells whether it began with a sign-in to the console.
    pub(crate) fn is_of_console(&self) -> bool {
        self.is_of_console
    }

    pub(crate) fn has_token(&self, token: Option<&str>) -> bool {
        token == Some(self.token.as_str())
    }

    /// Returns whether this is what `GetSessionToken` gave without MFA, with which no operation of IAM can be called.
    pub(crate) fn is_token_without_mfa(&self) -> bool {
        self.mfa == SessionMfa::Absent && !self.is_of_console
    }
}

impl Sts {
    pub(crate) fn session(&self, access_key_id: &str) -> Option<&Session> {
        self.sessions.get(access_key_id)
    }

    /// Keeps a session and returns its credentials as answers tell them, once.
    pub(super) fn issue(&mut self, session: Session) -> Result<Record, Error> {
        let id = ids::temporary_key_id()?;
        let credentials = Record::new()
            .with("AccessKeyId", &id)
            .with("SecretAccessKey", ids::secret_key()?)
            .with("SessionToken", &session.token)
            .with("Expiration", session.expires);
        self.sessions.insert(id, session);
        Ok(credentials)
    }

    /// Keeps a session and returns its credentials as the setting `credential_process` takes them.
    pub(crate) fn issue_for_process(&mut self, session: Session) -> Result<Json, Error> {
        let mut credentials = Map::from_iter([
            ("Version".to_owned(), Json::from(1)),
            ("Expiration".to_owned(), session.expires.to_string().into()),
        ]);
        for (name, value) in self.issue(session)?.members() {
            if let Value::Text(text) = value {
                credentials.insert((*name).to_owned(), text.as_str().into());
            }
        }
        Ok(credentials.into())
    }

    /// Forgets the sessions that have ended.
    pub(crate) fn forget_ended(&mut self, now: Timestamp) {
        self.sessions.retain(|_, session| session.expires > now);
    }

    /// Gives the sessions of a renamed user to the new name.
    pub(crate) fn rename_user(&mut self, old: &str, new: &str) {
        for session in self.sessions.values_mut() {
            if let Holder::User { name, .. } = &mut session.holder
                && name == old
            {
                new.clone_into(name);
            }
        }
    }
}

impl Account {
    /// Returns who holds a session, unless they are gone.
    pub(crate) fn holder(&self, session: &Session) -> Option<Caller> {
        match &session.holder {
            Holder::Root => Some(Caller::Root),
            Holder::User { name, id } => {
                let user = self.iam.user(name).ok()?;
                (user.id == *id).then(|| Caller::User(name.clone()))
            }
            Holder::Role { name, id, session } => {
                let role = self.iam.role(name).ok()?;
                (role.id == *id).then(|| Caller::Role {
                    name: name.clone(),
                    session: session.clone(),
                })
            }
        }
    }
}
