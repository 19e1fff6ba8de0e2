//! Every word of every rule, laid out so that the few that a word of a text may be are found at once:
//! what is suggested is worked out with every filing.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::Found;
use super::remembered::Meant;
use super::text::{
    Form, Letters, Shape, Skeleton, by_vowels, later_part, lengths_near, misspelt, plain, same,
};

/// The words of the rules while the rules are read, each with its place.
#[derive(Debug, Default)]
pub(super) struct Words {
    words: Vec<(String, bool)>,
    places: HashMap<(String, bool), usize>,
}

impl Words {
    /// The place of a word; `=word` is meant as it stands.
    pub fn place(&mut self, word: &str) -> usize {
        let word = match word.strip_prefix('=') {
            Some(word) => (word.to_owned(), true),
            None => (word.to_owned(), false),
        };
        if let Some(place) = self.places.get(&word) {
            return *place;
        }
        let place = self.words.len();
        self.words.push(word.clone());
        self.places.insert(word, place);
        place
    }
}

/// The words of the rules, for writers who use å, ä and ö and for those who do not.
#[derive(Debug)]
pub(super) struct Lexicon([Forms; 2]);

impl Lexicon {
    pub fn new(words: Words) -> Self {
        let forms = |swedish: bool| {
            Forms::new(words.words.iter().enumerate().map(|(place, (word, exact))| {
                let plain = plain(word);
                // A short one stays as it is, since without its dots it is mostly another word
                // ("hår", "har").
                let text = if swedish || plain.len() < 5 { word.clone() } else { plain };
                let letters = text.chars().count();
                Form { place, text: text.into(), letters, exact: *exact }
            }))
        };
        Self([forms(true), forms(false)])
    }

    /// How many words there are; their places are below that.
    pub fn len(&self) -> usize {
        self.0[0].forms.len()
    }

    /// The words of the rules that a word of a text is. Another spelling is only asked for where it is none as it
    /// stands.
    pub fn meant(&self, word: &str, swedish: bool) -> Meant {
        let letters: Vec<char> = word.chars().collect();
        let mut found = Vec::new();
        self.0[usize::from(!swedish)].find(word, &letters, |place, by| found.push((place, by)));
        // The best way in which it is each.
        found.sort_unstable();
        found.dedup_by_key(|(place, _)| *place);
        found.into_boxed_slice()
    }
}

/// The words of the rules for one of the two.
#[derive(Debug)]
struct Forms {
    /// By how they begin.
    forms: Vec<Form>,
    /// Where those stand that begin with a [`Key`].
    begins: HashMap<Key, (usize, usize), Spread>,
    /// By their first letter and then by length, those that may be misspelt by some edits.
    edited: HashMap<char, Vec<(Shape, usize)>, Spread>,
    /// By skeleton, those that may be misspelt by their vowels.
    vowels: HashMap<u128, Vec<usize>, Spread>,
}

impl Forms {
    fn new(forms: impl Iterator<Item = Form>) -> Self {
        let mut forms: Vec<Form> = forms.collect();
        forms.sort_by_key(|form| Key::of(form.text.chars()));
        let mut begins: HashMap<Key, (usize, usize), Spread> = HashMap::default();
        let mut edited: HashMap<char, Vec<(Shape, usize)>, Spread> = HashMap::default();
        let mut vowels: HashMap<u128, Vec<usize>, Spread> = HashMap::default();
        for (at, form) in forms.iter().enumerate() {
            begins.entry(Key::of(form.text.chars())).or_insert((at, at)).1 = at + 1;
            let Some(first) = form.text.chars().next().filter(|_| !form.exact) else { continue };
            if by_vowels(form.letters) {
                let letters: Vec<char> = form.text.chars().collect();
                if let Some(skeleton) = Skeleton::of(&letters) {
                    vowels.entry(skeleton.whole()).or_default().push(at);
                }
            } else {
                let shape = Shape::of(form.text.chars());
                edited.entry(first).or_default().push((shape, at));
            }
        }
        edited.values_mut().for_each(|of| of.sort_by_key(|(shape, _)| shape.length));
        Self { forms, begins, edited, vowels }
    }

    fn beginning(&self, key: Key) -> &[Form] {
        self.begins.get(&key).map_or(&[], |(from, to)| &self.forms[*from..*to])
    }

    fn find(&self, word: &str, letters: &[char], mut tell: impl FnMut(usize, Found)) {
        let mut as_it_stands = false;
        // A rule of two letters is not looked for by three.
        for length in [2, 3].into_iter().filter(|length| *length == 3 || letters.len() > 2) {
            let key = Key::of(letters.iter().copied().take(length));
            for form in self.beginning(key).iter().filter(|form| same(form, word)) {
                as_it_stands = true;
                tell(form.place, Found::Word);
            }
        }
        let starts = word.char_indices().map(|(start, _)| start).zip(letters.windows(4)).skip(3);
        for (start, next) in starts {
            let from = &word[start..];
            let parts = self.beginning(Key::of(next.iter().copied().take(3))).iter();
            parts
                .filter(|form| later_part(form, from))
                .for_each(|form| tell(form.place, Found::Compound));
        }
        if !as_it_stands {
            self.edited(letters).for_each(|at| tell(self.forms[at].place, Found::Spelling));
            let beginnings = Skeleton::of(letters).into_iter().flat_map(Skeleton::beginnings);
            let vowels = beginnings.filter_map(|it| self.vowels.get(&it)).flatten();
            vowels.for_each(|at| tell(self.forms[*at].place, Found::Spelling));
        }
    }

    /// Those that the word is with some edits.
    fn edited(&self, word: &[char]) -> impl Iterator<Item = usize> {
        let shape = Shape::of(word.iter().copied());
        let lengths = lengths_near(shape.length);
        let of_letter = word.first().and_then(|first| self.edited.get(first));
        let of_letter = of_letter.map_or(&[][..], Vec::as_slice);
        let from = of_letter.partition_point(|(rule, _)| rule.length < *lengths.start());
        let letters = Letters::of(word);
        of_letter[from..]
            .iter()
            .take_while(move |(rule, _)| rule.length <= *lengths.end())
            .filter(move |(rule, _)| rule.near(shape))
            .map(|(_, at)| *at)
            .filter(move |at| misspelt(&self.forms[*at].text, self.forms[*at].letters, &letters))
    }
}

/// The first letters of a word, up to three: by these it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Key(u64);

impl Key {
    fn of(letters: impl Iterator<Item = char>) -> Self {
        // A letter has at most 21 bits.
        Self(letters.take(3).fold(0, |key, letter| (key << 21) | u64::from(u32::from(letter))))
    }
}

/// Spreads keys that nobody outside chooses: they are those of the rules.
pub(super) type Spread = BuildHasherDefault<Spreading>;

#[derive(Debug, Default)]
pub(super) struct Spreading(u64);

impl Hasher for Spreading {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u32(&mut self, part: u32) {
        self.write_u64(u64::from(part));
    }

    fn write_u128(&mut self, part: u128) {
        let bytes = part.to_le_bytes();
        let (low, high) = bytes.split_at(8);
        for half in [low, high] {
            self.write_u64(half.iter().rev().fold(0, |part, byte| (part << 8) | u64::from(*byte)));
        }
    }

    fn write_usize(&mut self, part: usize) {
        self.write_u64(part as u64);
    }

    fn write_u64(&mut self, part: u64) {
        self.0 = (self.0 ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
}
