//! `GET /forwardings/ledger`: who answers, how soon, and who does not.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use domain::calendar::parse_date;
use domain::fault::{Fault, Reason};
use wire::Problem;
use wire::forwarding::{CounterpartyRef, LedgerLineView, LedgerView};

use crate::cases::list::form_pairs;
use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::setup::wrong;
use crate::state::ApiState;

/// Read the ledger of silence.
///
/// By counterparty, of what left and what came in from one day to another: how many, acknowledged, answered, the
/// median of days, and how many had no answer after 30, 60 and 90 days. Our own debt (received, not answered)
/// stands in the same table. `format=csv` and `format=html` are for the agenda of the samverkansmöte. Over the
/// units whose figures the caller may see.
#[utoipa::path(
    tag = "forwardings",
    params(
        ("from" = String, Query, description = "First day, `YYYY-MM-DD`"),
        ("to" = String, Query, description = "Last day, `YYYY-MM-DD`"),
        ("format" = Option<String>, Query, description = "`json` (default), `csv` or `html`"),
    ),
    responses(
        (status = 200, description = "The ledger", body = LedgerView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/forwardings/ledger")]
pub async fn read_ledger(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    caller.figures_scope()?;
    let (mut from, mut to, mut format, mut faults) = (None, None, "json".to_owned(), Vec::new());
    for (name, value) in form_pairs(request.query_string()) {
        let day = || parse_date(&value).map_err(|_| wrong("YYYY-MM-DD"));
        let read = match (name.as_str(), value.as_str()) {
            ("from", _) => day().map(|day| from = Some(day)),
            ("to", _) => day().map(|day| to = Some(day)),
            ("format", "json" | "csv" | "html") => {
                format.clone_from(&value);
                Ok(())
            }
            ("format", _) => Err(wrong("json | csv | html")),
            _ => Err(Reason::UnknownField),
        };
        faults.extend(read.err().map(|reason| Fault::at(name, reason)));
    }
    for (name, given) in [("from", from), ("to", to)] {
        if given.is_none() && faults.iter().all(|fault| fault.field != name) {
            faults.push(Fault::at(name, Reason::Required));
        }
    }
    let (Some(from), Some(to)) = (from, to) else { return Err(ApiError::Invalid(faults)) };
    if to < from {
        faults.push(Fault::at("to", Reason::Before { other: "from".to_owned() }));
    }
    if !faults.is_empty() {
        return Err(ApiError::Invalid(faults));
    }
    let ledger = state.app.forwarding_ledger(&caller, from, to).await?;
    let codes = &caller.set_up.codes;
    match format.as_str() {
        "csv" => {
            let text = report::ledger::csv(&ledger, codes)
                .map_err(|error| app::Error::Internal(error.to_string()))?;
            Ok(HttpResponse::Ok()
                .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
                .insert_header((
                    CONTENT_DISPOSITION,
                    "attachment; filename=\"mellan-vardgivare.csv\"",
                ))
                .body(text))
        }
        "html" => Ok(HttpResponse::Ok()
            .insert_header((
                "content-security-policy",
                "default-src 'none'; style-src 'unsafe-inline'",
            ))
            .content_type("text/html; charset=utf-8")
            .body(report::ledger::html(&ledger, &caller.tenant.name, codes))),
        _ => {
            let lines = ledger.lines.iter().map(|it| LedgerLineView {
                counterparty: CounterpartyRef {
                    id: it.counterparty.0,
                    name: it.name.clone(),
                    kind: Some(it.kind.clone()),
                },
                sent: (&it.line.sent).into(),
                received: (&it.line.received).into(),
            });
            Ok(HttpResponse::Ok().json(LedgerView {
                from: ledger.from,
                to: ledger.to,
                as_of: ledger.as_of,
                lines: lines.collect(),
                sent: (&ledger.total.sent).into(),
                received: (&ledger.total.received).into(),
            }))
        }
    }
}
