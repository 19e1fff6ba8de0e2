//! A form that was sent: its fields, and files where it may have some. Read when its turn comes, never
//! further than it may be long, and never more fields than a form of ours could have.

use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use actix_web::rt::time::timeout;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use app::opinions::public::HandedFile;
use domain::case::attachment::LARGEST_FILE;
use futures_util::StreamExt as _;

use crate::cases::list::form_pairs;
use crate::extract::upload::{PATIENCE, broken, given_name, too_slow, whole};
use crate::problem::ApiError;
use crate::state::ApiState;

/// The most fields taken, files among them.
const MOST_FIELDS: usize = 64;
/// The most files taken with a form; more may follow by the receipt code.
pub const MOST_FILES: usize = 5;
/// The largest text of a field, in bytes.
const LARGEST_FIELD: usize = 128 * 1024;
/// All fields without the files, in bytes.
const LARGEST_TEXT: usize = 256 * 1024;
/// All of it, in bytes: what a form brings is in memory at once.
const LARGEST: usize = LARGEST_FILE as usize + LARGEST_TEXT;

/// A form not read yet.
pub struct Sent {
    payload: Payload,
    headers: HeaderMap,
}

impl FromRequest for Sent {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers().clone();
        std::future::ready(Ok(Self { payload: payload.take(), headers }))
    }
}

/// A form read.
#[derive(Debug, Default)]
pub struct Posted {
    fields: Vec<(String, String)>,
    /// Its files, of those fields that have any.
    pub files: Vec<HandedFile>,
}

impl Posted {
    /// What a field says, without what surrounds it; empty where it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// What a field says, as it was sent.
    pub fn raw(&self, name: &str) -> &str {
        let field = self.fields.iter().find(|(known, _)| known == name);
        field.map_or("", |(_, value)| value.as_str())
    }

    /// What a field says, if it says anything.
    pub fn given(&self, name: &str) -> Option<String> {
        let text = self.get(name);
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Whether a field was sent.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }

    /// A form as if it had been sent with these fields.
    pub fn of(fields: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self { fields: fields.iter().map(own).collect(), files: Vec::new() }
    }

    /// Everything it says, in one piece, apart from the fields in `without`: what tells two forms apart.
    pub fn content(&self, without: &[&str]) -> Vec<u8> {
        let mut all = Vec::new();
        let mut put = |part: &[u8]| {
            all.extend_from_slice(&(part.len() as u64).to_be_bytes());
            all.extend_from_slice(part);
        };
        for (name, value) in self.fields.iter().filter(|(name, _)| !without.contains(&&**name)) {
            put(name.as_bytes());
            put(value.as_bytes());
        }
        for file in &self.files {
            put(file.name.as_bytes());
            put(&file.bytes);
        }
        all
    }

    fn add(&mut self, name: String, mut value: String) -> Result<(), ApiError> {
        // No database keeps it; and a browser sends its line breaks in two letters.
        value.retain(|letter| letter != '\0' && letter != '\r');
        self.fields.push((name, value));
        if self.fields.len() + self.files.len() > MOST_FIELDS {
            return Err(too_large());
        }
        Ok(())
    }
}

fn too_large() -> ApiError {
    ApiError::TooLarge { limit: LARGEST }
}

impl Sent {
    /// Reads the form.
    ///
    /// # Errors
    /// [`ApiError::NotMultipart`], [`ApiError::BrokenMultipart`], [`ApiError::TooLarge`], or 408 when it
    /// takes too long.
    pub async fn read(self, state: &ApiState) -> Result<Posted, ApiError> {
        timeout(PATIENCE.whole, self.read_all(state)).await.map_err(|_| too_slow())?
    }

    async fn read_all(self, state: &ApiState) -> Result<Posted, ApiError> {
        if self.headers.contains_key(CONTENT_ENCODING) {
            return Err(ApiError::NotMultipart);
        }
        let kind = self.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        let files = kind.eq_ignore_ascii_case("multipart/form-data");
        if !files && !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(ApiError::NotMultipart);
        }
        let limit = if files { LARGEST } else { LARGEST_TEXT };
        let length = self.headers.get("content-length").and_then(|it| it.to_str().ok());
        let length = length.and_then(|length| length.parse::<usize>().ok());
        if length.is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut left = limit;
        let payload = self.payload.map(move |chunk: Result<Bytes, PayloadError>| {
            let chunk = chunk?;
            left = left.checked_sub(chunk.len()).ok_or(PayloadError::Overflow)?;
            Ok(chunk)
        });
        if files {
            read_parts(state, Multipart::new(&self.headers, payload)).await
        } else {
            read_pairs(payload).await
        }
    }
}

async fn read_pairs(
    mut payload: impl futures_util::Stream<Item = Result<Bytes, PayloadError>> + Unpin,
) -> Result<Posted, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = PATIENCE.next(payload.next()).await? {
        let chunk = chunk.map_err(|error| match error {
            PayloadError::Overflow => too_large(),
            _ => ApiError::BrokenMultipart,
        })?;
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8(bytes).map_err(|_| ApiError::BrokenMultipart)?;
    if text.split('&').count() > MOST_FIELDS {
        return Err(too_large());
    }
    let mut posted = Posted::default();
    for (name, value) in form_pairs(&text) {
        posted.add(name, value)?;
    }
    Ok(posted)
}

async fn read_parts(state: &ApiState, mut parts: Multipart) -> Result<Posted, ApiError> {
    let mut posted = Posted::default();
    let mut text = 0;
    while let Some(part) = PATIENCE.next(parts.next()).await? {
        let mut part = part.map_err(broken)?;
        let name = part.name().unwrap_or_default().to_owned();
        let filename = part
            .content_disposition()
            .is_some_and(|it| it.get_filename().is_some() || it.get_filename_ext().is_some());
        if filename {
            let (name, mut room) = (given_name(&part), state.app.keeping.room());
            let bytes = whole(PATIENCE, &mut part, LARGEST, too_large, Some(&mut room)).await?;
            // A browser sends a field without a file, too.
            if !bytes.is_empty() || !name.is_empty() {
                posted.files.push(HandedFile { name, bytes, room });
            }
            if posted.files.len() > MOST_FILES
                || posted.fields.len() + posted.files.len() > MOST_FIELDS
            {
                return Err(too_large());
            }
        } else {
            let bytes = whole(PATIENCE, &mut part, LARGEST_FIELD, too_large, None).await?;
            text += bytes.len();
            if text > LARGEST_TEXT {
                return Err(too_large());
            }
            let value = String::from_utf8(bytes.into()).map_err(|_| ApiError::BrokenMultipart)?;
            posted.add(name, value)?;
        }
    }
    Ok(posted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_forms_are_told_apart_by_what_they_say() {
        let form = Posted::of(&[("a", "b"), ("token", "x")]);
        let same = Posted::of(&[("a", "b"), ("token", "y")]);
        assert_eq!(form.content(&["token"]), same.content(&["token"]));
        assert_ne!(form.content(&[]), same.content(&[]));
        let moved = Posted::of(&[("ab", ""), ("token", "x")]);
        assert_ne!(form.content(&["token"]), moved.content(&["token"]));
        assert_eq!((form.get("a"), form.get("b")), ("b", ""));
    }
}
