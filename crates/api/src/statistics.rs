//! `GET /statistics`: the cube.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ContentType};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use domain::statistics::{CubeQuery, EscalationQuery, Format, ForwardingQuery};
use wire::Problem;
use wire::statistics::CubeAnswer;

use crate::cases::list::form_pairs;
use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::state::ApiState;

/// What a workbook is called among kinds of content.
pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Count cases by what they have in common.
///
/// One year, several (by comma), or months from–to; grouped and filtered by any dimension; over all
/// three kinds at once. Drafts and void cases are never counted, a duplicate counts once, of several
/// laws the first counts. Years, months and weeks are Swedish; `week` is the ISO number, so the days around New Year may
/// stand in week 1, 52 or 53 of the neighbouring year. Rows always add to the total; what
/// has no value counts under `null`. Figures cover the units of the caller's grants (`scope`).
///
/// The answers to forms are dimensions too; a question with several answers needs `of=mentions`,
/// where each answer counts, and who did not answer counts once under `null`. `suggestion` tells how
/// the category suggested at filing did against the assessor's, `suggestion_reported` against the
/// reporter's, by the highest codes: `first`, `top3` (among the first three), `missed`, `none`
/// (nothing was suggested); `null` where there is no category to hold it against, or the case was
/// imported.
///
/// `understood` and `helped` are what the senders of opinions said of the answer (`yes`, `partly`, `no`; `null`
/// until they said); `patientnamnd` is an opinion's category in the patientnämnd's list.
///
/// `area_group` is the group of areas a unit is in, as the tenant groups them in its settings. `cause` is what the
/// investigation found, `counterparty` the caregivers a case was sent to or came from (by id, or all of a kind by
/// its code); a case may have several of each, so they need `of=mentions`. `measures=answered` tells how many of
/// the opinions were answered by `as_of`.
///
/// `of=escalations` counts lex Maria, lex Sarah and riskperson by the day they were raised instead, grouped
/// and filtered by `escalation_kind`, `escalation_status`, `unit`, `law`, `year` and `month`, with the days
/// from the event to the decision and on to the notification. Of a riskperson only the number of a year is
/// told, to whoever sees the whole tenant.
///
/// `of=forwardings` counts what went between caregivers by the day it left or came in, grouped and filtered by
/// `direction` (`sent`, `received`), `counterparty` (by id, or all of a kind by its code), `counterparty_kind`
/// (list `counterparty`), `answered`, `status`, `unit`, `law`, `year` and `month`; `measures=answered` tells how many
/// of them were answered by `as_of`. None of them is a case, and what was taken back is not counted.
#[utoipa::path(
    tag = "statistics",
    params(
        ("year" = Option<String>, Query, description = "A year, or several by comma"),
        ("from" = Option<String>, Query, description = "First month, `YYYY-MM`, instead of `year`"),
        ("to" = Option<String>, Query, description = "Last month, `YYYY-MM`"),
        ("group_by" = Option<String>, Query, description = "Dimensions by comma: year, half, tertial, month, week, weekday, hour_band, kind, unit, reporting_unit, area, area_group, law, category, category_top, nature, severity, probability, vardskada, serious, injury, reached_person, track, outcome, status, source, channel, profession, sex, age_band, suggestion, suggestion_reported, understood, helped, patientnamnd, cause, counterparty (these two with `of=mentions`), and every coded question of the forms by its code, such as fall_place (see `/forms/{kind}`)"),
        ("count_by" = Option<String>, Query, description = "`reported` (default) or `occurred`"),
        ("as_of" = Option<String>, Query, description = "The day that decides open and closed; default today"),
        ("compare" = Option<String>, Query, description = "`previous_year`"),
        ("measures" = Option<String>, Query, description = "By comma: count, open, closed, lead_time, answered; with `of=forwardings` count, answered"),
        ("of" = Option<String>, Query, description = "`cases` (default), `events`, `mentions`, `escalations`, or `forwardings`"),
        ("duplicates" = Option<String>, Query, description = "`all` counts duplicates too"),
        ("format" = Option<String>, Query, description = "`json` (default), `csv` or `xlsx`"),
        ("kind" = Option<String>, Query, description = "Every dimension filters too: values by comma, `null` for no value; a category or area takes those below along"),
    ),
    responses(
        (status = 200, description = "The figures", body = CubeAnswer),
        (status = "4XX", description = "Not counted", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not counted", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/statistics")]
pub async fn statistics(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let scope = caller.figures_scope()?;
    let pairs = form_pairs(request.query_string());
    let set_up = &caller.set_up;
    let codes = &set_up.codes;
    if EscalationQuery::asked(&pairs) {
        let query = EscalationQuery::parse(&pairs, &set_up.units, codes, caller.now)
            .map_err(ApiError::Invalid)?;
        let format = query.format;
        let cube = state.app.count_escalations(&caller, query, scope).await?;
        return match format {
            Format::Json => json(cube),
            Format::Csv => csv(&report::laid::escalations(&cube)),
            Format::Xlsx => xlsx(&report::laid::escalations(&cube), caller.now),
        };
    }
    if ForwardingQuery::asked(&pairs) {
        let query = ForwardingQuery::parse(&pairs, &set_up.units, codes, caller.now)
            .map_err(ApiError::Invalid)?;
        let format = query.format;
        let cube = state.app.count_forwardings(&caller, query, scope).await?;
        return match format {
            Format::Json => json(cube),
            Format::Csv => csv(&report::laid::forwardings(&cube, codes)),
            Format::Xlsx => xlsx(&report::laid::forwardings(&cube, codes), caller.now),
        };
    }
    let query =
        CubeQuery::parse(&pairs, &set_up.units, codes, caller.now).map_err(ApiError::Invalid)?;
    let format = query.format;
    let cube = state.app.count(&caller, query, scope).await?;
    match format {
        Format::Json => json(cube),
        Format::Csv => csv(&report::laid::cube(&cube, codes)),
        Format::Xlsx => xlsx(&report::laid::cube(&cube, codes), caller.now),
    }
}

fn json(cube: impl Into<CubeAnswer>) -> Result<HttpResponse, ApiError> {
    let body = cube.into().into_json().map_err(|error| internal(&error))?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(body))
}

fn csv(laid: &report::laid::Laid<'_>) -> Result<HttpResponse, ApiError> {
    let text = report::csv::figures(laid).map_err(|error| internal(&error))?;
    Ok(file("text/csv; charset=utf-8", "statistik.csv", text))
}

fn xlsx(laid: &report::laid::Laid<'_>, now: jiff::Timestamp) -> Result<HttpResponse, ApiError> {
    let book = report::xlsx::figures(laid, now).map_err(|error| internal(&error))?;
    Ok(file(XLSX, "statistik.xlsx", book))
}

fn internal(error: &dyn std::fmt::Display) -> app::Error {
    app::Error::Internal(error.to_string())
}

fn file(kind: &'static str, name: &str, body: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(body)
}
