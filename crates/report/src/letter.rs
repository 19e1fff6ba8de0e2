//! A forwarding as a letter to print, and as a package for the municipality's SDK client. Made of what
//! leaves and of nothing else; who the person is stands in neither.

use std::io::{Cursor, Write as _};

use domain::forwarding::leaving::Leaving;
use zip::ZipWriter;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;

use crate::page::{escaped, whole};

fn lines(lines: &[String]) -> String {
    lines.iter().map(|line| escaped(line)).collect::<Vec<_>>().join("\n")
}

/// The letter, in Swedish.
pub fn html(leaving: &Leaving) -> String {
    let document = &leaving.document;
    let title = match &leaving.number {
        Some(number) => format!("Avvikelse mellan vårdgivare, {number}"),
        None => "Avvikelse mellan vårdgivare".to_owned(),
    };
    let own = escaped(&leaving.sender);
    let sender = match leaving.letterhead.is_empty() {
        true => own.clone(),
        false => lines(&leaving.letterhead),
    };
    let receiver = match leaving.address.is_empty() {
        true => escaped(&leaving.receiver),
        false => lines(&leaving.address),
    };
    let mut body = format!(
        "<address class=\"sender\">{sender}</address>\n<address class=\"receiver\">{receiver}</address>\n\
         <p>{}</p>\n<h1>{}</h1>\n<dl>\n",
        leaving.on,
        escaped(&title)
    );
    let mut field = |term: &str, text: &str| {
        body.push_str(&format!("<dt>{term}</dt><dd>{}</dd>\n", escaped(text)));
    };
    field("Från", &leaving.sender);
    field("Till", &leaving.receiver);
    if let Some(unit) = &document.unit {
        field("Gäller enhet hos er", unit);
    }
    if let Some(day) = document.event_on {
        field("Händelsedag", &day.to_string());
    }
    field("Ärende", &document.matter);
    if let Some(day) = leaving.due_on {
        field("Svar önskas senast", &day.to_string());
    }
    body.push_str("</dl>\n<h2>Vad som hände</h2>\n");
    body.push_str(&format!("<p>{}</p>\n", escaped(&document.text)));
    if let Some(question) = &document.question {
        body.push_str(&format!("<h2>Vi vill veta</h2>\n<p>{}</p>\n", escaped(question)));
    }
    body.push_str("<section class=\"reply\">\n<h2>Så svarar ni</h2>\n");
    match &leaving.reply {
        Some(reply) => body.push_str(&format!(
            "<p>Svara på <span class=\"code\">{}</span></p>\n<p>Kod: <span class=\"code\">{}</span></p>\n",
            escaped(&reply.url),
            escaped(&reply.code)
        )),
        None => body.push_str("<p>Svara med brev till adressen ovan eller på det sätt vi har kommit överens om.</p>\n"),
    }
    if leaving.identity {
        let who = if leaving.reply.is_some() {
            "Vem det gäller står inte i brevet. Uppgiften visas när ni har loggat in med koden och den andra faktorn."
        } else {
            "Vem det gäller står inte i brevet. Kontakta avsändaren."
        };
        body.push_str(&format!("<p>{who}</p>\n"));
    }
    if let Some(number) = &leaving.number {
        body.push_str(&format!("<p>Ange {} i svaret.</p>\n", escaped(number)));
    }
    body.push_str("</section>\n");
    whole(&title, &body)
}

/// What goes with the letter in a package, a line each: for whoever hands it to the SDK client.
fn metadata(leaving: &Leaving) -> String {
    let mut lines = Vec::new();
    let mut line = |name: &str, value: &str| {
        // One line each, whatever was written.
        let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        lines.push(format!("{name}: {value}"));
    };
    line("referens", leaving.number.as_deref().unwrap_or(""));
    line("avsandare", &leaving.sender);
    line("mottagare", &leaving.receiver);
    line("sdk-adress", leaving.sdk_address.as_deref().unwrap_or(""));
    line("rubrik", &leaving.document.matter);
    line("datum", &leaving.on.to_string());
    line("svar-senast", &leaving.due_on.map(|day| day.to_string()).unwrap_or_default());
    line("bilaga", "brev.html");
    lines.push(String::new());
    lines.join("\r\n")
}

/// The letter and what goes with it as one ZIP file.
///
/// # Errors
/// What the writer says; of memory it has nothing to say.
pub fn package(leaving: &Leaving) -> Result<Vec<u8>, ZipError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // No time of ours: the same document is the same package.
    let options = SimpleFileOptions::default();
    for (name, text) in [("brev.html", html(leaving)), ("meddelande.txt", metadata(leaving))] {
        zip.start_file(name, options)?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::calendar::parse_date;
    use domain::forwarding::Document;
    use domain::forwarding::leaving::ReplyLink;

    fn leaving(reply: Option<ReplyLink>) -> Leaving {
        Leaving {
            sender: "Askersund <SN>".into(),
            letterhead: vec!["Socialnämnden".into(), "696 82 Askersund".into()],
            number: Some("VG-2026-7K3Q9D2F".into()),
            receiver: "Vårdcentralen".into(),
            address: vec!["Vårdcentralen".into(), "Storgatan 1".into()],
            sdk_address: Some("0203:123".into()),
            document: Document {
                matter: "Lista\r\nsaknades".into(),
                text: "<script>alert(1)</script>".into(),
                question: None,
                unit: Some("Mottagningen".into()),
                event_on: None,
            },
            on: parse_date("2026-03-01").expect("a day"),
            due_on: parse_date("2026-04-30").ok(),
            identity: true,
            reply,
        }
    }

    #[test]
    fn a_letter_escapes_what_was_written_and_fetches_nothing() {
        let reply = ReplyLink { url: "avvikelse.se/s/AB12".into(), code: "1234 5678".into() };
        let page = html(&leaving(Some(reply)));
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script"));
        assert!(page.contains("avvikelse.se/s/AB12") && page.contains("1234 5678"));
        assert!(page.contains("Svar önskas senast") && page.contains("2026-04-30"));
        for outside in ["http:", "https:", "src=", "href=", "url("] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert_eq!(page.matches("<h1>").count(), 1);
        assert!(html(&leaving(None)).contains("Svara med brev"));
    }

    #[test]
    fn a_package_holds_the_letter_and_a_line_for_each_field() {
        let bytes = package(&leaving(None)).expect("a package");
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a ZIP file");
        assert_eq!(zip.len(), 2);
        zip.by_name("brev.html").expect("the letter");
        let mut text = String::new();
        std::io::Read::read_to_string(
            &mut zip.by_name("meddelande.txt").expect("is there"),
            &mut text,
        )
        .expect("a text");
        assert!(text.contains("rubrik: Lista  saknades\r\n"), "{text}");
        assert_eq!(text.lines().count(), 8);
    }
}
