//! What words of earlier texts were found to be. Most words of a text stood in others before it, and to find what a
//! word may be another spelling of is most of the work of a suggestion.

use std::cell::RefCell;
use std::collections::HashMap;
use std::mem;

use super::Found;

/// The most words of a generation; there are two of each way to write, on each thread.
const MOST: usize = 2048;

/// The longest word that is kept, in bytes.
const LONGEST: usize = 24;

/// The words of the rules that a word is, by place, with the best way in which it is each.
pub(super) type Meant = Box<[(usize, Found)]>;

/// Words with what they are. What was asked for since the last generation ended outlives the next.
#[derive(Default)]
struct Words {
    young: HashMap<Box<str>, Meant>,
    old: HashMap<Box<str>, Meant>,
}

impl Words {
    fn tell(&mut self, word: &str, find: impl FnOnce() -> Meant, tell: impl FnOnce(&Meant)) {
        if let Some(meant) = self.young.get(word) {
            return tell(meant);
        }
        let known = self.old.remove_entry(word);
        let (word, meant) = known.unwrap_or_else(|| (word.into(), find()));
        tell(&meant);
        if self.young.len() == MOST {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(word, meant);
    }
}

thread_local! {
    static WORDS: [RefCell<Words>; 2] = Default::default();
}

/// Tells what `word` is, as `find` finds it, for a writer who uses å, ä and ö or for one who does not.
pub(super) fn tell(
    word: &str,
    swedish: bool,
    find: impl FnOnce() -> Meant,
    tell: impl FnOnce(&Meant),
) {
    // Numbers seldom come again, and may be somebody's.
    if word.len() > LONGEST || !word.chars().all(char::is_alphabetic) {
        return tell(&find());
    }
    WORDS.with(|words| words[usize::from(swedish)].borrow_mut().tell(word, find, tell));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &mut Words, word: &str) -> bool {
        let mut asked = false;
        let mut told = None;
        let find = || {
            asked = true;
            Meant::from([(word.len(), Found::Word)])
        };
        words.tell(word, find, |meant| told = Some(meant.clone()));
        assert_eq!(told, Some(Meant::from([(word.len(), Found::Word)])));
        asked
    }

    #[test]
    fn a_word_is_looked_for_once_while_it_is_used_and_there_is_a_bound() {
        let mut words = Words::default();
        assert!(asked(&mut words, "trycksår"));
        for word in 0..10 * MOST {
            assert!(asked(&mut words, &format!("ord{word}")));
            assert!(!asked(&mut words, "trycksår"), "{word}");
            assert!(words.young.len() <= MOST && words.old.len() <= MOST);
        }
        assert!(asked(&mut words, "ord0"), "what nobody used is forgotten");
    }

    #[test]
    fn no_number_is_kept() {
        for word in ["640823-3234", "rum12", "t-shirt", "läkemedelsöverlämnandena"] {
            for _ in 0..2 {
                let mut asked = false;
                let find = || {
                    asked = true;
                    Meant::default()
                };
                tell(word, true, find, |_| ());
                assert!(asked, "{word}");
            }
        }
    }
}
