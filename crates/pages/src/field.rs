//! The fields of a form: each with its label, a hint, and what is wrong with it, tied together for
//! whoever hears the page.

use maud::{Markup, html};

use crate::Flaw;

/// A field: what stands around the place to write in. Its id is its name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Field<'a> {
    /// Its name in the form.
    pub name: &'a str,
    /// What is asked.
    pub label: &'a str,
    /// What helps to answer.
    pub hint: Option<&'a str>,
    /// What is wrong with what was given.
    pub fault: Option<&'a str>,
    /// Whether there must be an answer.
    pub required: bool,
    /// What the browser may fill in by itself (`autocomplete`).
    pub fills: Option<&'a str>,
    /// The longest text, in characters.
    pub longest: Option<usize>,
}

/// What is written into a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Any text.
    Text,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Tel,
    /// A day.
    Date,
    /// Digits that are no number, such as a code.
    Digits,
    /// What others must not read over one's shoulder.
    Secret,
}

impl Input {
    fn kind(self) -> &'static str {
        match self {
            Input::Text | Input::Digits => "text",
            Input::Email => "email",
            Input::Tel => "tel",
            Input::Date => "date",
            Input::Secret => "password",
        }
    }

    fn mode(self) -> Option<&'static str> {
        (self == Input::Digits).then_some("numeric")
    }
}

/// One of several answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice<'a> {
    /// The value that is sent.
    pub value: &'a str,
    /// What it is called.
    pub label: &'a str,
    /// What helps to tell it from the others.
    pub hint: Option<&'a str>,
}

impl<'a> Choice<'a> {
    /// An answer without a hint.
    pub fn new(value: &'a str, label: &'a str) -> Self {
        Self { value, label, hint: None }
    }
}

/// Which files are taken.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    /// Types and endings, for the browser to offer.
    pub accept: &'a str,
    /// Whether there may be several.
    pub several: bool,
}

impl<'a> Field<'a> {
    /// A field with a label, and nothing more.
    pub fn new(name: &'a str, label: &'a str) -> Self {
        Self { name, label, ..Self::default() }
    }

    /// The field with what is wrong with it, if anything is.
    #[must_use]
    pub fn within(self, flaws: &'a [Flaw]) -> Self {
        let flaw = flaws.iter().find(|flaw| flaw.field == self.name);
        Self { fault: flaw.map(|flaw| flaw.text.as_str()), ..self }
    }

    /// The ids of what describes the field.
    fn described(&self) -> Option<String> {
        let hint = self.hint.map(|_| format!("{}-hint", self.name));
        let fault = self.fault.map(|_| format!("{}-fault", self.name));
        let ids: Vec<String> = hint.into_iter().chain(fault).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn invalid(&self) -> Option<&'static str> {
        self.fault.map(|_| "true")
    }

    fn around(&self, inside: &Markup) -> Markup {
        html! {
            div.field.flawed[self.fault.is_some()] {
                label for=(self.name) { (self.label) }
                (self.beside())
                (inside)
            }
        }
    }

    /// Hint and fault.
    fn beside(&self) -> Markup {
        html! {
            @if let Some(hint) = self.hint {
                span.hint id=(format!("{}-hint", self.name)) { (hint) }
            }
            @if let Some(fault) = self.fault {
                span.fault id=(format!("{}-fault", self.name)) { (fault) }
            }
        }
    }

    /// A line to write in.
    pub fn input(&self, input: Input, value: &str) -> Markup {
        self.around(&html! {
            input.short[input != Input::Text] type=(input.kind()) id=(self.name) name=(self.name)
                value=(value) inputmode=[input.mode()] autocomplete=(self.fills.unwrap_or("off"))
                maxlength=[self.longest] required[self.required] aria-invalid=[self.invalid()]
                aria-describedby=[self.described()];
        })
    }

    /// Room for a text.
    pub fn area(&self, value: &str) -> Markup {
        self.around(&html! {
            textarea id=(self.name) name=(self.name) rows="7" maxlength=[self.longest]
                required[self.required] aria-invalid=[self.invalid()]
                aria-describedby=[self.described()] {
                // A browser drops the first line break, and only that.
                "\n" (value)
            }
        })
    }

    /// One of a list that is too long to be shown.
    pub fn select(&self, choices: &[Choice<'_>], chosen: &str) -> Markup {
        self.around(&html! {
            select id=(self.name) name=(self.name) required[self.required]
                aria-invalid=[self.invalid()] aria-describedby=[self.described()] {
                @for choice in choices {
                    option value=(choice.value) selected[choice.value == chosen] { (choice.label) }
                }
            }
        })
    }

    /// One of a few, all shown.
    pub fn radios(&self, choices: &[Choice<'_>], chosen: &str) -> Markup {
        html! {
            fieldset.flawed[self.fault.is_some()] aria-describedby=[self.described()] {
                legend { (self.label) }
                (self.beside())
                @for (at, choice) in choices.iter().enumerate() {
                    @let id = if at == 0 { self.name.to_owned() } else { format!("{}-{at}", self.name) };
                    @let hint = choice.hint.map(|_| format!("{id}-about"));
                    div.option {
                        input type="radio" id=(id) name=(self.name) value=(choice.value)
                            checked[choice.value == chosen] required[self.required]
                            aria-describedby=[hint.as_deref()];
                        label for=(id) {
                            (choice.label)
                            @if let Some(text) = choice.hint {
                                span.hint id=[hint.as_deref()] { (text) }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Yes, or nothing.
    pub fn check(&self, checked: bool) -> Markup {
        html! {
            div.field.flawed[self.fault.is_some()] {
                div.option {
                    input type="checkbox" id=(self.name) name=(self.name) value="yes"
                        checked[checked] required[self.required] aria-invalid=[self.invalid()]
                        aria-describedby=[self.described()];
                    label for=(self.name) { (self.label) }
                }
                (self.beside())
            }
        }
    }

    /// Files.
    pub fn files(&self, files: Files<'_>) -> Markup {
        self.around(&html! {
            input type="file" id=(self.name) name=(self.name) accept=(files.accept)
                multiple[files.several] aria-invalid=[self.invalid()]
                aria-describedby=[self.described()];
        })
    }
}

/// What a form carries along.
pub fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// What sends a form.
pub fn button(label: &str) -> Markup {
    html! { button type="submit" { (label) } }
}

/// What sends a form to do something else.
pub fn second_button(label: &str, name: &str, value: &str) -> Markup {
    html! { button.second type="submit" name=(name) value=(value) formnovalidate { (label) } }
}
