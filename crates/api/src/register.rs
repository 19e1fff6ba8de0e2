//! `GET /register`: the register of opinions.

use actix_web::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE, LINK};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use app::register::{RegisterPage, RegisterQuery};
use domain::case::Kind;
use domain::fault::{Fault, Reason};
use domain::register::Standing;
use wire::Problem;
use wire::page::Page;
use wire::register::RegisterLineView;

use crate::cases::list::{cursor, encode, form_pairs, place};
use crate::extract::CalledBy;
use crate::problem::ApiError;
use crate::state::ApiState;

/// Items of a page, unless asked otherwise, and at most.
const PAGE: (usize, usize) = (50, 500);
/// Lines of a file at most.
const MOST_LINES: usize = 20_000;

/// What somebody asks for, every fault named.
fn query(text: &str) -> Result<(RegisterQuery, Option<bool>), ApiError> {
    let mut query = RegisterQuery { limit: PAGE.0, ..RegisterQuery::default() };
    let mut csv = None;
    let mut faults = Vec::new();
    let wrong = |expected: &str| Reason::WrongType { expected: expected.to_owned() };
    let listed = |value: &str| -> Vec<String> { value.split(',').map(str::to_owned).collect() };
    for (name, value) in form_pairs(text) {
        let read = match name.as_str() {
            "limit" => match value.parse() {
                Ok(limit) if (1..=PAGE.1).contains(&limit) => {
                    query.limit = limit;
                    Ok(())
                }
                _ => Err(Reason::OutOfRange { min: 1, max: 500 }),
            },
            "cursor" => match place(&value) {
                Some(after) => {
                    query.after = Some(after);
                    Ok(())
                }
                None => Err(wrong("next_cursor")),
            },
            "year" => match value.parse() {
                Ok(year) if (1900..=2199).contains(&year) => {
                    query.year = Some(year);
                    Ok(())
                }
                _ => Err(Reason::OutOfRange { min: 1900, max: 2199 }),
            },
            "kind" => {
                let kinds: Result<Vec<Kind>, ()> =
                    listed(&value).iter().map(|code| code.parse()).collect();
                match kinds {
                    Ok(kinds) if !kinds.contains(&Kind::Avvikelse) => {
                        query.kinds = kinds;
                        Ok(())
                    }
                    _ => Err(wrong("synpunkt | klagomal")),
                }
            }
            "state" => {
                let states: Result<Vec<Standing>, ()> =
                    listed(&value).iter().map(|code| code.parse()).collect();
                match states {
                    Ok(states) => {
                        query.standings = states;
                        Ok(())
                    }
                    Err(()) => {
                        let known = Standing::ALL.map(Standing::code);
                        Err(wrong(&known.join(" | ")))
                    }
                }
            }
            "format" => match value.as_str() {
                "json" | "csv" => {
                    csv = Some(value == "csv");
                    Ok(())
                }
                _ => Err(wrong("json | csv")),
            },
            _ => Err(Reason::UnknownField),
        };
        faults.extend(read.err().map(|reason| Fault::at(name, reason)));
    }
    if faults.is_empty() { Ok((query, csv)) } else { Err(ApiError::Invalid(faults)) }
}

/// Read the register of opinions.
///
/// As anybody may (allmänna handlingar): when each came in, from whom in neutral words, about what, who
/// handles it and where it stands. Never a name, never a text. Units are named where the settings say so
/// (`register`), small ones never; of a protected person no place is told. The last that came in first.
/// `format=csv` (or `Accept: text/csv`) gives every line there is, at most 20,000.
#[utoipa::path(
    tag = "opinions",
    params(
        ("year" = Option<u16>, Query, description = "The year it came in"),
        ("kind" = Option<String>, Query, description = "`synpunkt`, `klagomal`, by comma"),
        ("state" = Option<String>, Query, description = "`received`, `registered`, `handled`, `answered`, `closed`, `handed_over`, by comma"),
        ("limit" = Option<u32>, Query, description = "Items of a page, 1–500; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("format" = Option<String>, Query, description = "`json` (default) or `csv`"),
    ),
    responses(
        (status = 200, description = "A page", body = Page<RegisterLineView>, headers(("Link" = String))),
        (status = "4XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not listed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/register")]
pub async fn read_register(
    state: Data<ApiState>,
    caller: CalledBy,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    caller.may(domain::policy::Act::ReadRegister)?;
    let (mut query, asked) = query(request.query_string())?;
    let accepted = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    if asked.unwrap_or_else(|| accepted.is_some_and(|it| it.contains("text/csv"))) {
        query.limit = MOST_LINES;
        let page = state.app.register(&caller, query).await?;
        let text = report::register::csv(&page.lines)
            .map_err(|error| app::Error::Internal(error.to_string()))?;
        return Ok(HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
            .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"register.csv\""))
            .body(text));
    }
    let RegisterPage { lines, next } = state.app.register(&caller, query).await?;
    let next_cursor = next.map(|(at, case)| cursor(at, case));
    let mut response = HttpResponse::Ok();
    if let Some(next) = &next_cursor {
        let rest: String = form_pairs(request.query_string())
            .iter()
            .filter(|(name, _)| name != "cursor")
            .map(|(name, value)| format!("{}={}&", encode(name), encode(value)))
            .collect();
        let link = format!("<{}?{rest}cursor={}>; rel=\"next\"", request.path(), encode(next));
        response.insert_header((LINK, link));
    }
    let items = lines.into_iter().map(RegisterLineView::from).collect();
    Ok(response.json(Page { items, next_cursor, next_updated_since: None }))
}
