//! Learning cards: what they say, what they were learnt from, who discussed them.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use domain::ids::{CaseId, LearningCardId, StaffId, TenantId, UnitId};
use domain::learning::{CardContent, CardHead, CardMeeting, CardStatus, Done, LearningCard};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::Tx;
use crate::additions::Additions;
use crate::among::among;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{cases, learning_card_cases, learning_card_meetings, learning_cards};
use crate::sql_types::Db;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = learning_cards, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, card_id), treat_none_as_null = true)]
struct CardRow {
    tenant_id: Db<TenantId>,
    card_id: Db<LearningCardId>,
    title: String,
    text: String,
    category: String,
    status: String,
    written_by: Db<StaffId>,
    written_at: Db<Timestamp>,
    approved_by: Option<Db<StaffId>>,
    approved_at: Option<Db<Timestamp>>,
    withdrawn_by: Option<Db<StaffId>>,
    withdrawn_at: Option<Db<Timestamp>>,
    withdrawn_reason: Option<String>,
    version: i64,
    updated_at: Db<Timestamp>,
}

impl CardRow {
    fn of(tenant: TenantId, card: &LearningCard) -> Self {
        let withdrawn = card.withdrawn.as_ref();
        Self {
            tenant_id: Db(tenant),
            card_id: Db(card.id),
            title: card.content.title.clone(),
            text: card.content.text.clone(),
            category: card.content.category.clone(),
            status: card.status().code().to_owned(),
            written_by: Db(card.written.by),
            written_at: Db(card.written.at),
            approved_by: card.approved.as_ref().map(|done| Db(done.by)),
            approved_at: card.approved.as_ref().map(|done| Db(done.at)),
            withdrawn_by: withdrawn.map(|(done, _)| Db(done.by)),
            withdrawn_at: withdrawn.map(|(done, _)| Db(done.at)),
            withdrawn_reason: withdrawn.map(|(_, reason)| reason.clone()),
            version: card.version,
            updated_at: Db(card.updated_at),
        }
    }

    fn into_card(self, cases: BTreeSet<CaseId>, meetings: Vec<CardMeeting>) -> LearningCard {
        let done = |by: Option<Db<StaffId>>, at: Option<Db<Timestamp>>| {
            Some(Done { by: by?.get(), at: at?.get() })
        };
        LearningCard {
            id: self.card_id.get(),
            content: CardContent {
                title: self.title,
                text: self.text,
                category: self.category,
                cases,
            },
            written: Done { by: self.written_by.get(), at: self.written_at.get() },
            approved: done(self.approved_by, self.approved_at),
            withdrawn: done(self.withdrawn_by, self.withdrawn_at).zip(self.withdrawn_reason),
            meetings,
            version: self.version,
            updated_at: self.updated_at.get(),
        }
    }
}

/// Which cards a list holds.
#[derive(Clone, Debug, Default)]
pub struct CardFilter {
    /// Only approved cards and those of this author; `None` is every card.
    pub approved_or_by: Option<StaffId>,
    /// Where they stand; empty is all.
    pub statuses: Vec<CardStatus>,
    /// Categories with those below; `None` is all.
    pub categories: Option<BTreeSet<String>>,
    /// Learnt from a case at one of these units; `None` is all.
    pub units: Option<BTreeSet<UnitId>>,
    /// Go on after this card.
    pub after: Option<LearningCardId>,
    /// How many at most.
    pub limit: i64,
}

impl Additions {
    /// Adds a card with what it was learnt from.
    pub fn learning_card(&mut self, card: &LearningCard) {
        let row = CardRow::of(self.tenant, card);
        self.push(diesel::insert_into(learning_cards::table).values(row));
        self.card_cases(card);
    }

    fn card_cases(&mut self, card: &LearningCard) {
        for case in &card.content.cases {
            self.push(diesel::insert_into(learning_card_cases::table).values((
                learning_card_cases::tenant_id.eq(Db(self.tenant)),
                learning_card_cases::card_id.eq(Db(card.id)),
                learning_card_cases::case_id.eq(Db(*case)),
            )));
        }
    }

    fn card_meeting(&mut self, card: LearningCardId, meeting: &CardMeeting) {
        self.push(diesel::insert_into(learning_card_meetings::table).values((
            learning_card_meetings::tenant_id.eq(Db(self.tenant)),
            learning_card_meetings::card_id.eq(Db(card)),
            learning_card_meetings::unit_id.eq(Db(meeting.unit)),
            learning_card_meetings::meeting_on.eq(Db(meeting.on)),
            learning_card_meetings::noted_by.eq(Db(meeting.noted.by)),
            learning_card_meetings::noted_at.eq(Db(meeting.noted.at)),
        )));
    }
}

impl Tx<'_> {
    /// Saves a changed card if it still has the version of `before`.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_learning_card(
        &mut self,
        before: &LearningCard,
        card: &LearningCard,
    ) -> Result<(), Error> {
        let here = learning_cards::tenant_id
            .eq(Db(self.tenant))
            .and(learning_cards::card_id.eq(Db(card.id)))
            .and(learning_cards::version.eq(before.version));
        let row = CardRow::of(self.tenant, card);
        let changed =
            diesel::update(learning_cards::table.filter(here)).set(row).execute(self.conn)?;
        if changed != 1 {
            return Err(Error::Stale);
        }
        let mut rows = Additions::to(self.tenant);
        if card.content.cases != before.content.cases {
            let of = learning_card_cases::tenant_id
                .eq(Db(self.tenant))
                .and(learning_card_cases::card_id.eq(Db(card.id)));
            diesel::delete(learning_card_cases::table.filter(of)).execute(self.conn)?;
            rows.card_cases(card);
        }
        for meeting in card.meetings.iter().filter(|it| !before.meetings.contains(it)) {
            rows.card_meeting(card.id, meeting);
        }
        self.add(rows)
    }

    /// A card with everything that hangs on it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn learning_card(&mut self, id: LearningCardId) -> Result<LearningCard, Error> {
        let row: CardRow = learning_cards::table
            .select(CardRow::as_select())
            .filter(learning_cards::tenant_id.eq(Db(self.tenant)))
            .filter(learning_cards::card_id.eq(Db(id)))
            .get_result(self.conn)?;
        self.with_parts(vec![row])?.pop().ok_or(Error::NotFound)
    }

    /// A list of cards, newest first, with everything that hangs on them.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn learning_cards(&mut self, filter: &CardFilter) -> Result<Vec<LearningCard>, Error> {
        let mut query = learning_cards::table
            .select(CardRow::as_select())
            .filter(learning_cards::tenant_id.eq(Db(self.tenant)))
            .order(learning_cards::card_id.desc())
            .limit(filter.limit)
            .into_boxed();
        if let Some(author) = filter.approved_or_by {
            let approved = learning_cards::status.eq(CardStatus::Approved.code());
            query = query.filter(approved.or(learning_cards::written_by.eq(Db(author))));
        }
        if !filter.statuses.is_empty() {
            let statuses = filter.statuses.iter().map(|status| status.code());
            query = query.filter(learning_cards::status.eq_any(among(statuses)));
        }
        if let Some(categories) = &filter.categories {
            let categories = categories.iter().cloned();
            query = query.filter(learning_cards::category.eq_any(among(categories)));
        }
        if let Some(units) = &filter.units {
            let units: Vec<_> = units.iter().copied().map(Db).collect();
            let there = cases::table
                .select(cases::case_id)
                .filter(cases::tenant_id.eq(Db(self.tenant)))
                .filter(cases::unit_id.eq_any(among(units)));
            let learnt_there = learning_card_cases::table
                .select(learning_card_cases::card_id)
                .filter(learning_card_cases::tenant_id.eq(Db(self.tenant)))
                .filter(learning_card_cases::case_id.eq_any(there));
            query = query.filter(learning_cards::card_id.eq_any(learnt_there));
        }
        if let Some(after) = filter.after {
            query = query.filter(learning_cards::card_id.lt(Db(after)));
        }
        let rows: Vec<CardRow> = query.load(self.conn)?;
        self.with_parts(rows)
    }

    fn with_parts(&mut self, rows: Vec<CardRow>) -> Result<Vec<LearningCard>, Error> {
        type Meeting = (Db<LearningCardId>, Db<UnitId>, Db<Date>, Db<StaffId>, Db<Timestamp>);
        let ids: Vec<_> = rows.iter().map(|row| row.card_id).collect();
        let learnt: Vec<(Db<LearningCardId>, Db<CaseId>)> = learning_card_cases::table
            .select((learning_card_cases::card_id, learning_card_cases::case_id))
            .filter(learning_card_cases::tenant_id.eq(Db(self.tenant)))
            .filter(learning_card_cases::card_id.eq_any(among(ids.clone())))
            .load(self.conn)?;
        let discussed: Vec<Meeting> = learning_card_meetings::table
            .select((
                learning_card_meetings::card_id,
                learning_card_meetings::unit_id,
                learning_card_meetings::meeting_on,
                learning_card_meetings::noted_by,
                learning_card_meetings::noted_at,
            ))
            .filter(learning_card_meetings::tenant_id.eq(Db(self.tenant)))
            .filter(learning_card_meetings::card_id.eq_any(among(ids)))
            .order((learning_card_meetings::meeting_on, learning_card_meetings::unit_id))
            .load(self.conn)?;
        let mut cases: BTreeMap<LearningCardId, BTreeSet<CaseId>> = BTreeMap::new();
        for (card, case) in learnt {
            cases.entry(card.get()).or_default().insert(case.get());
        }
        let mut meetings: BTreeMap<LearningCardId, Vec<CardMeeting>> = BTreeMap::new();
        for (card, unit, on, by, at) in discussed {
            let noted = Done { by: by.get(), at: at.get() };
            let meeting = CardMeeting { unit: unit.get(), on: on.get(), noted };
            meetings.entry(card.get()).or_default().push(meeting);
        }
        let card = |row: CardRow| {
            let id = row.card_id.get();
            let (cases, meetings) = (cases.remove(&id), meetings.remove(&id));
            row.into_card(cases.unwrap_or_default(), meetings.unwrap_or_default())
        };
        Ok(rows.into_iter().map(card).collect())
    }

    /// The approved cards, as they are shown at filing, newest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn approved_cards(&mut self) -> Result<Vec<CardHead>, Error> {
        let rows: Vec<(Db<LearningCardId>, String, String)> = learning_cards::table
            .select((learning_cards::card_id, learning_cards::title, learning_cards::category))
            .filter(learning_cards::tenant_id.eq(Db(self.tenant)))
            .filter(learning_cards::status.eq(CardStatus::Approved.code()))
            .order((learning_cards::approved_at.desc(), learning_cards::card_id.desc()))
            .load(self.conn)?;
        let head = |(id, title, category): (Db<LearningCardId>, String, String)| CardHead {
            id: id.get(),
            title,
            category,
        };
        Ok(rows.into_iter().map(head).collect())
    }
}
