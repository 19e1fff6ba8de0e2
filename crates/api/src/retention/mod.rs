//! `/setup/retention`, `/legal-holds`, `/retention/runs`: how long things are kept, and how they go.

mod holds;
mod plan;
mod runs;

use crate::cases::disclosures;
use crate::person_export;
use crate::routes::Routes;

/// The operations.
pub(crate) fn operations<R: Routes>(routes: R) -> R {
    routes
        .service(plan::read_retention_plan)
        .service(plan::set_retention_plan)
        .service(holds::list_legal_holds)
        .service(holds::place_legal_hold)
        .service(holds::read_legal_hold)
        .service(holds::lift_legal_hold)
        .service(runs::list_retention_runs)
        .service(runs::make_retention_run)
        .service(runs::read_retention_run)
        .service(runs::read_retention_items)
        .service(runs::order_retention_run)
        .service(disclosures::propose_disclosure)
        .service(disclosures::disclose_case)
        .service(disclosures::list_disclosures)
        .service(disclosures::read_disclosure)
        .service(person_export::export_person)
}
