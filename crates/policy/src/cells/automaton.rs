//! The joint automaton of sets of patterns: which sets a text can match together.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use fixedbitset::FixedBitSet;
use indexmap::IndexMap;
use indexmap::map::Entry;
use rustc_hash::FxBuildHasher;

use super::glob::{Glob, Reach, Token};

/// How many positions of patterns are looked at before giving up: well under a second's work.
pub(crate) const MOST_WORK: usize = 4_000_000;

/// A set of patterns: a text matches when it matches one of them.
pub(crate) type GlobSet = BTreeSet<Glob>;

/// All texts that match the same sets.
#[derive(Clone, Debug)]
pub(crate) struct Class {
    /// The sets that they match, by their place.
    pub(crate) matched: FixedBitSet,
    /// A made-up one of them: a shortest one, or what is likelier than that.
    pub(crate) made_up: String,
    /// The places of the examples among them.
    pub(crate) examples: Vec<usize>,
}

/// Says that the patterns are too many or too entangled to be looked at exhaustively.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the patterns together are too complex to be checked exhaustively")]
pub struct TooComplex;

/// Divides the texts that match the set `universe` into classes: the classes hold every such text, of any characters.
///
/// This is the subset construction over all patterns at once. A state is the set of places within patterns that can be
/// reached with some text. From it, all characters that none of these places names lead to the same state, so that one
/// of them stands for all of Unicode. `likelier` lists texts that read better than a shortest one, the best first: one that is
/// in the same class takes its place. At most `most_work` positions of patterns are looked at.
pub(crate) fn classes(
    sets: &[GlobSet],
    universe: usize,
    examples: &[&str],
    likelier: impl Fn(&str) -> Vec<String>,
    most_work: usize,
) -> Result<Vec<Class>, TooComplex> {
    let automaton = Automaton::new(sets);
    let named = automaton.classes_of(examples);
    let mut walk = Walk::default();
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    walk.visit(automaton.start(), None);
    let mut next = 0;
    while let Some(state) = walk.state(next) {
        if automaton.is_matched(state, universe) {
            let matched = automaton.matched(state);
            if seen.insert(matched.clone()) {
                let examples = named.get(&matched).cloned().unwrap_or_default();
                let mut made_up = walk.text(next);
                // Where there are examples, nobody sees it.
                if examples.is_empty() {
                    let mut likely = likelier(&made_up).into_iter();
                    if let Some(text) = likely.find(|text| automaton.matched_by(text) == matched) {
                        made_up = text;
                    }
                }
                found.push(Class {
                    made_up,
                    examples,
                    matched,
                });
            }
        }
        for (character, successor) in automaton.successors(state) {
            if automaton.can_match(&successor, universe) {
                walk.visit(successor, Some((next, character)));
            }
        }
        if walk.work > most_work {
            return Err(TooComplex);
        }
        next += 1;
    }
    Ok(found)
}

/// The places that can be reached with one text, sorted.
type State = Vec<usize>;

/// The states met so far, each with the state and character that it was first reached by.
#[derive(Default)]
struct Walk {
    states: IndexMap<State, Option<(usize, char)>, FxBuildHasher>,
    work: usize,
}

impl Walk {
    fn state(&self, index: usize) -> Option<&State> {
        self.states.get_index(index).map(|(state, _)| state)
    }

    fn visit(&mut self, state: State, origin: Option<(usize, char)>) {
        self.work += state.len() + 1;
        if let Entry::Vacant(unmet) = self.states.entry(state) {
            unmet.insert(origin);
        }
    }

    /// Returns the text that a state was first reached with; since the walk is breadth first, a shortest one.
    fn text(&self, state: usize) -> String {
        let origin = |state| self.states.get_index(state).and_then(|(_, origin)| *origin);
        let mut characters = Vec::new();
        let mut last = origin(state);
        while let Some((before, character)) = last {
            characters.push(character);
            last = origin(before);
        }
        characters.into_iter().rev().collect()
    }
}

/// All places within all patterns.
struct Automaton {
    places: Vec<Place>,
    starts: Vec<usize>,
    sets: usize,
}

#[derive(Clone, Copy)]
struct Place {
    set: usize,
    next: Next,
}

/// What a pattern expects at a place.
#[derive(Clone, Copy)]
enum Next {
    Token(Token),
    /// Nothing more.
    End,
    /// Anything: the set is matched for good, however the text goes on.
    Rest,
}

impl Automaton {
    /// Lays out the places: first the `Rest` of each set, which every last `*` leads to, then pattern after pattern.
    fn new(sets: &[GlobSet]) -> Self {
        let mut places: Vec<Place> = (0..sets.len())
            .map(|set| Place {
                set,
                next: Next::Rest,
            })
            .collect();
        let mut starts = Vec::new();
        for (set, globs) in sets.iter().enumerate() {
            for glob in globs {
                let (tokens, end) = match glob.tokens() {
                    [tokens @ .., Token::Many(Reach::Everything)] => (tokens, Next::Rest),
                    tokens => (tokens, Next::End),
                };
                starts.push(places.len());
                places.extend(tokens.iter().map(|token| Place {
                    set,
                    next: Next::Token(*token),
                }));
                places.push(Place { set, next: end });
            }
        }
        Self {
            places,
            starts,
            sets: sets.len(),
        }
    }

    fn start(&self) -> State {
        self.state(self.starts.iter().copied())
    }

    fn place(&self, index: usize) -> Option<Place> {
        self.places.get(index).copied()
    }

    /// Returns the state of several places: with those behind a `*` that may stand for nothing, and only the `Rest` of a
    /// set that is matched for good.
    fn state(&self, places: impl Iterator<Item = usize>) -> State {
        let mut state = Vec::new();
        let mut for_good = FixedBitSet::with_capacity(self.sets);
        for mut index in places {
            while let Some(place) = self.place(index) {
                state.push(index);
                match place.next {
                    Next::Token(Token::Many(_)) => index += 1,
                    Next::Token(Token::Char(_) | Token::One(_)) | Next::End => break,
                    Next::Rest => {
                        for_good.insert(place.set);
                        break;
                    }
                }
            }
        }
        if !for_good.is_clear() {
            state.retain(|index| {
                self.place(*index)
                    .is_some_and(|place| !for_good.contains(place.set))
            });
            state.extend(for_good.ones());
        }
        state.sort_unstable();
        state.dedup();
        state
    }

    /// Returns the sets that a text leading to this state matches.
    fn matched(&self, state: &State) -> FixedBitSet {
        let mut matched = FixedBitSet::with_capacity(self.sets);
        for place in state.iter().filter_map(|index| self.place(*index)) {
            if matches!(place.next, Next::End | Next::Rest) {
                matched.insert(place.set);
            }
        }
        matched
    }

    /// Returns which sets texts match, with the places of the texts that do.
    fn classes_of(&self, texts: &[&str]) -> HashMap<FixedBitSet, Vec<usize>> {
        let mut classes: HashMap<_, Vec<usize>> = HashMap::new();
        for (index, text) in texts.iter().enumerate() {
            classes
                .entry(self.matched_by(text))
                .or_default()
                .push(index);
        }
        classes
    }

    fn matched_by(&self, text: &str) -> FixedBitSet {
        let state = text.chars().fold(self.start(), |state, character| {
            self.after(&state, character)
        });
        self.matched(&state)
    }

    /// Returns the state after one more character.
    fn after(&self, state: &State, character: char) -> State {
        self.state(
            state
                .iter()
                .filter_map(|index| match self.place(*index)?.next {
                    Next::Token(Token::Char(expected)) => {
                        (expected == character).then_some(index + 1)
                    }
                    Next::Token(Token::One(reach)) => reach.covers(character).then_some(index + 1),
                    Next::Token(Token::Many(reach)) => reach.covers(character).then_some(*index),
                    Next::Rest => Some(*index),
                    Next::End => None,
                }),
        )
    }

    fn is_matched(&self, state: &State, set: usize) -> bool {
        state.iter().any(|index| {
            self.place(*index).is_some_and(|place| {
                place.set == set && matches!(place.next, Next::End | Next::Rest)
            })
        })
    }

    fn can_match(&self, state: &State, set: usize) -> bool {
        state
            .iter()
            .any(|index| self.place(*index).is_some_and(|place| place.set == set))
    }

    /// Returns the states after one more character: one for each that a place names, and one for all others.
    fn successors(&self, state: &State) -> Vec<(char, State)> {
        let mut named: BTreeMap<char, Vec<usize>> = BTreeMap::new();
        let mut wild = Vec::new();
        for index in state.iter().copied() {
            match self.place(index).map(|place| place.next) {
                Some(Next::Token(Token::Char(character))) => {
                    named.entry(character).or_default().push(index + 1);
                }
                Some(Next::Token(Token::One(reach))) => wild.push((reach, index + 1)),
                Some(Next::Token(Token::Many(reach))) => wild.push((reach, index)),
                Some(Next::Rest) => wild.push((Reach::Everything, index)),
                Some(Next::End) | None => {}
            }
        }
        if wild.iter().any(|(reach, _)| *reach == Reach::Part) {
            named.entry(':').or_default();
        }
        if let Some(other) = unnamed(&named) {
            named.insert(other, Vec::new());
        }
        let through = |character: char, direct: Vec<usize>| {
            let wild = wild
                .iter()
                .filter(|(reach, _)| reach.covers(character))
                .map(|(_, target)| *target);
            (character, self.state(direct.into_iter().chain(wild)))
        };
        named
            .into_iter()
            .map(|(character, direct)| through(character, direct))
            .collect()
    }
}

/// Returns a character that isn't named, one that reads well if possible.
fn unnamed(named: &BTreeMap<char, Vec<usize>>) -> Option<char> {
    let readable = ('a'..='z').rev().chain('0'..='9').chain("-_/".chars());
    readable
        .chain('\u{a1}'..=char::MAX)
        .find(|character| !named.contains_key(character))
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    use super::*;

    fn set(patterns: &[&str]) -> GlobSet {
        patterns
            .iter()
            .map(|pattern| Glob::read(pattern, Reach::Everything))
            .collect()
    }

    /// Returns the places of the sets that each class matches, with the class's witness, in alphabetical order.
    fn described(sets: &[GlobSet]) -> Vec<String> {
        let classes = classes(sets, 0, &[], |_| Vec::new(), MOST_WORK).unwrap();
        let describe = |class: &Class| {
            format!(
                "{:?} {}",
                class.matched.ones().skip(1).collect::<Vec<_>>(),
                class.made_up
            )
        };
        let mut described: Vec<String> = classes.iter().map(describe).collect();
        described.sort();
        described
    }

    /// Matches in the plainest way, to compare with.
    fn matches(tokens: &[Token], text: &[char]) -> bool {
        match (tokens, text) {
            ([], text) => text.is_empty(),
            ([Token::Many(reach), rest @ ..], text) => {
                matches(rest, text)
                    || matches!(text, [first, others @ ..] if reach.covers(*first) && matches(tokens, others))
            }
            ([Token::One(reach), rest @ ..], [first, others @ ..]) => {
                reach.covers(*first) && matches(rest, others)
            }
            ([Token::Char(expected), rest @ ..], [first, others @ ..]) => {
                expected == first && matches(rest, others)
            }
            ([_, ..], []) => false,
        }
    }

    fn matched(sets: &[GlobSet], text: &str) -> FixedBitSet {
        let text: Vec<char> = text.chars().collect();
        let is_matched = |set: &GlobSet| set.iter().any(|glob| matches(glob.tokens(), &text));
        let mut matched = FixedBitSet::with_capacity(sets.len());
        for (index, set) in sets.iter().enumerate() {
            matched.set(index, is_matched(set));
        }
        matched
    }

    #[test]
    fn sets_divide_all_texts() {
        let sets = [set(&["*"]), set(&["Get*", "List*"]), set(&["*User"])];
        assert_eq!(
            described(&sets),
            ["[1, 2] GetUser", "[1] Get", "[2] User", "[] "]
        );
    }

    #[test]
    fn only_texts_of_the_universe_count() {
        let sets = [set(&["a?"]), set(&["*b"]), set(&["c"])];
        assert_eq!(described(&sets), ["[1] ab", "[] az"]);
    }

    #[test]
    fn examples_are_with_their_classes() {
        let sets = [set(&["*"]), set(&["iam:*"])];
        let classes = classes(
            &sets,
            0,
            &["iam:CreateUser", "s3:GetObject", "iam:DeleteUser"],
            |_| Vec::new(),
            MOST_WORK,
        )
        .unwrap();
        let examples: Vec<_> = classes
            .iter()
            .map(|class| (class.made_up.as_str(), class.examples.as_slice()))
            .collect();
        assert_eq!(examples, [("", &[1][..]), ("iam:", &[0, 2])]);
    }

    #[test]
    fn a_likelier_text_stands_for_its_class_only() {
        let sets = [set(&["*"]), set(&["iam:*"])];
        let likelier = |_: &str| vec!["iam:GetUser".to_owned()];
        let classes = classes(&sets, 0, &[], likelier, MOST_WORK).unwrap();
        let made_up: Vec<_> = classes.iter().map(|class| class.made_up.as_str()).collect();
        assert_eq!(made_up, ["", "iam:GetUser"]);
    }

    #[test]
    fn entangled_patterns_are_given_up_in_time() {
        let patterns: Vec<String> = ('a'..='z')
            .map(|letter| format!("*{letter}*{letter}*{letter}*"))
            .collect();
        let sets: Vec<GlobSet> = [set(&["*"])]
            .into_iter()
            .chain(patterns.iter().map(|pattern| set(&[pattern])))
            .collect();
        assert_eq!(
            classes(&sets, 0, &[], |_| Vec::new(), MOST_WORK).err(),
            Some(TooComplex)
        );
    }

    fn glob() -> impl Strategy<Value = Glob> {
        let reach = prop_oneof![Just(Reach::Everything), Just(Reach::Part)];
        ("[ab:*?é]{0,6}", reach).prop_map(|(text, reach)| Glob::read(&text, reach))
    }

    proptest! {
        #[test]
        fn every_text_is_in_a_class_and_every_witness_in_its_own(
            mut sets in vec(btree_set(glob(), 0..3), 1..5),
            texts in vec("[abc:é€]{0,8}", 20),
        ) {
            sets.insert(0, GlobSet::from([Glob::everything()]));
            let classes = classes(&sets, 0, &[], |_| Vec::new(), MOST_WORK).unwrap();
            for text in texts {
                let matched = matched(&sets, &text);
                prop_assert!(classes.iter().any(|class| class.matched == matched), "no class for {:?}", text);
            }
            for class in &classes {
                prop_assert_eq!(&matched(&sets, &class.made_up), &class.matched, "{:?}", &class.made_up);
            }
        }
    }
}
