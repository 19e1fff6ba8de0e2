//! The tables that exposures make: rates, doses nobody signed, and reports beside the share with injury.
//!
//! A unit that has an exposure stands for the units below it. Only months are counted that the exposure
//! covers, so that half a year of bed-days is not set against a year of reports.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::counts::{Counts, MEDICATION, Reported};
use super::{Exposure, Kind};
use crate::ids::UnitId;
use crate::organisation::UnitTree;
use crate::statistics::NamedUnit;
use crate::statistics::order::in_swedish_order;
use crate::table::{Cell, Column, Counted, Head, Holds, Label, Limit, Row, Table, rate, share};

/// What must be read beside every figure of doses that nobody signed.
pub const UNSIGNED_IS_NO_ERROR: &str = "En osignerad dos är ännu ingen avvikelse: dosen kan ha getts \
    utan att någon signerade. Skillnaden mot de rapporterade avvikelserna visar hur stort mörkertalet \
    kan vara, inte hur många fel som har begåtts.";

/// What was read for the tables of one year.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The year.
    pub year: i16,
    /// The last day that is known.
    pub as_of: Date,
    /// The tenant's units.
    pub units: &'a UnitTree,
    /// The exposures of the year; others are left out.
    pub exposures: &'a [Exposure],
    /// What was reported in the year.
    pub counts: &'a Counts,
}

/// One kind of exposure of one unit in the year.
struct Basis {
    /// In hundredths: the sum, or the average times the months.
    weight: u64,
    /// Which months it covers.
    months: BTreeSet<i16>,
}

impl Basis {
    /// As it is shown, in hundredths: the sum, or the average over the months it covers, half up.
    fn shown(&self, kind: Kind) -> u64 {
        let months = self.months.len() as u64;
        if kind.adds() || months == 0 {
            self.weight
        } else {
            (self.weight * 2 + months) / (months * 2)
        }
    }

    /// How many reports for each [`Kind::per`] of it. Of an average: for a whole year, whatever months
    /// are known.
    fn rate(&self, kind: Kind, reports: u64) -> Cell {
        let of = if kind.adds() { 1 } else { 12 };
        rate(reports * of * 100, self.weight, kind.per())
    }
}

impl Sources<'_> {
    fn of_year(&self) -> impl Iterator<Item = &Exposure> {
        self.exposures.iter().filter(|it| it.year() == self.year)
    }

    /// What there was of a kind, by unit.
    fn basis(&self, kind: Kind) -> BTreeMap<UnitId, Basis> {
        let mut found: BTreeMap<UnitId, Basis> = BTreeMap::new();
        for it in self.of_year().filter(|it| it.kind == kind) {
            let new = || Basis { weight: 0, months: BTreeSet::new() };
            let basis = found.entry(it.unit).or_insert_with(new);
            basis.weight = basis.weight.saturating_add(it.weight());
            basis.months.extend(it.covered());
        }
        found
    }

    /// What was reported at a unit and below it in the months of a basis.
    fn reported(&self, unit: UnitId, basis: &Basis) -> Reported {
        let units = self.units.with_descendants(unit);
        self.counts.sum(&units, |month| basis.months.contains(&month))
    }

    /// Units by name.
    fn sorted(&self, units: impl IntoIterator<Item = UnitId>) -> Vec<NamedUnit> {
        let named = |id| NamedUnit {
            id,
            name: self.units.get(id).map(|unit| unit.name.clone()).unwrap_or_default(),
        };
        in_swedish_order(units.into_iter().map(named))
    }

    /// A column that counts avvikelser of a unit and those below it, in the months its exposure covers.
    fn counted(&self, id: &str, title: &str, limits: Vec<Limit>) -> Column {
        Column {
            id: id.to_owned(),
            title: title.to_owned(),
            holds: Holds::Count,
            adds: false,
            set: "deviations_in_covered_months".to_owned(),
            year: Some(self.year),
            limits,
            from: Vec::new(),
        }
    }

    /// A column calculated from others.
    fn made(&self, id: &str, title: &str, holds: Holds, from: Vec<usize>) -> Column {
        Column {
            id: id.to_owned(),
            title: title.to_owned(),
            holds,
            adds: false,
            set: format!("made_{id}"),
            year: Some(self.year),
            limits: Vec::new(),
            from,
        }
    }

    fn table(&self, id: &str, title: String, counts: Counted, definition: &str) -> Table {
        Table {
            id: id.to_owned(),
            title,
            counts,
            definition: definition.to_owned(),
            as_of: self.as_of,
            asked_for: false,
            heads: vec![Head { id: "unit".to_owned(), title: "Enhet".to_owned() }],
            columns: Vec::new(),
            rows: Vec::new(),
            total: None,
            chart: None,
            notes: Vec::new(),
        }
    }
}

fn limit(dimension: &str, code: &str) -> Limit {
    Limit { dimension: dimension.to_owned(), code: Some(code.to_owned()) }
}

fn unit_label(unit: &NamedUnit) -> Label {
    Label { code: Some(unit.id.to_string()), text: unit.name.clone() }
}

/// A whole number, or hundredths of what has parts.
fn amount(kind: Kind, hundredths: u64) -> Cell {
    if kind.has_parts() {
        Cell::Hundredths(i64::try_from(hundredths).unwrap_or(i64::MAX))
    } else {
        Cell::Count(hundredths / 100)
    }
}

/// `rates_by_unit`: reports, falls and medication for each 1,000 bed-days or visits, or for each 100 persons
/// or full-time staff in a year. `None` where there is no such exposure.
pub fn rates_by_unit(sources: &Sources<'_>) -> Option<Table> {
    let kinds = [Kind::BedDays, Kind::Interventions, Kind::Persons, Kind::Staff];
    let mut rows = Vec::new();
    for kind in kinds {
        let found = sources.basis(kind);
        for unit in sources.sorted(found.keys().copied()) {
            let Some(basis) = found.get(&unit.id) else { continue };
            let reported = sources.reported(unit.id, basis);
            let of = Label {
                code: Some(kind.code().to_owned()),
                text: format!("per {} {}", Cell::Count(kind.per()).swedish(), kind.swedish()),
            };
            rows.push(Row {
                keys: vec![unit_label(&unit), of],
                cells: vec![
                    amount(kind, basis.shown(kind)),
                    Cell::Count(basis.months.len() as u64),
                    Cell::Count(reported.all),
                    basis.rate(kind, reported.all),
                    Cell::Count(reported.falls),
                    basis.rate(kind, reported.falls),
                    Cell::Count(reported.medication),
                    basis.rate(kind, reported.medication),
                ],
            });
        }
    }
    if rows.is_empty() {
        return None;
    }
    let mut table = sources.table(
        "rates_by_unit",
        format!("Avvikelser i förhållande till hur mycket vård som gavs {}", sources.year),
        Counted::Deviations,
        "Rapporterade avvikelser på enheten och enheterna under den, i de månader som uppgiften om \
         vårddygn, insatser, personer eller årsarbetare gäller, delat med uppgiften. Per 100 personer eller \
         årsarbetare räknas om till ett helt år. Fall är HSL.FAL och SOC.FAL, läkemedel HSL.LKM, med \
         underkategorier.",
    );
    table.heads.push(Head { id: "exposure".to_owned(), title: "I förhållande till".to_owned() });
    let exposure = Column {
        set: "exposures".to_owned(),
        ..sources.made("exposure", "Antal", Holds::Rate, Vec::new())
    };
    let months = Column {
        set: "exposure_months".to_owned(),
        ..sources.made("months", "Månader", Holds::Count, Vec::new())
    };
    let falls = vec![limit("category_group", "falls")];
    let medication = vec![limit("category", MEDICATION)];
    table.columns = vec![
        exposure,
        months,
        sources.counted("deviations", "Avvikelser", Vec::new()),
        sources.made("rate", "Avvikelser per", Holds::Rate, vec![0, 1, 2]),
        sources.counted("falls", "Fall", falls),
        sources.made("falls_rate", "Fall per", Holds::Rate, vec![0, 1, 4]),
        sources.counted("medication", "Läkemedel", medication),
        sources.made("medication_rate", "Läkemedel per", Holds::Rate, vec![0, 1, 6]),
    ];
    table.notes.push(
        "Fler rapporter per vårddygn eller årsarbetare är inte detsamma som sämre vård: den som rapporterar \
         mer upptäcker också mer."
            .to_owned(),
    );
    table.rows = rows;
    Some(table)
}

/// `unsigned_doses`: doses that were to be signed and were not, against the reported avvikelser of
/// medication in the same months: the mörkertal. `None` where no unit gave both figures.
pub fn unsigned_doses(sources: &Sources<'_>) -> Option<Table> {
    let (due, signed) = (sources.basis(Kind::DosesToSign), sources.basis(Kind::SignedDoses));
    let mut rows = Vec::new();
    let mut total = [0; 4];
    let both = due.keys().filter(|unit| signed.contains_key(unit)).copied();
    let mut uneven = Vec::new();
    for unit in sources.sorted(both) {
        let (Some(due), Some(signed)) = (due.get(&unit.id), signed.get(&unit.id)) else { continue };
        let (of, given) = (due.weight / 100, signed.weight / 100);
        // Of other months, or more signed than there were, says nothing.
        let Some(unsigned) = of.checked_sub(given).filter(|_| due.months == signed.months) else {
            uneven.push(unit.name.clone());
            continue;
        };
        let reported = sources.reported(unit.id, due).medication;
        for (sum, more) in total.iter_mut().zip([of, given, unsigned, reported]) {
            *sum += more;
        }
        rows.push(Row {
            keys: vec![unit_label(&unit)],
            cells: dose_cells([of, given, unsigned, reported]),
        });
    }
    if rows.is_empty() {
        return None;
    }
    let mut table = sources.table(
        "unsigned_doses",
        format!("Osignerade doser och rapporterade läkemedelsavvikelser {}", sources.year),
        Counted::Own,
        "Doser som skulle signeras minus doser som signerades, och de läkemedelsavvikelser (HSL.LKM med \
         underkategorier) som rapporterades på enheten och enheterna under den i samma månader.",
    );
    let doses = |id: &str, title: &str, kind: Kind| Column {
        set: format!("exposures_{kind}"),
        adds: true,
        ..sources.made(id, title, Holds::Count, Vec::new())
    };
    let medication = vec![limit("category", MEDICATION)];
    table.columns = vec![
        doses("to_sign", "Doser att signera", Kind::DosesToSign),
        doses("signed", "Signerade", Kind::SignedDoses),
        Column { adds: true, ..sources.made("unsigned", "Osignerade", Holds::Count, vec![0, 1]) },
        sources.made("unsigned_share", "Andel osignerade, procent", Holds::Share, vec![0, 2]),
        Column { adds: true, ..sources.counted("reported", "Rapporterade avvikelser", medication) },
        sources.made("reported_rate", "Rapporterade per 1 000 osignerade", Holds::Rate, vec![2, 4]),
    ];
    table.rows = rows;
    table.total = Some(dose_cells(total));
    table.notes.push(UNSIGNED_IS_NO_ERROR.to_owned());
    if !uneven.is_empty() {
        table.notes.push(format!(
            "Inte med: {}, där uppgifterna om doser inte gäller samma månader.",
            uneven.join(", ")
        ));
    }
    Some(table)
}

fn dose_cells([due, signed, unsigned, reported]: [u64; 4]) -> Vec<Cell> {
    vec![
        Cell::Count(due),
        Cell::Count(signed),
        Cell::Count(unsigned),
        share(unsigned, due),
        Cell::Count(reported),
        rate(reported, unsigned, 1_000),
    ]
}

/// `reports_and_injury_by_unit`: reports, per 100 full-time staff and persons where those are known, beside
/// the share with injury. Rows are the units with reports, each by itself; they add to the total.
pub fn reports_and_injury_by_unit(sources: &Sources<'_>) -> Table {
    let (staff, persons) = (sources.basis(Kind::Staff), sources.basis(Kind::Persons));
    let any = |_: i16| true;
    let mut total = Reported::default();
    let mut rows = Vec::new();
    // Of an exposure that also stands for units below, no unit below has a rate of its own.
    let per = |found: &BTreeMap<UnitId, Basis>, kind: Kind, unit: UnitId| match found.get(&unit) {
        Some(basis) => basis.rate(kind, sources.reported(unit, basis).all),
        None => Cell::None,
    };
    let exposed = staff.keys().chain(persons.keys()).copied();
    let units: BTreeSet<UnitId> = sources.counts.units().into_iter().chain(exposed).collect();
    for unit in sources.sorted(units) {
        let own = sources.counts.sum(&BTreeSet::from([unit.id]), any);
        total += own;
        let mut cells = injury_cells(own);
        cells.push(per(&staff, Kind::Staff, unit.id));
        cells.push(per(&persons, Kind::Persons, unit.id));
        rows.push(Row { keys: vec![unit_label(&unit)], cells });
    }
    let mut table = sources.table(
        "reports_and_injury_by_unit",
        format!("Rapporter och andelen med skada per enhet {}", sources.year),
        Counted::Deviations,
        "Rapporterade avvikelser, och andelen där någon skadades av dem där det är känt. Obehag, oro och \
         rädsla räknas inte som skada. Per 100 \
         årsarbetare eller personer räknas rapporter på enheten och enheterna under den, omräknat till ett \
         helt år.",
    );
    let of_set = |id: &str, title: &str, set: &str| Column {
        set: set.to_owned(),
        adds: true,
        ..sources.made(id, title, Holds::Count, Vec::new())
    };
    table.columns = vec![
        of_set(&format!("count_{}", sources.year), "Rapporter", "deviations"),
        of_set("injury_known", "Skada känd", "deviations_injury_known"),
        of_set("injured", "Med skada", "deviations_injured"),
        sources.made("injured_share", "Andel med skada, procent", Holds::Share, vec![1, 2]),
        sources.made("per_staff", "Per 100 årsarbetare", Holds::Rate, Vec::new()),
        sources.made("per_persons", "Per 100 personer", Holds::Rate, Vec::new()),
    ];
    let mut cells = injury_cells(total);
    cells.extend([Cell::None, Cell::None]);
    table.rows = rows;
    table.total = Some(cells);
    table.notes.push(
        "Många rapporter och en liten andel med skada tyder på att enheten upptäcker och rapporterar i tid. \
         Fler rapporter ska inte läsas som sämre vård."
            .to_owned(),
    );
    table
}

fn injury_cells(reported: Reported) -> Vec<Cell> {
    vec![
        Cell::Count(reported.all),
        Cell::Count(reported.injury_known),
        Cell::Count(reported.injured),
        share(reported.injured, reported.injury_known),
    ]
}

#[cfg(test)]
mod tests;
