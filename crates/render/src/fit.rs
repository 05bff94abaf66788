//! A limit on how long a text may be, kept by leaving out whole blocks.

/// The room that the remark on what is left out may take.
const REMARK: usize = 300;

/// Holds a part of a text that is shown as a whole or not at all.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// All of it.
    pub(crate) whole: String,
    /// Its first line, where it has more than that.
    pub(crate) line: Option<String>,
    /// Whether it is an entry of a list, and counted when it is left out. Others are titles, and go unless an entry
    /// follows.
    pub(crate) is_entry: bool,
}

/// Counts what a limit left out.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LeftOut {
    /// Entries of which the details are left out.
    pub(crate) details: usize,
    /// Entries that are left out.
    pub(crate) entries: usize,
    /// Entries that there are.
    pub(crate) of: usize,
}

/// Returns the blocks in their order in no more than `limit` bytes, and what is left out: first the details of those that
/// they don't fit of, then those at the end. `remark` makes a sentence of it, which comes first.
pub(crate) fn fit(blocks: &[Block], limit: usize, remark: impl Fn(LeftOut) -> String) -> String {
    let whole: usize = blocks.iter().map(|block| block.whole.len()).sum();
    if whole <= limit {
        return blocks.iter().map(|block| block.whole.as_str()).collect();
    }
    let room = limit.saturating_sub(REMARK);
    let kept = kept(blocks, room);
    let mut spare = room.saturating_sub(kept.iter().map(|block| block.shortest().len()).sum());
    let mut text = String::new();
    let mut left_out = LeftOut {
        of: blocks.iter().filter(|block| block.is_entry).count(),
        ..LeftOut::default()
    };
    left_out.entries = left_out.of - kept.iter().filter(|block| block.is_entry).count();
    for block in kept {
        let more = block.whole.len() - block.shortest().len();
        if more <= spare {
            spare -= more;
            text.push_str(&block.whole);
        } else {
            left_out.details += 1;
            text.push_str(block.shortest());
        }
    }
    remark(left_out) + &text
}

/// Returns the blocks from the first on of which the shortest forms fit, without titles that nothing follows.
fn kept(blocks: &[Block], mut room: usize) -> &[Block] {
    let fitting = blocks.iter().take_while(|block| {
        let size = block.shortest().len();
        let fits = size <= room;
        room = room.saturating_sub(size);
        fits
    });
    let number = fitting.count();
    let mut kept = blocks.get(..number).unwrap_or_default();
    if number < blocks.len() {
        while let Some((last, before)) = kept.split_last()
            && !last.is_entry
        {
            kept = before;
        }
    }
    kept
}

impl Block {
    fn shortest(&self) -> &str {
        match &self.line {
            Some(line) if line.len() < self.whole.len() => line,
            Some(_) | None => &self.whole,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(number: usize) -> Vec<Block> {
        let title = Block {
            whole: "title\n".into(),
            ..Block::default()
        };
        let entry = |index| Block {
            whole: format!("{index:03}{}\n", "x".repeat(96)),
            line: Some(format!("{index:03}{}\n", "x".repeat(6))),
            is_entry: true,
        };
        std::iter::once(title)
            .chain((0..number).map(entry))
            .collect()
    }

    fn shown(number: usize, limit: usize) -> (String, LeftOut) {
        let left_out = std::cell::Cell::new(LeftOut::default());
        let text = fit(&blocks(number), limit, |left| {
            left_out.set(left);
            String::new()
        });
        (text, left_out.get())
    }

    #[test]
    fn what_fits_is_whole() {
        let (text, left_out) = shown(3, 306);
        assert_eq!((text.len(), left_out), (306, LeftOut::default()));
    }

    #[test]
    fn details_go_before_entries_and_from_the_end() {
        let (text, left_out) = shown(10, 306 + REMARK);
        assert_eq!((left_out.details, left_out.entries), (8, 0));
        let lengths: Vec<usize> = text.lines().skip(1).map(str::len).collect();
        assert_eq!(lengths, [99, 99, 9, 9, 9, 9, 9, 9, 9, 9]);
    }

    #[test]
    fn entries_go_where_not_even_lines_fit_and_are_counted() {
        let (text, left_out) = shown(100, 306 + REMARK);
        assert_eq!(
            (left_out.details, left_out.entries, left_out.of),
            (30, 70, 100)
        );
        assert!(text.len() <= 306);
    }

    #[test]
    fn a_short_entry_after_a_long_one_that_does_not_fit_is_whole() {
        let entry = |whole: String| Block {
            whole,
            line: Some("line\n".into()),
            is_entry: true,
        };
        let blocks = [
            entry("x".repeat(2000)),
            entry("what somebody gains\n".into()),
        ];
        let text = fit(&blocks, 1000, |_| String::new());
        assert_eq!(text, "line\nwhat somebody gains\n");
    }
}
