//! A client as small as curl.

use std::time::Duration;

use serde_json::Value;

/// Speaks to the service, with or without a token.
#[derive(Clone)]
pub struct Client {
    base: String,
    token: Option<String>,
    headers: Vec<(String, String)>,
    agent: ureq::Agent,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub text: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Response {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.0 == name).map(|header| header.1.as_str())
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The answer, which must have this status.
    ///
    /// # Panics
    /// With the body, when it has another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The ETag.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn etag(&self) -> String {
        self.header("etag").unwrap_or_else(|| panic!("no ETag: {}", self.text)).to_owned()
    }

    /// The fields and codes of the faults named, in order.
    pub fn faults(&self) -> Vec<(String, String)> {
        let body = self.json();
        let listed = if body["errors"].is_array() { &body["errors"] } else { &body["warnings"] };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let listed = listed.as_array().cloned().unwrap_or_default();
        listed.iter().map(|fault| (text(&fault["field"]), text(&fault["code"]))).collect()
    }
}

impl Client {
    /// Speaks to `base`: `http://` with address and port.
    pub fn new(base: &str, token: Option<String>) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // Where an answer sends one is part of the answer.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Self { base: base.to_owned(), token, headers: Vec::new(), agent: config.into() }
    }

    /// The same client with another header.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// Sends a request.
    ///
    /// # Panics
    /// When nothing answers.
    pub fn send(&self, method: &str, path: &str, body: Option<(&str, Vec<u8>)>) -> Response {
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some((kind, _)) = &body {
            request = request.header("content-type", *kind);
        }
        let bytes = body.map(|(_, bytes)| bytes).unwrap_or_default();
        let request = request.body(bytes).expect("a request");
        let mut response = self.agent.run(request).expect("an answer");
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let text = response
            .body_mut()
            .with_config()
            .limit(200 * 1024 * 1024)
            .read_to_vec()
            .expect("a body");
        Response {
            status: response.status().as_u16(),
            headers,
            text: String::from_utf8_lossy(&text).into_owned(),
            bytes: text,
        }
    }

    /// GET.
    pub fn get(&self, path: &str) -> Response {
        self.send("GET", path, None)
    }

    /// POST of JSON.
    pub fn post(&self, path: &str, body: Value) -> Response {
        self.send("POST", path, Some(("application/json", body.to_string().into_bytes())))
    }

    /// PUT of JSON.
    pub fn put(&self, path: &str, body: Value) -> Response {
        self.send("PUT", path, Some(("application/json", body.to_string().into_bytes())))
    }

    /// POST of a file as `multipart/form-data`, with other fields beside it.
    pub fn upload(
        &self,
        path: &str,
        (name, kind): (&str, &str),
        file: &[u8],
        fields: &[(&str, &str)],
    ) -> Response {
        let mark = "a9f1c0-boundary";
        let mut body = Vec::new();
        for (field, text) in fields {
            body.extend(
                format!(
                    "--{mark}\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{text}\r\n"
                )
                .into_bytes(),
            );
        }
        let head = format!(
            "--{mark}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             content-type: {kind}\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(file);
        body.extend(format!("\r\n--{mark}--\r\n").into_bytes());
        self.send("POST", path, Some((&format!("multipart/form-data; boundary={mark}"), body)))
    }

    /// DELETE with JSON.
    pub fn delete(&self, path: &str, body: Value) -> Response {
        self.send("DELETE", path, Some(("application/json", body.to_string().into_bytes())))
    }

    /// PATCH of JSON.
    pub fn patch(&self, path: &str, body: Value) -> Response {
        self.send("PATCH", path, Some(("application/json", body.to_string().into_bytes())))
    }

    /// POST of JSON to a case, on its newest version.
    ///
    /// # Panics
    /// When the case is not to be read.
    #[track_caller]
    pub fn command(&self, case: &str, command: &str, body: Value) -> Response {
        let path = format!("/api/v1/cases/{case}");
        let etag = self.get(&path).expect(200).etag();
        self.with("if-match", &etag).post(&format!("{path}/{command}"), body)
    }
}
