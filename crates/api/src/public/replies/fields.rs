//! What a form of a page brings: fields as a browser sends them, read to their end or not at all.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::rt::time::timeout;
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt as _;
use uuid::Uuid;

use crate::cases::list::form_pairs;
use crate::problem::ApiError;

/// The largest form taken, in bytes: some dozens of answers with their texts.
const LARGEST: usize = 2 * 1024 * 1024;
/// The longest that reading it may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A form not read yet.
pub struct Sent {
    payload: Payload,
    taken: bool,
}

/// A form read.
#[derive(Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The value of a field; empty where it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|field| field.0 == name).map_or("", |field| field.1.as_str())
    }

    /// The matters that fields are about: the names end in their ids.
    pub fn matters(&self) -> impl Iterator<Item = Uuid> {
        self.0.iter().filter_map(|(name, _)| name.strip_prefix("short.")?.parse().ok())
    }

    /// The fields about matters, with what was typed.
    pub fn of_matters(&self) -> impl Iterator<Item = (&str, &str)> {
        let about =
            |name: &str| name.split_once('.').is_some_and(|(_, id)| Uuid::parse_str(id).is_ok());
        let fields = self.0.iter().filter(move |(name, _)| about(name));
        fields.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of a field, if it says anything.
    pub fn filled(&self, name: &str) -> Option<String> {
        let value = self.get(name).trim();
        (!value.is_empty()).then(|| value.to_owned())
    }
}

impl FromRequest for Sent {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers();
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        let form = kind.starts_with("application/x-www-form-urlencoded");
        let taken = form && !headers.contains_key(CONTENT_ENCODING);
        std::future::ready(Ok(Self { payload: payload.take(), taken }))
    }
}

impl Sent {
    /// Reads the form.
    ///
    /// # Errors
    /// [`ApiError::Framework`] for what is no form, or comes too slowly; [`ApiError::TooLarge`].
    pub async fn read(mut self) -> Result<Fields, ApiError> {
        if !self.taken {
            return Err(ApiError::Framework(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let whole = async {
            let mut bytes = BytesMut::new();
            while let Some(chunk) = self.payload.next().await {
                let chunk = chunk.map_err(|_| ApiError::Framework(StatusCode::BAD_REQUEST))?;
                if bytes.len() + chunk.len() > LARGEST {
                    return Err(ApiError::TooLarge { limit: LARGEST });
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(bytes)
        };
        let bytes = timeout(PATIENCE, whole)
            .await
            .map_err(|_| ApiError::Framework(StatusCode::REQUEST_TIMEOUT))??;
        Ok(Fields(form_pairs(&String::from_utf8_lossy(&bytes))))
    }
}
