//! Any grouping of any facts, counted once more and otherwise.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn any_fact() -> impl Strategy<Value = Fact> {
    let times = (0i64..900, prop::option::of(0i64..120), prop::option::of(0i64..200));
    let coded = (
        prop::option::of(prop::sample::select(vec![
            "HSL.FAL",
            "HSL.LKM.TID.X",
            "HSL.LKM",
            "K.OMV.TID",
        ])),
        prop::option::of(prop::sample::select(vec!["K", "M", "O"])),
        prop::sample::subsequence(Law::ALL.to_vec(), 0..=3).prop_shuffle(),
        prop::option::of(1u8..5),
        prop::option::of(any::<bool>()),
    );
    let flags = (any::<bool>(), prop::bool::weighted(0.9), prop::bool::weighted(0.1));
    (1u128..5, times, coded, flags).prop_map(|(unit, (hours, before, after), coded, flags)| {
        let (category, sex, laws, severity, serious) = coded;
        // Every 29 hours from the end of 2023: all hours, weekdays and months of three years.
        let reported_at = at("2023-12-20") + jiff::SignedDuration::from_hours(hours * 29);
        let mut fact = reported(fall(0), "2025-01-01");
        fact.reported_at = reported_at;
        fact.reported = reported_at.into();
        fact.occurred_at = before.map(|it| reported_at - jiff::SignedDuration::from_hours(it * 7));
        fact.occurred = fact.occurred_at.map(Period::from);
        fact.closed_at = after.map(|it| reported_at + jiff::SignedDuration::from_hours(it * 11));
        fact.kind = if flags.0 { Kind::Avvikelse } else { Kind::Klagomal };
        (fact.counted, fact.duplicate) = (flags.1, flags.2);
        fact.unit = unit_id(unit);
        fact.category = category.map(str::to_owned);
        fact.sex = sex.map(str::to_owned);
        (fact.laws, fact.severity, fact.serious) = (laws, severity, serious);
        fact
    })
}

/// The keys of a fact, said once more and otherwise.
fn by_hand(fact: &Fact, period: Period, dimension: Dimension) -> String {
    let text = |value: Option<&str>| value.unwrap_or("null").to_owned();
    let top = fact.category.as_deref().map(|code| match code {
        "K.OMV.TID" => "K.OMV",
        "HSL.FAL" => "HSL.FAL",
        _ => "HSL.LKM",
    });
    match dimension {
        Dimension::Year => period.year.to_string(),
        Dimension::Half => if period.month < 7 { "1" } else { "2" }.to_owned(),
        Dimension::Tertial => ["1", "2", "3"][(period.month as usize - 1) / 4].to_owned(),
        Dimension::Month => period.month.to_string(),
        Dimension::Week => period.week.to_string(),
        Dimension::Weekday => period.weekday.to_string(),
        Dimension::HourBand => format!("{:02}-{:02}", period.hour / 6 * 6, period.hour / 6 * 6 + 6),
        Dimension::Kind => fact.kind.code().to_owned(),
        Dimension::Unit => units().get(fact.unit).unwrap().name.clone(),
        Dimension::Area => text(
            [Some("SABO"), Some("SABO"), Some("ORD.HTJ"), None][fact.unit.0.as_u128() as usize - 1],
        ),
        Dimension::AreaGroup => text(
            [Some("SABO"), Some("SABO"), Some("ORD"), None][fact.unit.0.as_u128() as usize - 1],
        ),
        Dimension::Law => text(fact.laws.first().map(|law| law.code())),
        Dimension::Category => text(fact.category.as_deref()),
        Dimension::CategoryTop => text(top),
        Dimension::Severity => fact.severity.map_or("null".to_owned(), |it| it.to_string()),
        Dimension::Serious => fact.serious.map_or("null".to_owned(), |it| it.to_string()),
        Dimension::Sex => text(fact.sex.as_deref()),
        // The same for all of them.
        Dimension::Injury => "SAR".to_owned(),
        Dimension::Probability | Dimension::Outcome => "null".to_owned(),
        other => panic!("{other:?} is in no test"),
    }
}

const BY_HAND: [Dimension; 20] = [
    Dimension::Year,
    Dimension::Half,
    Dimension::Tertial,
    Dimension::Month,
    Dimension::Week,
    Dimension::Weekday,
    Dimension::HourBand,
    Dimension::Kind,
    Dimension::Unit,
    Dimension::Area,
    Dimension::AreaGroup,
    Dimension::Law,
    Dimension::Category,
    Dimension::CategoryTop,
    Dimension::Severity,
    Dimension::Serious,
    Dimension::Sex,
    Dimension::Injury,
    Dimension::Probability,
    Dimension::Outcome,
];

proptest! {
    #[test]
    fn any_grouping_adds_to_a_count_by_hand(
        facts in prop::collection::vec(any_fact(), 0..40),
        group_by in prop::sample::subsequence(BY_HAND.to_vec(), 0..4),
        occurred in any::<bool>(),
        all in any::<bool>(),
    ) {
        let names: Vec<_> = group_by.iter().map(|dimension| dimension.code()).collect();
        let mut text = "from=2024-03&to=2025-02&compare=previous_year&measures=open,closed".to_owned();
        if !names.is_empty() {
            text += &format!("&group_by={}", names.join(","));
        }
        text += if occurred { "&count_by=occurred" } else { "" };
        text += if all { "&duplicates=all" } else { "" };
        let cube = ask(&facts, &text);

        let mut expected: BTreeMap<Vec<String>, (u64, u64, u64)> = BTreeMap::new();
        for fact in facts.iter().filter(|fact| fact.counted && (all || !fact.duplicate)) {
            let Some(mut period) = (if occurred { fact.occurred } else { Some(fact.reported) }) else { continue };
            let months = i32::from(period.year) * 12 + i32::from(period.month) - 2024 * 12 - 3;
            let previous = months < 0;
            if !(-12..12).contains(&months) {
                continue;
            }
            period.year += i16::from(previous);
            let keys = group_by.iter().map(|dimension| by_hand(fact, period, *dimension)).collect();
            let row = expected.entry(keys).or_default();
            if previous {
                row.2 += 1;
            } else {
                row.0 += 1;
                row.1 += u64::from(fact.closed_at.is_some_and(|closed| closed < at("2026-02-02")));
            }
        }
        let shown = |row: &Row| row.keys.iter().map(|key| match &**key {
            Key::None => "null".to_owned(),
            Key::Number(number) => number.to_string(),
            Key::Flag(flag) => flag.to_string(),
            Key::Code(code) | Key::Group { code, .. } => code.clone(),
            Key::Unit(unit) => unit.name.clone(),
            Key::Counterparty { name, .. } => name.clone(),
        }).collect::<Vec<_>>();
        let found: BTreeMap<_, _> = cube.rows.iter().map(|row| {
            let figures = &row.figures;
            assert_eq!(figures.open.unwrap() + figures.closed.unwrap(), figures.count);
            (shown(row), (figures.count, figures.closed.unwrap(), figures.previous.unwrap()))
        }).collect();
        prop_assert_eq!(found.len(), cube.rows.len());
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(cube.total.count, expected.values().map(|row| row.0).sum::<u64>());
        prop_assert_eq!(cube.total.closed, Some(expected.values().map(|row| row.1).sum::<u64>()));
        prop_assert_eq!(cube.total.previous, Some(expected.values().map(|row| row.2).sum::<u64>()));
    }
}
