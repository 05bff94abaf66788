//! Nothing that comes from AWS or a spec reaches a page as anything but text, and nothing is loaded.

use std::cell::RefCell;

use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use model::{Gain, Gained, Plan};
use proptest::prelude::*;

use super::drift::drift_with;
use super::hostile::plan_with;
use super::markdown::hostile;
use super::{acme, header, troubled};
use crate::{Header, drift_html, plan_html};

/// Collects the tags of a page, and what is text for people in it.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) tags: RefCell<Vec<Tag>>,
    pub(super) text: RefCell<String>,
    comments: RefCell<Vec<String>>,
    is_raw: RefCell<bool>,
}

impl TokenSink for Seen {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => {
                let raw = match &*tag.name {
                    "script" => Some(RawKind::ScriptData),
                    "style" => Some(RawKind::Rawtext),
                    "title" => Some(RawKind::Rcdata),
                    _ => None,
                }
                .filter(|_| tag.kind == TagKind::StartTag);
                *self.is_raw.borrow_mut() = raw.is_some();
                self.tags.borrow_mut().push(tag);
                return raw.map_or(TokenSinkResult::Continue, TokenSinkResult::RawData);
            }
            Token::CharacterTokens(text) if !*self.is_raw.borrow() => {
                self.text.borrow_mut().push_str(&text);
            }
            Token::CommentToken(text) => self.comments.borrow_mut().push(text.to_string()),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

pub(super) fn read(page: &str) -> Seen {
    let input = BufferQueue::default();
    input.push_back(page.into());
    let tokenizer = Tokenizer::new(Seen::default(), TokenizerOpts::default());
    // It stops after each script.
    while !input.is_empty() {
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    tokenizer.sink
}

/// Returns the tags with the names of their attributes that aren't ours, and what there is more than once.
fn strangers(page: &str) -> Vec<String> {
    const TAGS: &[&str] = &[
        "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "p", "main",
        "section", "ul", "li", "form", "label", "input", "fieldset", "legend", "button", "span",
        "details", "summary", "div", "b", "code", "pre", "mark", "del", "ins", "script",
    ];
    const ATTRIBUTES: &[&str] = &[
        "lang",
        "charset",
        "http-equiv",
        "content",
        "name",
        "class",
        "aria-labelledby",
        "aria-hidden",
        "id",
        "role",
        "hidden",
        "type",
        "autocomplete",
        "value",
        "checked",
        "data-mark",
        "open",
    ];
    let seen = read(page);
    let tags = seen.tags.borrow();
    let is_strange = |tag: &&Tag| {
        let mut attributes = tag.attrs.iter();
        !TAGS.contains(&&*tag.name)
            || attributes.any(|attribute| !ATTRIBUTES.contains(&&*attribute.name.local))
    };
    let strange = tags.iter().filter(is_strange).map(|tag| format!("{tag:?}"));
    let comments = seen.comments.borrow();
    let scripts = tags.iter().filter(|tag| &*tag.name == "script").count();
    let scripts = (scripts != 2).then(|| format!("{scripts} tags of scripts"));
    strange
        .chain(comments.iter().cloned())
        .chain(scripts)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn hostile_data_makes_no_element_and_no_attribute(text in hostile(), other in hostile()) {
        let header = Header { spec: text.clone(), commit: Some(other.clone()), declared: 0, sandbox: false };
        let page = plan_html(&plan_with(&text, &other), &header);
        prop_assert_eq!(strangers(&page), Vec::<String>::new());
    }

    #[test]
    fn hostile_drift_makes_no_element_and_no_attribute(text in hostile(), other in hostile()) {
        let (drift, trail) = drift_with(&text, &other);
        let page = drift_html(&drift, Some(&trail), &header());
        prop_assert_eq!(strangers(&page), Vec::<String>::new());
    }
}

#[test]
fn a_page_loads_nothing_and_runs_only_its_own_script() {
    let page = plan_html(&acme(), &header());
    assert_eq!(strangers(&page), Vec::<String>::new());
    assert!(
        page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"),
        "{page}"
    );
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("url("));
}

#[test]
fn a_page_marks_what_somebody_should_know_by_sign_style_and_word() {
    let gains = Gain {
        address: "user/bob".parse().unwrap(),
        without_mfa: Gained::default(),
        with_mfa: Gained::default(),
        needs_no_mfa: true,
    };
    let plan = Plan {
        gains: Some(vec![gains]),
        ..acme()
    };
    let page = plan_html(&plan, &header());
    let start = r#"<p class="remark attention"><span class="mark attention" aria-hidden="true">!</span><span class="unseen">attention </span>"#;
    assert!(page.contains(start), "{page}");
}

#[test]
fn a_page_of_a_refused_plan_says_why_before_who_is_affected() {
    let page = plan_html(&troubled(), &header());
    let at = |text: &str| page.find(text).unwrap();
    assert!(at("this plan must not be applied") < at("Who is affected"));
}

#[test]
fn a_page_reads_from_verdict_to_details() {
    let page = plan_html(&troubled(), &header());
    let text = read(&page).text.borrow().clone();
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}
