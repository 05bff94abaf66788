//! Files and folders.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{HEAD, addresses};
use crate::load;

#[test]
fn a_document_with_mistakes_is_shown_in_its_own_file() {
    let folder = TempDir::new().unwrap();
    fs::write(
        folder.path().join("mfactl.yaml"),
        format!("{HEAD}policies:\n  p: {{file: p.json}}\n"),
    )
    .unwrap();
    fs::write(folder.path().join("p.json"), "{\n \"Version\": \"2012-10-17\",\n \"Statement\": [{\"Effect\": \"Alow\", \"Action\": \"*\", \"Resource\": \"*\"}]\n}").unwrap();
    let errors = load(&folder.path().join("mfactl.yaml")).unwrap_err();
    let diagnostic = &errors.diagnostics[0];
    assert!(diagnostic.file.ends_with("p.json"), "{diagnostic:?}");
    assert_eq!(diagnostic.line, 3);
}

#[test]
fn a_folders_files_are_one_spec_and_nothing_is_said_twice() {
    let folder = TempDir::new().unwrap();
    fs::write(
        folder.path().join("a.yaml"),
        format!("{HEAD}users:\n  a: {{}}\n"),
    )
    .unwrap();
    fs::write(
        folder.path().join("b.yaml"),
        "version: 1\nusers:\n  b: {}\n",
    )
    .unwrap();
    assert_eq!(
        addresses(&load(folder.path()).unwrap()),
        ["user/a", "user/b"]
    );
    fs::write(
        folder.path().join("b.yaml"),
        "version: 1\nregion: eu-west-1\nusers:\n  a: {}\n",
    )
    .unwrap();
    let errors = load(folder.path()).unwrap_err();
    let messages: Vec<&str> = errors
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.message.as_str())
        .collect();
    assert_eq!(messages, ["`region` is there twice", "`a` is there twice"]);
    assert!(
        errors.diagnostics[0].render(false).contains("a.yaml"),
        "both places are shown"
    );
}

#[test]
fn files_that_are_no_specs_are_refused_by_name() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("mfactl.yaml");
    let message = |path: &Path| load(path).unwrap_err().diagnostics[0].message.clone();
    assert_eq!(message(&path), "can't read the spec: there is no such file");
    assert_eq!(
        message(folder.path()),
        "can't read the spec: the folder has no *.yaml"
    );
    fs::write(&path, "").unwrap();
    assert!(message(&path).starts_with("the spec is empty"));
    fs::write(&path, [b'a', 0, 0xff]).unwrap();
    assert!(message(&path).contains("not a text file"));
    fs::write(&path, vec![b'#'; 50 * 1024 * 1024]).unwrap();
    assert_eq!(
        message(&path),
        "can't read the spec: it has 50 MB, 32 MB are allowed"
    );
    fs::write(&path, "[".repeat(10_000)).unwrap();
    assert_eq!(
        message(&path),
        "this is nested more than 32 deep, and a spec is not"
    );
    let missing = message(&folder.path().join("mfactl.yml"));
    assert!(
        missing.contains("did you mean") && missing.contains("mfactl.yaml"),
        "{missing}"
    );
}

/// Writes files into a folder and loads the first.
fn loaded(files: &[(&str, &str)]) -> (TempDir, Result<crate::Spec, crate::SpecErrors>) {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let result = load(&folder.path().join(files[0].0));
    (folder, result)
}

fn policy(file: &str) -> String {
    format!("{HEAD}policies:\n  p: {{file: {file}}}\n")
}

const DOCUMENT: &str = "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\"}}";

#[test]
fn a_file_is_named_relative_to_the_spec_and_is_below_it() {
    let (_folder, result) = loaded(&[
        ("mfactl.yaml", &policy("policies/p.json")),
        ("policies/p.json", DOCUMENT),
    ]);
    assert_eq!(addresses(&result.unwrap()), ["policy/p"]);
    for file in ["../p.json", "/etc/passwd", "policies/../../p.json"] {
        let (_folder, result) = loaded(&[
            ("spec/mfactl.yaml", &policy(file)),
            ("spec/policies/x", ""),
            ("p.json", DOCUMENT),
        ]);
        let message = result.unwrap_err().diagnostics[0].message.clone();
        assert_eq!(
            message,
            format!("can't read `{file}`: it is outside the spec's folder")
        );
    }
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_spec_s_folder_is_not_followed() {
    let (folder, _) = loaded(&[
        ("spec/mfactl.yaml", &policy("p.json")),
        ("p.json", DOCUMENT),
    ]);
    let spec = folder.path().join("spec");
    std::os::unix::fs::symlink(folder.path().join("p.json"), spec.join("p.json")).unwrap();
    let errors = load(&spec.join("mfactl.yaml")).unwrap_err();
    assert!(errors.diagnostics[0].message.contains("outside"));
}

#[test]
fn a_mistyped_file_is_suggested() {
    let (_folder, result) = loaded(&[("mfactl.yaml", &policy("pp.json")), ("p.json", DOCUMENT)]);
    let message = result.unwrap_err().diagnostics[0].message.clone();
    assert!(
        message.starts_with("can't read `pp.json`: there is no such file; did you mean `"),
        "{message}"
    );
}

#[test]
fn a_folders_hidden_files_are_left_out_and_its_subfolders_are_warned_of() {
    let (folder, _) = loaded(&[
        ("a.yaml", HEAD),
        (".ci.yml", "jobs: x\n"),
        ("more/b.yaml", "version: 1\n"),
        (".github/c.yaml", "on: push\n"),
    ]);
    let spec = load(folder.path()).unwrap();
    let messages: Vec<&str> = spec
        .warnings
        .iter()
        .map(|warning| warning.message.as_str())
        .collect();
    assert_eq!(
        messages,
        ["the YAML in this subfolder is not read: a spec's files are side by side"]
    );
}

#[test]
fn a_byte_order_mark_and_carriage_returns_are_no_mistakes() {
    let text = format!("\u{feff}{}users: {{a: 1}}\r\n", HEAD.replace('\n', "\r\n"));
    let (_folder, result) = loaded(&[("mfactl.yaml", &text)]);
    let error = result.unwrap_err().diagnostics.remove(0);
    assert_eq!((error.line, error.column), (4, 12), "{error}");
}

#[test]
fn a_document_that_several_policies_name_is_wrong_once() {
    let text = format!("{}  q: {{file: p.json}}\n", policy("p.json"));
    let (_folder, result) = loaded(&[("mfactl.yaml", &text), ("p.json", "{}")]);
    assert_eq!(result.unwrap_err().diagnostics.len(), 1);
}
