//! The report of a private provider with the nämnd that buys its care: both ends agree, the provider shares
//! what is frozen, the nämnd notes it. It is figures and words, never a case.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;

use super::Yearly;
use super::state::{Rejected, day, line};
use crate::case::event::Faults;
use crate::fault::Reason;
use crate::ids::TenantId;
use crate::learning::Done;
use crate::table::{Cell, Column, Counted, Head, Holds, Label, Row, Table};

/// Which end of an agreement a tenant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// It gives the care, and shares its reports.
    Provider,
    /// It buys the care, and is shown them.
    Buyer,
}

impl Side {
    /// Both.
    pub const ALL: [Side; 2] = [Side::Provider, Side::Buyer];

    /// The value in JSON and in tables.
    pub fn code(self) -> &'static str {
        match self {
            Side::Provider => "provider",
            Side::Buyer => "buyer",
        }
    }

    /// The other end.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Side::Provider => Side::Buyer,
            Side::Buyer => Side::Provider,
        }
    }
}

impl FromStr for Side {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        Side::ALL.into_iter().find(|side| side.code() == code).ok_or(())
    }
}

/// One end's word that reports are shared with another tenant of the installation. Only together with the
/// word of the other end is it an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// The other tenant.
    pub other: TenantId,
    /// Its name in paths.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What we are to it.
    pub side: Side,
    /// Who agreed to it.
    pub agreed: Done,
    /// Who ended it.
    pub ended: Option<Done>,
    /// Grows by one with every change; the ETag.
    pub version: i64,
}

impl Partner {
    /// Whether our word holds.
    pub fn holds(&self) -> bool {
        self.ended.is_none()
    }

    /// Gives the word anew, or changes which end we are.
    #[must_use]
    pub fn agree(mut self, side: Side, done: Done) -> Self {
        (self.side, self.agreed, self.ended) = (side, done, None);
        self.version += 1;
        self
    }

    /// Takes it back. What was shared stays shared.
    #[must_use]
    pub fn end(mut self, done: Done) -> Self {
        self.ended = Some(done);
        self.version += 1;
        self
    }
}

/// Whether both ends agree that `ours.side` shares with the other, or is shared with.
pub fn agreed(ours: &Partner, theirs: Option<&Partner>) -> bool {
    ours.holds() && theirs.is_some_and(|it| it.holds() && it.side == ours.side.other())
}

/// That the nämnd noted a provider's report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The day of the meeting.
    pub on: Date,
    /// The paragraph of the minutes.
    pub paragraph: String,
    /// Who noted it here.
    pub done: Done,
}

/// That a provider took back what it had shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// When.
    pub at: Timestamp,
    /// Why, in the provider's words.
    pub reason: String,
}

/// Why a provider takes back what it had shared.
///
/// # Errors
/// The faults of a reason that says nothing, or too much.
pub fn withdrawal(reason: &str, at: Timestamp) -> Result<Withdrawn, Rejected> {
    let mut faults = Faults::default();
    line(&mut faults, "/reason", reason);
    let faults = faults.into_vec();
    if faults.is_empty() {
        Ok(Withdrawn { at, reason: reason.trim().to_owned() })
    } else {
        Err(Rejected::Guard(faults))
    }
}

/// A provider's frozen report, as the nämnd has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedReport {
    /// Whose.
    pub provider: TenantId,
    /// Its name in paths.
    pub slug: String,
    /// Its name, as it was when it was shared.
    pub name: String,
    /// The year.
    pub year: i16,
    /// Which of its versions.
    pub report_version: u32,
    /// Its canonical JSON, exactly.
    pub content: String,
    /// SHA-256 over that.
    pub sha256: String,
    /// When it was frozen.
    pub locked_at: Timestamp,
    /// When it was established there.
    pub established_on: Date,
    /// When it was shared.
    pub shared_at: Timestamp,
    /// That it was noted.
    pub noted: Option<Noted>,
    /// That the provider took it back. It stays readable, as it was given.
    pub withdrawn: Option<Withdrawn>,
    /// Grows by one with every change; the ETag.
    pub version: i64,
}

impl SharedReport {
    /// Notes it. A nämnd does not approve what another vårdgivare established.
    ///
    /// # Errors
    /// The faults of a day ahead or before it was shared, without a paragraph, and of what is noted already or
    /// was taken back.
    pub fn note(mut self, on: Date, paragraph: &str, done: Done) -> Result<Self, Rejected> {
        let mut faults = Faults::default();
        faults.require(self.noted.is_none(), "", Reason::inconsistent("noted_already"));
        let stands = self.withdrawn.is_none();
        faults.require(stands, "", Reason::inconsistent("shared_report_withdrawn"));
        let shared = crate::calendar::swedish_date(self.shared_at);
        day(&mut faults, on, shared, "shared_at", done.at);
        line(&mut faults, "/paragraph", paragraph);
        if !faults.is_empty() {
            return Err(Rejected::Guard(faults.into_vec()));
        }
        self.noted = Some(Noted { on, paragraph: paragraph.trim().to_owned(), done });
        self.version += 1;
        Ok(self)
    }
}

/// The table of the counts that law asks for, whose rows are the same in every report.
const STATUTORY: &str = "statutory_counts";

/// The counts that law asks for of the nämnd's own report and of the providers', a column each. Figures
/// alone, and no sum: whoever gives the care answers for it.
pub fn beside(year: i16, as_of: Date, reports: &[(&str, &str, &Yearly)]) -> Table {
    let column = |(code, name): (&str, &str)| Column {
        id: code.to_owned(),
        title: name.to_owned(),
        holds: Holds::Count,
        adds: false,
        set: format!("shared_{code}"),
        year: Some(year),
        limits: Vec::new(),
        from: Vec::new(),
    };
    let mut rows: Vec<Row> = Vec::new();
    let wanted = format!("count_{year}");
    for (at, (_, _, report)) in reports.iter().enumerate() {
        let Some(table) = report.table(STATUTORY) else { continue };
        let Some(place) = table.column(&wanted) else { continue };
        for row in &table.rows {
            let keys: Vec<Label> = row.keys.iter().take(1).cloned().collect();
            let known = rows.iter().position(|known| known.keys == keys);
            let found = known.unwrap_or_else(|| {
                let cells = vec![Cell::None; reports.len()];
                rows.push(Row { keys, cells });
                rows.len() - 1
            });
            if let (Some(cell), Some(is)) = (rows[found].cells.get_mut(at), row.cells.get(place)) {
                cell.clone_from(is);
            }
        }
    }
    Table {
        id: "providers_beside".to_owned(),
        title: format!("Nämndens egen verksamhet och utförarnas, {year}"),
        counts: Counted::Deviations,
        definition:
            "Ur varje vårdgivares egen låsta rapport. Ett streck betyder att uppgiften inte \
                     finns i den."
                .to_owned(),
        as_of,
        asked_for: false,
        heads: vec![Head { id: "count".into(), title: "Uppgift".into() }],
        columns: reports.iter().map(|(code, name, _)| column((code, name))).collect(),
        rows,
        total: None,
        chart: None,
        notes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::super::samples::{counted, yearly};
    use super::*;
    use crate::ids::StaffId;

    fn done() -> Done {
        let at = "2026-03-10T08:00:00Z".parse().expect("a time");
        Done { by: StaffId(Uuid::nil()), at }
    }

    fn partner(side: Side) -> Partner {
        Partner {
            other: TenantId(Uuid::nil()),
            slug: "x".into(),
            name: "X".into(),
            side,
            agreed: done(),
            ended: None,
            version: 1,
        }
    }

    #[test]
    fn only_the_word_of_both_ends_is_an_agreement() {
        let (provider, buyer) = (partner(Side::Provider), partner(Side::Buyer));
        assert!(agreed(&provider, Some(&buyer)) && agreed(&buyer, Some(&provider)));
        assert!(!agreed(&provider, None));
        assert!(!agreed(&provider, Some(&provider)));
        assert!(!agreed(&provider, Some(&buyer.clone().end(done()))));
        assert!(!agreed(&provider.clone().end(done()), Some(&buyer)));
        assert!(agreed(&provider.end(done()).agree(Side::Provider, done()), Some(&buyer)));
    }

    #[test]
    fn reports_stand_side_by_side_without_a_sum() {
        let report = |rows: &[(&str, u64)]| {
            let mut table = counted(STATUTORY, rows);
            table.columns[0].id = "count_2025".into();
            yearly(vec![table])
        };
        let (own, theirs) = (report(&[("a", 1), ("b", 2)]), report(&[("b", 5)]));
        let none = yearly(Vec::new());
        let reports = [("own", "Nämnden", &own), ("x", "X", &theirs), ("y", "Y", &none)];
        let table = beside(2025, date(2025, 12, 31), &reports);
        assert_eq!(table.flaws(), []);
        let (count, dash) = (Cell::Count, || Cell::None);
        assert_eq!(table.rows[0].cells, [count(1), dash(), dash()]);
        assert_eq!(table.rows[1].cells, [count(2), count(5), dash()]);
        assert_eq!(table.total, None);
    }
}
