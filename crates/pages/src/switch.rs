//! The choice of a language.

use maud::{Markup, html};
use wire::Language;

use crate::Say;

/// The field by which a form says that it was sent to be shown in another language, and no more.
pub const SWITCH: &str = "switch";

/// How a page is had in another language.
#[derive(Clone, Copy, Debug)]
pub enum Switch<'a> {
    /// By its address.
    Links {
        /// Path and query, without `lang`.
        address: &'a str,
    },
    /// By sending the form `form` of the page to `action`: what was written stays. Where the field
    /// [`SWITCH`] comes along, nothing else is wanted.
    Form {
        /// The id of the form.
        form: &'a str,
        /// Path and query, without `lang`.
        action: &'a str,
    },
    /// By sending fields that the page came by.
    Post {
        /// Path and query, without `lang`.
        action: &'a str,
        /// Name and value of each.
        fields: &'a [(&'a str, &'a str)],
    },
    /// Not at all.
    None,
}

const CHOOSE: Say = Say("Språk", "Language", "Språk");

/// What a language calls itself, and its tag for the reader's software.
fn own_name(language: Language) -> (&'static str, &'static str) {
    match language {
        Language::Sv => ("Svenska", "sv"),
        Language::En => ("English", "en"),
        Language::SvEasy => ("Lätt svenska", "sv"),
    }
}

/// An address in a language.
pub fn query_with(address: &str, language: Language) -> String {
    let mark = if address.contains('?') { '&' } else { '?' };
    format!("{address}{mark}lang={}", language.tag())
}

impl Switch<'_> {
    pub(crate) fn render(self, current: Language) -> Markup {
        if matches!(self, Switch::None) {
            return html! {};
        }
        html! {
            nav aria-label=(CHOOSE.to(current)) {
                ul {
                    @for language in Language::ALL {
                        li { (self.item(language, language == current)) }
                    }
                }
            }
        }
    }

    fn item(self, language: Language, current: bool) -> Markup {
        let (name, lang) = own_name(language);
        if current {
            return html! { span lang=(lang) aria-current="true" { (name) } };
        }
        match self {
            Switch::Links { address } => html! {
                a href=(query_with(address, language)) hreflang=(lang) lang=(lang) { (name) }
            },
            Switch::Form { form, action } => html! {
                button.plain type="submit" form=(form) formaction=(query_with(action, language))
                    formnovalidate name=(SWITCH) value="yes" lang=(lang) { (name) }
            },
            Switch::Post { action, fields } => html! {
                form method="post" action=(query_with(action, language)) {
                    @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
                    button.plain type="submit" lang=(lang) { (name) }
                }
            },
            Switch::None => html! {},
        }
    }
}
