//! What left the house: forwardings to and from other caregivers, and what was notified to IVO.

use std::collections::BTreeMap;

use super::frame::{Dim, Frame, Register};
use super::series::{Spec, Tally, count};
use crate::calendar::swedish;
use crate::escalation;
use crate::forwarding::Direction;
use crate::ids::CounterpartyId;
use crate::statistics::EscalationFact;
use crate::table::{Cell, Chart, Column, Counted, Holds, Row, Table, share};
use crate::yearly::sources::Sources;
use crate::yearly::{About, SectionId};

pub(super) fn tables(frame: &Frame<'_>, sources: &Sources) -> Vec<(SectionId, Table)> {
    vec![
        (SectionId::KnowledgeOfHarm, escalations(frame, sources)),
        (SectionId::BetweenCaregivers, forwardings(frame, sources)),
    ]
}

/// How many of a kind were notified to IVO in a year.
pub(super) fn notified(sources: &Sources, kind: escalation::Kind, year: i16) -> u64 {
    let of = |fact: &&EscalationFact| {
        fact.kind == kind && fact.notified_at.is_some_and(|at| swedish(at).year == year)
    };
    sources.escalations.iter().filter(of).count() as u64
}

fn escalations(frame: &Frame<'_>, sources: &Sources) -> Table {
    let whole = matches!(frame.asked.about, About::Whole);
    let kinds =
        [escalation::Kind::LexMaria, escalation::Kind::LexSarah, escalation::Kind::Riskperson];
    let kinds = kinds.into_iter().filter(|kind| whole || *kind != escalation::Kind::Riskperson);
    let mut columns: Vec<Column> = Vec::new();
    for year in &frame.years {
        let column = count(format!("count_{year}"), format!("Väckta {year}"), "escalations");
        columns.push(column.of_year(*year));
    }
    for year in &frame.years {
        let column = count(
            format!("notified_{year}"),
            format!("Anmälda till IVO {year}"),
            "escalations_notified",
        );
        columns.push(column.of_year(*year));
    }
    let of = columns.len();
    let mut tally = Tally::default();
    for kind in kinds {
        let code = vec![Some(kind.code().to_owned())];
        tally.have(code.clone(), of);
        for (nth, year) in frame.years.iter().enumerate() {
            let raised = sources.escalations.iter();
            let raised =
                raised.filter(|it| it.kind == kind && swedish(it.flagged_at).year == *year);
            tally.add(code.clone(), nth, of, raised.count() as u64);
            let sent = notified(sources, kind, *year);
            tally.add(code.clone(), frame.years.len() + nth, of, sent);
        }
    }
    let rows = tally.rows(frame, &[Dim::EscalationKind]);
    let total: Vec<u64> =
        (0..of).map(|nth| rows.iter().map(|(_, counts)| counts[nth]).sum()).collect();
    let cells = |counts: Vec<u64>| -> Vec<Cell> {
        let of_years = counts.into_iter().zip(frame.years.iter().cycle());
        of_years.map(|(count, year)| frame.cell(Register::Escalations, *year, count)).collect()
    };
    let total = cells(total);
    let rows = rows.into_iter().map(|(keys, counts)| Row { keys, cells: cells(counts) }).collect();
    let spec = Spec::new(
        "escalations_by_kind",
        "Lex Maria, lex Sarah och riskperson",
        &[Dim::EscalationKind],
    )
    .counting(Counted::Escalations)
    .defined("Väckta räknas det år frågan väcktes, anmälda det år anmälan lämnades till IVO.")
    .asked_for();
    let mut table = spec.table(frame, columns, rows, Some(total));
    if !whole {
        table.notes.push("Riskperson redovisas bara för hela verksamheten.".to_owned());
    }
    table
}

fn forwardings(frame: &Frame<'_>, sources: &Sources) -> Table {
    let kinds: BTreeMap<CounterpartyId, &str> =
        sources.counterparties.iter().map(|end| (end.id, end.kind.as_str())).collect();
    let years: Vec<i16> = frame.years.iter().copied().take(2).collect();
    let directions = [
        (Direction::Sent, "sent", "Skickade", "skickade"),
        (Direction::Received, "received", "Mottagna", "mottagna"),
    ];
    let mut columns: Vec<Column> = Vec::new();
    for year in &years {
        for (_, id, title, of) in directions {
            let set = format!("forwardings_{id}");
            let at = columns.len();
            columns.push(
                count(format!("{id}_{year}"), format!("{title} {year}"), &set).of_year(*year),
            );
            let column = count(
                format!("{id}_answered_{year}"),
                format!("{title} och besvarade {year}"),
                &set,
            );
            columns.push(column.of_year(*year).limited("answered", Some("true")));
            let title = format!("Andel besvarade av {of} {year} (%)");
            let column = count(format!("{id}_share_{year}"), title, &set);
            columns.push(column.made(Holds::Share, &[at, at + 1]));
        }
    }
    let figures = years.len() * 4;
    let mut tally = Tally::default();
    for fact in sources.forwardings.iter().filter(|fact| fact.status.counted()) {
        let Some(nth) = years.iter().position(|year| *year == swedish(fact.sent_at).year) else {
            continue;
        };
        let code = vec![frame.known("counterparty", kinds.get(&fact.counterparty).copied())];
        let at = nth * 4 + if fact.direction == Direction::Sent { 0 } else { 2 };
        tally.add(code.clone(), at, figures, 1);
        tally.add(code, at + 1, figures, u64::from(fact.answered_at.is_some()));
    }
    let cells = |counts: &[u64]| -> Vec<Cell> {
        // Two pairs a year.
        let of_years = counts.chunks(2).zip(years.iter().flat_map(|year| [year, year]));
        let cells = |(pair, year): (&[u64], &i16)| {
            let cell = |count| frame.cell(Register::Forwardings, *year, count);
            [cell(pair[0]), cell(pair[1]), share(pair[1], pair[0])]
        };
        of_years.flat_map(cells).collect()
    };
    let rows = tally.rows(frame, &[Dim::CounterpartyKind]);
    let total: Vec<u64> =
        (0..figures).map(|nth| rows.iter().map(|(_, counts)| counts[nth]).sum()).collect();
    let rows = rows.into_iter().map(|(keys, counts)| Row { cells: cells(&counts), keys }).collect();
    let spec = Spec::new("forwardings_by_counterparty", "Avvikelser mellan vårdgivare", &[Dim::CounterpartyKind])
        .counting(Counted::Forwardings)
        .defined("Skickade räknas det år de lämnade verksamheten, mottagna det år de kom in; det som togs tillbaka räknas inte. Besvarade är de som hade svar när siffrorna lästes.")
        .asked_for();
    let mut table = spec.table(frame, columns, rows, Some(cells(&total)));
    table.chart = Some(Chart::Grouped { columns: vec![0, 1] });
    table
}
