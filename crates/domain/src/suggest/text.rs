//! A text as the rules see it: words in lower case, and how one word is like another.

/// The longest text looked at, in words. Whoever writes more has said what it is about.
const LONGEST: usize = 600;

/// The words of a text.
#[derive(Debug)]
pub(super) struct Text {
    /// In order, in lower case; without å, ä and ö where the writer has none.
    pub words: Vec<String>,
    /// Whether the writer uses å, ä or ö at all: without them a word is compared without them.
    pub swedish: bool,
}

impl Text {
    pub fn new(text: &str) -> Self {
        let lower = text.to_lowercase();
        let swedish = lower.contains(['å', 'ä', 'ö']);
        let words = lower
            .split(|letter: char| !(letter.is_alphanumeric() || letter == '-' || letter == ':'))
            .map(|word| word.trim_matches(['-', ':']))
            .filter(|word| !word.is_empty())
            .take(LONGEST)
            .map(str::to_owned)
            .collect();
        Self { words, swedish }
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
pub(super) fn same(rule: &str, word: &str) -> bool {
    let Some(rest) = word.strip_prefix(rule) else { return false };
    rest.is_empty() || ENDINGS.contains(&rest) || rule.chars().count() >= STEM
}

/// Whether `rule` is a later part of the compound `word`: `medicin` of `kvällsmedicinen`. A short
/// one only at the very end, lest it be found everywhere.
pub(super) fn later_part(rule: &str, word: &str) -> bool {
    let length = rule.chars().count();
    if length < STEM {
        return false;
    }
    word.match_indices(rule).any(|(at, _)| {
        let before = word[..at].chars().count();
        let rest = &word[at + rule.len()..];
        before >= 3 && (length > STEM || rest.is_empty() || ENDINGS.contains(&rest))
    })
}

/// What can be told of a word at a glance: its length and which letters it has. Nearly all pairs of
/// words are told apart by it, which spares comparing them letter by letter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    length: usize,
    letters: u64,
}

impl Shape {
    pub fn of(word: &str) -> Self {
        let mut shape = Self { length: 0, letters: 0 };
        for letter in word.chars() {
            shape.length += 1;
            shape.letters |= 1 << (u32::from(letter) % 64);
        }
        shape
    }

    /// Whether a word of the other shape may be this rule misspelt: long enough, and without more of
    /// its letters than edits are allowed. In a word of five letters vowels pass for each other, so
    /// its letters tell nothing.
    pub fn near(self, word: Shape) -> bool {
        let Some(allowed) = edits(self.length) else { return false };
        let long_enough = word.length + allowed >= self.length && word.length <= self.length + 4;
        let missing = (self.letters & !word.letters).count_ones() as usize;
        long_enough && (allowed == 0 || missing <= allowed)
    }
}

/// How many edits a rule of this many letters allows; `None` where it allows no misspelling.
fn edits(length: usize) -> Option<usize> {
    match length {
        ..5 => None,
        5 => Some(0),
        6..9 => Some(1),
        _ => Some(2),
    }
}

/// Whether `word` is `rule` in another spelling: in words of five letters vowels mistaken for each
/// other and letters doubled or not; one letter wrong, missing, doubled or swapped in longer ones, two in long ones. The
/// first letter is right, which most writers manage; whatever ending follows does not matter.
pub(super) fn misspelt(rule: &str, word: &str) -> bool {
    let (rule, word): (Vec<char>, Vec<char>) = (rule.chars().collect(), word.chars().collect());
    let Some(allowed) = edits(rule.len()) else { return false };
    if rule.first() != word.first() || word.len() + allowed < rule.len() {
        return false;
    }
    if word.len() > rule.len() + 4 {
        return false;
    }
    if allowed == 0 {
        let word = single(&word);
        let vowels =
            |letters: &[char]| letters.iter().map(|it| without_vowel(*it)).collect::<Vec<_>>();
        let rule = vowels(&single(&rule));
        return (rule.len()..=rule.len() + 2).contains(&word.len())
            && rule == vowels(&word[..rule.len()]);
    }
    prefix_distance(&rule, &word, allowed)
}

/// Every doubled letter once.
fn single(letters: &[char]) -> Vec<char> {
    let mut letters = letters.to_vec();
    letters.dedup();
    letters
}

fn without_vowel(letter: char) -> char {
    if "aeiouyåäöé".contains(letter) { '·' } else { letter }
}

/// Whether `rule` is at most `allowed` edits from how `word` begins: letters changed, put in, left
/// out, or swapped with the next.
fn prefix_distance(rule: &[char], word: &[char], allowed: usize) -> bool {
    let width = word.len().min(rule.len() + allowed) + 1;
    let mut before = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for (row, letter) in rule.iter().enumerate() {
        let mut next = vec![row + 1; width];
        for column in 1..width {
            let other = word[column - 1];
            let change = last[column - 1] + usize::from(*letter != other);
            let mut least = change.min(last[column] + 1).min(next[column - 1] + 1);
            if row > 0 && column > 1 && *letter == word[column - 2] && rule[row - 1] == other {
                least = least.min(before[column - 2] + 1);
            }
            next[column] = least;
        }
        if next.iter().all(|distance| *distance > allowed) {
            return false;
        }
        before = std::mem::replace(&mut last, next);
    }
    last.iter().any(|distance| *distance <= allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_with_its_endings() {
        for (rule, word) in
            [("medicin", "medicinerna"), ("dog", "dog"), ("sår", "såren"), ("ramla", "ramlade")]
        {
            assert!(same(rule, word), "{rule} {word}");
        }
        for (rule, word) in [("dog", "dogma"), ("sår", "sårbar"), ("ramla", "ram")] {
            assert!(!same(rule, word), "{rule} {word}");
        }
    }

    #[test]
    fn a_word_is_found_in_a_compound() {
        for (rule, word) in [
            ("medicin", "kvällsmedicinen"),
            ("larm", "trygghetslarmet"),
            ("tablett", "sömntabletter"),
        ] {
            assert!(later_part(rule, word), "{rule} {word}");
        }
        for (rule, word) in [("larm", "alarmerande"), ("mat", "klimat")] {
            assert!(!later_part(rule, word), "{rule} {word}");
        }
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
            assert!(misspelt(rule, word), "{rule} {word}");
        }
        for (rule, word) in [("medicin", "median"), ("kateter", "matematik"), ("brand", "bland")] {
            assert!(!misspelt(rule, word), "{rule} {word}");
        }
    }

    #[test]
    fn a_text_is_words() {
        let text = Text::new("Pat. RAMLADE kl 03:15 – KAD:en, t-shirt!");
        assert_eq!(text.words, ["pat", "ramlade", "kl", "03:15", "kad:en", "t-shirt"]);
        assert!(!text.swedish);
    }
}
