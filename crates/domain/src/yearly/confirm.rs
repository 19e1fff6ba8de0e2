//! What people wrote in a report, and whether it may go out. A figure is kept back by calculation; no
//! calculation finds what a text tells, so nothing that was written is public before somebody has said of
//! these very words that it may be.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use super::first_page::happened;
use super::{Break, FirstPart, Goal, SectionId, Written, Yearly, own};
use crate::fault::{Fault, Reason};
use crate::learning::Names;
use crate::personnummer;
use crate::table::{Row, Table};

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextKind {
    /// The author's text of a section.
    Section,
    /// A unit's paragraph.
    Paragraph,
    /// A goal, with how it went.
    Goal,
    /// A line of the first page: what the nämnd decided, and whether it happened.
    Decided,
    /// The name of a figure that is counted elsewhere, before each of its rows.
    OwnFigure,
    /// Why the years cannot be read as one series, by the tenant's own words.
    SeriesBreak,
}

impl TextKind {
    /// Every kind.
    pub const ALL: [TextKind; 6] = [
        TextKind::Section,
        TextKind::Paragraph,
        TextKind::Goal,
        TextKind::Decided,
        TextKind::OwnFigure,
        TextKind::SeriesBreak,
    ];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            TextKind::Section => "section",
            TextKind::Paragraph => "paragraph",
            TextKind::Goal => "goal",
            TextKind::Decided => "decided",
            TextKind::OwnFigure => "own_figure",
            TextKind::SeriesBreak => "series_break",
        }
    }
}

/// Words of a report, where they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportText {
    /// What they are.
    pub kind: TextKind,
    /// In which section; what stands on the first page belongs to the summary.
    pub section: SectionId,
    /// The name of the unit whose paragraph it is.
    pub unit: Option<String>,
    /// The words.
    pub text: String,
    /// When they were written, where that is known.
    pub written_at: Option<Timestamp>,
}

impl ReportText {
    fn of_section(section: SectionId, written: &Written) -> Self {
        let (text, at) = (written.text.clone(), Some(written.at));
        Self { kind: TextKind::Section, section, unit: None, text, written_at: at }
    }

    fn of_paragraph(section: SectionId, unit: &str, written: &Written) -> Self {
        let (unit, text) = (Some(unit.to_owned()), written.text.clone());
        Self { kind: TextKind::Paragraph, section, unit, text, written_at: Some(written.at) }
    }

    fn of_goal(section: SectionId, goal: &Goal) -> Self {
        let answer = goal
            .answer
            .as_ref()
            .map(|answer| format!("\n{}. {}", answer.reached.swedish(), answer.text));
        let text = format!("{}{}", goal.text, answer.unwrap_or_default());
        Self { kind: TextKind::Goal, section, unit: None, text, written_at: None }
    }

    fn of_first_page(line: &str) -> Self {
        let (kind, section) = (TextKind::Decided, SectionId::Summary);
        Self { kind, section, unit: None, text: line.to_owned(), written_at: None }
    }

    fn of_figure(section: SectionId, name: &str) -> Self {
        let kind = TextKind::OwnFigure;
        Self { kind, section, unit: None, text: name.to_owned(), written_at: None }
    }

    fn of_break(it: &Break) -> Self {
        let (kind, section) = (TextKind::SeriesBreak, SectionId::Summary);
        Self { kind, section, unit: None, text: it.why.clone(), written_at: None }
    }

    /// Everything a confirmation is bound to, as one text: where the words stand, and the words.
    pub fn bound(&self) -> String {
        let parts = [
            self.kind.code(),
            self.section.code(),
            self.unit.as_deref().unwrap_or_default(),
            self.text.as_str(),
        ];
        parts.join("\u{1f}")
    }

    /// Where it stands, as a pointer.
    pub fn pointer(&self) -> String {
        let section = self.section.code();
        let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
        match (self.kind, self.unit.as_deref()) {
            (TextKind::Paragraph, Some(unit)) => {
                format!("/sections/{section}/paragraphs/{}", escaped(unit))
            }
            (TextKind::Section | TextKind::Paragraph, _) => format!("/sections/{section}/text"),
            (TextKind::Goal, _) => format!("/sections/{section}/goals"),
            (TextKind::Decided, _) => "/first_page/decided".to_owned(),
            (TextKind::OwnFigure, _) => format!("/sections/{section}/tables/{}", own::TABLE),
            (TextKind::SeriesBreak, _) => "/breaks".to_owned(),
        }
    }

    /// That nobody has confirmed it.
    pub fn unconfirmed(&self) -> Fault {
        Fault::at(self.pointer(), Reason::inconsistent("text_not_confirmed"))
    }
}

/// The lines of the first page that tell what was decided, and are none of a goal's in a section.
fn decided(report: &Yearly) -> Vec<&String> {
    let goals = report.sections.iter().flat_map(|section| &section.goals);
    let told: BTreeSet<String> =
        goals.filter(|goal| goal.year == report.year).map(happened).collect();
    let pages = report.first_page.iter().filter(|page| page.part == FirstPart::Decided);
    let lines = pages.flat_map(|page| &page.lines);
    lines.filter(|line| !told.contains(*line) && line.as_str() != super::first_page::NONE).collect()
}

/// The name of an own figure, as it stands before a row.
fn figure(row: &Row) -> Option<&str> {
    row.keys.first().map(|key| key.text.as_str())
}

fn is_own(table: &Table) -> bool {
    table.id == own::TABLE
}

/// Everything that people wrote in a report, in its order, nothing twice.
pub fn texts(report: &Yearly) -> Vec<ReportText> {
    let mut found: Vec<ReportText> =
        decided(report).into_iter().map(|line| ReportText::of_first_page(line)).collect();
    let named = report.breaks.iter().filter(|it| it.has_words());
    found.extend(named.map(ReportText::of_break));
    for section in &report.sections {
        let id = section.id;
        found.extend(section.text.iter().map(|it| ReportText::of_section(id, it)));
        let given = section.paragraphs.iter();
        found.extend(
            given.filter_map(|it| {
                Some(ReportText::of_paragraph(id, &it.unit, it.written.as_ref()?))
            }),
        );
        found.extend(section.goals.iter().map(|goal| ReportText::of_goal(id, goal)));
        let rows = section.tables.iter().filter(|table| is_own(table)).flat_map(|it| &it.rows);
        found.extend(rows.filter_map(figure).map(|name| ReportText::of_figure(id, name)));
    }
    let mut known = BTreeSet::new();
    found.retain(|text| known.insert(text.bound()));
    found
}

/// Takes out whatever people wrote and `confirmed` does not say yes to.
pub fn keep_confirmed(report: &mut Yearly, confirmed: impl Fn(&ReportText) -> bool) {
    let mut out: BTreeSet<String> = decided(report)
        .into_iter()
        .filter(|line| !confirmed(&ReportText::of_first_page(line)))
        .cloned()
        .collect();
    let year = report.year;
    for section in &mut report.sections {
        let id = section.id;
        section.text = section.text.take().filter(|it| confirmed(&ReportText::of_section(id, it)));
        section.paragraphs.retain(|it| {
            let given = it.written.as_ref();
            given.is_some_and(|given| confirmed(&ReportText::of_paragraph(id, &it.unit, given)))
        });
        section.goals.retain(|goal| {
            let keeps = confirmed(&ReportText::of_goal(id, goal));
            if !keeps && goal.year == year {
                out.insert(happened(goal));
            }
            keeps
        });
        for table in section.tables.iter_mut().filter(|table| is_own(table)) {
            let all = table.rows.len();
            table.rows.retain(|row| {
                figure(row).is_some_and(|name| confirmed(&ReportText::of_figure(id, name)))
            });
            if table.rows.len() < all {
                table.notes.push(LEFT_OUT.to_owned());
            }
        }
        section.tables.retain(|table| !is_own(table) || !table.rows.is_empty());
    }
    for at in 0..report.breaks.len() {
        let it = &report.breaks[at];
        if it.has_words() && !confirmed(&ReportText::of_break(it)) {
            let (was, bare) = (it.why.clone(), it.without_words());
            report.breaks[at].why.clone_from(&bare);
            say_instead(report, &was, &bare);
        }
    }
    for page in report.first_page.iter_mut().filter(|page| page.part == FirstPart::Decided) {
        page.lines.retain(|line| !out.contains(line));
    }
    report.first_page.retain(|page| !page.lines.is_empty());
}

/// What is said where rows of own figures are left out.
const LEFT_OUT: &str = "Egna uppgifter vars namn inte är godkända för publicering är utelämnade.";

/// Says another thing wherever a sentence or a note says this one.
fn say_instead(report: &mut Yearly, was: &str, is: &str) {
    for section in &mut report.sections {
        let notes = section.tables.iter_mut().flat_map(|table| &mut table.notes);
        for line in section.sentences.iter_mut().chain(notes).filter(|line| line.as_str() == was) {
            is.clone_into(line);
        }
    }
}

/// What a scan looks for in words that are to go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// A personnummer or samordningsnummer: such a text is not confirmed at all.
    PersonalNumber,
    /// What looks like somebody's initials.
    Initials,
    /// Somebody of the staff, by name.
    StaffName,
    /// A small unit, named in a sentence with a number.
    SmallUnit,
}

impl Sign {
    /// Every sign.
    pub const ALL: [Sign; 4] =
        [Sign::PersonalNumber, Sign::Initials, Sign::StaffName, Sign::SmallUnit];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Sign::PersonalNumber => "personal_number",
            Sign::Initials => "initials",
            Sign::StaffName => "staff_name",
            Sign::SmallUnit => "small_unit",
        }
    }

    /// What is said to whoever confirms in spite of it, or may not.
    pub fn fault(self) -> Fault {
        let code = match self {
            Sign::PersonalNumber => "text_holds_personal_number",
            Sign::Initials => "text_holds_initials",
            Sign::StaffName => "text_names_staff",
            Sign::SmallUnit => "text_names_small_unit",
        };
        Fault::at("/acknowledged", Reason::inconsistent(code))
    }
}

/// Something a scan found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// Position of its first character, from 0.
    pub position: usize,
    /// Its length in characters.
    pub length: usize,
    /// What it looks like.
    pub sign: Sign,
}

/// What a scan knows of the tenant.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// The names of the small units, and of the staff.
    pub names: Names,
    /// The names of the small units, as they stand above their paragraphs.
    pub small: BTreeSet<String>,
    /// The day it is.
    pub today: Date,
}

/// Words in capitals that are nobody's initials.
const NOBODYS: [&str; 26] = [
    "AB", "AV", "DE", "EU", "FN", "FOR", "HR", "HS", "IT", "IV", "JO", "KF", "KL", "KS", "LG",
    "MR", "NN", "OK", "OM", "PM", "SK", "TV", "UF", "VD", "VN", "VO",
];

/// The numbers that are written as words beside a unit's name.
const NUMBERS: [&str; 13] =
    ["en", "ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv"];

impl Scan {
    /// Everything in a text that whoever lets it out should have seen, in its order.
    pub fn find(&self, it: &ReportText) -> Vec<Seen> {
        let letters: Vec<char> = it.text.chars().collect();
        let numbers = personnummer::find_in(&it.text, self.today);
        let mut found: Vec<Seen> = numbers
            .into_iter()
            .map(|it| Seen { position: it.position, length: it.length, sign: Sign::PersonalNumber })
            .collect();
        found.extend(initials(&letters));
        for reason in self.names.found_in(&it.text) {
            match reason {
                Reason::NamesStaff { position, length } => {
                    found.push(Seen { position, length, sign: Sign::StaffName });
                }
                Reason::NamesUnit { position, length }
                    if number_in(sentence(&letters, position)).is_some() =>
                {
                    found.push(Seen { position, length, sign: Sign::SmallUnit });
                }
                _ => {}
            }
        }
        // The name of the unit stands above its paragraph.
        if it.unit.as_ref().is_some_and(|unit| self.small.contains(unit))
            && let Some((position, length)) = number_in((0, &letters))
        {
            found.push(Seen { position, length, sign: Sign::SmallUnit });
        }
        found.sort_unstable();
        found.dedup();
        // Of a name that stands within a longer one the longer says it.
        let all = found.clone();
        found.retain(|it| {
            let holds = |other: &Seen| {
                other.sign == it.sign
                    && other.length > it.length
                    && other.position <= it.position
                    && other.position + other.length >= it.position + it.length
            };
            !all.iter().any(holds)
        });
        found
    }
}

/// The sentence that holds a position, with where it begins.
fn sentence(letters: &[char], position: usize) -> (usize, &[char]) {
    let ends = |at: &usize| {
        matches!(letters[*at], '!' | '?' | '\n')
            || (letters[*at] == '.' && letters.get(at + 1).is_none_or(|next| next.is_whitespace()))
    };
    let from = (0..position).rev().find(ends).map_or(0, |at| at + 1);
    let to = (position..letters.len()).find(ends).unwrap_or(letters.len());
    (from, &letters[from..to])
}

/// The words of a text with their positions.
fn words(letters: &[char]) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    for (at, letter) in letters.iter().enumerate() {
        if letter.is_alphanumeric() {
            match found.last_mut().filter(|_| inside) {
                Some((_, word)) => word.push(*letter),
                None => found.push((at, letter.to_string())),
            }
        }
        inside = letter.is_alphanumeric();
    }
    found
}

/// The first number of a sentence, in digits or as a word.
fn number_in((from, letters): (usize, &[char])) -> Option<(usize, usize)> {
    words(letters).into_iter().find_map(|(at, word)| {
        let digits = word.chars().all(|letter| letter.is_ascii_digit());
        let named = NUMBERS.contains(&word.to_lowercase().as_str());
        (digits || named).then(|| (from + at, word.chars().count()))
    })
}

/// What looks like initials: `K.L.`, `K. L`, `A. Svensson`, and two capitals by themselves.
fn initials(letters: &[char]) -> Vec<Seen> {
    let words = words(letters);
    let seen = |position: usize, end: usize| Seen {
        position,
        length: end - position,
        sign: Sign::Initials,
    };
    let capital = |word: &str| word.chars().next().is_some_and(char::is_uppercase);
    let mut found: Vec<Seen> = Vec::new();
    for (nth, (at, word)) in words.iter().enumerate() {
        let length = word.chars().count();
        if found.last().is_some_and(|last| last.position + last.length > *at) {
            continue;
        }
        if length == 1 && capital(word) && letters.get(at + 1) == Some(&'.') {
            let near = words.get(nth + 1).filter(|(next, _)| {
                let between = &letters[at + 2..*next];
                between.is_empty() || between == [' ']
            });
            if let Some((next, word)) = near.filter(|(_, word)| capital(word)) {
                found.push(seen(*at, next + word.chars().count()));
            }
        } else if length == 2
            && word.chars().all(char::is_uppercase)
            && !NOBODYS.contains(&word.as_str())
        {
            found.push(seen(*at, at + 2));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::GoalAnswer;
    use super::super::samples::{counted, yearly};
    use super::*;
    use crate::yearly::breaks::{SeriesBreak, mark};
    use crate::yearly::first_page::first_page;
    use crate::yearly::{Paragraph, Reached};

    fn written(text: &str) -> Written {
        Written { text: text.to_owned(), by: "Anna".into(), at: Timestamp::UNIX_EPOCH }
    }

    fn goal(id: &str, year: i16, answer: Option<&str>) -> Goal {
        let answer = answer.map(|text| GoalAnswer { reached: Reached::Yes, text: text.to_owned() });
        Goal { id: id.into(), year, text: format!("Mål {id}"), answer }
    }

    fn report() -> Yearly {
        let mut report = yearly(Vec::new());
        report.sections[0].text = Some(written("Ledning"));
        report.sections[1].paragraphs = vec![
            Paragraph { unit: "Gran".into(), written: Some(written("Vi")) },
            Paragraph { unit: "Tall".into(), written: None },
        ];
        report.sections[2].goals = vec![goal("a", 2025, Some("Gick bra"))];
        let decided = [goal("b", 2025, Some("Det blev så"))];
        report.first_page = first_page(&report, &decided);
        report
    }

    #[test]
    fn every_text_is_found_once_and_left_out_until_it_is_confirmed() {
        let whole = report();
        let all = texts(&whole);
        let kinds: Vec<&str> = all.iter().map(|it| it.kind.code()).collect();
        assert_eq!(kinds, ["decided", "section", "paragraph", "goal"]);

        let mut none = whole.clone();
        keep_confirmed(&mut none, |_| false);
        let said = serde_json::to_string(&none).expect("JSON");
        for text in ["Ledning", "\"Vi\"", "Mål a", "Gick bra", "Mål b"] {
            assert!(!said.contains(text), "{text}: {said}");
        }
        assert_eq!(texts(&none), []);

        let mut every = whole.clone();
        keep_confirmed(&mut every, |_| true);
        assert_eq!(texts(&every), all);

        // One is let out by itself, and a goal takes its line on the first page along.
        for one in &all {
            let mut some = whole.clone();
            keep_confirmed(&mut some, |it| it.bound() == one.bound());
            assert_eq!(texts(&some), std::slice::from_ref(one));
        }
        let mut goals = whole.clone();
        keep_confirmed(&mut goals, |it| it.kind == TextKind::Goal);
        let page = goals.first_page.iter().find(|page| page.part == FirstPart::Decided);
        assert_eq!(page.expect("a part").lines, ["Mål a. Blev det så? Ja. Gick bra"]);
    }

    #[test]
    fn the_name_of_an_own_figure_and_the_reason_of_a_break_are_words_too() {
        let mut whole = yearly(vec![counted(own::TABLE, &[("Hygien", 1), ("Fall hos K.L.", 2)])]);
        let named = SeriesBreak { year: 2025, month: 3, why: "nytt verktyg".into() };
        mark(&mut whole, &[named]);
        let kinds: Vec<&str> = texts(&whole).iter().map(|it| it.kind.code()).collect();
        assert_eq!(kinds, ["series_break", "own_figure", "own_figure"]);
        let mut some = whole.clone();
        keep_confirmed(&mut some, |it| it.text == "Hygien");
        let said = serde_json::to_string(&some).expect("JSON");
        for (text, stands) in [
            ("Hygien", true),
            (LEFT_OUT, true),
            ("Brott i serien från mars 2025.", true),
            ("K.L.", false),
            ("nytt verktyg", false),
        ] {
            assert_eq!(said.contains(text), stands, "{text}: {said}");
        }
        assert_eq!(texts(&some).len(), 1);
        keep_confirmed(&mut whole, |_| false);
        assert!(whole.table(own::TABLE).is_none());
    }

    #[test]
    fn a_changed_text_or_answer_is_another() {
        let before = texts(&report());
        let mut changed = report();
        changed.sections[0].text = Some(written("Ledningen"));
        changed.sections[2].goals[0].answer.as_mut().expect("an answer").reached = Reached::No;
        changed.sections[1].paragraphs[0].unit = "Granen".into();
        let after = texts(&changed);
        let same = |it: &ReportText| before.iter().any(|was| was.bound() == it.bound());
        let kept: Vec<&str> = after.iter().filter(|it| same(it)).map(|it| it.kind.code()).collect();
        assert_eq!(kept, ["decided"]);
    }

    fn scanned(text: &str, unit: Option<&str>) -> Vec<(&'static str, String)> {
        let small = BTreeSet::from(["Lilla gården".to_owned()]);
        let units = crate::organisation::UnitTree::new([crate::organisation::Unit {
            id: crate::ids::UnitId(uuid::Uuid::from_u128(1)),
            code: "lilla".into(),
            name: "Lilla gården".into(),
            area: None,
            parent: None,
            successor: None,
            valid_from: None,
            valid_to: None,
            unknown: false,
            version: 1,
        }]);
        let names = Names::of(&units, &[], &crate::code_lists::CodeLists::shared());
        let scan = Scan { names, small, today: jiff::civil::date(2026, 2, 1) };
        let it = ReportText {
            kind: TextKind::Paragraph,
            section: SectionId::Summary,
            unit: unit.map(str::to_owned),
            text: text.to_owned(),
            written_at: None,
        };
        let letters: Vec<char> = text.chars().collect();
        let said = |seen: Seen| {
            let end = seen.position + seen.length;
            (seen.sign.code(), letters[seen.position..end].iter().collect())
        };
        scan.find(&it).into_iter().map(said).collect()
    }

    #[test]
    fn a_scan_finds_numbers_initials_and_small_units_beside_numbers() {
        let found = |sign: &'static str, text: &str| vec![(sign, text.to_owned())];
        assert_eq!(scanned("K.L. föll i mars.", None), found("initials", "K.L"));
        assert_eq!(scanned("Brukaren A. Svensson föll.", None), found("initials", "A. Svensson"));
        assert_eq!(scanned("Vi såg att BN föll.", None), found("initials", "BN"));
        assert_eq!(scanned("Klockan KL 14 enligt HSL och SoL, av MAS.", None), []);
        assert_eq!(
            scanned("Ring 19121212-1212 nu.", None),
            found("personal_number", "19121212-1212")
        );
        assert_eq!(
            scanned("Det gick bra. På Lilla gården föll tre. Resten inte.", None),
            found("small_unit", "Lilla gården")
        );
        assert_eq!(scanned("Lilla gården arbetar bra. Tre enheter gör det.", None), []);
        assert_eq!(
            scanned("Hos oss föll 2 personer.", Some("Lilla gården")),
            found("small_unit", "2")
        );
        assert_eq!(scanned("Hos oss föll 2 personer.", Some("Stora gården")), []);
    }
}
