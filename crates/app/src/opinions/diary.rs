//! The number that an opinion gets in the municipality's diary when it is put into the register: held to
//! the series of the tenant's boards.

use domain::calendar::swedish_date;
use domain::case::Case;
use domain::diary::check;
use domain::fault::Fault;

use crate::context::{App, Caller};
use crate::error::Error;

impl App {
    /// A number as its board writes it.
    ///
    /// # Errors
    /// [`Error::Faults`] with everything that is wrong with it.
    pub(super) fn number_of_series(
        &self,
        caller: &Caller,
        case: &Case,
        given: Option<String>,
    ) -> Result<Option<String>, Error> {
        let given = given.filter(|number| !number.trim().is_empty());
        let (series, today) = (&caller.set_up.settings.diary, swedish_date(caller.now));
        let checked = given.map(|it| check(series, case.kind, &it, today, "/diary_number"));
        checked.transpose().map_err(Error::Faults)
    }

    /// A number that comes with a filing: as its board writes it, or as it is given, with what is wrong
    /// with it as a warning. A filing is never refused for its content.
    pub(crate) fn number_filed(&self, caller: &Caller, case: &mut Case, faults: &mut Vec<Fault>) {
        let (kind, today) = (case.kind, swedish_date(caller.now));
        let Some(opinion) = &mut case.opinion else { return };
        let Some(given) = &opinion.diary_number else { return };
        let series = &caller.set_up.settings.diary;
        match check(series, kind, given, today, "/opinion/diary_number") {
            Ok(canonical) => opinion.diary_number = Some(canonical),
            Err(wrong) => faults.extend(wrong),
        }
    }
}
