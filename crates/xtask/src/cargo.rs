//! Cargo, and what it knows of this workspace.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::{Metadata, MetadataCommand, Package};

use crate::step;

/// Holds what cargo knows of this workspace and of everything that it depends on.
pub(crate) struct Workspace {
    metadata: Metadata,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn find() -> step::Result<Self> {
        let metadata = MetadataCommand::new()
            .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
            .exec()?;
        Ok(Self { metadata })
    }

    /// Returns the folder of the repository.
    pub(crate) fn root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    /// Returns a path in the folder for what is built or installed.
    pub(crate) fn target(&self, path: &str) -> PathBuf {
        self.metadata.target_directory.as_std_path().join(path)
    }

    /// Returns our own crates.
    pub(crate) fn crates(&self) -> Vec<&Package> {
        self.metadata.workspace_packages()
    }

    /// Returns all crates, those of others too.
    pub(crate) fn packages(&self) -> &[Package] {
        &self.metadata.packages
    }

    /// Returns a cargo command to run in this workspace.
    pub(crate) fn cargo(&self, words: &str) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(words.split(' ')).current_dir(self.root());
        command
    }

    /// Tells whether cargo has a subcommand.
    pub(crate) fn has(&self, subcommand: &str) -> bool {
        self.cargo(subcommand)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}
