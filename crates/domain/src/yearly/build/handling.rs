//! How cases were handled: causes, measures, lead times, who named which law, clocks, silent units.

use std::collections::BTreeSet;

use jiff::civil::date;

use super::frame::{Dim, Frame, Register};
use super::series::{Spec, Tally, bars, count};
use super::units::COUNTED;
use super::years_cases::{Kept, YearsCases, keep};
use crate::calendar::swedish;
use crate::case::Kind;
use crate::case::measure::Effect;
use crate::clock::{self, ClockState, clocks_of_lex};
use crate::ids::UnitId;
use crate::law::Law;
use crate::policy::Scope;
use crate::statistics::lead_time::{LeadTime, LeadTimes, Spans};
use crate::table::{Cell, Column, Counted, Holds, Label, Row, Table, share};
use crate::yearly::SectionId;
use crate::yearly::sources::Sources;

pub(super) fn tables(
    frame: &Frame<'_>,
    sources: &Sources,
    cases: YearsCases,
) -> Vec<(SectionId, Table)> {
    vec![
        (SectionId::SafetyCulture, silent_units(frame, sources)),
        (SectionId::SafetyCulture, laws(frame, &cases)),
        (SectionId::SafetyCulture, categories(frame, &cases)),
        (SectionId::Learning, causes(frame, sources)),
        (SectionId::Learning, measures(frame, sources)),
        (SectionId::Learning, clocks(frame, sources, &cases)),
        (SectionId::Learning, lead_times(frame, cases)),
    ]
}

fn causes(frame: &Frame<'_>, sources: &Sources) -> Table {
    let year = frame.year();
    let mut tally = Tally::default();
    for (code, cases) in &sources.causes {
        tally.add(vec![frame.known("cause", Some(code))], 0, 1, *cases);
    }
    let all = sources.cases.iter().filter(|row| row.year == year && row.kind == Kind::Avvikelse);
    let all: u64 = all.map(|row| row.count).sum();
    let without = all.saturating_sub(sources.with_cause);
    let column =
        count(format!("count_{year}"), year.to_string(), "causes").of_year(year).not_adding();
    let part = count("share", "Andel av avvikelserna med angiven orsak (%)", "causes")
        .made(Holds::Share, &[0]);
    let cells = |count: u64, of: u64| vec![Cell::Count(count), share(count, of)];
    let mut rows: Vec<Row> = tally
        .rows(frame, &[Dim::Cause])
        .into_iter()
        .map(|(keys, counts)| Row { keys, cells: cells(counts[0], sources.with_cause) })
        .collect();
    let unknown = rows.last().is_some_and(|row| row.keys[0].code.is_none());
    if !unknown {
        let (_, label) = frame.label(Dim::Cause, None);
        rows.push(Row { keys: vec![label], cells: vec![Cell::Count(without), Cell::None] });
    }
    let spec = Spec::new("deviations_by_cause", "Orsaker till årets avvikelser", &[Dim::Cause])
        .counting(Counted::Mentions)
        .defined("Avvikelser vars utredning har angett orsaken. En avvikelse kan ha flera orsaker, så raderna summerar inte.");
    bars(spec.table(frame, vec![column, part], rows, None))
}

fn measures(frame: &Frame<'_>, sources: &Sources) -> Table {
    let effects = [Effect::Yes, Effect::Partly, Effect::No, Effect::NotYet];
    let mut columns = vec![
        count("count", "Åtgärder", "measures").of_year(frame.year()),
        count("done", "Genomförda", "measures").of_year(frame.year()).limited("done", Some("true")),
        count("overdue", "Försenade", "measures")
            .of_year(frame.year())
            .limited("overdue", Some("true")),
    ];
    for effect in effects {
        let title = frame.asked.codes.get("measure_effect", effect.code());
        let title = title.map_or(effect.code(), |code| code.sv.as_str());
        let column = count(effect.code(), format!("Effekt: {title}"), "measures");
        columns.push(column.of_year(frame.year()).limited("effect", Some(effect.code())));
    }
    columns.push(
        count("share_followed_up", "Andel uppföljda (%)", "measures").made(Holds::Share, &[0, 6]),
    );
    let mut tally = Tally::default();
    for row in &sources.measures {
        let codes = vec![frame.known("measure_type", Some(&row.kind))];
        let effect = effects.iter().position(|effect| *effect == row.effect);
        let nths =
            [Some(0), row.done.then_some(1), row.overdue.then_some(2), effect.map(|at| at + 3)];
        for nth in nths.into_iter().flatten() {
            tally.add(codes.clone(), nth, 7, row.count);
        }
    }
    let cells = |counts: &[u64]| {
        let mut cells: Vec<Cell> = counts.iter().map(|count| Cell::Count(*count)).collect();
        cells.push(share(counts[0] - counts[6], counts[0]));
        cells
    };
    let rows = tally.rows(frame, &[Dim::MeasureType]);
    let total: Vec<u64> =
        (0..7).map(|nth| rows.iter().map(|(_, counts)| counts[nth]).sum()).collect();
    let rows = rows.into_iter().map(|(keys, counts)| Row { cells: cells(&counts), keys }).collect();
    let spec = Spec::new("measures_by_effect", "Åtgärder och deras effekt", &[Dim::MeasureType])
        .counting(Counted::Measures)
        .defined(
            "Åtgärder i utredningar av ärenden som rapporterades under året, varje åtgärd en gång.",
        );
    spec.table(frame, columns, rows, Some(cells(&total)))
}

fn lead_times(frame: &Frame<'_>, cases: YearsCases) -> Table {
    let stages = [
        ("report", "rapport"),
        ("triage", "bedömning"),
        ("investigation", "utredning klar"),
        ("close", "avslut"),
    ];
    let mut columns: Vec<Column> = Vec::new();
    for (id, title) in stages {
        let set = format!("lead_{id}");
        columns.push(
            count(format!("{id}_n"), format!("Till {title}: antal"), &set).of_year(frame.year()),
        );
        for (figure, words) in [("median", "median, dagar"), ("p90", "90 % inom, dagar")] {
            let column = count(format!("{id}_{figure}"), format!("Till {title}: {words}"), &set);
            columns
                .push(Column { holds: Holds::Days, ..column.of_year(frame.year()).not_adding() });
        }
    }
    let cells = |times: LeadTimes| {
        let LeadTimes { report, triage, investigation, close } = times;
        let days = |days: Option<crate::statistics::Days>| {
            days.map_or(Cell::None, |it| Cell::Tenths(it.tenths))
        };
        let of = |time: LeadTime| [Cell::Count(time.n), days(time.median), days(time.p90)];
        [report, triage, investigation, close].into_iter().flat_map(of).collect::<Vec<_>>()
    };
    let mut all = Spans::default();
    let mut rows = Vec::new();
    for (unit, spans) in cases.spans {
        all.extend(&spans);
        let (place, label) = frame.label(Dim::Unit, Some(&unit.to_string()));
        rows.push((place, Row { keys: vec![label], cells: cells(spans.into_lead_times()) }));
    }
    rows.sort_by(|a, b| (&a.0, &a.1.keys).cmp(&(&b.0, &b.1.keys)));
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    let spec = Spec::new("lead_times_by_unit", "Ledtider per enhet", &[Dim::Unit])
        .counting(Counted::Days)
        .defined("Dagar från händelsen till varje steg, för årets avvikelser där händelsens tid är känd och steget är nått. Medianen är den mittersta; 90 procent tog högst så lång tid som den andra siffran säger.");
    spec.table(frame, columns, rows, Some(cells(all.into_lead_times())))
}

fn laws(frame: &Frame<'_>, cases: &YearsCases) -> Table {
    let year = frame.year();
    let assessed = [Some(Law::Hsl), Some(Law::Sol), Some(Law::Lss), None];
    let mut columns = vec![count("count", "Avvikelser", "deviations").of_year(year)];
    for law in assessed {
        let id = law.map_or("none".to_owned(), |law| law.code().to_ascii_lowercase());
        let title = law.map_or("Inte bedömt".to_owned(), |law| format!("Bedömt {}", spoken(law)));
        let column = count(format!("assessed_{id}"), title, "deviations").of_year(year);
        columns.push(column.limited("law_assessed", law.map(Law::code)));
    }
    columns.push(
        count("share_same", "Andel lika av de bedömda (%)", "deviations")
            .made(Holds::Share, &[1, 2, 3]),
    );
    let mut tally = Tally::default();
    for law in Law::ALL {
        tally.have(vec![Some(law.code().to_owned())], 5);
    }
    for ((reported, by_assessor), count) in &cases.laws {
        let codes = vec![reported.map(|law| law.code().to_owned())];
        tally.add(codes.clone(), 0, 5, *count);
        let nth = assessed.iter().position(|law| law == by_assessor);
        tally.add(codes, nth.map_or(4, |nth| nth + 1), 5, *count);
    }
    let rows = tally.rows(frame, &[Dim::LawReported]);
    let total: Vec<u64> =
        (0..5).map(|nth| rows.iter().map(|(_, counts)| counts[nth]).sum()).collect();
    let same = |label: &Label, counts: &[u64]| {
        let law: Option<Law> = label.code.as_deref().and_then(|code| code.parse().ok());
        law.map_or(0, |law| counts[1 + law as usize])
    };
    let agreed: u64 = rows.iter().map(|(keys, counts)| same(&keys[0], counts)).sum();
    let cells = |counts: &[u64], same: u64| {
        let mut cells: Vec<Cell> = counts.iter().map(|count| Cell::Count(*count)).collect();
        cells.push(share(same, counts[0] - counts[4]));
        cells
    };
    let total = cells(&total, agreed);
    let rows = rows
        .into_iter()
        .map(|(keys, counts)| Row { cells: cells(&counts, same(&keys[0], &counts)), keys })
        .collect();
    let spec = Spec::new(
        "law_by_filer_and_assessor",
        "Rapportörens lagrum mot det bedömda",
        &[Dim::LawReported],
    )
    .defined(
        "Det först nämnda lagrummet hos rapportören och hos den som bedömde, för årets avvikelser.",
    );
    spec.table(frame, columns, rows, Some(total))
}

fn spoken(law: Law) -> &'static str {
    match law {
        Law::Hsl => "HSL",
        Law::Sol => "SoL",
        Law::Lss => "LSS",
    }
}

fn categories(frame: &Frame<'_>, cases: &YearsCases) -> Table {
    let year = frame.year();
    let kinds = [
        ("same", "Samma kategori"),
        ("within", "Annan underkategori"),
        ("other", "Annan kategori"),
        ("not_assessed", "Inte bedömd"),
    ];
    let mut columns = vec![count("count", "Avvikelser", "deviations").of_year(year)];
    for (id, title) in kinds {
        columns.push(
            count(id, title, "deviations").of_year(year).limited("category_agreement", Some(id)),
        );
    }
    columns.push(
        count("share_same", "Andel lika av de bedömda (%)", "deviations")
            .made(Holds::Share, &[1, 2, 3]),
    );
    let mut tally = Tally::default();
    for (code, it) in &cases.categories {
        let figures = [it.same, it.within, it.other, it.not_assessed];
        tally.add(vec![code.clone()], 0, 5, figures.iter().sum());
        for (nth, figure) in figures.into_iter().enumerate() {
            tally.add(vec![code.clone()], nth + 1, 5, figure);
        }
    }
    let rows = tally.rows(frame, &[Dim::CategoryReported]);
    let total: Vec<u64> =
        (0..5).map(|nth| rows.iter().map(|(_, counts)| counts[nth]).sum()).collect();
    let cells = |counts: &[u64]| {
        let mut cells: Vec<Cell> = counts.iter().map(|count| Cell::Count(*count)).collect();
        cells.push(share(counts[1], counts[0] - counts[4]));
        cells
    };
    let total = cells(&total);
    let rows = rows.into_iter().map(|(keys, counts)| Row { cells: cells(&counts), keys }).collect();
    let spec = Spec::new("category_by_filer_and_assessor", "Rapportörens kategori mot den bedömda", &[Dim::CategoryReported])
        .defined("Rapportörens kategori, underkategorier under sin kategori, mot kategorin hos den som bedömde, för årets avvikelser.");
    spec.table(frame, columns, rows, Some(total))
}

fn clocks(frame: &Frame<'_>, sources: &Sources, cases: &YearsCases) -> Table {
    let (chosen, now) = (frame.asked.clocks, frame.asked.now);
    let mut kept: Vec<(clock::Kind, Kept)> = vec![
        (clock::Kind::Triage, cases.triage),
        (clock::Kind::Investigation, cases.investigation),
    ];
    let due =
        |kind: clock::Kind, from| chosen.target(kind).due(from, &chosen.working_days, chosen.rolls);
    let (mut told, mut answered) = (Kept::default(), Kept::default());
    for fact in &sources.complaints {
        let brief = fact.brief.as_ref();
        if let Some(brief) = brief.filter(|brief| brief.reachable) {
            let kind = clock::Kind::ComplaintAcknowledgement;
            keep(&mut told, due(kind, fact.reported_at), brief.acknowledged_at, now);
        }
        let from = brief.and_then(|it| it.asked_again_at).unwrap_or(fact.reported_at);
        let met = brief.map_or(fact.closed_at, |it| it.answered_at);
        keep(&mut answered, due(clock::Kind::ComplaintAnswer, from), met, now);
    }
    kept.push((clock::Kind::ComplaintAcknowledgement, told));
    kept.push((clock::Kind::ComplaintAnswer, answered));
    let raised = sources
        .lex
        .iter()
        .filter(|lex| swedish(lex.flagged_at).year == frame.year() && inside(frame, lex.unit));
    for lex in raised {
        for clock in clocks_of_lex(lex, chosen) {
            let at = kept.iter().position(|(kind, _)| *kind == clock.kind);
            let at = at.unwrap_or_else(|| {
                kept.push((clock.kind, Kept::default()));
                kept.len() - 1
            });
            let into = &mut kept[at].1;
            match clock.state(now) {
                ClockState::Kept => into.kept += 1,
                ClockState::Missed => into.missed += 1,
                ClockState::Running | ClockState::Waiting => into.running += 1,
            }
        }
    }
    let mut tally = Tally::default();
    for (kind, kept) in kept {
        let code = vec![Some(kind.code().to_owned())];
        for (nth, figure) in
            [kept.kept + kept.missed + kept.running, kept.kept, kept.missed, kept.running]
                .into_iter()
                .enumerate()
        {
            tally.add(code.clone(), nth, 4, figure);
        }
    }
    let columns = vec![
        count("count", "Frister", "clocks").of_year(frame.year()),
        count("kept", "Hållna", "clocks")
            .of_year(frame.year())
            .limited("clock_state", Some("kept")),
        count("missed", "Missade", "clocks")
            .of_year(frame.year())
            .limited("clock_state", Some("missed")),
        count("running", "Löper", "clocks")
            .of_year(frame.year())
            .limited("clock_state", Some("running")),
        count("share_kept", "Andel hållna av dem som gått ut eller är klara (%)", "clocks")
            .made(Holds::Share, &[1, 2]),
    ];
    let cells = |counts: &[u64]| {
        let mut cells: Vec<Cell> = counts.iter().map(|count| Cell::Count(*count)).collect();
        cells.push(share(counts[1], counts[1] + counts[2]));
        cells
    };
    let rows = tally.rows(frame, &[Dim::Clock]);
    let total: Vec<u64> =
        (0..4).map(|nth| rows.iter().map(|(_, counts)| counts[nth]).sum()).collect();
    let rows = rows.into_iter().map(|(keys, counts)| Row { cells: cells(&counts), keys }).collect();
    let spec = Spec::new("clocks_kept", "Frister som hölls och missades", &[Dim::Clock])
        .counting(Counted::Clocks)
        .defined("Frister i ärenden som rapporterades under året och i anmälningar som väcktes då. De är verksamhetens egna mål, inte lag, om inget annat sägs. Inlästa ärenden har inga frister. Här räknas inte frister för åtgärder, information till patienten om en vårdskada, angränsande skyldigheter (bland dem personuppgiftsincidenter), patientsäkerhetsberättelsen, svar till och från andra vårdgivare, halvårssammanställningar och det som beslutas i dem.");
    let mut table = spec.table(frame, columns, rows, Some(cells(&total)));
    if cases.imported > 0 {
        // How many would tell all avvikelser, beside those that have a clock.
        table.notes.push(
            "En del av årets avvikelser är inlästa från ett tidigare system och har inga frister."
                .to_owned(),
        );
    }
    table
}

fn inside(frame: &Frame<'_>, unit: UnitId) -> bool {
    match frame.asked.scope {
        Scope::All => true,
        Scope::Only(only) => only.contains(&unit),
    }
}

/// Units with none below them that were open all year, and of which nothing was reported.
fn silent_units(frame: &Frame<'_>, sources: &Sources) -> Table {
    let year = frame.year();
    let last = date(year, 12, 31).min(frame.as_of);
    let units = frame.asked.units;
    let parents: BTreeSet<UnitId> =
        units.iter().filter(|unit| unit.open_on(last)).filter_map(|unit| unit.parent).collect();
    let asked: Vec<UnitId> = units
        .iter()
        .filter(|unit| !unit.unknown && unit.open_on(last) && unit.open_on(date(year, 1, 1)))
        .filter(|unit| !parents.contains(&unit.id) && inside(frame, unit.id))
        .map(|unit| unit.id)
        .collect();
    let of = |unit: UnitId, year: i16| -> u64 {
        let cases = sources.cases.iter().filter(|row| row.unit == unit && row.year == year);
        cases.filter(|row| row.kind == Kind::Avvikelse).map(|row| row.count).sum()
    };
    let silent: Vec<UnitId> = asked.iter().copied().filter(|unit| of(*unit, year) == 0).collect();
    let mut tally = Tally::default();
    for unit in &silent {
        for (nth, year) in frame.years.iter().enumerate() {
            tally.add(vec![Some(unit.to_string())], nth, frame.years.len(), of(*unit, *year));
        }
    }
    let column =
        |year: &i16| count(format!("count_{year}"), year.to_string(), "deviations").of_year(*year);
    let columns = frame.years.iter().map(column).collect();
    let rows = tally.rows(frame, &[Dim::Unit]);
    let cells = |counts: Vec<u64>| {
        let of_years = counts.into_iter().zip(&frame.years);
        of_years.map(|(count, year)| frame.cell(Register::Deviations, *year, count)).collect()
    };
    let rows = rows.into_iter().map(|(keys, counts)| Row { keys, cells: cells(counts) }).collect();
    let spec = Spec::new("silent_units", "Enheter utan rapporter", &[Dim::Unit])
        .defined(format!("Enheter utan underenheter som var öppna hela året och där ingen avvikelse rapporterades. {COUNTED}"));
    let mut table = spec.table(frame, columns, rows, None);
    table.notes.push(match (silent.len(), asked.len()) {
        (0, 0) => format!("Ingen enhet var öppen hela {year}."),
        (0, all) => format!("Alla {all} enheter rapporterade avvikelser under {year}."),
        (silent, all) => format!(
            "{silent} av {all} enheter rapporterade ingen avvikelse under {year}. Att ingen rapporterar betyder inte att inget händer."
        ),
    });
    table
}
