//! A review, and a month, as a page for people.

use std::collections::BTreeMap;

use actix_web::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse};
use app::Caller;
use app::reviews::{FollowUp, PageSignals, ReviewPage};
use domain::board::Month;
use domain::case::measure::Effect;
use domain::fault::Reason;
use domain::ids::StaffId;
use domain::organisation::Unit;
use domain::review::{Half, Improvement, ImprovementState, Owner, Status};
use report::yearly::{Decided, STYLE, Sheet, Watch, sheet};
use wire::Language;

use crate::setup::wrong;

/// As what a page of figures is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// For programs.
    Json,
    /// For people.
    Page,
}

impl Form {
    /// What `Accept` asks for, where no parameter says it.
    pub(super) fn accepted(request: &HttpRequest) -> Self {
        let accepted = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
        let first = accepted.and_then(|it| it.split(',').next()).unwrap_or_default();
        if first.trim().starts_with("text/html") { Self::Page } else { Self::Json }
    }

    /// The form of a name.
    pub(super) fn parse(name: &str) -> Result<Self, Reason> {
        match name {
            "json" => Ok(Self::Json),
            "html" => Ok(Self::Page),
            _ => Err(wrong("json | html")),
        }
    }
}

/// The months of the year.
const MONTHS: [&str; 12] = [
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
];

fn of_month(month: Month) -> String {
    let place = usize::try_from(month.month).ok().and_then(|place| place.checked_sub(1));
    let name = place.and_then(|place| MONTHS.get(place)).copied().unwrap_or_default();
    format!("{name} {}", month.year)
}

fn of_half(half: Half) -> String {
    let which = if half.number() == 1 { "första" } else { "andra" };
    format!("{which} halvåret {}", half.year())
}

fn decided(it: &Improvement, names: &BTreeMap<StaffId, String>) -> Decided {
    let owner = match it.owner {
        Owner::Role(role) => wire::words::who(role, Language::Sv).to_owned(),
        Owner::Staff(staff) => {
            names.get(&staff).cloned().unwrap_or_else(|| "En namngiven person".to_owned())
        }
    };
    let helped = |effect: Effect| match effect {
        Effect::Yes => "det hjälpte",
        Effect::Partly => "det hjälpte delvis",
        Effect::No => "det hjälpte inte",
        Effect::NotYet => "ingen har ännu sagt om det hjälpte",
    };
    let stands = match &it.state {
        ImprovementState::Decided => format!("Ska vara klart {}.", it.due_on),
        ImprovementState::Done { on, .. } => {
            format!("Klart {on}. Om det hjälpte följs upp {}.", it.follow_up_on)
        }
        ImprovementState::Judged { on, effect, note, .. } => {
            let note = note.as_deref().map(|note| format!(" {note}")).unwrap_or_default();
            format!("Klart {on}: {}.{note}", helped(*effect))
        }
        ImprovementState::Dropped { reason, .. } => format!("Avskrivet: {reason}"),
    };
    Decided { text: it.text.clone(), owner: format!("Ansvarig: {owner}"), stands }
}

/// The charts that are shown, with the words above each, and how many series have none.
fn watched<'a>(signals: &'a PageSignals, caller: &Caller) -> (Vec<Watch<'a>>, usize) {
    let (units, codes) = (&caller.set_up.units, &caller.set_up.codes);
    let watch = |signal: &'a domain::signal::Signal| {
        let unit = units.get(signal.unit).map_or("", |unit: &Unit| unit.name.as_str());
        let category = match signal.category.as_deref() {
            None => "utan kategori".to_owned(),
            Some(code) => domain::learning::CATEGORY_LISTS
                .iter()
                .find_map(|list| codes.get(list, code))
                .map_or_else(|| code.to_owned(), |code| code.sv.clone()),
        };
        let what = match signal.chart.code() {
            Some("t") => "dagar mellan händelser".to_owned(),
            _ => format!("rapporter per {} {}", signal.against.per(), against(signal.against)),
        };
        Watch { title: format!("{unit}: {category}, {what}"), signal }
    };
    (signals.charted.iter().map(watch).collect(), signals.too_few)
}

fn against(against: domain::signal::Against) -> &'static str {
    use domain::signal::Against;
    match against {
        Against::Days => "dagar",
        Against::BedDays => "vårddygn",
        Against::Interventions => "insatser",
        Against::Reports => "rapporter",
    }
}

fn answer(it: &Sheet<'_>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CONTENT_SECURITY_POLICY, pages::policy_of(STYLE)))
        .body(sheet(it))
}

/// A review as a page.
pub(super) fn of_review(
    caller: &Caller,
    found: &ReviewPage,
    signals: &PageSignals,
    names: &BTreeMap<StaffId, String>,
    etag: String,
) -> HttpResponse {
    let review = &found.shown.review;
    let (signals, too_few) = watched(signals, caller);
    let now = review.improvements.iter().map(|it| decided(it, names)).collect();
    let earlier = found.earlier.iter().map(|(_, it)| decided(it, names)).collect();
    let state = match review.status() {
        Status::Open => "öppen",
        Status::Written => "skriven, inte signerad",
        Status::Signed => "signerad",
    };
    let it = Sheet {
        tenant: &caller.tenant.name,
        title: format!("Halvårssammanställning, {}", of_half(review.half)),
        part: review.subject.name.clone(),
        state: state.to_owned(),
        page: &found.page,
        analysis: review.state.analysis().map(|analysis| analysis.text.as_str()),
        decided: vec![("Beslutat".to_owned(), now), ("Beslutat tidigare".to_owned(), earlier)],
        signals,
        too_few,
    };
    let mut answer = answer(&it);
    if let Ok(value) = etag.parse() {
        answer.headers_mut().insert(actix_web::http::header::ETAG, value);
    }
    answer
}

/// A month as a page.
pub(super) fn of_follow_up(
    caller: &Caller,
    found: &FollowUp,
    part: String,
    signals: &PageSignals,
    names: &BTreeMap<StaffId, String>,
) -> HttpResponse {
    let (signals, too_few) = watched(signals, caller);
    let owed = found.owed.iter().map(|(_, it)| decided(it, names)).collect();
    answer(&Sheet {
        tenant: &caller.tenant.name,
        title: format!("Månadsuppföljning, {}", of_month(found.month)),
        part,
        state: "som det är nu".to_owned(),
        page: &found.page,
        analysis: None,
        decided: vec![("Beslutat och inte klart".to_owned(), owed)],
        signals,
        too_few,
    })
}
