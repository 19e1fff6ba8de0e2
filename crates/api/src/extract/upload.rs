//! A file that is handed in: `multipart/form-data`, read when its turn comes, never further than it
//! may be long, and never longer than it may take.

use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, HeaderMap};
use actix_web::rt::time::timeout;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use app::cases::Handed;
use app::keeping::Room;
use app::{Caller, Once};
use domain::calendar::swedish_date;
use domain::case::attachment::{LARGEST_FILE, LONGEST_DESCRIPTION};
use domain::case::filing::numbers_in;
use domain::fault::{Fault, Reason};
use futures_util::StreamExt as _;
use serde_json::json;

use super::{CalledBy, Conditions};
use crate::problem::ApiError;
use crate::state::ApiState;

/// The largest file taken, in bytes.
const LARGEST: usize = LARGEST_FILE as usize;
/// What may stand around the file: heads of parts, boundaries, the description.
const AROUND: usize = 64 * 1024;
/// How long a file may take.
pub(crate) const PATIENCE: Patience =
    Patience { whole: Duration::from_secs(5 * 60), silence: Duration::from_secs(30) };
/// The largest description read; what is longer is too long, whatever its letters.
const DESCRIPTION: usize = 4 * LONGEST_DESCRIPTION;

/// How long is waited for a file.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    /// The longest that reading it may take: a bad mobile connection needs its time.
    pub(crate) whole: Duration,
    /// The longest that nothing may come.
    silence: Duration,
}

impl Patience {
    /// What comes next, if it comes in time.
    pub(crate) async fn next<T>(self, next: impl Future<Output = T>) -> Result<T, ApiError> {
        timeout(self.silence, next).await.map_err(|_| too_slow())
    }
}

/// A file not read yet.
pub struct Upload {
    payload: Payload,
    headers: HeaderMap,
}

impl FromRequest for Upload {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers().clone();
        std::future::ready(Ok(Self { payload: payload.take(), headers }))
    }
}

/// A file read.
#[derive(Debug)]
pub struct ReadUpload(pub Handed);

impl Upload {
    /// Reads the file. From then on it is now (see [`super::Body::read`]).
    ///
    /// # Errors
    /// [`ApiError::NotMultipart`], [`ApiError::BrokenMultipart`], [`ApiError::TooLarge`],
    /// [`ApiError::Invalid`], or 408 when it takes too long.
    pub async fn read(
        self,
        state: &ApiState,
        caller: &mut CalledBy,
    ) -> Result<ReadUpload, ApiError> {
        let room = state.app.keeping.room();
        let mut handed = self.read_within(PATIENCE, room).await?;
        caller.0.now = state.app.now();
        handed.description = described(caller, handed.description)?;
        Ok(ReadUpload(handed))
    }

    /// Reads the file of whoever has no login; what it shows is not asked.
    ///
    /// # Errors
    /// As [`Upload::read`].
    pub async fn read_from_anybody(self, state: &ApiState) -> Result<Handed, ApiError> {
        self.read_within(PATIENCE, state.app.keeping.room()).await
    }

    async fn read_within(self, patience: Patience, room: Room) -> Result<Handed, ApiError> {
        timeout(patience.whole, self.read_all(patience, room)).await.map_err(|_| too_slow())?
    }

    async fn read_all(self, patience: Patience, mut room: Room) -> Result<Handed, ApiError> {
        if self.headers.contains_key(CONTENT_ENCODING) {
            return Err(ApiError::NotMultipart);
        }
        let length = self.headers.get("content-length").and_then(|length| length.to_str().ok());
        let length = length.and_then(|length| length.parse::<usize>().ok());
        if length.is_some_and(|length| length > LARGEST + AROUND) {
            return Err(too_large());
        }
        let mut left = LARGEST + AROUND;
        // A chunked body has no length: it is cut where it would be too long.
        let payload = self.payload.map(move |chunk: Result<Bytes, PayloadError>| {
            let chunk = chunk?;
            left = left.checked_sub(chunk.len()).ok_or(PayloadError::Overflow)?;
            Ok(chunk)
        });
        let mut parts = Multipart::new(&self.headers, payload);
        let (mut file, mut description) = (None, None);
        while let Some(part) = patience.next(parts.next()).await? {
            let mut part = part.map_err(broken)?;
            let name = part.name().unwrap_or_default().to_owned();
            let again = match name.as_str() {
                "file" => file.is_some(),
                "description" => description.is_some(),
                _ => return Err(wrong(&name, Reason::UnknownField)),
            };
            if again {
                return Err(wrong(&name, Reason::NotUnique));
            }
            if name == "file" {
                let (given, declared) = (given_name(&part), part.content_type());
                let declared = declared.map(ToString::to_string).unwrap_or_default();
                let bytes = whole(patience, &mut part, LARGEST, too_large, Some(&mut room)).await?;
                file = Some((given, declared, bytes));
            } else {
                let long = || wrong("description", Reason::TooLong { max: LONGEST_DESCRIPTION });
                let bytes = whole(patience, &mut part, DESCRIPTION, long, None).await?;
                description = Some(String::from_utf8(bytes.into()).map_err(|_| {
                    wrong("description", Reason::WrongType { expected: "UTF-8".into() })
                })?);
            }
        }
        let (name, declared, bytes) = file.ok_or_else(|| wrong("file", Reason::Required))?;
        Ok(Handed { name, declared, description, bytes, room })
    }
}

/// The name of a part's file, as given.
pub(crate) fn given_name(part: &Field) -> String {
    let disposition = part.content_disposition();
    let extended = disposition.and_then(|it| it.get_filename_ext());
    let extended = extended.map(|name| String::from_utf8_lossy(&name.value).into_owned());
    let plain = || disposition.and_then(|it| it.get_filename()).map(str::to_owned);
    extended.or_else(plain).unwrap_or_default()
}

/// A part to its end, which may not lie beyond `limit`.
pub(crate) async fn whole(
    patience: Patience,
    part: &mut Field,
    limit: usize,
    beyond: impl Fn() -> ApiError,
    mut room: Option<&mut Room>,
) -> Result<Bytes, ApiError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = patience.next(part.next()).await? {
        let chunk = chunk.map_err(broken)?;
        let length = bytes.len() + chunk.len();
        if length > limit {
            return Err(beyond());
        }
        if let Some(room) = &mut room {
            room.grow(length)?;
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// The description as it is kept; `None` where it says nothing.
fn described(caller: &Caller, given: Option<String>) -> Result<Option<String>, ApiError> {
    let Some(mut text) = given else { return Ok(None) };
    // No database keeps it.
    text.retain(|letter| letter != '\0');
    let text = text.trim();
    if text.chars().count() > LONGEST_DESCRIPTION {
        return Err(wrong("description", Reason::TooLong { max: LONGEST_DESCRIPTION }));
    }
    let found = numbers_in(&mut json!({ "description": text }), swedish_date(caller.now));
    if !found.is_empty() {
        return Err(ApiError::Invalid(found));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn wrong(part: &str, reason: Reason) -> ApiError {
    let name = part.replace('~', "~0").replace('/', "~1");
    ApiError::Invalid(vec![Fault::at(format!("/{name}"), reason)])
}

pub(crate) fn too_slow() -> ApiError {
    ApiError::Framework(StatusCode::REQUEST_TIMEOUT)
}

fn too_large() -> ApiError {
    ApiError::TooLarge { limit: LARGEST }
}

pub(crate) fn broken(error: actix_multipart::MultipartError) -> ApiError {
    use actix_multipart::MultipartError as E;
    match error {
        E::ContentTypeMissing
        | E::ContentTypeParse
        | E::ContentTypeIncompatible
        | E::BoundaryMissing => ApiError::NotMultipart,
        E::Payload(PayloadError::Overflow) => too_large(),
        // Which fault, not what was sent.
        _ => ApiError::BrokenMultipart,
    }
}

impl ReadUpload {
    /// Names the request, when it carries an Idempotency-Key: by what was handed in, for the text
    /// around it differs each time.
    pub fn once(&self, state: &ApiState, caller: &Caller, conditions: &Conditions) -> Option<Once> {
        let key = conditions.key.clone()?;
        let (method, path) = &conditions.target;
        let (sealer, principal) = (&state.app.sealer, caller.staff.id.0);
        let file = sealer.request_mac(principal, method, path, &self.0.bytes);
        let beside = json!([self.0.name, self.0.declared, self.0.description]).to_string();
        let all = [file.as_slice(), beside.as_bytes()].concat();
        Some(Once { key, mac: sealer.request_mac(principal, method, path, &all) })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
    use app::keeping::Keeping;

    use super::*;

    /// An upload of which this much comes, and then nothing.
    fn silent_after(come: &'static [u8]) -> Upload {
        let come = futures_util::stream::iter([Ok(Bytes::from_static(come))]);
        let payload = come.chain(futures_util::stream::pending()).boxed_local();
        let mut headers = HeaderMap::new();
        let kind = HeaderValue::from_static("multipart/form-data; boundary=x");
        headers.insert(CONTENT_TYPE, kind);
        Upload { payload: Payload::Stream { payload }, headers }
    }

    #[actix_web::test]
    async fn a_file_that_does_not_end_is_not_waited_for() {
        let (short, long) = (Duration::from_millis(5), Duration::from_secs(60));
        let part = b"--x\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\nText";
        for come in [b"--x".as_slice(), part] {
            for patience in
                [Patience { whole: long, silence: short }, Patience { whole: short, silence: long }]
            {
                let room = Keeping::default().room();
                match silent_after(come).read_within(patience, room).await {
                    Err(ApiError::Framework(status)) => {
                        assert_eq!(status, StatusCode::REQUEST_TIMEOUT);
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}
