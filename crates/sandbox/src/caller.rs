//! Who calls: the account itself, a user, or a session of a role.

use jiff::Timestamp;

use crate::error::{Code, Error};
use crate::signature::Signature;
use crate::state::{Account, State};
use crate::sts::Session;

/// Says whose credentials signed a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The account itself: every key that the sandbox didn't give.
    Root,
    /// A user, by name.
    User(String),
    /// A session of a role.
    Role {
        /// The name of the role.
        name: String,
        /// The name of the session.
        session: String,
    },
}

/// Holds who calls, in which account.
pub(crate) struct Identity {
    pub(crate) account: String,
    pub(crate) caller: Caller,
    /// Their temporary credentials, if that is what they have.
    pub(crate) session: Option<Session>,
}

/// Returns whether this is the number of an account.
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

impl State {
    /// Returns who signed a request, and notes that their key was used.
    ///
    /// Twelve digits are an account's own key; a key that the sandbox gave is its user's or its session's; one that
    /// looks like a key of AWS's, but is none of its documentation, was deleted or never given; any other is the key of
    /// `default_account`.
    pub(crate) fn identify(
        &mut self,
        signature: &Signature<'_>,
        default_account: &str,
        now: Timestamp,
    ) -> Result<Identity, Error> {
        let key = signature.access_key_id;
        if is_account_id(key) {
            return Ok(Identity::root(key));
        }
        let mut accounts = self.accounts_mut();
        let found = accounts.find_map(|account| account.identify(signature, now).transpose());
        match found {
            Some(identity) => identity,
            None if is_formed_as_of_aws(key) => Err(invalid_token()),
            None => Ok(Identity::root(default_account)),
        }
    }
}

impl Account {
    /// Returns who of this account signed a request, if anybody of it did.
    fn identify(
        &mut self,
        signature: &Signature<'_>,
        now: Timestamp,
    ) -> Result<Option<Identity>, Error> {
        let key = signature.access_key_id;
        if self.iam.has_access_key(key) {
            let owner = self.iam.owner_of(key);
            let caller = owner.map_or(Caller::Root, |name| Caller::User(name.to_owned()));
            if !self.use_access_key(key, signature.service, signature.region, now) {
                return Err(invalid_token());
            }
            return Ok(Some(Identity {
                account: self.id.clone(),
                caller,
                session: None,
            }));
        }
        let Some(session) = self.sts.session(key) else {
            return Ok(None);
        };
        if !session.has_token(signature.session_token) {
            return Err(invalid_token());
        }
        if session.expires <= now {
            let message = "The security token included in the request is expired";
            return Err(Error::new(Code::ExpiredToken, message));
        }
        let caller = self.holder(session).ok_or_else(invalid_token)?;
        let session = session.clone();
        if let Caller::Role { name, .. } = &caller {
            self.iam.use_role(name, signature.region, now);
        }
        Ok(Some(Identity {
            account: self.id.clone(),
            caller,
            session: Some(session),
        }))
    }

    /// Returns a caller's ARN.
    pub(crate) fn caller_arn(&self, caller: &Caller) -> Result<String, Error> {
        Ok(match caller {
            Caller::Root => format!("arn:aws:iam::{}:root", self.id),
            Caller::User(name) => self.user_arn(self.iam.user(name)?),
            Caller::Role { name, session } => {
                format!("arn:aws:sts::{}:assumed-role/{name}/{session}", self.id)
            }
        })
    }

    /// Returns a caller's unique id, `aws:userid`.
    pub(crate) fn caller_id(&self, caller: &Caller) -> Result<String, Error> {
        Ok(match caller {
            Caller::Root => self.id.clone(),
            Caller::User(name) => self.iam.user(name)?.id.clone(),
            Caller::Role { name, session } => format!("{}:{session}", self.iam.role(name)?.id),
        })
    }
}

impl Identity {
    fn root(account: &str) -> Self {
        Self {
            account: account.to_owned(),
            caller: Caller::Root,
            session: None,
        }
    }
}

/// Returns whether a key looks like one that AWS, or the sandbox, gives; those of AWS's documentation end in `EXAMPLE`.
fn is_formed_as_of_aws(key: &str) -> bool {
    key.len() == 20
        && (key.starts_with("AKIA") || key.starts_with("ASIA"))
        && key
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && !key.ends_with("EXAMPLE")
}

/// Returns the refusal of a key that is nobody's.
pub(crate) fn invalid_token() -> Error {
    let message = "The security token included in the request is invalid.";
    Error::new(Code::InvalidClientTokenId, message)
}
