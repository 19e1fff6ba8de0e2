//! A mail as it goes over the wire (RFC 5322): a few headers and a text in UTF-8.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use uuid::Uuid;

use crate::address::{Address, Sender};

/// The most bytes that one encoded word takes in: with `Subject: ` before it, a line of a header is at
/// most 76 characters (RFC 2047).
const WORD: usize = 39;
/// The most characters in a line of Base64.
const LINE: usize = 76;

/// A mail, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The id of the notice. A mail that comes twice comes with the same one, and programs that read
    /// mail show it once.
    pub id: Uuid,
    /// The name of the service's host, after the `@` of the Message-ID.
    pub host: String,
    /// Who it is from.
    pub from: Sender,
    /// Who gets it.
    pub to: Address,
    /// One line.
    pub subject: String,
    /// The text, lines ended by `\n`.
    pub text: String,
    /// Marked as important.
    pub urgent: bool,
    /// When it was written.
    pub at: Timestamp,
}

impl Mail {
    /// The Message-ID, without its angle brackets.
    pub fn message_id(&self) -> String {
        format!("{}@{}", self.id, self.host)
    }

    /// The mail in bytes, all of them ASCII, lines ended by CR LF.
    pub fn bytes(&self) -> Vec<u8> {
        let from = match &self.from.name {
            Some(name) => format!("{} <{}>", phrase(name), self.from.address),
            None => self.from.address.to_string(),
        };
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&self.at);
        // The zone in figures, as mail has it.
        let date = date.map(|date| date.replace("GMT", "+0000")).unwrap_or_default();
        let mut text = String::new();
        let mut header = |name: &str, value: &str| {
            text.push_str(name);
            text.push_str(": ");
            text.push_str(value);
            text.push_str("\r\n");
        };
        header("From", &from);
        header("To", &self.to.to_string());
        header("Subject", &unstructured(&self.subject));
        header("Date", &date);
        header("Message-ID", &format!("<{}>", self.message_id()));
        // RFC 3834: nobody's out-of-office answers a machine. Exchange has a header of its own.
        header("Auto-Submitted", "auto-generated");
        header("X-Auto-Response-Suppress", "All");
        if self.urgent {
            header("Importance", "high");
            header("X-Priority", "1");
        }
        header("MIME-Version", "1.0");
        header("Content-Type", "text/plain; charset=utf-8");
        header("Content-Transfer-Encoding", "base64");
        text.push_str("\r\n");
        let body = STANDARD.encode(self.text.replace('\n', "\r\n"));
        let mut rest = body.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(LINE));
            text.push_str(line);
            text.push_str("\r\n");
            rest = after;
        }
        text.into_bytes()
    }
}

/// A name before an address.
fn phrase(name: &str) -> String {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || " -".contains(sign);
    if name.chars().all(plain) { name.to_owned() } else { encoded(name) }
}

/// The value of a header that people read.
fn unstructured(text: &str) -> String {
    let plain = |sign: char| sign.is_ascii_graphic() || sign == ' ';
    let short = text.len() <= LINE - "Subject: ".len();
    if short && text.chars().all(plain) && !text.contains("=?") {
        text.to_owned()
    } else {
        encoded(text)
    }
}

/// Encoded words (RFC 2047), each of whole characters, a line each.
fn encoded(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for sign in text.chars() {
        if word.len() + sign.len_utf8() > WORD {
            words.push(std::mem::take(&mut word));
        }
        word.push(sign);
    }
    words.push(word);
    let words: Vec<String> =
        words.iter().map(|word| format!("=?UTF-8?B?{}?=", STANDARD.encode(word))).collect();
    words.join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(subject: &str, text: &str) -> Mail {
        Mail {
            id: Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0001),
            host: "avvikelse.kommun.se".to_owned(),
            from: "Avvikelse <noreply@kommun.se>".parse().expect("a sender"),
            to: "anna@kommun.se".parse().expect("an address"),
            subject: subject.to_owned(),
            text: text.to_owned(),
            urgent: false,
            at: "2026-03-10T11:00:00Z".parse().expect("a time"),
        }
    }

    #[test]
    fn a_mail_is_ascii_with_lines_a_server_takes() {
        let long = "Ärendet väntar på någon som kan bedöma det. ".repeat(40);
        let bytes = mail(&long, &long).bytes();
        let text = String::from_utf8(bytes).expect("ASCII");
        assert!(text.is_ascii());
        for line in text.split("\r\n") {
            assert!(line.len() <= 78 && !line.contains(['\r', '\n']), "{line:?}");
        }
        let (head, body) = text.split_once("\r\n\r\n").expect("head and body");
        let body = STANDARD.decode(body.replace("\r\n", "")).expect("Base64");
        assert_eq!(String::from_utf8(body).expect("UTF-8"), long);
        let subject: String = head
            .split("=?UTF-8?B?")
            .skip(1)
            .map(|word| STANDARD.decode(word.split("?=").next().expect("its end")).expect("Base64"))
            .map(|word| String::from_utf8(word).expect("whole characters"))
            .collect();
        assert_eq!(subject, long);
    }

    #[test]
    fn the_headers_say_whose_it_is_and_that_a_machine_wrote_it() {
        let text = String::from_utf8(mail("2026-ABCD", "x").bytes()).expect("ASCII");
        for line in [
            "From: Avvikelse <noreply@kommun.se>",
            "To: anna@kommun.se",
            "Subject: 2026-ABCD",
            "Date: Tue, 10 Mar 2026 11:00:00 +0000",
            "Message-ID: <018f0000-0000-7000-8000-000000000001@avvikelse.kommun.se>",
            "Auto-Submitted: auto-generated",
        ] {
            assert!(text.contains(&format!("{line}\r\n")), "{line}\n{text}");
        }
        assert!(!text.contains("Importance"), "{text}");
        let urgent = Mail { urgent: true, ..mail("x", "x") };
        assert!(String::from_utf8(urgent.bytes()).expect("ASCII").contains("Importance: high"));
        // A line break in a subject ends no header.
        let sly = String::from_utf8(mail("x\r\nBcc: b@c.se", "x").bytes()).expect("ASCII");
        assert!(!sly.contains("Bcc"), "{sly}");
    }
}
