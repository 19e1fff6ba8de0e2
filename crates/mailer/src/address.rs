//! Addresses.

use std::fmt;
use std::str::FromStr;

/// Why a text is no address. The text itself is not repeated: it may be somebody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no e-mail address; right would be avvikelse@kommun.se or Avvikelse <avvikelse@kommun.se>")]
pub struct BadAddress;

/// An address of ASCII letters: what every server takes.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(lettre::Address);

impl Address {
    pub(crate) fn get(&self) -> &lettre::Address {
        &self.0
    }
}

impl FromStr for Address {
    type Err = BadAddress;
    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let text = text.trim();
        // Whatever could end a header or a command is none.
        if !text.chars().all(|sign| sign.is_ascii_graphic()) || text.len() > 254 {
            return Err(BadAddress);
        }
        text.parse().map(Self).map_err(|_| BadAddress)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A person's address does not belong in a log.
        f.write_str("Address(…)")
    }
}

/// Who a mail is from: an address, and a name that readers see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    pub(crate) name: Option<String>,
    pub(crate) address: Address,
}

impl FromStr for Sender {
    type Err = BadAddress;
    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let text = text.trim();
        let Some((name, rest)) = text.split_once('<') else {
            return Ok(Self { name: None, address: text.parse()? });
        };
        let address = rest.strip_suffix('>').ok_or(BadAddress)?.parse()?;
        let name = name.trim().trim_matches('"').trim();
        if name.chars().any(char::is_control) {
            return Err(BadAddress);
        }
        Ok(Self { name: (!name.is_empty()).then(|| name.to_owned()), address })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_refused() {
        for good in ["anna@kommun.se", " a.b-c+d@sub.kommun.se ", "anna@localhost"] {
            assert!(good.parse::<Address>().is_ok(), "{good}");
        }
        for bad in ["", "anna", "anna@", "@kommun.se", "åsa@kommun.se", "a b@kommun.se"] {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
        assert!("anna@kommun.se\r\nRCPT TO:<x@y.se>".parse::<Address>().is_err());
    }

    #[test]
    fn a_sender_may_have_a_name() {
        let sender: Sender = "Avvikelse Åby <noreply@kommun.se>".parse().expect("a sender");
        assert_eq!(sender.name.as_deref(), Some("Avvikelse Åby"));
        assert_eq!(sender.address.to_string(), "noreply@kommun.se");
        assert_eq!("noreply@kommun.se".parse::<Sender>().expect("a sender").name, None);
        assert!("A\r\nBcc: b@c.se <noreply@kommun.se>".parse::<Sender>().is_err());
        assert!("A <noreply@kommun.se".parse::<Sender>().is_err());
    }
}
