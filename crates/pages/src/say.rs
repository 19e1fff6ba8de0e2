//! A text in every language there is.

use wire::Language;

/// Swedish, English, easy Swedish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Say(pub &'static str, pub &'static str, pub &'static str);

impl Say {
    /// The text in a language.
    pub fn to(self, language: Language) -> &'static str {
        match language {
            Language::Sv => self.0,
            Language::En => self.1,
            Language::SvEasy => self.2,
        }
    }
}
