//! Instants, calendar dates and the local time of the law: Europe/Helsinki.

mod given;

pub use given::{Day, Moment};

use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{Europe::Helsinki, Tz};

/// A point in time.
pub type Instant = DateTime<Utc>;
/// A calendar date in Europe/Helsinki.
pub type Date = NaiveDate;

/// The calendar date of an instant in Europe/Helsinki.
pub fn date_of(at: Instant) -> Date {
    at.with_timezone(&Helsinki).date_naive()
}

/// 00:00 of a date in Europe/Helsinki.
pub fn midnight(on: Date) -> Instant {
    local(on.and_time(NaiveTime::MIN))
}

/// The instant of a local date and time in Europe/Helsinki.
pub fn local(at: NaiveDateTime) -> Instant {
    local_in(Helsinki, at)
}

/// The instant of a local date and time in a zone.
///
/// A time that occurs twice is its first occurrence; one that does not exist is the end of the gap.
pub fn local_in(zone: Tz, at: NaiveDateTime) -> Instant {
    match zone.from_local_datetime(&at) {
        LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => instant.with_timezone(&Utc),
        LocalResult::None => end_of_gap(zone, at),
    }
}

/// The instant of a local date and time in a zone as calendar files mean it (RFC 5545, section 3.3.5): as [`local_in`],
/// but one that does not exist is counted by the clock before the gap, so that 03:30 becomes 04:30.
pub fn written_in(zone: Tz, at: NaiveDateTime) -> Instant {
    match zone.from_local_datetime(&at) {
        LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => instant.with_timezone(&Utc),
        LocalResult::None => {
            // The last hour that the clock shows before the gap; none lasts longer than two days.
            let before = (1..=48).find_map(|hours| {
                let around = TimeDelta::hours(hours);
                Some(zone.from_local_datetime(&(at - around)).latest()?.with_timezone(&Utc) + around)
            });
            before.unwrap_or_else(|| at.and_utc())
        }
    }
}

/// The first instant after a gap of the local clock that swallows `at`: found by bisection between a wall-clock
/// time before the gap and one after it, since zones keep no list of their gaps.
fn end_of_gap(zone: Tz, at: NaiveDateTime) -> Instant {
    let known = |at: NaiveDateTime| zone.from_local_datetime(&at).earliest().map(|i| i.with_timezone(&Utc));
    let Some((mut low, mut high)) = (1..=48).find_map(|hours| {
        let around = TimeDelta::hours(hours);
        Some((known(at - around)?, known(at + around)?))
    }) else {
        return at.and_utc();
    };
    let offset = |instant: Instant| zone.offset_from_utc_datetime(&instant.naive_utc());
    let before = offset(low);
    while high - low > TimeDelta::seconds(1) {
        let middle = low + (high - low) / 2;
        if offset(middle) == before { low = middle } else { high = middle }
    }
    // Transitions fall on whole seconds.
    DateTime::from_timestamp(high.timestamp(), 0).unwrap_or(high)
}

/// The same wall-clock time `days` calendar days earlier in Europe/Helsinki; no days change nothing.
pub fn days_before(at: Instant, days: u32) -> Instant {
    if days == 0 {
        return at;
    }
    let there = at.with_timezone(&Helsinki).naive_local();
    there.checked_sub_days(Days::new(days.into())).map_or(DateTime::<Utc>::MIN_UTC, local)
}

/// The years in which dates and instants of the service lie: both engines keep them, the law is counted there, and they
/// are far enough from the ends of the calendar for everything that a timetable computes from them.
pub const YEARS: std::ops::RangeInclusive<i32> = 1900..=8000;

/// The instant to the microsecond, which is what both engines keep.
pub fn to_microsecond(at: Instant) -> Instant {
    DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}

/// `days` calendar days after a date.
pub fn days_after(on: Date, days: u32) -> Date {
    on.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn local_times_at_the_turns_of_the_clock() {
        let check = |local_time: &str, instant: &str| {
            assert_eq!(local(local_time.parse().unwrap()), at(instant), "{local_time}");
        };
        check("2026-01-15T16:00:00", "2026-01-15T14:00:00Z");
        check("2026-07-15T16:00:00", "2026-07-15T13:00:00Z");
        // 03:00 to 04:00 does not exist on 29 March 2026: the end of the gap is 04:00 summer time.
        check("2026-03-29T03:30:00", "2026-03-29T01:00:00Z");
        check("2026-03-29T04:00:00", "2026-03-29T01:00:00Z");
        // 03:00 to 04:00 occurs twice on 25 October 2026: the first is summer time.
        check("2026-10-25T03:30:00", "2026-10-25T00:30:00Z");
    }

    #[test]
    fn a_time_in_the_gap_is_written_by_the_clock_before_it() {
        let check = |zone: Tz, local_time: &str, instant: &str| {
            assert_eq!(written_in(zone, local_time.parse().unwrap()), at(instant), "{local_time}");
        };
        check(Helsinki, "2026-03-29T02:59:00", "2026-03-29T00:59:00Z");
        check(Helsinki, "2026-03-29T03:00:00", "2026-03-29T01:00:00Z");
        check(Helsinki, "2026-03-29T03:30:00", "2026-03-29T01:30:00Z");
        check(Helsinki, "2026-03-29T04:00:00", "2026-03-29T01:00:00Z");
        check(Helsinki, "2026-10-25T03:30:00", "2026-10-25T00:30:00Z");
        // The example of RFC 5545, and half an hour on Lord Howe Island.
        check(chrono_tz::America::New_York, "2007-03-11T02:30:00", "2007-03-11T07:30:00Z");
        check(chrono_tz::Australia::Lord_Howe, "2026-10-04T02:15:00", "2026-10-03T15:45:00Z");
        // Samoa left out a whole day.
        check(chrono_tz::Pacific::Apia, "2011-12-30T12:00:00", "2011-12-30T22:00:00Z");
    }

    #[test]
    fn days_are_counted_by_the_wall_clock() {
        let check = |from: &str, days, to: &str| assert_eq!(days_before(at(from), days), at(to), "{from} - {days}");
        check("2026-03-30T09:00:00Z", 0, "2026-03-30T09:00:00Z");
        check("2026-03-30T09:00:00Z", 1, "2026-03-29T09:00:00Z");
        check("2026-03-30T09:00:00Z", 2, "2026-03-28T10:00:00Z");
        // The second 03:30 of the long night, no days before, stays the second.
        check("2026-10-25T01:30:00Z", 0, "2026-10-25T01:30:00Z");
    }
}
