//! The patterns of statements as globs: what they certainly match, and what they may.

use super::automaton::GlobSet;
use super::facts::{Fact, Facts};
use super::glob::{Glob, Reach, Token};
use crate::action::ActionPattern;
use crate::document::Version;
use crate::evaluate::template::{Piece, Template};
use crate::evaluate::variable::Variable;
use crate::resource::ResourcePattern;

/// Returns the globs of patterns for actions, which are compared in lower case.
pub(crate) fn of_actions(patterns: &[ActionPattern]) -> GlobSet {
    let template = |pattern| glob(&Template::of_action(pattern), &Facts::default(), Bound::May);
    patterns.iter().filter_map(template).collect()
}

/// Holds what one pattern for resources may match and what it must match; none where that is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResourceGlob {
    /// The one service whose resources it can match; none where that isn't certain.
    pub(crate) service: Option<String>,
    /// Whether it is the same whatever is known of the requests.
    pub(crate) is_fixed: bool,
    pub(crate) may: Option<Glob>,
    pub(crate) must: Option<Glob>,
    /// All that it may match and more, without a wildcard that reaches across `:` before its end: patterns of this kind are
    /// told apart with much less work. None where there is no such pair.
    pub(crate) simply: Option<[Glob; 2]>,
}

/// Returns the globs of a pattern for resources, in requests with these facts.
///
/// A wildcard before the last part of an ARN may match across `:`, but need not: IAM's guide says that `*` can do so at
/// the end of a part ("Using wildcards in resource ARNs" of "IAM JSON policy elements: Resource"). `/` is like any other
/// character. A variable whose value isn't known may stand for anything, and matches nothing for certain.
pub(crate) fn of_resource(
    pattern: &ResourcePattern,
    version: Version,
    facts: &Facts,
) -> ResourceGlob {
    if pattern.as_str() == "*" {
        let everything = Some(Glob::everything());
        return ResourceGlob {
            service: None,
            is_fixed: true,
            may: everything.clone(),
            must: everything,
            simply: None,
        };
    }
    let template = Template::of_resource(pattern, version);
    let service = match pattern.as_str().split(':').collect::<Vec<_>>().as_slice() {
        [_, partition, service, ..] if !partition.contains(['*', '?']) => {
            Some((*service).to_owned())
        }
        _ => None,
    };
    let is_variable = |piece: &Piece| matches!(piece, Piece::Variable(_));
    ResourceGlob {
        service,
        is_fixed: !template.pieces.iter().any(is_variable),
        may: glob(&template, facts, Bound::May),
        must: glob(&template, facts, Bound::Must),
        simply: simply(&template, facts),
    }
}

/// Returns what a pattern matches of texts with as many colons as itself, since its wildcards can't stand for any there;
/// and all texts with more colons.
fn simply(template: &Template, facts: &Facts) -> Option<[Glob; 2]> {
    let alike = glob(template, facts, Bound::MayAlike)?;
    let is_colon = |token: &&Token| matches!(token, Token::Char(':'));
    let colons = alike.tokens().iter().filter(is_colon).count();
    let mut more = Glob::read(&"*:".repeat(colons + 1), Reach::Part);
    more.extend_pattern("*", Reach::Everything);
    // Every ARN has five: with fewer, a wildcard must stand for one.
    (colons >= 5).then_some([alike, more])
}

/// Says from which side what matches is approximated.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    May,
    /// As `May`, of texts with as many colons as the pattern.
    MayAlike,
    Must,
}

/// Returns the glob of a template; none where nothing matches.
fn glob(template: &Template, facts: &Facts, bound: Bound) -> Option<Glob> {
    let mut glob = Glob::default();
    let mut colons = 0;
    for (index, piece) in template.pieces.iter().enumerate() {
        let is_last = index + 1 == template.pieces.len();
        let is_far = match bound {
            Bound::May => true,
            Bound::MayAlike => is_last,
            Bound::Must => colons >= 5,
        };
        let reach = if is_far {
            Reach::Everything
        } else {
            Reach::Part
        };
        match piece {
            Piece::Literal(text) => {
                colons += text.matches(':').count();
                glob.extend_literal(text);
            }
            Piece::AnyCharacter => glob.push(Token::One(reach)),
            Piece::AnyText => glob.push(Token::Many(reach)),
            Piece::Variable(variable) => match value(variable, facts) {
                Value::Known(text) => glob.extend_literal(text),
                Value::None => return None,
                Value::Unknown if bound == Bound::Must => return None,
                Value::Unknown => glob.push(Token::Many(reach)),
            },
        }
    }
    Some(glob)
}

/// What is known of a variable's value.
pub(crate) enum Value<'a> {
    Known(&'a str),
    /// It has none, so that nothing matches.
    None,
    Unknown,
}

/// Returns what is known of a variable's value.
pub(crate) fn value<'a>(variable: &'a Variable, facts: &'a Facts) -> Value<'a> {
    match (facts.get(&variable.key), &variable.default) {
        (Some(Fact::Value(text)), _) => Value::Known(text),
        (Some(Fact::Absent), Some(default)) => Value::Known(default),
        (Some(Fact::Absent), None) => Value::None,
        (Some(Fact::Between(..) | Fact::Other(_) | Fact::Present) | None, _) => Value::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cells::automaton::{MOST_WORK, classes};

    fn globs(pattern: &str, facts: &Facts) -> ResourceGlob {
        let pattern = ResourcePattern::read(pattern).unwrap();
        of_resource(&pattern, Version::V2012_10_17, facts)
    }

    fn glob(before: &str, behind: &str) -> Option<Glob> {
        let mut glob = Glob::read(before, Reach::Part);
        glob.extend_pattern(behind, Reach::Everything);
        Some(glob)
    }

    fn alice() -> Facts {
        Facts::default().with("aws:username", Fact::Value("alice".to_owned()))
    }

    #[test]
    fn a_wildcard_may_cross_colons_but_need_not_before_the_last_part() {
        let read = globs("arn:aws:iam::*:user/*", &Facts::default());
        assert_eq!(read.may, glob("", "arn:aws:iam::*:user/*"));
        assert_eq!(read.must, glob("arn:aws:iam::*:", "user/*"));
    }

    #[test]
    fn an_arn_that_ends_early_goes_on() {
        let read = globs("arn:aws:sqs", &Facts::default());
        assert_eq!(read.may, glob("", "arn:aws:sqs:*:*:*"));
    }

    #[test]
    fn a_known_variable_is_its_value_even_if_that_looks_like_a_pattern() {
        let read = globs("arn:aws:iam::1:user/${aws:username}", &alice());
        assert_eq!(read.may, glob("arn:aws:iam::1:user/alice", ""));
        assert_eq!(read.may, read.must);
        let star = Facts::default().with("aws:username", Fact::Value("*".to_owned()));
        let mut literal = Glob::default();
        literal.extend_literal("arn:aws:iam::1:user/*");
        assert_eq!(
            globs("arn:aws:iam::1:user/${aws:username}", &star).may,
            Some(literal)
        );
    }

    #[test]
    fn an_unknown_variable_may_be_anything_and_must_match_nothing() {
        let read = globs("arn:aws:s3:::home/${aws:userid}", &alice());
        assert_eq!(read.may, glob("", "arn:aws:s3:::home/*"));
        assert_eq!(read.must, None);
        let with_default = globs("arn:aws:s3:::home/${aws:userid, 'x'}", &alice());
        assert_eq!(with_default.must, None);
    }

    #[test]
    fn a_variable_without_value_matches_nothing_unless_it_has_a_default() {
        let absent = Facts::default().with("aws:username", Fact::Absent);
        assert_eq!(
            globs("arn:aws:s3:::home/${aws:username}", &absent).may,
            None
        );
        assert_eq!(
            globs("arn:aws:s3:::home/${aws:username, 'x'}", &absent).must,
            glob("arn:aws:s3:::home/x", "")
        );
    }

    #[test]
    fn an_arn_is_of_one_service_unless_wildcards_could_pass_over_it() {
        let service = |pattern| globs(pattern, &Facts::default()).service;
        assert_eq!(service("arn:aws:iam::*:user/*").as_deref(), Some("iam"));
        assert_eq!(service("arn:aws*:iam::*:user/*"), None);
        assert_eq!(service("*"), None);
    }

    #[test]
    fn a_pattern_is_simpler_for_texts_with_as_many_colons() {
        let read = globs("arn:aws:logs:*:1:log-group:*:log-stream:*", &alice());
        let mut alike = Glob::read("arn:aws:logs:*:1:log-group:*:log-stream:", Reach::Part);
        alike.extend_pattern("*", Reach::Everything);
        let mut more = Glob::read("*:*:*:*:*:*:*:*:*:", Reach::Part);
        more.extend_pattern("*", Reach::Everything);
        assert_eq!(read.simply, Some([alike, more]));
    }

    proptest! {
        #[test]
        fn what_a_pattern_may_match_is_less_than_what_it_is_simply(
            fields in ["(arn|\\*)", "(aws|a*)", "(s|t)", "[a*:]{0,3}", "[a*?]{0,3}", "[ab:*?]{0,6}(\\$\\{aws:userid\\})?[ab:*]{0,3}"]
        ) {
            let Ok(pattern) = ResourcePattern::read(&fields.join(":")) else { return Ok(()) };
            let read = of_resource(&pattern, Version::V2012_10_17, &alice());
            let (Some(may), Some(simply)) = (read.may, read.simply) else { return Ok(()) };
            let arn = GlobSet::from([Glob::read("*:*:*:*:*:*", Reach::Everything)]);
            let sets = [arn, GlobSet::from([may]), simply.into_iter().collect()];
            for class in classes(&sets, 0, &[], |_| Vec::new(), MOST_WORK).unwrap() {
                prop_assert!(!class.matched.contains(1) || class.matched.contains(2), "{}", class.made_up);
            }
        }
    }

    #[test]
    fn the_star_alone_is_everything_for_certain() {
        let read = globs("*", &Facts::default());
        assert_eq!(read.must, Some(Glob::everything()));
        assert_eq!(read.may, read.must);
    }
}
