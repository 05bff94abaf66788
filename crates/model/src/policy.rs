//! Managed policies.

use policy::Document;
use serde::{Deserialize, Serialize};

use crate::{Path, Tags};

/// Describes a managed policy by its default version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// The policy's path, part of its ARN. No call changes it.
    pub path: Path,
    /// The policy's description. No call changes it. Absent when the spec says nothing.
    pub description: Option<String>,
    /// The document of the default version.
    pub document: Document,
    /// The policy's tags. Keys are compared with regard to case.
    pub tags: Tags,
}
