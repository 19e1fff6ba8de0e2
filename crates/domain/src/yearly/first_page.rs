//! The first page, for the nämnd: what got better, what did not, what was decided last time and whether it
//! happened. Made from the tables, so that it never says another figure than they do.

use super::breaks::cautions;
use super::{FirstPage, FirstPart, Goal, Reached, Yearly};
use crate::exposure::counts::injured as was_injured;
use crate::table::{Cell, share};

/// A figure that says by itself whether something got better. How many avvikelser were reported is none:
/// more of them may mean that more is seen.
struct Indicator {
    /// What it is, in Swedish.
    is: &'static str,
    /// What stands after the figure.
    after: &'static str,
    /// Whether less of it is better.
    less_is_better: bool,
    /// The figure of a year, where the tables have it.
    figure: fn(&Yearly, i16) -> Option<Cell>,
}

const INDICATORS: &[Indicator] = &[
    Indicator {
        is: "Vårdskador",
        after: "",
        less_is_better: true,
        figure: |report, year| statutory(report, "harm", year),
    },
    Indicator {
        is: "Vårdskador som bedömts som allvarliga",
        after: "",
        less_is_better: true,
        figure: |report, year| statutory(report, "serious_harm", year),
    },
    Indicator {
        is: "Andel avvikelser där någon kom till skada, av dem där det är känt",
        after: " %",
        less_is_better: true,
        figure: injured,
    },
    Indicator {
        is: "Andel synpunkter och klagomål som var avslutade vid årets slut",
        after: " %",
        less_is_better: false,
        figure: |report, year| {
            let table = report.table("opinions_by_year")?;
            let row = table.row(&[Some(&year.to_string())])?;
            row.cells.get(table.column("share_closed_at_year_end")?).cloned()
        },
    },
];

/// A row of the counts that law asks for, in a year.
fn statutory(report: &Yearly, row: &str, year: i16) -> Option<Cell> {
    let table = report.table("statutory_counts")?;
    let row = table.row(&[Some(row)])?;
    row.cells.get(table.column(&format!("count_{year}"))?).cloned()
}

/// The share with injury of those of which it is known, in a year.
fn injured(report: &Yearly, year: i16) -> Option<Cell> {
    let table = report.table("deviations_by_injury")?;
    let column = table.column(&format!("count_{year}"))?;
    let (mut hurt, mut known) = (0, 0);
    for row in &table.rows {
        let Some(Cell::Count(count)) = row.cells.get(column) else { return None };
        match was_injured(row.keys.first()?.code.as_deref()) {
            None => {}
            Some(false) => known += count,
            Some(true) => {
                known += count;
                hurt += count;
            }
        }
    }
    Some(share(hurt, known))
}

/// A figure as a number that compares with another of its kind.
fn number(cell: &Cell) -> Option<i128> {
    match cell {
        Cell::Count(count) => Some(i128::from(*count)),
        Cell::Change(value) | Cell::Tenths(value) | Cell::Hundredths(value) => {
            Some(i128::from(*value))
        }
        Cell::None | Cell::Text(_) | Cell::Suppressed => None,
    }
}

/// What stands where nothing was decided.
pub(super) const NONE: &str = "Inget mål eller beslut från förra året är registrerat.";

/// The first page of a report, by its tables and by what was `decided` last time: the nämnd's decisions,
/// then the goals.
pub fn first_page(report: &Yearly, decided: &[Goal]) -> Vec<FirstPage> {
    let (better, not_better) = compared(report);
    let goals = report.sections.iter().flat_map(|section| &section.goals);
    let carried = goals.filter(|goal| goal.year == report.year);
    let mut lines: Vec<String> = decided.iter().chain(carried).map(happened).collect();
    if lines.is_empty() {
        lines.push(NONE.to_owned());
    }
    vec![
        FirstPage { part: FirstPart::Better, lines: better },
        FirstPage { part: FirstPart::NotBetter, lines: not_better },
        FirstPage { part: FirstPart::Decided, lines },
    ]
}

/// Makes what got better, and what did not, anew from the tables: for a report some of whose figures are
/// kept back. What was decided stays.
pub fn compare_anew(report: &mut Yearly) {
    let (better, not_better) = compared(report);
    for page in &mut report.first_page {
        match page.part {
            FirstPart::Better => page.lines.clone_from(&better),
            FirstPart::NotBetter => page.lines.clone_from(&not_better),
            FirstPart::Decided => {}
        }
    }
}

fn compared(report: &Yearly) -> (Vec<String>, Vec<String>) {
    if report.running() {
        let line = "Året är inte slut. Det jämförs med förra året först när hela året är räknat."
            .to_owned();
        return (vec![line.clone()], vec![line]);
    }
    let (mut better, mut not_better) = (Vec::new(), Vec::new());
    for it in INDICATORS {
        let figures = ((it.figure)(report, report.year), (it.figure)(report, report.year - 1));
        let (Some(now), Some(before)) = figures else { continue };
        let (Some(is), Some(was)) = (number(&now), number(&before)) else { continue };
        let (year, after) = (report.year - 1, it.after);
        let (shown, old) = (now.swedish(), before.swedish());
        if is == was {
            // Nothing cannot become less.
            if is == 0 && it.less_is_better {
                continue;
            }
            not_better.push(format!("{}: {shown}{after}, oförändrat sedan {year}.", it.is));
            continue;
        }
        let line = format!("{}: {shown}{after} ({year}: {old}{after}).", it.is);
        if (is < was) == it.less_is_better { better.push(line) } else { not_better.push(line) }
    }
    if better.is_empty() && not_better.is_empty() {
        let none = "Inget mått går att jämföra med förra året.".to_owned();
        return (vec![none.clone()], vec![none]);
    }
    if better.is_empty() {
        better.push("Inget av de mått som går att jämföra blev bättre.".to_owned());
    }
    if not_better.is_empty() {
        not_better.push("Alla mått som går att jämföra blev bättre.".to_owned());
    }
    // What was counted in two ways is compared with a warning before it.
    for lines in [&mut better, &mut not_better] {
        let mut warned = cautions(report);
        warned.append(lines);
        *lines = warned;
    }
    (better, not_better)
}

impl Reached {
    /// In Swedish, as the answer to whether it happened.
    pub fn swedish(self) -> &'static str {
        match self {
            Self::Yes => "Ja",
            Self::Partly => "Delvis",
            Self::No => "Nej",
            Self::NotFollowedUp => "Inte uppföljt",
        }
    }
}

/// What was decided, and whether it happened.
pub(super) fn happened(goal: &Goal) -> String {
    match &goal.answer {
        Some(answer) => {
            format!(
                "{}. Blev det så? {}. {}",
                ended(&goal.text),
                answer.reached.swedish(),
                answer.text
            )
        }
        None => format!("{}. Ingen har svarat på om det blev så.", ended(&goal.text)),
    }
}

fn ended(text: &str) -> &str {
    text.trim().trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::super::GoalAnswer;
    use super::super::samples::{column, counted, yearly};
    use super::*;
    use crate::table::Holds;

    fn report(now: &Cell, before: &Cell) -> Yearly {
        let mut table = counted("statutory_counts", &[("serious_harm", 0)]);
        table.columns =
            vec![column("count_2025", Holds::Count), column("count_2024", Holds::Count)];
        table.rows[0].cells = vec![now.clone(), before.clone()];
        table.total = None;
        yearly(vec![table])
    }

    fn lines(report: &Yearly, part: FirstPart) -> Vec<String> {
        let page = first_page(report, &[]);
        page.into_iter().find(|it| it.part == part).map(|it| it.lines).unwrap_or_default()
    }

    #[test]
    fn a_figure_stands_where_its_direction_says() {
        let count = Cell::Count;
        let line = "Vårdskador som bedömts som allvarliga: 1 (2024: 3).";
        assert_eq!(lines(&report(&count(1), &count(3)), FirstPart::Better), [line]);
        let none = "Alla mått som går att jämföra blev bättre.";
        assert_eq!(lines(&report(&count(1), &count(3)), FirstPart::NotBetter), [none]);
        let none = "Inget av de mått som går att jämföra blev bättre.";
        assert_eq!(lines(&report(&count(3), &count(1)), FirstPart::Better), [none]);
        let line = "Vårdskador som bedömts som allvarliga: 3 (2024: 1).";
        assert_eq!(lines(&report(&count(3), &count(1)), FirstPart::NotBetter), [line]);
        let same = "Vårdskador som bedömts som allvarliga: 1, oförändrat sedan 2024.";
        assert_eq!(lines(&report(&count(1), &count(1)), FirstPart::NotBetter), [same]);
    }

    #[test]
    fn a_share_is_of_what_is_known_and_years_stand_in_rows_or_columns() {
        let mut by_injury = counted("deviations_by_injury", &[("ING", 0), ("LIN", 0), ("", 0)]);
        by_injury.columns =
            vec![column("count_2025", Holds::Count), column("count_2024", Holds::Count)];
        by_injury.rows[2].keys[0].code = None;
        for (row, counts) in by_injury.rows.iter_mut().zip([[30, 10], [10, 10], [60, 0]]) {
            row.cells = counts.map(Cell::Count).to_vec();
        }
        by_injury.total = None;
        let mut opinions = counted("opinions_by_year", &[("2025", 0), ("2024", 0)]);
        opinions.columns = vec![column("share_closed_at_year_end", Holds::Share)];
        for (row, tenths) in opinions.rows.iter_mut().zip([810, 900]) {
            row.cells = vec![Cell::Tenths(tenths)];
        }
        opinions.total = None;
        let report = yearly(vec![by_injury, opinions]);
        assert_eq!(
            lines(&report, FirstPart::Better),
            [
                "Andel avvikelser där någon kom till skada, av dem där det är känt: 25,0 % (2024: 50,0 %)."
            ]
        );
        assert_eq!(
            lines(&report, FirstPart::NotBetter),
            [
                "Andel synpunkter och klagomål som var avslutade vid årets slut: 81,0 % (2024: 90,0 %)."
            ]
        );
    }

    #[test]
    fn what_is_kept_back_is_not_said_on_the_first_page_either() {
        let mut published = report(&Cell::Count(1), &Cell::Count(3));
        published.first_page = first_page(&published, &[]);
        published.sections[0].tables[0].rows[0].cells[1] = Cell::Suppressed;
        compare_anew(&mut published);
        let told = serde_json::to_string(&published.first_page).expect("JSON");
        assert!(!told.contains("allvarliga"), "{told}");
        assert_eq!(published.first_page.len(), 3);
    }

    #[test]
    fn what_was_decided_is_told_with_what_came_of_it() {
        let goal = |answer| Goal { id: "1".into(), year: 2025, text: "Fler larm.".into(), answer };
        let answer =
            GoalAnswer { reached: Reached::Partly, text: "Hälften är på plats.".into() };
        let decided = [goal(Some(answer)), goal(None)];
        let mut report = report(&Cell::None, &Cell::None);
        report.sections[2].goals = vec![goal(None), Goal { year: 2026, ..goal(None) }];
        let page = first_page(&report, &decided);
        let open = "Fler larm. Ingen har svarat på om det blev så.";
        assert_eq!(
            page[2].lines,
            ["Fler larm. Blev det så? Delvis. Hälften är på plats.", open, open]
        );
        assert_eq!(lines(&yearly(Vec::new()), FirstPart::Decided).len(), 1);
    }
}
