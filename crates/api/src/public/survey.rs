//! Two questions to whoever got an answer: by their receipt, once.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, post};
use domain::survey::{Satisfied, SurveyGiven};
use pages::{Choice, Field, Flaw, Markup, Say, button, hidden, html, query_with};
use wire::Problem;
use wire::public::FollowedOpinionView;
use wire::survey::SenderSurveyRequest;

use super::form::TOKEN;
use super::limit::Budget;
use super::posted::Sent;
use super::receipt_page::{At, Told, admitted, shown};
use super::receipts::{opened, view};
use super::{door, said};
use crate::extract::{Body, Spoken};
use crate::problem::ApiError;
use crate::state::ApiState;

const TITLE: Say =
    Say("Vad tycker du om svaret?", "What do you think of the answer?", "Vad tycker du om svaret?");
const ABOUT: Say = Say(
    "Två frågor, en gång. Det du svarar räknas, och ingen svarar på det.",
    "Two questions, once. What you say is counted, and nobody replies to it.",
    "Två frågor. Du kan svara en gång.",
);
const UNDERSTOOD: Say =
    Say("Gick svaret att förstå?", "Could you understand the answer?", "Förstår du svaret?");
const HELPED: Say = Say("Hjälpte svaret dig?", "Did the answer help you?", "Hjälper svaret dig?");
const YES: Say = Say("Ja", "Yes", "Ja");
const PARTLY: Say = Say("Delvis", "In part", "Lite");
const NO: Say = Say("Nej", "No", "Nej");
const THANKS: Say = Say(
    "Tack för att du svarade på frågorna.",
    "Thank you for answering the questions.",
    "Tack för ditt svar.",
);
const NEEDS_ONE: Say = Say(
    "Svara på minst en av frågorna om svaret",
    "Answer at least one of the questions about the answer",
    "Svara på en av frågorna",
);
const GIVEN: Say = Say(
    "Frågorna är redan besvarade.",
    "The questions have been answered already.",
    "Du har redan svarat.",
);

/// Say what one thinks of the answer.
///
/// By the receipt code, once there is an answer, and once: was it understood, did it help. It is counted, and
/// changes nothing of the matter.
#[utoipa::path(
    tag = "public",
    request_body = SenderSurveyRequest,
    params(("tenant" = String, Path, description = "The tenant's short name")),
    responses(
        (status = 201, description = "Kept; how it stands", body = FollowedOpinionView),
        (status = "4XX", description = "Not kept", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not kept", body = Problem, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[post("/public/{tenant}/receipts/survey")]
pub async fn answer_survey(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
    Spoken(language): Spoken,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Page, state.app.now())?;
    let door = door(&state, &request, &tenant).await?;
    let given: SenderSurveyRequest = body.read_from_anybody().await?.parse(&state)?;
    let case = opened(&state, &request, &door, &given.code).await?;
    state.app.survey_by_sender(&door, case, given.into()).await?;
    Ok(HttpResponse::Created().json(view(&state, &door, case, language).await?))
}

/// Says what one thinks of the answer.
#[utoipa::path(
    tag = "pages",
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    params(("tenant" = String, Path, description = "The tenant's short name")),
    responses(
        (status = 200, description = "Kept; how it stands", body = String, content_type = "text/html"),
        (status = "4XX", description = "Not kept"),
    ),
    security(()),
)]
#[post("/{tenant}/receipts/survey")]
pub async fn send_survey_form(
    state: Data<ApiState>,
    request: HttpRequest,
    tenant: Path<String>,
    Spoken(language): Spoken,
    sent: Sent,
) -> Result<HttpResponse, ApiError> {
    state.limits.admit(&request, Budget::Page, state.app.now())?;
    let door = door(&state, &request, &tenant).await?;
    let posted = sent.read(&state).await?;
    let (code, case) = match admitted(&state, &request, &door, language, &posted).await? {
        Ok(found) => found,
        Err(page) => return Ok(page),
    };
    let said = |name: &str| posted.get(name).parse::<Satisfied>().ok();
    let given = SurveyGiven { understood: said("understood"), helped: said("helped") };
    let mut flaws = Vec::new();
    if given == SurveyGiven::default() {
        flaws.push(Flaw::at("understood", NEEDS_ONE.to(language)));
    } else {
        match state.app.survey_by_sender(&door, case, given).await {
            Ok(_) => {}
            Err(app::Error::Faults(_)) => flaws.push(Flaw::at("", GIVEN.to(language))),
            Err(other) => return Err(other.into()),
        }
    }
    let told = Told { flaws: &flaws, ..Told::default() };
    shown(&state, &request, (&door, case), language, &code, told).await
}

/// The questions, where they may be answered; thanks, where they are.
pub(super) fn questions(at: At<'_>, view: &FollowedOpinionView, told: Told<'_>) -> Markup {
    let language = at.language;
    let to = |say: Say| say.to(language);
    if view.survey.at.is_some() {
        return html! { p.hint { (to(THANKS)) } };
    }
    if !view.may_answer_survey {
        return html! {};
    }
    let choices = [(Satisfied::Yes, YES), (Satisfied::Partly, PARTLY), (Satisfied::No, NO)]
        .map(|(value, say)| Choice::new(value.code(), to(say)));
    let action = format!("/{}/receipts/survey", at.door.tenant.slug);
    let field = |name, say| Field::new(name, to(say)).within(told.flaws);
    html! {
        section.screen aria-labelledby="survey" {
            h2 id="survey" { (to(TITLE)) }
            p { (to(ABOUT)) }
            form method="post" action=(query_with(&action, language)) {
                (hidden(TOKEN, &at.issued.token))
                (hidden("code", at.code))
                (field("understood", UNDERSTOOD).radios(&choices, ""))
                (field("helped", HELPED).radios(&choices, ""))
                (button(to(said::SEND)))
            }
        }
    }
}
