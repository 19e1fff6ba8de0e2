//! Every error as problem details (RFC 9457): the one place that turns errors into statuses.

use std::fmt;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ALLOW, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use actix_web::{HttpResponse, ResponseError};
use app::Error;
use domain::case::attachment::FileKind;
use domain::fault::Fault;
use uuid::Uuid;
use wire::fault::FaultView;
use wire::{Language, Problem};

use crate::extract::VARIES_BY;
use crate::machines::refusals;

/// How many faults are told at most. Who has more begins with these; a small request must not be
/// answered by a thousand times as much.
const MOST_FAULTS: usize = 100;

/// Why a request did not succeed. The middleware makes the answer of it, in the caller's language.
#[derive(Debug)]
pub enum ApiError {
    /// No token, or one that is not accepted. The text is for the log.
    Unauthenticated(&'static str),
    /// A token whose groups were left out by the issuer: what its holder may do cannot be told.
    GroupsElsewhere,
    /// The keys to check tokens with are not to be had.
    KeysUnavailable,
    /// A use case said so.
    App(Error),
    /// `If-Match` is missing.
    PreconditionRequired,
    /// `If-Match` names another version.
    PreconditionFailed,
    /// The body is not JSON at all.
    BrokenJson(String),
    /// The body, or the query, has faults.
    Invalid(Vec<Fault>),
    /// The body is not of a type this operation takes.
    UnsupportedMediaType,
    /// The body should be `multipart/form-data`, not compressed.
    NotMultipart,
    /// The body is `multipart/form-data` that does not hold together.
    BrokenMultipart,
    /// The body is larger than `limit` bytes.
    TooLarge {
        /// The largest body taken, in bytes.
        limit: usize,
    },
    /// The path is known, the method is not.
    MethodNotAllowed(Vec<String>),
    /// There is no such path.
    NoSuchPath,
    /// Any other answer of the framework's own.
    Framework(StatusCode),
    /// Too often: a budget is spent.
    TooMany {
        /// The seconds until there is some of it again.
        after: u64,
    },
    /// A form that another site had sent here.
    FromElsewhere,
    /// A panic. Its text stays in the log.
    Panicked,
    /// The service is about to stop, or its database does not answer.
    NotReady,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ApiError::Unauthenticated(why) => write!(f, "unauthenticated: {why}"),
            ApiError::GroupsElsewhere => write!(f, "unauthenticated: token_groups_elsewhere"),
            // Which faults, not what was given: that may be about a person.
            ApiError::App(Error::Faults(faults) | Error::FiguresChanged(faults))
            | ApiError::Invalid(faults) => {
                write!(f, "{} faults:", faults.len())?;
                faults
                    .iter()
                    .take(MOST_FAULTS)
                    .try_for_each(|fault| write!(f, " {}", fault.reason.code()))
            }
            ApiError::App(error) => error.fmt(f),
            ApiError::BrokenJson(why) => write!(f, "broken JSON: {why}"),
            other => write!(f, "{other:?}"),
        }
    }
}

impl std::error::Error for ApiError {}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        ApiError::App(error)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.kind().0
    }

    /// Replaced by the middleware, which knows language and request id.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::new(self.status_code())
    }
}

/// Titles and details of a problem: Swedish, English.
type Texts = (&'static str, &'static str);

impl ApiError {
    /// Status, stable code and title.
    fn kind(&self) -> (StatusCode, &'static str, Texts) {
        use StatusCode as S;
        match self {
            ApiError::Unauthenticated(_) => (
                S::UNAUTHORIZED,
                "unauthenticated",
                ("Inloggning behövs, eller så gäller den inte.", "A valid token is needed."),
            ),
            ApiError::GroupsElsewhere => (
                S::UNAUTHORIZED,
                "groups_missing",
                (
                    "Inloggningen saknar dina grupper, för att de är för många. Den som sköter inloggningen behöver begränsa vilka som skickas med.",
                    "The token lacks your groups, since they are too many. Whoever runs the identity provider must limit which are sent.",
                ),
            ),
            ApiError::KeysUnavailable => (
                S::SERVICE_UNAVAILABLE,
                "unavailable",
                (
                    "Inloggningen kan inte kontrolleras just nu.",
                    "Tokens cannot be checked right now.",
                ),
            ),
            ApiError::NotReady => (
                S::SERVICE_UNAVAILABLE,
                "unavailable",
                (
                    "Tjänsten tar inte emot anrop just nu.",
                    "The service takes no requests right now.",
                ),
            ),
            ApiError::App(error) => match error {
                Error::NotLetIn(_) => (
                    S::UNAUTHORIZED,
                    "unauthenticated",
                    ("Inloggning behövs, eller så gäller den inte.", "A valid token is needed."),
                ),
                Error::NotFound => {
                    (S::NOT_FOUND, "not_found", ("Finns inte.", "It does not exist."))
                }
                Error::Erased { .. } => (
                    S::GONE,
                    "erased",
                    (
                        "Ärendet är gallrat enligt dokumenthanteringsplanen.",
                        "The case was erased by the information plan.",
                    ),
                ),
                Error::Forbidden => (
                    S::FORBIDDEN,
                    "forbidden",
                    ("Din behörighet räcker inte för det.", "Your grants do not cover this."),
                ),
                Error::NotDelegated(_) => (
                    S::FORBIDDEN,
                    "delegation_missing",
                    (
                        "Du har ingen delegation för det beslutet den dagen.",
                        "The register gives you no delegation for that decision on that day.",
                    ),
                ),
                Error::OwnMatter => (
                    S::FORBIDDEN,
                    "own_matter",
                    (
                        "Det gäller dig själv: någon annan handlägger det.",
                        "It is about yourself: somebody else handles it.",
                    ),
                ),
                Error::Stale => (
                    S::PRECONDITION_FAILED,
                    "stale",
                    (
                        "Någon annan har ändrat sedan du läste. Läs om och försök igen.",
                        "Somebody has changed it since you read it. Read it again and retry.",
                    ),
                ),
                Error::FiguresChanged(_) => (
                    S::PRECONDITION_FAILED,
                    "figures_changed",
                    (
                        "Siffrorna är inte de som visades. Läs sammanställningen igen.",
                        "The figures are not those that were shown. Read the review again.",
                    ),
                ),
                Error::State { .. } => (
                    S::CONFLICT,
                    "invalid_state",
                    (
                        "Det går inte i nuvarande status.",
                        "That is not possible where it stands now.",
                    ),
                ),
                Error::Faults(_) => (
                    S::UNPROCESSABLE_ENTITY,
                    "invalid_request",
                    ("Uppgifter saknas eller är fel.", "Something is missing or wrong."),
                ),
                Error::FileKind => (
                    S::UNSUPPORTED_MEDIA_TYPE,
                    "file_kind_not_allowed",
                    ("Den sortens fil tas inte emot.", "That kind of file is not taken."),
                ),
                Error::Conflict("grant_of_group") => (
                    S::CONFLICT,
                    "grant_of_group",
                    (
                        "Behörigheten kommer av en grupp. Avsluta det som gruppen ger, ta personen \
                         ur gruppen eller stäng av personen.",
                        "A group gave this grant. End the group grant, take the person out of the \
                         group, or deactivate the member of the staff.",
                    ),
                ),
                Error::Conflict(_) => {
                    (S::CONFLICT, "conflict", ("Det finns redan.", "It exists already."))
                }
                Error::NotTaken(why) => {
                    let (status, texts) = refusals::told(why);
                    (status, why.code(), texts)
                }
                Error::KeyReused => (
                    S::UNPROCESSABLE_ENTITY,
                    "idempotency_key_reused",
                    (
                        "Idempotency-Key har använts för ett annat anrop.",
                        "The Idempotency-Key was used for another request.",
                    ),
                ),
                // One word for whatever opens nothing: which it is would tell what there is.
                Error::Gone => (
                    S::GONE,
                    "gone",
                    (
                        "Länken öppnar ingenting längre. Den kan ha gått ut, använts, ersatts eller \
                         återkallats. Hör av er till avsändaren för en ny.",
                        "The link opens nothing any more. It may be over, spent, replaced or \
                         revoked. Ask the sender for a new one.",
                    ),
                ),
                Error::FactorNeeded => (
                    S::FORBIDDEN,
                    "factor_needed",
                    (
                        "Ange kodordet eller en engångskod först.",
                        "Give the code word or a one-time code first.",
                    ),
                ),
                Error::Unavailable(_) => (
                    S::SERVICE_UNAVAILABLE,
                    "unavailable",
                    ("Tjänsten är upptagen. Försök igen.", "The service is busy. Try again."),
                ),
                Error::Internal(_) => (
                    S::INTERNAL_SERVER_ERROR,
                    "internal",
                    ("Något gick fel hos oss.", "Something went wrong on our side."),
                ),
            },
            ApiError::PreconditionRequired => (
                S::PRECONDITION_REQUIRED,
                "precondition_required",
                (
                    "Ange If-Match med den ETag som du läste.",
                    "Give If-Match with the ETag that you read.",
                ),
            ),
            ApiError::PreconditionFailed => (
                S::PRECONDITION_FAILED,
                "stale",
                (
                    "Någon annan har ändrat sedan du läste. Läs om och försök igen.",
                    "Somebody has changed it since you read it. Read it again and retry.",
                ),
            ),
            ApiError::BrokenJson(_) => (
                S::BAD_REQUEST,
                "broken_json",
                ("Det är inte giltig JSON.", "That is not valid JSON."),
            ),
            ApiError::Invalid(_) => (
                S::UNPROCESSABLE_ENTITY,
                "invalid_request",
                ("Uppgifter saknas eller är fel.", "Something is missing or wrong."),
            ),
            ApiError::UnsupportedMediaType => (
                S::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                (
                    "Skicka application/json utan Content-Encoding.",
                    "Send application/json without Content-Encoding.",
                ),
            ),
            ApiError::NotMultipart => (
                S::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                (
                    "Skicka multipart/form-data utan Content-Encoding.",
                    "Send multipart/form-data without Content-Encoding.",
                ),
            ),
            ApiError::BrokenMultipart => (
                S::BAD_REQUEST,
                "broken_multipart",
                (
                    "Det är inte giltig multipart/form-data.",
                    "That is not valid multipart/form-data.",
                ),
            ),
            ApiError::TooLarge { .. } => (
                S::PAYLOAD_TOO_LARGE,
                "too_large",
                ("Anropet är för stort.", "The request is too large."),
            ),
            ApiError::MethodNotAllowed(_) => (
                S::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                ("Den metoden finns inte här.", "There is no such method here."),
            ),
            ApiError::NoSuchPath => {
                (S::NOT_FOUND, "not_found", ("Finns inte.", "It does not exist."))
            }
            ApiError::Framework(status) => (
                *status,
                framework_code(*status),
                ("Anropet kunde inte tas emot.", "The request could not be taken."),
            ),
            ApiError::TooMany { .. } => (
                S::TOO_MANY_REQUESTS,
                "too_many_requests",
                (
                    "Det blev för många försök. Vänta en stund och försök igen.",
                    "There were too many tries. Wait a while and try again.",
                ),
            ),
            ApiError::FromElsewhere => (
                S::FORBIDDEN,
                "from_elsewhere",
                (
                    "Formuläret skickades från en annan webbplats.",
                    "The form was sent from another site.",
                ),
            ),
            ApiError::Panicked => (
                S::INTERNAL_SERVER_ERROR,
                "internal",
                ("Något gick fel hos oss.", "Something went wrong on our side."),
            ),
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            ApiError::App(Error::State { status, command }) => {
                Some(format!("status: {status}, command: {command}"))
            }
            ApiError::App(Error::Conflict(code)) => Some((*code).to_owned()),
            ApiError::App(Error::Erased { on, decision }) => Some(match decision {
                Some(decision) => format!("gallrat {on}, beslut {decision}"),
                None => format!("gallrat {on}"),
            }),
            ApiError::App(Error::NotTaken(why)) => refusals::detail(why),
            ApiError::App(Error::NotDelegated(matter)) => {
                Some(format!("missing: delegation {matter}"))
            }
            ApiError::App(Error::FileKind) => {
                let kinds: Vec<_> = FileKind::ALL.iter().map(|kind| kind.code()).collect();
                Some(format!("allowed: {}", kinds.join(", ")))
            }
            ApiError::BrokenJson(why) => Some(why.clone()),
            ApiError::TooLarge { limit } => Some(format!("limit: {limit} bytes")),
            _ => None,
        }
    }

    /// Those that are told.
    fn faults(&self) -> &[Fault] {
        match self {
            ApiError::App(Error::Faults(faults) | Error::FiguresChanged(faults))
            | ApiError::Invalid(faults) => &faults[..faults.len().min(MOST_FAULTS)],
            _ => &[],
        }
    }

    /// The problem, in a language. Nothing is logged.
    pub(crate) fn problem(&self, language: Language, request_id: Uuid) -> Problem {
        let (status, code, (sv, en)) = self.kind();
        Problem {
            kind: format!("urn:avvikelse:problem:{code}"),
            title: match language {
                Language::En => en,
                Language::Sv | Language::SvEasy => sv,
            }
            .to_owned(),
            status: status.as_u16(),
            code: code.to_owned(),
            detail: self.detail(),
            request_id,
            errors: FaultView::all(self.faults(), language),
        }
    }

    /// The answer, in a language. Internal text is logged here, once, and does not leave.
    pub fn respond(&self, language: Language, request_id: Uuid) -> HttpResponse {
        self.log(request_id);
        let mut response =
            HttpResponse::build(self.status_code()).json(self.problem(language, request_id));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(VARY, HeaderValue::from_static(VARIES_BY));
        match self {
            ApiError::Unauthenticated(_)
            | ApiError::GroupsElsewhere
            | ApiError::App(Error::NotLetIn(_)) => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            ApiError::MethodNotAllowed(methods) => {
                if let Ok(allow) = HeaderValue::from_str(&methods.join(", ")) {
                    headers.insert(ALLOW, allow);
                }
            }
            _ => {}
        }
        self.retry(headers);
        response
    }

    /// When to try again, where that helps.
    fn retry(&self, headers: &mut HeaderMap) {
        if let ApiError::TooMany { after } = self {
            headers.insert(RETRY_AFTER, HeaderValue::from(*after));
        } else if self.status_code() == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("2"));
        }
    }

    /// The answer as a page, for whoever reads pages. Logged as [`ApiError::respond`] does.
    pub fn respond_page(&self, language: Language, request_id: Uuid) -> HttpResponse {
        self.log(request_id);
        let problem = self.problem(language, request_id);
        let mut response = crate::public::page::failed(self.status_code(), &problem, language);
        self.retry(response.headers_mut());
        response
    }

    fn log(&self, request_id: Uuid) {
        // A probe that is told "not ready" is answered as it should be.
        if self.status_code().is_server_error() && !matches!(self, ApiError::NotReady) {
            tracing::error!(%request_id, error = %self, "request failed");
        } else {
            tracing::debug!(%request_id, error = %self, "request refused");
        }
    }
}

fn framework_code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "bad_request",
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::REQUEST_TIMEOUT => "timeout",
        StatusCode::PAYLOAD_TOO_LARGE => "too_large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
        _ if status.is_server_error() => "internal",
        _ => "refused",
    }
}

#[cfg(test)]
mod tests {
    use domain::fault::Reason;

    use super::*;

    #[test]
    fn the_log_says_which_faults_there_were_and_nothing_that_was_given() {
        let faults = || {
            let given = "Hälsa Kalle".to_owned();
            vec![
                Fault::at("/details/Kalle", Reason::UnknownField),
                Fault::at("/unit", Reason::UnknownUnit { given }),
            ]
        };
        for error in [ApiError::Invalid(faults()), ApiError::App(Error::Faults(faults()))] {
            assert_eq!(error.to_string(), "2 faults: unknown_field unknown_unit");
        }
    }
}
