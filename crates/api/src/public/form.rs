//! The token of a form: that what comes is a form of ours, which this browser got, lately.
//!
//! It holds against another site that has its visitors' browsers send a form here: to leave filings
//! by their hands and from their addresses, or to spend their budgets. Such a site can fetch a form
//! and its token itself, but neither read nor set the cookie of another's browser; and the cookie is
//! `SameSite=Strict`, so that it does not even come along. `Origin` and `Sec-Fetch-Site` are looked at
//! besides: either suffices in a browser of today.
//!
//! It does not hold against a program, which is what the limits are for; and it is no login: there is
//! none. Nothing is kept of it. The cookie is random, is bound to nothing but the tokens of a few
//! hours, and is of no use to tell what its bearer sent.

use actix_web::HttpRequest;
use actix_web::http::header::{COOKIE, HOST, ORIGIN};
use app::sealing::Sealer;
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;

use super::source::Proxies;

/// The name of the cookie.
const NAME: &str = "form";
/// The field that carries the token.
pub const TOKEN: &str = "token";
/// How many hours a form may lie open: a complaint is not written in one breath.
const HOURS: i64 = 12;
/// What the keyed hashes of tokens are for.
const PURPOSE: &str = "form token";
/// The length of the random part of cookies and tokens, in bytes.
const RANDOM: usize = 16;

/// Why a form is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It comes from another site.
    Elsewhere,
    /// It lay open too long, or the browser keeps no cookies: sent once more, it is taken.
    Old,
}

/// A form on its way out: the token to put in, and the cookie that goes along.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The value of the field [`TOKEN`].
    pub token: String,
    /// The random part of the token: different for each form that is shown, and nobody else's.
    pub random: String,
    /// The header `Set-Cookie`.
    pub cookie: String,
}

fn draw() -> Option<String> {
    let mut bytes = [0; RANDOM];
    rand::fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

/// The cookie of a request, if it is one of ours.
fn cookie(request: &HttpRequest) -> Option<String> {
    let headers = request.headers().get_all(COOKIE).filter_map(|header| header.to_str().ok());
    let mut pairs = headers.flat_map(|header| header.split(';'));
    let value = pairs.find_map(|pair| pair.trim().strip_prefix(NAME)?.strip_prefix('='))?;
    let length = URL_SAFE_NO_PAD.decode(value).ok()?.len();
    (length == RANDOM).then(|| value.to_owned())
}

/// A form of a tenant, such as `("provby", "opinion")`; `about` binds it to something more.
#[derive(Clone, Copy, Debug)]
pub struct Form<'a> {
    /// The tenant's slug.
    pub tenant: &'a str,
    /// Which form.
    pub name: &'a str,
    /// What it is about, such as a receipt that was opened; may be empty.
    pub about: &'a [u8],
}

impl Form<'_> {
    fn parts<'b>(&'b self, hour: &'b str, random: &'b str, cookie: &'b str) -> [&'b [u8]; 6] {
        let texts = [self.tenant, self.name, hour, random, cookie];
        let [tenant, name, hour, random, cookie] = texts.map(str::as_bytes);
        [tenant, name, hour, random, cookie, self.about]
    }

    /// A token for the form, for the browser that asks. `None` when the system gives no randomness.
    pub fn issue(
        &self,
        sealer: &Sealer,
        proxies: &Proxies,
        request: &HttpRequest,
        now: Timestamp,
    ) -> Option<Issued> {
        let kept = match cookie(request) {
            Some(kept) => kept,
            None => draw()?,
        };
        let (hour, random) = (now.as_second().div_euclid(3600).to_string(), draw()?);
        let mac = sealer.mac(PURPOSE, &self.parts(&hour, &random, &kept));
        let token = format!("{hour}.{random}.{}", URL_SAFE_NO_PAD.encode(mac));
        let secure = if proxies.encrypted(request) { "; Secure" } else { "" };
        let (path, age) = (self.tenant, HOURS * 3600);
        let cookie = format!(
            "{NAME}={kept}; Path=/{path}/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}"
        );
        Some(Issued { token, random, cookie })
    }

    /// Holds what came to its token. Gives the token's random part.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn hold(
        &self,
        sealer: &Sealer,
        request: &HttpRequest,
        token: &str,
        now: Timestamp,
    ) -> Result<String, Refused> {
        same_site(request)?;
        let kept = cookie(request).ok_or(Refused::Old)?;
        let mut pieces = token.split('.');
        let (Some(hour), Some(random), Some(mac), None) =
            (pieces.next(), pieces.next(), pieces.next(), pieces.next())
        else {
            return Err(Refused::Old);
        };
        let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| Refused::Old)?;
        let issued: i64 = hour.parse().map_err(|_| Refused::Old)?;
        let age = now.as_second().div_euclid(3600) - issued;
        let held = sealer.mac_holds(PURPOSE, &self.parts(hour, random, &kept), &mac);
        if held && (0..=HOURS).contains(&age) { Ok(random.to_owned()) } else { Err(Refused::Old) }
    }
}

/// What the browser itself says of where a form was sent from. One that says nothing is old, or no
/// browser; the token stands by itself then.
fn same_site(request: &HttpRequest) -> Result<(), Refused> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    match header("sec-fetch-site") {
        Some("same-origin" | "none") => return Ok(()),
        Some(_) => return Err(Refused::Elsewhere),
        None => {}
    }
    let Some(origin) = header(ORIGIN.as_str()) else { return Ok(()) };
    // A page without a referrer may say "null" of a form to its own site; the token tells.
    if origin == "null" {
        return Ok(());
    }
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    if header(HOST.as_str()) == Some(host) { Ok(()) } else { Err(Refused::Elsewhere) }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const KEYS: &str = r#"{"current":1,
        "master":{"1":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},
        "blind_index":"AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "request_mac":"AgECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#;

    fn form(tenant: &str) -> Form<'_> {
        Form { tenant, name: "opinion", about: b"" }
    }

    #[test]
    fn a_token_holds_for_its_form_its_browser_and_its_time() {
        let sealer = Sealer::from_text(KEYS).expect("keys");
        let now: Timestamp = "2026-03-10T11:30:00Z".parse().expect("a time");
        let first = TestRequest::default().to_http_request();
        let issued =
            form("provby").issue(&sealer, &Proxies::default(), &first, now).expect("a token");
        assert!(issued.cookie.ends_with("HttpOnly; SameSite=Strict"), "{}", issued.cookie);
        let with = |cookie: &str, headers: &[(&str, &str)]| {
            let cookie = cookie.split(';').next().unwrap_or_default();
            let cookie = format!("other=1; {cookie}");
            let request = TestRequest::default().insert_header(("cookie", cookie));
            let request = request.insert_header(("host", "a.se"));
            let request = headers.iter().fold(request, |it, header| it.insert_header(*header));
            request.to_http_request()
        };
        let ours = with(&issued.cookie, &[]);
        let hold = |form: Form<'_>, request: &HttpRequest, token: &str, now| {
            form.hold(&sealer, request, token, now)
        };
        assert_eq!(hold(form("provby"), &ours, &issued.token, now), Ok(issued.random.clone()));
        let later = now + jiff::SignedDuration::from_hours(HOURS);
        assert!(hold(form("provby"), &ours, &issued.token, later).is_ok());
        let too_late = later + jiff::SignedDuration::from_hours(1);
        assert_eq!(hold(form("provby"), &ours, &issued.token, too_late), Err(Refused::Old));
        let before = now - jiff::SignedDuration::from_hours(1);
        assert_eq!(hold(form("provby"), &ours, &issued.token, before), Err(Refused::Old));
        assert_eq!(hold(form("annan"), &ours, &issued.token, now), Err(Refused::Old));
        let other = Form { name: "receipt", ..form("provby") };
        assert_eq!(hold(other, &ours, &issued.token, now), Err(Refused::Old));
        let about = Form { about: b"x", ..form("provby") };
        assert_eq!(hold(about, &ours, &issued.token, now), Err(Refused::Old));
        // Another browser's, none, and one that is changed.
        assert_eq!(hold(form("provby"), &first, &issued.token, now), Err(Refused::Old));
        let strange = with(&format!("{NAME}={}", draw().expect("randomness")), &[]);
        assert_eq!(hold(form("provby"), &strange, &issued.token, now), Err(Refused::Old));
        for token in ["", "a.b", "1.2.3.4", &issued.token[1..]] {
            assert_eq!(hold(form("provby"), &ours, token, now), Err(Refused::Old), "{token}");
        }
        for (headers, taken) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("origin", "https://a.se")], true),
            (&[("origin", "https://b.se")], false),
            (&[("origin", "null")], true),
            (&[("origin", "null"), ("sec-fetch-site", "cross-site")], false),
        ] {
            let request = with(&issued.cookie, headers);
            let held = hold(form("provby"), &request, &issued.token, now);
            assert_eq!(held.is_ok(), taken, "{headers:?}: {held:?}");
        }
    }
}
