//! `/{tenant}/svar`: where the code of a letter is typed.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use app::Error;
use pages::{Field, Flaw, Input, button, hidden, html};
use wire::Language;

use super::fields::Sent;
use super::frame::{Frame, TOKEN, code_flaws, kindly, with_cookie};
use super::words as w;
use super::{keeps, request_id};
use crate::extract::Spoken;
use crate::problem::ApiError;
use crate::public::limit::Budget;
use crate::state::ApiState;

/// `GET /{tenant}/svar`: where the code of a letter is typed.
pub async fn letter_page(
    state: Data<ApiState>,
    path: Path<String>,
    request: HttpRequest,
    Spoken(language): Spoken,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Page, state.app.now())?;
    letter(&state, &request, language, &path, &[])
}

fn letter(
    state: &ApiState,
    request: &HttpRequest,
    language: Language,
    slug: &str,
    flaws: &[Flaw],
) -> Result<HttpResponse, ApiError> {
    // The same for every name, also one that nobody has.
    let frame = letter_frame(state, request, language, slug);
    let issued = frame.issue()?;
    let content = html! {
        p { (w::LETTER_WHY.to(language)) }
        form method="post" action=(frame.action()) {
            (hidden(TOKEN, &issued.token))
            (Field {
                required: true,
                hint: Some(w::LETTER_HINT.to(language)),
                ..Field::new("code", w::LETTER_FIELD.to(language))
            }.within(flaws).input(Input::Text, ""))
            (button(w::GO_ON.to(language)))
        }
    };
    Ok(frame.render(w::LETTER_TITLE.to(language), content, flaws, Some(&issued)))
}

fn letter_frame<'a>(
    state: &'a ApiState,
    request: &'a HttpRequest,
    language: Language,
    slug: &'a str,
) -> Frame<'a> {
    let address = format!("/{slug}/svar");
    Frame { state, request, language, slug, site: "Avvikelse", address, about: "letter" }
}

/// `POST /{tenant}/svar`: the code of a letter.
pub async fn enter_letter_code(
    state: Data<ApiState>,
    path: Path<String>,
    request: HttpRequest,
    Spoken(language): Spoken,
    sent: Sent,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Factor, state.app.now())?;
    let fields = sent.read().await?;
    let frame = letter_frame(&state, &request, language, &path);
    if let Some(flaw) = frame.flaw_of_token(&fields)? {
        return letter(&state, &request, language, &path, &[flaw]);
    }
    let id = request_id(&request);
    match state.app.come_by_letter(&path, fields.get("code"), id).await {
        Ok(let_in) => {
            let to = format!("/{}/svar/{}", *path, let_in.token);
            Ok(with_cookie(frame.redirect(&to, None), &keeps(&state, &request, &let_in)))
        }
        Err(Error::Faults(faults)) => {
            let flaws = code_flaws(&faults, language);
            letter(&state, &request, language, &path, &flaws)
        }
        Err(error) => kindly(Err(error.into()), language),
    }
}
