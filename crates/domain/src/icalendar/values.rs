//! The values of calendar properties: dates and times, durations, offsets and short texts.

use super::lines::Line;
use super::trouble::Read;
use crate::message;
use crate::text::{NAME, Text};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use unicode_normalization::UnicodeNormalization;

/// A date or a date with time, as it stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// A whole day.
    Day(NaiveDate),
    /// A clock time in the zone that the property names, or in none.
    Clock(NaiveDateTime),
    /// A time in UTC.
    Utc(NaiveDateTime),
}

/// An item of a list of dates: a time, and for a period how it ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item {
    Time(When),
    Period(When, PeriodEnd),
}

/// How a period ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum PeriodEnd {
    At(When),
    After(Span),
}

/// A duration (RFC 5545 §3.3.6): days are of the calendar, the rest is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) days: u64,
    pub(super) exact: TimeDelta,
}

/// The one date or time of a property, whose type its `VALUE` must not contradict.
pub(super) fn when(line: &Line) -> Read<When> {
    let Some(when) = parse_when(line.value.trim()) else {
        let detail = message!(
            fi: "{name} ei ole päivä tai ajankohta, esimerkiksi 20260112T160000.",
            sv: "{name} är inte en dag eller en tidpunkt, till exempel 20260112T160000.",
            en: "{name} is not a date or a time, for example 20260112T160000.",
            name = line.name,
        );
        return line.refuse("bad_time", detail);
    };
    let day = matches!(when, When::Day(_));
    match line.parameter("VALUE").map(str::to_ascii_uppercase).as_deref() {
        Some("DATE") if !day => line.refuse(
            "bad_time",
            message!(
                fi: "{name}: VALUE=DATE, mutta arvossa on kellonaika.",
                sv: "{name}: VALUE=DATE, men värdet har ett klockslag.",
                en: "{name}: VALUE=DATE, but the value has a time.",
                name = line.name,
            ),
        ),
        Some("DATE-TIME") if day => line.refuse(
            "bad_time",
            message!(
                fi: "{name}: VALUE=DATE-TIME, mutta arvossa ei ole kellonaikaa.",
                sv: "{name}: VALUE=DATE-TIME, men värdet saknar klockslag.",
                en: "{name}: VALUE=DATE-TIME, but the value has no time.",
                name = line.name,
            ),
        ),
        None | Some("DATE" | "DATE-TIME") => Ok(when),
        Some(_) => line.refuse(
            "bad_time",
            message!(
                fi: "Ominaisuudella {name} on VALUE, jota sillä ei voi olla.",
                sv: "Egenskapen {name} har ett VALUE som den inte kan ha.",
                en: "The property {name} has a VALUE that it cannot have.",
                name = line.name,
            ),
        ),
    }
}

/// The dates, times or periods of a property that lists them.
pub(super) fn items(line: &Line) -> Read<Vec<Item>> {
    let item = |text: &str| {
        let text = text.trim();
        let Some((start, end)) = text.split_once('/') else { return parse_when(text).map(Item::Time) };
        let end = match span(end) {
            Some(span) => PeriodEnd::After(span),
            None => PeriodEnd::At(parse_when(end)?),
        };
        Some(Item::Period(parse_when(start)?, end))
    };
    match line.value.split(',').map(item).collect() {
        Some(items) => Ok(items),
        None => line.refuse(
            "bad_time",
            message!(
                fi: "{name} luettelee muutakin kuin päiviä, ajankohtia tai jaksoja.",
                sv: "{name} räknar upp annat än dagar, tidpunkter eller perioder.",
                en: "{name} lists something that is not a date, a time or a period.",
                name = line.name,
            ),
        ),
    }
}

/// The date or time of a text, if it is one.
pub(super) fn parse_when(text: &str) -> Option<When> {
    let number = |from: usize, to: usize| -> Option<u32> {
        let digits = text.get(from..to)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let day = || NaiveDate::from_ymd_opt(i32::try_from(number(0, 4)?).ok()?, number(4, 6)?, number(6, 8)?);
    // A leap second is the second before it: no meeting begins on one.
    let clock =
        || NaiveTime::from_hms_opt(number(9, 11)?, number(11, 13)?, number(13, 15).filter(|s| *s < 61)?.min(59));
    match (text.len(), text.get(8..9), text.get(15..)) {
        (8, None, None) => Some(When::Day(day()?)),
        (15, Some("T" | "t"), _) => Some(When::Clock(day()?.and_time(clock()?))),
        (16, Some("T" | "t"), Some("Z" | "z")) => Some(When::Utc(day()?.and_time(clock()?))),
        _ => None,
    }
}

/// The duration of a text, if it is one that does not go backwards.
pub(super) fn span(text: &str) -> Option<Span> {
    let text = text.trim().to_ascii_uppercase();
    let text = text.strip_prefix('+').unwrap_or(&text).strip_prefix('P')?;
    let (days, clock) = match text.split_once('T') {
        Some((days, clock)) => (days, Some(clock)),
        None => (text, None),
    };
    let date = parts(days, &['W', 'D'])?;
    let time =
        clock.map_or(Some(Vec::new()), |clock| parts(clock, &['H', 'M', 'S']).filter(|parts| !parts.is_empty()))?;
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let days = date.iter().map(|(unit, n)| if *unit == 'W' { n * 7 } else { *n }).sum::<u32>();
    let seconds = |(unit, n): &(char, u32)| {
        i64::from(*n)
            * if *unit == 'H' {
                3600
            } else if *unit == 'M' {
                60
            } else {
                1
            }
    };
    Some(Span { days: days.into(), exact: TimeDelta::try_seconds(time.iter().map(seconds).sum())? })
}

/// Numbers of at most seven digits, each followed by one of `units` in their order.
fn parts(text: &str, units: &[char]) -> Option<Vec<(char, u32)>> {
    let mut found = Vec::new();
    let mut units = units.iter();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit()).filter(|end| (1..=7).contains(end))?;
        let unit = rest.get(end..)?.chars().next()?;
        units.find(|known| **known == unit)?;
        found.push((unit, rest.get(..end)?.parse().ok()?));
        rest = rest.get(end + unit.len_utf8()..)?;
    }
    Some(found)
}

/// The offset from UTC of a property, in seconds.
pub(super) fn offset(line: &Line) -> Read<i32> {
    let parse = || {
        let text = line.value.trim();
        let (sign, digits) = text.split_at_checked(1)?;
        let two =
            |from: usize| -> Option<i32> { digits.get(from..from + 2)?.parse().ok().filter(|n| (0..60).contains(n)) };
        let seconds = if digits.len() == 6 { two(4)? } else { 0 };
        let whole = two(0).filter(|hours| *hours < 24)? * 3600 + two(2)? * 60 + seconds;
        let shaped = matches!(digits.len(), 4 | 6) && digits.bytes().all(|b| b.is_ascii_digit());
        match sign {
            "+" if shaped => Some(whole),
            "-" if shaped => Some(-whole),
            _ => None,
        }
    };
    match parse() {
        Some(offset) => Ok(offset),
        None => line.refuse(
            "bad_offset",
            message!(
                fi: "{name} ei ole ero UTC-ajasta, esimerkiksi +0200.",
                sv: "{name} är inte en avvikelse från UTC, till exempel +0200.",
                en: "{name} is not an offset from UTC, for example +0200.",
                name = line.name,
            ),
        ),
    }
}

/// A text as one line of at most [`NAME`] characters, and whether it had to be shortened.
pub(super) fn short_text(text: &str) -> (Option<Text<NAME>>, bool) {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let line: String = words.join(" ").nfc().collect();
    let shortened = line.chars().count() > NAME;
    let line: String = line.chars().take(NAME).collect();
    (Text::parse(&line).ok(), shortened)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_dates_clock_times_or_utc() {
        assert!(matches!(parse_when("20260112"), Some(When::Day(_))));
        assert!(matches!(parse_when("20260112T160000"), Some(When::Clock(_))));
        assert!(matches!(parse_when("20260112T160000Z"), Some(When::Utc(_))));
        assert_eq!(parse_when("20261231T235960Z"), parse_when("20261231T235959Z"));
        for bad in [
            "",
            "2026-01-12",
            "20260230",
            "20260112T",
            "20260112T250000",
            "20260112T1600",
            "+0260112",
            "äääää",
            "20260112T160061",
            "20260112 160000",
            "20260112T160000+02",
        ] {
            assert_eq!(parse_when(bad), None, "{bad}");
        }
    }

    #[test]
    fn durations_have_days_and_exact_parts() {
        let check = |text: &str, days: u64, seconds: i64| {
            assert_eq!(span(text), Some(Span { days, exact: TimeDelta::seconds(seconds) }), "{text}");
        };
        check("PT2H", 0, 7200);
        check("PT1H30M", 0, 5400);
        check("P1D", 1, 0);
        check("P2W", 14, 0);
        check("+P1DT2H3M4S", 1, 7384);
        for bad in ["", "P", "PT", "2H", "-PT2H", "PT2", "PT2M1H", "PT2Y", "P1H", "PT99999999H", "P1.5D", "PTä"] {
            assert_eq!(span(bad), None, "{bad}");
        }
    }
}
