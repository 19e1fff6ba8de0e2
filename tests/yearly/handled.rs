//! The plain recount of what is no count of cases: events, causes, measures, days, clocks, silence.

use std::collections::{BTreeMap, BTreeSet};

use domain::case::Kind;
use domain::case::measure::Effect;
use domain::case::triage::Vardskada;
use domain::ids::CaseId;
use domain::settings::Settings;
use domain::statistics::Fact;
use domain::table::{Cell, Holds, Table};
use jiff::Timestamp;

use crate::recount::{Plain, counted, now, per_mille};

impl Plain<'_> {
    fn of_year(&self) -> impl Iterator<Item = &&Fact> {
        self.facts.iter().filter(|it| it.reported.year == self.year && it.kind == Kind::Avvikelse)
    }

    pub fn statutory(&self, table: &Table) {
        let event = |case: CaseId| {
            let of = self.world.shared.iter().find(|(_, second)| *second == case);
            of.map_or(case, |(first, _)| *first)
        };
        for row in &table.rows {
            for (column, cell) in table.columns.iter().zip(&row.cells) {
                let (Some(year), Holds::Count) = (column.year, column.holds) else { continue };
                let under_hsl = self.facts.iter().filter(|it| {
                    it.laws.first().is_some_and(|law| law.code() == "HSL")
                        && matches!(it.vardskada, Vardskada::CouldHave | Vardskada::Yes)
                });
                if !self.counts(true, year) {
                    assert_eq!(*cell, Cell::None, "{:?} {year}", row.keys);
                    continue;
                }
                let of = |it: &&&Fact| it.reported.year == year;
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
                            it.investigated_at
                                .is_some_and(|at| domain::calendar::swedish(at).year == year)
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
    }

    pub fn measures(&self, table: &Table) {
        let cases = self.facts.iter().filter(|it| it.reported.year == self.year);
        let used: BTreeSet<_> = cases.filter_map(|it| it.investigation).collect();
        let all: Vec<_> = self
            .world
            .investigations
            .iter()
            .filter(|it| used.contains(&it.id))
            .flat_map(|it| &it.measures)
            .collect();
        let today = domain::calendar::swedish_date(now());
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
        let deviations = |unit: &domain::organisation::Unit| {
            self.of_year().filter(|it| it.unit == unit.id).count()
        };
        let parents: BTreeSet<_> = self.world.units.iter().filter_map(|unit| unit.parent).collect();
        let leaves =
            self.world.units.iter().filter(|unit| !unit.unknown && !parents.contains(&unit.id));
        let expected: BTreeSet<String> =
            leaves.filter(|unit| deviations(unit) == 0).map(|unit| unit.id.to_string()).collect();
        let found: BTreeSet<String> =
            table.rows.iter().filter_map(|row| row.keys[0].code.clone()).collect();
        assert_eq!(found, expected);
    }

    /// Days that count are days of work but for one holiday, so each target is counted by hand.
    pub fn clocks(&self, table: &Table) {
        let settings = Settings::default().clocks;
        let due = |kind, from: Timestamp| {
            settings.target(kind).due(from, &settings.working_days, settings.rolls).expect("due")
        };
        let tell = |runs: Vec<(domain::clock::Kind, Timestamp, Option<Timestamp>)>| {
            let mut found = [0_u64; 4];
            for (kind, from, met) in runs {
                found[0] += 1;
                let passed = due(kind, from).passed(met.unwrap_or_else(now));
                let state = if passed {
                    2
                } else if met.is_some() {
                    1
                } else {
                    3
                };
                found[state] += 1;
            }
            found
        };
        let own = || self.of_year().filter(|it| !it.imported);
        let triage = own().map(|it| {
            (domain::clock::Kind::Triage, it.reported_at, it.triaged_at.or(it.closed_at))
        });
        let inquiry =
            own().filter(|it| it.track.is_some_and(|track| track != domain::case::Track::Simple));
        let inquiry = inquiry.filter_map(|it| {
            Some((
                domain::clock::Kind::Investigation,
                it.triaged_at?,
                it.investigated_at.or(it.closed_at),
            ))
        });
        let answers = self.facts.iter().filter(|it| {
            it.reported.year == self.year && it.kind == Kind::Klagomal && !it.imported
        });
        let answers =
            answers.map(|it| (domain::clock::Kind::ComplaintAnswer, it.reported_at, it.closed_at));
        for (code, expected) in [
            ("triage", tell(triage.collect())),
            ("investigation", tell(inquiry.collect())),
            ("complaint_answer", tell(answers.collect())),
            ("complaint_acknowledgement", [0; 4]),
        ] {
            let row = table.row(&[Some(code)]).expect("a row");
            let found: Vec<u64> = row.cells[..4]
                .iter()
                .map(|cell| u64::try_from(counted(cell)).expect("small"))
                .collect();
            assert_eq!(found, expected, "{code}");
        }
    }
}
