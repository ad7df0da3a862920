//! Days before and after instants on the wall clock of Helsinki, made cheap for the engine's inner loops.

use crate::time::{self, Date, Instant};
use chrono::{Datelike, Days, TimeDelta, Utc};
use chrono_tz::Europe::Helsinki;

/// The last year that the engine looks at.
pub(super) const LAST_YEAR: i32 = 8900;

/// Whether what was reached at `reached` is in time for `deadline`, with `days` calendar days between them:
/// `reached ≤ time::days_before(deadline, days)`.
pub(super) fn in_time(reached: Instant, deadline: Instant, days: u32) -> bool {
    if days == 0 {
        return reached <= deadline;
    }
    // The wall clock is never off by as much as a day, so that only near misses need the rules of the zone.
    let spare = deadline.signed_duration_since(reached) - TimeDelta::days(days.into());
    if spare >= TimeDelta::days(1) {
        true
    } else if spare <= TimeDelta::days(-1) {
        false
    } else {
        reached <= time::days_before(deadline, days)
    }
}

/// The same wall-clock time `days` calendar days later; `None` past the years that the engine looks at.
pub(super) fn days_later(at: Instant, days: u32) -> Option<Instant> {
    if days == 0 {
        return Some(at);
    }
    let there = at.with_timezone(&Helsinki).naive_local().checked_add_days(Days::new(days.into()))?;
    (there.year() <= LAST_YEAR).then(|| time::local(there))
}

/// The first date by whose 00:00 the instant has come.
pub(super) fn date_reached(at: Instant) -> Date {
    let date = time::date_of(at);
    if at <= time::midnight(date) { date } else { time::days_after(date, 1) }
}

/// Before every instant of the engine's input.
pub(super) const LONG_AGO: Instant = chrono::DateTime::<Utc>::MIN_UTC;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortcut_agrees_with_the_zone() {
        let deadline: Instant = "2026-03-30T00:30:00Z".parse().unwrap();
        for days in 0..200 {
            let limit = time::days_before(deadline, days);
            for seconds in [-200_000, -90_000, -3_601, -1, 0, 1, 3_601, 90_000, 200_000] {
                let reached = limit + TimeDelta::seconds(seconds);
                assert_eq!(in_time(reached, deadline, days), reached <= limit, "{days} days, {seconds} s");
            }
        }
    }

    #[test]
    fn days_later_keep_the_wall_clock() {
        let check = |at: &str, days, to: &str| {
            assert_eq!(days_later(at.parse().unwrap(), days), Some(to.parse().unwrap()), "{at} + {days}");
        };
        check("2026-03-28T10:00:00Z", 1, "2026-03-29T09:00:00Z");
        // 03:30 does not exist on 29 March 2026: the end of the gap.
        check("2026-03-28T01:30:00Z", 1, "2026-03-29T01:00:00Z");
        check("2026-03-28T01:30:00Z", 0, "2026-03-28T01:30:00Z");
        assert_eq!(days_later("2026-03-28T01:30:00Z".parse().unwrap(), u32::MAX), None);
    }

    #[test]
    fn midnight_itself_reaches_its_date() {
        let date: Date = "2026-11-24".parse().unwrap();
        assert_eq!(date_reached(time::midnight(date)), date);
        assert_eq!(date_reached(time::midnight(date) + TimeDelta::milliseconds(1)), time::days_after(date, 1));
    }
}
