//! Where, what and how grave: the avvikelser of the years by everything that they have in common.

use std::collections::BTreeMap;

use super::frame::{Dim, Frame, Register};
use super::series::{Over, Spec, Tally, bars, changed, codes_of, count, grouped, series};
use super::summary::{CONTROLLED, FALLS, MEDICATION, of_category, social};
use super::years_cases::YearsCases;
use crate::case::Kind;
use crate::case::triage::Vardskada;
use crate::exposure::tables::{self, reports_and_injury_by_unit};
use crate::ids::UnitId;
use crate::law::Law;
use crate::table::{Cell, Chart, Holds, Row, Table, share};
use crate::yearly::SectionId;
use crate::yearly::sources::{CaseCount, Sources, TraitCount};

pub(super) const COUNTED: &str =
    "Avvikelser räknas det år de rapporterades, vid den ansvariga enheten.";

const ALL: Over<'static> = Over { set: "deviations", limits: &[], share: true, adds: true };

pub(super) fn tables(
    frame: &Frame<'_>,
    sources: &Sources,
    cases: &YearsCases,
) -> Vec<(SectionId, Table)> {
    let all = |row: &CaseCount| row.kind == Kind::Avvikelse;
    let unit = |row: &CaseCount| vec![Some(row.unit.to_string())];
    let top = |row: &CaseCount| vec![frame.top("category", row.category.as_deref())];
    let law = |row: &CaseCount| vec![row.law.map(|law| law.code().to_owned())];
    let mut made = Vec::new();

    let mut by_group = tally(frame, sources, all, |row| vec![frame.area_group(row.unit)]);
    for group in frame.asked.units.area_groups() {
        by_group.have(vec![Some(group.code.clone())], frame.years.len());
    }
    let spec = Spec::new("deviations_by_area_group", "Avvikelser per boendeform", &[Dim::AreaGroup])
        .defined("Enheternas verksamhetsområden i de grupper som verksamheten har bestämt, i första hand särskilt och ordinärt boende.");
    made.push((SectionId::HereAndNow, grouped(frame, series(frame, spec, &ALL, by_group, None))));

    let by_area = tally(frame, sources, all, |row| vec![frame.area(row.unit)]);
    let spec = Spec::new("deviations_by_area", "Avvikelser per verksamhetsområde", &[Dim::Area])
        .defined(COUNTED);
    made.push((SectionId::HereAndNow, grouped(frame, series(frame, spec, &ALL, by_area, None))));

    let by_unit = tally(frame, sources, all, unit);
    let spec =
        Spec::new("deviations_by_unit", "Avvikelser per enhet", &[Dim::Unit]).defined(COUNTED);
    made.push((SectionId::HereAndNow, bars(series(frame, spec, &ALL, by_unit, None))));

    let mut by_month = trait_tally(frame, sources, |row| vec![Some(row.month.to_string())]);
    for month in 1..=12 {
        by_month.have(vec![Some(month.to_string())], frame.years.len());
    }
    let spec = Spec::new("deviations_by_month", "Avvikelser per månad", &[Dim::Month])
        .defined("Månaden är den då avvikelsen rapporterades, i svensk tid.");
    let mut table = series(frame, spec, &ALL, by_month, None);
    table.chart = Some(Chart::Line { columns: (0..frame.years.len().min(3)).rev().collect() });
    made.push((SectionId::HereAndNow, table));

    let by_category = tally(frame, sources, all, top);
    let spec = Spec::new("deviations_by_category", "Avvikelser per kategori", &[Dim::Category])
        .defined("Den bedömda kategorin, annars den rapporterade. Underkategorier ingår.");
    made.push((SectionId::Learning, bars(series(frame, spec, &ALL, by_category, None))));

    let below = tally(frame, sources, all, |row| {
        let code = row.category.as_deref();
        vec![frame.top("category", code), frame.known("category", code)]
    });
    let dims = [Dim::Category, Dim::Subcategory];
    let spec = Spec::new("deviations_by_subcategory", "Avvikelser per underkategori", &dims)
        .defined("Den bedömda kategorin, annars den rapporterade.");
    made.push((SectionId::Learning, series(frame, spec, &ALL, below, None)));

    let mut by_law = tally(frame, sources, all, law);
    for law in Law::ALL {
        by_law.have(vec![Some(law.code().to_owned())], frame.years.len());
    }
    let spec = Spec::new("deviations_by_law", "Avvikelser per lagrum", &[Dim::Law])
        .defined(
            "Det bedömda lagrummet, annars det rapporterade. Av flera räknas det först nämnda.",
        )
        .asked_for();
    made.push((SectionId::Learning, bars(series(frame, spec, &ALL, by_law, None))));

    for (section, table) in traits(frame, sources) {
        made.push((section, table));
    }

    let falls = tally(frame, sources, |row| of_category(row, FALLS), unit);
    let over = Over { limits: &[("category", Some(FALLS))], ..ALL };
    let spec = Spec::new("falls_by_unit", "Fall per enhet", &[Dim::Unit])
        .defined("Avvikelser i kategorin Fall (HSL.FAL) med underkategorier.");
    made.push((SectionId::ReliableProcesses, bars(series(frame, spec, &over, falls, None))));

    made.push((SectionId::ReliableProcesses, medication(frame, sources)));
    made.push((SectionId::SafetyCulture, reports_and_injury(frame, sources, cases)));

    let of_social = |row: &CaseCount| row.kind == Kind::Avvikelse && social(row.law);
    let over = Over { set: "deviations_social", ..ALL };
    let by_unit = tally(frame, sources, of_social, unit);
    let definition = "Avvikelser där SoL eller LSS är det lagrum som räknas.";
    let spec = Spec::new("social_by_unit", "Avvikelser enligt SoL och LSS per enhet", &[Dim::Unit])
        .defined(definition);
    made.push((SectionId::SocialServices, bars(series(frame, spec, &over, by_unit, None))));
    let by_category = tally(frame, sources, of_social, top);
    let spec = Spec::new(
        "social_by_category",
        "Avvikelser enligt SoL och LSS per kategori",
        &[Dim::Category],
    )
    .defined(definition);
    made.push((SectionId::SocialServices, bars(series(frame, spec, &over, by_category, None))));
    let by_law = tally(frame, sources, of_social, law);
    let spec = Spec::new("social_by_law", "Avvikelser enligt SoL och LSS per lagrum", &[Dim::Law])
        .defined(definition);
    made.push((SectionId::SocialServices, series(frame, spec, &over, by_law, None)));
    made
}

/// Counts the cases that are wanted, by year.
fn tally(
    frame: &Frame<'_>,
    sources: &Sources,
    wanted: impl Fn(&CaseCount) -> bool,
    codes: impl Fn(&CaseCount) -> Vec<Option<String>>,
) -> Tally {
    let mut tally = Tally::default();
    for row in sources.cases.iter().filter(|row| wanted(row)) {
        if let Some(nth) = frame.nth(row.year) {
            tally.add(codes(row), nth, frame.years.len(), row.count);
        }
    }
    tally
}

fn trait_tally(
    frame: &Frame<'_>,
    sources: &Sources,
    codes: impl Fn(&TraitCount) -> Vec<Option<String>>,
) -> Tally {
    let mut tally = Tally::default();
    for row in &sources.traits {
        if let Some(nth) = frame.nth(row.year) {
            tally.add(codes(row), nth, frame.years.len(), row.count);
        }
    }
    tally
}

/// The code of a sex that is not known.
const NO_SEX: &str = "O";

/// By what was judged of the person.
fn traits(frame: &Frame<'_>, sources: &Sources) -> Vec<(SectionId, Table)> {
    let here = SectionId::KnowledgeOfHarm;
    let years = frame.years.len();
    let mut by_severity =
        trait_tally(frame, sources, |row| vec![row.severity.map(|it| it.to_string())]);
    for severity in 1..=4 {
        by_severity.have(vec![Some(severity.to_string())], years);
    }
    let spec =
        Spec::new("deviations_by_severity", "Avvikelser per allvarlighetsgrad", &[Dim::Severity])
            .defined("Den faktiska allvarlighetsgraden, som den är bedömd.");
    let severity = bars(series(frame, spec, &ALL, by_severity, None));
    let mut by_harm =
        trait_tally(frame, sources, |row| vec![Some(row.vardskada.code().to_owned())]);
    for harm in Vardskada::ALL {
        by_harm.have(vec![Some(harm.code().to_owned())], years);
    }
    let spec = Spec::new(
        "deviations_by_vardskada",
        "Avvikelser efter bedömning av vårdskada",
        &[Dim::Vardskada],
    )
    .defined("Bedömningen av om händelsen medförde eller hade kunnat medföra en vårdskada.");
    let harm = series(frame, spec, &ALL, by_harm, None);
    let by_injury =
        trait_tally(frame, sources, |row| vec![frame.known("injury", row.injury.as_deref())]);
    let spec = Spec::new("deviations_by_injury", "Avvikelser per skada", &[Dim::Injury])
        .defined("Skadan hos den som händelsen gällde. Obehag, oro och rädsla är ingen skada: raden står för sig och räknas med dem som var utan skada.");
    let injury = bars(series(frame, spec, &ALL, by_injury, None));
    // That it is not known is no sex: whether somebody said so or nobody asked.
    let sex = |row: &TraitCount| frame.known("sex", row.sex.as_deref()).filter(|it| it != NO_SEX);
    let by_sex = trait_tally(frame, sources, |row| vec![sex(row)]);
    let spec = Spec::new("deviations_by_sex", "Avvikelser per kön", &[Dim::Sex])
        .defined("Kön hos den som händelsen gällde. Uppgift saknas är de avvikelser där kön inte är angivet.");
    let sex = series(frame, spec, &ALL, by_sex, None);
    vec![(here, harm), (here, severity), (here, injury), (here, sex)]
}

/// Medication by unit, with what is missing of controlled drugs in a column of its own.
fn medication(frame: &Frame<'_>, sources: &Sources) -> Table {
    let unit = |row: &CaseCount| vec![Some(row.unit.to_string())];
    let all = tally(frame, sources, |row| of_category(row, MEDICATION), unit);
    let units = codes_of(&all);
    let mut controlled: BTreeMap<Option<String>, u64> = BTreeMap::new();
    for row in &sources.cases {
        if row.year == frame.year() && of_category(row, CONTROLLED) {
            *controlled.entry(Some(row.unit.to_string())).or_default() += row.count;
        }
    }
    debug_assert!(controlled.keys().all(|unit| units.contains(unit)), "below medication");
    let over = Over { limits: &[("category", Some(MEDICATION))], ..ALL };
    let spec = Spec::new("medication_by_unit", "Läkemedelsavvikelser per enhet", &[Dim::Unit])
        .defined("Avvikelser i kategorin Läkemedel (HSL.LKM) med underkategorier; avvikelser i narkotikasaldo (HSL.LKM.NAR) är en del av dem.");
    let mut table = bars(series(frame, spec, &over, all, None));
    let year = frame.year();
    let column =
        count(format!("controlled_{year}"), format!("Varav narkotikasaldo {year}"), "deviations");
    table.columns.push(column.of_year(year).limited("category", Some(CONTROLLED)));
    let mut sum = 0;
    for row in &mut table.rows {
        let here = row.keys.first().and_then(|key| controlled.get(&key.code)).copied().unwrap_or(0);
        sum += here;
        row.cells.push(Cell::Count(here));
    }
    if let Some(total) = &mut table.total {
        total.push(Cell::Count(sum));
    }
    table
}

/// Reports beside the share with injury, so that more reports are not read as worse.
fn reports_and_injury(frame: &Frame<'_>, sources: &Sources, cases: &YearsCases) -> Table {
    let year = frame.year();
    let unit = |row: &CaseCount| vec![Some(row.unit.to_string())];
    let all = |row: &CaseCount| {
        row.kind == Kind::Avvikelse && frame.nth(row.year).is_some_and(|nth| nth < 2)
    };
    let counts = tally(frame, sources, all, unit);
    let mut columns = vec![
        count(format!("count_{year}"), format!("Avvikelser {year}"), "deviations").of_year(year),
    ];
    let compared = frame.years.len() > 1;
    if compared {
        let before = frame.years[1];
        columns.push(
            count(format!("count_{before}"), format!("Avvikelser {before}"), "deviations")
                .of_year(before),
        );
        columns.push(count("change", "Förändring", "deviations").made(Holds::Change, &[0, 1]));
    }
    let first = columns.len();
    for (id, title, value) in [("injured", "Med skada", "true"), ("unhurt", "Utan skada", "false")]
    {
        columns.push(count(id, title, "deviations").of_year(year).limited("injured", Some(value)));
    }
    columns.push(
        count("injury_unknown", "Skada okänd", "deviations").of_year(year).limited("injured", None),
    );
    columns.push(
        count("share_injured", "Andel med skada av dem där det är känt (%)", "deviations")
            .made(Holds::Share, &[first, first + 1]),
    );
    let cells = |counts: &[u64], injured: u64, unhurt: u64, unknown: u64| {
        let mut cells = vec![Cell::Count(counts[0])];
        if compared {
            cells.push(frame.cell(Register::Deviations, frame.years[1], counts[1]));
            cells.push(changed(&cells[0], &cells[1]));
        }
        cells.extend([injured, unhurt, unknown].map(Cell::Count));
        cells.push(share(injured, injured + unhurt));
        cells
    };
    let mut sums = (vec![0; frame.years.len()], 0, 0, 0);
    let mut rows = Vec::new();
    for (keys, counts) in counts.rows(frame, &[Dim::Unit]) {
        let id: Option<UnitId> = keys[0].code.as_deref().and_then(|id| id.parse().ok());
        let hurt = id.and_then(|id| cases.injuries.get(&id)).copied().unwrap_or_default();
        for (sum, count) in sums.0.iter_mut().zip(&counts) {
            *sum += count;
        }
        sums.1 += hurt.injured;
        sums.2 += hurt.unhurt;
        sums.3 += hurt.unknown;
        rows.push(Row { cells: cells(&counts, hurt.injured, hurt.unhurt, hurt.unknown), keys });
    }
    let mut total = cells(&sums.0, sums.1, sums.2, sums.3);
    rates(frame, sources, cases, &mut columns, &mut rows);
    total.resize(columns.len(), Cell::None);
    let spec = Spec::new("reports_and_injury_by_unit", "Rapporter och skador per enhet", &[Dim::Unit])
        .defined("Fler rapporter betyder inte att vården är sämre: läs antalet tillsammans med andelen där någon kom till skada. Med skada är den avvikelse där personen skadades till kropp eller psyke. Ingen skada och Obehag, oro, rädsla räknas som utan skada; Vet ej och avvikelser utan uppgift räknas som okänt. Per 100 årsarbetare eller personer räknas på enheten och enheterna under den, omräknat till ett helt år.");
    spec.table(frame, columns, rows, Some(total))
}

/// How much was reported for each 100 full-time staff and persons, where those are known.
fn rates(
    frame: &Frame<'_>,
    sources: &Sources,
    cases: &YearsCases,
    columns: &mut Vec<crate::table::Column>,
    rows: &mut [Row],
) {
    let exposed = reports_and_injury_by_unit(&exposures(frame, sources, cases));
    for id in ["per_staff", "per_persons"] {
        let Some(at) = exposed.column(id) else { continue };
        columns.push(exposed.columns[at].clone());
        for row in &mut *rows {
            let of = exposed.rows.iter().find(|it| it.keys == row.keys);
            row.cells.push(of.map_or(Cell::None, |it| it.cells[at].clone()));
        }
    }
}

fn exposures<'a>(
    frame: &Frame<'a>,
    sources: &'a Sources,
    cases: &'a YearsCases,
) -> tables::Sources<'a> {
    tables::Sources {
        year: frame.year(),
        as_of: frame.as_of,
        units: frame.asked.units,
        exposures: &sources.exposures,
        counts: &cases.counts,
    }
}

/// What avvikelser are set against: how much care there was.
pub(super) fn exposed(
    frame: &Frame<'_>,
    sources: &Sources,
    cases: &YearsCases,
) -> Vec<(SectionId, Table)> {
    let of = exposures(frame, sources, cases);
    let rates = tables::rates_by_unit(&of).map(|it| (SectionId::ReliableProcesses, it));
    let doses = tables::unsigned_doses(&of).map(|it| (SectionId::ReliableProcesses, it));
    rates.into_iter().chain(doses).collect()
}
