//! The sections of a record that tell of the case itself.

use serde_json::Value;

use super::{Block, Facts, Named, Section, Writer, hex};
use crate::calendar::format_local;
use crate::case::feedback::Audience;
use crate::case::link::LinkKind;
use crate::case::measure::Effect;
use crate::case::triage::{LexAnswer, Vardskada};
use crate::case::{Kind, State, Status, Track};
use crate::forms::forms;

/// A kind of case, as a heading.
pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Avvikelse => "Avvikelse",
        Kind::Synpunkt => "Synpunkt",
        Kind::Klagomal => "Klagomål",
    }
}

/// Where a case stands, in Swedish.
pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::Draft => "Utkast",
        Status::Reported => "Inkommet",
        Status::Triaged => "Bedömt",
        Status::Investigating => "Utreds",
        Status::MeasuresDecided => "Åtgärder beslutade",
        Status::FollowingUp => "Följs upp",
        Status::Closed => "Avslutat",
        Status::Void => "Makulerat",
    }
}

fn section(
    id: &'static str,
    heading: &'static str,
    blocks: impl IntoIterator<Item = Option<Block>>,
) -> Section {
    Section { id, heading, blocks: blocks.into_iter().flatten().collect() }
}

fn table(caption: &'static str, head: &[&'static str], rows: Vec<Vec<String>>) -> Option<Block> {
    (!rows.is_empty()).then(|| Block::Table { caption, head: head.to_vec(), rows })
}

/// What somebody answered, as a text.
fn answered(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "Ja".to_owned(),
        Value::Bool(false) => "Nej".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) => items.iter().map(answered).collect::<Vec<_>>().join(", "),
        Value::Object(_) => value.to_string(),
    }
}

impl Writer<'_> {
    pub(super) fn matter(&self) -> Section {
        let case = self.case;
        let mut facts = Facts::default();
        facts
            .put("Ärende", case.number.to_string())
            .put_if("Diarienummer", case.registered_as())
            .put_if("Nummer i tidigare system", case.external_number.clone())
            .put("Slag", kind(case.kind))
            .put("Status", status(case.status()))
            .put("Ansvarig enhet", self.unit(case.unit))
            .put("Rapporterande enhet", self.unit(case.reporting_unit))
            .put(
                "Andra berörda enheter",
                case.also_units.iter().map(|id| self.unit(*id)).collect::<Vec<_>>().join(", "),
            )
            .time("Inkom", Some(case.reported_at))
            .time("Registrerades", Some(case.registered_at))
            .time("Avslutades", case.closed_at());
        if self.known.protected {
            facts.put("Skyddade personuppgifter", "Ja");
        }
        section("arende", "Ärendet", [facts.into_block()])
    }

    pub(super) fn filing(&self) -> Section {
        let (case, filing) = (self.case, &self.case.filing);
        let code =
            |list: &str, code: &Option<String>| code.as_deref().map(|it| self.word(list, it));
        let mut facts = Facts::default();
        facts
            .put_if("Från", code("source", &filing.source))
            .put_if("Kom in genom", code("channel", &filing.channel))
            .put("Rapporterat av", self.who(case.reported_by))
            .put_if("Rapportörens namn", filing.reporter_name.clone())
            .put("Registrerat av", self.who(case.registered_by))
            .put_if("Registrerat senare än det kom in", filing.received_reason.clone())
            .time("Inträffade", case.occurred_at)
            .time("Till", case.occurred_until)
            .time("Upptäcktes", case.discovered_at)
            .put("Lagrum enligt rapporten", self.words("law", &filing.law))
            .put_if("Kategori enligt rapporten", code(case.kind.category_list(), &filing.category))
            .put("Vad som hände", filing.description.clone())
            .put_if("Vad som gjordes genast", filing.immediate_action.clone())
            .put("Informerade", self.words("informed", &filing.informed));
        let mut answers = Facts::default();
        for (question, answer) in &filing.details {
            let asked = forms().forms.iter().flat_map(|form| &form.questions);
            let asked = asked.into_iter().find(|asked| asked.code == *question);
            let text = asked.map_or(question.as_str(), |asked| asked.text.sv.as_str());
            let said = |answer: &Value| {
                let given = answered(answer);
                let option = asked.and_then(|asked| asked.option(&given));
                let listed =
                    || asked?.lists.iter().find_map(|list| self.known.codes.get(list, &given));
                match (option, listed()) {
                    (Some(option), _) => option.text.sv.clone(),
                    (None, Some(code)) => code.sv.clone(),
                    (None, None) => given,
                }
            };
            let said = match answer {
                Value::Array(items) => items.iter().map(said).collect::<Vec<_>>().join(", "),
                answer => said(answer),
            };
            answers.put(text, said);
        }
        let supplements = filing.supplements.iter().map(|added| {
            let mut facts = Facts::default();
            facts.put("Skrivet av", self.who(Some(added.by))).put("Text", added.text.clone());
            facts.into_part(format!("Komplettering {}", format_local(added.at)))
        });
        let blocks = [facts.into_block(), answers.into_part("Svar på frågor")].into_iter();
        section("anmalan", "Vad som kom in", blocks.chain(supplements))
    }

    pub(super) fn people(&self) -> Section {
        let blocks = match &self.known.subject {
            Named::Nobody => None,
            Named::Clear(facts) => Some(Block::Facts(facts.clone())),
            Named::Hidden => {
                Some(Block::Note("Ärendet rör en namngiven person, som inte visas för dig."))
            }
        };
        section("person", "Vem det gäller", [blocks])
    }

    pub(super) fn assessment(&self) -> Section {
        let (case, found) = (self.case, &self.case.assessment);
        let code = |list: &str, code: Option<&str>| code.map(|it| self.word(list, it));
        let laws: Vec<String> = found.law.iter().map(|law| law.code().to_owned()).collect();
        let mut facts = Facts::default();
        facts
            .put("Lagrum", self.words("law", &laws))
            .put_if("Kategori", code(case.kind.category_list(), found.category.as_deref()))
            .put_if(
                "Patientnämndens kategori",
                code(crate::patientnamnd::LIST, case.patientnamnd()),
            )
            .put_if("Art", code("nature", found.nature.as_deref()))
            .put_if("Faktisk allvarlighetsgrad", found.severity.actual.map(|it| it.to_string()))
            .put_if("Möjlig allvarlighetsgrad", found.severity.potential().map(|it| it.to_string()))
            .put_if("Sannolikhet", found.probability.map(|it| it.to_string()))
            .flag("Nådde personen", found.harm.reached_person)
            .put_if("Skada", code("injury", found.harm.injury.as_deref()))
            .put(
                "Vårdskada",
                match found.harm.vardskada {
                    Vardskada::NotAssessed => String::new(),
                    Vardskada::No | Vardskada::CouldHave | Vardskada::Yes => {
                        self.word("vardskada", found.harm.vardskada.code())
                    }
                },
            )
            .flag("Allvarlig", found.harm.serious)
            .flag("Personen avled", found.harm.death);
        for (question, answer) in &found.lex {
            let asked = match question.code() {
                "lex_maria" => "Kan det vara lex Maria?",
                _ => "Kan det vara lex Sarah?",
            };
            let said = match answer {
                LexAnswer::No => "Nej",
                LexAnswer::Perhaps => "Kanske",
                LexAnswer::Yes => "Ja",
            };
            facts.put(asked, said);
        }
        facts
            .put(
                "Handläggningsväg",
                match found.track {
                    Some(Track::Simple) => "Enkel",
                    Some(Track::Standard) => "Normal",
                    Some(Track::Deep) => "Fördjupad",
                    None => "",
                },
            )
            .put("Leds av", self.who(found.lead))
            .time("Bedömningen klar", case.progress.triaged_at);
        let mut told = Facts::default();
        if let Some(given) = &found.patient_information {
            told.time("Informerad", given.informed_at)
                .put_if("Av vem och hur", given.how.clone())
                .put("Punkter av sex", format!("{}", given.points.len()))
                .put_if("Hinder", given.impediment.clone())
                .flag("Antecknat i journalen", Some(given.journal_note_confirmed));
        }
        let told = told.into_part("Information till patienten (PSL 3 kap. 8 §)");
        section("bedomning", "Bedömning", [facts.into_block(), told])
    }

    pub(super) fn investigation(&self) -> Section {
        let Some(found) = &self.case.investigation else {
            return section("utredning", "Utredning", []);
        };
        let mut facts = Facts::default();
        facts
            .put("Utreds av", self.who(found.investigator))
            .time("Påbörjad", Some(found.started_at))
            .time("Klar", found.completed_at)
            .put_if("Händelseförlopp", found.course_of_events.clone())
            .put_if("Personens egen berättelse", found.person_account.clone())
            .flag("Stöd erbjudet", found.support_offered)
            .put_if("Bedömning", found.assessment.clone());
        let causes = found.causes.iter().map(|cause| {
            vec![
                self.word("cause", &cause.code),
                cause.text.clone().unwrap_or_default(),
                cause.waiver.clone().unwrap_or_default(),
            ]
        });
        let head = ["Orsak", "I ord", "Varför ingen åtgärd"];
        let causes = table("Orsaker", &head, causes.collect());
        section("utredning", "Utredning", [facts.into_block(), causes])
    }

    pub(super) fn measures(&self) -> Section {
        let measures = self.case.investigation.iter().flat_map(|found| &found.measures);
        let day =
            |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let rows = measures.map(|measure| {
            let effect = match measure.effect {
                Effect::NotYet => String::new(),
                Effect::Yes | Effect::Partly | Effect::No => {
                    self.word("measure_effect", measure.effect.code())
                }
            };
            let note = measure.effect_note.as_deref().unwrap_or_default();
            vec![
                self.word("measure_type", &measure.kind),
                measure.text.clone(),
                measure.owner.clone().unwrap_or_default(),
                day(measure.due_on),
                day(measure.done_on),
                format!("{effect} {note}").trim().to_owned(),
            ]
        });
        let head = ["Slag", "Åtgärd", "Ansvarig", "Senast", "Klar", "Effekt"];
        section("atgarder", "Åtgärder", [table("Åtgärder", &head, rows.collect())])
    }

    pub(super) fn feedback(&self) -> Section {
        let rows = self.case.feedback.iter().map(|given| {
            let to = match (given.audience, given.meeting_on) {
                (Audience::Reporter, _) => "Rapportören".to_owned(),
                (Audience::Unit, Some(day)) => format!("Enheten, möte {day}"),
                (Audience::Unit, None) => "Enheten".to_owned(),
                (Audience::Tenant, _) => "Hela förvaltningen".to_owned(),
            };
            vec![format_local(given.at), to, given.text.clone(), self.who(Some(given.by))]
        });
        let head = ["När", "Till", "Vad som sades", "Av"];
        section("aterkoppling", "Återkoppling", [table("Återkoppling", &head, rows.collect())])
    }

    pub(super) fn ending(&self) -> Section {
        let mut facts = Facts::default();
        match &self.case.state {
            State::Closed(closing) => {
                let outcome = closing.outcome.as_deref().map(|it| self.word("outcome", it));
                facts
                    .put_if("Utfall", outcome)
                    .put_if("Sammanfattning", closing.summary.clone())
                    .put_if("Vad som gjordes", closing.action_taken.clone())
                    .time("Avslutat", Some(closing.at))
                    .put("Av", self.who(closing.by));
            }
            State::Void(voiding) => {
                facts
                    .put("Makulerat, skäl", voiding.reason.clone())
                    .time("När", Some(voiding.at))
                    .put("Av", self.who(voiding.by));
            }
            State::Draft
            | State::Reported
            | State::Triaged
            | State::Investigating
            | State::MeasuresDecided
            | State::FollowingUp => {}
        }
        section("avslut", "Avslut", [facts.into_block()])
    }

    pub(super) fn links(&self) -> Section {
        let rows = self.case.links.iter().filter_map(|link| {
            let number = (self.known.number)(link.to)?;
            let how = match link.kind {
                LinkKind::SameEvent => "Samma händelse",
                LinkKind::SamePersonSeries => "Serie för samma person",
                LinkKind::DuplicateOf => "Dubblett av",
                LinkKind::SpunOffFrom => "Utbrutet ur",
                LinkKind::RefiledAs => "Registrerat på nytt som",
                LinkKind::Related => "Hör samman med",
            };
            Some(vec![how.to_owned(), number, format_local(link.at)])
        });
        let head = ["Hur", "Ärende", "Länkat"];
        section("lankar", "Länkade ärenden", [table("Länkade ärenden", &head, rows.collect())])
    }

    pub(super) fn attachments(&self) -> Section {
        let rows = self.known.attachments.iter().map(|file| {
            vec![
                file.name.clone(),
                file.description.clone().unwrap_or_default(),
                file.size.to_string(),
                format_local(file.added_at),
                hex(&file.sha256),
            ]
        });
        let head = ["Fil", "Vad den visar", "Byte", "Tillagd", "SHA-256"];
        section("bilagor", "Bilagor", [table("Bilagor", &head, rows.collect())])
    }
}
