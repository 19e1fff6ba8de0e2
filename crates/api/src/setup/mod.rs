//! The tenant's own set-up: units, staff, grants, codes; and who one is.

mod codes;
mod delegations;
mod forms;
mod grants;
mod group_grants;
mod me;
mod settings;
mod staff;
mod units;

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, ETAG, HeaderValue, LINK, LOCATION};
use actix_web::{HttpRequest, HttpResponse};
use app::Answer;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::fault::{Fault, Reason};
use serde::Serialize;
use uuid::Uuid;
use wire::page::Page;

use crate::cases::list::form_pairs;
use crate::extract::etag;
use crate::problem::ApiError;
use crate::routes::Routes;

/// The operations of the set-up.
pub(crate) fn operations<R: Routes>(routes: R) -> R {
    routes
        .service(units::list_units)
        .service(units::create_unit)
        .service(units::read_unit)
        .service(units::change_unit)
        .service(staff::list_staff)
        .service(staff::read_staff)
        .service(staff::change_staff)
        .service(grants::list_grants)
        .service(grants::give_grant)
        .service(grants::read_grant)
        .service(grants::revoke_grant)
        .service(group_grants::list_group_grants)
        .service(group_grants::give_to_group)
        .service(group_grants::read_group_grant)
        .service(group_grants::end_group_grant)
        .service(codes::list_codes)
        .service(codes::read_code_list)
        .service(codes::add_code)
        .service(codes::list_laws)
        .service(forms::read_forms)
        .service(settings::read_settings)
        .service(settings::change_settings)
        .service(settings::preview_flags)
        .service(delegations::list_delegations)
        .service(delegations::enter_delegation)
        .service(delegations::read_delegation)
        .service(delegations::end_delegation)
        .service(me::me)
        .service(me::read_own_mail)
        .service(me::choose_own_mail)
}

/// Items of a page, unless asked otherwise, and at most.
const PAGE: (usize, usize) = (50, 500);

/// The id in a path; anything else is simply not there.
pub(crate) fn id(text: &str) -> Result<Uuid, ApiError> {
    Uuid::parse_str(text).map_err(|_| ApiError::NoSuchPath)
}

/// Something new, as an answer.
pub(crate) fn created(view: &impl Serialize, location: String, version: Option<i64>) -> Answer {
    Answer {
        status: 201,
        location: Some(location),
        etag: version.map(etag),
        // A view is made of strings, numbers and lists only: this cannot fail.
        body: serde_json::to_vec(view).unwrap_or_default(),
    }
}

/// Something that is there, with its version.
pub(crate) fn shown(view: &impl Serialize, version: i64) -> HttpResponse {
    HttpResponse::Ok().insert_header((ETAG, etag(version))).json(view)
}

/// An answer on its way out.
pub(crate) fn send(answer: Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    response.content_type("application/json");
    for (name, text) in [(ETAG, answer.etag), (LOCATION, answer.location)] {
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
            response.insert_header((name, value));
        }
    }
    response.body(answer.body)
}

/// Which part of a list is asked for.
pub(crate) struct Paging {
    pub(crate) limit: usize,
    /// The key of the last item of the page before.
    pub(crate) after: Option<String>,
}

/// Reads the query of a list: `limit` and `cursor` here, everything else by `filter`. Every fault is
/// named.
pub(crate) fn paging(
    request: &HttpRequest,
    mut filter: impl FnMut(&str, &str) -> Result<(), Reason>,
) -> Result<Paging, ApiError> {
    let mut paging = Paging { limit: PAGE.0, after: None };
    let mut faults = Vec::new();
    for (name, value) in form_pairs(request.query_string()) {
        let read = match name.as_str() {
            "limit" => match value.parse() {
                Ok(limit) if (1..=PAGE.1).contains(&limit) => {
                    paging.limit = limit;
                    Ok(())
                }
                _ => Err(Reason::OutOfRange { min: 1, max: 500 }),
            },
            "cursor" => match place(&value) {
                Some(key) => {
                    paging.after = Some(key);
                    Ok(())
                }
                None => Err(wrong("next_cursor")),
            },
            _ => filter(&name, &value),
        };
        faults.extend(read.err().map(|reason| Fault::at(name, reason)));
    }
    if faults.is_empty() { Ok(paging) } else { Err(ApiError::Invalid(faults)) }
}

pub(crate) fn wrong(expected: &str) -> Reason {
    Reason::WrongType { expected: expected.to_owned() }
}

/// The cursor of the item with this key.
pub(crate) fn cursor(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

/// The key behind a cursor.
pub(crate) fn place(cursor: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()
}

/// A page of a list that is in memory as a whole, sorted by `key`; or, as NDJSON, all of it.
pub(crate) fn page<I, T: Serialize>(
    request: &HttpRequest,
    paging: &Paging,
    items: &[I],
    key: impl Fn(&I) -> String,
    view: impl Fn(&I) -> T,
) -> HttpResponse {
    let accepted = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    if accepted.is_some_and(|accepted| accepted.contains("application/x-ndjson")) {
        let mut text = Vec::new();
        for item in items {
            text.extend(serde_json::to_vec(&view(item)).unwrap_or_default());
            text.push(b'\n');
        }
        return HttpResponse::Ok().content_type("application/x-ndjson").body(text);
    }
    let (shown, next_cursor) = part(paging, items, key);
    let mut response = HttpResponse::Ok();
    if let Some(link) = next_cursor.as_deref().and_then(|next| next_link(request, next)) {
        response.insert_header((LINK, link));
    }
    response.json(Page {
        items: shown.iter().map(view).collect(),
        next_cursor,
        next_updated_since: None,
    })
}

/// The `Link` to the next page: the query as it came, with the new cursor, which needs no escaping.
pub(crate) fn next_link(request: &HttpRequest, next: &str) -> Option<HeaderValue> {
    let rest: String = request
        .query_string()
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="))
        .map(|pair| format!("{pair}&"))
        .collect();
    let link = format!("<{}?{rest}cursor={next}>; rel=\"next\"", request.path());
    HeaderValue::from_str(&link).ok()
}

/// The items of a page, and the cursor of the next.
pub(crate) fn part<'a, I>(
    paging: &Paging,
    items: &'a [I],
    key: impl Fn(&I) -> String,
) -> (&'a [I], Option<String>) {
    let start = match &paging.after {
        Some(after) => items.partition_point(|item| key(item) <= *after),
        None => 0,
    };
    let rest = &items[start..];
    let shown = &rest[..rest.len().min(paging.limit)];
    let next = shown.last().filter(|_| shown.len() < rest.len());
    (shown, next.map(|last| URL_SAFE_NO_PAD.encode(key(last))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::openapi::{Described, WRITTEN};
    use crate::schema::Schemas;

    #[test]
    fn pages_go_on_where_the_last_one_ended() {
        let items = ["a", "b", "c", "å", "ö"];
        let key = |item: &&str| (*item).to_owned();
        let mut paging = Paging { limit: 2, after: None };
        let mut seen = Vec::new();
        loop {
            let (shown, next) = part(&paging, &items, key);
            seen.push(shown.to_vec());
            match next {
                Some(next) => paging.after = place(&next),
                None => break,
            }
        }
        assert_eq!(seen, [vec!["a", "b"], vec!["c", "å"], vec!["ö"]]);
        // What was last is gone meanwhile, or the list ends with the page.
        paging.after = Some("bb".into());
        assert_eq!(part(&paging, &items, key).0, ["c", "å"]);
        paging = Paging { limit: 5, after: None };
        assert_eq!(part(&paging, &items, key).1, None);
        assert_eq!(place("?"), None);
    }

    #[test]
    fn the_schemas_take_what_the_types_take() {
        let document: serde_json::Value = serde_json::from_str(WRITTEN).unwrap();
        let schemas = Schemas::of(Described::of(WRITTEN).unwrap().schemas());
        let told = |name: &str, body: serde_json::Value| -> Vec<String> {
            let faults = schemas.faults(name, &body).expect("a schema");
            faults.iter().map(|fault| format!("{} {}", fault.field, fault.reason.code())).collect()
        };
        for (name, body) in [
            ("UnitRequest", json!({"code": "a", "name": "A", "area": null})),
            ("UnitChange", json!({"area": null, "parent": null, "valid_to": null})),
            ("UnitChange", json!({"valid_from": "2026-01-01"})),
            ("StaffChange", json!({"name": null, "email": "a@example.se", "active": false})),
            ("RevokeRequest", json!({"reason": "left"})),
            ("CodeRequest", json!({"code": "A.B", "parent": "A", "sv": "B"})),
        ] {
            assert_eq!(told(name, body.clone()), [""; 0], "{name} {body}");
        }
        for name in ["UnitRequest", "GrantRequest", "CodeRequest", "RevokeRequest"] {
            assert!(!told(name, json!({})).is_empty(), "{name}");
        }
        let strange = json!({"active": "no", "nej": 1});
        let mut faults = told("StaffChange", strange);
        faults.sort();
        assert_eq!(faults, ["/active wrong_type", "/nej unknown_field"]);
        assert_eq!(told("UnitChange", json!({"valid_to": "x"})), ["/valid_to wrong_type"]);
        assert_eq!(told("RevokeRequest", json!({"reason": "x"})), ["/reason wrong_type"]);
        let shown = |path: &str| document["paths"][format!("/api/v1{path}")].clone();
        for (path, methods) in [
            ("/units", &["get", "post"][..]),
            ("/units/{id}", &["get", "patch"]),
            ("/staff", &["get"]),
            ("/staff/{id}", &["get", "patch"]),
            ("/grants", &["get", "post"]),
            ("/grants/{id}", &["get"]),
            ("/grants/{id}/revoke", &["post"]),
            ("/codes", &["get"]),
            ("/codes/{list}", &["get", "post"]),
            ("/laws", &["get"]),
            ("/forms/{kind}", &["get"]),
            ("/me", &["get"]),
        ] {
            let operations = shown(path);
            let mut names: Vec<_> = operations.as_object().unwrap().keys().collect();
            names.sort();
            assert_eq!(names, methods, "{path}");
            for operation in methods.iter().map(|method| &operations[*method]) {
                assert_eq!(operation["tags"], json!(["setup"]), "{path}");
                assert_eq!(operation["security"], json!([{"bearer": []}]), "{path}");
            }
        }
    }

    #[test]
    fn a_grant_names_role_and_laws_by_their_codes() {
        let schemas = Schemas::of(Described::of(WRITTEN).unwrap().schemas());
        for role in domain::organisation::Role::ALL {
            let body = json!({"staff": Uuid::nil(), "role": role.code(), "laws": ["HSL", "SOL"]});
            let faults = schemas.faults("GrantRequest", &body).expect("a schema");
            assert_eq!(faults, [], "{role}");
        }
    }
}
