//! Code words and one-time codes: what is left of them when they are kept.

use diesel::prelude::*;
use domain::ids::{CodeId, ContactId, CounterpartyId, ForwardingId, LinkId, StaffId, TenantId};
use domain::portal::{CodeState, OneTimeCode, Way};
use jiff::Timestamp;

use crate::Tx;
use crate::cases::code;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::schema::{portal_code_words, portal_codes};
use crate::sql_types::Db;

/// The code word of a counterparty, stretched and under a key.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptWord {
    /// What it was stretched with.
    pub salt: Vec<u8>,
    /// How often.
    pub rounds: u32,
    /// What came of it.
    pub hash: Vec<u8>,
    /// When it was set.
    pub set_at: Timestamp,
    /// By whom.
    pub set_by: StaffId,
}

impl std::fmt::Debug for KeptWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeptWord").field("set_at", &self.set_at).finish_non_exhaustive()
    }
}

/// A one-time code with its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptCode {
    /// Everything but the code.
    pub code: OneTimeCode,
    /// Of a letter's code: the keyed hash of the part that tells which one it is.
    pub locator: Option<Vec<u8>>,
    /// The keyed hash of the code.
    pub hash: Vec<u8>,
}

impl std::fmt::Debug for KeptCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("KeptCode").field(&self.code).finish()
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = portal_codes, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
#[diesel(primary_key(tenant_id, code_id), treat_none_as_null = true)]
struct CodeRow {
    tenant_id: Db<TenantId>,
    code_id: Db<CodeId>,
    contact_id: Db<ContactId>,
    forwarding_id: Option<Db<ForwardingId>>,
    way: String,
    locator: Option<Vec<u8>>,
    hash: Vec<u8>,
    issued_at: Db<Timestamp>,
    issued_by: Db<StaffId>,
    expires_at: Db<Timestamp>,
    status: String,
    failures: i32,
    link_id: Option<Db<LinkId>>,
    ended_at: Option<Db<Timestamp>>,
    version: i64,
}

impl CodeRow {
    fn of(tenant: TenantId, kept: &KeptCode) -> Self {
        let code = &kept.code;
        let (status, failures, link, ended_at) = match &code.state {
            CodeState::Unused { failures } => ("unused", *failures, None, None),
            CodeState::Spent { at, link } => ("spent", 0, Some(*link), Some(*at)),
            CodeState::Locked { at } => ("locked", 0, None, Some(*at)),
            CodeState::Revoked { at } => ("revoked", 0, None, Some(*at)),
        };
        Self {
            tenant_id: Db(tenant),
            code_id: Db(code.id),
            contact_id: Db(code.contact),
            forwarding_id: code.forwarding.map(Db),
            way: code.way.code().to_owned(),
            locator: kept.locator.clone(),
            hash: kept.hash.clone(),
            issued_at: Db(code.issued_at),
            issued_by: Db(code.issued_by),
            expires_at: Db(code.expires_at),
            status: status.to_owned(),
            failures: i32::from(failures),
            link_id: link.map(Db),
            ended_at: ended_at.map(Db),
            version: code.version,
        }
    }

    fn into_kept(self) -> Result<KeptCode, Error> {
        let corrupt = || Error::Corrupt("portal_codes: a status that does not go".to_owned());
        let state = match (self.status.as_str(), self.link_id, self.ended_at) {
            ("unused", None, None) => {
                CodeState::Unused { failures: u16::try_from(self.failures).map_err(|_| corrupt())? }
            }
            ("spent", Some(link), Some(at)) => CodeState::Spent { at: at.get(), link: link.get() },
            ("locked", None, Some(at)) => CodeState::Locked { at: at.get() },
            ("revoked", None, Some(at)) => CodeState::Revoked { at: at.get() },
            _ => return Err(corrupt()),
        };
        Ok(KeptCode {
            code: OneTimeCode {
                id: self.code_id.get(),
                contact: self.contact_id.get(),
                forwarding: self.forwarding_id.map(Db::get),
                way: code::<Way>(&self.way, "portal_codes.way")?,
                issued_at: self.issued_at.get(),
                issued_by: self.issued_by.get(),
                expires_at: self.expires_at.get(),
                state,
                version: self.version,
            },
            locator: self.locator,
            hash: self.hash,
        })
    }
}

impl Tx<'_> {
    /// The code word of a counterparty, if it has one.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a number of rounds that is none.
    pub fn code_word(&mut self, counterparty: CounterpartyId) -> Result<Option<KeptWord>, Error> {
        type Row = (Vec<u8>, i32, Vec<u8>, Db<Timestamp>, Db<StaffId>);
        let row: Option<Row> = portal_code_words::table
            .select((
                portal_code_words::salt,
                portal_code_words::rounds,
                portal_code_words::hash,
                portal_code_words::set_at,
                portal_code_words::set_by,
            ))
            .filter(portal_code_words::tenant_id.eq(Db(self.tenant)))
            .filter(portal_code_words::counterparty_id.eq(Db(counterparty)))
            .get_result(self.conn)
            .optional()?;
        row.map(|(salt, rounds, hash, set_at, set_by)| {
            let rounds = u32::try_from(rounds)
                .map_err(|_| Error::Corrupt("portal_code_words.rounds".to_owned()))?;
            Ok(KeptWord { salt, rounds, hash, set_at: set_at.get(), set_by: set_by.get() })
        })
        .transpose()
    }

    /// Sets the code word of a counterparty, in place of the one before.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `portal_code_words_counterparty_id_key` when two set the first at once.
    pub fn set_code_word(
        &mut self,
        counterparty: CounterpartyId,
        word: &KeptWord,
    ) -> Result<(), Error> {
        let rounds = i32::try_from(word.rounds)
            .map_err(|_| Error::Corrupt("portal_code_words.rounds".to_owned()))?;
        let content = (
            portal_code_words::salt.eq(word.salt.clone()),
            portal_code_words::rounds.eq(rounds),
            portal_code_words::hash.eq(word.hash.clone()),
            portal_code_words::set_at.eq(Db(word.set_at)),
            portal_code_words::set_by.eq(Db(word.set_by)),
        );
        let here = portal_code_words::tenant_id
            .eq(Db(self.tenant))
            .and(portal_code_words::counterparty_id.eq(Db(counterparty)));
        let changed = diesel::update(portal_code_words::table.filter(here))
            .set(content.clone())
            .execute(self.conn)?;
        if changed == 0 {
            let key = (
                portal_code_words::tenant_id.eq(Db(self.tenant)),
                portal_code_words::counterparty_id.eq(Db(counterparty)),
            );
            diesel::insert_into(portal_code_words::table)
                .values((key, content))
                .execute(self.conn)?;
        }
        Ok(())
    }

    /// The codes of a contact that nobody has used yet, of one way, newest first.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a row that does not hold together.
    pub fn unused_codes(&mut self, contact: ContactId, way: Way) -> Result<Vec<KeptCode>, Error> {
        let rows: Vec<CodeRow> = portal_codes::table
            .select(CodeRow::as_select())
            .filter(portal_codes::tenant_id.eq(Db(self.tenant)))
            .filter(portal_codes::contact_id.eq(Db(contact)))
            .filter(portal_codes::status.eq("unused"))
            .filter(portal_codes::way.eq(way.code()))
            .order((portal_codes::issued_at.desc(), portal_codes::code_id.desc()))
            .load(self.conn)?;
        rows.into_iter().map(CodeRow::into_kept).collect()
    }

    /// The code of a letter, by the keyed hash of its locator.
    ///
    /// # Errors
    /// As [`Tx::unused_codes`].
    pub fn letter_code(&mut self, locator: &[u8]) -> Result<Option<KeptCode>, Error> {
        let row: Option<CodeRow> = portal_codes::table
            .select(CodeRow::as_select())
            .filter(portal_codes::tenant_id.eq(Db(self.tenant)))
            .filter(portal_codes::locator.eq(Some(locator.to_vec())))
            .get_result(self.conn)
            .optional()?;
        row.map(CodeRow::into_kept).transpose()
    }

    /// Takes a code in.
    ///
    /// # Errors
    /// [`Error::Conflict`] over `portal_codes_locator_key` where another begins alike: draw again.
    pub fn insert_code(&mut self, kept: &KeptCode) -> Result<(), Error> {
        let row = CodeRow::of(self.tenant, kept);
        diesel::insert_into(portal_codes::table).values(row).execute(self.conn)?;
        Ok(())
    }

    /// Saves a changed code if it still has the version before: of two who use it at once, one has it.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    pub fn save_code(&mut self, kept: &KeptCode) -> Result<(), Error> {
        let here = portal_codes::tenant_id
            .eq(Db(self.tenant))
            .and(portal_codes::code_id.eq(Db(kept.code.id)))
            .and(portal_codes::version.eq(kept.code.version - 1));
        let row = CodeRow::of(self.tenant, kept);
        let changed =
            diesel::update(portal_codes::table.filter(here)).set(row).execute(self.conn)?;
        if changed == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}
