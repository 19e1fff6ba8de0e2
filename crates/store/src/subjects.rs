//! Sealed identities. The store sees ciphertext only.

use std::collections::BTreeSet;

use diesel::prelude::*;
use domain::ids::{CaseId, SubjectId, TenantId};
use jiff::Timestamp;

use crate::Tx;
use crate::additions::Additions;
use crate::connection::MultiBackend;
use crate::error::Error;
use crate::record_keys::{Apart, Keyed, apart, keyed};
use crate::schema::{cases, record_keys, subjects};
use crate::sql_types::Db;

/// An envelope: the content under a key of its own, that key wrapped by the master key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Which key wrapped its own: above zero a master key, below zero the tenant's key of that number.
    pub key_version: i32,
    /// The content's key, wrapped, with the nonce in front; empty where it was erased.
    pub wrapped_key: Vec<u8>,
    /// The content's nonce.
    pub nonce: Vec<u8>,
    /// The content, with its tag behind.
    pub ciphertext: Vec<u8>,
}

/// Who a case is about, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedSubject {
    /// Its id.
    pub id: SubjectId,
    /// The identity.
    pub sealed: Sealed,
    /// Keyed hash of the identity, for "the same person again".
    pub blind_index: Vec<u8>,
    /// Whether someone said who it is, rather than a number having been found in a text.
    pub confirmed: bool,
    /// A code of the list `protected`, when the person's data are.
    pub protected: Option<String>,
    /// When it was taken in.
    pub at: Timestamp,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = subjects, treat_none_as_default_value = false, check_for_backend(MultiBackend))]
struct SubjectRow {
    tenant_id: Db<TenantId>,
    subject_id: Db<SubjectId>,
    key_version: i32,
    wrapped_key: Vec<u8>,
    nonce: Vec<u8>,
    ciphertext: Vec<u8>,
    blind_index: Vec<u8>,
    confirmed: bool,
    protected: Option<String>,
    created_at: Db<Timestamp>,
}

impl Additions {
    /// Adds a sealed identity.
    pub fn subject(&mut self, subject: &SealedSubject) {
        self.record_key(Keyed::Subject, subject.id.0, &subject.sealed);
        self.push(diesel::insert_into(subjects::table).values(SubjectRow {
            tenant_id: Db(self.tenant),
            subject_id: Db(subject.id),
            key_version: 0,
            wrapped_key: Vec::new(),
            nonce: subject.sealed.nonce.clone(),
            ciphertext: subject.sealed.ciphertext.clone(),
            blind_index: subject.blind_index.clone(),
            confirmed: subject.confirmed,
            protected: subject.protected.clone(),
            created_at: Db(subject.at),
        }));
    }
}

/// Which key that lies apart is that of a sealed identity, in a query that joins them.
#[diesel::dsl::auto_type]
pub(crate) fn key_of_subject() -> _ {
    let kind: &'static str = Keyed::Subject.code();
    record_keys::tenant_id
        .eq(subjects::tenant_id)
        .and(record_keys::record_id.eq(subjects::subject_id))
        .and(record_keys::kind.eq(kind))
}

impl Tx<'_> {
    /// A sealed identity.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn subject(&mut self, id: SubjectId) -> Result<SealedSubject, Error> {
        let (row, key): (SubjectRow, Apart) = subjects::table
            .left_join(record_keys::table.on(key_of_subject()))
            .select((SubjectRow::as_select(), apart()))
            .filter(subjects::tenant_id.eq(Db(self.tenant)))
            .filter(subjects::subject_id.eq(Db(id)))
            .get_result(self.conn)?;
        let inside = (row.key_version, row.wrapped_key);
        Ok(SealedSubject {
            id: row.subject_id.get(),
            sealed: keyed(key, inside, row.nonce, row.ciphertext),
            blind_index: row.blind_index,
            confirmed: row.confirmed,
            protected: row.protected,
            at: row.created_at.get(),
        })
    }

    /// The cases about a person whose data are protected.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and the like.
    pub fn cases_about_protected(&mut self) -> Result<BTreeSet<CaseId>, Error> {
        // Not a join: SQLite would begin with the cases, of which there are many.
        let protected = subjects::table
            .select(subjects::subject_id.nullable())
            .filter(subjects::tenant_id.eq(Db(self.tenant)))
            .filter(subjects::protected.is_not_null());
        let found: Vec<Db<CaseId>> = cases::table
            .select(cases::case_id)
            .filter(cases::tenant_id.eq(Db(self.tenant)))
            .filter(cases::subject_id.eq_any(protected))
            .load(self.conn)?;
        Ok(found.into_iter().map(Db::get).collect())
    }

    /// The sealed identities of the person that one of them names, itself included: each filing seals
    /// its own. Nothing is opened.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn same_person(&mut self, id: SubjectId) -> Result<BTreeSet<SubjectId>, Error> {
        let index: Vec<u8> = subjects::table
            .select(subjects::blind_index)
            .filter(subjects::tenant_id.eq(Db(self.tenant)))
            .filter(subjects::subject_id.eq(Db(id)))
            .get_result(self.conn)?;
        let rows: Vec<Db<SubjectId>> = subjects::table
            .select(subjects::subject_id)
            .filter(subjects::tenant_id.eq(Db(self.tenant)))
            .filter(subjects::blind_index.eq(index))
            .load(self.conn)?;
        Ok(rows.into_iter().map(Db::get).collect())
    }
}
