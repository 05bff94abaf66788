//! Statements that decided, with where they are written.

use policy::Element;

use crate::iam::{Attached, Origin, PrincipalKind};
use crate::value::Record;

/// Returns a statement of a policy as results show it. AWS doesn't document whether columns count from 0 or 1, nor where
/// a statement ends; here they count from 1, and the end is the column after the last character.
pub(super) fn matched(policy: &Attached<'_>, statement: usize) -> Option<Record> {
    let place = policy.document.place(statement, Element::Statement);
    let location = place.and_then(|place| place.location.as_ref());
    let record = Record::new()
        .with("SourcePolicyId", &policy.name)
        .with("SourcePolicyType", kind(&policy.origin));
    let Some(location) = location else {
        return Some(record);
    };
    let text = policy.text.get(location.range.clone())?;
    let lines = text.matches('\n').count();
    let last = text.rsplit('\n').next().unwrap_or_default();
    let columns = last.chars().count();
    let end = if lines == 0 {
        position(location.line, location.column + columns)
    } else {
        position(location.line + lines, columns + 1)
    };
    Some(
        record
            .with("StartPosition", position(location.line, location.column))
            .with("EndPosition", end),
    )
}

fn kind(origin: &Origin) -> &'static str {
    match origin {
        Origin::Inline(PrincipalKind::User) => "user",
        Origin::Inline(PrincipalKind::Group) => "group",
        Origin::Inline(PrincipalKind::Role) => "role",
        Origin::Managed(arn) if arn.starts_with("arn:aws:iam::aws:") => "aws-managed",
        Origin::Managed(_) => "user-managed",
        Origin::Input => "none",
    }
}

fn position(line: usize, column: usize) -> Record {
    Record::new().with("Line", line).with("Column", column)
}
