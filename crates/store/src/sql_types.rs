//! The column types that the two databases write differently, each as one SQL type of our own.
//!
//! | SQL type | PostgreSQL | SQLite | Rust |
//! |---|---|---|---|
//! | [`SqlUuid`] | `uuid` | `BLOB`, 16 bytes | [`uuid::Uuid`] and every id of `domain::ids` |
//! | [`SqlInstant`] | `timestamptz` | `INTEGER`, microseconds since 1970 | [`jiff::Timestamp`] |
//! | [`SqlDate`] | `date` | `TEXT`, `YYYY-MM-DD` | [`jiff::civil::Date`] |
//! | [`SqlJson`] | `jsonb` | `TEXT` | [`serde_json::Value`] |
//!
//! The Rust types belong to other crates, and Rust lets us teach Diesel most about them, but not
//! all. As they are they can be read, and stand in an `Option`: `.eq(Some(id))`. Where a value that
//! is never NULL becomes part of a statement, it goes inside [`Db`]: `.eq(Db(id))`,
//! `.eq_any(ids.map(Db))`, `#[diesel(serialize_as = Db<CaseId>)]` on a field of an `Insertable`.
//! The fields of an `AsChangeset` are `Db<CaseId>` and `Option<Db<CaseId>>`.

use std::io::Write as _;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow, Queryable};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, HasSqlType, SqlOrd, SqlType, Text};
use diesel::sqlite::{Sqlite, SqliteValue};
use domain::ids;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use uuid::Uuid;

use crate::connection::{MultiBackend, MultiRawValue};

/// A UUID: native on PostgreSQL, 16 bytes on SQLite. Both order by the bytes.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
#[diesel(sqlite_type(name = "Binary"))]
pub struct SqlUuid;

/// A moment in time, to the microsecond; what is finer is cut off when it is written.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185))]
#[diesel(sqlite_type(name = "Long"))]
pub struct SqlInstant;

/// A day of the calendar, years 0 to 9999.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1082, array_oid = 1182))]
#[diesel(sqlite_type(name = "Text"))]
pub struct SqlDate;

/// A JSON value. Only stored and read: no query looks inside, as the databases differ there.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 3802, array_oid = 3807))]
#[diesel(sqlite_type(name = "Text"))]
pub struct SqlJson;

impl SqlOrd for SqlInstant {}
impl SqlOrd for SqlDate {}

/// One of our SQL types.
pub(crate) trait OwnType: SqlType {}

/// Tells the multi-backend how each of its databases knows the type.
macro_rules! sql_type {
    ($($sql:ty),+) => {$(
        impl OwnType for $sql {}

        impl HasSqlType<$sql> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                MultiBackend::lookup_sql_type::<$sql>(lookup)
            }
        }
    )+};
}

sql_type!(SqlUuid, SqlInstant, SqlDate, SqlJson);

/// A value of another crate as a column: what may stand in a row, a changeset or a filter.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow,
)]
#[diesel(sql_type = SqlUuid)]
#[diesel(sql_type = SqlInstant)]
#[diesel(sql_type = SqlDate)]
#[diesel(sql_type = SqlJson)]
pub struct Db<T>(pub T);

impl<T> Db<T> {
    /// The value, for `row.closed_at.map(Db::get)`.
    pub fn get(self) -> T {
        self.0
    }
}

impl<T> From<T> for Db<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

/// `Db<T>` is written and read as `T`, on every database.
macro_rules! forward {
    ($($backend:ty),+) => {$(
        impl<ST, T> ToSql<ST, $backend> for Db<T>
        where
            T: ToSql<ST, $backend>,
            $backend: HasSqlType<ST>,
            ST: OwnType,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, $backend>) -> serialize::Result {
                self.0.to_sql(out)
            }
        }

        impl<ST: OwnType, T: FromSql<ST, $backend>> FromSql<ST, $backend> for Db<T> {
            fn from_sql(value: <$backend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                T::from_sql(value).map(Self)
            }
        }
    )+};
}

forward!(Pg, Sqlite, MultiBackend);

/// Lets a Rust type with `ToSql` and `FromSql` for each database be used with the multi-backend.
macro_rules! column {
    ($sql:ty: $($rust:ty),+ $(,)?) => {$(
        impl ToSql<$sql, MultiBackend> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value((<$sql>::default(), self));
                Ok(IsNull::No)
            }
        }

        impl FromSql<$sql, MultiBackend> for $rust {
            fn from_sql(value: MultiRawValue<'_>) -> deserialize::Result<Self> {
                value.from_sql::<Self, $sql>()
            }
        }

        impl Queryable<$sql, MultiBackend> for $rust {
            type Row = Self;

            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }

        impl From<Db<$rust>> for $rust {
            fn from(column: Db<$rust>) -> Self {
                column.0
            }
        }
    )+};
}

column!(SqlInstant: Timestamp);
column!(SqlDate: Date);
column!(SqlJson: Value);

/// Gives the UUID inside an id.
trait AsUuid {
    fn uuid(&self) -> &Uuid;
}

impl AsUuid for Uuid {
    fn uuid(&self) -> &Uuid {
        self
    }
}

macro_rules! as_uuid {
    ($($id:ty),+ $(,)?) => {$(
        impl AsUuid for $id {
            fn uuid(&self) -> &Uuid {
                &self.0
            }
        }
    )+};
}

/// UUIDs and the ids of the domain, each a column type of its own, so that the compiler refuses to
/// file one under another. A new id of `domain::ids` gets its line here.
macro_rules! uuid_columns {
    (Uuid, $($id:ty),+ $(,)?) => {
        as_uuid!($($id),+);
        uuid_columns!(@ Uuid, $($id),+);
    };
    (@ $($id:ty),+) => {
        column!(SqlUuid: $($id),+);
        $(
            impl ToSql<SqlUuid, Pg> for $id {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                    out.write_all(self.uuid().as_bytes())?;
                    Ok(IsNull::No)
                }
            }

            impl FromSql<SqlUuid, Pg> for $id {
                fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                    Ok(Uuid::from_slice(value.as_bytes())?.into())
                }
            }

            impl ToSql<SqlUuid, Sqlite> for $id {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                    out.set_value(self.uuid().as_bytes().as_slice());
                    Ok(IsNull::No)
                }
            }

            impl FromSql<SqlUuid, Sqlite> for $id {
                fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
                    Ok(Uuid::from_slice(value.read_blob())?.into())
                }
            }
        )+
    };
}

uuid_columns!(
    Uuid,
    ids::TenantId,
    ids::GroundId,
    ids::SpotCheckId,
    ids::UnitId,
    ids::StaffId,
    ids::GrantId,
    ids::GroupGrantId,
    ids::CaseId,
    ids::SubjectId,
    ids::InvestigationId,
    ids::CauseId,
    ids::MeasureId,
    ids::FeedbackId,
    ids::WatchId,
    ids::CommentId,
    ids::AttachmentId,
    ids::ContentId,
    ids::EntryId,
    ids::MessageId,
    ids::CounterpartyId,
    ids::ExposureId,
    ids::ForwardingId,
    ids::ContactId,
    ids::EscalationId,
    ids::DelegationId,
    ids::HoldId,
    ids::RunId,
    ids::DisclosureId,
    ids::LearningCardId,
    ids::ReviewId,
    ids::ImprovementId,
    ids::HandoverId,
    ids::LinkId,
    ids::CodeId,
    ids::SessionId,
    ids::ParagraphId,
    ids::GoalId,
    ids::OwnFigureId,
);

/// PostgreSQL counts time from 2000-01-01T00:00:00Z, this many microseconds after 1970.
const POSTGRES_EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;

/// The day PostgreSQL counts days from.
const POSTGRES_EPOCH_DAY: Date = Date::constant(2000, 1, 1);

impl ToSql<SqlInstant, Pg> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        // Never overflows: the years -9999 to 9999 are far inside i64 microseconds.
        let since_2000 = self.as_microsecond() - POSTGRES_EPOCH_MICROSECONDS;
        out.write_all(&since_2000.to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<SqlInstant, Pg> for Timestamp {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let since_2000 = i64::from_be_bytes(value.as_bytes().try_into()?);
        // `infinity` is the largest i64 and fails here, as it should: we never write it.
        let since_1970 =
            since_2000.checked_add(POSTGRES_EPOCH_MICROSECONDS).ok_or("instant out of range")?;
        Ok(Timestamp::from_microsecond(since_1970)?)
    }
}

impl ToSql<SqlInstant, Sqlite> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.as_microsecond());
        Ok(IsNull::No)
    }
}

impl FromSql<SqlInstant, Sqlite> for Timestamp {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let microseconds = <i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?;
        Ok(Timestamp::from_microsecond(microseconds)?)
    }
}

impl ToSql<SqlDate, Pg> for Date {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let days = self.duration_since(POSTGRES_EPOCH_DAY).as_hours() / 24;
        out.write_all(&i32::try_from(days)?.to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<SqlDate, Pg> for Date {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let days = i32::from_be_bytes(value.as_bytes().try_into()?);
        Ok(POSTGRES_EPOCH_DAY
            .checked_add(jiff::SignedDuration::from_hours(i64::from(days) * 24))?)
    }
}

impl ToSql<SqlDate, Sqlite> for Date {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        if self.year() < 0 {
            // A sign in front would break the order of the text.
            return Err("a year before 0 cannot be stored".into());
        }
        out.set_value(self.to_string());
        Ok(IsNull::No)
    }
}

impl FromSql<SqlDate, Sqlite> for Date {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(<String as FromSql<Text, Sqlite>>::from_sql(value)?.parse()?)
    }
}

/// The version byte in front of every `jsonb` on the wire.
const JSONB_VERSION: u8 = 1;

impl ToSql<SqlJson, Pg> for Value {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&[JSONB_VERSION])?;
        serde_json::to_writer(out, self)?;
        Ok(IsNull::No)
    }
}

impl FromSql<SqlJson, Pg> for Value {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes() {
            [JSONB_VERSION, text @ ..] => Ok(serde_json::from_slice(text)?),
            _ => Err("unknown version of jsonb".into()),
        }
    }
}

impl ToSql<SqlJson, Sqlite> for Value {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(self)?);
        Ok(IsNull::No)
    }
}

impl FromSql<SqlJson, Sqlite> for Value {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(serde_json::from_str(value.read_text())?)
    }
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection as _;
    use diesel::prelude::*;
    use domain::ids::CaseId;
    use jiff::Timestamp;
    use jiff::civil::{Date, date};
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::Db;
    use crate::connection::{AnyConnection, MultiBackend};

    diesel::table! {
        use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, SmallInt, Text};
        use crate::sql_types::{SqlDate, SqlInstant, SqlJson, SqlUuid};

        samples (case_id) {
            case_id -> SqlUuid,
            at -> SqlInstant,
            day -> SqlDate,
            value -> SqlJson,
            other_id -> Nullable<SqlUuid>,
            other_at -> Nullable<SqlInstant>,
            other_day -> Nullable<SqlDate>,
            other_value -> Nullable<SqlJson>,
            bytes -> Binary,
            flag -> Bool,
            small -> SmallInt,
            middle -> Integer,
            large -> BigInt,
            text -> Nullable<Text>,
        }
    }

    /// Read and written as one struct: `serialize_as` where never NULL, an `Option` as it is.
    #[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable)]
    #[diesel(table_name = samples, check_for_backend(MultiBackend), treat_none_as_default_value = false)]
    struct Sample {
        #[diesel(serialize_as = Db<CaseId>)]
        case_id: CaseId,
        #[diesel(serialize_as = Db<Timestamp>)]
        at: Timestamp,
        #[diesel(serialize_as = Db<Date>)]
        day: Date,
        #[diesel(serialize_as = Db<Value>)]
        value: Value,
        other_id: Option<CaseId>,
        other_at: Option<Timestamp>,
        other_day: Option<Date>,
        other_value: Option<Value>,
        bytes: Vec<u8>,
        flag: bool,
        small: i16,
        middle: i32,
        large: i64,
        text: Option<String>,
    }

    #[derive(AsChangeset)]
    #[diesel(table_name = samples, treat_none_as_null = true)]
    struct Change {
        at: Db<Timestamp>,
        other_id: Option<Db<CaseId>>,
        other_value: Option<Db<Value>>,
    }

    fn sample(day: Date, at: Timestamp) -> Sample {
        Sample {
            case_id: CaseId(Uuid::now_v7()),
            at,
            day,
            value: json!({"å": [1, null, "\u{1F600}"], "n": 0.5}),
            other_id: None,
            other_at: None,
            other_day: None,
            other_value: None,
            bytes: vec![0, 255, 1],
            flag: true,
            small: -1,
            middle: i32::MIN,
            large: i64::MAX,
            text: None,
        }
    }

    fn check(conn: &mut AnyConnection) -> QueryResult<()> {
        let moment = |microseconds| Timestamp::from_microsecond(microseconds).expect("in range");
        let first = sample(date(0, 1, 1), moment(-62_000_000_000_000_001));
        let mut second = sample(date(1999, 12, 31), moment(946_684_799_999_999));
        second.other_id = Some(first.case_id);
        second.other_at = Some(moment(-1));
        second.other_day = Some(date(2000, 1, 1));
        second.other_value = Some(Value::Null);
        let third = sample(date(9999, 12, 31), moment(253_402_000_000_000_000));
        let all = [first.clone(), second.clone(), third.clone()];
        for row in all.iter().rev().cloned() {
            diesel::insert_into(samples::table).values(row).execute(conn)?;
        }

        // As they were, and in the order of the values.
        let by_day: Vec<Sample> =
            samples::table.select(Sample::as_select()).order(samples::day).load(conn)?;
        assert_eq!(by_day, all);
        let by_at: Vec<Sample> =
            samples::table.select(Sample::as_select()).order(samples::at).load(conn)?;
        assert_eq!(by_at, all);
        let by_id: Vec<CaseId> =
            samples::table.select(samples::case_id).order(samples::case_id).load(conn)?;
        assert_eq!(by_id, all.clone().map(|row| row.case_id));

        // Filters.
        let count = |conn: &mut AnyConnection, ids: Vec<CaseId>| -> QueryResult<i64> {
            samples::table
                .filter(samples::case_id.eq_any(ids.into_iter().map(Db)))
                .count()
                .get_result(conn)
        };
        assert_eq!(count(conn, vec![first.case_id, third.case_id, CaseId(Uuid::now_v7())])?, 2);
        assert_eq!(count(conn, Vec::new())?, 0);
        let found: Vec<CaseId> = samples::table
            .select(samples::case_id)
            .filter(samples::other_id.eq(Some(first.case_id)))
            .filter(samples::other_id.eq_any([Some(first.case_id), None]))
            .filter(samples::other_at.lt(Db(moment(0))))
            .filter(
                samples::at
                    .ge(Db(second.at))
                    .and(samples::day.between(Db(second.day), Db(second.day))),
            )
            .load(conn)?;
        assert_eq!(found, [second.case_id]);
        let empty: i64 =
            samples::table.filter(samples::other_value.is_null()).count().get_result(conn)?;
        assert_eq!(empty, 2);
        let last: Option<Timestamp> =
            samples::table.select(diesel::dsl::max(samples::at)).get_result(conn)?;
        assert_eq!(last, Some(third.at));

        // A changeset, with NULL for `None` and nothing finer than a microsecond.
        let finer = Timestamp::new(5, 1_999).expect("in range");
        let change = Change { at: Db(finer), other_id: None, other_value: Some(Db(json!([]))) };
        diesel::update(samples::table.filter(samples::case_id.eq(Db(second.case_id))))
            .set(change)
            .execute(conn)?;
        let changed: Sample = samples::table
            .select(Sample::as_select())
            .filter(samples::case_id.eq(Db(second.case_id)))
            .get_result(conn)?;
        assert_eq!(
            (changed.at, changed.other_id, changed.other_value),
            (moment(5_000_001), None, Some(json!([])))
        );
        assert_eq!(changed.other_at, second.other_at);
        Ok(())
    }

    #[test]
    fn every_type_comes_back_from_sqlite() {
        let conn = SqliteConnection::establish(":memory:").expect("SQLite");
        let mut conn = AnyConnection::Sqlite(conn);
        conn.batch_execute(
            "CREATE TABLE samples (case_id BLOB PRIMARY KEY, at INTEGER NOT NULL, day TEXT NOT NULL,
             value TEXT NOT NULL, other_id BLOB, other_at INTEGER, other_day TEXT, other_value TEXT,
             bytes BLOB NOT NULL, flag INTEGER NOT NULL, small INTEGER NOT NULL, middle INTEGER NOT NULL,
             large INTEGER NOT NULL, text TEXT) STRICT",
        )
        .expect("a table");
        check(&mut conn).expect("every statement");
    }

    #[test]
    fn every_type_comes_back_from_postgres() {
        let Ok(server) = std::env::var("AVVIKELSE_TEST_POSTGRES") else {
            let required =
                std::env::var("AVVIKELSE_TEST_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
            assert!(!required, "AVVIKELSE_TEST_POSTGRES must name a PostgreSQL server");
            return;
        };
        let conn = PgConnection::establish(&server).expect("the test server");
        let mut conn = AnyConnection::Postgres(conn);
        // Temporary: the table goes with the connection.
        conn.batch_execute(
            "CREATE TEMPORARY TABLE samples (case_id uuid PRIMARY KEY, at timestamptz NOT NULL, day date NOT NULL,
             value jsonb NOT NULL, other_id uuid, other_at timestamptz, other_day date, other_value jsonb,
             bytes bytea NOT NULL, flag boolean NOT NULL, small smallint NOT NULL, middle integer NOT NULL,
             large bigint NOT NULL, text text)",
        )
        .expect("a table");
        check(&mut conn).expect("every statement");
    }
}
