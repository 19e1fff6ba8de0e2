//! Somebody at a browser without script: keeps the cookie, fills forms in.

use testkit::{Client, Response};

/// Somebody at a browser.
pub struct Visitor {
    client: Client,
    cookie: Option<String>,
}

/// The value of a hidden field.
#[track_caller]
pub fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let rest = page.split(&mark).nth(1).unwrap_or_else(|| panic!("no {name} in {page}"));
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// The code that a page shows, without spaces.
#[track_caller]
pub fn code(page: &str) -> String {
    let rest = page.split("id=\"code\"").nth(1).unwrap_or_else(|| panic!("no code in {page}"));
    let text = rest.split('>').nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default();
    text.chars().filter(char::is_ascii_digit).collect()
}

impl Visitor {
    /// At a browser that sends these headers, besides those of a browser.
    pub fn new(client: Client) -> Self {
        Self { client: client.with("accept", "text/html"), cookie: None }
    }

    fn keep(&mut self, answer: &Response) {
        if let Some(cookie) = answer.header("set-cookie") {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
    }

    fn client(&self) -> Client {
        match &self.cookie {
            Some(cookie) => self.client.with("cookie", cookie),
            None => self.client.clone(),
        }
    }

    /// Looks at a page.
    pub fn get(&mut self, path: &str) -> Response {
        let answer = self.client().get(path);
        self.keep(&answer);
        answer
    }

    /// Sends a form, as a form with files is sent.
    pub fn send(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> Response {
        let mark = "----a9f1c0";
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!(
                "--{mark}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend(part.into_bytes());
        }
        for (name, bytes) in files {
            let head = format!(
                "--{mark}\r\ncontent-disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
                 content-type: image/jpeg\r\n\r\n"
            );
            body.extend(head.into_bytes());
            body.extend(*bytes);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{mark}--\r\n").into_bytes());
        let kind = format!("multipart/form-data; boundary={mark}");
        let answer = self.client().send("POST", path, Some((&kind, body)));
        self.keep(&answer);
        answer
    }

    /// Leaves an opinion by the form, and gives the page that came of it.
    pub fn leave(
        &mut self,
        tenant: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> Response {
        let path = format!("/{tenant}/synpunkt");
        let token = hidden(&self.get(&path).expect(200).text, "token");
        self.send(&path, &[&[("token", token.as_str())], fields].concat(), files)
    }

    /// Opens what a code opens.
    pub fn open(&mut self, tenant: &str, code: &str) -> Response {
        let path = format!("/{tenant}/receipts");
        let token = hidden(&self.get(&path).expect(200).text, "token");
        self.send(&path, &[("token", &token), ("code", code)], &[])
    }
}
