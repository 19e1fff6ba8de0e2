//! The page of a half-yearly review, or of a month: to read together on a screen, or to print. Figures in tables
//! with their charts, control charts with their limits and what is marked, what was written and decided. Nothing is
//! fetched, nothing moves, no script.

use domain::review::Page;
use domain::signal::Signal;
use domain::table::Cell;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{STYLE, parts};
use crate::yearly::chart::{self, Control, why};

/// A signal with the words above it.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch<'a> {
    /// The unit and what is counted.
    pub title: String,
    /// The series.
    pub signal: &'a Signal,
}

/// Something that was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// What.
    pub text: String,
    /// Who sees to it.
    pub owner: String,
    /// Until when, and how far it has come.
    pub stands: String,
}

/// What the page holds.
#[derive(Clone, Debug)]
pub struct Sheet<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// The title: `Halvårssammanställning 2026, första halvåret`.
    pub title: String,
    /// What it is about.
    pub part: String,
    /// Where it stands, in a word or two.
    pub state: String,
    /// The figures.
    pub page: &'a Page,
    /// What the team makes of them.
    pub analysis: Option<&'a str>,
    /// What was decided now, and before.
    pub decided: Vec<(String, Vec<Decided>)>,
    /// Control charts.
    pub signals: Vec<Watch<'a>>,
    /// How many series have too little for a chart.
    pub too_few: usize,
}

/// The page, UTF-8.
pub fn sheet(it: &Sheet<'_>) -> Vec<u8> {
    let page = html! {
        (DOCTYPE)
        html lang="sv" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light";
                title { (it.title) " – " (it.part) " – " (it.tenant) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#siffror" { "Till siffrorna" }
                (chart::patterns())
                header.mast {
                    div.inner {
                        p.tenant { (it.tenant) }
                        h1 { (it.title) }
                        p.part { (it.part) }
                        p.state {
                            strong { (it.state) }
                            " · uppgifter lästa " (domain::calendar::in_words(domain::calendar::swedish_date(it.page.read_at)))
                        }
                    }
                }
                main {
                    section.chapter aria-labelledby="siffror" {
                        h2 id="siffror" tabindex="-1" { "Siffrorna" }
                        p.quiet {
                            "Till och med " (domain::calendar::in_words(it.page.as_of))
                            ". Bara antal: varken ärendenas texter eller någon person finns med."
                        }
                        h3 { "Tabeller och diagram" }
                        @for (at, table) in it.page.tables.iter().enumerate() { (parts::table(table, at + 1)) }
                    }
                    (signals(it))
                    (written(it))
                }
            }
        }
    };
    page.into_string().into_bytes()
}

fn signals(it: &Sheet<'_>) -> Markup {
    html! {
        section.chapter aria-labelledby="signaler" {
            h2 id="signaler" { "Signaler" }
            p {
                "En markering säger att något har ändrats mer än slumpen brukar, inte vad eller varför: "
                "det kan också vara att man har börjat rapportera."
            }
            @for (at, watch) in it.signals.iter().enumerate() { (signal(watch, at + 1)) }
            @if it.signals.is_empty() { p.quiet { "Ingen serie har nog många händelser för ett styrdiagram." } }
            @if it.too_few > 0 {
                p.quiet { "För " (it.too_few) " serier är händelserna för få eller tiden för kort för ett styrdiagram." }
            }
        }
    }
}

/// A value in a table, or a dash.
fn said(value: Option<i64>) -> String {
    value.map_or(Cell::None, Cell::Hundredths).swedish()
}

fn signal(watch: &Watch<'_>, number: usize) -> Markup {
    let Some(control) = Control::of(watch.signal) else { return html! {} };
    let heading = format!("signal-{number}-rubrik");
    html! {
        article.table aria-labelledby=(heading) {
            h3 id=(heading) { (watch.title) }
            figure {
                (control.figure(&watch.title, &format!("signal-{number}")))
                figcaption {
                    "Styrdiagram till tabellen under. Heldragen linje: mittlinjen, " (said(Some(control.centre)))
                    ". Streckade linjer: gränserna. Ring och utropstecken: markerat värde."
                }
            }
            div.wide tabindex="0" role="group" aria-label=(format!("Tabell till signal {number}, {}", watch.title)) {
                table {
                    caption { span.heard { "Signal " (number) ". " (watch.title) } }
                    thead {
                        tr {
                            th scope="col" { "När" }
                            th.n scope="col" { "Värde" }
                            th.n scope="col" { "Nedre gräns" }
                            th.n scope="col" { "Övre gräns" }
                            th scope="col" { "Markering" }
                        }
                    }
                    tbody {
                        @for point in &control.points {
                            tr {
                                th scope="row" { (point.name) }
                                td.n { (said(point.value)) }
                                td.n { (said(point.lower)) }
                                td.n { (said(point.upper)) }
                                td {
                                    @for (at, mark) in point.marks.iter().enumerate() {
                                        @if at > 0 { ", " }
                                        (why(*mark))
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn written(it: &Sheet<'_>) -> Markup {
    let any = it.decided.iter().any(|(_, decided)| !decided.is_empty());
    html! {
        @if it.analysis.is_some() || any {
            section.chapter aria-labelledby="beslutat" {
                h2 id="beslutat" { "Vad vi drar för slutsats" }
                @if let Some(text) = it.analysis {
                    h3 { "Analys" }
                    div.text { (parts::pieces(text)) }
                }
                @for (heading, decided) in it.decided.iter().filter(|(_, decided)| !decided.is_empty()) {
                    h3 { (heading) }
                    ul.goals {
                        @for one in decided {
                            li {
                                p.goal { (one.text) }
                                p { (one.owner) ". " (one.stands) }
                            }
                        }
                    }
                }
            }
        }
    }
}
