//! Which commit a spec is at, for the plan's first line.

use std::path::Path;
use std::process::{Command, Stdio};

/// Returns the short id of the commit that a spec is at, with `+` if the spec has changed since; none outside of Git.
pub(crate) fn commit(spec: &Path) -> Option<String> {
    let spec = spec.canonicalize().ok()?;
    let folder = if spec.is_dir() {
        spec.as_path()
    } else {
        spec.parent()?
    };
    let id = git(folder, &["rev-parse", "--short", "HEAD"])?;
    let changes = git(folder, &["status", "--porcelain", "--", spec.to_str()?])?;
    Some(if changes.is_empty() {
        id
    } else {
        format!("{id}+")
    })
}

fn git(folder: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(args)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
