//! The lock: `lock: {s3: BUCKET/KEY}`.

use model::{Lock, Region};

use crate::keys;
use crate::node::Node;
use crate::reading::Reading;

/// Reads where the lock is. Its bucket is in the spec's region where it names no other.
pub(crate) fn read(reading: &mut Reading<'_>, node: &Node, region: Option<Region>) -> Option<Lock> {
    let section = reading.section(node, "`lock`", keys::LOCK)?;
    let object = reading.required(node, &section, "s3");
    let object = object
        .and_then(|node| reading.parsed(node, "BUCKET/KEY, such as `acme-locks/mfactl.lock`"));
    let region = match section.get("region") {
        Some(node) => reading.parsed(node, "a region such as `us-east-1`"),
        None => region,
    };
    Some(Lock {
        object: object?,
        region: region?,
    })
}
