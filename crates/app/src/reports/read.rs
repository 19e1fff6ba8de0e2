//! Reads the report of a year, for whoever may see the figures of all it is about.

use domain::policy::{Scope, reads_report};
use domain::yearly::build::units_of;
use domain::yearly::first_page::first_page;
use domain::yearly::state::BoardStatus;
use domain::yearly::{About, FirstPart, Yearly};
use store::{FrozenVersion, Tx};

use crate::context::{App, Caller};
use crate::error::Error;
use crate::reports::state::{whole, with_own_figures};

/// Which report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearlyQuery {
    /// The year.
    pub year: i16,
    /// What of the tenant.
    pub about: About,
    /// What was frozen of it, or what is live.
    pub version: Which,
}

/// Which version of a report. Only that of the whole tenant is ever frozen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// The newest frozen one that the caller may read; what is live where there is none.
    #[default]
    Newest,
    /// What is live.
    Open,
    /// The frozen one with this number.
    Number(u32),
}

/// The report of a year as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub enum YearlyShown {
    /// As it stands now.
    Live {
        /// The report.
        report: Yearly,
        /// What the nämnd has done with what was frozen.
        board: BoardStatus,
    },
    /// As it was frozen.
    Frozen {
        /// The version with its exact content.
        version: FrozenVersion,
        /// What the nämnd has done.
        board: BoardStatus,
    },
}

impl Caller {
    /// Whether the caller may see the figures, as they stand now, of all that a report is about.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`] for an area or a unit that is not there.
    pub fn may_read_report(&self, about: &About) -> Result<(), Error> {
        let seen = self.figures_scope()?;
        let (units, codes) = (&self.set_up.units, &self.set_up.codes);
        let wanted = units_of(about, units, codes).ok_or(Error::NotFound)?;
        let allowed = match (&wanted, &seen) {
            (_, Scope::All) => true,
            (Scope::All, Scope::Only(_)) => false,
            (Scope::Only(units), Scope::Only(seen)) => units.is_subset(seen),
        };
        if allowed { Ok(()) } else { Err(Error::Forbidden) }
    }
}

impl App {
    /// The report of a year: what is frozen of it, or as it stands now. Who reads frozen versions alone, such as
    /// the nämnd or a delegate, finds nothing where there is none for them.
    ///
    /// # Errors
    /// As [`Caller::may_read_report`]; [`Error::NotFound`] for a version that is not there or not for the
    /// caller's eyes.
    pub async fn yearly_report(
        &self,
        caller: &Caller,
        query: YearlyQuery,
    ) -> Result<YearlyShown, Error> {
        let (year, whole) = (query.year, query.about == About::Whole);
        let live = caller.may_read_report(&query.about);
        let frozen_alone = live.is_err()
            && whole
            && match self.may_read_versions(caller, year).await {
                Ok(()) => true,
                Err(Error::Forbidden) => false,
                Err(other) => return Err(other),
            };
        if !frozen_alone {
            live?;
        }
        match query.version {
            Which::Number(number) => {
                let version = self.report_version(caller, year, Some(number)).await?;
                let board = self.report_unasked(caller, year).await?.board.of(number);
                Ok(YearlyShown::Frozen { version, board })
            }
            Which::Newest if whole => match self.report_now(caller, year).await? {
                (report, Some(version)) => {
                    let board = report.board.of(version.head.lock.version);
                    Ok(YearlyShown::Frozen { version, board })
                }
                (_, None) if frozen_alone => Err(Error::NotFound),
                (report, None) => {
                    let live = self.live_report(caller, query).await?;
                    Ok(YearlyShown::Live { report: live, board: report.board.status() })
                }
            },
            Which::Open if whole => {
                let board = self.report_unasked(caller, year).await?.board.status();
                Ok(YearlyShown::Live { report: self.live_report(caller, query).await?, board })
            }
            Which::Newest | Which::Open => {
                let report = self.live_report(caller, query).await?;
                Ok(YearlyShown::Live { report, board: BoardStatus::None })
            }
        }
    }

    /// The report of a year as it stands now: its words for those who write it, its figures for all who may
    /// see them.
    ///
    /// # Errors
    /// As [`Caller::may_read_report`]; what the store says.
    pub async fn live_report(&self, caller: &Caller, query: YearlyQuery) -> Result<Yearly, Error> {
        caller.may_read_report(&query.about)?;
        let asking = caller.clone();
        let writes = reads_report(&caller.actor, false) && query.about == About::Whole;
        let read = move |tx: &mut Tx<'_>| {
            let YearlyQuery { year, about, .. } = query;
            if writes {
                let draft = tx.report_draft(year)?;
                return whole(tx, &asking, year, &draft);
            }
            let mut report = with_own_figures(tx, &asking, year, &about)?;
            report.first_page = first_page(&report, &[]);
            // What was decided stands among the words.
            report.first_page.retain(|page| page.part != FirstPart::Decided);
            Ok(report)
        };
        Ok(self.store.read(caller.tenant_id(), read).await?)
    }
}
