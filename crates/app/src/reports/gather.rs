//! Gathers the figures of a year in one read.

use domain::calendar::{end_of_day, start_of_year, swedish_date};
use domain::policy::Scope;
use domain::yearly::build::{Asked, YEARS_BESIDE, YearsCases, units_of, yearly};
use domain::yearly::sources::Sources;
use domain::yearly::{About, Yearly};
use jiff::Timestamp;
use store::{Tx, YearlyFilter};

use crate::context::SetUp;

/// The figures of a year as they stand now, without what people write. The number of statements does not
/// grow with that of the cases.
///
/// # Errors
/// [`store::Error::NotFound`] where the report is about an area or a unit that is not there; what the store
/// says.
pub fn gather(
    tx: &mut Tx<'_>,
    set_up: &SetUp,
    year: i16,
    about: &About,
    now: Timestamp,
) -> Result<Yearly, store::Error> {
    let (units, codes, settings) = (&set_up.units, &set_up.codes, &set_up.settings);
    let scope = units_of(about, units, codes).ok_or(store::Error::NotFound)?;
    let all =
        YearlyFilter { from: year.saturating_sub(YEARS_BESIDE), to: year, units: scope.clone() };
    let this = YearlyFilter { from: year, ..all.clone() };
    let cutoff = end_of_day(swedish_date(now));
    let mut cases = YearsCases::default();
    tx.yearly_deviations(&this, |case| {
        cases.add(case, codes, &settings.clocks, (now, cutoff));
    })?;
    let (causes, with_cause) = tx.yearly_causes(&this)?;
    let (first, last) = (start_of_year(all.from), start_of_year(year.saturating_add(1)));
    let mut investigated_in = Vec::new();
    for year in [year, year - 1] {
        investigated_in.push((year, tx.investigated_in(year, &scope)?));
    }
    let mut exposures = tx.exposures(year, year)?;
    if let Scope::Only(units) = &scope {
        exposures.retain(|it| units.contains(&it.unit));
    }
    let mut reviews = tx.reviews(year)?;
    reviews.retain(|review| review.subject.units.iter().any(|unit| scope.covers(unit)));
    let sources = Sources {
        tenant: tx.tenant_name()?,
        first: tx.first_years(year)?,
        cases: tx.yearly_cases(&all)?,
        traits: tx.yearly_traits(&all)?,
        harm: tx.yearly_harm(&all)?,
        investigated_in,
        opinions: tx.yearly_opinions(&all, cutoff)?,
        complaints: tx.yearly_complaints(year, &scope)?,
        causes,
        with_cause,
        measures: tx.yearly_measures(&this, swedish_date(now))?,
        forwardings: tx.forwarding_facts(start_of_year(year.saturating_sub(1)), last, &scope)?,
        counterparties: tx.counterparties()?,
        exposures,
        escalations: tx.yearly_escalations(first, last, &scope)?,
        lex: tx.lex_facts(true)?,
        reviews,
    };
    let (clocks, breaks) = (&settings.clocks, &settings.series_breaks);
    let asked = Asked { about, year, scope: &scope, units, codes, clocks, breaks, now };
    Ok(yearly(&asked, &sources, cases))
}
