//! Comparing ARNs part by part, as the condition operators for ARNs do.

use crate::evaluate::context::Context;
use crate::evaluate::template::Template;
use crate::evaluate::wildcard::{self, Part};

/// Tells whether an ARN matches a pattern, each of the six parts by itself, so that no wildcard reaches beyond a colon
/// but in the last part; none when one of the two isn't an ARN ("ARN condition operators").
///
/// The values of variables are put in first: one can stand for several parts.
pub(crate) fn matches(pattern: &Template, arn: &str, context: &Context) -> Option<bool> {
    let arn: Vec<&str> = arn.splitn(6, ':').collect();
    let Some(parts) = pattern.parts(context) else {
        return Some(false);
    };
    let pattern = split(&parts);
    if arn.len() < 6 || pattern.len() < 6 {
        return None;
    }
    let matches = |(text, parts): (&&str, &Vec<Part<'_>>)| {
        wildcard::matches(|index| parts.get(index).copied(), text)
    };
    Some(arn.iter().zip(&pattern).all(matches))
}

/// Splits a pattern at its first five colons.
fn split<'a>(parts: &[Part<'a>]) -> Vec<Vec<Part<'a>>> {
    let mut done = Vec::new();
    let mut current = Vec::new();
    for part in parts {
        let Part::Literal(mut text) = *part else {
            current.push(*part);
            continue;
        };
        while done.len() < 5
            && let Some((before, after)) = text.split_once(':')
        {
            current.push(Part::Literal(before));
            done.push(std::mem::take(&mut current));
            text = after;
        }
        current.push(Part::Literal(text));
    }
    done.push(current);
    done
}
