//! The files a spec is read from.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::shown;
use crate::reading::nearest;

/// A spec of 20,000 users has about 3 MB; anything much larger isn't one.
const LARGEST: u64 = 32 * 1024 * 1024;

/// Holds one file's name and text.
#[derive(PartialEq, Eq)]
pub(crate) struct Source {
    /// The file's path as it was named, fit to be shown.
    pub(crate) name: Arc<str>,
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    /// Where each line begins, in bytes.
    lines: Vec<usize>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Source").field(&self.name).finish()
    }
}

/// Says why a file can't be read, as a sentence without its name.
pub(crate) type Unreadable = String;

impl Source {
    pub(crate) fn read(path: &Path) -> Result<Self, Unreadable> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing(path)),
            Err(error) => return Err(error.to_string()),
        };
        let metadata = file.metadata().map_err(|error| error.to_string())?;
        if metadata.is_dir() {
            return Err("it is a folder, not a file".to_owned());
        }
        if metadata.len() > LARGEST {
            return Err(too_large(&format!("{} MB", metadata.len() / 1_048_576)));
        }
        let mut bytes = Vec::new();
        // A pipe or a device doesn't tell its size.
        file.take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| error.to_string())?;
        if bytes.len() as u64 > LARGEST {
            return Err(too_large("more"));
        }
        Ok(Self::new(path, text(bytes)?))
    }

    /// Reads the standard input, which is shown as `-`.
    pub(crate) fn read_stdin() -> Result<Self, Unreadable> {
        let mut bytes = Vec::new();
        io::stdin()
            .take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| error.to_string())?;
        if bytes.len() as u64 > LARGEST {
            return Err(too_large("more"));
        }
        Ok(Self::new(Path::new("-"), text(bytes)?))
    }

    fn new(path: &Path, text: String) -> Self {
        let starts = text.match_indices('\n').map(|(newline, _)| newline + 1);
        let lines = std::iter::once(0).chain(starts).collect();
        Self {
            name: shown(&path.display().to_string()).into(),
            path: path.to_owned(),
            text,
            lines,
        }
    }

    /// Reads a file that is named relative to this one and is in the same folder or below it, links followed.
    ///
    /// What it holds is shown in messages and sent to AWS, so a spec can't name any file of whoever runs it.
    pub(crate) fn beside(&self, file: &str) -> Result<Self, Unreadable> {
        let path = match self.path.parent() {
            Some(parent) => parent.join(file),
            None => PathBuf::from(file),
        };
        let cause = |error: io::Error| error.to_string();
        let home = fs::canonicalize(folder(&self.path)).map_err(cause)?;
        let outside = || "it is outside the spec's folder".to_owned();
        // The folder first: what else is in one outside isn't told either.
        match fs::canonicalize(folder(&path)) {
            Ok(real) if real.starts_with(&home) => {}
            Ok(_) => return Err(outside()),
            Err(_) => return Err("there is no such file".to_owned()),
        }
        let real = match fs::canonicalize(&path) {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing(&path)),
            Err(error) => return Err(cause(error)),
        };
        if !real.starts_with(&home) {
            return Err(outside());
        }
        let source = Self::read(&real)?;
        Ok(Self::new(&path, source.text))
    }

    /// Returns the line that a byte is in, from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset)
    }

    /// Returns the byte at a line and a column in characters, both from 1, or the end of that line.
    pub(crate) fn offset(&self, line: usize, column: usize) -> usize {
        let start = self.lines.get(line.saturating_sub(1)).copied();
        let line = self.line_range(start.unwrap_or(self.text.len()));
        let text = self.text.get(line.clone()).unwrap_or_default();
        let character = text.char_indices().nth(column.saturating_sub(1));
        line.start + character.map_or(text.len(), |(offset, _)| offset)
    }

    /// Returns the bytes of the line that a byte is in, without its end.
    pub(crate) fn line_range(&self, offset: usize) -> Range<usize> {
        let line = self.line(offset);
        let start = self.lines.get(line.saturating_sub(1)).copied();
        let next = self.lines.get(line).map(|next| next - 1);
        let (start, end) = (start.unwrap_or(0), next.unwrap_or(self.text.len()));
        let text = self.text.get(start..end).unwrap_or_default();
        start..start + text.strip_suffix('\r').unwrap_or(text).len()
    }
}

fn too_large(size: &str) -> Unreadable {
    format!("it has {size}, {} MB are allowed", LARGEST / 1_048_576)
}

fn text(bytes: Vec<u8>) -> Result<String, Unreadable> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        format!("it is not a text file (byte {place} is not UTF-8)")
    })?;
    match text.find('\0') {
        Some(place) => Err(format!("it is not a text file (byte {place} is zero)")),
        None => Ok(match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        }),
    }
}

/// Lists the files of a spec: the file itself, or the `*.yaml` and `*.yml` of a folder, by name, hidden ones left out.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>, Unreadable> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let files = yaml_files(path).map_err(|error| error.to_string())?;
    if files.is_empty() {
        return Err("the folder has no *.yaml".to_owned());
    }
    Ok(files)
}

/// Lists the subfolders that hold YAML, which isn't read.
pub(crate) fn unread_subfolders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| !is_hidden(path) && path.is_dir())
        .filter(|path| yaml_files(path).is_ok_and(|files| !files.is_empty()))
        .collect();
    folders.sort();
    folders
}

fn yaml_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let is_yaml = |path: &Path| {
        path.extension()
            .is_some_and(|end| end == "yaml" || end == "yml")
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if is_yaml(&path) && !is_hidden(&path) && !path.is_dir() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."))
}

fn missing(path: &Path) -> Unreadable {
    let entries = fs::read_dir(folder(path)).into_iter().flatten().flatten();
    let names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    let wanted = path.file_name().and_then(|name| name.to_str());
    match wanted.and_then(|wanted| nearest(wanted, names.iter().map(String::as_str))) {
        Some(near) => format!(
            "there is no such file; did you mean `{}`?",
            path.with_file_name(near).display()
        ),
        None => "there is no such file".to_owned(),
    }
}
