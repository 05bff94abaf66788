//! Findings and changes on the lines of a spec, for tools that show them beside the code.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, Finding, Level, Origin, Plan};
use serde_json::{Value, json};

use crate::document::{Detail, Entry};
use crate::shown::shown;
use crate::{Header, changes, findings, unread};

/// Says one thing about a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// How much it matters.
    pub severity: Severity,
    /// What sort of thing it is: the code of a finding, or a word of ours.
    pub rule: String,
    /// What it is about, which stays the same when lines move: an address, or else the text.
    pub subject: String,
    /// What it says.
    pub message: String,
    /// The file.
    pub file: String,
    /// The line, from 1; zero where it is about the file as a whole.
    pub line: usize,
}

/// Orders annotations by how much they matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Note,
    /// Probably not meant.
    Warning,
    /// It fails.
    Error,
}

/// Explains a rule of annotations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What is found, as a sentence.
    pub summary: String,
    /// What it means and what to do, in plain text.
    pub help: String,
    /// The same as Markdown.
    pub markdown: String,
}

/// Returns what a plan does, finds and doesn't know.
///
/// `declared` says where what the plan doesn't change is declared, if that is known. What isn't declared is put where the
/// group or user that it gives something is, and else at the beginning of the spec.
pub fn plan_annotations(
    plan: &Plan,
    header: &Header,
    declared: impl Fn(&Address) -> Option<Origin>,
) -> Vec<Annotation> {
    let changed: BTreeMap<&Address, &Origin> = plan
        .actions
        .iter()
        .filter_map(|action| Some((&action.address, action.origin.as_ref()?)))
        .collect();
    let own = |address: &Address| {
        let origin = changed.get(address).map(|origin| (*origin).clone());
        origin.or_else(|| declared(address))
    };
    let place = |address: Option<&Address>| {
        let address = address?;
        own(address).or_else(|| address.owners().iter().find_map(&own))
    };
    let found = plan
        .findings
        .iter()
        .map(|finding| of_finding(finding, place(finding.address.as_ref()), header));
    let unknown = unread::of_plan(plan)
        .into_iter()
        .chain(findings::withheld(plan));
    let unknown = unknown.map(|entry| {
        let origin = place(entry.address.parse().ok().as_ref());
        annotation(Severity::Error, "withheld", &entry, origin, header)
    });
    let done = changes::entries(plan).into_iter().map(|entry| {
        let origin = place(entry.address.parse().ok().as_ref());
        annotation(Severity::Note, "change", &entry, origin, header)
    });
    found.chain(unknown).chain(done).collect()
}

/// Returns a finding on the line of what it is about.
pub(crate) fn of_finding(finding: &Finding, origin: Option<Origin>, header: &Header) -> Annotation {
    let entry = findings::finding_entry(finding);
    let rule = finding.code.as_str();
    annotation(severity(finding), rule, &entry, origin, header)
}

/// Returns an entry on its line; one without a place is at the spec's beginning.
pub(crate) fn annotation(
    severity: Severity,
    rule: &str,
    entry: &Entry,
    origin: Option<Origin>,
    header: &Header,
) -> Annotation {
    Annotation {
        severity,
        rule: rule.to_owned(),
        subject: entry.address.clone(),
        message: message(entry),
        file: origin
            .as_ref()
            .map_or_else(|| header.spec.clone(), |origin| origin.file.to_string()),
        line: origin.map_or(0, |origin| origin.line as usize),
    }
}

fn severity(finding: &Finding) -> Severity {
    match finding.level {
        Level::Note | Level::Accepted => Severity::Note,
        Level::Warning => Severity::Warning,
        Level::Refusal => Severity::Error,
    }
}

/// Returns an entry as a sentence or more.
fn message(entry: &Entry) -> String {
    let Entry {
        mark,
        address,
        note,
        origin: _,
        details,
        parts: _,
        importance: _,
        objects: _,
    } = entry;
    let mut text = format!("{} {address}", mark.sign());
    if let Some(note) = note {
        text.push_str(&format!(": {note}"));
    }
    for detail in details {
        match detail {
            Detail::Text(more) => text.push_str(&format!("; {more}")),
            Detail::Field { name, value } => text.push_str(&format!("; {name} {value}")),
            Detail::Change {
                name,
                before,
                after,
            } => text.push_str(&format!("; {name} {before} → {after}")),
            Detail::Diff { title, .. } => text.push_str(&format!("; differs: {title}")),
        }
    }
    text
}

/// Returns annotations as commands of GitHub Actions, a line each, which shows them in the changed files.
pub fn github(annotations: &[Annotation]) -> String {
    annotations.iter().map(command).collect()
}

fn command(annotation: &Annotation) -> String {
    let Annotation {
        severity,
        rule,
        subject,
        message,
        file,
        line,
    } = annotation;
    let message = untitled(message, rule, subject);
    let command = match severity {
        Severity::Note => "notice",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let line = match line {
        0 => String::new(),
        line => format!(",line={line}"),
    };
    let (file, title, message) = (property(file), property(rule), data(&message));
    format!("::{command} file={file}{line},title={title}::{message}\n")
}

/// Returns a message without the rule, which is its title.
fn untitled(message: &str, rule: &str, subject: &str) -> String {
    let (sign, text) = message.split_once(' ').unwrap_or(("", message));
    let of_subject = text.strip_prefix(&format!("{subject}: {rule}: "));
    match (text.strip_prefix(&format!("{rule}: ")), of_subject) {
        (Some(text), _) => format!("{sign} {text}"),
        (None, Some(text)) => format!("{sign} {subject}: {text}"),
        (None, None) => message.to_owned(),
    }
}

/// Escapes a message as the runner reads it (`toolkit/packages/core/src/command.ts` of GitHub's actions).
fn data(text: &str) -> String {
    let text = shown(text).replace('%', "%25");
    text.replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Returns annotations as SARIF 2.1.0, for code scanning; `explain` says what a rule means.
pub fn sarif(annotations: &[Annotation], explain: impl Fn(&str) -> Option<Rule>) -> Value {
    let rules: BTreeSet<&str> = annotations
        .iter()
        .map(|annotation| annotation.rule.as_str())
        .collect();
    let rules: Vec<Value> = rules.into_iter().map(|id| rule(id, explain(id))).collect();
    let mut seen = BTreeMap::new();
    let results: Vec<Value> = annotations
        .iter()
        .map(|annotation| {
            let fingerprint = format!("{} {}", annotation.rule, annotation.subject);
            let number: &mut usize = seen.entry(fingerprint.clone()).or_default();
            *number += 1;
            result(annotation, &format!("{fingerprint} {number}"))
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "mfactl",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(id: &str, explained: Option<Rule>) -> Value {
    match explained {
        None => json!({"id": id}),
        Some(Rule {
            summary,
            help,
            markdown,
        }) => json!({
            "id": id,
            "shortDescription": {"text": summary},
            "help": {"text": help, "markdown": markdown},
        }),
    }
}

fn result(annotation: &Annotation, fingerprint: &str) -> Value {
    let Annotation {
        severity,
        rule,
        subject: _,
        message,
        file,
        line,
    } = annotation;
    let level = match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    json!({
        "ruleId": rule,
        "level": level,
        "message": {"text": without_links(&shown(message))},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(file)},
            // What is about the whole of a file is shown at its beginning.
            "region": {"startLine": line.max(&1)},
        }}],
        "partialFingerprints": {"ruleAndSubject/v1": shown(fingerprint)},
    })
}

/// Takes from brackets that they are a link (section 3.11.6 of SARIF 2.1.0).
fn without_links(text: &str) -> String {
    if text.contains("](") {
        text.replace('\\', "\\\\")
            .replace('[', "\\[")
            .replace(']', "\\]")
    } else {
        text.to_owned()
    }
}

/// Returns a path as a URI reference: relative paths are of the repository.
fn uri(file: &str) -> String {
    const PATH: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
        .remove(b'/')
        .remove(b'.')
        .remove(b'_')
        .remove(b'-')
        .remove(b'~');
    let relative = file.strip_prefix("./").unwrap_or(file);
    percent_encoding::utf8_percent_encode(relative, PATH).to_string()
}

#[cfg(test)]
mod tests {
    use model::{Body, Change};

    use super::*;
    use crate::tests::sample::{origin, plan};
    use crate::tests::{acme, denied, header, troubled};

    fn lines(plan: &Plan) -> Vec<String> {
        let annotations = plan_annotations(plan, &header(), |_| None);
        github(&annotations).lines().map(str::to_owned).collect()
    }

    #[test]
    fn changes_are_notices_on_their_lines() {
        let lines = lines(&acme());
        let expected = "::notice file=acme.yaml,line=12,title=change::+ user/alice; path \"/people/\"; tags.team \"platform\"";
        assert!(lines.contains(&expected.to_owned()), "{lines:#?}");
        let expected = "::notice file=specs/acme.yaml,title=change::- user/bob: with 1 password, 2 access keys, 1 MFA device";
        assert!(lines.contains(&expected.to_owned()), "{lines:#?}");
    }

    #[test]
    fn what_goes_is_on_the_line_of_the_group_or_user_that_it_gave_something() {
        let membership = Change::Delete {
            before: Body::Membership,
        };
        let plan = plan(vec![("membership/admins:bob", membership, None, 1)]);
        let declared =
            |address: &Address| (address.to_string() == "group/admins").then(|| origin(7));
        let lines = github(&plan_annotations(&plan, &header(), declared));
        let start = "::notice file=acme.yaml,line=7,title=change::- membership/admins:bob";
        assert!(lines.starts_with(start), "{lines}");
    }

    #[test]
    fn refusals_and_what_is_not_known_are_errors() {
        let lines = lines(&troubled());
        let errors = lines
            .iter()
            .filter(|line| line.starts_with("::error "))
            .count();
        assert_eq!(
            errors, 4,
            "two refusals, an unread kind, a withheld change: {lines:#?}"
        );
    }

    #[test]
    fn one_denied_call_is_one_error_whatever_it_hides() {
        let lines = lines(&denied());
        let mut denied = lines.iter().filter(|line| line.contains("AccessDenied"));
        assert_eq!(
            denied.next().map(String::as_str),
            Some(
                "::error file=specs/acme.yaml,title=withheld::? user/* and 3 more: not read: AccessDenied for \
                 iam:GetAccountAuthorizationDetails; 4 actions withheld; User: user/ci is not authorized; not read: user, \
                 group, membership, policy; withheld: user/alice, user/bob, group/people and 1 more; `mfactl permissions \
                 plan` prints what the credentials need"
            )
        );
        assert_eq!(denied.next(), None, "{lines:#?}");
    }

    #[test]
    fn the_name_of_a_finding_is_the_title_and_not_said_again() {
        let mut plan = troubled();
        plan.findings.push(Finding {
            address: "user/bob".parse().ok(),
            message: "can-enrol: it can't".to_owned(),
            code: model::FindingCode::CanEnrol,
            ..plan.findings[0].clone()
        });
        let lines = lines(&plan);
        let begins = |it: &str| lines.iter().any(|line| line.contains(it));
        assert!(
            begins(",title=can-enrol::✗ user/bob: it can't"),
            "{lines:#?}"
        );
        assert!(
            begins(",title=too-many-people::✗ 5 of 9 people"),
            "{lines:#?}"
        );
    }

    #[test]
    fn data_ends_no_command_and_no_property() {
        let annotation = Annotation {
            severity: Severity::Warning,
            rule: "a,b:c".into(),
            subject: String::new(),
            message: "100%\n::error::gone".into(),
            file: "a,line=1::b".into(),
            line: 3,
        };
        assert_eq!(
            github(&[annotation]),
            "::warning file=a%2Cline=1%3A%3Ab,line=3,title=a%2Cb%3Ac::100%25\\n::error::gone\n"
        );
    }

    #[test]
    fn a_fingerprint_stays_when_lines_move_and_two_of_one_object_differ() {
        let fingerprints = |line| {
            let annotation = Annotation {
                severity: Severity::Note,
                rule: "change".into(),
                subject: "user/a".into(),
                message: "[x](http://a.de)".into(),
                file: "a b.yaml".into(),
                line,
            };
            let sarif = sarif(&[annotation.clone(), annotation], |_| None);
            let results = &sarif["runs"][0]["results"];
            assert_eq!(results[0]["message"]["text"], "\\[x\\](http://a.de)");
            [0, 1].map(|index| results[index]["partialFingerprints"].clone())
        };
        assert_eq!(fingerprints(1), fingerprints(2));
        let [one, other] = fingerprints(1);
        assert_ne!(one, other);
    }
}
