//! The plain recount of what is no count of cases: events, causes, measures, days, clocks, silence.

use std::collections::{BTreeMap, BTreeSet};

use domain::case::measure::Effect;
use domain::case::triage::Vardskada;
use domain::case::{Kind, Track};
use domain::ids::{CaseId, UnitId};
use domain::statistics::Fact;
use domain::table::{Cell, Holds, Table};
use jiff::Timestamp;

use crate::lex::Run;
use crate::recount::{Plain, counted, less, now, per_mille};
use crate::swedish::{self, Span, is_up};

/// The codes of a table's rows, in their order.
fn codes(table: &Table) -> Vec<&str> {
    table.rows.iter().map(|row| row.keys[0].code.as_deref().expect("a code")).collect()
}

impl Plain<'_> {
    fn of_year(&self) -> impl Iterator<Item = &&Fact> {
        self.facts
            .iter()
            .filter(|it| swedish::year(it.reported_at) == self.year && it.kind == Kind::Avvikelse)
    }

    pub fn statutory(&self, table: &Table) {
        let event = |case: CaseId| {
            let of = self.world.shared.iter().find(|(_, second)| *second == case);
            of.map_or(case, |(first, _)| *first)
        };
        let rows = ["investigated", "investigated_in_year", "harm", "serious_harm", "serious_risk"];
        let mut rows = [rows.as_slice(), &["lex_maria", "lex_sarah"]].concat();
        // Who is a riskperson is told for the whole alone, and so is how many there are.
        if self.whole {
            rows.push("riskperson");
        }
        assert_eq!(codes(table), rows);
        assert_eq!(table.total, None);
        for row in &table.rows {
            for (column, cell) in table.columns.iter().zip(&row.cells) {
                if column.holds == Holds::Change {
                    let of = |at: usize| table.columns[at].year;
                    let years = [Some(self.year), Some(self.year - 1)];
                    assert_eq!(column.from.iter().map(|at| of(*at)).collect::<Vec<_>>(), years);
                    let [now, before] = [0, 1].map(|nth| &row.cells[column.from[nth]]);
                    assert_eq!(*cell, less(now, before), "{:?}", row.keys);
                    continue;
                }
                assert_eq!(column.holds, Holds::Count, "{}", column.id);
                let year = column.year.expect("a year");
                let under_hsl = self.facts.iter().filter(|it| {
                    it.laws.first().is_some_and(|law| law.code() == "HSL")
                        && matches!(it.vardskada, Vardskada::CouldHave | Vardskada::Yes)
                });
                if !self.counts(true, year) {
                    assert_eq!(*cell, Cell::None, "{:?} {year}", row.keys);
                    continue;
                }
                let of = |it: &&&Fact| swedish::year(it.reported_at) == year;
                let events = |cases: Vec<CaseId>| {
                    cases.into_iter().map(event).collect::<BTreeSet<_>>().len()
                };
                let expected = match row.keys[0].code.as_deref().expect("a code") {
                    "investigated" => {
                        let done = under_hsl.filter(of).filter(|it| it.investigated_at.is_some());
                        events(done.map(|it| it.case).collect())
                    }
                    "investigated_in_year" => {
                        if year < self.year - 1 {
                            assert_eq!(*cell, Cell::None);
                            continue;
                        }
                        let done = under_hsl.filter(|it| {
                            it.investigated_at.is_some_and(|at| swedish::year(at) == year)
                        });
                        events(done.map(|it| it.case).collect())
                    }
                    "harm" => {
                        let harm = under_hsl.filter(of).filter(|it| it.vardskada == Vardskada::Yes);
                        events(harm.map(|it| it.case).collect())
                    }
                    "serious_harm" | "serious_risk" => {
                        let wanted = if row.keys[0].code.as_deref() == Some("serious_harm") {
                            Vardskada::Yes
                        } else {
                            Vardskada::CouldHave
                        };
                        let serious = under_hsl.filter(of).filter(|it| it.vardskada == wanted);
                        let serious = serious.filter(|it| it.serious == Some(true));
                        events(serious.map(|it| it.case).collect())
                    }
                    kind @ ("lex_maria" | "lex_sarah" | "riskperson") => self.notified(kind, year),
                    other => panic!("{other}"),
                };
                assert_eq!(*cell, Cell::Count(expected as u64), "{:?} {year}", row.keys);
            }
        }
    }

    pub fn causes(&self, table: &Table) {
        let causes = |fact: &Fact| -> BTreeSet<&str> {
            let of =
                self.world.investigations.iter().filter(|it| Some(it.id) == fact.investigation);
            of.flat_map(|it| &it.causes).map(|cause| cause.code.as_str()).collect()
        };
        let mut expected: BTreeMap<Option<String>, u64> = BTreeMap::from([(None, 0)]);
        for fact in self.of_year() {
            let found = causes(fact);
            if found.is_empty() {
                *expected.entry(None).or_default() += 1;
            }
            for code in found {
                *expected.entry(Some(code.to_owned())).or_default() += 1;
            }
        }
        let rows = table.rows.iter().map(|row| (row.keys[0].code.clone(), row.cells[0].clone()));
        let expected: BTreeMap<_, _> =
            expected.into_iter().map(|(code, count)| (code, Cell::Count(count))).collect();
        assert_eq!(rows.collect::<BTreeMap<_, _>>(), expected);
        let with = self.of_year().filter(|fact| !causes(fact).is_empty()).count();
        for row in table.rows.iter().filter(|row| row.keys[0].code.is_some()) {
            let count = usize::try_from(counted(&row.cells[0])).expect("small");
            assert_eq!(row.cells[1], per_mille(count, with));
        }
        let unknown = table.row(&[None]).expect("a row of those without");
        assert_eq!(unknown.cells[1..], [Cell::None]);
        assert_eq!(table.total, None);
    }

    pub fn measures(&self, table: &Table) {
        let cases = self.facts.iter().filter(|it| swedish::year(it.reported_at) == self.year);
        let used: BTreeSet<_> = cases.filter_map(|it| it.investigation).collect();
        let all: Vec<_> = self
            .world
            .investigations
            .iter()
            .filter(|it| used.contains(&it.id))
            .flat_map(|it| &it.measures)
            .collect();
        let kinds: BTreeSet<&str> = all.iter().map(|it| it.kind.as_str()).collect();
        assert_eq!(codes(table).into_iter().collect::<BTreeSet<_>>(), kinds);
        let today = swedish::local(now()).date();
        let rows = table.rows.iter().map(|row| (row.keys[0].code.clone(), &row.cells));
        for (kind, cells) in rows.chain([(None, table.total.as_ref().expect("a total"))]) {
            let of: Vec<_> =
                all.iter().filter(|it| kind.as_ref().is_none_or(|kind| it.kind == *kind)).collect();
            let effect = |wanted: Effect| of.iter().filter(|it| it.effect == wanted).count();
            let late = of
                .iter()
                .filter(|it| it.done_on.is_none() && it.due_on.is_some_and(|day| day < today));
            let counts = [
                of.len(),
                of.iter().filter(|it| it.done_on.is_some()).count(),
                late.count(),
                effect(Effect::Yes),
                effect(Effect::Partly),
                effect(Effect::No),
                effect(Effect::NotYet),
            ];
            let mut expected: Vec<Cell> = counts.iter().map(|it| Cell::Count(*it as u64)).collect();
            expected.push(per_mille(counts[0] - counts[6], counts[0]));
            assert_eq!(*cells, expected, "{kind:?}");
        }
    }

    pub fn lead_times(&self, table: &Table) {
        let units: BTreeSet<String> = self.of_year().map(|it| it.unit.to_string()).collect();
        assert_eq!(codes(table).into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), units);
        let rows = table.rows.iter().map(|row| (row.keys[0].code.clone(), &row.cells));
        for (unit, cells) in rows.chain([(None, table.total.as_ref().expect("a total"))]) {
            let of: Vec<_> = self
                .of_year()
                .filter(|it| unit.as_ref().is_none_or(|unit| it.unit.to_string() == *unit))
                .filter_map(|it| Some((it.occurred_at?, it)))
                .collect();
            let stages: [fn(&Fact) -> Option<Timestamp>; 4] = [
                |it| Some(it.reported_at),
                |it| it.triaged_at,
                |it| it.investigated_at,
                |it| it.closed_at,
            ];
            for (nth, stage) in stages.into_iter().enumerate() {
                let passed = of.iter().filter_map(|(event, it)| Some((event, stage(it)?)));
                let mut seconds: Vec<i64> =
                    passed.map(|(event, at)| at.as_second() - event.as_second()).collect();
                seconds.sort_unstable();
                let n = seconds.len();
                let cells = &cells[nth * 3..nth * 3 + 3];
                assert_eq!(cells[0], Cell::Count(n as u64), "{unit:?}");
                // Half a tenth of a day is 4,320 seconds.
                let (median, p90) = if n == 0 {
                    (Cell::None, Cell::None)
                } else {
                    let middle = seconds[(n - 1) / 2] + seconds[n / 2];
                    let ninth = seconds[(n * 9).div_ceil(10) - 1];
                    let median = (middle + 8_640).div_euclid(17_280);
                    (Cell::Tenths(median), Cell::Tenths((ninth + 4_320).div_euclid(8_640)))
                };
                assert_eq!((&cells[1], &cells[2]), (&median, &p90), "{unit:?} {nth}");
            }
        }
    }

    pub fn silent(&self, table: &Table) {
        let deviations = |unit: UnitId, year: i16| {
            let here = self.facts.iter().filter(|it| it.kind == Kind::Avvikelse && it.unit == unit);
            here.filter(|it| swedish::year(it.reported_at) == year).count()
        };
        let parents: BTreeSet<_> = self.world.units.iter().filter_map(|unit| unit.parent).collect();
        let all = self.world.units.iter().filter(|unit| self.units.contains(&unit.id));
        let leaves = all.filter(|unit| !unit.unknown && !parents.contains(&unit.id));
        let silent = leaves.filter(|unit| deviations(unit.id, self.year) == 0);
        let years: Vec<i16> =
            table.columns.iter().map(|column| column.year.expect("a year")).collect();
        assert_eq!(years.first(), Some(&self.year));
        let cell = |unit: UnitId, year: i16| match self.counts(true, year) {
            true => Cell::Count(deviations(unit, year) as u64),
            false => Cell::None,
        };
        let cells = |unit: UnitId| years.iter().map(|year| cell(unit, *year)).collect();
        let expected: BTreeMap<String, Vec<Cell>> =
            silent.map(|unit| (unit.id.to_string(), cells(unit.id))).collect();
        let rows = codes(table).into_iter().zip(&table.rows);
        let found = rows.map(|(code, row)| (code.to_owned(), row.cells.clone()));
        let found: BTreeMap<String, Vec<Cell>> = found.collect();
        assert_eq!(expected, found);
        assert_eq!(table.rows.len(), expected.len(), "no unit twice");
        assert_eq!(table.total, None);
    }

    /// By the targets that a tenant has until it chooses others: three days of work to judge, thirty days to
    /// investigate, two days of work to say that a complaint has come, a month to answer it.
    pub fn clocks(&self, table: &Table) {
        let mut runs: Vec<Run> = Vec::new();
        let mut run = |kind, from, span, met| {
            runs.push(Run { kind, until: Some(is_up(from, span)), met });
        };
        for it in self.of_year().filter(|it| !it.imported) {
            let ended = it.closed_at;
            run("triage", it.reported_at, Span::WorkingDays(3), it.triaged_at.or(ended));
            let looked_into = it.track.is_some_and(|track| track != Track::Simple);
            if let Some(from) = it.triaged_at.filter(|_| looked_into) {
                let met = it.investigated_at.or(ended);
                run("investigation", from, Span::Days(30), met);
            }
        }
        let complaints = self.facts.iter().filter(|it| it.kind == Kind::Klagomal && !it.imported);
        for it in complaints.filter(|it| swedish::year(it.reported_at) == self.year) {
            // Whoever left it through the form is told that it came, and may ask again; it has no answer yet.
            let Some(said) = self.world.said.get(&it.case) else {
                run("complaint_answer", it.reported_at, Span::Months(1), it.closed_at);
                continue;
            };
            let from = it.reported_at;
            run("complaint_acknowledgement", from, Span::WorkingDays(2), said.told_at);
            run("complaint_answer", said.asked_again_at.unwrap_or(from), Span::Months(1), None);
        }
        for (raised, of_lex) in &self.world.lex {
            let in_year = swedish::year(raised.flagged_at) == self.year;
            if in_year && self.units.contains(&raised.unit) {
                runs.extend(of_lex);
            }
        }
        let mut told = Run::tell(&runs, now());
        // These stand there whether there were any.
        for code in ["triage", "investigation", "complaint_acknowledgement", "complaint_answer"] {
            told.entry(code).or_default();
        }
        let cells = |counts: [u64; 4]| -> Vec<Cell> {
            let small = |count: u64| usize::try_from(count).expect("small");
            let kept = per_mille(small(counts[1]), small(counts[1] + counts[2]));
            counts.map(Cell::Count).into_iter().chain([kept]).collect()
        };
        let ids: Vec<&str> = table.columns.iter().map(|column| column.id.as_str()).collect();
        assert_eq!(ids, ["count", "kept", "missed", "running", "share_kept"]);
        let found = codes(table).into_iter().zip(table.rows.iter().map(|row| row.cells.clone()));
        let expected = told.iter().map(|(code, counts)| (*code, cells(*counts)));
        assert_eq!(
            found.collect::<BTreeMap<_, _>>(),
            expected.collect::<BTreeMap<_, _>>(),
            "{}",
            self.year
        );
        assert_eq!(table.rows.len(), told.len(), "no clock twice");
        let sum = |nth: usize| told.values().map(|counts| counts[nth]).sum();
        assert_eq!(table.total, Some(cells([sum(0), sum(1), sum(2), sum(3)])));
    }
}
