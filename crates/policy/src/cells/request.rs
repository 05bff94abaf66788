//! One request, of which not everything is known.

use super::condition::{condition_holds, context};
use super::facts::{Fact, Facts};
use super::globs::{Value, value};
use super::truth::Truth;
use crate::document::Version;
use crate::evaluate::context::Context;
use crate::evaluate::template::{Piece, Template};
use crate::resource::ResourcePattern;
use crate::statement::{Resources, Statement};

/// Says how far a statement applies to a request, part by part. It applies where all of them hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applies {
    /// Whether the statement is about the action.
    pub action: Truth,
    /// Whether it is about the resource; unknown where that depends on a variable of which nothing is known.
    pub resource: Truth,
    /// Whether its condition holds.
    pub condition: Truth,
}

impl Applies {
    /// Looks at a statement, of a document in this version of the language, for a request for an action on a resource, an
    /// ARN or `*`, with these facts. A statement of a trust policy, which has no resources, is about none.
    pub fn to(
        statement: &Statement,
        version: Version,
        action: &str,
        resource: &str,
        facts: &Facts,
    ) -> Self {
        Self {
            action: statement.actions().include(action).into(),
            resource: statement.resources().map_or(Truth::False, |resources| {
                about(resources, version, resource, facts)
            }),
            condition: condition_holds(statement, version, facts),
        }
    }

    /// Tells whether the statement applies.
    pub fn truth(self) -> Truth {
        Truth::all([self.action, self.resource, self.condition])
    }
}

/// Lists the condition keys that a statement's condition tests or its resources have as variables, of which these facts
/// leave something open.
pub fn open_keys(statement: &Statement, version: Version, facts: &Facts) -> Vec<String> {
    let tested = statement
        .condition()
        .into_iter()
        .flat_map(crate::condition::Condition::tests)
        .map(|(_, key, _)| key.as_str().to_owned());
    let patterns = statement
        .resources()
        .map_or_else(Default::default, Resources::patterns);
    let templates = patterns
        .iter()
        .map(|pattern| Template::of_resource(pattern, version));
    let variables =
        templates
            .flat_map(|template| template.pieces)
            .filter_map(|piece| match piece {
                Piece::Variable(variable) => Some(variable.key),
                Piece::Literal(_) | Piece::AnyCharacter | Piece::AnyText => None,
            });
    let is_open = |key: &String| !matches!(facts.get(key), Some(Fact::Absent | Fact::Value(_)));
    tested.chain(variables).filter(is_open).collect()
}

fn about(resources: &Resources, version: Version, resource: &str, facts: &Facts) -> Truth {
    let context = context(facts);
    let listed = Truth::any(
        resources
            .patterns()
            .iter()
            .map(|pattern| matches(pattern, version, resource, facts, &context)),
    );
    if resources.is_negated() {
        !listed
    } else {
        listed
    }
}

fn matches(
    pattern: &ResourcePattern,
    version: Version,
    resource: &str,
    facts: &Facts,
    context: &Context,
) -> Truth {
    let mut template = Template::of_resource(pattern, version);
    let mut is_open = false;
    for piece in &mut template.pieces {
        if let Piece::Variable(variable) = piece
            && matches!(value(variable, facts), Value::Unknown)
        {
            is_open = true;
            *piece = Piece::AnyText;
        }
    }
    match template.matches(resource, context) {
        false => Truth::False,
        true if is_open => Truth::Unknown,
        true => Truth::True,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    fn applies(statement: &str, resource: &str) -> Truth {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", {statement}}}}}"#
        );
        let document = Document::parse(&text).unwrap();
        let alice = Facts::default().with("aws:username", Fact::Value("alice".to_owned()));
        let statement = document.statements().next().unwrap();
        Applies::to(
            statement,
            document.version(),
            "s3:GetObject",
            resource,
            &alice,
        )
        .truth()
    }

    #[test]
    fn what_is_known_decides_and_what_is_not_known_stays_open() {
        let get = |rest: &str| format!(r#""Action": "s3:Get*", {rest}"#);
        let home = get(r#""Resource": "arn:aws:s3:::home/${aws:username}/*""#);
        assert_eq!(applies(&home, "arn:aws:s3:::home/alice/x"), Truth::True);
        assert_eq!(applies(&home, "arn:aws:s3:::home/bob/x"), Truth::False);
        let team = get(r#""Resource": "arn:aws:s3:::team/${aws:PrincipalTag/team}/*""#);
        assert_eq!(applies(&team, "arn:aws:s3:::team/blue/x"), Truth::Unknown);
        assert_eq!(applies(&team, "arn:aws:s3:::home/blue/x"), Truth::False);
        let not = get(r#""NotResource": "arn:aws:s3:::team/${aws:PrincipalTag/team}/*""#);
        assert_eq!(applies(&not, "arn:aws:s3:::team/blue/x"), Truth::Unknown);
        assert_eq!(applies(&not, "arn:aws:s3:::home/blue/x"), Truth::True);
        let office =
            get(r#""Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}"#);
        assert_eq!(applies(&office, "*"), Truth::Unknown);
        assert_eq!(
            applies(r#""Action": "s3:Put*", "Resource": "*""#, "*"),
            Truth::False
        );
    }

    #[test]
    fn the_open_keys_are_those_of_conditions_and_variables() {
        let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*",
            "Resource": "arn:aws:s3:::${aws:username}/${aws:PrincipalTag/team}/*",
            "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}, "StringEquals": {"aws:username": "alice"}}}}"#;
        let document = Document::parse(text).unwrap();
        let alice = Facts::default().with("aws:username", Fact::Value("alice".to_owned()));
        let statement = document.statements().next().unwrap();
        let keys = open_keys(statement, document.version(), &alice);
        assert_eq!(keys, ["aws:SourceIp", "aws:principaltag/team"]);
    }
}
