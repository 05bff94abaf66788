//! The files a spec is read from.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A spec of 20,000 users has about 3 MB; anything much larger isn't one.
const LARGEST: u64 = 32 * 1024 * 1024;

/// Holds one file's name and text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) name: Arc<str>,
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// Says why a file can't be read, as a sentence without its name.
pub(crate) type Unreadable = String;

impl Source {
    pub(crate) fn read(path: &Path) -> Result<Self, Unreadable> {
        let metadata = fs::metadata(path).map_err(|error| cause(&error))?;
        if metadata.is_dir() {
            return Err("it is a folder, not a file".to_owned());
        }
        if metadata.len() > LARGEST {
            return Err(format!(
                "it has {} MB, {} are allowed",
                metadata.len() / 1_048_576,
                LARGEST / 1_048_576
            ));
        }
        let bytes = fs::read(path).map_err(|error| cause(&error))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let place = error.utf8_error().valid_up_to();
            format!("it is not a text file (byte {place} is not UTF-8)")
        })?;
        if let Some(place) = text.find('\0') {
            return Err(format!("it is not a text file (byte {place} is zero)"));
        }
        Ok(Self {
            name: path.display().to_string().into(),
            path: path.to_owned(),
            text,
        })
    }

    /// Returns a file that is named relative to this one.
    pub(crate) fn sibling(&self, file: &str) -> PathBuf {
        self.path
            .parent()
            .unwrap_or_else(|| Path::new(""))
            .join(file)
    }
}

fn cause(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => error.to_string(),
    }
}

/// Lists the files of a spec: the file itself, or the `*.yaml` and `*.yml` of a folder, by name.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>, Unreadable> {
    if !path.is_dir() {
        return if path.exists() {
            Ok(vec![path.to_owned()])
        } else {
            Err(missing(path))
        };
    }
    let entries = fs::read_dir(path).map_err(|error| cause(&error))?;
    let is_yaml = |path: &PathBuf| {
        path.is_file()
            && path
                .extension()
                .is_some_and(|end| end == "yaml" || end == "yml")
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(is_yaml)
        .collect();
    files.sort();
    if files.is_empty() {
        return Err("the folder has no *.yaml".to_owned());
    }
    Ok(files)
}

fn missing(path: &Path) -> String {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."));
    let near = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            let wanted = path.file_name()?.to_str()?;
            (strsim::jaro_winkler(&name, wanted) > 0.85).then_some(name)
        });
    match near.min() {
        Some(name) => format!(
            "there is no such file; did you mean {}?",
            folder.join(name).display()
        ),
        None => "there is no such file".to_owned(),
    }
}
