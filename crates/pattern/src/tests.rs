//! The documented examples, and laws over all forms.

use crate::Pattern;

#[test]
fn an_empty_pattern_matches_everything() {
    for source in ["", "  "] {
        let pattern = Pattern::parse(source).unwrap();
        assert!(pattern.matches("") && pattern.matches("anything"));
    }
}
