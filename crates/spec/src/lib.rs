//! The spec: YAML to desired state, with every check that needs no AWS.
//!
//! A file becomes a tree that knows where everything is (`node`), values are read out of it and what is wrong is
//! collected (`reading`), one file a section makes objects of them, and `check` looks at the whole.

mod access_check;
mod alarm;
mod check;
mod dashboard;
mod diagnostic;
mod document;
mod draft;
mod group;
mod import;
mod keys;
mod lock;
mod log_group;
mod metric;
mod metric_filter;
mod node;
mod parts;
mod password_policy;
mod policy;
mod policy_file;
mod preset;
mod prune;
mod reading;
mod references;
mod safety;
mod schema;
mod source;
mod spec;
mod tags;
mod user;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use model::Desired;

pub use diagnostic::{Diagnostic, Severity};
pub use import::{IMPORTED, Import, LeftOut, everything, import};
pub use policy_file::{PolicyFile, load_policy};
pub use schema::json_schema;

/// Holds a spec that can be used.
#[derive(Debug, Clone)]
pub struct Spec {
    /// What it asks for.
    pub desired: Desired,
    /// What is probably not meant, in the order of files and lines.
    pub warnings: Vec<Diagnostic>,
}

/// Holds everything that is wrong with a spec.
#[derive(Debug, thiserror::Error)]
#[error("{} in {}", counted(diagnostics), path.display())]
pub struct SpecErrors {
    /// The spec as it was named.
    pub path: PathBuf,
    /// Errors, and warnings among them, in the order of files and lines.
    pub diagnostics: Vec<Diagnostic>,
}

fn counted(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .count();
    if errors == 1 {
        "1 error".to_owned()
    } else {
        format!("{errors} errors")
    }
}

/// Loads a spec from a file, or from the `*.yaml` of a folder, which are one spec.
///
/// All mistakes are returned at once. Nothing is read but the spec's files and those that they name.
pub fn load(path: &Path) -> Result<Spec, SpecErrors> {
    let (desired, mut diagnostics) = spec::read(path);
    diagnostics.sort_by(|one, other| {
        (&one.file, one.line, one.column, &one.message).cmp(&(
            &other.file,
            other.line,
            other.column,
            &other.message,
        ))
    });
    // A file that several policies name is read for each.
    diagnostics.dedup();
    let failed = diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error);
    match desired {
        Some(desired) if !failed => Ok(Spec {
            desired,
            warnings: diagnostics,
        }),
        _ => Err(SpecErrors {
            path: path.to_owned(),
            diagnostics,
        }),
    }
}
