//! Several cases at once: those of one investigation, and those that a request names.

use std::collections::HashMap;

use diesel::prelude::*;
use domain::case::Case;
use domain::ids::{CaseId, InvestigationId};

use crate::Tx;
use crate::error::Error;
use crate::schema::cases;
use crate::sql_types::Db;

impl Tx<'_> {
    /// The cases of one investigation, but for `except`, with everything that hangs on them, by id.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn cases_investigated(
        &mut self,
        id: InvestigationId,
        except: Option<CaseId>,
    ) -> Result<Vec<Case>, Error> {
        let ids: Vec<Db<CaseId>> = cases::table
            .select(cases::case_id)
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::investigation_id.eq(Some(Db(id))))
            .order(cases::case_id)
            .load(self.conn)?;
        let others = ids.into_iter().map(Db::get).filter(|id| Some(*id) != except);
        self.cases(&others.collect())
    }

    /// Those of some cases that are there, in the order given.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn cases_there(&mut self, ids: &[CaseId]) -> Result<Vec<Case>, Error> {
        let mut found = self.cases(&ids.iter().copied().collect())?;
        let place: HashMap<CaseId, usize> = ids.iter().copied().zip(0..).collect();
        found.sort_by_key(|case| place.get(&case.id).copied());
        Ok(found)
    }
}
