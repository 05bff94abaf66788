//! The state file: one JSON document, replaced whole, used by one process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tempfile::{Builder, NamedTempFile};

use crate::SandboxError;
use crate::state::{FORMAT_VERSION, State};

/// Holds the right to write a state file, for as long as it lives.
pub(crate) struct Store {
    path: PathBuf,
    /// Locked until it is closed. The state file itself can't be the lock, since saving replaces it.
    _lock: File,
}

impl Store {
    /// Locks the file and reads it; a file that is not there is an empty state, and its folder is made.
    ///
    /// A file that can't be understood is an error and stays as it is.
    pub(crate) fn open(path: &Path) -> Result<(Self, State), SandboxError> {
        let store = Self {
            path: path.to_owned(),
            _lock: lock(path)?,
        };
        let state = match std::fs::read(path) {
            Ok(bytes) => parse(path, &bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => State::default(),
            Err(source) => {
                return Err(SandboxError::Read {
                    path: path.to_owned(),
                    source,
                });
            }
        };
        Ok((store, state))
    }

    /// Replaces the file: whenever the process or the machine stops, either the old or the new state is there, whole.
    ///
    /// The file can be read and written by its owner only.
    pub(crate) fn save(&self, bytes: &[u8]) -> Result<(), SandboxError> {
        self.replace(bytes).map_err(|source| SandboxError::Write {
            path: self.path.clone(),
            source,
        })
    }

    fn replace(&self, bytes: &[u8]) -> io::Result<()> {
        let directory = directory(&self.path);
        let mut file = self.new_file(directory)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        // The new name is on disk once its directory is; not every system can open one.
        if let Ok(directory) = File::open(directory) {
            directory.sync_all()?;
        }
        Ok(())
    }

    /// Makes the file that is to take the place of the state file, where a process that was killed may have left one.
    fn new_file(&self, directory: &Path) -> io::Result<NamedTempFile> {
        let path = beside(&self.path, ".new");
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let name = path.file_name().unwrap_or_default();
        Builder::new()
            .prefix(name)
            .rand_bytes(0)
            .tempfile_in(directory)
    }
}

/// Returns the path of a file that belongs to another one.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn directory(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn lock(path: &Path) -> Result<File, SandboxError> {
    let name = beside(path, ".lock");
    let made = std::fs::create_dir_all(directory(path));
    let file = made
        .and_then(|()| open_lock(&name))
        .map_err(|source| SandboxError::Write {
            path: name.clone(),
            source,
        })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(SandboxError::InUse {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(SandboxError::Write { path: name, source }),
    }
}

fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn parse(path: &Path, bytes: &[u8]) -> Result<State, SandboxError> {
    #[derive(Deserialize)]
    struct Format {
        format_version: u32,
    }
    let damaged = |source| SandboxError::Damaged {
        path: path.to_owned(),
        source,
    };
    let Format { format_version } = serde_json::from_slice(bytes).map_err(damaged)?;
    if format_version != FORMAT_VERSION {
        return Err(SandboxError::Format {
            path: path.to_owned(),
            found: format_version,
            expected: FORMAT_VERSION,
        });
    }
    let mut state: State = serde_json::from_slice(bytes).map_err(damaged)?;
    state
        .restore()
        .map_err(|detail| SandboxError::Inconsistent {
            path: path.to_owned(),
            detail,
        })?;
    Ok(state)
}
