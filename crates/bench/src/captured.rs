//! What the service sends PostgreSQL for a request, and the same as a script for `pgbench`.
//!
//! The server is told to write down every statement of the service's role, and each request is made
//! three times: what a job of the service sends beside it does not come three times at the same place.
//! What differs between the first two and is an id is made anew for each copy, as the service makes
//! it: the entry that a reading leaves is written by the copies as well. So nothing here knows which
//! statements a request consists of.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use crate::failure::{Context as _, Failure, Result};
use crate::load::{Ask, Client, Numbers};
use crate::pgbench::{Text, header, id, literal};

/// How often a request is made until nothing else was written down beside it.
const TRIES: usize = 20;
/// How long the server may take to write a line.
const WRITTEN_WITHIN: Duration = Duration::from_millis(50);

/// A statement as the server wrote it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Its text, with `$1` and so on.
    pub sql: String,
    /// What stood for each.
    pub parameters: Vec<Text>,
}

/// The script of a request that `client` makes of a service whose statements are written down in
/// `log`.
///
/// # Errors
/// When the service never sends the same statements twice in a row.
pub async fn script(
    client: &mut Client,
    ask: &Ask,
    numbers: &Numbers,
    log: &Path,
) -> Result<String> {
    let mut made: Vec<Vec<Logged>> = Vec::new();
    for _ in 0..TRIES {
        let from = std::fs::metadata(log).context("log of PostgreSQL")?.len();
        client.ask(ask, numbers.next()).await?;
        tokio::time::sleep(WRITTEN_WITHIN).await;
        let text = std::fs::read(log).context("log of PostgreSQL")?;
        let text = text.get(usize::try_from(from).context("log of PostgreSQL")?..);
        made.push(statements(&String::from_utf8_lossy(text.unwrap_or_default())));
        if let [.., first, second, third] = made.as_slice() {
            let [first, second] = common(first, second);
            // Nothing of it is missing the third time.
            let [again, _] = common(&first, third);
            if !first.is_empty() && again.len() == first.len() {
                return Ok(copied(&first, &second));
            }
        }
    }
    Err(Failure::new(format!("the service sends other statements each time for {:?}", ask.paths)))
}

/// What both have, in the order of both: the longest there is.
fn common(one: &[Logged], other: &[Logged]) -> [Vec<Logged>; 2] {
    // How much is common from each place on.
    let width = other.len() + 1;
    let mut longest = vec![0_usize; (one.len() + 1) * width];
    for (at, logged) in one.iter().enumerate().rev() {
        for (beside, same) in other.iter().enumerate().rev() {
            let place = at * width + beside;
            longest[place] = if logged.sql == same.sql {
                longest[place + width + 1] + 1
            } else {
                longest[place + width].max(longest[place + 1])
            };
        }
    }
    let (mut at, mut beside, mut both) = (0, 0, [Vec::new(), Vec::new()]);
    while let (Some(logged), Some(same)) = (one.get(at), other.get(beside)) {
        let place = at * width + beside;
        if logged.sql == same.sql {
            both[0].push(logged.clone());
            both[1].push(same.clone());
            (at, beside) = (at + 1, beside + 1);
        } else if longest[place + width] >= longest[place + 1] {
            at += 1;
        } else {
            beside += 1;
        }
    }
    both
}

/// The statements in a part of the server's log.
fn statements(log: &str) -> Vec<Logged> {
    let mut found: Vec<Logged> = Vec::new();
    // What a line that begins with a tab goes on with.
    let mut open = false;
    for line in log.lines() {
        if let Some(more) = line.strip_prefix('\t') {
            if let Some(last) = found.last_mut().filter(|_| open) {
                last.sql.push('\n');
                last.sql.push_str(more);
            }
            continue;
        }
        open = false;
        if let Some((_, said)) = line.split_once(" LOG:  ") {
            let prepared = said.strip_prefix("execute ").and_then(|it| it.split_once(": "));
            let simple = said.strip_prefix("statement: ");
            if let Some(sql) = simple.or(prepared.map(|(_, sql)| sql)) {
                found.push(Logged { sql: sql.to_owned(), parameters: Vec::new() });
                open = true;
            }
        } else if let Some((_, said)) = line.split_once(" DETAIL:  ")
            && said.to_ascii_lowercase().starts_with("parameters: ")
            && let Some(last) = found.last_mut()
        {
            last.parameters = parameters(&said["parameters: ".len()..]);
        }
    }
    found
}

/// Reads `$1 = 'it''s', $2 = NULL`.
fn parameters(mut text: &str) -> Vec<Text> {
    let mut found = Vec::new();
    while let Some((_, rest)) = text.split_once(" = ") {
        let Some(quoted) = rest.strip_prefix('\'') else {
            found.push(None);
            text = rest.split_once(", ").map_or("", |(_, rest)| rest);
            continue;
        };
        let (mut value, mut signs) = (String::new(), quoted.char_indices().peekable());
        let mut end = quoted.len();
        while let Some((at, sign)) = signs.next() {
            match (sign, signs.peek()) {
                ('\'', Some((_, '\''))) => {
                    value.push('\'');
                    signs.next();
                }
                ('\'', _) => {
                    end = at + 1;
                    break;
                }
                _ => value.push(sign),
            }
        }
        found.push(Some(value));
        text = &quoted[end..];
    }
    found
}

/// The script of the same statements, made twice.
fn copied(first: &[Logged], second: &[Logged]) -> String {
    let (mut script, mut ids) = (header(), Vec::new());
    for (one, other) in first.iter().zip(second) {
        let values: Vec<String> = one
            .parameters
            .iter()
            .zip(&other.parameters)
            .map(|(value, other)| match (value, other) {
                (None, _) => "NULL".to_owned(),
                (Some(value), Some(other)) if value != other && is_id(value) => {
                    let place = ids.iter().position(|known| known == value).unwrap_or_else(|| {
                        ids.push(value.clone());
                        ids.len() - 1
                    });
                    id(place)
                }
                (Some(value), _) => typed(value),
            })
            .collect();
        for statement in one.sql.split("; ") {
            // Sent in front of COMMIT, in the same message, by which pgbench cannot be asked.
            if statement != "SELECT 1" {
                // Writing into a string cannot fail.
                let _ = writeln!(script, "{};", filled(statement, &values));
            }
        }
    }
    script
}

/// A value as a literal. The service says which type each has; what the log shows of it is text. Only a
/// moment and a day are not always taken for what they are by where they stand.
fn typed(value: &str) -> String {
    let form: String = value.chars().map(|it| if it.is_ascii_digit() { '0' } else { it }).collect();
    let of = match form.strip_prefix("0000-00-00") {
        Some("") => "::date",
        Some(time) if time.starts_with(" 00:00:00") && time.contains(['+', '-']) => "::timestamptz",
        _ => "",
    };
    literal(value) + of
}

fn is_id(text: &str) -> bool {
    text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}

/// A statement with values in the places of its parameters.
fn filled(sql: &str, values: &[String]) -> String {
    let (mut filled, mut rest) = (String::new(), sql);
    while let Some((before, after)) = rest.split_once('$') {
        let digits = after.len() - after.trim_start_matches(|it: char| it.is_ascii_digit()).len();
        let number: Option<usize> = after[..digits].parse().ok();
        filled.push_str(before);
        match number.and_then(|number| values.get(number.checked_sub(1)?)) {
            Some(value) => filled.push_str(value),
            None => {
                filled.push('$');
                filled.push_str(&after[..digits]);
            }
        }
        rest = &after[digits..];
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "00000000-0000-7000-8000-000000000001";
    const SECOND: &str = "00000000-0000-7000-8000-000000000002";

    fn log(entry: &str) -> String {
        format!(
            "2026-03-10 12:00:00.123 UTC [7] LOG:  statement: BEGIN\n\
             2026-03-10 12:00:00.124 UTC [7] LOG:  execute __diesel_stmt_1: SELECT a,\n\
             \tb FROM cases WHERE id = $1 AND note = $2 LIMIT $10\n\
             2026-03-10 12:00:00.124 UTC [7] DETAIL:  parameters: $1 = 'x', $2 = 'it''s, $1 = a:b'\n\
             2026-03-10 12:00:00.125 UTC [7] LOG:  statement: SELECT 1; COMMIT\n\
             2026-03-10 12:00:00.125 UTC [8] LOG:  checkpoint starting: time\n\
             2026-03-10 12:00:00.126 UTC [7] LOG:  execute <unnamed>: INSERT INTO seen VALUES ($1, $2)\n\
             2026-03-10 12:00:00.126 UTC [7] DETAIL:  parameters: $1 = '{entry}', $2 = NULL\n"
        )
    }

    #[test]
    fn the_log_is_read() {
        let found = statements(&log(FIRST));
        let texts: Vec<_> = found.iter().map(|it| it.sql.as_str()).collect();
        let expected = [
            "BEGIN",
            "SELECT a,\nb FROM cases WHERE id = $1 AND note = $2 LIMIT $10",
            "SELECT 1; COMMIT",
            "INSERT INTO seen VALUES ($1, $2)",
        ];
        assert_eq!(texts, expected);
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(found[1].parameters, [text("x"), text("it's, $1 = a:b")]);
        assert_eq!(found[3].parameters, [text(FIRST), None]);
    }

    #[test]
    fn a_copy_has_an_entry_of_its_own() {
        let made = copied(&statements(&log(FIRST)), &statements(&log(SECOND)));
        let lines: Vec<_> = made.lines().skip_while(|line| line.starts_with("\\set")).collect();
        let expected = [
            "BEGIN;".to_owned(),
            "SELECT a,".to_owned(),
            "b FROM cases WHERE id = E'x' AND note = E'it''s, $1 = a\\x3ab' LIMIT $10;".to_owned(),
            "COMMIT;".to_owned(),
            format!("INSERT INTO seen VALUES ({}, NULL);", id(0)),
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn moments_and_days_are_what_they_look_like() {
        let moment = "2026-03-10 12:00:00.123+00";
        assert_eq!(typed(moment), format!("{}::timestamptz", literal(moment)));
        assert_eq!(typed("2026-03-10"), "E'2026-03-10'::date");
        for other in ["2026-03", "7", "{2026-03-10}", "2026-03-10 om kvällen"] {
            assert_eq!(typed(other), literal(other));
        }
    }

    #[test]
    fn what_a_job_sends_beside_it_is_left_out() {
        let of = |texts: &[&str]| -> Vec<Logged> {
            let logged = |(at, sql): (usize, &&str)| Logged {
                sql: (*sql).to_owned(),
                parameters: vec![Some(at.to_string())],
            };
            texts.iter().enumerate().map(logged).collect()
        };
        let one = of(&["BEGIN", "SELECT 7", "SELECT job", "ROLLBACK"]);
        let other = of(&["BEGIN", "UPDATE job", "SELECT 7", "BEGIN", "ROLLBACK", "COMMIT"]);
        let [first, second] = common(&one, &other);
        let texts: Vec<_> = first.iter().map(|it| it.sql.as_str()).collect();
        assert_eq!(texts, ["BEGIN", "SELECT 7", "ROLLBACK"]);
        let places = |of: &[Logged]| -> Vec<String> {
            of.iter().filter_map(|it| it.parameters[0].clone()).collect()
        };
        // Each with its own values.
        assert_eq!(
            (places(&first).concat(), places(&second).concat()),
            ("013".into(), "024".into())
        );
        assert_eq!(common(&one, &[]), [Vec::new(), Vec::new()]);
    }
}
