//! What the pages are made of.

use domain::forwarding::party::PartyView;
use domain::forwarding::{Exchange, Said, Short, Side};
use domain::personnummer::SubjectIdentity;
use domain::portal::Sight;
use pages::{Choice, Field, Flaw, Input, Markup, button, hidden, html};
use uuid::Uuid;
use wire::Language;

use super::day;
use super::fields::Fields;
use super::words as w;

/// What is shown of one matter.
pub(super) struct Matter<'a> {
    pub id: Uuid,
    pub view: PartyView<'a>,
    pub sight: Sight,
    pub identity: Option<&'a SubjectIdentity>,
}

impl Matter<'_> {
    /// The sender's number, or what stands for it.
    pub fn number(&self) -> String {
        self.view.number.map_or_else(|| self.view.document.matter.clone(), |it| it.to_string())
    }
}

/// A personal number as people write it.
fn person(identity: &SubjectIdentity) -> String {
    match identity {
        SubjectIdentity::Personal(id) => {
            let digits = id.canonical();
            match digits.split_at_checked(8) {
                Some((born, rest)) => format!("{born}-{rest}"),
                None => digits,
            }
        }
        SubjectIdentity::Other { id, issuer: Some(issuer) } => format!("{id} ({issuer})"),
        SubjectIdentity::Other { id, issuer: None } => id.clone(),
    }
}

fn short(act: &Short, language: Language) -> String {
    match act {
        Short::Received => w::RECEIVED.to(language).to_owned(),
        Short::Investigating { until } => format!("{} {until}", w::UNTIL.to(language)),
        Short::NotOurs { whom } => format!("{}: {whom}", w::NOT_OURS.to(language)),
        Short::Done => w::FINISHED.to(language).to_owned(),
    }
}

fn said(exchange: &Exchange, language: Language) -> Markup {
    let who = match exchange.from {
        Side::Us => w::US,
        Side::Them => w::THEM,
    };
    let act = match &exchange.act {
        Said::Answer(act) => Some(short(act, language)),
        Said::Question | Said::Remark => None,
    };
    html! {
        li {
            (day(exchange.at)) ", " (who.to(language))
            @if let Some(act) = act { ": " (act) }
            @if let Some(text) = &exchange.text { blockquote.said { (text) } }
        }
    }
}

/// What a matter says, for reading and printing.
pub(super) fn document(matter: &Matter<'_>, language: Language) -> Markup {
    let Matter { view, identity, .. } = matter;
    let document = view.document;
    let lines = [
        (w::SENT_ON, Some(day(view.sent_at))),
        (w::DUE_ON, view.due_on.filter(|_| view.awaits_answer).map(|it| it.to_string())),
        (w::EXPECTED_ON, view.expected_on.map(|it| it.to_string())),
        (w::ANSWERED_ON, view.answered_at.map(day)),
        (w::EVENT_ON, document.event_on.map(|it| it.to_string())),
        (w::UNIT, document.unit.clone()),
        (w::IDENTITY, identity.map(person)),
        (w::NUMBER, view.their_number.map(str::to_owned)),
    ];
    html! {
        dl {
            @for (label, value) in lines {
                @if let Some(value) = value {
                    dt { (label.to(language)) }
                    dd { (value) }
                }
            }
        }
        p.said { (document.text) }
        @if let Some(question) = &document.question {
            p { strong { (w::QUESTION.to(language)) ":" } }
            p.said { (question) }
        }
        @if view.asked { p.box { (w::ASKED.to(language)) } }
        @if !view.exchanges.is_empty() {
            p { strong { (w::SAID.to(language)) ":" } }
            ul { @for exchange in &view.exchanges { (said(exchange, language)) } }
        }
    }
}

/// The fields of an answer to a matter. Each field's name ends in the matter's id.
pub(super) fn answering(
    matter: &Matter<'_>,
    new_id: Uuid,
    typed: &Fields,
    flaws: &[Flaw],
    language: Language,
) -> Markup {
    let id = matter.id;
    let name = |field: &str| format!("{field}.{id}");
    let (as_name, short_name, until, whom, text, diary) =
        (name("as"), name("short"), name("until"), name("whom"), name("text"), name("diary"));
    let number = matter.number();
    let legend = format!("{} – {number}", w::SHORT.to(language));
    let choice = |value, label: pages::Say, hint: Option<pages::Say>| Choice {
        value,
        label: label.to(language),
        hint: hint.map(|hint| hint.to(language)),
    };
    let choices = [
        choice("", w::NOT_NOW, None),
        choice("received", w::RECEIVED, None),
        choice("investigating", w::INVESTIGATING, Some(w::INVESTIGATING_HINT)),
        choice("not_ours", w::NOT_OURS, Some(w::NOT_OURS_HINT)),
        choice("done", w::FINISHED, None),
    ];
    // The same form sent twice is one answer.
    let kept = typed.get(&as_name).to_owned();
    let as_id = if kept.is_empty() { new_id.to_string() } else { kept };
    let line = |name: &str, label: pages::Say, input: Input| {
        let field = Field { longest: Some(200), ..Field::new(name, label.to(language)) };
        field.within(flaws).input(input, typed.get(name))
    };
    html! {
        div.screen {
            (hidden(&as_name, &as_id))
            (Field::new(&short_name, &legend).within(flaws).radios(&choices, typed.get(&short_name)))
            (line(&until, w::UNTIL, Input::Date))
            (line(&whom, w::WHOM, Input::Text))
            (Field {
                hint: Some(w::TEXT_HINT.to(language)),
                longest: Some(10_000),
                ..Field::new(&text, w::TEXT.to(language))
            }.within(flaws).area(typed.get(&text)))
            (line(&diary, w::NUMBER, Input::Text))
        }
    }
}

/// The form by which a colleague gets a link.
pub(super) fn handing_over(
    typed: &Fields,
    flaws: &[Flaw],
    (action, token): (&str, &str),
    language: Language,
) -> Markup {
    html! {
        h2 { (w::HAND_OVER.to(language)) }
        p { (w::HAND_OVER_WHY.to(language)) }
        form.screen method="post" action=(action) {
            (hidden(super::frame::TOKEN, token))
            (hidden("do", "hand_over"))
            (Field { required: true, ..Field::new("email", w::EMAIL.to(language)) }
                .within(flaws).input(Input::Email, typed.get("email")))
            (Field::new("name", w::NAME.to(language)).within(flaws).input(Input::Text, typed.get("name")))
            (button(w::HAND_OVER_SEND.to(language)))
        }
    }
}

/// The form that ends the session.
pub(super) fn leaving(
    ends_at: jiff::Timestamp,
    (action, token): (&str, &str),
    language: Language,
) -> Markup {
    let clock = domain::calendar::format_local(ends_at);
    let hour = clock.get(11..16).unwrap_or_default();
    html! {
        form.screen method="post" action=(action) {
            (hidden(super::frame::TOKEN, token))
            (hidden("do", "leave"))
            p { (w::ENDS.to(language)) " " (hour) ". " (button(w::LEAVE.to(language))) }
        }
    }
}
