use model::{Body, LogGroup, Retention};

use super::tags::{Keys, merged};
use super::{Fields, Update};

pub(super) fn update(declared: &LogGroup, live: &LogGroup) -> Option<Update> {
    let LogGroup { retention, tags } = declared;
    let retention = match retention {
        Retention::Undeclared => live.retention,
        declared => *declared,
    };
    let mut fields = Fields::default();
    fields.compare("retention", &live.retention, &retention);
    let tags = merged(tags, &live.tags, Keys::Exact, &mut fields);
    fields.into_update(|| Body::LogGroup(LogGroup { retention, tags }))
}

pub(super) fn created(declared: &LogGroup) -> LogGroup {
    let retention = match declared.retention {
        Retention::Undeclared => Retention::Never,
        declared => declared,
    };
    LogGroup {
        retention,
        ..declared.clone()
    }
}
