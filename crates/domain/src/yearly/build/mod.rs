//! Makes the report of a year from what was read: a table at a time, each adding to its own total. No figure
//! is written anywhere but in a table.

mod frame;
mod handling;
mod opinions;
mod outside;
mod series;
mod summary;
mod units;
mod years_cases;

use jiff::Timestamp;

use super::breaks::{SeriesBreak, mark, note};
use super::sources::Sources;
use super::{About, Break, DEFINITIONS, Section, SectionId, Yearly, sentences};
use crate::calendar::swedish_date;
use crate::clock::ClockSettings;
use crate::code_lists::CodeLists;
use crate::ids::UnitId;
use crate::organisation::UnitTree;
use crate::policy::Scope;
use crate::review::{improvements_by_unit, reviews_by_unit};
use crate::table::Table;

use frame::Frame;
pub use years_cases::YearsCases;

/// How many earlier years stand beside the report's.
pub const YEARS_BESIDE: i16 = 5;

/// What is asked for, and what it is read by.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What of the tenant.
    pub about: &'a About,
    /// The year.
    pub year: i16,
    /// The units it is about.
    pub scope: &'a Scope<UnitId>,
    /// All units.
    pub units: &'a UnitTree,
    /// The code lists with the tenant's own.
    pub codes: &'a CodeLists,
    /// The tenant's targets.
    pub clocks: &'a ClockSettings,
    /// Where the tenant says that it counts another way from then on.
    pub breaks: &'a [SeriesBreak],
    /// When it was read.
    pub now: Timestamp,
}

/// The units that a report is about; `None` where nothing has that id or code.
pub fn units_of(about: &About, units: &UnitTree, codes: &CodeLists) -> Option<Scope<UnitId>> {
    match about {
        About::Whole => Some(Scope::All),
        About::Unit { id, .. } => {
            let unit = units.get(id.parse().ok()?)?;
            Some(Scope::Only(units.with_descendants(unit.id)))
        }
        About::Area { code, .. } => {
            codes.get("area", code)?;
            let wanted = codes.with_descendants("area", code);
            let within = |id: UnitId| units.area_of(id).is_some_and(|area| wanted.contains(area));
            Some(Scope::Only(units.iter().map(|unit| unit.id).filter(|id| within(*id)).collect()))
        }
    }
}

/// The report of a year as it stands now, without what people write.
pub fn yearly(asked: &Asked<'_>, sources: &Sources, cases: YearsCases) -> Yearly {
    let frame = Frame::new(asked, sources);
    let mut tables = Vec::new();
    tables.extend(summary::tables(&frame, sources).map(|table| (SectionId::Summary, table)));
    tables.extend(units::tables(&frame, sources, &cases));
    tables.extend(units::exposed(&frame, sources, &cases));
    tables.extend(handling::tables(&frame, sources, cases));
    tables.extend(opinions::tables(&frame, sources));
    tables.extend(outside::tables(&frame, sources));
    if !sources.reviews.is_empty() {
        let reviews = reviews_by_unit(frame.year(), &sources.reviews, frame.as_of);
        tables.push((SectionId::Learning, reviews));
        let decided = improvements_by_unit(frame.year(), &sources.reviews, frame.as_of);
        tables.extend(decided.map(|table| (SectionId::Learning, table)));
    }
    for (_, table) in &mut tables {
        table.notes.extend(frame.uncounted(table));
    }
    let mut report = Yearly {
        tenant: sources.tenant.clone(),
        about: asked.about.clone(),
        year: asked.year,
        read_at: asked.now,
        as_of: swedish_date(asked.now),
        definitions: DEFINITIONS,
        beside: frame.years[1..].to_vec(),
        breaks: breaks(&frame, sources),
        first_page: Vec::new(),
        sections: SectionId::ALL.iter().map(|id| section(*id, &mut tables)).collect(),
    };
    for line in report.breaks.iter().map(|it| it.why.clone()).collect::<Vec<_>>() {
        note(&mut report, &line);
    }
    mark(&mut report, asked.breaks);
    sentences::rewrite(&mut report);
    report
}

fn section(id: SectionId, tables: &mut Vec<(SectionId, Table)>) -> Section {
    let (here, others) = tables.drain(..).partition(|(section, _)| *section == id);
    *tables = others;
    let here: Vec<(SectionId, Table)> = here;
    Section {
        id,
        sentences: Vec::new(),
        tables: here.into_iter().map(|(_, table)| table).collect(),
        text: None,
        paragraphs: Vec::new(),
        goals: Vec::new(),
    }
}

/// Where the years cannot be read as one series by what is known of them: some came from another system.
fn breaks(frame: &Frame<'_>, sources: &Sources) -> Vec<Break> {
    // Oldest first: how many were imported, and how many there are.
    let mut years: Vec<(i16, u64, u64)> = frame.years.iter().map(|year| (*year, 0, 0)).collect();
    years.reverse();
    for row in &sources.cases {
        if let Some(year) = years.iter_mut().find(|(year, ..)| *year == row.year) {
            year.1 += if row.imported { row.count } else { 0 };
            year.2 += row.count;
        }
    }
    years.retain(|(.., all)| *all > 0);
    let imported: Vec<i16> =
        years.iter().filter(|(_, imported, all)| imported * 2 > *all).map(|it| it.0).collect();
    let (Some(first), Some(last)) = (imported.first(), imported.last()) else { return Vec::new() };
    let span = if first == last { format!("{first}") } else { format!("{first}–{last}") };
    let from = "är till största delen inlästa från ett tidigare system";
    let after = years.iter().map(|it| it.0).find(|year| year > last);
    let (year, why) = match after {
        Some(after) => (
            after,
            format!(
                "Brott i serien: siffrorna för {span} {from}. Från {after} rapporteras avvikelser direkt i tjänsten, och skillnader mot tidigare år kan bero på det."
            ),
        ),
        None => (
            *first,
            format!(
                "Siffrorna för {span} {from}. Tjänstens frister och påminnelser har inte gällt för dem."
            ),
        ),
    };
    vec![Break { year, month: None, why }]
}
