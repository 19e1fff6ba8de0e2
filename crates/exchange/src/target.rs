//! Where messages go, in one spelling.

use ureq::http::Uri;

/// Why something is no address for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongTarget {
    /// Not a URL with `https://` (or `http://`) and a host.
    #[error("not a URL such as https://avvikelse.region.se/api/v1/public/region/machine/messages")]
    NotAUrl,
    /// A user, a query or a fragment stands in it.
    #[error("a user, a query or a fragment has no place in it")]
    TooMuch,
    /// It is not encrypted.
    #[error("only https is taken")]
    Plaintext,
}

/// The address of an endpoint, spelt in one way: scheme and host in small letters, no port that goes
/// without saying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    text: String,
    https: bool,
    host: String,
}

impl Target {
    /// Reads an address.
    ///
    /// # Errors
    /// [`WrongTarget::NotAUrl`], [`WrongTarget::TooMuch`].
    pub fn parse(text: &str) -> Result<Self, WrongTarget> {
        if text.contains(['?', '#', '@']) {
            return Err(WrongTarget::TooMuch);
        }
        let uri: Uri = text.parse().map_err(|_| WrongTarget::NotAUrl)?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(WrongTarget::NotAUrl),
        };
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(WrongTarget::NotAUrl)?;
        let host = host.to_ascii_lowercase();
        let usual = if https { 443 } else { 80 };
        let port = match uri.port() {
            None => String::new(),
            Some(port) if port.as_u16() == usual => String::new(),
            Some(port) => format!(":{}", port.as_u16()),
        };
        let scheme = if https { "https" } else { "http" };
        let text = format!("{scheme}://{host}{port}{}", uri.path());
        Ok(Self { text, https, host })
    }

    /// As [`Target::parse`], where only `https` is taken unless `plaintext`.
    ///
    /// # Errors
    /// As [`Target::parse`], and [`WrongTarget::Plaintext`].
    pub fn parse_safe(text: &str, plaintext: bool) -> Result<Self, WrongTarget> {
        let target = Self::parse(text)?;
        if target.https || plaintext { Ok(target) } else { Err(WrongTarget::Plaintext) }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its host, in small letters.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The address of something below this one. `path` begins with a slash.
    #[must_use]
    pub fn below(&self, path: &str) -> String {
        format!("{}{path}", self.text.trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_spelling() {
        for (given, spelt) in [
            ("https://Avvikelse.Region.SE/m", "https://avvikelse.region.se/m"),
            ("HTTPS://a.se:443/m/x", "https://a.se/m/x"),
            ("https://a.se:8443", "https://a.se:8443/"),
            ("http://127.0.0.1:80/m", "http://127.0.0.1/m"),
            ("http://[::1]:8080/M", "http://[::1]:8080/M"),
        ] {
            assert_eq!(Target::parse(given).map(|target| target.text), Ok(spelt.to_owned()));
        }
        let base = Target::parse("https://a.se/avvikelse/").expect("an address");
        assert_eq!(base.below("/api"), "https://a.se/avvikelse/api");
        assert_eq!(base.host(), "a.se");
    }

    #[test]
    fn what_is_no_address_or_more_than_one_is_refused() {
        for given in ["", "a.se/m", "/m", "ftp://a.se/m", "https:///m", "file:///etc/passwd"] {
            assert_eq!(Target::parse(given), Err(WrongTarget::NotAUrl), "{given}");
        }
        for given in ["https://u:p@a.se/m", "https://a.se/m?x=1", "https://a.se/m#x"] {
            assert_eq!(Target::parse(given), Err(WrongTarget::TooMuch), "{given}");
        }
        assert_eq!(Target::parse_safe("http://a.se/m", false), Err(WrongTarget::Plaintext));
        assert!(Target::parse_safe("http://a.se/m", true).is_ok());
    }
}
