//! Many entries that say the same, as one.

use model::Kind;

use crate::document::Entry;
use crate::words::first_few;

/// How many entries of one kind that say the same are shown one by one.
const MANY: usize = 10;

/// How many of the objects are named where the entries are one.
const FEW: usize = 3;

/// Makes one entry of more than ten that are next to each other, are of one kind and say the same: a number, and the
/// first few names.
pub(crate) fn collapse(entries: impl IntoIterator<Item = (Option<Kind>, Entry)>) -> Vec<Entry> {
    let mut runs: Vec<(Option<Kind>, Vec<Entry>)> = Vec::new();
    for (kind, entry) in entries {
        match runs.last_mut() {
            Some((last, run))
                if *last == kind && run.last().is_some_and(|last| says_the_same(last, &entry)) =>
            {
                run.push(entry);
            }
            _ => runs.push((kind, vec![entry])),
        }
    }
    runs.into_iter()
        .flat_map(|(kind, run)| match kind {
            Some(kind) if run.len() > MANY => one(kind, run),
            Some(_) | None => run,
        })
        .collect()
}

fn says_the_same(one: &Entry, other: &Entry) -> bool {
    one.mark == other.mark
        && one.note == other.note
        && one.details == other.details
        && one.parts.is_empty()
        && other.parts.is_empty()
}

fn one(kind: Kind, mut run: Vec<Entry>) -> Vec<Entry> {
    let prefix = format!("{kind}/");
    let names = run.iter().map(|entry| {
        entry
            .address
            .strip_prefix(&prefix)
            .unwrap_or(&entry.address)
    });
    let named = format!("{} of them: {}", run.len(), first_few(names, FEW));
    let objects = run.iter().map(|entry| entry.objects).sum();
    run.truncate(1);
    for entry in &mut run {
        entry.objects = objects;
        entry.address = format!("{kind}/*");
        entry.origin = None;
        entry.note = Some(match &entry.note {
            Some(note) => format!("{note}; {named}"),
            None => named.clone(),
        });
    }
    run
}

#[cfg(test)]
mod tests {
    use crate::document::Mark;

    use super::*;

    fn entries(number: usize, note: &str) -> Vec<(Option<Kind>, Entry)> {
        let entry = |index| Entry {
            note: Some(note.to_owned()),
            ..Entry::new(Mark::Attention, &format!("user/u{index:02}"))
        };
        (0..number)
            .map(|index| (Some(Kind::User), entry(index)))
            .collect()
    }

    #[test]
    fn ten_are_named_and_eleven_are_counted() {
        assert_eq!(collapse(entries(10, "not declared")).len(), 10);
        let collapsed = collapse(entries(11, "not declared"));
        let [entry] = collapsed.as_slice() else {
            panic!("{collapsed:?}");
        };
        assert_eq!(entry.address, "user/*");
        assert_eq!(
            entry.note.as_deref(),
            Some("not declared; 11 of them: u00, u01, u02 and 8 more")
        );
        assert_eq!(entry.objects, 11);
    }

    #[test]
    fn entries_that_say_something_else_stay_apart() {
        let both = entries(6, "a").into_iter().chain(entries(6, "b"));
        assert_eq!(collapse(both).len(), 12);
    }
}
