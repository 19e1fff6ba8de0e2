//! The sections of a record that tell of the opinion: who left it, what was said to and fro, what was
//! answered.

use super::{Block, Facts, Known, Named, Section};
use crate::calendar::format_local;
use crate::case::Case;
use crate::case::triage::LexAnswer;
use crate::ids::StaffId;
use crate::opinion::ending::Authority;
use crate::opinion::{
    Answer, Ended, EndingKind, Given, Message, MessageKind, Opinion, Representation, Stage,
    StageName, next_step,
};
use crate::survey::{Satisfied, Survey};

/// What hangs on an opinion besides.
#[derive(Clone, Debug, Default)]
pub struct AroundOpinion {
    /// Who left it.
    pub sender: Named,
    /// What was said, oldest first.
    pub messages: Vec<Message>,
    /// What the sender said of the answer.
    pub survey: Option<Survey>,
}

fn stage(name: StageName) -> &'static str {
    match name {
        StageName::Received => "Inkommet",
        StageName::Registered => "Registrerat",
        StageName::Acknowledged => "Bekräftat",
        StageName::Assigned => "Fördelat",
        StageName::Investigating => "Under utredning",
        StageName::Answered => "Besvarat",
        StageName::Closed => "Avslutat",
        StageName::HandedOver => "Överlämnat",
    }
}

fn ending(kind: EndingKind) -> &'static str {
    match kind {
        EndingKind::Withdrawn => "Återtaget",
        EndingKind::Duplicate => "Dubblett",
        EndingKind::NotWithinTenant => "Inte inom verksamheten",
        EndingKind::NoAnswerWanted => "Svar önskas inte",
        EndingKind::Unreachable => "Kan inte nås",
        EndingKind::NotSerious => "Inte allvarligt menat",
        EndingKind::NoAnswerDue => "Kräver inget svar",
    }
}

fn right(right: Representation) -> &'static str {
    match right {
        Representation::GodMan => "God man",
        Representation::Forvaltare => "Förvaltare",
        Representation::Fullmakt => "Fullmakt",
        Representation::Vardnadshavare => "Vårdnadshavare",
        Representation::Narstaende => "Närstående",
    }
}

fn authority(to: Authority) -> &'static str {
    match to {
        Authority::Patientnamnd => "Patientnämnden",
        Authority::Ivo => "IVO",
    }
}

fn satisfied(said: Satisfied) -> &'static str {
    match said {
        Satisfied::Yes => "Ja",
        Satisfied::Partly => "Delvis",
        Satisfied::No => "Nej",
    }
}

/// The answer, as it was given.
fn answer(answer: &Answer, name: &dyn Fn(StaffId) -> String) -> Facts {
    let mut facts = Facts::default();
    facts
        .put("Förklaring", answer.explanation.clone())
        .put("Åtgärder", answer.measures.clone().unwrap_or_else(|| "Inga".to_owned()));
    if let Some(check) = &answer.secrecy {
        let who = format!("{}, {}", name(check.by), format_local(check.at));
        facts.put("Sekretessprövning", check.ground.clone()).put("Prövad av", who);
    }
    let steps: Vec<&str> = answer
        .next_steps
        .iter()
        .map(|code| next_step::step(code).map_or(code.as_str(), |step| step.sv.as_str()))
        .collect();
    facts
        .put("Vart man kan vända sig", steps.join("\n"))
        .put_if("Mer om det", answer.next_text.clone());
    match &answer.given {
        Given::Letter(day) => facts.put("Lämnat", format!("Brev {day}")),
        Given::SecureMessage(day) => facts.put("Lämnat", format!("Säkert meddelande {day}")),
        Given::ReceiptPage => facts.put("Lämnat", "På kvittosidan"),
        Given::Oral(told) => facts
            .put("Lämnat", format!("Muntligt {}", format_local(told.at)))
            .put("Av", name(told.by))
            .put("Till", told.to.clone())
            .put("Vad som sades", told.said.clone()),
    };
    facts.put("Skrivet", format_local(answer.at)).put("Skrivet av", name(answer.by));
    facts
}

/// How it ended, where that was without an answer.
fn ended(found: &Stage, name: &dyn Fn(StaffId) -> String) -> Option<Block> {
    let mut facts = Facts::default();
    match found {
        Stage::Closed(Ended::Otherwise(it)) => {
            facts
                .put("Utan svar", ending(it.kind))
                .put("Skäl", it.reason.clone())
                .put_if("Vad som hände", it.explanation.clone())
                .put("När", format_local(it.at))
                .put("Av", name(it.by));
        }
        Stage::HandedOver(it) => {
            facts
                .put("Överlämnat till", it.to.clone())
                .put("Skäl", it.reason.clone())
                .put_if("Avsändaren underrättad", it.sender_told_on.map(|day| day.to_string()))
                .put("När", format_local(it.at))
                .put("Av", name(it.by));
        }
        Stage::Received
        | Stage::Registered
        | Stage::Acknowledged
        | Stage::Assigned
        | Stage::Investigating
        | Stage::Answered(_)
        | Stage::Closed(Ended::Answered(_) | Ended::Imported) => {}
    }
    facts.into_block()
}

/// Who left it, and how it came.
fn sender(opinion: &Opinion, around: &AroundOpinion, known: &Known<'_>) -> Section {
    let word = |list: &str, code: &str| {
        known.codes.get(list, code).map_or_else(|| code.to_owned(), |it| it.sv.clone())
    };
    let mut facts = Facts::default();
    facts
        .put_if("Avsändare", opinion.sender.kind.as_deref().map(|code| word("source", code)))
        .flag("Anonym", Some(opinion.anonymous))
        .put_if("För någon annan, som", opinion.sender.speaks_as.map(right))
        .put_if("Avsändarens diarienummer", opinion.sender.case_number.clone())
        .put_if("Tolk", opinion.sender.interpreter.clone());
    if let Some(evidence) = &opinion.sender.evidence {
        let seen = format!("{}, {}", (known.name)(evidence.seen_by), evidence.seen_on);
        facts.put("Behörighet styrkt genom", evidence.what.clone()).put("Sett av", seen);
    }
    if let Some(taken) = &opinion.arrival.taken_down {
        facts
            .time("Sagt", Some(taken.said_at))
            .time("Nedtecknat (FL 27 §)", Some(taken.at))
            .put("Nedtecknat av", (known.name)(taken.by));
    }
    let who = match &around.sender {
        Named::Nobody => None,
        Named::Clear(facts) => Some(Block::Facts(facts.clone())),
        Named::Hidden => Some(Block::Note("Avsändaren är namngiven, och visas inte för dig.")),
    };
    let blocks = facts.into_block().into_iter().chain(who).collect();
    Section { id: "avsandare", heading: "Vem det kommer från", blocks }
}

/// What was done with it.
fn handling(opinion: &Opinion, known: &Known<'_>) -> Section {
    let name = known.name;
    let mut facts = Facts::default();
    facts.put("Står", stage(opinion.stage_name()));
    if let Some(done) = &opinion.registered {
        facts.time("Registrerat", Some(done.at)).put("Av", done.by.map(name).unwrap_or_default());
    }
    if let Some(done) = &opinion.acknowledged {
        facts.time("Bekräftat", Some(done.at)).put("Bekräftat av", name(done.by));
    }
    if let Some(gates) = &opinion.gates {
        let lex = match gates.lex_sarah {
            LexAnswer::No => "Nej",
            LexAnswer::Perhaps => "Kanske",
            LexAnswer::Yes => "Ja",
        };
        facts
            .flag("Är det en avvikelse?", Some(gates.avvikelse))
            .put("Kan det vara lex Sarah?", lex)
            .put("Svarat av", format!("{}, {}", name(gates.by), format_local(gates.at)));
    }
    for tried in &opinion.attempts {
        let note = tried.note.as_deref().unwrap_or_default();
        facts.put("Försök att nå avsändaren", format!("{} {note}", tried.on).trim().to_owned());
    }
    for passed in &opinion.passed_on {
        let number = passed.number.as_deref().unwrap_or_default();
        let text = format!("{} {} {number}", authority(passed.to), format_local(passed.at));
        facts.put("Skickat vidare till", text.trim().to_owned());
    }
    Section {
        id: "handlaggning",
        heading: "Handläggning",
        blocks: facts.into_block().into_iter().collect(),
    }
}

fn messages(around: &AroundOpinion, known: &Known<'_>) -> Section {
    let rows = around.messages.iter().map(|message| {
        let who = match (message.from_sender, message.by) {
            (true, _) => "Avsändaren".to_owned(),
            (false, Some(by)) => (known.name)(by),
            (false, None) => "Förvaltningen".to_owned(),
        };
        let what = match message.kind {
            MessageKind::Question => "Fråga",
            MessageKind::Reply => "Svar",
            MessageKind::Addition => "Komplettering",
            MessageKind::Notice => "Meddelande",
        };
        vec![format_local(message.at), who, what.to_owned(), message.text.clone()]
    });
    let rows: Vec<_> = rows.collect();
    let head = vec!["När", "Från", "Vad", "Text"];
    let table = Block::Table { caption: "Meddelanden", head, rows: rows.clone() };
    let blocks = if rows.is_empty() { Vec::new() } else { vec![table] };
    Section { id: "meddelanden", heading: "Meddelanden", blocks }
}

fn answers(opinion: &Opinion, around: &AroundOpinion, known: &Known<'_>) -> Section {
    let mut blocks = Vec::new();
    for before in &opinion.earlier {
        let heading = format!("Gällde till {}", format_local(before.until));
        let earlier = before.stage.answer().map(|it| answer(it, known.name));
        blocks.extend(earlier.and_then(|facts| facts.into_part(heading)));
    }
    blocks.extend(opinion.answer().and_then(|it| answer(it, known.name).into_block()));
    blocks.extend(ended(&opinion.stage, known.name));
    if let Some(survey) = &around.survey {
        let mut facts = Facts::default();
        facts
            .put_if("Gick svaret att förstå?", survey.understood.map(satisfied))
            .put_if("Hjälpte svaret?", survey.helped.map(satisfied))
            .time("Svarat", Some(survey.at));
        blocks.extend(facts.into_part("Avsändarens omdöme"));
    }
    Section { id: "svar", heading: "Svar", blocks }
}

/// The sections of a case's opinion; none where it has none.
pub fn sections(case: &Case, around: &AroundOpinion, known: &Known<'_>) -> Vec<Section> {
    let Some(opinion) = &case.opinion else { return Vec::new() };
    vec![
        sender(opinion, around, known),
        handling(opinion, known),
        messages(around, known),
        answers(opinion, around, known),
    ]
}
