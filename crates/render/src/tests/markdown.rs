//! Nothing that comes from AWS or a spec reaches a comment as anything but text.

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};
use proptest::prelude::*;

use super::drift::drift_with;
use super::hostile::plan_with;
use super::sample::header;
use crate::{Header, drift_markdown, plan_markdown};

/// GitHub's limit for a comment.
const LIMIT: usize = 65_536;

/// Reads Markdown as GitHub does, and with what other forges add.
fn options() -> Options<'static> {
    let mut options = Options::default();
    let extension = &mut options.extension;
    extension.autolink = true;
    extension.table = true;
    extension.strikethrough = true;
    extension.tasklist = true;
    extension.footnotes = true;
    extension.description_lists = true;
    extension.alerts = true;
    extension.math_dollars = true;
    extension.math_code = true;
    extension.underline = true;
    extension.superscript = true;
    extension.subscript = true;
    extension.spoiler = true;
    extension.wikilinks_title_after_pipe = true;
    extension.multiline_block_quotes = true;
    extension.header_id_prefix = None;
    options
}

/// Says what is wrong with an element, if it isn't one of ours.
fn wrong(node: &AstNode<'_>) -> Option<String> {
    match &node.data.borrow().value {
        NodeValue::Document
        | NodeValue::Heading(_)
        | NodeValue::Paragraph
        | NodeValue::List(_)
        | NodeValue::Item(_)
        | NodeValue::Strong
        | NodeValue::Code(_)
        | NodeValue::SoftBreak => None,
        NodeValue::CodeBlock(block) => {
            (!block.fenced || block.info != "diff").then(|| format!("{block:?}"))
        }
        NodeValue::HtmlBlock(block) => {
            let is_ours = is_our_html(block.literal.trim_end());
            (!is_ours).then(|| block.literal.clone())
        }
        NodeValue::Text(text) => {
            let is_reference = |word: &str| {
                let word = word.trim_matches(|character: char| ",.;:()\"“”?…".contains(character));
                word.contains(['@', '#', '/', '<', '&', '_', '!'])
                    || word.len() > 6 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
                    || word.contains(|letter: char| letter.is_ascii_digit())
                        && word.contains(|letter: char| letter.is_alphabetic() || letter == '-')
            };
            text.split_whitespace()
                .any(is_reference)
                .then(|| text.to_string())
        }
        other => Some(format!("{other:?}")),
    }
}

fn is_our_html(html: &str) -> bool {
    if let Some(inner) = html
        .strip_prefix("<!-- mfactl: ")
        .or_else(|| html.strip_prefix("<!-- mfactl drift: "))
    {
        return inner
            .strip_suffix(" -->")
            .is_some_and(|inner| !inner.contains(['>', '<']) && !inner.contains("--"));
    }
    if html == "</details>" {
        return true;
    }
    let Some(inner) = html
        .strip_prefix("<details><summary>")
        .or_else(|| html.strip_prefix("<details open><summary>"))
        .and_then(|inner| inner.strip_suffix("</summary>"))
    else {
        return false;
    };
    let mut rest = inner.to_owned();
    for tag in ["<code>", "</code>", "<b>", "</b>"] {
        rest = rest.replace(tag, "");
    }
    !rest.contains(['<', '>']) && !rest.contains('\n')
}

fn strangers(markdown: &str) -> Vec<String> {
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &options());
    root.descendants().filter_map(|node| wrong(node)).collect()
}

/// Pieces of what Markdown, HTML and forges obey.
pub(super) fn hostile() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "`",
        "```",
        "~~~",
        "@team",
        "#1",
        "GH-1",
        "[a](b)",
        "![",
        "<b>",
        "</details>",
        "<!--",
        "-->",
        "http://a.de",
        "www.a.de",
        "a@b.de",
        "*",
        "_",
        "~",
        "|",
        "\n",
        "\n\n",
        "# ",
        "- ",
        "1. ",
        "1)",
        "> ",
        "    ",
        "\t",
        "&lt;",
        "\\",
        "\u{202e}",
        "$a$",
        ":x:",
        "deadbeef",
        "===",
        "---",
        "a",
        " ",
        "word",
        "</code>",
        "<script>",
        "[x]",
        "[^1]",
        "\"",
        "'",
        "(",
        ")",
        "!",
        "{",
        "}",
        "%%",
        "||",
        "==",
    ]);
    let pieces = prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat());
    prop_oneof![3 => pieces, 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn hostile_data_makes_no_element_mention_reference_or_link(text in hostile(), other in hostile()) {
        let header = Header { spec: text.clone(), commit: Some(other.clone()), declared: 0, sandbox: false };
        let markdown = plan_markdown(&plan_with(&text, &other), &header, LIMIT);
        prop_assert_eq!(strangers(&markdown), Vec::<String>::new(), "{}", markdown);
    }

    #[test]
    fn hostile_drift_makes_no_element_mention_reference_or_link(text in hostile(), other in hostile(), limit in 1_500..12_000_usize) {
        let header = Header { spec: text.clone(), commit: Some(other.clone()), declared: 0, sandbox: false };
        let (drift, trail) = drift_with(&text, &other);
        let markdown = drift_markdown(&drift, Some(&trail), &header, limit);
        prop_assert!(markdown.len() <= limit, "{} of {}", markdown.len(), limit);
        prop_assert_eq!(strangers(&markdown), Vec::<String>::new(), "{}", markdown);
    }

    #[test]
    fn any_limit_is_kept_and_nothing_is_left_open(text in hostile(), other in hostile(), limit in 1_500..12_000_usize) {
        let markdown = plan_markdown(&plan_with(&text, &other), &header(), limit);
        prop_assert!(markdown.len() <= limit, "{} of {}", markdown.len(), limit);
        prop_assert_eq!(strangers(&markdown), Vec::<String>::new(), "{}", markdown);
        // Lines of a fence have a sign in front.
        let folds = markdown.lines().filter(|line| line.starts_with("<details")).count();
        prop_assert_eq!(folds, markdown.lines().filter(|line| *line == "</details>").count());
    }
}

#[test]
fn two_specs_have_two_markers_and_none_ends_early() {
    let marker = |spec: &str| {
        let header = Header {
            spec: spec.to_owned(),
            ..header()
        };
        let markdown = plan_markdown(&plan_with("a", "b"), &header, LIMIT);
        markdown.lines().next().unwrap().to_owned()
    };
    assert_eq!(
        marker("specs/my-team.yaml"),
        "<!-- mfactl: specs/my-team.yaml 123456789012 -->"
    );
    assert_eq!(
        marker("a -->b"),
        "<!-- mfactl: a%20-%2D%3Eb 123456789012 -->"
    );
}

#[test]
fn a_comment_says_first_what_happens_to_whom() {
    insta::assert_snapshot!(plan_markdown(&super::plans::acme(), &header(), LIMIT));
}

#[test]
fn a_refused_plan_says_so_and_why_before_anything_else() {
    insta::assert_snapshot!(plan_markdown(&super::plans::troubled(), &header(), LIMIT));
}

#[test]
fn a_reviewed_plan_that_is_stale_begins_with_the_refusal_and_replaces_no_comment() {
    let (reviewed, mut now) = (super::plans::acme(), super::plans::acme());
    now.actions.truncate(4);
    let header = header();
    let markdown = crate::difference_markdown(&reviewed, &header, &now, &header, LIMIT);
    let begin = "### `✗` Refused: this is not the plan that was reviewed.\n";
    assert!(markdown.starts_with(begin), "{markdown}");
    let html = crate::difference_html(&reviewed, &header, &now, &header);
    assert!(html.contains("<h1>Refused: this is not the plan that was reviewed.</h1>"));
    let text = crate::difference_text(&reviewed, &header, &now, &header);
    assert_eq!(text.matches("Refused").count(), 1, "{text}");
}

#[test]
fn a_comment_that_must_be_short_counts_what_it_leaves_out() {
    insta::assert_snapshot!(plan_markdown(&super::plans::acme(), &header(), 1_500));
}

#[test]
fn of_very_many_people_a_comment_shows_some_and_counts_the_others() {
    use super::sample::{create, plan, user};
    use model::Body;
    let names: Vec<(String, String)> = (0..1_500)
        .map(|index| {
            (
                format!("user/u{index}"),
                format!("membership/g{}:u{index}", index % 700),
            )
        })
        .collect();
    let changes = names.iter().flat_map(|(user_address, membership)| {
        let user = create(Body::User(user("/", &[("n", user_address)])));
        let joins = create(Body::Membership);
        [
            (user_address.as_str(), user, None, 0),
            (membership.as_str(), joins, None, 0),
        ]
    });
    let markdown = plan_markdown(&plan(changes.collect()), &header(), LIMIT);
    assert!(markdown.len() <= LIMIT);
    let shown = markdown.matches("is new, joins the group").count();
    assert!(shown > 100, "{shown}");
    let joins = markdown.matches("**`membership/").count();
    assert!(joins > 100, "{joins}");
    let remark = format!(
        "This leaves out {} of 1500 who are affected, and ",
        1_500 - shown
    );
    assert!(markdown.contains(&remark), "{remark} in {markdown}");
    assert!(markdown.contains(" of 3000 changes"), "{markdown}");
}
