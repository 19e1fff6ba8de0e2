//! The body: read when its turn comes, checked against its schema, then against the rules.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
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

use super::{CalledBy, Conditions};
use crate::problem::ApiError;
use crate::state::ApiState;

/// The largest JSON body taken, in bytes.
pub const LARGEST: usize = 256 * 1024;

/// The largest file of lines taken, in bytes.
pub const LARGEST_CSV: usize = 1024 * 1024;

/// The longest that reading a body may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A body not read yet.
pub struct Body {
    payload: Payload,
    json: bool,
    csv: bool,
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
            csv: essence == "text/csv",
            encoded: headers.contains_key(CONTENT_ENCODING),
            declared,
        }))
    }
}

/// A body read: bytes, not looked at yet.
#[derive(Clone, Debug)]
pub struct ReadBody(pub Bytes);

impl Body {
    /// Reads the body. From then on it is now: a body may come slowly, and what is changed must not
    /// look older than what others have asked for meanwhile.
    ///
    /// # Errors
    /// [`ApiError::UnsupportedMediaType`], [`ApiError::TooLarge`], or 408 when it takes too long.
    pub async fn read(self, state: &ApiState, caller: &mut CalledBy) -> Result<ReadBody, ApiError> {
        let read = self.read_within(PATIENCE).await?;
        caller.0.now = state.app.now();
        Ok(read)
    }

    /// Reads the body of whoever has no login.
    ///
    /// # Errors
    /// As [`Body::read`].
    pub async fn read_from_anybody(self) -> Result<ReadBody, ApiError> {
        self.read_within(PATIENCE).await
    }

    async fn read_within(self, patience: Duration) -> Result<ReadBody, ApiError> {
        actix_web::rt::time::timeout(patience, self.read_all())
            .await
            .map_err(|_| ApiError::Framework(StatusCode::REQUEST_TIMEOUT))?
    }

    async fn read_all(self) -> Result<ReadBody, ApiError> {
        self.read_up_to(LARGEST).await
    }

    /// Reads a file of lines, `text/csv`, of at most [`LARGEST_CSV`] bytes. From then on it is now.
    ///
    /// # Errors
    /// As [`Body::read`].
    pub async fn read_csv(
        self,
        state: &ApiState,
        caller: &mut CalledBy,
    ) -> Result<ReadBody, ApiError> {
        if !self.csv {
            return Err(ApiError::UnsupportedMediaType);
        }
        // What it is was asked above.
        let body = Self { json: true, ..self };
        let read = actix_web::rt::time::timeout(PATIENCE, body.read_up_to(LARGEST_CSV));
        let read = read.await.map_err(|_| ApiError::Framework(StatusCode::REQUEST_TIMEOUT))?;
        caller.0.now = state.app.now();
        read
    }

    /// Reads a body of at most `limit` bytes, as it came.
    ///
    /// # Errors
    /// As [`Body::read`].
    pub async fn read_signed(self, limit: usize) -> Result<Bytes, ApiError> {
        let read = actix_web::rt::time::timeout(PATIENCE, self.read_up_to(limit));
        let read = read.await.map_err(|_| ApiError::Framework(StatusCode::REQUEST_TIMEOUT))?;
        Ok(read?.0)
    }

    async fn read_up_to(mut self, limit: usize) -> Result<ReadBody, ApiError> {
        if self.encoded {
            return Err(ApiError::UnsupportedMediaType);
        }
        if self.declared.is_some_and(|length| length > limit) {
            return Err(ApiError::TooLarge { limit });
        }
        let mut bytes = BytesMut::new();
        while let Some(chunk) = self.payload.next().await {
            let chunk =
                chunk.map_err(|_| ApiError::BrokenJson("the body ends too early".into()))?;
            if bytes.len() + chunk.len() > limit {
                return Err(ApiError::TooLarge { limit });
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

/// Takes U+0000 out of every text: no database keeps it, and nothing is refused for it.
fn without_nul(value: &mut Value) {
    match value {
        Value::String(text) => text.retain(|letter| letter != '\0'),
        Value::Array(items) => items.iter_mut().for_each(without_nul),
        Value::Object(fields) => {
            for (mut name, mut field) in std::mem::take(fields) {
                name.retain(|letter| letter != '\0');
                without_nul(&mut field);
                fields.insert(name, field);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
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
        typed(self.checked::<T>(state)?)
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
        self.parse_beside(state, caller, &["subject"])
    }

    /// As [`ReadBody::parse_desk`], where a personal identity number belongs in other fields: those go
    /// sealed.
    ///
    /// # Errors
    /// As [`ReadBody::parse`].
    pub fn parse_beside<T: DeserializeOwned + ToSchema>(
        &self,
        state: &Data<ApiState>,
        caller: &Caller,
        sealed: &[&str],
    ) -> Result<T, ApiError> {
        let mut value = self.checked::<T>(state)?;
        let parsed = typed(value.clone())?;
        if let Some(fields) = value.as_object_mut() {
            fields.retain(|name, _| !sealed.contains(&name.as_str()));
        }
        let found = numbers_in(&mut value, swedish_date(caller.now));
        if found.is_empty() { Ok(parsed) } else { Err(ApiError::Invalid(found)) }
    }

    /// The body as JSON, checked against the schema of `T`.
    fn checked<T: ToSchema>(&self, state: &ApiState) -> Result<Value, ApiError> {
        let bytes: &[u8] = if self.0.is_empty() { b"{}" } else { &self.0 };
        let mut value: Value = serde_json::from_slice(bytes).map_err(|error| {
            // Where, not what: the text around a fault may be about a person.
            ApiError::BrokenJson(format!("line {}, column {}", error.line(), error.column()))
        })?;
        without_nul(&mut value);
        let faults = state.schemas.faults(&T::name(), &value)?;
        if faults.is_empty() { Ok(value) } else { Err(ApiError::Invalid(faults)) }
    }
}

/// A value that its schema has let through.
fn typed<T: DeserializeOwned>(value: Value) -> Result<T, ApiError> {
    serde_json::from_value(value).map_err(|_| {
        // The schema lets through what the type does not: the year 20000, say.
        let expected = "values within their range".to_owned();
        let reason = domain::fault::Reason::WrongType { expected };
        ApiError::Invalid(vec![domain::fault::Fault::at("", reason)])
    })
}

#[cfg(test)]
mod tests {
    use actix_web::error::PayloadError;
    use serde_json::json;

    use super::*;

    #[test]
    fn no_text_keeps_a_nul_wherever_it_stands() {
        let mut value = json!({"a\0": ["\0b\0", {"c": "d\0e"}], "f": 1, "g": null});
        without_nul(&mut value);
        assert_eq!(value, json!({"a": ["b", {"c": "de"}], "f": 1, "g": null}));
    }

    #[actix_web::test]
    async fn a_body_that_does_not_end_is_not_waited_for() {
        let never = futures_util::stream::pending::<Result<Bytes, PayloadError>>();
        let payload = Payload::Stream { payload: never.boxed_local() };
        let body = Body { payload, json: true, csv: false, encoded: false, declared: None };
        match body.read_within(Duration::from_millis(5)).await {
            Err(ApiError::Framework(status)) => assert_eq!(status, StatusCode::REQUEST_TIMEOUT),
            other => panic!("{other:?}"),
        }
    }
}
