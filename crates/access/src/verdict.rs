//! What became of a claim.

use std::collections::BTreeMap;
use std::fmt;

use model::{Address, GroupName, Kind, PolicyRef, Session};
use policy::Sid;
use serde::Serialize;

/// Says whether a claim holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It holds for every request.
    Proved,
    /// It doesn't: this request shows it.
    Violated {
        /// The request.
        #[serde(flatten)]
        witness: Witness,
    },
    /// It may hold or not.
    CannotProve {
        /// What stands in the way.
        obstacle: Obstacle,
    },
}

impl Verdict {
    /// Tells whether the claim holds.
    pub fn is_proved(&self) -> bool {
        match self {
            Self::Proved => true,
            Self::Violated { .. } | Self::CannotProve { .. } => false,
        }
    }
}

/// Holds a request that shows what a claim comes to, with the statements that decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Witness {
    /// How the request is signed.
    pub session: Session,
    /// The action. Where no known action shows it, a made-up name that matches the same patterns, in lower case.
    pub action: String,
    /// The resource: an ARN, or `*`.
    pub resource: String,
    /// The condition keys that the request has; it has no others.
    pub context: BTreeMap<String, String>,
    /// The statements that let it through, or that deny it; none where nothing allows it, or nothing denies it.
    pub statements: Vec<Via>,
    /// What of the organization's service control policies denies it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
}

/// Names what of service control policies denies a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// A statement.
    Statement {
        /// The level of the organization, from 0.
        level: usize,
        /// The policy's place in its level, from 0.
        policy: usize,
        /// The place of the statement in the document, from 0.
        statement: usize,
    },
    /// That no policy of this level allows it.
    Level(usize),
}

/// Names a statement and how it comes to be in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Via {
    /// The policy or inline policy; the account's password policy where that is what allows.
    pub document: Address,
    /// The group that it comes through, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupName>,
    /// The place of the statement in the document, from 0.
    pub statement: usize,
    /// The statement's identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<Sid>,
}

/// Says what stands in the way of a proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// Objects of this kind couldn't be read.
    Unread(Kind),
    /// The document of this policy wasn't read.
    UnreadPolicy(PolicyRef),
    /// The principal isn't there.
    Missing(Address),
    /// The principal's ARN changes, and with it what its documents come to.
    Moves(Address),
    /// The patterns of the documents are too many or too entangled.
    TooComplex,
    /// It depends on condition keys of which nothing is known, or on how far a wildcard reaches: a request that may
    /// show it, and the keys.
    Depends {
        /// The request.
        witness: Witness,
        /// The keys, as written; none where it is for wildcards or variables.
        keys: Vec<String>,
    },
    /// The evaluator doesn't confirm this request, which should not happen.
    Unconfirmed(Witness),
}

impl Obstacle {
    /// Lists the statements that bear on it, as far as there is a request to look at.
    pub(crate) fn statements(&self) -> &[Via] {
        match self {
            Self::Depends { witness, .. } | Self::Unconfirmed(witness) => &witness.statements,
            Self::Unread(_)
            | Self::UnreadPolicy(_)
            | Self::Missing(_)
            | Self::Moves(_)
            | Self::TooComplex => &[],
        }
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            session,
            action,
            resource,
            context: _,
            statements: _,
            limits: _,
        } = self;
        write!(
            f,
            "{} on {} {session}",
            action.escape_debug(),
            resource.escape_debug()
        )
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            document,
            group,
            statement,
            sid,
        } = self;
        match sid {
            Some(sid) => write!(f, "statement {sid} of {document}")?,
            None => write!(f, "statement {} of {document}", statement + 1)?,
        }
        group
            .as_ref()
            .map_or(Ok(()), |group| write!(f, " through group/{group}"))
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread(kind) => write!(f, "{kind}/* could not be read"),
            Self::UnreadPolicy(policy) => write!(f, "the document of policy/{policy} was not read"),
            Self::Missing(address) => write!(f, "{address} does not exist"),
            Self::Moves(address) => write!(f, "{address} gets another ARN, and with it its policies can come to something else"),
            Self::TooComplex => f.write_str(
                "the patterns of its documents are too complex to be checked exhaustively; use fewer `*` within patterns",
            ),
            Self::Depends { witness, keys } if keys.is_empty() => {
                write!(f, "it depends on how far a wildcard or a variable reaches: {witness}")
            }
            Self::Depends { witness, keys } => {
                write!(f, "it depends on {}, which can be anything: {witness}", keys.join(", "))
            }
            Self::Unconfirmed(witness) => {
                write!(f, "mfactl's two ways to evaluate disagree, which is a mistake in mfactl: {witness}")
            }
        }
    }
}
