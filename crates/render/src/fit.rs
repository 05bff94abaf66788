//! A limit on how long a text may be, kept by leaving out whole blocks, those first that matter least.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::document::Importance;

/// The room that the remark on what is left out may take.
const REMARK: usize = 300;

/// Holds a part of a text that is shown as a whole or not at all.
#[derive(Debug)]
pub(crate) struct Block {
    /// All of it.
    pub(crate) whole: String,
    /// Its first line, where it has more than that.
    pub(crate) line: Option<String>,
    /// What it is in the text.
    pub(crate) role: Role,
}

/// Tells what a block is in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It stands for itself, and goes last.
    Text,
    /// It is the title of the entries that follow, and goes with them.
    Title,
    /// It is an entry of a list.
    Entry {
        /// How much it matters.
        importance: Importance,
        /// What it is counted as when it is left out.
        counted: Counted,
        /// How many objects it is of.
        objects: usize,
    },
}

/// Tells what an entry is counted as when it is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    /// As a change, or of drift as a difference.
    Change,
    /// As something to know.
    Note,
    /// As one who is affected: it says in other words what entries say.
    Affected,
}

/// Counts the objects that a limit left out.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LeftOut {
    /// Changes of which the details are left out.
    pub(crate) details: usize,
    /// Changes that are left out.
    pub(crate) changes: usize,
    /// Changes that there are.
    pub(crate) of: usize,
    /// Notes that are left out.
    pub(crate) notes: usize,
    /// Those affected who are left out.
    pub(crate) affected: usize,
    /// Those affected whom there are.
    pub(crate) of_affected: usize,
}

/// How a block is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Nothing,
    Line,
    Whole,
}

/// Returns the blocks in their order in no more than `limit` bytes, and what is left out: first the details of those that
/// they don't fit of, then whole entries; of both those first that matter least. `remark` makes a sentence of it, which
/// comes first.
pub(crate) fn fit(blocks: &[Block], limit: usize, remark: impl Fn(LeftOut) -> String) -> String {
    let whole: usize = blocks.iter().map(|block| block.whole.len()).sum();
    if whole <= limit {
        return blocks.iter().map(|block| block.whole.as_str()).collect();
    }
    let forms = forms(blocks, limit.saturating_sub(REMARK));
    let mut left_out = LeftOut::default();
    for (block, form) in blocks.iter().zip(&forms) {
        left_out.count(block, *form);
    }
    let shown = blocks.iter().zip(&forms).map(|(block, form)| match form {
        Form::Nothing => "",
        Form::Line => block.shortest(),
        Form::Whole => &block.whole,
    });
    remark(left_out) + &shown.collect::<String>()
}

/// Chooses how each block is shown: what matters most has the first choice. Who is affected and what changes have half of
/// the room each, and what the other doesn't need.
fn forms(blocks: &[Block], mut room: usize) -> Vec<Form> {
    let mut order: Vec<(usize, &Block)> = blocks.iter().enumerate().collect();
    order.sort_by_key(|(_, block)| Reverse(block.importance()));
    let mut shown: BTreeMap<usize, Form> = BTreeMap::new();
    let must_be =
        |(_, block): &&(usize, &Block)| block.importance() >= (false, Importance::Refusal);
    let (first, others): (Vec<_>, Vec<_>) = order.iter().partition(must_be);
    let (affected, entries): (Vec<_>, Vec<_>) = others
        .into_iter()
        .partition(|(_, block)| block.is_affected());
    let mut show = |blocks: Vec<(usize, &Block)>, mut room: usize| {
        for (place, block) in blocks {
            let size = block.shortest().len();
            if size <= room {
                room -= size;
                shown.insert(place, Form::Line);
            }
        }
        room
    };
    room = show(first, room);
    let needed: usize = entries
        .iter()
        .map(|(_, block)| block.shortest().len())
        .sum();
    let share = room.saturating_sub(needed).max(room / 2);
    let others = room - share;
    room = others + show(affected, share);
    room = show(entries, room);
    for (place, block) in &order {
        let more = block.whole.len() - block.shortest().len();
        if let Some(form) = shown.get_mut(place)
            && more <= room
        {
            room -= more;
            *form = Form::Whole;
        }
    }
    // A title goes with the last of what follows it.
    let mut has_entry = false;
    let mut forms: Vec<Form> = Vec::new();
    for (place, block) in blocks.iter().enumerate().rev() {
        let form = shown.remove(&place).unwrap_or(Form::Nothing);
        forms.push(match block.role {
            Role::Title if !has_entry => Form::Nothing,
            Role::Title | Role::Text | Role::Entry { .. } => form,
        });
        has_entry = match block.role {
            Role::Title | Role::Text => false,
            Role::Entry { .. } => has_entry || form != Form::Nothing,
        };
    }
    forms.reverse();
    forms
}

impl LeftOut {
    fn count(&mut self, block: &Block, form: Form) {
        let Role::Entry {
            counted, objects, ..
        } = block.role
        else {
            return;
        };
        match (counted, form) {
            (Counted::Change, Form::Nothing) => self.changes += objects,
            (Counted::Change, Form::Line) => self.details += objects,
            (Counted::Note, Form::Nothing) => self.notes += objects,
            (Counted::Affected, Form::Nothing) => self.affected += objects,
            (Counted::Change, Form::Whole)
            | (Counted::Note | Counted::Affected, Form::Line | Form::Whole) => {}
        }
        match counted {
            Counted::Change => self.of += objects,
            Counted::Affected => self.of_affected += objects,
            Counted::Note => {}
        }
    }
}

impl Block {
    /// Returns a block that stands for itself.
    pub(crate) fn text(whole: String) -> Self {
        Self {
            whole,
            line: None,
            role: Role::Text,
        }
    }

    fn shortest(&self) -> &str {
        match &self.line {
            Some(line) if line.len() < self.whole.len() => line,
            Some(_) | None => &self.whole,
        }
    }

    fn is_affected(&self) -> bool {
        let is_affected = |counted| counted == Counted::Affected;
        matches!(self.role, Role::Entry { counted, .. } if is_affected(counted))
    }

    /// Returns how much it matters; what is no entry goes before all of them.
    fn importance(&self) -> (bool, Importance) {
        match self.role {
            Role::Text | Role::Title => (true, Importance::Refusal),
            Role::Entry { importance, .. } => (false, importance),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(whole: String, line: &str, importance: Importance) -> Block {
        Block {
            whole,
            line: Some(line.to_owned()),
            role: Role::Entry {
                importance,
                counted: Counted::Change,
                objects: 1,
            },
        }
    }

    fn title(whole: &str) -> Block {
        Block {
            whole: whole.to_owned(),
            line: None,
            role: Role::Title,
        }
    }

    fn blocks(number: usize) -> Vec<Block> {
        let entry = |index| {
            let line = format!("{index:03}{}\n", "x".repeat(6));
            let whole = format!("{index:03}{}\n", "x".repeat(96));
            entry(whole, &line, Importance::Rest)
        };
        std::iter::once(title("title\n"))
            .chain((0..number).map(entry))
            .collect()
    }

    fn shown(blocks: &[Block], limit: usize) -> (String, LeftOut) {
        let left_out = std::cell::Cell::new(LeftOut::default());
        let text = fit(blocks, limit, |left| {
            left_out.set(left);
            String::new()
        });
        (text, left_out.get())
    }

    #[test]
    fn what_fits_is_whole() {
        let (text, left_out) = shown(&blocks(3), 306);
        assert_eq!((text.len(), left_out), (306, LeftOut::default()));
    }

    #[test]
    fn details_go_before_entries_and_from_the_end() {
        let (text, left_out) = shown(&blocks(10), 306 + REMARK);
        assert_eq!((left_out.details, left_out.changes), (8, 0));
        let lengths: Vec<usize> = text.lines().skip(1).map(str::len).collect();
        assert_eq!(lengths, [99, 99, 9, 9, 9, 9, 9, 9, 9, 9]);
    }

    #[test]
    fn entries_go_where_not_even_lines_fit_and_are_counted() {
        let (text, left_out) = shown(&blocks(100), 306 + REMARK);
        assert_eq!(
            (left_out.details, left_out.changes, left_out.of),
            (30, 70, 100)
        );
        assert!(text.len() <= 306);
    }

    #[test]
    fn what_matters_more_is_kept_and_stays_where_it_is() {
        let line = |importance| {
            entry(
                format!("{importance:?}\n{}", "x".repeat(300)),
                &format!("{importance:?}\n"),
                importance,
            )
        };
        let order = [
            Importance::Tags,
            Importance::Rest,
            Importance::Deletion,
            Importance::Membership,
            Importance::Attachment,
            Importance::Policy,
            Importance::Refusal,
        ];
        let blocks = order.map(line);
        let size = |kept: &[Importance]| {
            kept.iter()
                .map(|one| format!("{one:?}\n").len())
                .sum::<usize>()
        };
        for first in 0..order.len() {
            let kept = &order[first..];
            let (text, left_out) = shown(&blocks, size(kept) + REMARK);
            let lines: Vec<String> = kept.iter().map(|one| format!("{one:?}")).collect();
            assert_eq!(text.lines().collect::<Vec<_>>(), lines);
            assert_eq!((left_out.changes, left_out.of), (first, order.len()));
        }
    }

    #[test]
    fn the_details_of_what_matters_more_go_last() {
        let blocks = [Importance::Tags, Importance::Policy]
            .map(|importance| entry("details\n".repeat(100), "line\n", importance));
        let (text, _) = shown(&blocks, 900 + REMARK);
        assert!(text.starts_with("line\ndetails\n"), "{text}");
    }

    #[test]
    fn what_is_left_out_is_counted_by_its_objects_and_as_what_it_is() {
        let of = |counted| Block {
            role: Role::Entry {
                importance: Importance::Rest,
                counted,
                objects: 3,
            },
            ..entry("x".repeat(1_000), "line\n", Importance::Rest)
        };
        let blocks = [Counted::Affected, Counted::Note, Counted::Change].map(of);
        let expected = LeftOut {
            details: 0,
            changes: 3,
            of: 3,
            notes: 3,
            affected: 3,
            of_affected: 3,
        };
        assert_eq!(shown(&blocks, REMARK), (String::new(), expected));
        let expected = LeftOut {
            details: 3,
            of: 3,
            of_affected: 3,
            ..LeftOut::default()
        };
        assert_eq!(shown(&blocks, 20 + REMARK).1, expected);
    }

    #[test]
    fn who_is_affected_and_what_changes_share_the_room_and_take_what_the_other_does_not_need() {
        let of = |counted, name: &'static str, number| {
            let importance = match counted {
                Counted::Affected => Importance::Rest,
                Counted::Change | Counted::Note => Importance::Membership,
            };
            let role = Role::Entry {
                importance,
                counted,
                objects: 1,
            };
            (0..number).map(move |_| Block {
                whole: format!("{name}\n"),
                line: None,
                role,
            })
        };
        let kept = |affected, changes| {
            let affected = of(Counted::Affected, "who", affected);
            let blocks: Vec<Block> = affected
                .chain(of(Counted::Change, "how", changes))
                .collect();
            let (text, left) = shown(&blocks, 400 + REMARK);
            assert_eq!(
                text.matches("who").count(),
                left.of_affected - left.affected
            );
            assert_eq!(text.matches("how").count(), left.of - left.changes);
            (text.matches("who").count(), text.matches("how").count())
        };
        assert_eq!(kept(1_500, 1_000), (50, 50));
        assert_eq!(kept(1_500, 10), (90, 10));
        assert_eq!(kept(10, 1_500), (10, 90));
    }

    #[test]
    fn a_title_goes_with_its_last_entry() {
        let blocks = [
            title("one\n"),
            entry("x".repeat(1_000), "not important\n", Importance::Tags),
            title("two\n"),
            entry("x".repeat(1_000), "important\n", Importance::Policy),
        ];
        assert_eq!(shown(&blocks, 20 + REMARK).0, "two\nimportant\n");
    }

    #[test]
    fn a_short_entry_after_a_long_one_that_does_not_fit_is_whole() {
        let of = |whole: String| entry(whole, "line\n", Importance::Rest);
        let blocks = [of("x".repeat(2000)), of("what somebody gains\n".into())];
        let (text, _) = shown(&blocks, 1000);
        assert_eq!(text, "line\nwhat somebody gains\n");
    }
}
