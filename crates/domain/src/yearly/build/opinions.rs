//! Synpunkter, förslag och klagomål: by year and category, with the share that was closed.

use super::frame::{Dim, Frame, Register};
use super::series::{Over, Spec, Tally, bars, changed, count, series};
use crate::calendar::in_words;
use crate::case::{Kind, Subkind};
use crate::table::{Cell, Chart, Column, Counted, Holds, Row, Table, share};
use crate::yearly::SectionId;
use crate::yearly::sources::{OpinionCount, Sources};

const DEFINITION: &str =
    "Synpunkter, förslag, beröm och klagomål räknas tillsammans, det år de kom in.";

pub(super) fn tables(frame: &Frame<'_>, sources: &Sources) -> Vec<(SectionId, Table)> {
    let here = SectionId::OpinionsAndComplaints;
    let over = Over { set: "opinions", limits: &[], share: true, adds: true };
    let mut by_category = Tally::default();
    for code in frame.asked.codes.list("complaint").unwrap_or_default() {
        if code.parent.is_none() {
            by_category.have(vec![Some(code.code.clone())], frame.years.len());
        }
    }
    let mut by_kind = Tally::default();
    for fact in &sources.opinions {
        if let Some(nth) = frame.nth(fact.year) {
            let top = frame.top("complaint", fact.category.as_deref());
            by_category.add(vec![top], nth, frame.years.len(), fact.count);
            by_kind.add(vec![Some(kind(fact).to_owned())], nth, frame.years.len(), fact.count);
        }
    }
    let spec = Spec::new(
        "opinions_by_category",
        "Synpunkter och klagomål per kategori",
        &[Dim::Complaint],
    )
    .counting(Counted::Opinions)
    .defined(format!("{DEFINITION} Underkategorier ingår."))
    .asked_for();
    let categories = bars(series(frame, spec, &over, by_category, None));
    let spec =
        Spec::new("opinions_by_kind", "Synpunkter och klagomål per slag", &[Dim::OpinionKind])
            .counting(Counted::Opinions)
            .defined(DEFINITION);
    let kinds = series(frame, spec, &over, by_kind, None);
    vec![(here, by_year(frame, sources)), (here, categories), (here, kinds)]
}

/// A code of the list `kind`.
fn kind(fact: &OpinionCount) -> &'static str {
    match (fact.kind, fact.subkind) {
        (Kind::Klagomal, _) => "KLA",
        (_, Some(Subkind::Praise)) => "SYN.BER",
        (_, Some(Subkind::Proposal)) => "SYN.FOR",
        (Kind::Synpunkt | Kind::Avvikelse, None) => "SYN",
    }
}

fn by_year(frame: &Frame<'_>, sources: &Sources) -> Table {
    let opinions = || count("count", "Inkomna", "opinions").not_adding();
    let as_of = in_words(frame.as_of);
    let columns: Vec<Column> = vec![
        opinions(),
        Column { id: "complaints".into(), title: "Varav klagomål".into(), ..opinions() }
            .limited("kind", Some("klagomal")),
        Column {
            id: "closed_at_year_end".into(),
            title: "Avslutade vid årets slut".into(),
            ..opinions()
        }
        .limited("closed_at_year_end", Some("true")),
        Column {
            id: "share_closed_at_year_end".into(),
            title: "Andel avslutade vid årets slut (%)".into(),
            ..opinions()
        }
        .made(Holds::Share, &[2, 0]),
        Column { id: "closed".into(), title: format!("Avslutade {as_of}"), ..opinions() }
            .limited("closed", Some("true")),
        Column {
            id: "share_closed".into(),
            title: format!("Andel avslutade {as_of} (%)"),
            ..opinions()
        }
        .made(Holds::Share, &[4, 0]),
        Column {
            id: "change".into(), title: "Förändring från året före".into(), ..opinions()
        }
        .made(Holds::Change, &[0])
        .not_adding(),
    ];
    let of = |year: i16, which: fn(&OpinionCount) -> bool| -> u64 {
        let those = sources.opinions.iter().filter(|it| it.year == year && which(it));
        those.map(|it| it.count).sum()
    };
    let row = |year: &i16| {
        let all = of(*year, |_| true);
        let complaints = of(*year, |it| it.kind == Kind::Klagomal);
        let at_end = of(*year, |it| it.closed_at_year_end);
        let closed = of(*year, |it| it.closed);
        let cell = |year: i16, count: u64| frame.cell(Register::Opinions, year, count);
        let shown = frame.nth(year - 1).is_some();
        let before = if shown { cell(year - 1, of(year - 1, |_| true)) } else { Cell::None };
        let (_, label) = frame.label(Dim::Year, Some(&year.to_string()));
        let all_of_them = cell(*year, all);
        let change = changed(&all_of_them, &before);
        let cells = vec![
            all_of_them,
            cell(*year, complaints),
            cell(*year, at_end),
            share(at_end, all),
            cell(*year, closed),
            share(closed, all),
            change,
        ];
        Row { keys: vec![label], cells }
    };
    let rows = frame.years.iter().map(row).collect();
    let spec = Spec::new("opinions_by_year", "Synpunkter och klagomål per år", &[Dim::Year])
        .counting(Counted::Opinions)
        .defined(DEFINITION)
        .asked_for();
    let mut table = spec.table(frame, columns, rows, None);
    table.chart = Some(Chart::Bars { column: 0 });
    table
}
