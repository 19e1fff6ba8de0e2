//! What a mail says. The words are in `templates`, a file a language; a test holds each language to
//! every step and every kind of work.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use domain::ids::{CaseId, EscalationId};
use domain::mail::Language;
use domain::notice::{About, Audience, Notice, Step, Urgency};
use domain::worklist::Group;

/// How much waits for somebody, by kind of work.
pub type Digest = BTreeMap<Group, usize>;

/// What a contact of a counterparty is told: how many matters wait for their answer, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyMail {
    /// How many; `None` where only a link is sent.
    pub count: Option<usize>,
    /// The link.
    pub address: String,
}

/// What a mail is made of. Whoever makes one has nothing else to put into it.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// The notice.
    pub notice: &'a Notice,
    /// How much waits, where that is what it tells.
    pub digest: Option<&'a Digest>,
    /// What it tells a contact of a counterparty, where it is to one.
    pub reply: Option<&'a ReplyMail>,
    /// In which language.
    pub language: Language,
    /// Where the service is seen by those who use it, without a slash at the end.
    pub public_url: &'a str,
    /// The tenant's slug, under which the public meets it.
    pub tenant: &'a str,
    /// The part of a link that opens, where the notice is such a link.
    pub token: Option<&'a str>,
}

/// A mail's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}

type Words = HashMap<&'static str, &'static str>;

static SV: LazyLock<Words> = LazyLock::new(|| words(include_str!("../templates/sv/notices.txt")));
static EN: LazyLock<Words> = LazyLock::new(|| words(include_str!("../templates/en/notices.txt")));

fn words(text: &'static str) -> Words {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('=')).map(|(key, it)| (key.trim(), it.trim())).collect()
}

fn word(language: Language, key: &str) -> &'static str {
    let words = match language {
        Language::Sv => &*SV,
        Language::En => &*EN,
    };
    words.get(key).copied().unwrap_or_default()
}

/// Where the sender of an opinion follows it, below the tenant's slug.
const SENDER_PAGE: &str = "receipts";

/// Where what a notice is about is to be read.
fn link(public_url: &str, tenant: &str, token: Option<&str>, notice: &Notice) -> String {
    if let (Step::NewReceipt, Some(token)) = (notice.step, token) {
        return format!("{public_url}/{tenant}/{SENDER_PAGE}/new/{token}");
    }
    if notice.to == Audience::Sender {
        return format!("{public_url}/{tenant}/{SENDER_PAGE}");
    }
    let case = |CaseId(id)| match notice.step {
        // Whoever filed it follows it there, whatever else they may read.
        Step::OwnFiling => format!("{public_url}/me/cases/{id}"),
        _ => format!("{public_url}/cases/{id}"),
    };
    match (notice.about, notice.step) {
        (About::Case(id), _) => case(id),
        (About::Escalation(EscalationId(id)), _) => format!("{public_url}/escalations/{id}"),
        (About::Forwarding(id), _) => format!("{public_url}/forwardings/{id}"),
        (About::Review(id), _) => format!("{public_url}/reviews/{id}"),
        (About::Everything, Step::BoardFigures) => format!("{public_url}/board/figures"),
        (About::Everything, Step::ContactHandedOver) => format!("{public_url}/counterparties"),
        (About::Everything, Step::Handover) => format!("{public_url}/handovers"),
        (About::Everything, Step::ReportParagraph) => format!("{public_url}/reports/yearly"),
        (About::Everything, Step::ReportShared | Step::ReportWithdrawn) => {
            format!("{public_url}/reports/shared")
        }
        (About::Everything, _) => format!("{public_url}/worklist"),
    }
}

/// The words of a mail.
pub fn render(letter: Letter<'_>) -> Rendered {
    let Letter { notice, digest, reply, language, public_url, tenant, token } = letter;
    let say = |key: &str| word(language, key);
    let to_sender = notice.to == Audience::Sender;
    // The prefix of a number says that somebody has complained: not in somebody's private mail.
    let number = notice.number.as_ref().filter(|_| !to_sender);
    let urgent = notice.urgency == Urgency::Urgent;
    let what = say(notice.step.code());
    let mut subject = String::new();
    if urgent {
        subject.push_str(say("urgent"));
        subject.push_str(": ");
    }
    if let Some(number) = number {
        subject.push_str(number);
        subject.push_str(" – ");
    }
    subject.push_str(what);

    let mut lines = vec![format!("{what}."), String::new()];
    let mut field = |label: &str, value: &str| {
        lines.push(format!("{}: {value}", say(label)));
    };
    if let Some(number) = number {
        field("label.number", number);
    }
    if urgent {
        field("label.urgent", say("yes"));
    }
    if let Some(due_on) = notice.due_on {
        field("label.due_on", &due_on.to_string());
    }
    if let Some(digest) = digest {
        for (group, count) in digest.iter().filter(|(_, count)| **count > 0) {
            field(&format!("group.{}", group.code()), &count.to_string());
        }
        field("total", &digest.values().sum::<usize>().to_string());
    }
    if let Some(count) = reply.and_then(|reply| reply.count) {
        field("label.waiting", &count.to_string());
    }
    let address = reply.map(|reply| reply.address.clone());
    let address = address.unwrap_or_else(|| link(public_url, tenant, token, notice));
    field("label.link", &address);
    lines.push(String::new());
    let why = match (reply.is_some(), to_sender) {
        (true, _) => "footer.factor",
        (false, true) => "footer.sender",
        (false, false) => "footer.why",
    };
    lines.push(say(why).to_owned());
    lines.push(say("footer.machine").to_owned());
    if digest.is_some() {
        lines.push(say("footer.digest").to_owned());
    }
    lines.push(String::new());
    Rendered { subject, text: lines.join("\n") }
}

#[cfg(test)]
mod tests {
    use domain::ids::StaffId;
    use uuid::Uuid;

    use super::*;

    fn notice(step: Step) -> Notice {
        Notice {
            about: About::Case(CaseId(Uuid::from_u128(7))),
            number: Some("A-2026-7K3F".to_owned()),
            step,
            urgency: Urgency::Urgent,
            to: Audience::Staff(StaffId(Uuid::from_u128(8))),
            due_on: Some(jiff::civil::date(2026, 3, 12)),
            while_open: true,
        }
    }

    #[test]
    fn every_language_has_words_for_everything() {
        let fixed = [
            "urgent",
            "label.number",
            "label.urgent",
            "label.due_on",
            "label.link",
            "yes",
            "total",
            "footer.why",
            "footer.machine",
            "footer.digest",
            "label.waiting",
            "footer.factor",
            "footer.sender",
        ];
        let mut keys: Vec<String> = fixed.map(str::to_owned).into();
        keys.extend(Step::ALL.map(|step| step.code().to_owned()));
        keys.extend(Group::ALL.map(|group| format!("group.{}", group.code())));
        for language in [Language::Sv, Language::En] {
            for key in &keys {
                assert!(!word(language, key).is_empty(), "{language:?}: {key}");
            }
            let words = match language {
                Language::Sv => &*SV,
                Language::En => &*EN,
            };
            assert_eq!(words.len(), keys.len(), "{language:?}: words for nothing");
        }
    }

    #[test]
    fn a_mail_says_number_step_urgency_day_and_link() {
        let letter = Letter {
            notice: &notice(Step::Triage),
            digest: None,
            reply: None,
            language: Language::Sv,
            public_url: "https://avvikelse.kommun.se",
            tenant: "askersund",
            token: None,
        };
        let Rendered { subject, text } = render(letter);
        assert_eq!(subject, "Brådskande: A-2026-7K3F – Ett ärende väntar på bedömning");
        let id = Uuid::from_u128(7);
        assert_eq!(
            text,
            format!(
                "Ett ärende väntar på bedömning.\n\nNummer: A-2026-7K3F\nBrådskar: ja\n\
                 Senast: 2026-03-12\nLäs här: https://avvikelse.kommun.se/cases/{id}\n\n\
                 Av sekretesskäl står det inte här vad det gäller. Logga in för att läsa.\n\
                 Mejlet har skickats automatiskt och kan inte besvaras.\n"
            )
        );
    }

    #[test]
    fn a_contact_is_told_a_number_and_a_link_and_nothing_else() {
        let reply = ReplyMail { count: Some(37), address: "https://x/provby/svar/abc".to_owned() };
        let notice = Notice {
            about: About::Everything,
            number: None,
            urgency: Urgency::Normal,
            due_on: None,
            ..notice(Step::ReplyDigest)
        };
        let letter = Letter {
            notice: &notice,
            digest: None,
            reply: Some(&reply),
            language: Language::Sv,
            public_url: "https://x",
            tenant: "provby",
            token: None,
        };
        let Rendered { subject, text } = render(letter);
        assert_eq!(subject, "Det här väntar på ert svar");
        assert_eq!(
            text,
            "Det här väntar på ert svar.\n\nAntal som väntar på svar: 37\n\
             Läs här: https://x/provby/svar/abc\n\n\
             Av sekretesskäl står det inte här vad det gäller. För att läsa behövs också kodordet \
             eller en engångskod.\nMejlet har skickats automatiskt och kan inte besvaras.\n"
        );
    }

    #[test]
    fn a_sender_is_told_that_there_is_an_answer_and_nothing_else() {
        let answered = Notice {
            to: Audience::Sender,
            urgency: Urgency::Normal,
            due_on: None,
            ..notice(Step::OpinionAnswered)
        };
        let letter = Letter {
            notice: &answered,
            digest: None,
            reply: None,
            language: Language::Sv,
            public_url: "https://avvikelse.kommun.se",
            tenant: "askersund",
            token: None,
        };
        let Rendered { subject, text } = render(letter);
        assert_eq!(subject, "Det finns ett svar till dig");
        assert_eq!(
            text,
            "Det finns ett svar till dig.\n\n\
             Läs här: https://avvikelse.kommun.se/askersund/receipts\n\n\
             Av sekretesskäl står det inte här vad det gäller. Läs med din kod, eller kontakta oss.\n\
             Mejlet har skickats automatiskt och kan inte besvaras.\n"
        );
    }

    #[test]
    fn a_digest_counts_what_there_is() {
        let digest: Digest = [(Group::New, 3), (Group::Watches, 0), (Group::Samples, 1)].into();
        let everything =
            Notice { about: About::Everything, number: None, due_on: None, ..notice(Step::Digest) };
        let letter = Letter {
            notice: &Notice { urgency: Urgency::Normal, ..everything },
            digest: Some(&digest),
            reply: None,
            language: Language::En,
            public_url: "https://x",
            tenant: "askersund",
            token: None,
        };
        let Rendered { subject, text } = render(letter);
        assert_eq!(subject, "This waits for you");
        assert!(
            text.contains("New cases: 3\nSamples: 1\nIn all: 4\nRead here: https://x/worklist")
        );
        assert!(!text.contains("Requests"), "{text}");
    }

    #[test]
    fn a_link_to_a_new_code_has_its_token_and_no_number() {
        let renewed = Notice { to: Audience::Sender, due_on: None, ..notice(Step::NewReceipt) };
        let letter = Letter {
            notice: &renewed,
            digest: None,
            reply: None,
            language: Language::En,
            public_url: "https://x",
            tenant: "askersund",
            token: Some("t0ken"),
        };
        let Rendered { subject, text } = render(letter);
        assert!(text.contains("https://x/askersund/receipts/new/t0ken"), "{text}");
        assert!(!subject.contains("7K3F") && !text.contains("7K3F"), "{subject} {text}");
    }
}
