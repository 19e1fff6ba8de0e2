//! `/reading-grounds`: on what ground somebody reads what lies with the other branch, or another unit.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use domain::fault::{Fault, Reason};
use domain::ids::{CaseId, GroundId, StaffId};
use domain::policy::Act;
use domain::reading_ground::{GroundGiven, GroundOf, ReadingGround};
use wire::Problem;
use wire::access_log::{ReadingGroundRequest, ReadingGroundView};
use wire::command::EmptyRequest;
use wire::page::Page;

use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::setup::{created, id, page, paging, send, shown, wrong};
use crate::state::ApiState;

fn given(caller: &CalledBy, request: ReadingGroundRequest) -> Result<GroundGiven, ApiError> {
    let fault = |field: &str, reason| ApiError::Invalid(vec![Fault::at(field, reason)]);
    let of = match (request.case, request.unit, request.law) {
        (Some(case), None, None) => GroundOf::Case(CaseId(case)),
        (None, Some(unit), Some(law)) => {
            let found = caller.set_up.units.find(&unit).map(|unit| unit.id);
            let unknown = || fault("/unit", Reason::UnknownUnit { given: unit.clone() });
            GroundOf::Unit(found.ok_or_else(unknown)?, law.into())
        }
        (None, Some(_), None) => return Err(fault("/law", Reason::Required)),
        (None, None, _) => return Err(fault("/case", Reason::Required)),
        (Some(_), _, _) => {
            return Err(fault("/case", Reason::inconsistent("a_case_or_a_unit")));
        }
    };
    Ok(GroundGiven {
        of,
        kind: request.kind.into(),
        on: request.on,
        reference: request.reference,
        reason: request.reason,
        until: request.until,
    })
}

/// List grounds to read across.
///
/// One's own, and those of what one may search the log of; the newest first, also those that are over.
#[utoipa::path(
    tag = "access-log",
    params(
        ("staff" = Option<Uuid>, Query, description = "Only of this reader"),
        ("case" = Option<Uuid>, Query, description = "Only of this case"),
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<ReadingGroundView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reading-grounds")]
pub async fn list_reading_grounds(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (mut staff, mut case) = (None, None);
    let paging = paging(&request, |name, value| {
        match name {
            "staff" => staff = Some(value.parse::<StaffId>().map_err(|_| wrong("uuid"))?),
            "case" => case = Some(value.parse::<CaseId>().map_err(|_| wrong("uuid"))?),
            _ => return Err(Reason::UnknownField),
        }
        Ok(())
    })?;
    let mut found = state.app.list_grounds(&caller).await?;
    found.retain(|ground| {
        staff.is_none_or(|staff| ground.staff == staff)
            && case.is_none_or(|case| ground.of == GroundOf::Case(case))
    });
    // Ids sort by time: what is left of the largest falls as time goes on.
    let key = |ground: &ReadingGround| format!("{:032x}", u128::MAX - ground.id.0.as_u128());
    let units = &caller.set_up.units;
    Ok(page(&request, &paging, &found, key, |it| ReadingGroundView::of(it, units)))
}

/// State a ground to read across.
///
/// Health care and social services of one body are separate branches with secrecy between them, and so may units
/// be. Unit and area managers, MAS, MAR and SAS may read one case of the other branch or of another unit, or all
/// cases of a unit of their own under the other branch's law, once they have stated on what ground: the person's
/// consent, a harm test (menprövning), or a dated decision of the tenant; with a reason, and until when. It is
/// stated once, opens reading alone (not who the person is, and no command), shows in the access log beside each
/// reading, and can be taken back. From whom a case is kept, no ground opens it.
#[utoipa::path(
    tag = "access-log",
    request_body = ReadingGroundRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours")),
    responses(
        (status = 201, description = "Stated", body = ReadingGroundView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not stated", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not stated", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/reading-grounds")]
pub async fn state_reading_ground(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::StateGround)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    let request: ReadingGroundRequest = body.parse_desk(&state, &caller)?;
    let given = given(&caller, request)?;
    let units = caller.set_up.units.clone();
    let render = |ground: &ReadingGround| {
        let at = format!("/api/v1/reading-grounds/{}", ground.id);
        created(&ReadingGroundView::of(ground, &units), at, Some(ground.version))
    };
    Ok(send(state.app.state_ground(&caller, given, once, render).await?))
}

/// Read a ground.
#[utoipa::path(
    tag = "access-log",
    params(("id" = Uuid, Path, description = "The ground's id")),
    responses(
        (status = 200, description = "The ground", body = ReadingGroundView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/reading-grounds/{id}")]
pub async fn read_reading_ground(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let ground = state.app.read_ground(&caller, GroundId(id(&path)?)).await?;
    Ok(shown(&ReadingGroundView::of(&ground, &caller.set_up.units), ground.version))
}

/// Take a ground back.
///
/// By whoever stated it, or whoever checks the log of what it is of. From then on it opens nothing.
#[utoipa::path(
    tag = "access-log",
    request_body = EmptyRequest,
    params(
        ("id" = Uuid, Path, description = "The ground's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Taken back", body = ReadingGroundView, headers(("ETag" = String))),
        (status = "4XX", description = "Not taken back", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not taken back", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/reading-grounds/{id}/revoke")]
pub async fn revoke_reading_ground(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let before = state.app.read_ground(&caller, GroundId(id(&path)?)).await?;
    conditions.matches(before.version)?;
    let body = body.read(&state, &mut caller).await?;
    let _: EmptyRequest = body.parse_desk(&state, &caller)?;
    let gone = state.app.revoke_ground(&caller, before).await?;
    Ok(shown(&ReadingGroundView::of(&gone, &caller.set_up.units), gone.version))
}
