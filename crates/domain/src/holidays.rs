//! The days on which no period of law ends: the holidays of Finland, with their names.
//!
//! Sources: the Act on the Calculation of Statutory Time Limits (150/1930) §5 for the days to which a last day may
//! not fall, the Church Act for the church holidays.

use crate::time::Date;
use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::Serialize;

/// A sentence or a name in all three languages of the service.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
pub struct Wording {
    /// Finnish.
    pub fi: String,
    /// Swedish.
    pub sv: String,
    /// English.
    pub en: String,
}

impl Wording {
    /// The same content in the three languages.
    pub fn new(fi: impl Into<String>, sv: impl Into<String>, en: impl Into<String>) -> Self {
        Self { fi: fi.into(), sv: sv.into(), en: en.into() }
    }
}

/// Why a day counts as no working day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Holiday {
    /// 1 January.
    NewYear,
    /// 6 January.
    Epiphany,
    /// The Friday before Easter.
    GoodFriday,
    /// The Sunday after the first full moon of spring.
    EasterSunday,
    /// The day after Easter Sunday.
    EasterMonday,
    /// 1 May.
    MayDay,
    /// The Thursday 39 days after Easter Sunday.
    Ascension,
    /// The Sunday 49 days after Easter Sunday.
    WhitSunday,
    /// The day before Midsummer Day.
    MidsummerEve,
    /// The Saturday between 20 and 26 June.
    MidsummerDay,
    /// The Saturday between 31 October and 6 November.
    AllSaints,
    /// 6 December.
    Independence,
    /// 24 December.
    ChristmasEve,
    /// 25 December.
    Christmas,
    /// 26 December.
    StStephen,
}

impl Holiday {
    /// The names in Finnish, Swedish and English.
    pub const fn names(self) -> [&'static str; 3] {
        match self {
            Self::NewYear => ["uudenvuodenpäivä", "nyårsdagen", "New Year's Day"],
            Self::Epiphany => ["loppiainen", "trettondagen", "Epiphany"],
            Self::GoodFriday => ["pitkäperjantai", "långfredagen", "Good Friday"],
            Self::EasterSunday => ["pääsiäispäivä", "påskdagen", "Easter Sunday"],
            Self::EasterMonday => ["toinen pääsiäispäivä", "annandag påsk", "Easter Monday"],
            Self::MayDay => ["vapunpäivä", "första maj", "May Day"],
            Self::Ascension => ["helatorstai", "Kristi himmelsfärdsdag", "Ascension Day"],
            Self::WhitSunday => ["helluntaipäivä", "pingstdagen", "Whit Sunday"],
            Self::MidsummerEve => ["juhannusaatto", "midsommarafton", "Midsummer Eve"],
            Self::MidsummerDay => ["juhannuspäivä", "midsommardagen", "Midsummer Day"],
            Self::AllSaints => ["pyhäinpäivä", "alla helgons dag", "All Saints' Day"],
            Self::Independence => ["itsenäisyyspäivä", "självständighetsdagen", "Independence Day"],
            Self::ChristmasEve => ["jouluaatto", "julafton", "Christmas Eve"],
            Self::Christmas => ["joulupäivä", "juldagen", "Christmas Day"],
            Self::StStephen => ["tapaninpäivä", "annandag jul", "St Stephen's Day"],
        }
    }

    /// The name in all languages.
    pub fn name(self) -> Wording {
        let [fi, sv, en] = self.names();
        Wording::new(fi, sv, en)
    }
}

/// Easter Sunday of a year of the Gregorian calendar, from 1583 to 9999.
fn easter(year: i32) -> Option<Date> {
    let easter = computus::gregorian(year).ok()?;
    NaiveDate::from_ymd_opt(easter.year, easter.month, easter.day)
}

/// The named holiday that falls on a date, if one does; of two on one day, the movable one.
///
/// Plain Saturdays and Sundays have no name: see [`is_working_day`].
pub fn holiday_on(on: Date) -> Option<Holiday> {
    let saturday = on.weekday() == Weekday::Sat;
    match (on.month(), on.day()) {
        (1, 1) => Some(Holiday::NewYear),
        (1, 6) => Some(Holiday::Epiphany),
        (6, 19..=25) if on.weekday() == Weekday::Fri => Some(Holiday::MidsummerEve),
        (6, 20..=26) if saturday => Some(Holiday::MidsummerDay),
        (10, 31) | (11, 1..=6) if saturday => Some(Holiday::AllSaints),
        (12, 6) => Some(Holiday::Independence),
        (12, 24) => Some(Holiday::ChristmasEve),
        (12, 25) => Some(Holiday::Christmas),
        (12, 26) => Some(Holiday::StStephen),
        // Good Friday is 20 March at the earliest, Whit Sunday 13 June at the latest.
        (3..=6, _) => {
            let movable = match on.signed_duration_since(easter(on.year())?).num_days() {
                -2 => Some(Holiday::GoodFriday),
                0 => Some(Holiday::EasterSunday),
                1 => Some(Holiday::EasterMonday),
                39 => Some(Holiday::Ascension),
                49 => Some(Holiday::WhitSunday),
                _ => None,
            };
            movable.or_else(|| ((on.month(), on.day()) == (5, 1)).then_some(Holiday::MayDay))
        }
        _ => None,
    }
}

/// The named holidays of a year in order of their dates; none outside the years 1583 to 9999.
pub fn holidays_of(year: i32) -> Vec<(Date, Holiday)> {
    if easter(year).is_none() {
        return Vec::new();
    }
    let first = NaiveDate::from_ymd_opt(year, 1, 1);
    let days = first.into_iter().flat_map(|first| first.iter_days()).take_while(|day| day.year() == year);
    days.filter_map(|day| holiday_on(day).map(|holiday| (day, holiday))).collect()
}

/// Whether a last day may fall on the date (Act 150/1930 §5): it is no church holiday, Sunday, Saturday,
/// Independence Day, May Day, Christmas Eve or Midsummer Eve.
pub fn is_working_day(on: Date) -> bool {
    !matches!(on.weekday(), Weekday::Sat | Weekday::Sun) && holiday_on(on).is_none()
}

/// The date itself where it is a working day, else the next one that is.
pub fn working_day_from(on: Date) -> Date {
    let mut day = on;
    while !is_working_day(day) {
        match day.checked_add_days(Days::new(1)) {
            Some(next) => day = next,
            None => break,
        }
    }
    day
}

/// The date itself where it is a working day, else the last one before it that is.
pub fn working_day_until(on: Date) -> Date {
    let mut day = on;
    while !is_working_day(day) {
        match day.checked_sub_days(Days::new(1)) {
            Some(previous) => day = previous,
            None => break,
        }
    }
    day
}

/// How many working days there are from `first` to `last`, both included; the cost grows with the years between them,
/// not with the days.
pub fn working_days(first: Date, last: Date) -> usize {
    let one_by_one =
        |from: Date, to: Date| from.iter_days().take_while(|day| *day <= to).filter(|day| is_working_day(*day)).count();
    let new_year = |year| NaiveDate::from_ymd_opt(year, 1, 1);
    let (Some(whole_from), Some(whole_to)) = (new_year(first.year() + 1), new_year(last.year())) else {
        return one_by_one(first, last);
    };
    if whole_to <= whole_from {
        return one_by_one(first, last);
    }
    let whole: usize = (whole_from.year()..whole_to.year()).map(working_days_of).sum();
    // New Year's Day itself is none.
    one_by_one(first, whole_from) + whole + one_by_one(whole_to, last)
}

/// How many working days a year has.
fn working_days_of(year: i32) -> usize {
    let day = |month, day| NaiveDate::from_ymd_opt(year, month, day);
    let Some((first, last)) = day(1, 1).zip(day(12, 31)) else { return 0 };
    let on_weekday = |date: &Date| !matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
    // 52 weeks and the first day of the year once more; in a leap year the last day, too.
    let more = [Some(first), Some(last).filter(|_| first.leap_year())];
    let weekdays = 52 * 5 + more.iter().flatten().filter(|day| on_weekday(day)).count();
    let Some(easter) = easter(year) else { return weekdays };
    let ascension = easter.checked_add_days(Days::new(39));
    let may_day = day(5, 1).filter(|day| Some(*day) != ascension);
    let dated = [day(1, 1), day(1, 6), may_day, day(12, 6), day(12, 24), day(12, 25), day(12, 26)];
    // Good Friday, Easter Monday, Ascension Day and Midsummer Eve are never on a Saturday or Sunday.
    weekdays - dated.iter().flatten().filter(|day| on_weekday(day)).count() - 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn the_holidays_of_2026() {
        let named: Vec<_> =
            holidays_of(2026).into_iter().map(|(on, holiday)| (on.to_string(), holiday.names()[2])).collect();
        let expected = [
            ("2026-01-01", "New Year's Day"),
            ("2026-01-06", "Epiphany"),
            ("2026-04-03", "Good Friday"),
            ("2026-04-05", "Easter Sunday"),
            ("2026-04-06", "Easter Monday"),
            ("2026-05-01", "May Day"),
            ("2026-05-14", "Ascension Day"),
            ("2026-05-24", "Whit Sunday"),
            ("2026-06-19", "Midsummer Eve"),
            ("2026-06-20", "Midsummer Day"),
            ("2026-10-31", "All Saints' Day"),
            ("2026-12-06", "Independence Day"),
            ("2026-12-24", "Christmas Eve"),
            ("2026-12-25", "Christmas Day"),
            ("2026-12-26", "St Stephen's Day"),
        ];
        assert_eq!(named, expected.map(|(on, name)| (on.to_owned(), name)));
    }

    /// Easter by another road than the crate's: the tables of the Gregorian calendar (golden number and epact).
    fn easter_by_epact(year: i32) -> Date {
        let golden = year % 19 + 1;
        let century = year / 100 + 1;
        let skipped_leap_days = 3 * century / 4 - 12;
        let moon_correction = (8 * century + 5) / 25 - 5;
        let sunday = 5 * year / 4 - skipped_leap_days - 10;
        let mut epact = (11 * golden + 20 + moon_correction - skipped_leap_days).rem_euclid(30);
        if epact == 24 || epact == 25 && golden > 11 {
            epact += 1;
        }
        let mut full_moon = 44 - epact;
        if full_moon < 21 {
            full_moon += 30;
        }
        let day = full_moon + 7 - (sunday + full_moon) % 7;
        let first_of_march = NaiveDate::from_ymd_opt(year, 3, 1).unwrap();
        first_of_march + Days::new(u64::try_from(day - 1).unwrap())
    }

    #[test]
    fn easter_agrees_with_the_tables_of_the_calendar() {
        for year in 1583..=9999 {
            assert_eq!(easter(year), Some(easter_by_epact(year)), "{year}");
        }
        assert_eq!(easter(1582), None);
        assert_eq!(easter(10_000), None);
    }

    #[test]
    fn every_working_day_to_2060_is_one_by_the_words_of_the_act() {
        for year in 2017..=2060 {
            let easter = easter_by_epact(year);
            let day = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
            let saturday_from = |first: Date| first.iter_days().find(|day| day.weekday() == Weekday::Sat).unwrap();
            let midsummer = saturday_from(day(6, 20));
            let mut closed: BTreeSet<Date> = BTreeSet::new();
            let fixed = [day(1, 1), day(1, 6), day(5, 1), day(12, 6), day(12, 24), day(12, 25), day(12, 26)];
            let movable = [easter - Days::new(2), easter + Days::new(1), easter + Days::new(39)];
            let summer = [midsummer, midsummer.pred_opt().unwrap(), saturday_from(day(10, 31))];
            closed.extend(fixed.into_iter().chain(movable).chain(summer));
            for on in day(1, 1).iter_days().take_while(|on| on.year() == year) {
                let weekend = on.weekday().number_from_monday() > 5;
                assert_eq!(is_working_day(on), !weekend && !closed.contains(&on), "{on}");
            }
        }
    }

    #[test]
    fn working_days_around_christmas_2026() {
        assert_eq!(working_day_from(date("2026-12-24")), date("2026-12-28"));
        assert_eq!(working_day_until(date("2026-12-27")), date("2026-12-23"));
        assert_eq!(working_day_from(date("2026-12-23")), date("2026-12-23"));
    }

    #[test]
    fn working_days_are_counted_as_one_by_one() {
        let first = date("1999-12-20");
        let mut counted = 0;
        for last in first.iter_days().take_while(|day| day.year() < 2110) {
            counted += usize::from(is_working_day(last));
            if last.day() % 9 == 0 || last.ordinal() < 3 || last.ordinal() > 364 {
                assert_eq!(working_days(first, last), counted, "{last}");
            }
        }
        for (first, last, expect) in [
            ("2026-12-23", "2026-12-23", 1),
            ("2026-12-24", "2026-12-27", 0),
            ("2026-12-24", "2027-01-04", 5),
            ("2026-01-05", "2026-01-04", 0),
            ("2028-01-05", "2026-01-04", 0),
        ] {
            assert_eq!(working_days(date(first), date(last)), expect, "{first} to {last}");
        }
    }

    #[test]
    fn the_movable_of_two_holidays_on_one_day_wins() {
        // In 2008 Ascension Day fell on 1 May.
        assert_eq!(holiday_on(date("2008-05-01")), Some(Holiday::Ascension));
        assert_eq!(holiday_on(date("2009-05-01")), Some(Holiday::MayDay));
    }
}
