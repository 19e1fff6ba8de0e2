//! `/grants`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use app::setup::{NewGrant, WhoGiven};
use domain::fault::{Fault, Reason};
use domain::ids::{GrantId, StaffId};
use domain::organisation::{Grant, Role};
use domain::policy::Act;
use wire::Problem;
use wire::page::Page;
use wire::setup::{GrantRequest, GrantView, RevokeRequest};

use super::{created, id, page, paging, send, shown, wrong};
use crate::extract::{Body, CalledBy, Conditions};
use crate::problem::ApiError;
use crate::state::ApiState;

/// List grants.
///
/// Also those that are over, or revoked; in the order in which they were given. For admins.
/// `Accept: application/x-ndjson` gives all of them, one a line.
#[utoipa::path(
    tag = "setup",
    params(
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("staff" = Option<Uuid>, Query, description = "Only those of this person, by staff id"),
        ("role" = Option<String>, Query, description = "Roles, by comma"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<GrantView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/grants")]
pub async fn list_grants(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageGrants)?;
    let (mut staff, mut roles) = (None, Vec::new());
    let paging = paging(&request, |name, value| match name {
        "staff" => {
            staff = Some(value.parse::<StaffId>().map_err(|_| wrong("uuid"))?);
            Ok(())
        }
        "role" => {
            for code in value.split(',') {
                let known = code.parse::<Role>();
                roles.push(known.map_err(|()| wrong(&Role::ALL.map(Role::code).join(" | ")))?);
            }
            Ok(())
        }
        _ => Err(Reason::UnknownField),
    })?;
    let mut grants = state.app.list_grants(&caller).await?;
    grants.retain(|grant| {
        staff.is_none_or(|staff| grant.staff == staff)
            && (roles.is_empty() || roles.contains(&grant.role))
    });
    let groups = state.app.grants_by_groups(&caller).await?;
    let units = &caller.set_up.units;
    let key = |grant: &Grant| grant.id.to_string();
    let view =
        |grant: &Grant| GrantView::new(grant, units).by_group(groups.get(&grant.id).copied());
    Ok(page(&request, &paging, &grants, key, view))
}

/// The grant a request asks for.
fn new_grant(request: GrantRequest) -> Result<NewGrant, ApiError> {
    let wrong = |field: &str, reason| ApiError::Invalid(vec![Fault::at(field, reason)]);
    let to = match (request.staff, request.issuer, request.subject) {
        (Some(staff), None, None) => WhoGiven::Staff(StaffId(staff)),
        (None, Some(issuer), Some(subject)) => WhoGiven::Identity { issuer, subject },
        (Some(_), _, _) => {
            return Err(wrong("/staff", Reason::inconsistent("staff_and_identity")));
        }
        (None, None, None) => return Err(wrong("/staff", Reason::Required)),
        (None, None, Some(_)) => return Err(wrong("/issuer", Reason::Required)),
        (None, Some(_), None) => return Err(wrong("/subject", Reason::Required)),
    };
    Ok(NewGrant {
        to,
        role: request.role.into(),
        units: request.units.unwrap_or_default(),
        laws: request.laws.unwrap_or_default().into_iter().map(Into::into).collect(),
        valid_from: request.valid_from,
        valid_to: request.valid_to,
        stands_in_for: request.stands_in_for.map(StaffId),
    })
}

/// Give a grant.
///
/// To a member of the staff, or to whoever comes with a token of an issuer and a subject: who is new
/// gets a staff row. A grant is never changed: revoke it, and give another.
#[utoipa::path(
    tag = "setup",
    request_body = GrantRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Asking twice does once; kept 72 hours")),
    responses(
        (status = 201, description = "Given", body = GrantView,
            headers(("ETag" = String), ("Location" = String))),
        (status = "4XX", description = "Not given", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not given", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/grants")]
pub async fn give_grant(
    state: Data<ApiState>,
    mut caller: CalledBy,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    caller.may(Act::ManageGrants)?;
    let body = body.read(&state, &mut caller).await?;
    let once = body.once(&state, &caller, &conditions);
    if let Some(once) = &once
        && let Some(kept) = state.app.answered(&caller, once).await?
    {
        return Ok(send(kept));
    }
    // A subject may look like a personal identity number, and with some issuers is one: the check
    // of texts leaves that field alone.
    let new = new_grant(body.parse_desk(&state, &caller)?)?;
    let render = |grant: &Grant| {
        let view = GrantView::new(grant, &caller.set_up.units);
        created(&view, format!("/api/v1/grants/{}", grant.id), Some(grant.version))
    };
    Ok(send(state.app.give_grant(&caller, new, once, render).await?))
}

/// Read a grant.
#[utoipa::path(
    tag = "setup",
    params(("id" = Uuid, Path, description = "The grant's id")),
    responses(
        (status = 200, description = "The grant", body = GrantView, headers(("ETag" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/grants/{id}")]
pub async fn read_grant(
    state: Data<ApiState>,
    caller: CalledBy,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let grant = state.app.read_grant(&caller, GrantId(id(&path)?)).await?;
    let groups = state.app.grants_by_groups(&caller).await?;
    let view = GrantView::new(&grant, &caller.set_up.units);
    Ok(shown(&view.by_group(groups.get(&grant.id).copied()), grant.version))
}

/// Revoke a grant.
///
/// From now on; what was done with it stands. Nobody revokes the last grant by which they give
/// grants themselves. A manager's does not end while it would leave open cases alone: another manager
/// or a deputy is there, a handover is signed by both, or `taken_over_by` names an area manager who
/// takes over. With the reason `misuse` it ends at once.
#[utoipa::path(
    tag = "setup",
    request_body = RevokeRequest,
    params(
        ("id" = Uuid, Path, description = "The grant's id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "Revoked", body = GrantView, headers(("ETag" = String))),
        (status = "4XX", description = "Not revoked", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not revoked", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/grants/{id}/revoke")]
pub async fn revoke_grant(
    state: Data<ApiState>,
    mut caller: CalledBy,
    path: Path<String>,
    conditions: Conditions,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let before = state.app.read_grant(&caller, GrantId(id(&path)?)).await?;
    conditions.matches(before.version)?;
    let request: RevokeRequest = body.read(&state, &mut caller).await?.parse(&state)?;
    let (reason, taker) = (request.reason.code(), request.taken_over_by.map(StaffId));
    let grant = state.app.revoke_grant(&caller, &before, reason, taker).await?;
    Ok(shown(&GrantView::new(&grant, &caller.set_up.units), grant.version))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn request(
        staff: Option<Uuid>,
        issuer: Option<&str>,
        subject: Option<&str>,
    ) -> Result<NewGrant, String> {
        let request = GrantRequest {
            staff,
            issuer: issuer.map(str::to_owned),
            subject: subject.map(str::to_owned),
            role: wire::code::Role::Team,
            units: None,
            laws: None,
            valid_from: None,
            valid_to: None,
            stands_in_for: None,
        };
        new_grant(request).map_err(|error| match error {
            ApiError::Invalid(faults) => faults[0].field.clone(),
            other => panic!("{other}"),
        })
    }

    #[test]
    fn a_grant_is_for_one_person_named_in_one_way() {
        assert!(request(Some(Uuid::nil()), None, None).is_ok());
        assert!(request(None, Some("i"), Some("s")).is_ok());
        for (staff, issuer, subject, field) in [
            (Some(Uuid::nil()), None, Some("s"), "/staff"),
            (None, None, None, "/staff"),
            (None, None, Some("s"), "/issuer"),
            (None, Some("i"), None, "/subject"),
        ] {
            assert_eq!(request(staff, issuer, subject).unwrap_err(), field);
        }
    }
}
