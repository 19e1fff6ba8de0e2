//! Where the mail server is, as an operator writes it.

use std::fmt;
use std::str::FromStr;

/// How the connection is kept from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Implicit,
    /// TLS by STARTTLS, or nothing is sent.
    StartTls,
    /// Nothing. For a relay on the same machine.
    Plain,
}

/// `smtp://[USER@]HOST[:PORT][?starttls=required|none]` or `smtps://[USER@]HOST[:PORT]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpUrl {
    /// Who logs in; nobody where the server asks for none.
    pub user: Option<String>,
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How it is kept from others.
    pub security: Security,
}

/// Why a text is no such URL. The text is not repeated: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// Another scheme, or none.
    #[error("right would be smtp://user@host:587 or smtps://user@host:465")]
    Scheme,
    /// A password in it, where it would be seen by whoever lists processes.
    #[error(
        "a password does not belong in it: use --smtp-password-file or AVVIKELSE_SMTP_PASSWORD"
    )]
    Password,
    /// No host, or one that is none.
    #[error("has no host")]
    Host,
    /// A port that is none.
    #[error("has no port between 1 and 65535 after the host")]
    Port,
    /// Something after `?` that is not known.
    #[error("after ? may stand starttls=required or starttls=none, with smtp:// alone")]
    Query,
    /// A `%` without two figures after it, or characters that are none.
    #[error("has a user that cannot be read: write @ in it as %40")]
    User,
}

impl SmtpUrl {
    /// Whether the server is this machine.
    pub fn loopback(&self) -> bool {
        let address = self.host.parse::<std::net::IpAddr>();
        self.host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|ip| ip.is_loopback())
    }
}

impl FromStr for SmtpUrl {
    type Err = BadUrl;
    fn from_str(text: &str) -> Result<Self, BadUrl> {
        let (scheme, rest) = text.split_once("://").ok_or(BadUrl::Scheme)?;
        let implicit = match scheme {
            "smtp" => false,
            "smtps" => true,
            _ => return Err(BadUrl::Scheme),
        };
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query)),
            None => (rest, None),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, rest),
        };
        let user = match user {
            None | Some("") => None,
            Some(user) if user.contains(':') => return Err(BadUrl::Password),
            Some(user) => Some(percent_decoded(user).ok_or(BadUrl::User)?),
        };
        let (host, port) = match place.strip_prefix('[') {
            // An IPv6 address has colons of its own.
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or(BadUrl::Host)?;
                (host, port.strip_prefix(':'))
            }
            None => match place.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (place, None),
            },
        };
        if host.is_empty()
            || !host.chars().all(|it| it.is_ascii_alphanumeric() || ".-_:".contains(it))
        {
            return Err(BadUrl::Host);
        }
        let port = match port {
            None if implicit => 465,
            None => 587,
            Some(port) => match port.parse::<u16>() {
                Ok(0) | Err(_) => return Err(BadUrl::Port),
                Ok(port) => port,
            },
        };
        let mut url = Self { user, host: host.to_owned(), port, security: Security::StartTls };
        url.security = match (implicit, query) {
            (true, None) => Security::Implicit,
            (false, None) if url.loopback() => Security::Plain,
            (false, None | Some("starttls=required")) => Security::StartTls,
            (false, Some("starttls=none")) => Security::Plain,
            (true | false, Some(_)) => return Err(BadUrl::Query),
        };
        Ok(url)
    }
}

impl fmt::Display for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.security {
            Security::Implicit => "smtps",
            Security::StartTls | Security::Plain => "smtp",
        };
        write!(f, "{scheme}://")?;
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let figures = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(figures, 16).ok()?);
            rest = after.get(2..)?;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    (!text.chars().any(char::is_control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<String>, String, u16, Security) {
        let url: SmtpUrl = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        (url.user, url.host, url.port, url.security)
    }

    #[test]
    fn what_operators_write_is_read() {
        let host = || "smtp.kommun.se".to_owned();
        assert_eq!(read("smtp://smtp.kommun.se"), (None, host(), 587, Security::StartTls));
        assert_eq!(read("smtps://smtp.kommun.se/"), (None, host(), 465, Security::Implicit));
        assert_eq!(
            read("smtp://avvikelse%40kommun.se@smtp.office365.com:587?starttls=required"),
            (
                Some("avvikelse@kommun.se".into()),
                "smtp.office365.com".into(),
                587,
                Security::StartTls
            )
        );
        assert_eq!(read("smtp://localhost:25"), (None, "localhost".into(), 25, Security::Plain));
        assert_eq!(
            read("smtp://localhost:25?starttls=required"),
            (None, "localhost".into(), 25, Security::StartTls)
        );
        assert_eq!(read("smtp://[::1]:2525"), (None, "::1".into(), 2525, Security::Plain));
        assert_eq!(
            read("smtp://relay:25?starttls=none"),
            (None, "relay".into(), 25, Security::Plain)
        );
    }

    #[test]
    fn what_is_wrong_is_named_and_not_repeated() {
        for (text, wrong) in [
            ("relay.kommun.se", BadUrl::Scheme),
            ("http://relay", BadUrl::Scheme),
            ("smtp://anna:hemligt@relay", BadUrl::Password),
            ("smtp://", BadUrl::Host),
            ("smtp://a b", BadUrl::Host),
            ("smtp://relay:0", BadUrl::Port),
            ("smtp://relay:x", BadUrl::Port),
            ("smtp://relay?starttls=maybe", BadUrl::Query),
            ("smtps://relay?starttls=none", BadUrl::Query),
            ("smtp://a%4@relay", BadUrl::User),
        ] {
            let error = text.parse::<SmtpUrl>().expect_err(text);
            assert_eq!(error, wrong, "{text}");
            assert!(!error.to_string().contains("hemligt"));
        }
    }
}
