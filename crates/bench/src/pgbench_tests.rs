use super::*;

fn table(name: &str, columns: &[(&str, &str)], unique: &str, references: &[&str]) -> Table {
    let column =
        |(name, kind): &(&str, &str)| Column { name: (*name).to_owned(), kind: (*kind).to_owned() };
    Table {
        name: name.to_owned(),
        columns: columns.iter().map(column).collect(),
        unique: vec![unique.split(' ').map(str::to_owned).collect()],
        references: references.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn row(table: Table, values: &[Option<&str>]) -> Row<Text> {
    Row { table, values: values.iter().map(|value| value.map(str::to_owned)).collect() }
}

#[test]
fn the_script_copies_a_filing() {
    let cases = || {
        let columns = [("id", "uuid"), ("number", "text"), ("filing", "jsonb"), ("closed", "date")];
        table("cases", &columns, "id number", &[])
    };
    let history = || {
        table("history", &[("id", "uuid"), ("at", "timestamp with time zone")], "id", &["cases"])
    };
    let filing = |id: &str, number: &str, at: &str| {
        vec![
            row(cases(), &[Some(id), Some(number), Some("{\"a\": 'b'}"), None]),
            row(history(), &[Some(id), Some(at)]),
        ]
    };
    let made = script(filing("1", "AVV-12", "09:00"), &filing("2", "AVV-34", "09:01")).unwrap();
    let mut lines = made.lines().skip_while(|line| line.starts_with("\\set"));
    let id = "(to_hex(:first::bigint) || '70008000' || to_hex(:last::bigint + 0))::uuid";
    let expected = [
        "BEGIN;".to_owned(),
        format!(
            "INSERT INTO \"cases\" (\"id\", \"number\", \"filing\", \"closed\") VALUES ({id}, \
             E'AVV-' || reverse(to_hex(:text::bigint)) || '', \
             E'{{\"a\"\\x3a ''b''}}'::jsonb, NULL);"
        ),
        format!(
            "INSERT INTO \"history\" (\"id\", \"at\") VALUES \
             ({id}, E'09\\x3a00'::timestamp with time zone);"
        ),
        "COMMIT;".to_owned(),
    ];
    for line in expected {
        assert_eq!(lines.next(), Some(line.as_str()));
    }
    assert_eq!(lines.next(), None);
}

#[test]
fn the_script_makes_the_ids_that_are_known_to_be_unique() {
    let made = format!("{:x}{}{:x}", unique::ID_FIRST + 7, unique::ID_MIDDLE, {
        unique::ID_LAST + 3 * unique::PLACES + 2
    });
    assert_eq!(made, unique::id(7, 3, 2));
}

#[test]
fn no_literal_has_a_colon_that_pgbench_would_take_for_a_variable() {
    assert_eq!(literal("12:30 'x'\n\\"), "E'12\\x3a30 ''x''\\n\\\\'");
}

const SAID: &str = "transaction type: filing.sql\n\
    number of transactions actually processed: 41234\n\
    number of failed transactions: 0 (0.000%)\n\
    latency average = 3.1 ms\n\
    tps = 4123.400000 (without initial connection time)\n";

#[test]
fn the_summary_is_read() {
    let (done, seconds) = summary(SAID).unwrap();
    assert_eq!(done, 41234);
    assert!((seconds.as_secs_f64() - 10.0).abs() < 1e-6);
    // PostgreSQL 13 and 14 say `n/m` for a number of transactions that was given.
    let given = SAID.replace("processed: 41234", "processed: 41234/41234");
    assert_eq!(summary(&given).unwrap().0, 41234);
    assert!(summary(&SAID.replace("failed transactions: 0", "failed transactions: 3")).is_err());
    assert!(summary("tps = 1").is_err());
    // Where none came to an end in time, it tells no rate.
    let none = "number of transactions actually processed: 0\n";
    assert_eq!(summary(none).unwrap(), (0, Duration::ZERO));
}

#[test]
fn the_log_is_read_line_by_line() {
    let mut latencies = Latencies::new().unwrap();
    let log = "0 1 1500 0 1700000000 1\n3 2 2500 0 1700000000 2\n1 1 9000 0 1700000000 3\n";
    assert_eq!(latencies_of(log, &mut latencies).unwrap(), 3);
    let sample = latencies.sample(Duration::from_secs(1));
    assert!((sample.p50 - 2.5).abs() < 0.01, "{sample:?}");
    assert!((sample.p99 - 9.0).abs() < 0.01, "{sample:?}");
    assert!(latencies_of("0 1 failed 0 1 2\n", &mut latencies).is_err());
}
