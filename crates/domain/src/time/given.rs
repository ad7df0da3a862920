//! Dates and instants as callers give them: in one way of writing, and in the [years](YEARS) of the service.
//!
//! The parsers of chrono take more: months of one digit, signs, spaces, and years that not every engine keeps.

use super::{Date, Instant, YEARS, to_microsecond};
use crate::fault::Refused;
use crate::message;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type};

/// A calendar date that a caller has given (`full-date` of RFC 3339).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(Date);

/// An instant that a caller has given (`date-time` of RFC 3339), to the microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(Instant);

impl Day {
    /// Parses a date.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let date: Option<NaiveDate> = text.parse().ok();
        within_years(date)?;
        let shape = text.len() == 10 && text.starts_with(|c: char| c.is_ascii_digit());
        date.filter(|_| shape).map(Self).ok_or_else(|| {
            Refused::new(
                "bad_value",
                message!(
                    fi: "on oltava päivämäärä, esimerkiksi 2026-01-31",
                    sv: "måste vara ett datum, till exempel 2026-01-31",
                    en: "must be a date, for example 2026-01-31",
                ),
            )
        })
    }
}

impl Moment {
    /// Parses an instant.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let known: Option<DateTime<Utc>> = text.parse().ok();
        within_years(known)?;
        let strict = DateTime::parse_from_rfc3339(text).ok();
        let instant = strict.map(|at| to_microsecond(at.with_timezone(&Utc)));
        instant.map(Self).ok_or_else(|| {
            Refused::new(
                "bad_value",
                message!(
                    fi: "on oltava ajankohta, esimerkiksi 2026-01-31T12:00:00Z",
                    sv: "måste vara en tidpunkt, till exempel 2026-01-31T12:00:00Z",
                    en: "must be a point in time, for example 2026-01-31T12:00:00Z",
                ),
            )
        })
    }
}

fn within_years(known: Option<impl Datelike>) -> Result<(), Refused> {
    if known.is_none_or(|known| YEARS.contains(&known.year())) {
        return Ok(());
    }
    let detail = message!(
        fi: "on oltava vuosina {first}–{last}",
        sv: "måste ligga inom åren {first}–{last}",
        en: "must be in the years {first} to {last}",
        first = YEARS.start(),
        last = YEARS.end(),
    );
    Err(Refused::new("out_of_range", detail))
}

impl From<Day> for Date {
    fn from(Day(date): Day) -> Self {
        date
    }
}

impl From<Moment> for Instant {
    fn from(Moment(instant): Moment) -> Self {
        instant
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

fn schema(format: KnownFormat, about: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(format)))
        .description(Some(about))
        .into()
}

impl utoipa::PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        schema(KnownFormat::Date, "A calendar date in the years 1900 to 8000.")
    }
}
impl utoipa::ToSchema for Day {}

impl utoipa::PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        schema(KnownFormat::DateTime, "A point in time in the years 1900 to 8000.")
    }
}
impl utoipa::ToSchema for Moment {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_in_one_way() {
        for good in ["1900-01-01", "2024-02-29", "8000-12-31"] {
            assert_eq!(Day::parse(good).map(Date::from).unwrap().to_string(), good);
        }
        let bad =
            ["", "2026-02-30", "2026-1-05", "+2026-01-05", " 2026-01-05", "2026-01-05 ", "20260105", "2026-01-05Z"];
        for bad in bad {
            assert_eq!(Day::parse(bad).unwrap_err().code, "bad_value", "{bad}");
        }
        for far in ["1899-12-31", "8001-01-01", "0000-01-01", "-9999-01-01", "+262142-12-31"] {
            assert_eq!(Day::parse(far).unwrap_err().code, "out_of_range", "{far}");
        }
    }

    #[test]
    fn an_instant_has_a_zone_and_is_kept_to_the_microsecond() {
        let check =
            |given: &str, expect: &str| assert_eq!(Instant::from(Moment::parse(given).unwrap()).to_rfc3339(), expect);
        check("2026-01-15T10:00:00Z", "2026-01-15T10:00:00+00:00");
        check("2026-01-15T12:00:00.1234567+02:00", "2026-01-15T10:00:00.123456+00:00");
        for bad in ["", "2026-01-15", "2026-01-15T10:00:00", "2026-1-15T10:00:00Z", "2026-01-15T10:00:00+99:00", "now"]
        {
            assert_eq!(Moment::parse(bad).unwrap_err().code, "bad_value", "{bad}");
        }
        for far in ["1899-12-31T23:59:59Z", "8001-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "+200000-01-01T00:00:00Z"]
        {
            assert_eq!(Moment::parse(far).unwrap_err().code, "out_of_range", "{far}");
        }
    }
}
