//! Which dates and numbers of days the engine takes.

use super::OUT_OF_RANGE;
use super::model::Body;
use crate::fault::Fault;
use crate::message;
use crate::time::Date;
use crate::time::YEARS;
use chrono::Datelike;

/// Refuses a date outside the years that the engine knows.
pub(super) fn in_years(date: Date) -> Result<(), Fault> {
    if YEARS.contains(&date.year()) {
        return Ok(());
    }
    let (first, last) = (YEARS.start(), YEARS.end());
    Err(Fault::new(
        &OUT_OF_RANGE,
        message!(
            fi: "Päivämäärän on oltava vuosina {first}–{last}, mutta se on {date}.",
            sv: "Datumet måste ligga inom åren {first}–{last}, men är {date}.",
            en: "The date must be in the years {first} to {last}, but is {date}.",
            date = date,
        ),
    ))
}

/// Dates are kept so far from the ends of the calendar that nothing computed from them can overflow.
pub(super) fn body_in_range(body: &Body) -> Result<(), Fault> {
    let dates = [body.valid_to, body.published_until].into_iter().flatten();
    let meetings = body.meetings.iter().flat_map(|meeting| {
        let times = [meeting.starts_at, meeting.agenda_deadline, meeting.ends_at.unwrap_or(meeting.starts_at)];
        times.map(|at| at.date_naive()).into_iter().chain(meeting.minutes_published_on)
    });
    dates.chain(meetings).try_for_each(in_years)?;
    days_in_range(body.minutes_publication_days)
}

/// Refuses more than a hundred years of days.
pub(super) fn days_in_range(days: u32) -> Result<(), Fault> {
    if days <= 36_525 {
        return Ok(());
    }
    Err(Fault::new(
        &OUT_OF_RANGE,
        message!(
            fi: "{days} päivää on yli sata vuotta.",
            sv: "{days} dagar är över hundra år.",
            en: "{days} days are more than a hundred years.",
        ),
    ))
}

/// Refuses dates outside the years that the engine knows.
pub(super) fn dates_in_range(dates: impl IntoIterator<Item = Date>) -> Result<(), Fault> {
    dates.into_iter().try_for_each(in_years)
}
