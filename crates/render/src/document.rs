//! The document between what is shown and how: every format renders the same one.
//!
//! Texts in it are data as they came from AWS or a spec. Each renderer shows them in its own way, and obeys none.

/// Holds everything that is to be shown, in order.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// What the marks stand for.
    pub(crate) view: View,
    /// The spec's file or folder and the account, by which a later document about the same can take this one's place.
    pub(crate) about: Option<About>,
    /// What it is about: account, region, caller, spec.
    pub(crate) title: String,
    /// Who is affected, or what was found, in words that need no knowledge of AWS. Texts for a terminal leave it out: the entries say it,
    /// to those who know.
    pub(crate) affected: Vec<Entry>,
    /// What is proved, a sentence a claim; what isn't has a mark. The verdict has it in short, for a terminal.
    pub(crate) claims: Vec<Remark>,
    /// What there is to see.
    pub(crate) sections: Vec<Section>,
    /// That it must not be done, where that is so: a page begins with it, and text for a terminal ends with it.
    pub(crate) refusal: Option<Remark>,
    /// What it comes to, one sentence or more a remark.
    pub(crate) verdict: Vec<Remark>,
}

/// Tells what the marks of a document stand for.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// What is done.
    #[default]
    Changes,
    /// What was found, seen from what is declared.
    Drift,
}

impl View {
    /// Returns a mark's word, for those who don't see its sign.
    pub(crate) fn word(self, mark: Mark) -> &'static str {
        match (self, mark) {
            (Self::Changes, Mark::Create) => "create",
            (Self::Changes, Mark::Update) => "update",
            (Self::Changes, Mark::Delete) => "delete",
            (Self::Drift, Mark::Create) => "undeclared",
            (Self::Drift, Mark::Update) => "changed",
            (Self::Drift, Mark::Delete) => "missing",
            (_, Mark::Attention) => "attention",
            (_, Mark::Unknown) => "unknown",
            (_, Mark::Failure) => "failure",
        }
    }

    /// Returns the heading of what is said in words that need no knowledge of AWS.
    pub(crate) fn affected(self) -> &'static str {
        match self {
            Self::Changes => "Who is affected",
            Self::Drift => "What it means",
        }
    }
}

/// Names what a document is about.
#[derive(Debug)]
pub(crate) struct About {
    /// The spec's file or folder.
    pub(crate) spec: String,
    /// The account's id.
    pub(crate) account: String,
}

/// Holds entries that belong together. One without entries isn't shown.
#[derive(Debug)]
pub(crate) struct Section {
    /// What they have in common, where the marks don't say it.
    pub(crate) heading: Option<Remark>,
    /// The entries.
    pub(crate) entries: Vec<Entry>,
}

/// Holds a line of text in our own words, with the mark that tells how much it matters.
#[derive(Debug, Clone)]
pub(crate) struct Remark {
    /// Of what sort it is; none is plain.
    pub(crate) mark: Option<Mark>,
    /// What it says.
    pub(crate) text: String,
}

/// Holds what is to be said of one object.
#[derive(Debug)]
pub(crate) struct Entry {
    /// What happens to the object.
    pub(crate) mark: Mark,
    /// Which object, or objects.
    pub(crate) address: String,
    /// What there is to say of it in one line.
    pub(crate) note: Option<String>,
    /// Where the spec declares it.
    pub(crate) origin: Option<String>,
    /// What there is to say beyond one line.
    pub(crate) details: Vec<Detail>,
    /// The objects that go with it.
    pub(crate) parts: Vec<Entry>,
    /// How much it matters where not everything fits.
    pub(crate) importance: Importance,
    /// How many objects it is of.
    pub(crate) objects: usize,
}

/// Orders entries by how much they matter where not everything fits: each more than the one before.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Importance {
    /// Nothing but tags changes.
    Tags,
    /// Anything else.
    #[default]
    Rest,
    /// Something is deleted.
    Deletion,
    /// Somebody joins or leaves a group.
    Membership,
    /// Somebody gets or loses a policy.
    Attachment,
    /// What a policy says.
    Policy,
    /// Why something must not be done, or failed.
    Refusal,
}

/// Parts sections that have entries: why something failed or must not be done, which a page that begins with its verdict
/// shows first, and the others.
pub(crate) fn by_importance(sections: &[Section]) -> (Vec<&Section>, Vec<&Section>) {
    let is_failure = |heading: &Remark| heading.mark == Some(Mark::Failure);
    sections
        .iter()
        .filter(|section| !section.entries.is_empty())
        .partition(|section| section.heading.as_ref().is_some_and(is_failure))
}

impl Document {
    /// Returns what a page begins with, and what follows: that something must not be done goes before what would be.
    pub(crate) fn heading(&self) -> (Option<&Remark>, Vec<&Remark>) {
        let mut remarks = self.refusal.iter().chain(&self.verdict);
        (remarks.next(), remarks.collect())
    }
}

impl Section {
    /// Returns the heading for a page, without the colon before a list, or what the entries are where they have none.
    pub(crate) fn title(&self, view: View) -> Remark {
        if let Some(Remark { mark, text }) = &self.heading {
            return Remark {
                mark: *mark,
                text: text.trim_end_matches([':', '.']).to_owned(),
            };
        }
        let is_change =
            |entry: &Entry| matches!(entry.mark, Mark::Create | Mark::Update | Mark::Delete);
        let text = match (self.entries.iter().any(is_change), view) {
            (true, View::Changes) => "What changes",
            (true, View::Drift) => "What differs",
            (false, _) => "What to know",
        };
        Remark {
            mark: None,
            text: text.to_owned(),
        }
    }
}

impl Entry {
    /// Tells whether there is more to say than its line.
    pub(crate) fn has_more(&self) -> bool {
        !(self.details.is_empty() && self.parts.is_empty())
    }

    /// Tells whether what there is more to say should be seen at once: what differs in documents, what fails, and of drift
    /// everything, since who did it is there.
    pub(crate) fn is_important(&self, view: View) -> bool {
        let is_diff = |detail: &Detail| matches!(detail, Detail::Diff { .. });
        view == View::Drift || self.mark == Mark::Failure || self.details.iter().any(is_diff)
    }

    /// Returns an entry with a mark and an address only.
    pub(crate) fn new(mark: Mark, address: &(impl ToString + ?Sized)) -> Self {
        Self {
            mark,
            address: address.to_string(),
            note: None,
            origin: None,
            details: Vec::new(),
            parts: Vec::new(),
            importance: match mark {
                Mark::Failure => Importance::Refusal,
                Mark::Delete => Importance::Deletion,
                Mark::Create | Mark::Update | Mark::Attention | Mark::Unknown => Importance::Rest,
            },
            objects: 1,
        }
    }
}

/// Tells what happens to an object, or how much a remark matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// It is created.
    Create,
    /// It is changed in place.
    Update,
    /// It is deleted.
    Delete,
    /// Somebody should know.
    Attention,
    /// It isn't known, or nothing is done.
    Unknown,
    /// It fails, or must not be done.
    Failure,
}

impl Mark {
    /// Returns the sign, the same in every format.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Create => "+",
            Self::Update => "~",
            Self::Delete => "-",
            Self::Attention => "!",
            Self::Unknown => "?",
            Self::Failure => "✗",
        }
    }
}

/// Holds one thing to say of an object beyond its line.
#[derive(Debug, PartialEq)]
pub(crate) enum Detail {
    /// A sentence.
    Text(String),
    /// A field and its value.
    Field {
        /// The field, as in a spec.
        name: String,
        /// The value, as it is to be read.
        value: String,
    },
    /// A field and its values before and after.
    Change {
        /// The field, as in a spec.
        name: String,
        /// The value that goes, as it is to be read.
        before: String,
        /// The value that comes, as it is to be read.
        after: String,
    },
    /// The lines that differ in a longer text.
    Diff {
        /// The part of the object that the lines are of.
        title: String,
        /// The lines, with the unchanged ones that enclose them.
        lines: Vec<DiffLine>,
    },
}

/// Holds one line of a diff.
#[derive(Debug, PartialEq)]
pub(crate) struct DiffLine {
    /// Which of the two texts has it.
    pub(crate) side: Side,
    /// The line, in pieces.
    pub(crate) pieces: Vec<Piece>,
}

/// Tells which of two texts has a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Only the text before.
    Before,
    /// Only the text after.
    After,
    /// Both.
    Both,
}

/// Holds a piece of a line.
#[derive(Debug, PartialEq)]
pub(crate) struct Piece {
    /// Whether this is what differs from the line's counterpart.
    pub(crate) differs: bool,
    /// The text.
    pub(crate) text: String,
}
