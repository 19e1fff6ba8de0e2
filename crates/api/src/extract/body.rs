//! The body: read when its turn comes, checked against its schema, then against the rules.

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::web::{Bytes, BytesMut, Data};
use actix_web::{FromRequest, HttpRequest};
use app::{Caller, Once};
use domain::calendar::swedish_date;
use domain::case::filing::numbers_in;
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use super::Conditions;
use crate::problem::ApiError;
use crate::state::ApiState;

/// The largest JSON body taken, in bytes.
pub const LARGEST: usize = 256 * 1024;

/// A body not read yet.
pub struct Body {
    payload: Payload,
    json: bool,
    encoded: bool,
    declared: Option<usize>,
}

impl FromRequest for Body {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers();
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        let essence = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        let declared = headers
            .get("content-length")
            .and_then(|length| length.to_str().ok())
            .and_then(|length| length.parse().ok());
        std::future::ready(Ok(Self {
            payload: payload.take(),
            json: essence == "application/json" || essence.ends_with("+json"),
            encoded: headers.contains_key(CONTENT_ENCODING),
            declared,
        }))
    }
}

/// A body read: bytes, not looked at yet.
#[derive(Clone, Debug)]
pub struct ReadBody(pub Bytes);

impl Body {
    /// Reads the body.
    ///
    /// # Errors
    /// [`ApiError::UnsupportedMediaType`], [`ApiError::TooLarge`].
    pub async fn read(mut self) -> Result<ReadBody, ApiError> {
        if self.encoded {
            return Err(ApiError::UnsupportedMediaType);
        }
        if self.declared.is_some_and(|length| length > LARGEST) {
            return Err(ApiError::TooLarge { limit: LARGEST });
        }
        let mut bytes = BytesMut::new();
        while let Some(chunk) = self.payload.next().await {
            let chunk =
                chunk.map_err(|_| ApiError::BrokenJson("the body ends too early".into()))?;
            if bytes.len() + chunk.len() > LARGEST {
                return Err(ApiError::TooLarge { limit: LARGEST });
            }
            bytes.extend_from_slice(&chunk);
        }
        // A command that needs nothing may come without a body, and then without a type.
        if !self.json && !bytes.is_empty() {
            return Err(ApiError::UnsupportedMediaType);
        }
        Ok(ReadBody(bytes.freeze()))
    }
}

impl ReadBody {
    /// Names the request, when it carries an Idempotency-Key.
    pub fn once(&self, state: &ApiState, caller: &Caller, conditions: &Conditions) -> Option<Once> {
        let key = conditions.key.clone()?;
        let (method, path) = &conditions.target;
        let mac = state.app.sealer.request_mac(caller.staff.id.0, method, path, &self.0);
        Some(Once { key, mac })
    }

    /// The body as a value of `T`, checked against the schema of `T`.
    ///
    /// # Errors
    /// [`ApiError::BrokenJson`]; [`ApiError::Invalid`] with every fault.
    pub fn parse<T: DeserializeOwned + ToSchema>(&self, state: &ApiState) -> Result<T, ApiError> {
        self.checked(state).map(|(parsed, _)| parsed)
    }

    /// As [`ReadBody::parse`], for what is written at a desk: a personal identity number in a text
    /// is refused, with its position. `subject` is where one belongs.
    ///
    /// # Errors
    /// As [`ReadBody::parse`].
    pub fn parse_desk<T: DeserializeOwned + ToSchema>(
        &self,
        state: &Data<ApiState>,
        caller: &Caller,
    ) -> Result<T, ApiError> {
        let (parsed, mut value) = self.checked(state)?;
        if let Some(fields) = value.as_object_mut() {
            fields.remove("subject");
        }
        let found = numbers_in(&mut value, swedish_date(caller.now));
        if found.is_empty() { Ok(parsed) } else { Err(ApiError::Invalid(found)) }
    }

    fn checked<T: DeserializeOwned + ToSchema>(
        &self,
        state: &ApiState,
    ) -> Result<(T, Value), ApiError> {
        let bytes: &[u8] = if self.0.is_empty() { b"{}" } else { &self.0 };
        let value: Value = serde_json::from_slice(bytes).map_err(|error| {
            // Where, not what: the text around a fault may be about a person.
            ApiError::BrokenJson(format!("line {}, column {}", error.line(), error.column()))
        })?;
        let faults = state.schemas.faults(&T::name(), &value);
        if !faults.is_empty() {
            return Err(ApiError::Invalid(faults));
        }
        let parsed = serde_json::from_value(value.clone()).map_err(|_| {
            // The schema lets through what the type does not: the year 20000, say.
            let expected = "values within their range".to_owned();
            let reason = domain::fault::Reason::WrongType { expected };
            ApiError::Invalid(vec![domain::fault::Fault::at("", reason)])
        })?;
        Ok((parsed, value))
    }
}
