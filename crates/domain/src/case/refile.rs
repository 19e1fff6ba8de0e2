//! Filing a case again as another kind: what was filed as an avvikelse and is a klagomål, say. The
//! old one becomes void and says as what it goes on; the new one has the reporter's words and times,
//! so that it is counted once, in the year it came in, and no clock starts anew.

use jiff::Timestamp;
use uuid::Uuid;

use super::event::{Changes, Faults};
use super::lifecycle::Command;
use super::link::{Link, LinkKind};
use super::triage::Judgement;
use super::{Case, Changed, Event, Kind, Rejected, State, Status, Subkind, Track, Voiding, Watch};
use crate::calendar::{swedish, swedish_date};
use crate::code_lists::CodeLists;
use crate::fault::Reason;
use crate::ids::{CaseId, StaffId, WatchId};
use crate::number::CaseNumber;

/// As what a case is filed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refiling {
    /// The right kind.
    pub kind: Kind,
    /// What a synpunkt is more closely.
    pub subkind: Option<Subkind>,
    /// The category among those of the right kind, where whoever files it again knows it.
    pub category: Option<String>,
    /// Why.
    pub reason: String,
}

/// A case that was filed again: both must be written, or neither.
#[derive(Clone, Debug, PartialEq)]
pub struct Refiled {
    /// The case of the wrong kind, void.
    pub old: Changed,
    /// The case of the right kind.
    pub new: Changed,
}

/// Links that hold for the matter, whatever kind of case it is.
fn goes_along(kind: LinkKind) -> bool {
    match kind {
        LinkKind::SameEvent
        | LinkKind::SamePersonSeries
        | LinkKind::SpunOffFrom
        | LinkKind::Related => true,
        LinkKind::DuplicateOf | LinkKind::RefiledAs => false,
    }
}

impl Case {
    /// The case that this one goes on as, where it was filed again.
    pub fn refiled_as(&self) -> Option<CaseId> {
        self.links.iter().find(|link| link.kind == LinkKind::RefiledAs).map(|link| link.to)
    }

    /// Files the case again as another kind. The new one keeps what was said, who said it, when, about
    /// whom and whom it is kept from, what was judged of the event, the investigation, what was told,
    /// and open watches; what depends on the kind, category and track, is judged anew. Only the deep
    /// track stays: leaving it is for those who may end a deep case.
    ///
    /// `new_id` draws the ids of what is new, `seed` the number.
    ///
    /// # Errors
    /// [`Rejected`] for a draft, closed or void case; without a reason; as the kind it is; between
    /// synpunkt and klagomål once it is acknowledged; for an unknown category; while duplicates point
    /// here.
    pub fn refile(
        self,
        refiling: Refiling,
        codes: &CodeLists,
        by: StaffId,
        has_duplicates: bool,
        (new_id, seed): (&mut dyn FnMut() -> Uuid, u64),
        now: Timestamp,
    ) -> Result<Refiled, Rejected> {
        let from = self.admit(Command::Refile)?;
        let mut faults = Faults::default();
        let Refiling { kind, subkind, category, reason } = refiling;
        faults.require(!reason.trim().is_empty(), "/reason", Reason::Required);
        faults.require(kind != self.kind, "/kind", Reason::inconsistent("same_kind"));
        let opinions = self.kind != Kind::Avvikelse && kind != Kind::Avvikelse;
        // Whoever left it has been told what it is: from then on the other kind is a case of its own.
        let opinion = self.opinion.as_ref();
        let told = opinion.is_some_and(|opinion| opinion.acknowledged.is_some());
        let acknowledged = told || from != Status::Reported || !self.feedback.is_empty();
        let code = Reason::inconsistent("acknowledged_already");
        faults.require(!(opinions && acknowledged && kind != self.kind), "/kind", code);
        let of_synpunkt = subkind.is_none() || kind == Kind::Synpunkt;
        faults.require(of_synpunkt, "/subkind", Reason::inconsistent("subkind_of_synpunkt"));
        if let Some(code) = &category
            && let Err(reason) =
                codes.check(kind.category_list(), code, swedish_date(self.event_time()))
        {
            faults.push("/category", reason);
        }
        faults.require(!has_duplicates, "", Reason::inconsistent("has_duplicates"));
        let owed = opinion.is_some_and(|opinion| opinion.is_owed_an_end());
        let code = Reason::inconsistent("use_opinion_spin_off");
        faults.require(!(owed && kind == Kind::Avvikelse), "/kind", code);
        faults.into_result()?;

        let mut new = self.clone();
        new.id = CaseId(new_id());
        new.kind = kind;
        new.subkind = subkind;
        new.number =
            CaseNumber::from_random(kind.number_kind(), swedish(self.reported_at).year, seed);
        // The old system knows the old one; the register's number is the matter's and goes along.
        new.external_number = None;
        new.registered_at = now;
        new.imported = false;
        new.version = 1;
        new.updated_at = now;
        // A category of the other kind would count as none: it stays with the old one.
        let list = kind.category_list();
        new.filing.category =
            self.filing.category.clone().filter(|code| codes.get(list, code).is_some());
        let assessment = &mut new.assessment;
        assessment.track = assessment.track.filter(|track| *track == Track::Deep);
        assessment.judged.remove("track");
        assessment.judged.remove("category");
        assessment.judged.remove("patientnamnd");
        assessment.patientnamnd = None;
        if category.is_some() {
            assessment.judged.insert("category".into(), Judgement { by: Some(by), at: now });
        }
        assessment.category = category;
        if new.investigation.is_none() {
            // Nothing was found out yet: it is assessed as what it is.
            new.state = State::Reported;
            new.progress.triaged_at = None;
        }
        new.opinion = match (opinions, new.opinion.take()) {
            (true, Some(opinion)) => Some(opinion),
            (_, _) => new.of_staff(now),
        };
        let back = Link { kind: LinkKind::SpunOffFrom, to: self.id, at: now };
        new.links.retain(|link| goes_along(link.kind));
        new.links.push(back);
        new.watches = self
            .watches
            .iter()
            .filter(|watch| watch.answered.is_none())
            .map(|watch| Watch { id: WatchId(new_id()), ..watch.clone() })
            .collect();

        let mut changes = Changes::default();
        changes.note("kind", &self.kind, &new.kind);
        changes.note("category", &self.category(), &new.category());
        changes.note("links", &None, &Some(new.links.clone()));
        changes.note("diary_number", &None, &new.registered_as());
        let event = Event {
            command: Command::Refile,
            from: None,
            to: new.status(),
            changes: changes.into_vec(),
            reason: Some(reason.clone()),
        };

        let mut old = self;
        if let Some(opinion) = old.opinion.as_mut().filter(|_| opinions) {
            opinion.diary_number = None;
        }
        let mut changes = Changes::default();
        changes.note("diary_number", &old.registered_as(), &None);
        old.put_number(None);
        let forth = Link { kind: LinkKind::RefiledAs, to: new.id, at: now };
        changes.note("links", &None, &Some(&forth));
        // Its measures are followed with the case that goes on.
        let inquiry = old.investigation.take();
        changes.note("investigation", &inquiry.map(|inquiry| inquiry.id), &None);
        old.links.push(forth);
        old.state = State::Void(Voiding {
            at: now,
            by: Some(by),
            reason: reason.clone(),
            never_handed_in: false,
        });
        let old = old.changed(Command::Refile, from, changes, Some(reason), now);
        Ok(Refiled { old, new: Changed { case: new, event } })
    }
}
