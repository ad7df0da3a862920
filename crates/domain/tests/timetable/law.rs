//! The rules of days and of law, written again from their words: shares nothing with the crate.

use chrono::{
    DateTime, Datelike, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc, Weekday,
};
use chrono_tz::Europe::Helsinki;
use yhteen_domain::vocabulary::Regime;

pub fn day_of(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Helsinki).date_naive()
}

pub fn clock(at: NaiveDateTime) -> DateTime<Utc> {
    match Helsinki.from_local_datetime(&at) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        // The clock is put forward by full minutes: walk to the end of the gap.
        LocalResult::None => {
            let hour = NaiveTime::from_hms_opt(at.hour(), 0, 0).unwrap();
            let minutes = (0..180).map(|minutes| at.date().and_time(hour) + TimeDelta::minutes(minutes));
            let mut known =
                minutes.filter_map(|minute| Some((minute, Helsinki.from_local_datetime(&minute).earliest()?)));
            known.find(|(minute, _)| at < *minute).unwrap().1.to_utc()
        }
    }
}

pub fn start_of(day: NaiveDate) -> DateTime<Utc> {
    clock(day.and_time(NaiveTime::MIN))
}

/// The same time on the wall clock some days away.
pub fn days_away(at: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    if days == 0 { at } else { clock(at.with_timezone(&Helsinki).naive_local() + TimeDelta::days(days)) }
}

/// Gauss's rule, good for 1900 to 2099.
fn easter(year: i32) -> NaiveDate {
    let moon = (19 * (year % 19) + 24) % 30;
    let sunday = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + 5) % 7;
    let early = sunday == 6 && (moon == 29 || moon == 28 && year % 19 > 10);
    NaiveDate::from_ymd_opt(year, 3, 1).unwrap()
        + TimeDelta::days((21 + moon + sunday - if early { 7 } else { 0 }).into())
}

pub fn is_open(day: NaiveDate) -> bool {
    let fixed = [(1, 1), (1, 6), (5, 1), (12, 6), (12, 24), (12, 25), (12, 26)];
    let after_easter = (day - easter(day.year())).num_days();
    let midsummer_eve = day.weekday() == Weekday::Fri && day.month() == 6 && (19..=25).contains(&day.day());
    !(day.weekday().num_days_from_monday() >= 5
        || fixed.contains(&(day.month(), day.day()))
        || [-2, 1, 39].contains(&after_easter)
        || midsummer_eve)
}

/// (notice, legal force) of a decision whose minutes are published on a day, in 2023 or later.
pub fn effect(regime: Regime, minutes: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let days = match regime {
        Regime::MunicipalCouncil | Regime::ParishCouncil => 30,
        Regime::MunicipalBoard | Regime::ParishBoard => 14,
        Regime::None => return None,
    };
    let notice = minutes + TimeDelta::days(7);
    let last = (days..days + 30).map(|days| notice + TimeDelta::days(days)).find(|day| is_open(*day)).unwrap();
    Some((notice, last + TimeDelta::days(1)))
}
