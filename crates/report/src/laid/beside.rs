//! Escalations and forwardings in lines and columns.

use std::borrow::Cow;

use domain::code_lists::CodeLists;
use domain::escalation;
use domain::forwarding::{self, Direction, counterparty};
use domain::law::Law;
use domain::statistics::{
    Days, EscalationCube, EscalationDimension, EscalationFigures, ForwardingCube,
    ForwardingDimension, ForwardingFigures, Key, LeadTime,
};

use super::{Entry, Laid, NO_VALUE, only, span, total_of};

/// A dimension as it stands above its columns, and what its second column holds, where it has one.
type Heading = (&'static str, Option<&'static str>);

/// What a cube has, whatever it counts.
struct Parts<'a, Figures> {
    headings: Vec<Heading>,
    figures: Vec<String>,
    rows: &'a [(Vec<Key>, Figures)],
    total: &'a Figures,
    asked: Vec<(&'static str, String)>,
}

/// Lines of keys and figures, and the total last.
fn lines<'a, Figures>(
    parts: Parts<'a, Figures>,
    text: impl Fn(usize, &'a str) -> Cow<'a, str>,
    cells: impl Fn(&Figures) -> Vec<Entry<'a>>,
) -> Laid<'a> {
    let mut headings = Vec::new();
    for (name, second) in &parts.headings {
        headings.push((*name).to_owned());
        headings.extend(second.map(|second| format!("{name} ({second})")));
    }
    let keys = headings.len();
    headings.extend(parts.figures);
    let line = |(values, figures): &'a (Vec<Key>, Figures)| {
        let mut line = Vec::new();
        for (at, (key, (_, second))) in values.iter().zip(&parts.headings).enumerate() {
            let (said, code) = pair(key, |code| text(at, code));
            line.push(said);
            line.extend(second.map(|_| code));
        }
        line.extend(cells(figures));
        line
    };
    let rows: Vec<Vec<Entry<'a>>> = parts.rows.iter().map(line).collect();
    let total = (keys > 0 || rows.is_empty()).then(|| {
        let mut line = total_of(keys);
        line.extend(cells(parts.total));
        line
    });
    Laid { headings, keys, rows, total, asked: parts.asked }
}

/// A key in words, and by its code or id.
fn pair<'a>(key: &'a Key, text: impl Fn(&'a str) -> Cow<'a, str>) -> (Entry<'a>, Entry<'a>) {
    let words = |said: &'a str| Entry::Text(Cow::Borrowed(said));
    let id = |id: String| Entry::Text(Cow::Owned(id));
    match key {
        Key::None => (words(NO_VALUE), Entry::Empty),
        Key::Number(number) => (Entry::Name(*number), Entry::Name(*number)),
        Key::Flag(flag) => (words(if *flag { "Ja" } else { "Nej" }), id(flag.to_string())),
        Key::Code(code) => (Entry::Text(text(code)), words(code)),
        Key::Group { code, name } => (words(name), words(code)),
        Key::Unit(unit) => (words(&unit.name), id(unit.id.to_string())),
        Key::Counterparty { id: of, name } => (words(name), id(of.to_string())),
    }
}

fn law(code: &str) -> Cow<'_, str> {
    Cow::Borrowed(match code.parse() {
        Ok(Law::Hsl) => "HSL",
        Ok(Law::Sol) => "SoL",
        Ok(Law::Lss) => "LSS",
        Err(_) => code,
    })
}

/// The cube of escalations.
pub fn escalations(cube: &EscalationCube) -> Laid<'_> {
    const CODE: Option<&str> = Some("kod");
    let heading = |dimension: &EscalationDimension| match dimension {
        EscalationDimension::Kind => ("Anmälan", CODE),
        EscalationDimension::Status => ("Läge", CODE),
        EscalationDimension::Unit => ("Enhet", Some("id")),
        EscalationDimension::Law => ("Lagrum", CODE),
        EscalationDimension::Year => ("År", None),
        EscalationDimension::Month => ("Månad", None),
    };
    let mut figures = vec!["Antal".to_owned()];
    for span in ["till beslut", "från beslut till anmälan", "till anmälan"] {
        let what = ["antal", "median", "90:e percentil"];
        figures.extend(what.map(|what| format!("Dagar {span}: {what}")));
    }
    let group_by = &cube.query.group_by;
    let text = |at: usize, code| match group_by[at] {
        EscalationDimension::Kind => Cow::Borrowed(escalation_kind(code)),
        EscalationDimension::Status => Cow::Borrowed(escalation_status(code)),
        EscalationDimension::Law => law(code),
        EscalationDimension::Unit | EscalationDimension::Year | EscalationDimension::Month => {
            Cow::Borrowed(code)
        }
    };
    let cells = |it: &EscalationFigures| {
        let days =
            |days: Option<Days>| days.map_or(Entry::Empty, |days| Entry::Tenths(days.tenths));
        let mut cells = vec![Entry::Count(it.count)];
        for time in [it.to_decision, it.decision_to_notification, it.to_notification] {
            let LeadTime { n, median, p90 } = time;
            cells.extend([Entry::Count(n), days(median), days(p90)]);
        }
        cells
    };
    let mut asked = vec![
        ("Månader", span(cube.query.period)),
        ("Räknas", "Lex Maria, lex Sarah och riskperson".to_owned()),
        ("Tidpunkt", "När frågan väcktes".to_owned()),
        ("Känt till och med", cube.query.as_of.to_string()),
    ];
    asked.extend(only(cube.scope.as_ref()));
    let headings = group_by.iter().map(heading).collect();
    let parts = Parts { headings, figures, rows: &cube.rows, total: &cube.total, asked };
    lines(parts, text, cells)
}

fn escalation_kind(code: &str) -> &str {
    match code {
        "lex_maria" => "Lex Maria",
        "lex_sarah" => "Lex Sarah",
        "riskperson" => "Riskperson",
        other => other,
    }
}

fn escalation_status(code: &str) -> &str {
    use escalation::Status;
    match code.parse() {
        Ok(Status::Flagged) => "Väckt",
        Ok(Status::ScreenedOut) => "Granskad, inte aktuell",
        Ok(Status::Reported) => "Rapporterad",
        Ok(Status::Received) => "Mottagen",
        Ok(Status::ImmediateAction) => "Akuta åtgärder",
        Ok(Status::Investigating) => "Utreds",
        Ok(Status::Assessed) => "Bedömd",
        Ok(Status::NotTakenUp) => "Togs inte upp",
        Ok(Status::Assessing) => "Bedöms",
        Ok(Status::Reassessing) => "Bedöms på nytt",
        Ok(Status::DecidedNo) => "Beslut: anmäls inte",
        Ok(Status::DecidedYes) => "Beslut: anmäls",
        Ok(Status::Notified) => "Anmäld till IVO",
        Ok(Status::InquirySubmitted) => "Utredningen lämnad till IVO",
        Ok(Status::InquirySupplemented) => "Utredningen kompletterad",
        Ok(Status::AtIvo) => "Hos IVO",
        Ok(Status::SupplementRequested) => "IVO vill ha komplettering",
        Ok(Status::IvoDecided) => "IVO har beslutat",
        Ok(Status::FollowingUp) => "Följs upp",
        Ok(Status::Closed) => "Avslutad",
        Ok(Status::Withdrawn) => "Återtagen",
        Err(_) => code,
    }
}

/// The cube of what went between caregivers.
pub fn forwardings<'a>(cube: &'a ForwardingCube, codes: &'a CodeLists) -> Laid<'a> {
    const CODE: Option<&str> = Some("kod");
    let heading = |dimension: &ForwardingDimension| match dimension {
        ForwardingDimension::Direction => ("Riktning", CODE),
        ForwardingDimension::Counterparty => ("Motpart", Some("id")),
        ForwardingDimension::Kind => ("Slag av motpart", CODE),
        ForwardingDimension::Answered => ("Besvarad", None),
        ForwardingDimension::Status => ("Läge", CODE),
        ForwardingDimension::Unit => ("Enhet", Some("id")),
        ForwardingDimension::Law => ("Lagrum", CODE),
        ForwardingDimension::Year => ("År", None),
        ForwardingDimension::Month => ("Månad", None),
    };
    let mut figures = vec!["Antal".to_owned()];
    figures.extend(cube.query.answered.then(|| format!("Besvarade {}", cube.query.as_of)));
    let group_by = &cube.query.group_by;
    let text = |at: usize, code: &'a str| match group_by[at] {
        ForwardingDimension::Direction => Cow::Borrowed(match code.parse() {
            Ok(Direction::Sent) => "Skickad",
            Ok(Direction::Received) => "Mottagen",
            Err(_) => code,
        }),
        ForwardingDimension::Kind => {
            let known = codes.get(counterparty::LIST, code);
            Cow::Borrowed(known.map_or(code, |it| it.sv.as_str()))
        }
        ForwardingDimension::Status => Cow::Borrowed(forwarding_status(code)),
        ForwardingDimension::Law => law(code),
        ForwardingDimension::Counterparty
        | ForwardingDimension::Answered
        | ForwardingDimension::Unit
        | ForwardingDimension::Year
        | ForwardingDimension::Month => Cow::Borrowed(code),
    };
    let cells = |it: &ForwardingFigures| {
        let mut cells = vec![Entry::Count(it.count)];
        if cube.query.answered {
            cells.push(it.answered.map_or(Entry::Empty, Entry::Count));
        }
        cells
    };
    let mut asked = vec![
        ("Månader", span(cube.query.period)),
        ("Räknas", "Avvikelser mellan vårdgivare; det som togs tillbaka räknas inte".to_owned()),
        ("Tidpunkt", "När det skickades eller kom in".to_owned()),
        ("Känt till och med", cube.query.as_of.to_string()),
    ];
    asked.extend(only(cube.scope.as_ref()));
    let headings = group_by.iter().map(heading).collect();
    let parts = Parts { headings, figures, rows: &cube.rows, total: &cube.total, asked };
    lines(parts, text, cells)
}

fn forwarding_status(code: &str) -> &str {
    use forwarding::Status;
    match code.parse() {
        Ok(Status::Draft) => "Utkast",
        Ok(Status::Checked) => "Granskad",
        Ok(Status::Sent) => "Skickad",
        Ok(Status::Acknowledged) => "Bekräftad",
        Ok(Status::Answered) => "Besvarad",
        Ok(Status::SharedWithUnit) => "Återförd till enheten",
        Ok(Status::EscalatedUnanswered) => "Obesvarad, till samverkansmötet",
        Ok(Status::ClosedWithoutAnswer) => "Avslutad utan svar",
        Ok(Status::Recalled) => "Återtagen",
        Ok(Status::Received) => "Mottagen",
        Ok(Status::Assigned) => "Fördelad till enhet",
        Ok(Status::Investigated) => "Utredd",
        Ok(Status::AnswerApproved) => "Svaret godkänt",
        Ok(Status::WrongRecipient) => "Fel mottagare",
        Ok(Status::PassedOn) => "Skickad vidare",
        Ok(Status::Closed) => "Avslutad",
        Err(_) => code,
    }
}

#[cfg(test)]
mod tests {
    use domain::escalation::Status as EscalationStatus;

    use super::*;

    #[test]
    fn every_state_has_words_of_its_own() {
        let mut said: Vec<&str> =
            EscalationStatus::ALL.iter().map(|it| escalation_status(it.code())).collect();
        assert!(EscalationStatus::ALL.iter().all(|it| escalation_status(it.code()) != it.code()));
        said.sort_unstable();
        said.dedup();
        assert_eq!(said.len(), EscalationStatus::ALL.len());
        assert_eq!((escalation_status("?"), forwarding_status("?")), ("?", "?"));
        assert_eq!(forwarding_status("escalated_unanswered"), "Obesvarad, till samverkansmötet");
    }

    #[test]
    fn keys_stand_in_words_beside_codes_and_the_total_last() {
        let kinds = Key::Code("lex_maria".to_owned());
        let figures = EscalationFigures {
            count: 2,
            to_decision: LeadTime { n: 1, median: Some(Days { tenths: 20 }), p90: None },
            ..EscalationFigures::default()
        };
        let now = "2026-02-01T12:00:00Z".parse().expect("a time");
        let pairs = [("of", "escalations"), ("year", "2025"), ("group_by", "escalation_kind,year")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let units = domain::organisation::UnitTree::default();
        let query =
            domain::statistics::EscalationQuery::parse(&pairs, &units, &CodeLists::shared(), now)
                .expect("a query");
        let cube = EscalationCube {
            query,
            rows: vec![(vec![kinds, Key::Number(2025)], figures.clone())],
            total: figures,
            scope: None,
        };
        let laid = escalations(&cube);
        assert_eq!(laid.headings[..4], ["Anmälan", "Anmälan (kod)", "År", "Antal"]);
        let words = |said: &'static str| Entry::Text(Cow::Borrowed(said));
        assert_eq!(
            laid.rows[0][..6],
            [
                words("Lex Maria"),
                words("lex_maria"),
                Entry::Name(2025),
                Entry::Count(2),
                Entry::Count(1),
                Entry::Tenths(20)
            ]
        );
        let total = laid.total.expect("a total");
        assert_eq!((&total[0], &total[3]), (&words("Totalt"), &Entry::Count(2)));
        assert!(laid.rows.iter().all(|row| row.len() == laid.headings.len()));
    }
}
