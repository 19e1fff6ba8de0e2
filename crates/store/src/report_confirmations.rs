//! Which words of the reports of the years may go out.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use domain::ids::StaffId;
use domain::learning::Done;
use domain::yearly::SectionId;
use domain::yearly::confirm::TextKind;
use jiff::Timestamp;
use serde_json::Value;

use crate::Tx;
use crate::additions::Additions;
use crate::error::Error;
use crate::reports::done;
use crate::schema::report_confirmations;
use crate::sql_types::Db;

/// Somebody's word that words may go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportConfirmation {
    /// SHA-256 over where they stand and what they say, in hexadecimal.
    pub sha256: String,
    /// What they are.
    pub kind: TextKind,
    /// In which section.
    pub section: SectionId,
    /// What a scan had found in them, by code.
    pub found: Vec<String>,
    /// Who confirmed them, and when.
    pub confirmed: Done,
    /// Who took the word back, and when.
    pub withdrawn: Option<Done>,
}

impl ReportConfirmation {
    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.withdrawn.is_none()
    }
}

/// The hash, what was found, who confirmed and when, who took it back and when.
type Row =
    (String, Db<Value>, Db<StaffId>, Db<Timestamp>, Option<Db<StaffId>>, Option<Db<Timestamp>>);

/// What is kept of each: by hash, since what the words are is known to whoever has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportWord {
    /// What a scan had found in the words, by code.
    pub found: Vec<String>,
    /// Who confirmed them, and when.
    pub confirmed: Done,
    /// Who took the word back, and when.
    pub withdrawn: Option<Done>,
}

impl Tx<'_> {
    /// What was confirmed in the report of a year, by hash, with what was taken back.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a list that is none.
    pub fn report_confirmations(
        &mut self,
        year: i16,
    ) -> Result<BTreeMap<String, ReportWord>, Error> {
        let rows: Vec<Row> = report_confirmations::table
            .select((
                report_confirmations::sha256,
                report_confirmations::found,
                report_confirmations::confirmed_by,
                report_confirmations::confirmed_at,
                report_confirmations::withdrawn_by,
                report_confirmations::withdrawn_at,
            ))
            .filter(report_confirmations::tenant_id.eq(Db(self.tenant)))
            .filter(report_confirmations::year.eq(year))
            .load(self.conn)?;
        let word = |(sha256, found, by, at, back_by, back_at): Row| {
            let found = serde_json::from_value(found.get())
                .map_err(|error| Error::Corrupt(format!("report_confirmations.found: {error}")))?;
            let confirmed = Done { by: by.get(), at: at.get() };
            Ok((sha256, ReportWord { found, confirmed, withdrawn: done(back_by, back_at) }))
        };
        rows.into_iter().map(word).collect()
    }

    /// The hashes of all words that may go out, by year.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn all_report_confirmations(&mut self) -> Result<BTreeMap<i16, BTreeSet<String>>, Error> {
        let rows: Vec<(i16, String)> = report_confirmations::table
            .select((report_confirmations::year, report_confirmations::sha256))
            .filter(report_confirmations::tenant_id.eq(Db(self.tenant)))
            .filter(report_confirmations::withdrawn_at.is_null())
            .load(self.conn)?;
        let mut found: BTreeMap<i16, BTreeSet<String>> = BTreeMap::new();
        for (year, sha256) in rows {
            found.entry(year).or_default().insert(sha256);
        }
        Ok(found)
    }

    /// Keeps a word, instead of what was said of the same words before.
    ///
    /// # Errors
    /// [`Error::Conflict`] where somebody else said it at the same moment.
    pub fn save_report_confirmation(
        &mut self,
        year: i16,
        it: &ReportConfirmation,
    ) -> Result<(), Error> {
        let found =
            serde_json::to_value(&it.found).map_err(|error| Error::Corrupt(error.to_string()))?;
        let values = (
            report_confirmations::found.eq(Db(found)),
            report_confirmations::confirmed_by.eq(Db(it.confirmed.by)),
            report_confirmations::confirmed_at.eq(Db(it.confirmed.at)),
            report_confirmations::withdrawn_by.eq(it.withdrawn.as_ref().map(|done| Db(done.by))),
            report_confirmations::withdrawn_at.eq(it.withdrawn.as_ref().map(|done| Db(done.at))),
        );
        let here = report_confirmations::tenant_id
            .eq(Db(self.tenant))
            .and(report_confirmations::year.eq(year))
            .and(report_confirmations::sha256.eq(it.sha256.clone()));
        let changed = diesel::update(report_confirmations::table.filter(here))
            .set(values.clone())
            .execute(self.conn)?;
        if changed == 1 {
            return Ok(());
        }
        let key = (
            report_confirmations::tenant_id.eq(Db(self.tenant)),
            report_confirmations::year.eq(year),
            report_confirmations::sha256.eq(it.sha256.clone()),
            report_confirmations::kind.eq(it.kind.code()),
            report_confirmations::section.eq(it.section.code()),
        );
        let mut rows = Additions::to(self.tenant);
        rows.push(diesel::insert_into(report_confirmations::table).values((key, values)));
        self.add(rows)
    }
}
