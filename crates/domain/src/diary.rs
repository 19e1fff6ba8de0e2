//! Diarienummer: the numbers of the municipality's register. It gives them out; here they are held to
//! the form that the tenant's boards write them in, and no two cases of a tenant have the same.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::case::Kind;
use crate::fault::{Fault, Reason};

/// The longest number taken, in characters.
pub const LONGEST: usize = 60;
/// The longest pattern, in characters.
pub const LONGEST_PATTERN: usize = 40;
/// How many series a tenant has at most.
pub const MOST_SERIES: usize = 20;
/// The most digits a number has.
const MOST_DIGITS: u8 = 9;
/// The earliest year of a number.
const FIRST_YEAR: i16 = 1950;

const YEAR: &str = "{year}";
const NUMBER: &str = "{number}";

/// How one board writes its numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiarySeries {
    /// Whose register it is, such as Vård- och omsorgsnämnden.
    pub board: String,
    /// The kinds of case it takes; empty is all.
    #[serde(default)]
    pub kinds: Vec<Kind>,
    /// How a number looks, such as `VON {year}/{number}`.
    pub pattern: String,
    /// How many digits the number has at least: 5 for `00123`.
    pub least_digits: u8,
    /// And at most.
    pub most_digits: u8,
}

/// A part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Year,
    Number,
}

/// The parts of a pattern, in order. What stands in braces and is no placeholder stays text.
fn pieces(pattern: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = pattern;
    while !rest.is_empty() {
        let next = [(YEAR, Piece::Year), (NUMBER, Piece::Number)]
            .into_iter()
            .filter_map(|(text, piece)| Some((rest.find(text)?, text, piece)))
            .min_by_key(|(at, ..)| *at);
        match next {
            Some((at, text, piece)) => {
                if at > 0 {
                    found.push(Piece::Text(&rest[..at]));
                }
                found.push(piece);
                rest = &rest[at + text.len()..];
            }
            None => {
                found.push(Piece::Text(rest));
                rest = "";
            }
        }
    }
    found
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// Reads a text from the left.
struct Reading<'a> {
    rest: &'a str,
    canonical: String,
    faults: Vec<&'static str>,
}

impl<'a> Reading<'a> {
    fn text(&mut self, text: &str, first: bool) {
        let given = self.rest.get(..text.len());
        if given.is_some_and(|given| given.to_lowercase() == text.to_lowercase()) {
            self.rest = &self.rest[text.len()..];
        } else {
            self.faults.push(if first { "diary_prefix" } else { "diary_separator" });
            // Go on at the next digit, so that what is wrong there is told, too.
            let at = self.rest.find(|letter: char| letter.is_ascii_digit());
            self.rest = &self.rest[at.unwrap_or(self.rest.len())..];
        }
        self.canonical.push_str(text);
    }

    fn run(&mut self) -> &'a str {
        let (run, rest) = self.rest.split_at(digits(self.rest));
        self.rest = rest;
        self.canonical.push_str(run);
        run
    }

    fn year(&mut self, today: Date) {
        // A year that is followed at once by the number takes no digit of it.
        let length = digits(self.rest).min(4);
        let (year, rest) = self.rest.split_at(length);
        self.rest = rest;
        self.canonical.push_str(year);
        match year.parse::<i16>() {
            Ok(number) if length == 4 && number > today.year() => {
                self.faults.push("diary_year_ahead")
            }
            Ok(number) if length == 4 && number >= FIRST_YEAR => {}
            _ => self.faults.push("diary_year"),
        }
    }

    fn number(&mut self, series: &DiarySeries) {
        let run = self.run();
        let length = u8::try_from(run.len()).unwrap_or(u8::MAX);
        let fits = (series.least_digits..=series.most_digits).contains(&length);
        if !fits || run.bytes().all(|digit| digit == b'0') {
            self.faults.push("diary_digits");
        }
    }
}

impl DiarySeries {
    /// Whether it takes cases of a kind.
    pub fn takes(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// A number of this form, in the year of `today`.
    pub fn example(&self, today: Date) -> String {
        let width = usize::from(self.least_digits);
        let digits: String = "123456789".chars().take(width.min(3)).collect();
        let part = |piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Year => today.year().to_string(),
            Piece::Number => format!("{digits:0>width$}"),
        };
        pieces(&self.pattern).into_iter().map(part).collect()
    }

    /// The number as the series writes it, or everything that is wrong with it, by stable codes.
    fn read(&self, given: &str, today: Date) -> Result<String, Vec<&'static str>> {
        let mut reading = Reading { rest: given, canonical: String::new(), faults: Vec::new() };
        for (at, piece) in pieces(&self.pattern).into_iter().enumerate() {
            match piece {
                Piece::Text(text) => reading.text(text, at == 0),
                Piece::Year => reading.year(today),
                Piece::Number => reading.number(self),
            }
        }
        if !reading.rest.is_empty() {
            reading.faults.push("diary_ending");
        }
        if reading.faults.is_empty() { Ok(reading.canonical) } else { Err(reading.faults) }
    }

    /// Everything that is wrong with the series itself, below `field`.
    fn faults(&self, field: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut hold = |held: bool, name: &str, reason: Reason| {
            if !held {
                faults.push(Fault::at(format!("{field}/{name}"), reason));
            }
        };
        hold(!self.board.trim().is_empty(), "board", Reason::Required);
        let parts = pieces(&self.pattern);
        let count = |wanted: Piece<'_>| parts.iter().filter(|part| **part == wanted).count();
        let clean = |part: &Piece<'_>| match part {
            Piece::Text(text) => !text.contains(['{', '}']) && !text.chars().any(char::is_control),
            Piece::Year | Piece::Number => true,
        };
        // Where a number ends must be seen.
        let apart = |two: &[Piece<'_>]| match two {
            [Piece::Number, Piece::Year] => false,
            [Piece::Number, Piece::Text(text)] => !text.starts_with(|it: char| it.is_ascii_digit()),
            [Piece::Text(text), Piece::Number | Piece::Year] => {
                !text.ends_with(|it: char| it.is_ascii_digit())
            }
            _ => true,
        };
        let long = self.pattern.chars().count() > LONGEST_PATTERN;
        let readable = count(Piece::Number) == 1
            && count(Piece::Year) <= 1
            && parts.iter().all(clean)
            && parts.windows(2).all(apart)
            && self.pattern.trim() == self.pattern;
        hold(!long, "pattern", Reason::TooLong { max: LONGEST_PATTERN });
        hold(long || readable, "pattern", Reason::inconsistent("diary_pattern"));
        let range = |min: u8, max: u8| Reason::OutOfRange { min: min.into(), max: max.into() };
        let least = (1..=MOST_DIGITS).contains(&self.least_digits);
        hold(least, "least_digits", range(1, MOST_DIGITS));
        let from = self.least_digits.clamp(1, MOST_DIGITS);
        let most = (from..=MOST_DIGITS).contains(&self.most_digits);
        hold(most, "most_digits", range(from, MOST_DIGITS));
        faults
    }
}

/// Everything that is wrong with a tenant's series, below `field`.
pub fn series_faults(series: &[DiarySeries], field: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, one) in series.iter().enumerate() {
        let here = format!("{field}/{at}");
        faults.extend(one.faults(&here));
        if series[..at].iter().any(|before| before.pattern == one.pattern) {
            faults.push(Fault::at(format!("{here}/pattern"), Reason::NotUnique));
        }
    }
    faults
}

/// A number for a case of `kind` as it is kept: as one of the series writes it, or, where no series
/// takes the kind, as it is given. Blanks are made single, and upper and lower case does not matter.
///
/// # Errors
/// Everything that is wrong with it, at `field`; held to the series it comes nearest to, with a
/// number of each series as what would be right.
pub fn check(
    series: &[DiarySeries],
    kind: Kind,
    given: &str,
    today: Date,
    field: &str,
) -> Result<String, Vec<Fault>> {
    let one = |reason| Err(vec![Fault::at(field, reason)]);
    let given = given.split_whitespace().collect::<Vec<_>>().join(" ");
    if given.is_empty() {
        return one(Reason::Required);
    }
    if given.chars().count() > LONGEST {
        return one(Reason::TooLong { max: LONGEST });
    }
    let expected = |expected: String| Fault::at(field, Reason::WrongType { expected });
    let fitting: Vec<&DiarySeries> = series.iter().filter(|one| one.takes(kind)).collect();
    if fitting.is_empty() {
        let readable =
            given.bytes().any(|it| it.is_ascii_digit()) && !given.chars().any(char::is_control);
        let example = || expected(format!("VON {}/123", today.year()));
        return if readable { Ok(given) } else { Err(vec![example()]) };
    }
    let mut nearest: Option<Vec<&'static str>> = None;
    for one in &fitting {
        match one.read(&given, today) {
            Ok(canonical) => return Ok(canonical),
            Err(wrong) => {
                // Whose prefix it has comes nearest, whatever else is wrong.
                let far = |wrong: &[&str]| (wrong.contains(&"diary_prefix"), wrong.len());
                if nearest.as_ref().is_none_or(|known| far(&wrong) < far(known)) {
                    nearest = Some(wrong);
                }
            }
        }
    }
    let examples: Vec<String> = fitting.iter().map(|one| one.example(today)).collect();
    let mut faults = vec![expected(examples.join(", "))];
    let wrong = nearest.unwrap_or_default().into_iter();
    faults.extend(wrong.map(|code| Fault::at(field, Reason::inconsistent(code))));
    Err(faults)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn series(pattern: &str, least: u8, most: u8) -> DiarySeries {
        DiarySeries {
            board: "Vård- och omsorgsnämnden".into(),
            kinds: Vec::new(),
            pattern: pattern.into(),
            least_digits: least,
            most_digits: most,
        }
    }

    fn codes(given: &str, series: &[DiarySeries], kind: Kind) -> Result<String, Vec<String>> {
        let found = check(series, kind, given, date(2026, 3, 10), "/diary_number");
        found.map_err(|faults| faults.iter().map(|it| it.reason.code().to_owned()).collect())
    }

    #[test]
    fn a_number_is_kept_as_the_board_writes_it() {
        let von = [series("VON {year}/{number}", 5, 5)];
        for given in ["VON 2026/00123", "von 2026/00123", "  VON   2026/00123 "] {
            assert_eq!(codes(given, &von, Kind::Klagomal), Ok("VON 2026/00123".into()), "{given}");
        }
        let bare = [series("{year}-{number}", 1, 6)];
        assert_eq!(codes("2025-7", &bare, Kind::Klagomal), Ok("2025-7".into()));
        let close = [series("SN{year}{number}", 4, 4)];
        assert_eq!(codes("SN20260012", &close, Kind::Klagomal), Ok("SN20260012".into()));
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let von = [series("VON {year}/{number}", 5, 5)];
        for (given, wrong) in [
            ("SN 2026/00123", &["diary_prefix"][..]),
            ("VON 2027/00123", &["diary_year_ahead"]),
            ("VON 26/00123", &["diary_year"]),
            ("VON 2026-00123", &["diary_separator"]),
            ("VON 2026/123", &["diary_digits"]),
            ("VON 2026/00000", &["diary_digits"]),
            ("VON 2026/00123 A", &["diary_ending"]),
            (
                "SN 26-123x",
                &["diary_prefix", "diary_year", "diary_separator", "diary_digits", "diary_ending"],
            ),
            ("åäö", &["diary_prefix", "diary_year", "diary_separator", "diary_digits"]),
        ] {
            let found = codes(given, &von, Kind::Klagomal).expect_err(given);
            assert_eq!(found[0], "wrong_type", "{given}");
            assert_eq!(&found[1..], wrong, "{given}");
        }
        assert_eq!(codes(" ", &von, Kind::Klagomal), Err(vec!["required".into()]));
        let long = "1".repeat(61);
        assert_eq!(codes(&long, &von, Kind::Klagomal), Err(vec!["too_long".into()]));
        let fault = check(&von, Kind::Klagomal, "x", date(2026, 3, 10), "/n").expect_err("wrong");
        assert_eq!(fault[0].reason, Reason::WrongType { expected: "VON 2026/00123".into() });
    }

    #[test]
    fn each_kind_has_its_series_and_one_without_takes_any_number() {
        let complaints = DiarySeries {
            kinds: vec![Kind::Klagomal, Kind::Synpunkt],
            ..series("VON {year}/{number}", 1, 5)
        };
        let others =
            DiarySeries { kinds: vec![Kind::Klagomal], ..series("SN {year}:{number}", 1, 5) };
        let both = [complaints, others];
        assert_eq!(codes("SN 2026:9", &both, Kind::Klagomal), Ok("SN 2026:9".into()));
        assert!(codes("SN 2026:9", &both, Kind::Synpunkt).is_err());
        // The one whose prefix it has says what is wrong.
        let found = codes("SN 2026:", &both, Kind::Klagomal);
        assert_eq!(found, Err(vec!["wrong_type".into(), "diary_digits".into()]));
        assert_eq!(codes("dnr 12 b", &both, Kind::Avvikelse), Ok("dnr 12 b".into()));
        assert_eq!(codes("utan", &both, Kind::Avvikelse), Err(vec!["wrong_type".into()]));
    }

    #[test]
    fn a_series_that_could_not_be_read_is_refused() {
        let wrong = |one: DiarySeries| -> Vec<String> {
            series_faults(&[one], "/diary").into_iter().map(|fault| fault.field).collect()
        };
        for pattern in [
            "",
            "VON {year}",
            "{number}{number}",
            "{number}{year}",
            "V {nummer} {number}",
            "{number}1",
            "1{number}",
            " {number}",
            "{number}\n",
        ] {
            assert_eq!(wrong(series(pattern, 1, 5)), ["/diary/0/pattern"], "{pattern:?}");
        }
        assert_eq!(wrong(series(&"V".repeat(41), 1, 5)), ["/diary/0/pattern"]);
        let all = DiarySeries { board: " ".into(), ..series("x", 0, 10) };
        assert_eq!(
            wrong(all),
            ["/diary/0/board", "/diary/0/pattern", "/diary/0/least_digits", "/diary/0/most_digits"]
        );
        let twice = [series("V {number}", 1, 5), series("V {number}", 2, 2)];
        assert_eq!(
            series_faults(&twice, "/diary"),
            [Fault::at("/diary/1/pattern", Reason::NotUnique)]
        );
        assert_eq!(wrong(series("KS/{year}:{number}", 1, 9)), [] as [String; 0]);
    }
}
