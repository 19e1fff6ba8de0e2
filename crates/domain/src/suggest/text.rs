//! A text as the rules see it: words in lower case, and how one word is like another.

/// The longest text looked at, in words. Whoever writes more has said what it is about.
const LONGEST: usize = 600;

/// The words of a text.
#[derive(Debug)]
pub(super) struct Text {
    /// In lower case.
    lower: String,
    /// From where to where a word stands, in order.
    words: Vec<(usize, usize)>,
    /// Whether the writer uses å, ä or ö at all: without them a word is compared without them.
    pub swedish: bool,
}

impl Text {
    pub fn new(text: &str) -> Self {
        let lower = text.to_lowercase();
        let swedish = lower.contains(['å', 'ä', 'ö']);
        let start = lower.as_ptr() as usize;
        let words = lower
            .split(|letter: char| !(letter.is_alphanumeric() || letter == '-' || letter == ':'))
            .map(|word| word.trim_matches(['-', ':']))
            .filter(|word| !word.is_empty())
            .take(LONGEST)
            .map(|word| {
                let from = word.as_ptr() as usize - start;
                (from, from + word.len())
            })
            .collect();
        Self { lower, words, swedish }
    }

    /// How many words.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// The word at a place.
    pub fn word(&self, at: usize) -> &str {
        let (from, to) = self.words[at];
        &self.lower[from..to]
    }

    /// The words, in order.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|(from, to)| &self.lower[*from..*to])
    }
}

/// Without å, ä, ö and accents, as one writes on a foreign keyboard.
pub(super) fn plain(word: &str) -> String {
    word.chars()
        .map(|letter| match letter {
            'å' | 'ä' | 'á' | 'à' => 'a',
            'ö' | 'ø' => 'o',
            'é' | 'è' | 'ê' => 'e',
            'ü' => 'u',
            other => other,
        })
        .collect()
}

/// Endings of Swedish nouns, verbs and adjectives, for words too short to be a stem of others.
const ENDINGS: [&str; 30] = [
    "s", "n", "t", "a", "e", "r", "en", "et", "an", "ar", "er", "or", "de", "te", "at", "ad", "as",
    "na", "ens", "ets", "ade", "ades", "ats", "arna", "erna", "orna", "aren", "ande", "ning",
    "ningen",
];

/// The least length of a word to be a stem: to match whatever begins with it.
const STEM: usize = 4;

/// How `word` of a text is the word `rule`, as it is spelt. Both by their letters.
pub(super) fn same(rule: &Form, word: &str) -> bool {
    match word.strip_prefix(&*rule.text) {
        Some("") => true,
        Some(rest) => !rule.exact && (rule.letters >= STEM || ENDINGS.contains(&rest)),
        None => false,
    }
}

/// Whether `rule` is a later part of a compound, of which `from` is the end that begins with it, after
/// three letters at least: `medicin` of `kvällsmedicinen`. A short one only at the very end, lest it
/// be found everywhere.
pub(super) fn later_part(rule: &Form, from: &str) -> bool {
    if rule.exact || rule.letters < STEM {
        return false;
    }
    let Some(rest) = from.strip_prefix(&*rule.text) else { return false };
    rule.letters > STEM || rest.is_empty() || ENDINGS.contains(&rest)
}

/// A word of the rules, as it is compared: with å, ä and ö, or without.
#[derive(Debug)]
pub(super) struct Form {
    /// Its place among the words of the rules.
    pub place: usize,
    /// Its letters.
    pub text: Box<str>,
    /// How many they are.
    pub letters: usize,
    /// Only as it stands, without endings: a form that would match too much.
    pub exact: bool,
}

/// What can be told of a word at a glance: its length and which letters it has. Nearly all pairs of
/// words are told apart by it, which spares comparing them letter by letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Its length, in letters.
    pub length: usize,
    letters: u64,
}

impl Shape {
    pub fn of(word: impl Iterator<Item = char>) -> Self {
        let mut shape = Self { length: 0, letters: 0 };
        for letter in word {
            shape.length += 1;
            shape.letters |= 1 << (u32::from(letter) % 64);
        }
        shape
    }

    /// Whether a word of the other shape may be this rule misspelt: long enough, and without more of
    /// its letters than edits are allowed.
    pub fn near(self, word: Shape) -> bool {
        let Some(allowed) = edits(self.length) else { return false };
        let long_enough = word.length + allowed >= self.length && word.length <= self.length + TAIL;
        let missing = (self.letters & !word.letters).count_ones() as usize;
        long_enough && missing <= allowed
    }
}

/// How many letters a misspelt word may be longer than the rule: its ending.
const TAIL: usize = 4;

/// The length of a rule in which vowels pass for each other, and letters may be doubled or not.
const BY_VOWELS: usize = 5;

/// How many edits a rule of this many letters allows; `None` where it allows none.
fn edits(length: usize) -> Option<usize> {
    match length {
        ..6 => None,
        6..9 => Some(1),
        _ => Some(2),
    }
}

/// The lengths of the rules that allow edits and that a word of this length may be.
pub(super) fn lengths_near(word: usize) -> std::ops::RangeInclusive<usize> {
    word.saturating_sub(TAIL)..=word + 2
}

/// Whether a rule is one of those in which vowels pass for each other.
pub(super) fn by_vowels(letters: usize) -> bool {
    letters == BY_VOWELS
}

/// A word with every doubled letter once and every vowel but the first letter the same: by this, words
/// of five letters are found in which vowels are mistaken for each other and letters doubled or not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Skeleton {
    letters: [char; BY_VOWELS + TAIL],
    length: usize,
}

impl Skeleton {
    /// Of a word that may be a rule of five letters in another spelling.
    pub fn of(word: &[char]) -> Option<Self> {
        if !(BY_VOWELS..=BY_VOWELS + TAIL).contains(&word.len()) {
            return None;
        }
        let mut skeleton = Self { letters: ['·'; BY_VOWELS + TAIL], length: 0 };
        let mut last = None;
        for letter in word {
            if last.replace(*letter) == Some(*letter) {
                continue;
            }
            let vowel = skeleton.length > 0 && "aeiouyåäöé".contains(*letter);
            skeleton.letters[skeleton.length] = if vowel { '·' } else { *letter };
            skeleton.length += 1;
        }
        Some(skeleton)
    }

    /// The first letters of it as a number.
    fn beginning(&self, length: usize) -> u128 {
        let letters = self.letters[..length].iter();
        // A letter has at most 21 bits, and five are looked at.
        letters.fold(0, |key, letter| (key << 21) | u128::from(u32::from(*letter)))
    }

    /// It as a number, of a rule.
    pub fn whole(&self) -> u128 {
        self.beginning(self.length.min(BY_VOWELS))
    }

    /// What a rule's may be for the word with this one to be it: how it begins, since whatever ending of
    /// at most two letters follows does not matter.
    pub fn beginnings(self) -> impl Iterator<Item = u128> {
        let shortest = self.length.saturating_sub(3) + 1;
        (shortest..=self.length.min(BY_VOWELS)).map(move |length| self.beginning(length))
    }
}

/// Where each letter stands in a word, a bit for each place: worked out once for all rules it is held
/// against.
#[derive(Debug)]
pub(super) struct Letters<'w> {
    word: &'w [char],
    places: [u64; ALPHABET],
}

/// The letters that have a row of their own in [`Letters`].
const ALPHABET: usize = 29;

fn row_of(letter: char) -> Option<usize> {
    match letter {
        'a'..='z' => Some(letter as usize - 'a' as usize),
        'å' => Some(26),
        'ä' => Some(27),
        'ö' => Some(28),
        _ => None,
    }
}

impl<'w> Letters<'w> {
    pub fn of(word: &'w [char]) -> Self {
        // No rule is so long; what follows so many letters is ending anyway.
        let word = &word[..word.len().min(64)];
        let mut places = [0; ALPHABET];
        for (at, letter) in word.iter().enumerate() {
            if let Some(row) = row_of(*letter) {
                places[row] |= 1 << at;
            }
        }
        Self { word, places }
    }

    fn places(&self, letter: char) -> u64 {
        row_of(letter).map_or_else(
            || self.word.iter().rev().fold(0, |bits, it| (bits << 1) | u64::from(*it == letter)),
            |row| self.places[row],
        )
    }
}

/// Whether `word` is `rule` in another spelling: one letter wrong, missing, doubled or swapped, in long
/// rules two. The first letter is right, which most writers manage; whatever ending follows does not
/// matter. Rules of five letters go by their [`Skeleton`].
pub(super) fn misspelt(rule: &str, letters: usize, word: &Letters<'_>) -> bool {
    let Some(allowed) = edits(letters) else { return false };
    let length = word.word.len();
    let long_enough = length + allowed >= letters && length <= letters + TAIL;
    let begins = rule.chars().next() == word.word.first().copied();
    long_enough && begins && prefix_distance(rule, letters, word) <= allowed
}

/// How many edits `rule` is from how `word` begins: letters changed, put in, left out, or swapped with
/// the next. All rows of the table at once, a bit each (Hyyrö 2003): the letters of the word downwards,
/// those of the rule from left to right.
fn prefix_distance(rule: &str, letters: usize, word: &Letters<'_>) -> usize {
    let (mut up, mut down, mut diagonal, mut last) = (!0_u64, 0_u64, 0_u64, 0_u64);
    for letter in rule.chars() {
        let bits = word.places(letter);
        let swapped = ((!diagonal & bits) << 1) & last;
        diagonal = ((bits & up).wrapping_add(up) ^ up) | bits | down | swapped;
        let right = ((down | !(diagonal | up)) << 1) | 1;
        let left = (diagonal & up) << 1;
        up = left | !(diagonal | right);
        down = right & diagonal;
        last = bits;
    }
    // The distance from each beginning of the word: the last column, from the top down.
    let mut here = letters;
    let mut least = here;
    for row in 0..word.word.len() {
        here = here + usize::from((up >> row) & 1 == 1) - usize::from((down >> row) & 1 == 1);
        least = least.min(here);
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Form {
        Form { place: 0, text: text.into(), letters: text.chars().count(), exact: false }
    }

    #[test]
    fn a_word_is_found_with_its_endings() {
        for (rule, word) in
            [("medicin", "medicinerna"), ("dog", "dog"), ("sår", "såren"), ("ramla", "ramlade")]
        {
            assert!(same(&form(rule), word), "{rule} {word}");
        }
        for (rule, word) in [("dog", "dogma"), ("sår", "sårbar"), ("ramla", "ram")] {
            assert!(!same(&form(rule), word), "{rule} {word}");
        }
        let exact = Form { exact: true, ..form("pass") };
        assert!(same(&exact, "pass") && !same(&exact, "passet"));
    }

    #[test]
    fn a_word_is_found_in_a_compound() {
        let in_compound = |rule: &str, word: &str| {
            word.char_indices().skip(3).any(|(start, _)| later_part(&form(rule), &word[start..]))
        };
        for (rule, word) in [
            ("medicin", "kvällsmedicinen"),
            ("larm", "trygghetslarmet"),
            ("tablett", "sömntabletter"),
        ] {
            assert!(in_compound(rule, word), "{rule} {word}");
        }
        for (rule, word) in [("larm", "alarmerande"), ("mat", "klimat")] {
            assert!(!in_compound(rule, word), "{rule} {word}");
        }
    }

    /// Whether a word is a rule in another spelling, by whichever way the rule's length goes.
    fn otherwise_spelt(rule: &str, word: &str) -> bool {
        let word: Vec<char> = word.chars().collect();
        let letters = rule.chars().count();
        if by_vowels(letters) {
            let rule: Vec<char> = rule.chars().collect();
            let rule = Skeleton::of(&rule).expect("five letters").whole();
            return Skeleton::of(&word).is_some_and(|it| it.beginnings().any(|it| it == rule));
        }
        let near = Shape::of(rule.chars()).near(Shape::of(word.iter().copied()));
        let found = misspelt(rule, letters, &Letters::of(&word));
        assert!(near || !found, "a glance must not miss {rule} {word:?}");
        found
    }

    #[test]
    fn a_word_is_found_as_it_is_often_spelt() {
        for (rule, word) in [
            ("medicin", "medecin"),
            ("medicin", "medisinen"),
            ("delegering", "deligering"),
            ("läkemedel", "lekemedel"),
            ("rullator", "rulator"),
            ("trycksår", "tryksår"),
            ("ramla", "rammla"),
            ("sjuksköterska", "sjukskötarska"),
            ("tablett", "tablet"),
            ("larma", "lerma"),
            ("kateter", "katetor"),
        ] {
            assert!(otherwise_spelt(rule, word), "{rule} {word}");
        }
        for (rule, word) in [
            ("medicin", "median"),
            ("kateter", "matematik"),
            ("brand", "bland"),
            ("larma", "lermorna"),
            ("andas", "undas"),
        ] {
            assert!(!otherwise_spelt(rule, word), "{rule} {word}");
        }
    }

    /// The same by a table of numbers.
    fn by_table(rule: &[char], word: &[char]) -> usize {
        let mut rows: Vec<Vec<usize>> = vec![(0..=word.len()).collect()];
        for (row, letter) in rule.iter().enumerate() {
            let mut next = vec![row + 1; word.len() + 1];
            for column in 1..=word.len() {
                let other = word[column - 1];
                let change = rows[row][column - 1] + usize::from(*letter != other);
                let mut least = change.min(rows[row][column] + 1).min(next[column - 1] + 1);
                if row > 0 && column > 1 && *letter == word[column - 2] && rule[row - 1] == other {
                    least = least.min(rows[row - 1][column - 2] + 1);
                }
                next[column] = least;
            }
            rows.push(next);
        }
        rows[rule.len()].iter().copied().min().unwrap_or_default()
    }

    proptest::proptest! {
        #[test]
        fn edits_are_counted_as_in_a_table(rule in "[abcå-]{1,12}", word in "[abcå-]{0,16}") {
            let letters: Vec<char> = rule.chars().collect();
            let word: Vec<char> = word.chars().collect();
            let counted = prefix_distance(&rule, letters.len(), &Letters::of(&word));
            proptest::prop_assert_eq!(counted, by_table(&letters, &word));
        }
    }

    #[test]
    fn a_text_is_words() {
        let text = Text::new("Pat. RAMLADE kl 03:15 – KAD:en, t-shirt!");
        assert_eq!(
            text.words().collect::<Vec<_>>(),
            ["pat", "ramlade", "kl", "03:15", "kad:en", "t-shirt"]
        );
        assert!(!text.swedish);
    }
}
