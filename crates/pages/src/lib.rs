//! Pages for people without a login: a layout, and the parts that pages are made of. No page needs a
//! script, none loads anything from elsewhere, and each is one document with its style inside.
//!
//! Everything that is given goes through `maud`, which escapes it; nothing here takes markup as text.

mod field;
mod say;
mod switch;

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::DOCTYPE;
pub use maud::{Markup, PreEscaped, html};
use wire::Language;

pub use field::{Choice, Field, Files, Input, button, hidden, second_button};
pub use say::Say;
pub use switch::{SWITCH, Switch, query_with};

/// The one style of all pages. It stands in each of them, and the policy names its hash.
const STYLE: &str = include_str!("style.css");

/// What a browser may do with a page (Content-Security-Policy): use the style that stands in it, and
/// send its forms back. No script, no frame, nothing from elsewhere, not even from here.
pub fn policy() -> &'static str {
    static POLICY: LazyLock<String> = LazyLock::new(|| policy_of(STYLE));
    &POLICY
}

/// The same for a page that has this one style in it.
pub fn policy_of(style: &str) -> String {
    let hash = STANDARD.encode(digest(&SHA256, style.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; \
         frame-ancestors 'none'; base-uri 'none'"
    )
}

/// What is wrong with a field of a form, in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The name of the field; empty for the form as a whole.
    pub field: String,
    /// What is wrong and what would be right.
    pub text: String,
}

impl Flaw {
    /// A flaw of a field.
    pub fn at(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self { field: field.into(), text: text.into() }
    }
}

/// A page.
#[derive(Debug)]
pub struct Page<'a> {
    /// Its language.
    pub language: Language,
    /// Who speaks: the name of the tenant.
    pub site: &'a str,
    /// Its heading.
    pub title: &'a str,
    /// How to get it in another language.
    pub switch: Switch<'a>,
    /// What was wrong with what was sent, linked to the fields.
    pub flaws: &'a [Flaw],
    /// What it says.
    pub content: Markup,
}

const SKIP: Say = Say("Till innehållet", "To the content", "Till innehållet");
const FAULTY: Say = Say("Fel", "Error", "Fel");
const MEND: Say = Say(
    "Något behöver rättas innan det kan skickas",
    "Something must be put right before it can be sent",
    "Något behöver ändras först",
);

/// A language as the reader's software knows it: easy Swedish is Swedish to a voice.
fn spoken(language: Language) -> &'static str {
    match language {
        Language::Sv | Language::SvEasy => "sv",
        Language::En => "en",
    }
}

impl Page<'_> {
    /// The document.
    pub fn render(self) -> String {
        let Self { language, site, title, switch, flaws, content } = self;
        let document = html! {
            (DOCTYPE)
            html lang=(spoken(language)) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    // What is about one's own matter belongs in no index.
                    meta name="robots" content="noindex, nofollow";
                    title {
                        @if !flaws.is_empty() { (FAULTY.to(language)) ": " }
                        (title) " – " (site)
                    }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    a.skip href="#content" { (SKIP.to(language)) }
                    header {
                        p { (site) }
                        (switch.render(language))
                    }
                    main id="content" tabindex="-1" {
                        h1 { (title) }
                        (summary(flaws, language))
                        (content)
                    }
                }
            }
        };
        document.into_string()
    }
}

/// What is wrong, above the form, each with a link to its field: read out at once.
fn summary(flaws: &[Flaw], language: Language) -> Markup {
    html! {
        @if !flaws.is_empty() {
            div.box.bad id="faults" role="alert" tabindex="-1" autofocus {
                h2 { (MEND.to(language)) }
                ul {
                    @for flaw in flaws {
                        li {
                            @if flaw.field.is_empty() { (flaw.text) }
                            @else { a href=(format!("#{}", flaw.field)) { (flaw.text) } }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(content: Markup, flaws: &[Flaw]) -> String {
        let switch = Switch::Links { address: "/provby/synpunkt?enhet=a%26b" };
        Page { language: Language::En, site: "A & B", title: "<t>", switch, flaws, content }
            .render()
    }

    #[test]
    fn nothing_given_becomes_markup() {
        let bad = "\"><script>alert(1)</script>";
        let flaws = [Flaw::at("text", bad)];
        let field = Field { hint: Some(bad), ..Field::new("text", bad) }.within(&flaws);
        let page = page(html! { (field.area(bad)) (hidden("x", bad)) (button(bad)) }, &flaws);
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("A &amp; B") && page.contains("&lt;t&gt;"), "{page}");
    }

    #[test]
    fn the_policy_lets_the_style_through_and_nothing_else() {
        let page = page(html! {}, &[]);
        let style = page.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next());
        let hash = STANDARD.encode(digest(&SHA256, style.expect("a style").as_bytes()));
        assert!(policy().contains(&format!("'sha256-{hash}'")), "{}", policy());
        assert!(policy().starts_with("default-src 'none'"));
        // No style and no handler stands at an element: the policy would not let it work.
        assert!(!page.contains(" style=") && !page.contains(" on"), "{page}");
    }

    #[test]
    fn a_flaw_is_told_above_and_at_its_field() {
        let flaws = [Flaw::at("who", "Say who"), Flaw::at("", "All")];
        let field = Field { hint: Some("hint"), ..Field::new("who", "Who?") }.within(&flaws);
        let page = page(field.input(Input::Text, ""), &flaws);
        assert!(page.contains("<title>Error: "), "{page}");
        assert!(page.contains("<a href=\"#who\">Say who</a>"), "{page}");
        assert!(page.contains("aria-describedby=\"who-hint who-fault\""), "{page}");
        assert!(page.contains("aria-invalid=\"true\""), "{page}");
        assert!(page.contains("id=\"who-fault\""), "{page}");
    }

    #[test]
    fn the_other_languages_are_a_link_away() {
        let page = page(html! {}, &[]);
        assert!(page.contains("<html lang=\"en\">"), "{page}");
        assert!(page.contains("href=\"/provby/synpunkt?enhet=a%26b&amp;lang=sv\""), "{page}");
        assert!(page.contains("aria-current=\"true\""), "{page}");
        assert!(page.contains("lang=sv-x-easy"), "{page}");
    }
}
