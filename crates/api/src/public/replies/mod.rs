//! Answering without an account: a link, a second thing, and then one page. In JSON under the base, and
//! as pages at an address short enough for a letter.

mod answers;
mod fields;
mod frame;
mod json;
mod letter;
mod one;
mod page;
mod parts;
mod words;

use actix_web::http::header::COOKIE;
use actix_web::{HttpMessage as _, HttpRequest};
use app::portal::{Let, Visitor};
use domain::forwarding::Short;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use wire::portal::ReplyShort;

use super::limit::Budget;
use crate::middleware::RequestId;
use crate::problem::ApiError;
use crate::state::ApiState;

pub(crate) use json::{
    answer_reply, ask_back, attach_to_reply, come_by_letter, hand_over, leave, list_reply_files,
    read_replies, read_reply_file, show_factor,
};
pub(crate) use letter::{enter_letter_code, letter_page};
pub(crate) use one::{attach_on_page, file_of_page, one_page, say_on_page};
pub(crate) use page::{act_on_page, replies_page};

/// The name of the cookie; over HTTPS with the prefix that ties it to this host alone.
const NAME: &str = "reply";
const HOST_NAME: &str = "__Host-reply";

/// Whether the reader's connection is encrypted: as a proxy says, or as the service's own address does.
fn encrypted(state: &ApiState, request: &HttpRequest) -> bool {
    let plan = state.app.mailing.plan();
    state.limits.proxies().encrypted(request)
        || plan.is_some_and(|plan| plan.public_url.starts_with("https://"))
}

/// The session's cookie, if the browser sends one.
fn cookie(state: &ApiState, request: &HttpRequest) -> Option<String> {
    let name = if encrypted(state, request) { HOST_NAME } else { NAME };
    let headers = request.headers().get_all(COOKIE).filter_map(|header| header.to_str().ok());
    let mut pairs = headers.flat_map(|header| header.split(';'));
    pairs.find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then(|| value.to_owned())
    })
}

/// The header that has a browser keep the session: not for scripts, not for other sites, not for other
/// hosts, and no longer than it lasts.
fn keeps(state: &ApiState, request: &HttpRequest, let_in: &Let) -> String {
    let age =
        SignedDuration::as_secs(&let_in.session.ends_at.duration_since(let_in.session.begun_at));
    set(state, request, &let_in.cookie, age)
}

/// The header that has a browser forget it.
fn forgets(state: &ApiState, request: &HttpRequest) -> String {
    set(state, request, "", 0)
}

fn set(state: &ApiState, request: &HttpRequest, value: &str, age: i64) -> String {
    let secure = encrypted(state, request);
    let (name, secure) = if secure { (HOST_NAME, "; Secure") } else { (NAME, "") };
    format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}")
}

fn request_id(request: &HttpRequest) -> Uuid {
    request.extensions().get::<RequestId>().map_or_else(Uuid::now_v7, |id| id.0)
}

/// Whoever comes by a link, as far as the budget goes.
async fn visitor(
    state: &ApiState,
    request: &HttpRequest,
    budget: Budget,
    (tenant, token): (&str, &str),
) -> Result<Visitor, ApiError> {
    state.limits.admit(request, budget, state.app.now())?;
    let cookie = cookie(state, request);
    Ok(state.app.visit(tenant, token, cookie.as_deref(), request_id(request)).await?)
}

/// An answer in a word, with what belongs to it; `None` where that is missing.
fn short(
    answer: ReplyShort,
    until: Option<Date>,
    whom: Option<String>,
) -> Result<Short, &'static str> {
    match (answer, until, whom) {
        (ReplyShort::Received, ..) => Ok(Short::Received),
        (ReplyShort::Done, ..) => Ok(Short::Done),
        (ReplyShort::Investigating, Some(until), _) => Ok(Short::Investigating { until }),
        (ReplyShort::Investigating, None, _) => Err("until"),
        (ReplyShort::NotOurs, _, whom) => {
            Ok(Short::NotOurs { whom: whom.map(|it| it.trim().to_owned()).unwrap_or_default() })
        }
    }
}

/// The day of a moment, as a page shows it.
fn day(at: Timestamp) -> String {
    domain::calendar::swedish_date(at).to_string()
}
