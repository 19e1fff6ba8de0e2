//! The figures in plain Swedish, made from the tables and never the other way: what a table does not
//! show, no sentence says.

use crate::table::{Cell, Row, Table};
use crate::yearly::{SectionId, Yearly};

/// What stands for a figure that is kept back.
const TOO_FEW: &str = "redovisas inte";

/// Of how many units it is told what the sum is without them.
const MOST_LEFT_OUT: usize = 12;

/// Makes every sentence anew from the tables as they are.
pub fn rewrite(report: &mut Yearly) {
    for at in 0..report.sections.len() {
        let lines = match report.sections[at].id {
            SectionId::Summary => summary(report),
            SectionId::SafetyCulture => culture(report),
            SectionId::KnowledgeOfHarm => harm(report),
            SectionId::ReliableProcesses => processes(report),
            SectionId::HereAndNow => here_and_now(report),
            SectionId::Learning => learning(report),
            SectionId::OpinionsAndComplaints => opinions(report),
            SectionId::BetweenCaregivers => between(report),
            SectionId::SocialServices => social(report),
            SectionId::Definitions => definitions(report),
            SectionId::Leadership
            | SectionId::Cooperation
            | SectionId::InformationSecurity
            | SectionId::RadiationProtection
            | SectionId::Competence
            | SectionId::PatientAsPartner
            | SectionId::RiskAwareness
            | SectionId::GoalsAhead => Vec::new(),
        };
        report.sections[at].sentences = lines;
    }
}

/// A figure in a sentence.
fn say(cell: &Cell) -> String {
    match cell {
        Cell::Suppressed => TOO_FEW.to_owned(),
        Cell::None
        | Cell::Count(_)
        | Cell::Change(_)
        | Cell::Tenths(_)
        | Cell::Hundredths(_)
        | Cell::Text(_) => cell.swedish(),
    }
}

/// Whole per cent, half up.
fn per_cent(cell: &Cell) -> String {
    match cell {
        Cell::Tenths(tenths) => format!("{} %", (tenths + 5).div_euclid(10)),
        Cell::Suppressed => TOO_FEW.to_owned(),
        Cell::None | Cell::Count(_) | Cell::Change(_) | Cell::Hundredths(_) | Cell::Text(_) => {
            "ingen andel".to_owned()
        }
    }
}

/// A cell of a row, by the name of its column.
fn cell<'a>(table: &'a Table, row: &'a Row, column: &str) -> Option<&'a Cell> {
    row.cells.get(table.column(column)?)
}

/// A cell of the total.
fn total<'a>(table: &'a Table, column: &str) -> Option<&'a Cell> {
    table.total.as_ref()?.get(table.column(column)?)
}

/// The change, as it is told after a number: empty where nothing is known.
fn changed(cell: Option<&Cell>, since: Option<i16>) -> String {
    match (cell, since) {
        (Some(Cell::Change(0)), Some(year)) => format!(" (lika många som {year})"),
        (Some(change @ Cell::Change(_)), Some(year)) => format!(" ({} mot {year})", say(change)),
        (Some(Cell::Suppressed), Some(_)) => format!(" (förändringen {TOO_FEW})"),
        _ => String::new(),
    }
}

fn before(report: &Yearly) -> Option<i16> {
    report.beside.first().copied()
}

fn name(row: &Row) -> &str {
    row.keys.first().map_or("", |key| key.text.as_str())
}

/// Words by comma, the last by `och`.
fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} och {last}", first.join(", ")),
    }
}

fn summary(report: &Yearly) -> Vec<String> {
    let mut lines = Vec::new();
    let year = report.year.to_string();
    if let Some(table) = report.table("totals_by_year")
        && let Some(row) = table.row(&[Some(year.as_str())])
    {
        let of = |id: &str, what: &str| {
            let count = cell(table, row, id).map(say).unwrap_or_default();
            let change = changed(cell(table, row, &format!("{id}_change")), before(report));
            if what.is_empty() { count + &change } else { format!("{count} {what}{change}") }
        };
        let told = |id: &str| of(id, "");
        if report.running() {
            lines.push(format!("{year} är inte slut: siffrorna gäller hittills."));
        }
        lines.push(format!("Under {year} rapporterades {}.", of("deviations", "avvikelser")));
        lines.push(format!(
            "Av dem gällde {} och {}, varav {}.",
            of("falls", "fall"),
            of("medication", "läkemedel"),
            of("controlled_drugs", "narkotikasaldo")
        ));
        lines.push(format!(
            "Enligt lagrum: HSL {}, SoL {}, LSS {}, inget lagrum {}.",
            told("hsl"),
            told("sol"),
            told("lss"),
            told("no_law")
        ));
        lines.push(format!("Synpunkter, förslag och klagomål: {}.", told("opinions")));
    }
    if let Some(table) = report.table("statutory_counts") {
        let told = |code: &str| {
            let row = table.row(&[Some(code)]);
            let column = format!("count_{year}");
            row.and_then(|row| cell(table, row, &column)).map(say)
        };
        if let (Some(investigated), Some(serious)) = (told("investigated"), told("serious_harm")) {
            lines.push(format!(
                "Händelser som utretts enligt 3 kap. 3 § patientsäkerhetslagen: {investigated}. Vårdskador som bedömts som allvarliga: {serious}."
            ));
        }
        let kinds =
            [("lex_maria", "lex Maria"), ("lex_sarah", "lex Sarah"), ("riskperson", "riskperson")];
        let told: Vec<String> = kinds
            .into_iter()
            .filter_map(|(code, words)| Some(format!("{words} {}", told(code)?)))
            .collect();
        if !told.is_empty() {
            lines.push(format!("Anmälningar till IVO: {}.", listed(&told)));
        }
    }
    lines
}

fn culture(report: &Yearly) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(table) = report.table("silent_units") {
        lines.extend(table.notes.first().cloned());
    }
    if let Some(table) = report.table("reports_and_injury_by_unit")
        && let Some(share) = total(table, "share_injured")
        && *share != Cell::None
    {
        lines.push(format!(
            "Där det är känt kom någon till skada i {} av avvikelserna. Fler rapporter betyder inte att vården är sämre.",
            per_cent(share)
        ));
    }
    if let Some(share) =
        report.table("law_by_filer_and_assessor").and_then(|it| total(it, "share_same"))
        && *share != Cell::None
    {
        lines.push(format!("Lagrummet var detsamma hos rapportören och den som bedömde i {} av de bedömda avvikelserna.", per_cent(share)));
    }
    if let Some(share) =
        report.table("category_by_filer_and_assessor").and_then(|it| total(it, "share_same"))
        && *share != Cell::None
    {
        lines.push(format!("Kategorin var densamma i {}.", per_cent(share)));
    }
    lines
}

fn harm(report: &Yearly) -> Vec<String> {
    let Some(table) = report.table("escalations_by_kind") else { return Vec::new() };
    let told = |row: &Row| {
        let of = |column: String| cell(table, row, &column).map(say).unwrap_or_default();
        let (raised, sent) =
            (of(format!("count_{}", report.year)), of(format!("notified_{}", report.year)));
        format!("{}: väckta {raised}, anmälda {sent}.", name(row))
    };
    table.rows.iter().map(told).collect()
}

fn processes(report: &Yearly) -> Vec<String> {
    let mut lines = Vec::new();
    for (id, what) in [("falls_by_unit", "Fall"), ("medication_by_unit", "Läkemedelsavvikelser")] {
        let Some(table) = report.table(id) else { continue };
        let column = format!("count_{}", report.year);
        let Some(count) = total(table, &column) else { continue };
        let change = total(table, "change");
        lines.push(format!("{what}: {}{}.", say(count), changed(change, before(report))));
        lines.extend(adding_up(table));
    }
    lines
}

/// Says in words how the changes of units make up the whole change, and what a list that names only some of
/// them would add to: printed figures that leave units out do not add up, and nobody sees why.
fn adding_up(table: &Table) -> Vec<String> {
    let (Some(whole @ Cell::Change(sum)), Some(at)) =
        (total(table, "change"), table.column("change"))
    else {
        return Vec::new();
    };
    let mut moved: Vec<(&str, i64)> = Vec::new();
    for row in &table.rows {
        match &row.cells[at] {
            Cell::Change(0) | Cell::None => {}
            Cell::Change(change) => moved.push((name(row), *change)),
            // What is kept back makes every sum of the others tell it.
            Cell::Suppressed => return Vec::new(),
            Cell::Count(_) | Cell::Tenths(_) | Cell::Hundredths(_) | Cell::Text(_) => {}
        }
    }
    if moved.is_empty() {
        return Vec::new();
    }
    let told = |(unit, change): &(&str, i64)| format!("{unit} {}", Cell::Change(*change).swedish());
    let each: Vec<String> = moved.iter().map(told).collect();
    let mut lines = vec![format!(
        "Förändring per enhet: {}. Tillsammans {}, lika med hela förändringen.",
        listed(&each),
        say(whole)
    )];
    if moved.len() > MOST_LEFT_OUT {
        // The small ones are those that lists leave out.
        let mut sizes: Vec<u64> = moved.iter().map(|(_, change)| change.unsigned_abs()).collect();
        sizes.sort_unstable();
        moved.retain(|(_, change)| change.unsigned_abs() < sizes[MOST_LEFT_OUT]);
    }
    if moved.len() > 1 {
        let without = |(unit, change): &(&str, i64)| {
            let rest = Cell::Change(sum - change).swedish();
            format!("utan {unit} ({}) blir den {rest}", Cell::Change(*change).swedish())
        };
        let without: Vec<String> = moved.iter().map(without).collect();
        lines.push(format!(
            "Den som bara nämner några av enheterna får en annan summa än {}: {}.",
            say(whole),
            listed(&without)
        ));
    }
    lines
}

fn here_and_now(report: &Yearly) -> Vec<String> {
    let mut lines = Vec::new();
    let column = format!("count_{}", report.year);
    if let Some(table) = report.table("deviations_by_area_group") {
        let told = |row: &Row| {
            let count = cell(table, row, &column).map(say).unwrap_or_default();
            format!("{} {count}{}", name(row), changed(cell(table, row, "change"), before(report)))
        };
        let told: Vec<String> = table.rows.iter().map(told).collect();
        if !told.is_empty() {
            lines.push(format!("Avvikelser per boendeform: {}.", listed(&told)));
        }
    }
    if let Some(table) = report.table("deviations_by_unit") {
        lines.extend(adding_up(table));
    }
    lines
}

fn learning(report: &Yearly) -> Vec<String> {
    let mut lines = Vec::new();
    let column = format!("count_{}", report.year);
    if let Some(table) = report.table("deviations_by_category") {
        let mut rows: Vec<(&Row, u64)> = table
            .rows
            .iter()
            .filter_map(|row| match cell(table, row, &column) {
                Some(Cell::Count(count)) if *count > 0 => Some((row, *count)),
                _ => None,
            })
            .collect();
        rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let told: Vec<String> = rows
            .iter()
            .take(3)
            .map(|(row, count)| format!("{} ({})", name(row), Cell::Count(*count).swedish()))
            .collect();
        if !told.is_empty() {
            lines.push(format!("De vanligaste kategorierna: {}.", listed(&told)));
        }
    }
    if let Some(table) = report.table("measures_by_effect")
        && let (Some(Cell::Count(all)), Some(share)) =
            (total(table, "count"), total(table, "share_followed_up"))
        && *all > 0
    {
        lines.push(format!(
            "Åtgärder: {}. Effekten är uppföljd i {}.",
            Cell::Count(*all).swedish(),
            per_cent(share)
        ));
    }
    if let Some(table) = report.table("reviews_by_unit")
        && let (Some(all), Some(signed), Some(decided), Some(done)) = (
            total(table, "reviews"),
            total(table, "signed"),
            total(table, "improvements"),
            total(table, "done"),
        )
    {
        lines.push(format!(
            "Halvårssammanställningar: {}, signerade: {}. Beslutade förbättringar: {}, genomförda: {}.",
            say(all),
            say(signed),
            say(decided),
            say(done)
        ));
    }
    if let Some(table) = report.table("lead_times_by_unit") {
        let stages = [
            ("report", "rapport"),
            ("triage", "bedömning"),
            ("investigation", "klar utredning"),
            ("close", "avslut"),
        ];
        let told: Vec<String> = stages
            .into_iter()
            .filter_map(|(id, words)| match total(table, &format!("{id}_median"))? {
                days @ Cell::Tenths(_) => Some(format!("{words} {} dagar", say(days))),
                _ => None,
            })
            .collect();
        if !told.is_empty() {
            lines.push(format!("Från händelse till steg, median: {}.", listed(&told)));
        }
    }
    if let Some(share) = report.table("clocks_kept").and_then(|table| total(table, "share_kept"))
        && *share != Cell::None
    {
        lines.push(format!(
            "Frister som hölls: {} av dem som gått ut eller är klara.",
            per_cent(share)
        ));
    }
    lines
}

fn opinions(report: &Yearly) -> Vec<String> {
    let mut lines = Vec::new();
    let year = report.year.to_string();
    if let Some(table) = report.table("opinions_by_year")
        && let Some(row) = table.row(&[Some(year.as_str())])
    {
        let of = |id: &str| cell(table, row, id).map(say).unwrap_or_default();
        let share = |id: &str| cell(table, row, id).map(per_cent).unwrap_or_default();
        let known =
            format!("{} var {} avslutade ({}).", report.as_of, of("closed"), share("share_closed"));
        let ended = match report.running() {
            true => known,
            false => format!(
                "Vid årets slut var {} avslutade ({}), och {known}",
                of("closed_at_year_end"),
                share("share_closed_at_year_end")
            ),
        };
        lines.push(format!(
            "Under {year} kom {} synpunkter, förslag och klagomål in{}. {ended}",
            of("count"),
            changed(cell(table, row, "change"), before(report)),
        ));
    }
    if let Some(table) = report.table("opinions_by_category") {
        let column = format!("count_{year}");
        let told = |row: &Row| {
            format!("{} {}", name(row), cell(table, row, &column).map(say).unwrap_or_default())
        };
        let told: Vec<String> = table.rows.iter().map(told).collect();
        lines.push(format!("Per kategori {year}: {}.", listed(&told)));
    }
    lines
}

fn between(report: &Yearly) -> Vec<String> {
    let Some(table) = report.table("forwardings_by_counterparty") else { return Vec::new() };
    let mut lines = Vec::new();
    for (id, words) in [("sent", "skickade"), ("received", "mottagna")] {
        let mut told = Vec::new();
        for row in &table.rows {
            let of = |column: String| cell(table, row, &column);
            let (all, answered) =
                (of(format!("{id}_{}", report.year)), of(format!("{id}_answered_{}", report.year)));
            if let (Some(all), Some(answered)) = (all, answered)
                && *all != Cell::Count(0)
            {
                told.push(format!("{} {}, varav {} besvarade", name(row), say(all), say(answered)));
            }
        }
        if told.is_empty() {
            lines.push(format!(
                "Inga avvikelser mellan vårdgivare var {words} under {}.",
                report.year
            ));
        } else {
            lines.push(format!("Avvikelser mellan vårdgivare, {words}: {}.", told.join("; ")));
        }
    }
    lines
}

fn social(report: &Yearly) -> Vec<String> {
    let Some(table) = report.table("social_by_law") else { return Vec::new() };
    let column = format!("count_{}", report.year);
    let told = |row: &Row| {
        let count = cell(table, row, &column).map(say).unwrap_or_default();
        format!("{} {count}{}", name(row), changed(cell(table, row, "change"), before(report)))
    };
    let told: Vec<String> = table.rows.iter().map(told).collect();
    if told.is_empty() {
        return vec![format!(
            "Inga avvikelser enligt SoL eller LSS rapporterades under {}.",
            report.year
        )];
    }
    vec![format!("Avvikelser enligt SoL och LSS: {}.", listed(&told))]
}

fn definitions(report: &Yearly) -> Vec<String> {
    let mut lines = vec![
        format!("Siffrorna är lästa {} och gäller det som var känt då. Definitionerna har nummer {}.", report.as_of, report.definitions),
        "Ett ärende räknas det år det rapporterades, i svensk tid. Utkast och makulerade ärenden räknas inte. En dubblett räknas en gång.".to_owned(),
        "Av flera lagrum räknas det först nämnda. Den bedömda kategorin och det bedömda lagrummet gäller; där ingen har bedömt gäller det rapporterade.".to_owned(),
        "Raderna summerar till totalen i varje tabell som har en; det som är okänt har en egen rad.".to_owned(),
    ];
    lines.extend(report.breaks.iter().map(|it| it.why.clone()));
    lines
}
