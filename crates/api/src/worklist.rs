//! `/worklist`: what waits for the caller.

use std::collections::BTreeSet;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use domain::worklist::{Group, Task};
use wire::Problem;
use wire::page::Page;
use wire::worklist::{WorklistCountsView, WorklistItemView};

use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::setup::{page, paging, wrong};
use crate::state::ApiState;

/// Read what waits for oneself.
///
/// By what one holds, and by name; neither text nor subject, and nothing that is kept from one. First
/// what has come from a unit without a manager, then the gravest, then the oldest; a risk nobody has
/// judged counts as just below the tenant's threshold. A case waits for who leads it, else for the
/// role that leads it by the tenant's rules: while the unit's manager is away for whoever stands in,
/// where there is none for a deputy, then for the area manager. Anyone may ask; whoever holds nothing
/// has an empty list. `Accept: application/x-ndjson` gives all of it, one a line.
#[utoipa::path(
    tag = "worklist",
    params(
        ("group" = Option<String>, Query, description = "Groups, by comma: `new`, `triage`, `lead`, `measures`, `follow_ups`, `watches`, `corrections`, `questions`, `samples`, `handovers`, `duties`, `reviews`"),
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<WorklistItemView>, headers(("Link" = String))),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/worklist")]
pub async fn read_worklist(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let mut groups: Vec<Group> = Vec::new();
    let paging = paging(&request, |name, value| match name {
        "group" => {
            for code in value.split(',') {
                let known = Group::ALL.map(Group::code).join(" | ");
                groups.push(code.parse().map_err(|()| wrong(&known))?);
            }
            Ok(())
        }
        _ => Err(domain::fault::Reason::UnknownField),
    })?;
    let mut list = state.app.worklist(&caller).await?;
    list.tasks.retain(|task| groups.is_empty() || groups.contains(&task.group));
    // After the list, so that whoever came to be protected meanwhile is.
    let protected = match list.tasks.is_empty() {
        true => BTreeSet::new(),
        false => state.app.cases_about_protected(&caller).await?,
    };
    let units = &caller.set_up.units;
    let view = |task: &Task| WorklistItemView::new(task, units, list.day, &protected);
    Ok(page(&request, &paging, &list.tasks, Task::place, view))
}

/// Count what waits for oneself.
///
/// For a badge: the same things as the worklist has.
#[utoipa::path(
    tag = "worklist",
    responses(
        (status = 200, description = "The counts", body = WorklistCountsView),
        (status = "4XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not shown", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/worklist/counts")]
pub async fn count_worklist(
    state: Data<ApiState>,
    caller: CalledBy,
) -> Result<HttpResponse, ApiError> {
    let list = state.app.worklist(&caller).await?;
    Ok(HttpResponse::Ok().json(WorklistCountsView::new(&list.tasks, list.day)))
}
