//! The history in a record: every step, in Swedish.

use serde_json::Value;

use super::matter::status;
use super::{Block, Section, Writer};
use crate::calendar::format_local;
use crate::case::Status;
use crate::ids::StaffId;

/// A command, as what was done.
fn done(command: &str) -> &str {
    match command {
        "file" => "Kom in",
        "import" => "Importerades",
        "edit" => "Utkast ändrat",
        "submit" => "Lämnades in",
        "triage" => "Bedömning",
        "lead" => "Ledning",
        "investigate" => "Utredning",
        "measure" => "Åtgärd",
        "decide_measures" => "Åtgärder beslutade",
        "follow_up" => "Uppföljning påbörjad",
        "feedback" => "Återkoppling",
        "correct" => "Rättelse",
        "transfer" => "Överlämning till annan enhet",
        "link" => "Länk",
        "attach" => "Bilaga",
        "withdraw_attachment" => "Bilaga borttagen",
        "watch" => "Bevakning",
        "answer_watch" => "Svar på bevakning",
        "comment" => "Kommentar",
        "supplement" => "Komplettering",
        "keep_from" => "Jäv",
        "duty" => "Angränsande skyldighet",
        "wait" => "Väntan",
        "diary_number" => "Diarienummer",
        "register" => "Registrerat",
        "acknowledge" => "Bekräftat",
        "assign" => "Fördelat",
        "inquire" => "Utredning påbörjad",
        "ask" => "Fråga till avsändaren",
        "attempt" => "Försök att nå avsändaren",
        "answer" => "Svar",
        "hand_over" => "Överlämnat",
        "pass_on" => "Skickat vidare",
        "spin_off" => "Avvikelse utbruten",
        "sender_message" => "Meddelande från avsändaren",
        "close" => "Avslut",
        "reopen" => "Återupptaget",
        "void" => "Makulerat",
        "refile" => "Registrerat på nytt",
        other => other,
    }
}

/// The name of a field; its own where nobody gave it another.
fn field(name: &str) -> &str {
    match name {
        "unit" => "enhet",
        "reporting_unit" => "rapporterande enhet",
        "also_units" => "andra enheter",
        "occurred_at" => "inträffade",
        "occurred_until" => "till",
        "discovered_at" => "upptäcktes",
        "law" => "lagrum",
        "category" => "kategori",
        "patientnamnd" => "patientnämndens kategori",
        "nature" => "art",
        "severity" => "allvarlighetsgrad",
        "probability" => "sannolikhet",
        "track" => "handläggningsväg",
        "lead" => "leds av",
        "diary_number" => "diarienummer",
        "outcome" => "utfall",
        "summary" => "sammanfattning",
        "action_taken" => "vad som gjordes",
        "subject" => "person",
        "sex" => "kön",
        "age_band" => "åldersgrupp",
        "kind" => "slag",
        "links" => "länkar",
        "hops" => "överlämningar",
        "actual" => "faktisk",
        "potential" => "möjlig",
        "stage" => "läge",
        "conflicts" => "jäv",
        "attempts" => "försök",
        "messages" | "question" => "meddelanden",
        "draft" => "utkast till svar",
        "answer_channel" => "svar genom",
        "is_avvikelse" => "är en avvikelse",
        "lex_sarah" => "kan vara lex Sarah",
        "ending" => "avslut utan svar",
        "acknowledged_at" => "bekräftat",
        "handed_over_to" => "överlämnat till",
        "passed_on_to" => "skickat vidare till",
        "case" => "ärende",
        "at" => "när",
        other => other,
    }
}

impl Writer<'_> {
    pub(super) fn history(&self) -> Section {
        let rows = self.known.history.iter().map(|step| {
            let to = match step.to.parse::<Status>() {
                Ok(known) => status(known).to_owned(),
                Err(()) => step.to.clone(),
            };
            let changes = step.changes.iter().filter_map(|change| {
                // Which sealed identity it was and is means nothing to anybody.
                let (old, new) = match change.field.as_str() {
                    "subject" => (String::new(), "ändrad".to_owned()),
                    "unit" | "reporting_unit" | "also_units" => {
                        (self.place(&change.old), self.place(&change.new))
                    }
                    _ => (self.value(&change.old), self.value(&change.new)),
                };
                let name = field(&change.field);
                match (old.is_empty(), new.is_empty()) {
                    (true, true) => None,
                    (true, false) => Some(format!("{name}: {new}")),
                    (false, true) => Some(format!("{name}: {old} togs bort")),
                    (false, false) => Some(format!("{name}: {old} → {new}")),
                }
            });
            let mut what: Vec<String> = changes.collect();
            what.extend(step.reason.as_ref().map(|reason| format!("skäl: {reason}")));
            vec![
                step.version.to_string(),
                format_local(step.at),
                done(&step.command).to_owned(),
                to,
                self.who(step.by),
                what.join("\n"),
            ]
        });
        let head = vec!["Nr", "När", "Vad", "Status efter", "Av", "Ändringar och skäl"];
        let rows: Vec<_> = rows.collect();
        let table = (!rows.is_empty()).then_some(Block::Table { caption: "Historik", head, rows });
        Section { id: "historik", heading: "Historik", blocks: table.into_iter().collect() }
    }

    /// A value of a change in words: staff by name.
    fn value(&self, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::Bool(true) => "ja".to_owned(),
            Value::Bool(false) => "nej".to_owned(),
            Value::Number(number) => number.to_string(),
            Value::String(text) => match text.parse::<StaffId>() {
                Ok(id) => {
                    let name = (self.known.name)(id);
                    if name.is_empty() { text.clone() } else { name }
                }
                Err(_) => text.clone(),
            },
            Value::Array(items) => {
                let items = items.iter().map(|item| self.value(item)).filter(|it| !it.is_empty());
                items.collect::<Vec<_>>().join(", ")
            }
            Value::Object(fields) => {
                let said = fields.iter().map(|(name, value)| (name, self.value(value)));
                let said = said.filter(|(_, value)| !value.is_empty());
                said.map(|(name, value)| format!("{}: {value}", field(name)))
                    .collect::<Vec<_>>()
                    .join(", ")
            }
        }
    }

    /// A value that names units.
    fn place(&self, value: &Value) -> String {
        match value {
            Value::String(text) => text.parse().map_or_else(|_| text.clone(), |id| self.unit(id)),
            Value::Array(items) => {
                items.iter().map(|item| self.place(item)).collect::<Vec<_>>().join(", ")
            }
            other => self.value(other),
        }
    }
}
