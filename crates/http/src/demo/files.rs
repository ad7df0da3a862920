//! The demo's files: TOML in which days may be told from the day of loading.

use super::DemoError;
use chrono::{Datelike, Days};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Error};
use yhteen_domain::time::Date;

/// The first year of the strategy's first term after the one that is told with its dates.
const FIRST_TERM: i32 = 2026;
/// How many years a term has.
const TERM: i32 = 4;

/// A day: a date, or so many days before or after the day of loading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Day {
    /// A date.
    On(Date),
    /// The day of loading and so many days, such as `today+90`.
    Today(i64),
}

impl Day {
    /// The date, where the demo is loaded today.
    pub(super) fn date(self, today: Date) -> Date {
        match self {
            Self::On(date) => date,
            Self::Today(days) => {
                let distance = Days::new(days.unsigned_abs());
                let there = if days < 0 { today.checked_sub_days(distance) } else { today.checked_add_days(distance) };
                there.unwrap_or(today)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let day = match text.strip_prefix("today") {
            Some("") => Some(Self::Today(0)),
            // A number may begin with either sign, and must here.
            Some(days) if days.starts_with(['+', '-']) => days.parse().ok().map(Self::Today),
            Some(_) => None,
            None => text.parse().ok().map(Self::On),
        };
        day.ok_or_else(|| D::Error::custom(format!("{text} is no day such as 2026-01-31 or today+90")))
    }
}

/// What a file says, where the demo is loaded today. `{Y1}` to `{Y5}` are the four years of the present term and the
/// year after it, `{Y0}` the year before.
pub(super) fn read<T: DeserializeOwned>(file: &str, text: &str, today: Date) -> Result<T, DemoError> {
    let terms = (today.year() - FIRST_TERM).div_euclid(TERM).max(0);
    let first = FIRST_TERM + terms * TERM;
    let text = (0..=TERM + 1).fold(text.to_owned(), |text, number| {
        text.replace(&format!("{{Y{number}}}"), &(first + number - 1).to_string())
    });
    toml::from_str(&text).map_err(|error| DemoError::File { file: file.to_owned(), error: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct File {
        day: Day,
    }

    fn check(text: &str, today: &str, expect: Option<&str>) {
        let today: Date = today.parse().unwrap();
        let read = read::<File>("test.toml", &format!("day = \"{text}\""), today).ok();
        assert_eq!(read.map(|file| file.day.date(today).to_string()).as_deref(), expect, "{text} on {today}");
    }

    #[test]
    fn a_day_is_told_by_its_date_or_from_the_day_of_loading() {
        check("2020-02-29", "2027-03-01", Some("2020-02-29"));
        check("today", "2027-03-01", Some("2027-03-01"));
        check("today+30", "2027-03-01", Some("2027-03-31"));
        check("today-1", "2027-03-01", Some("2027-02-28"));
        for bad in ["", "tomorrow", "today30", "today+", "2027-02-29", "30.1.2027"] {
            check(bad, "2027-03-01", None);
        }
    }

    #[test]
    fn a_year_is_told_from_the_present_term() {
        check("{Y1}-01-01", "2026-01-01", Some("2026-01-01"));
        check("{Y0}-10-01", "2029-12-31", Some("2025-10-01"));
        check("{Y4}-12-31", "2029-12-31", Some("2029-12-31"));
        check("{Y1}-01-01", "2030-01-01", Some("2030-01-01"));
        check("{Y5}-01-31", "2031-06-01", Some("2034-01-31"));
        // The demo knows of nothing before.
        check("{Y1}-01-01", "2024-06-01", Some("2026-01-01"));
    }
}
