use model::{Body, LogGroup, Retention};

use super::tags::{Keys, merged};
use super::{Fields, Update};

pub(super) fn update(declared: &LogGroup, live: &LogGroup) -> Option<Update> {
    let LogGroup { retention, tags } = declared;
    let retention = match (retention, &live.retention) {
        // What the log group says has no effect while the account's policy stands, and is not shown either.
        (Retention::Undeclared, live) | (_, live @ Retention::AccountPolicy(_)) => live.clone(),
        (declared, _) => declared.clone(),
    };
    let mut fields = Fields::default();
    fields.compare("retention", &live.retention, &retention);
    let tags = merged(tags, &live.tags, Keys::Exact, &mut fields);
    fields.into_update(|| Body::LogGroup(LogGroup { retention, tags }))
}

pub(super) fn created(declared: &LogGroup) -> LogGroup {
    let retention = match &declared.retention {
        Retention::Undeclared => Retention::Never,
        declared => declared.clone(),
    };
    LogGroup {
        retention,
        ..declared.clone()
    }
}
