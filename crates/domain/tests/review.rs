//! Reviews: what can be done where, what a signature binds, and pages whose figures add up and are those
//! of a plain recount.

mod common;

use std::collections::BTreeMap;

use common::id;
use domain::calendar::start_of_day;
use domain::case::measure::Effect;
use domain::case::{Kind, Status as CaseStatus};
use domain::code_lists::CodeLists;
use domain::ids::{CaseId, ImprovementId, ReviewId, StaffId, UnitId};
use domain::law::Law;
use domain::organisation::{Role, UnitTree};
use domain::review::{
    About, Codes, Command, Done, Half, ImprovementState, MeasureFact, NewImprovement, Owner,
    PageFacts, Period, Progress, Rejected, Review, Status, Subject, improvements_by_unit, page,
    reviews_by_unit,
};
use domain::settings::Settings;
use domain::statistics::{BaseRow, Values};
use domain::table::{Cell, Limit, Table};
use domain::worklist::{Brief, Clocked};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};

fn at(day: Date) -> Timestamp {
    start_of_day(day) + SignedDuration::from_hours(12)
}

fn done(day: Date) -> Done {
    Done { by: StaffId(id(1)), at: at(day) }
}

const JULY: Date = Date::constant(2026, 7, 2);

fn fresh() -> Review {
    let subject =
        Subject { key: id(2).to_string(), name: "Gran".into(), units: vec![UnitId(id(2))] };
    let half = "2026-H1".parse().expect("a half");
    Review::create(ReviewId(id(9)), subject, half, date(2026, 8, 31), at(JULY)).review
}

fn new(number: u128) -> NewImprovement {
    NewImprovement {
        id: ImprovementId(id(number)),
        text: "Tillsyn två gånger per natt".into(),
        owner: Owner::Role(Role::UnitManager),
        due_on: date(2026, 10, 1),
        follow_up_on: None,
    }
}

fn written() -> Review {
    let review = fresh().improve(new(20), done(JULY)).expect("decides").review;
    review.write("Fallen sker på natten.", done(JULY)).expect("writes").review
}

fn codes(rejected: Rejected) -> Vec<String> {
    let Rejected::Guard(faults) = rejected else { panic!("{rejected:?}") };
    faults.iter().map(|fault| format!("{} {}", fault.field, fault.reason.code())).collect()
}

#[test]
fn every_command_meets_every_state() {
    let reviews = [
        (Status::Open, fresh()),
        (Status::Written, written()),
        (Status::Signed, written().sign(done(JULY)).expect("signs").review),
    ];
    let allowed = |status, command| match (status, command) {
        (_, Command::Create) => None,
        (Status::Open | Status::Written, Command::Write | Command::Improve) => Some(true),
        (Status::Signed, Command::Write | Command::Improve) => Some(false),
        (Status::Written, Command::Sign) | (Status::Signed, Command::Reopen) => Some(true),
        (Status::Open | Status::Signed, Command::Sign) => Some(false),
        (Status::Open | Status::Written, Command::Reopen) => Some(false),
        // Of an improvement, wherever the review stands.
        (Status::Open, Command::Progress) => None,
        (Status::Written | Status::Signed, Command::Progress) => Some(true),
    };
    let mut tried = 0;
    for (status, review) in reviews {
        assert_eq!(review.status(), status);
        for command in Command::ALL {
            let Some(expected) = allowed(status, command) else { continue };
            let before = review.clone();
            let did = match command {
                Command::Create => continue,
                Command::Write => before.write("Nytt.", done(JULY)),
                Command::Improve => before.improve(new(21), done(JULY)),
                Command::Progress => {
                    let said = Progress { done_on: Some(JULY), ..Progress::default() };
                    before.progress(ImprovementId(id(20)), said, done(JULY))
                }
                Command::Sign => before.sign(done(JULY)),
                Command::Reopen => before.reopen("Fel siffra.", done(JULY)),
            };
            match did {
                Ok(changed) => {
                    assert!(expected, "{status:?} {command:?}");
                    assert_eq!(changed.review.version, review.version + 1);
                    assert_eq!(changed.event.command, command);
                    assert_eq!(
                        (changed.event.from, changed.event.to),
                        (Some(status), changed.review.status())
                    );
                }
                Err(rejected) => {
                    assert!(!expected, "{status:?} {command:?}");
                    assert_eq!(rejected, Rejected::State { status, command });
                }
            }
            tried += 1;
        }
    }
    assert_eq!(tried, 14);
}

#[test]
fn a_signature_binds_the_version_that_was_read_and_is_kept_when_it_holds_no_longer() {
    let review = written();
    assert_eq!(review.version, 3);
    let signed = review.sign(done(date(2026, 8, 20))).expect("signs").review;
    let signature = *signed.state.signature().expect("a signature");
    assert_eq!((signature.version, signed.version), (3, 4));
    assert!(!signed.missing() && !signed.overdue(date(2027, 1, 1)));
    let up = signed.reopen(" ", done(date(2026, 9, 1))).expect_err("no reason");
    assert_eq!(codes(up), ["/reason required"]);
    let signed = written().sign(done(date(2026, 8, 20))).expect("signs").review;
    let up = signed.reopen("Fel enhet räknad.", done(date(2026, 9, 1))).expect("opens").review;
    assert_eq!((up.status(), up.superseded.as_slice()), (Status::Written, &[signature][..]));
    assert!(up.overdue(date(2026, 9, 1)) && !up.overdue(date(2026, 8, 31)));
    assert_eq!(up.state.analysis().map(|it| it.text.as_str()), Some("Fallen sker på natten."));
    let anew = up.sign(done(date(2026, 9, 2))).expect("signs").review;
    assert_eq!(anew.state.signature().map(|it| it.version), Some(5));
}

#[test]
fn an_improvement_is_owed_until_somebody_has_said_whether_it_helped() {
    let improvement = ImprovementId(id(20));
    let review = written();
    assert_eq!(review.improvements[0].follow_up_on, date(2026, 11, 30), "60 days after its day");
    let say =
        |review: Review, said: Progress, on: Date| review.progress(improvement, said, done(on));
    let effect = |effect| Progress { effect: Some(effect), ..Progress::default() };
    let october = date(2026, 10, 5);
    let undone = say(review.clone(), effect(Effect::Yes), october).expect_err("is not done");
    assert_eq!(codes(undone), ["/done_on required"]);
    let ahead = Progress { done_on: Some(date(2026, 10, 6)), ..Progress::default() };
    assert_eq!(
        codes(say(review.clone(), ahead, october).expect_err("ahead")),
        ["/done_on in_future"]
    );
    let nothing = say(review.clone(), Progress::default(), october).expect_err("says nothing");
    assert_eq!(codes(nothing), [" required"]);
    let both = Progress {
        done_on: Some(october),
        dropped: Some("Behövs inte.".into()),
        ..Progress::default()
    };
    assert_eq!(
        codes(say(review.clone(), both, october).expect_err("both")),
        ["/dropped done_or_dropped"]
    );
    let made = Progress { done_on: Some(october), ..Progress::default() };
    let review = say(review, made, october).expect("done").review;
    assert_eq!((review.owed().count(), review.improvements[0].state.code()), (1, "done"));
    let later = Progress { due_on: Some(date(2026, 12, 1)), ..Progress::default() };
    let late = say(review.clone(), later, october).expect_err("is done");
    assert_eq!(codes(late), ["/due_on improvement_is_done"]);
    let unseen = say(review.clone(), effect(Effect::NotYet), october).expect_err("says nothing");
    assert_eq!(codes(unseen), ["/effect unknown_code"]);
    let judged = say(review, effect(Effect::Partly), date(2026, 12, 1)).expect("judged").review;
    assert_eq!(judged.owed().count(), 0);
    let ImprovementState::Judged { on, effect: helped, .. } = judged.improvements[0].state.clone()
    else {
        panic!("{judged:?}")
    };
    assert_eq!((on, helped), (october, Effect::Partly));
    let again = say(judged.clone(), effect(Effect::No), date(2026, 12, 2)).expect_err("settled");
    assert_eq!(codes(again), [" improvement_is_settled"]);
    let other = judged.progress(ImprovementId(id(77)), effect(Effect::No), done(october));
    assert_eq!(other, Err(Rejected::NotThere));
    let wrong = NewImprovement {
        text: " ".into(),
        owner: Owner::Role(Role::Board),
        due_on: date(2026, 7, 1),
        follow_up_on: Some(date(2026, 6, 1)),
        ..new(30)
    };
    let faults = codes(fresh().improve(wrong, done(JULY)).expect_err("all of it"));
    assert_eq!(
        faults,
        ["/text required", "/owner/role unknown_code", "/due_on before", "/follow_up_on before"]
    );
}

#[test]
fn the_year_counts_its_reviews_by_unit() {
    let signed = written().sign(done(date(2026, 8, 31))).expect("signs").review;
    let late = Review {
        subject: Subject { key: "b".into(), name: "Tall".into(), units: vec![UnitId(id(3))] },
        ..written().sign(done(date(2026, 9, 1))).expect("signs").review
    };
    let second = Review { half: "2026-H2".parse().expect("a half"), ..fresh() };
    let other = Review { half: "2025-H2".parse().expect("a half"), ..fresh() };
    let reviews = [signed, late, second, other];
    let table = reviews_by_unit(2026, &reviews, date(2026, 10, 2));
    assert_eq!(table.flaws(), []);
    let row = |name: &str| -> Vec<Cell> {
        let row = table.rows.iter().find(|row| row.keys[0].text == name).expect("a row");
        row.cells.clone()
    };
    let counts = |counts: [u64; 8]| counts.map(Cell::Count).to_vec();
    // Made, signed, in time, missing; decided, done, helped, late.
    assert_eq!(row("Gran"), counts([2, 1, 1, 1, 1, 0, 0, 1]));
    assert_eq!(row("Tall"), counts([1, 1, 0, 0, 1, 0, 0, 1]));
    assert_eq!(table.total, Some(counts([3, 2, 1, 1, 2, 0, 0, 2])));
    let decided = |day| improvements_by_unit(2026, &reviews, day).expect("a table");
    let table = decided(date(2026, 10, 2));
    assert_eq!((table.flaws(), table.rows.len()), (Vec::new(), 2));
    let said = |table: &Table| -> Vec<String> {
        let row = &table.rows[0];
        let keys = row.keys.iter().map(|key| key.text.clone());
        keys.chain(row.cells.iter().map(Cell::swedish)).collect()
    };
    let [unit, half, _, owner, due, state] = said(&table).try_into().expect("six");
    assert_eq!((unit.as_str(), half.as_str()), ("Gran", "första halvåret 2026"));
    assert_eq!((owner.as_str(), state.as_str()), ("Enhetschefen", "försenad"));
    assert!(due.starts_with("1\u{a0}oktober"), "{due}");
    assert_eq!(said(&decided(date(2026, 10, 1)))[5], "pågår");
    assert_eq!(improvements_by_unit(2020, &reviews, date(2026, 10, 2)), None);
    assert_eq!(reviews_by_unit(2020, &reviews, date(2026, 10, 2)).flaws(), []);
}

/// Numbers that follow from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// One case, plainly.
#[derive(Clone)]
struct Plain {
    kind: Kind,
    year: i16,
    month: i16,
    category: Option<&'static str>,
    law: Option<Law>,
    severity: Option<i16>,
    unit: u128,
}

const CATEGORIES: [Option<&str>; 5] =
    [Some("HSL.FAL"), Some("HSL.LAK"), Some("HSL.MTP.FEL"), Some("SOC.FAL"), None];

fn plain(dice: &mut Dice) -> Plain {
    let mut pick = |sides: u64| usize::try_from(dice.roll(sides)).expect("small");
    Plain {
        kind: [Kind::Avvikelse, Kind::Avvikelse, Kind::Klagomal][pick(3)],
        year: 2024 + i16::try_from(pick(3)).expect("small"),
        month: 1 + i16::try_from(pick(12)).expect("small"),
        category: CATEGORIES[pick(5)],
        law: [Some(Law::Hsl), Some(Law::Sol), Some(Law::Lss), None][pick(4)],
        severity: [Some(1), Some(2), Some(4), None][pick(4)],
        unit: 2 + pick(3) as u128,
    }
}

fn row(case: &Plain, detail: bool) -> BaseRow {
    let mut at = Values { kind: Some(case.kind.code().into()), ..Values::default() };
    if detail {
        at.unit = Some(UnitId(id(case.unit)));
        at.laws = case.law.into_iter().collect();
        at.severity = case.severity;
    } else {
        (at.year, at.month) = (Some(case.year), Some(case.month));
        at.category = case.category.map(str::to_owned);
    }
    BaseRow { at, count: 1, closed: 0, answered: 0 }
}

fn count(table: &Table, code: Option<&str>, column: &str) -> u64 {
    let at = table.column(column).unwrap_or_else(|| panic!("{column} in {}", table.id));
    match table.row(&[code]).map(|row| row.cells[at].clone()) {
        Some(Cell::Count(count)) => count,
        None => 0,
        other => panic!("{other:?}"),
    }
}

#[test]
fn of_random_cases_every_table_adds_up_and_is_that_of_a_plain_recount() {
    let (codes, units, settings) = (CodeLists::shared(), UnitTree::default(), Settings::default());
    let words = Codes { codes: &codes, units: &units, settings: &settings };
    let about =
        About { limit: Some(Limit { dimension: "review_group".into(), code: Some("x".into()) }) };
    let top = |case: &Plain| case.category.map(|it| codes.top("category", it).to_owned());
    for seed in 0..50 {
        let mut dice = Dice(seed);
        let cases: Vec<Plain> = (0..dice.roll(400)).map(|_| plain(&mut dice)).collect();
        let half: Half = "2026-H1".parse().expect("a half");
        let here = |case: &Plain| case.year == 2026 && case.month <= 6;
        let persons: Vec<u64> = (0..dice.roll(9)).map(|_| 2 + dice.roll(6)).collect();
        let measures: Vec<MeasureFact> = (0..dice.roll(30))
            .map(|_| MeasureFact {
                due_on: (dice.roll(2) == 0).then_some(date(2026, 7, 1)),
                done_on: (dice.roll(2) == 0).then_some(date(2026, 6, 1)),
                effect: Effect::ALL[usize::try_from(dice.roll(4)).expect("small")],
            })
            .collect();
        let facts = PageFacts {
            over_time: cases.iter().map(|case| row(case, false)).collect(),
            within: cases.iter().filter(|case| here(case)).map(|case| row(case, true)).collect(),
            cases: Vec::new(),
            causes: (BTreeMap::from([("ORS.OKA".into(), dice.roll(9))]), BTreeMap::new()),
            places: (BTreeMap::new(), BTreeMap::from([("PLA.BAD".into(), 4)])),
            persons: (persons.clone(), vec![2]),
            measures: measures.clone(),
        };
        let page = page(Period::Half(half), &about, &facts, words, at(JULY));
        for table in &page.tables {
            assert_eq!(table.flaws(), [], "seed {seed}");
        }
        let table = |id: &str| page.tables.iter().find(|table| table.id == id).expect("a table");
        let deviations = || cases.iter().filter(|case| case.kind == Kind::Avvikelse);
        let by_category = table("deviations_by_category");
        let top_codes = ["HSL", "HSL.FAL", "HSL.LAK", "HSL.MTP", "SOC", "SOC.FAL"].map(Some);
        for code in top_codes.into_iter().chain([None]) {
            for (column, year, months) in [
                ("count_2026_h1", 2026, 1..=6),
                ("count_2025_h2", 2025, 7..=12),
                ("count_2025_h1", 2025, 1..=6),
            ] {
                let plainly = deviations()
                    .filter(|it| it.year == year && months.contains(&it.month))
                    .filter(|it| top(it).as_deref() == code)
                    .count() as u64;
                assert_eq!(
                    count(by_category, code, column),
                    plainly,
                    "seed {seed} {code:?} {column}"
                );
            }
        }
        for (code, wanted) in
            [(Some("HSL"), Some(Law::Hsl)), (Some("SOL"), Some(Law::Sol)), (None, None)]
        {
            let plainly = deviations().filter(|it| here(it) && it.law == wanted).count() as u64;
            assert_eq!(count(table("deviations_by_law"), code, "count_2026_h1"), plainly);
        }
        for (code, wanted) in [(Some("2"), Some(2)), (Some("4"), Some(4)), (None, None)] {
            let plainly =
                deviations().filter(|it| here(it) && it.severity == wanted).count() as u64;
            assert_eq!(count(table("deviations_by_severity"), code, "count_2026_h1"), plainly);
        }
        let unit = id(3).to_string();
        let plainly = deviations().filter(|it| here(it) && it.unit == 3).count() as u64;
        assert_eq!(count(table("deviations_by_unit"), Some(&unit), "count_2026_h1"), plainly);
        let opinions = cases.iter().filter(|it| it.kind == Kind::Klagomal && it.year == 2025);
        let plainly = opinions.filter(|it| it.month > 6).count() as u64;
        assert_eq!(count(table("trend"), Some("2025-H2"), "opinions"), plainly);
        let five = persons.iter().filter(|events| **events >= 5);
        assert_eq!(
            count(table("repeated_persons"), Some("5-"), "persons_2026_h1"),
            five.clone().count() as u64
        );
        assert_eq!(
            count(table("repeated_persons"), Some("5-"), "count_2026_h1"),
            five.sum::<u64>()
        );
        let late = measures.iter().filter(|it| {
            it.effect == Effect::NotYet && it.done_on.is_none() && it.due_on.is_some()
        });
        assert_eq!(
            count(table("measures_by_effect"), Some("not_yet"), "late"),
            late.count() as u64
        );
    }
}

#[test]
fn open_cases_stand_at_their_step_then_and_now() {
    let case = |number: u128, reported: Date, status: CaseStatus, clocked: Clocked| Brief {
        id: CaseId(id(number)),
        number: format!("AVV-2026-{number:08}"),
        kind: Kind::Avvikelse,
        status,
        track: None,
        unit: UnitId(id(2)),
        reporting_unit: UnitId(id(2)),
        also_units: Vec::new(),
        laws: vec![Law::Hsl],
        category: Some("HSL.FAL".into()),
        severity: None,
        risk_score: None,
        vardskada: domain::case::triage::Vardskada::NotAssessed,
        lead: None,
        hops: 0,
        awaits: Vec::new(),
        warned: false,
        reported_at: at(reported),
        kept_from: Default::default(),
        opinion: None,
        clocked: Clocked { version: 2, ..clocked },
    };
    let touched = |day: Date| Clocked { updated_at: at(day), ..Clocked::default() };
    let june = date(2026, 6, 20);
    let cases = vec![
        // Reported and never touched: late and still.
        case(1, june, CaseStatus::Reported, touched(june)),
        // Assessed after the half had ended.
        case(
            2,
            june,
            CaseStatus::Triaged,
            Clocked { triaged_at: Some(at(date(2026, 7, 1))), ..touched(date(2026, 7, 1)) },
        ),
        // Closed after the half had ended, and one before.
        case(
            3,
            june,
            CaseStatus::Closed,
            Clocked { closed_at: Some(at(date(2026, 7, 1))), ..touched(date(2026, 7, 1)) },
        ),
        case(
            4,
            june,
            CaseStatus::Closed,
            Clocked { closed_at: Some(at(date(2026, 6, 30))), ..touched(date(2026, 6, 30)) },
        ),
        // Came after the half, and a duplicate: no part of it.
        case(5, date(2026, 7, 1), CaseStatus::Reported, touched(date(2026, 7, 1))),
        case(6, june, CaseStatus::Void, touched(june)),
    ];
    let (codes, units, settings) = (CodeLists::shared(), UnitTree::default(), Settings::default());
    let words = Codes { codes: &codes, units: &units, settings: &settings };
    let facts = PageFacts { cases, ..PageFacts::default() };
    let half: Half = "2026-H1".parse().expect("a half");
    let page = page(Period::Half(half), &About { limit: None }, &facts, words, at(JULY));
    let table = page.tables.iter().find(|table| table.id == "open_by_step").expect("a table");
    assert_eq!(table.flaws(), []);
    let cells = |code: &str| table.row(&[Some(code)]).expect("a row").cells.clone();
    let at = |counts: [u64; 4], oldest: Cell| -> Vec<Cell> {
        counts.map(Cell::Count).into_iter().chain([oldest]).collect()
    };
    // Open at the end, now, late now, still now; the oldest in days.
    assert_eq!(cells("triage"), at([3, 1, 1, 1], Cell::Tenths(120)));
    assert_eq!(cells("investigation"), at([0, 1, 0, 0], Cell::Tenths(120)));
    assert_eq!(cells("measures"), at([0, 0, 0, 0], Cell::None));
    assert_eq!(table.total, Some(at([3, 2, 1, 1], Cell::Tenths(120))));
}
