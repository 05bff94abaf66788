//! Conditions: operators, keys and values.

use std::collections::BTreeMap;
use std::fmt;

/// Holds the condition of a statement: all of it must hold for the statement to apply.
///
/// Values are text: `true` and `3600` are read as `"true"` and `"3600"`, which is how IAM compares them. Neither a map
/// nor a list in it is empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition(pub(crate) BTreeMap<Operator, BTreeMap<ConditionKey, Vec<String>>>);

impl Condition {
    /// Returns every test of the condition: a key, how it is compared, and the values it is compared with.
    pub fn tests(&self) -> impl Iterator<Item = (Operator, &ConditionKey, &[String])> {
        self.0.iter().flat_map(|(operator, keys)| {
            keys.iter()
                .map(|(key, values)| (*operator, key, values.as_slice()))
        })
    }
}

/// Holds a condition key as written, such as `aws:MultiFactorAuthPresent`.
///
/// AWS compares the names of keys without regard to case; equality here is that of the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct ConditionKey(String);

impl ConditionKey {
    /// Returns the key as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the one spelling of all keys that differ in case only.
    pub(crate) fn canonical(&self) -> Self {
        Self(self.0.to_ascii_lowercase())
    }
}

impl fmt::Display for ConditionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ConditionKey {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some((prefix, name)) if !prefix.is_empty() && !name.is_empty() => Ok(Self(text.to_owned())),
            _ => Err("a condition key must be prefaced by its service, such as `aws:SourceIp` or `iam:PassedToService`".to_owned()),
        }
    }
}

/// Holds a condition operator: how the values of a key are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operator {
    pub(crate) qualifier: Option<SetQualifier>,
    pub(crate) comparison: Comparison,
    pub(crate) if_exists: bool,
}

impl Operator {
    /// Returns how a key with several values is looked at.
    pub fn qualifier(self) -> Option<SetQualifier> {
        self.qualifier
    }

    /// Returns how one value is compared with another.
    pub fn comparison(self) -> Comparison {
        self.comparison
    }

    /// Tells whether the operator ends in `IfExists`: a request without the key then fulfils it. Never with `Null`.
    pub fn if_exists(self) -> bool {
        self.if_exists
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            qualifier,
            comparison,
            if_exists,
        } = self;
        if let Some(qualifier) = qualifier {
            write!(f, "{}:", qualifier.as_str())?;
        }
        f.write_str(comparison.as_str())?;
        f.write_str(if *if_exists { "IfExists" } else { "" })
    }
}

impl Operator {
    /// Reads an operator without regard to case.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let unknown = || {
            "expected a condition operator, such as `StringEquals`, `BoolIfExists` or `ForAnyValue:StringLike`".to_owned()
        };
        let (qualifier, rest) = match text.split_once(':') {
            Some((qualifier, rest)) => (
                Some(SetQualifier::named(qualifier).ok_or_else(unknown)?),
                rest,
            ),
            None => (None, text),
        };
        let lower = rest.to_ascii_lowercase();
        let stem = lower.strip_suffix("ifexists");
        let comparison = Comparison::named(stem.unwrap_or(&lower)).ok_or_else(unknown)?;
        if comparison == Comparison::Null && stem.is_some() {
            return Err(
                "`Null` can't be combined with `IfExists`: it is the test of whether a key exists"
                    .to_owned(),
            );
        }
        Ok(Self {
            qualifier,
            comparison,
            if_exists: stem.is_some(),
        })
    }
}

/// Says how a key with several values is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SetQualifier {
    /// `ForAllValues`: every value of the request must match; an absent key does.
    ForAllValues,
    /// `ForAnyValue`: one value of the request must match; an absent key doesn't.
    ForAnyValue,
}

impl SetQualifier {
    pub(crate) const ALL: [Self; 2] = [Self::ForAllValues, Self::ForAnyValue];

    /// Returns the qualifier as it is written before an operator.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ForAllValues => "ForAllValues",
            Self::ForAnyValue => "ForAnyValue",
        }
    }

    fn named(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|qualifier| qualifier.as_str().eq_ignore_ascii_case(text))
    }
}

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// Says how one value is compared with another ("Condition operators" in the IAM User Guide).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Comparison {
            $($(#[$doc])* $name,)+
        }

        impl Comparison {
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)+];

            /// Returns the comparison as it is written in an operator.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }
        }
    };
}

comparisons! {
    /// The same text.
    StringEquals,
    /// Another text.
    StringNotEquals,
    /// The same text but for case.
    StringEqualsIgnoreCase,
    /// Another text even without regard to case.
    StringNotEqualsIgnoreCase,
    /// A text that matches `*` and `?`.
    StringLike,
    /// A text that doesn't match `*` and `?`.
    StringNotLike,
    /// The same number.
    NumericEquals,
    /// Another number.
    NumericNotEquals,
    /// A smaller number.
    NumericLessThan,
    /// A smaller number or the same.
    NumericLessThanEquals,
    /// A greater number.
    NumericGreaterThan,
    /// A greater number or the same.
    NumericGreaterThanEquals,
    /// The same time.
    DateEquals,
    /// Another time.
    DateNotEquals,
    /// An earlier time.
    DateLessThan,
    /// An earlier time or the same.
    DateLessThanEquals,
    /// A later time.
    DateGreaterThan,
    /// A later time or the same.
    DateGreaterThanEquals,
    /// `true` or `false`.
    Bool,
    /// The same bytes, in base64.
    BinaryEquals,
    /// An address in the range.
    IpAddress,
    /// An address outside the range.
    NotIpAddress,
    /// An ARN that matches part by part; the same as `ArnLike`.
    ArnEquals,
    /// An ARN that matches part by part.
    ArnLike,
    /// An ARN that doesn't match; the same as `ArnNotLike`.
    ArnNotEquals,
    /// An ARN that doesn't match.
    ArnNotLike,
    /// Whether the key is absent: `true`; or present: `false`.
    Null,
}

impl Comparison {
    fn named(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|comparison| comparison.as_str().eq_ignore_ascii_case(text))
    }
}
