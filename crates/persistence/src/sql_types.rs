//! The three column types that the engines store differently, and the values that go in them.
//!
//! | SQL type  | Rust value                     | PostgreSQL    | SQLite (STRICT)                    |
//! |-----------|--------------------------------|---------------|------------------------------------|
//! | `Uid`     | [`IdOf<T>`], a domain id       | `uuid`        | `BLOB`, 16 bytes                   |
//! | `Instant` | [`At`]                         | `timestamptz` | `INTEGER`, microseconds since 1970 |
//! | `Doc`     | [`Json<T>`]                    | `jsonb`       | `TEXT`                             |
//! | `Text`    | [`Word<T>`], [`Parsed<T>`]     | `text`        | `TEXT`                             |
//!
//! The wrappers hold domain values, since neither diesel's traits nor the domain's types are ours here. Each is
//! written once, for any backend.

use crate::connection::MultiBackend;
use chrono::{DateTime, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Binary, HasSqlType, SqlType, Text, Timestamptz};
use diesel::sqlite::Sqlite;
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;
use std::io::Write;
use yhteen_domain::external_ids::ExternalSource;
use yhteen_domain::ids::Id;
use yhteen_domain::text::{BusinessId, ClockTime, Email, MunicipalityCode, ShortCode, Tag, WebAddress, ZoneName};
use yhteen_domain::vocabulary::Vocabulary;

/// A UUID.
#[derive(Clone, Copy, Debug, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
pub struct Uid;

/// A point in time, to the microsecond.
#[derive(Clone, Copy, Debug, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Long"))]
pub struct Instant;

/// A JSON document.
#[derive(Clone, Copy, Debug, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 3802, array_oid = 3807), sqlite_type(name = "Text"))]
pub struct Doc;

/// Tells the backend that `MultiConnection` generates of a type: it forwards to the engine at hand.
macro_rules! multi {
    (type $sql:ty) => {
        impl HasSqlType<$sql> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                MultiBackend::lookup_sql_type::<$sql>(lookup)
            }
        }
    };
    ([$($bounds:tt)*] $value:ty as $sql:ident) => {
        impl<$($bounds)*> FromSql<$sql, MultiBackend> for $value {
            fn from_sql(value: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                value.from_sql::<$value, $sql>()
            }
        }
        impl<$($bounds)*> ToSql<$sql, MultiBackend> for $value {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value(($sql, self));
                Ok(IsNull::No)
            }
        }
    };
}

// --- identifiers --------------------------------------------------------------------------------

multi!(type Uid);

/// A domain identifier as a column value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, FromSqlRow, AsExpression)]
#[diesel(sql_type = Uid)]
pub struct IdOf<T: Id>(pub T);

multi!([T: Id] IdOf<T> as Uid);

impl<T: Id> FromSql<Uid, Pg> for IdOf<T> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(T::from_uuid(uuid::Uuid::from_slice(value.as_bytes())?)))
    }
}

impl<T: Id> ToSql<Uid, Pg> for IdOf<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.uuid().as_bytes())?;
        Ok(IsNull::No)
    }
}

impl<T: Id> FromSql<Uid, Sqlite> for IdOf<T> {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?;
        Ok(Self(T::from_uuid(uuid::Uuid::from_slice(&bytes)?)))
    }
}

impl<T: Id> ToSql<Uid, Sqlite> for IdOf<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.uuid().as_bytes().to_vec());
        Ok(IsNull::No)
    }
}

// --- instants -----------------------------------------------------------------------------------

multi!(type Instant);

/// A point in time as a column value: what both engines keep is the microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, FromSqlRow, AsExpression)]
#[diesel(sql_type = Instant)]
pub struct At(DateTime<Utc>);

impl At {
    /// The instant.
    pub fn get(self) -> DateTime<Utc> {
        self.0
    }
}

impl From<DateTime<Utc>> for At {
    fn from(at: DateTime<Utc>) -> Self {
        Self(DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at))
    }
}

multi!([] At as Instant);

impl FromSql<Instant, Pg> for At {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        <DateTime<Utc> as FromSql<Timestamptz, Pg>>::from_sql(value).map(Self)
    }
}

impl ToSql<Instant, Pg> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <DateTime<Utc> as ToSql<Timestamptz, Pg>>::to_sql(&self.0, out)
    }
}

impl FromSql<Instant, Sqlite> for At {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?;
        DateTime::from_timestamp_micros(micros).map(Self).ok_or_else(|| "instant out of range".into())
    }
}

impl ToSql<Instant, Sqlite> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.timestamp_micros());
        Ok(IsNull::No)
    }
}

// --- documents ----------------------------------------------------------------------------------

multi!(type Doc);

/// A serialisable value kept as a JSON document.
#[derive(Clone, Debug, PartialEq, FromSqlRow, AsExpression)]
#[diesel(sql_type = Doc)]
pub struct Json<T: Debug + Send + Sync + 'static>(pub T);

multi!([T: Serialize + DeserializeOwned + Debug + Send + Sync + 'static] Json<T> as Doc);

impl<T: DeserializeOwned + Debug + Send + Sync + 'static> FromSql<Doc, Pg> for Json<T> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes() {
            [1, json @ ..] => Ok(Self(serde_json::from_slice(json)?)),
            _ => Err("unknown jsonb version".into()),
        }
    }
}

impl<T: Serialize + Debug + Send + Sync + 'static> ToSql<Doc, Pg> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&[1])?;
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}

impl<T: DeserializeOwned + Debug + Send + Sync + 'static> FromSql<Doc, Sqlite> for Json<T> {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        Ok(Self(serde_json::from_str(&text)?))
    }
}

impl<T: Serialize + Debug + Send + Sync + 'static> ToSql<Doc, Sqlite> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}

// --- words and parsed texts ---------------------------------------------------------------------

/// A value of a closed vocabulary, kept as its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, FromSqlRow, AsExpression)]
#[diesel(sql_type = Text)]
pub struct Word<T: Vocabulary>(pub T);

impl<T: Vocabulary, DB: Backend> FromSql<Text, DB> for Word<T>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let word = String::from_sql(value)?;
        T::from_word(&word).map(Self).ok_or_else(|| format!("not in the vocabulary: {word}").into())
    }
}

impl<T: Vocabulary, DB: Backend> ToSql<Text, DB> for Word<T>
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.as_str().to_sql(out)
    }
}

/// A domain value that is parsed from text and kept as that text.
pub trait TextValue: Debug + Send + Sync + 'static {
    /// The value of a text that was stored.
    fn from_stored(text: &str) -> Result<Self, yhteen_domain::fault::Refused>
    where
        Self: Sized;
    /// The text to store.
    fn as_stored(&self) -> &str;
}

macro_rules! text_values {
    ($($name:ident),+) => {$(
        impl TextValue for $name {
            fn from_stored(text: &str) -> Result<Self, yhteen_domain::fault::Refused> { Self::parse(text) }
            fn as_stored(&self) -> &str { self.as_str() }
        }
    )+};
}
text_values!(ShortCode, BusinessId, MunicipalityCode, Email, WebAddress, Tag, ClockTime, ZoneName, ExternalSource);

impl<const MAX: usize> TextValue for yhteen_domain::text::Text<MAX> {
    fn from_stored(text: &str) -> Result<Self, yhteen_domain::fault::Refused> {
        Self::parse(text)
    }
    fn as_stored(&self) -> &str {
        self.as_str()
    }
}

/// A [`TextValue`] as a column value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, FromSqlRow, AsExpression)]
#[diesel(sql_type = Text)]
pub struct Parsed<T: TextValue>(pub T);

impl<T: TextValue, DB: Backend> FromSql<Text, DB> for Parsed<T>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(T::from_stored(&String::from_sql(value)?)?))
    }
}

impl<T: TextValue, DB: Backend> ToSql<Text, DB> for Parsed<T>
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.as_stored().to_sql(out)
    }
}
