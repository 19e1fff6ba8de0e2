//! The figures in plain Swedish, made from the tables and never the other way: what a table does not
//! show, no sentence says.

use crate::calendar::in_words;
use crate::table::{Cell, Row, Table};
use crate::yearly::{SectionId, Yearly};

/// What stands for a figure that is kept back.
const TOO_FEW: &str = "redovisas inte";

/// Of how many units it is told what the sum is without them: those that are easiest to leave out.
const MOST_LEFT_OUT: usize = 3;

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

/// Whether all of them are figures, so that a sentence may be built around them.
fn told<const N: usize>(cells: [Option<&Cell>; N]) -> bool {
    cells.iter().all(|cell| matches!(cell, Some(Cell::Count(_))))
}

/// So many of something, as it stands in running text.
fn so_many(cell: &Cell, one: &str, many: &str) -> String {
    match cell {
        Cell::Count(0) => format!("inga {many}"),
        Cell::Count(1) => format!("1 {one}"),
        other => format!("{} {many}", say(other)),
    }
}

/// Whole per cent, half up; `None` where there is no share or it is kept back.
fn per_cent(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Tenths(tenths) => Some(format!("{} %", (tenths + 5).div_euclid(10))),
        Cell::Suppressed
        | Cell::None
        | Cell::Count(_)
        | Cell::Change(_)
        | Cell::Hundredths(_)
        | Cell::Text(_) => None,
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
    if report.running() {
        let day = in_words(report.as_of);
        lines.push(format!("Året är inte slut. Siffrorna gäller till och med den {day}."));
    }
    lines.extend(report.table("totals_by_year").into_iter().flat_map(|it| totals(report, it)));
    lines.extend(report.table("statutory_counts").into_iter().flat_map(|it| by_law(report, it)));
    lines
}

/// The year's avvikelser and opinions.
fn totals(report: &Yearly, table: &Table) -> Vec<String> {
    let year = report.year.to_string();
    let Some(row) = table.row(&[Some(year.as_str())]) else { return Vec::new() };
    let of = |id: &str| cell(table, row, id);
    let change = |id: &str| changed(of(&format!("{id}_change")), before(report));
    let said = |id: &str| of(id).map(say).unwrap_or_default() + &change(id);
    let mut lines = Vec::new();
    if let Some(all) = of("deviations").filter(|it| told([Some(it)])) {
        let all = so_many(all, "avvikelse", "avvikelser");
        lines.push(format!("Under {year} rapporterades {all}{}.", change("deviations")));
    } else {
        lines.push(format!("Avvikelser under {year}: {}.", said("deviations")));
    }
    if of("deviations") != Some(&Cell::Count(0)) {
        lines.push(format!(
            "Fall: {}. Läkemedel: {}, varav narkotikasaldo: {}.",
            said("falls"),
            said("medication"),
            said("controlled_drugs")
        ));
        lines.push(format!(
            "Per lagrum: HSL {}, SoL {}, LSS {}, inget lagrum {}.",
            said("hsl"),
            said("sol"),
            said("lss"),
            said("no_law")
        ));
    }
    lines.push(format!("Synpunkter, förslag och klagomål: {}.", said("opinions")));
    lines
}

/// What the law asks for.
fn by_law(report: &Yearly, table: &Table) -> Vec<String> {
    let column = format!("count_{}", report.year);
    let of = |code: &str| cell(table, table.row(&[Some(code)])?, &column).map(say);
    let mut lines = Vec::new();
    if let (Some(investigated), Some(serious)) = (of("investigated"), of("serious_harm")) {
        lines.push(format!(
            "Händelser som har utretts enligt 3 kap. 3 § patientsäkerhetslagen: {investigated}. Vårdskador som har bedömts som allvarliga: {serious}."
        ));
    }
    let kinds =
        [("lex_maria", "lex Maria"), ("lex_sarah", "lex Sarah"), ("riskperson", "riskperson")];
    let told = kinds.into_iter().filter_map(|(code, words)| Some(format!("{words} {}", of(code)?)));
    let told: Vec<String> = told.collect();
    if !told.is_empty() {
        lines.push(format!("Anmälningar till IVO: {}.", listed(&told)));
    }
    lines
}

fn culture(report: &Yearly) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(table) = report.table("silent_units") {
        lines.extend(table.notes.first().cloned());
    }
    let share = |table: &str, column: &str| per_cent(total(report.table(table)?, column)?);
    if let Some(share) = share("reports_and_injury_by_unit", "share_injured") {
        lines.push(format!(
            "I {share} av de avvikelser där det är känt kom någon till skada. Fler rapporter betyder inte att vården är sämre."
        ));
    }
    if let Some(share) = share("law_by_filer_and_assessor", "share_same") {
        lines.push(format!("Rapportören och den som bedömde angav samma lagrum i {share} av de bedömda avvikelserna."));
    }
    if let Some(share) = share("category_by_filer_and_assessor", "share_same") {
        lines.push(format!("De angav samma kategori i {share}."));
    }
    lines
}

fn harm(report: &Yearly) -> Vec<String> {
    let Some(table) = report.table("escalations_by_kind") else { return Vec::new() };
    let line = |row: &Row| {
        let of = |id: &str| cell(table, row, &format!("{id}_{}", report.year));
        let said = |id: &str| of(id).map(say).unwrap_or_default();
        if of("count") == Some(&Cell::Count(0)) && of("notified") == Some(&Cell::Count(0)) {
            return format!("{}: ingen fråga väcktes och ingen anmälan gjordes.", name(row));
        }
        format!("{}: väckta {}, anmälda till IVO {}.", name(row), said("count"), said("notified"))
    };
    table.rows.iter().map(line).collect()
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

/// Says in words how the changes of units make up the whole change, and what a list that leaves one of
/// them out would add to: printed figures that leave units out do not add up, and nobody sees why.
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
    let each = |(unit, change): &(&str, i64)| format!("{unit} {}", Cell::Change(*change).swedish());
    let each: Vec<String> = moved.iter().map(each).collect();
    let whole = say(whole);
    if let [only] = each.as_slice() {
        return vec![format!("Hela förändringen är på en enhet: {only}.")];
    }
    let mut lines =
        vec![format!("Förändringen per enhet är {}, tillsammans {whole}.", listed(&each))];
    // The small ones are those that lists leave out.
    let mut sizes: Vec<u64> = moved.iter().map(|(_, change)| change.unsigned_abs()).collect();
    sizes.sort_unstable();
    let most = sizes.get(MOST_LEFT_OUT - 1).or(sizes.last()).copied().unwrap_or(0);
    moved.retain(|(_, change)| change.unsigned_abs() <= most);
    moved.truncate(MOST_LEFT_OUT);
    let without = |(unit, change): &(&str, i64)| {
        let rest = Cell::Change(sum - change).swedish();
        format!("utan {unit} ({}) blir summan {rest}", Cell::Change(*change).swedish())
    };
    let without: Vec<String> = moved.iter().map(without).collect();
    lines.push(format!(
        "Alla enheter måste vara med för att summan ska stämma: {}.",
        listed(&without)
    ));
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
    // Of rows of which one is kept back nobody can say which are the largest.
    let kept_back = |table: &&Table| {
        table.rows.iter().any(|row| cell(table, row, &column) == Some(&Cell::Suppressed))
    };
    if let Some(table) = report.table("deviations_by_category").filter(|it| !kept_back(it)) {
        let mut rows: Vec<(&Row, u64)> = table
            .rows
            .iter()
            .filter_map(|row| match cell(table, row, &column) {
                Some(Cell::Count(count)) if *count > 0 => Some((row, *count)),
                _ => None,
            })
            .collect();
        rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let told = rows.iter().take(3);
        let told =
            told.map(|(row, count)| format!("{} ({})", name(row), Cell::Count(*count).swedish()));
        match told.collect::<Vec<_>>().as_slice() {
            [] => {}
            [only] => lines.push(format!("Den vanligaste kategorin är {only}.")),
            several => lines.push(format!("De vanligaste kategorierna är {}.", listed(several))),
        }
    }
    if let Some(table) = report.table("measures_by_effect")
        && let Some(all @ Cell::Count(1..)) = total(table, "count")
        && let Some(share) = total(table, "share_followed_up").and_then(per_cent)
    {
        let all = so_many(all, "åtgärd", "åtgärder");
        lines.push(format!(
            "Utredningarna ledde till {all}. Effekten är uppföljd för {share} av dem."
        ));
    }
    lines.extend(report.table("reviews_by_unit").and_then(reviews));
    if let Some(table) = report.table("lead_times_by_unit") {
        let stages = [
            ("report", "till rapport"),
            ("triage", "till bedömning"),
            ("investigation", "till klar utredning"),
            ("close", "till avslut"),
        ];
        let told: Vec<String> = stages
            .into_iter()
            .filter_map(|(id, words)| match total(table, &format!("{id}_median"))? {
                days @ Cell::Tenths(_) => Some(format!("{} dagar {words}", say(days))),
                _ => None,
            })
            .collect();
        if !told.is_empty() {
            lines.push(format!("Mediantiden från händelsen var {}.", listed(&told)));
        }
    }
    let kept = report.table("clocks_kept").and_then(|table| total(table, "share_kept"));
    if let Some(share) = kept.and_then(per_cent) {
        lines.push(format!("Av de frister som är klara eller har gått ut hölls {share}."));
    }
    lines
}

/// What became of the reviews of the halves.
fn reviews(table: &Table) -> Option<String> {
    let of = |id: &str| total(table, id);
    let (all, signed) = (of("reviews")?, of("signed")?);
    let (decided, done) = (of("improvements")?, of("done")?);
    if !told([Some(all), Some(signed), Some(decided), Some(done)]) {
        return Some(format!(
            "Halvårssammanställningar: {}, signerade: {}. Beslutade förbättringar: {}, genomförda: {}.",
            say(all),
            say(signed),
            say(decided),
            say(done)
        ));
    }
    Some(format!(
        "Enheterna har gjort {}, varav {} är signerade. I dem beslutades {}, varav {} är genomförda.",
        so_many(all, "halvårssammanställning", "halvårssammanställningar"),
        say(signed),
        so_many(decided, "förbättring", "förbättringar"),
        say(done)
    ))
}

fn opinions(report: &Yearly) -> Vec<String> {
    let mut lines = Vec::new();
    let year = report.year.to_string();
    if let Some(table) = report.table("opinions_by_year")
        && let Some(row) = table.row(&[Some(year.as_str())])
    {
        lines.extend(closed(report, table, row));
    }
    if let Some(table) = report.table("opinions_by_category") {
        let column = format!("count_{year}");
        let told = |row: &Row| {
            format!("{} {}", name(row), cell(table, row, &column).map(say).unwrap_or_default())
        };
        let told: Vec<String> = table.rows.iter().map(told).collect();
        if !told.is_empty() {
            lines.push(format!("Per kategori {year}: {}.", listed(&told)));
        }
    }
    lines
}

/// How many came in, and how many of them were closed at the year's end and when the figures were read.
fn closed(report: &Yearly, table: &Table, row: &Row) -> Vec<String> {
    let of = |id: &str| cell(table, row, id);
    let change = changed(of("change"), before(report));
    let year = report.year;
    let (Some(count), Some(at_end), Some(closed)) =
        (of("count"), of("closed_at_year_end"), of("closed"))
    else {
        return Vec::new();
    };
    if *count == Cell::Count(0) {
        return vec![format!(
            "Under {year} kom inga synpunkter, förslag eller klagomål in{change}."
        )];
    }
    let day = in_words(report.as_of);
    let share =
        |id: &str| of(id).and_then(per_cent).map(|it| format!(" ({it})")).unwrap_or_default();
    if !told([Some(count), Some(at_end), Some(closed)]) {
        return vec![format!(
            "Synpunkter, förslag och klagomål under {year}: {}{change}. Avslutade vid årets slut: {}{}. Avslutade den {day}: {}{}.",
            say(count),
            say(at_end),
            share("share_closed_at_year_end"),
            say(closed),
            share("share_closed")
        )];
    }
    let known = format!("den {day} var {} avslutade{}", say(closed), share("share_closed"));
    let ended = match report.running() {
        true => format!("Av dem var {} avslutade{} den {day}.", say(closed), share("share_closed")),
        false => format!(
            "Vid årets slut var {} avslutade{}, och {known}.",
            say(at_end),
            share("share_closed_at_year_end")
        ),
    };
    vec![format!(
        "Under {year} kom {} synpunkter, förslag och klagomål in{change}. {ended}",
        say(count)
    )]
}

fn between(report: &Yearly) -> Vec<String> {
    let Some(table) = report.table("forwardings_by_counterparty") else { return Vec::new() };
    let year = report.year;
    let mut lines = Vec::new();
    for (id, words, none) in [
        ("sent", "Skickade till andra vårdgivare", "skickades till"),
        ("received", "Mottagna från andra vårdgivare", "togs emot från"),
    ] {
        let mut told = Vec::new();
        for row in &table.rows {
            let of = |column: String| cell(table, row, &column);
            let (all, answered) = (of(format!("{id}_{year}")), of(format!("{id}_answered_{year}")));
            if let (Some(all), Some(answered)) = (all, answered)
                && *all != Cell::Count(0)
            {
                let answered = match answered {
                    Cell::Count(0) => "inga besvarade".to_owned(),
                    Cell::Suppressed => format!("besvarade {TOO_FEW}"),
                    other => format!("{} besvarade", say(other)),
                };
                told.push(format!("{} {} ({answered})", name(row), say(all)));
            }
        }
        if told.is_empty() {
            lines.push(format!("Inga avvikelser {none} andra vårdgivare under {year}."));
        } else {
            lines.push(format!("{words}: {}.", listed(&told)));
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
    vec![format!("Avvikelser per lagrum: {}.", listed(&told))]
}

fn definitions(report: &Yearly) -> Vec<String> {
    let day = in_words(report.as_of);
    let mut lines = vec![
        format!("Siffrorna lästes den {day} och visar det som var känt då. De är räknade enligt version {} av definitionerna.", report.definitions),
        "Ett ärende räknas det år det rapporterades, i svensk tid. Utkast och makulerade ärenden räknas inte. En dubblett räknas en gång.".to_owned(),
        "Om flera lagrum är angivna räknas det först nämnda. Den bedömda kategorin och det bedömda lagrummet gäller. Där ingen har bedömt gäller det som rapportören angav.".to_owned(),
        "Med skada menas att personen skadades till kropp eller psyke. Obehag, oro och rädsla räknas inte som skada.".to_owned(),
        "I tabeller med en total summerar raderna till den. Det som är okänt har en egen rad. Ett streck betyder att året inte är räknat eller att det inte finns något att räkna på.".to_owned(),
    ];
    lines.extend(report.breaks.iter().map(|it| it.why.clone()));
    lines
}
