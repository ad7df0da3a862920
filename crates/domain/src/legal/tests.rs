//! The legal calendar against a rule written another way, and the worked examples.

use super::*;
use std::collections::BTreeSet;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// One way of counting the law that shares nothing with the module: a strip of consecutive days, each marked open
/// or closed, along which a finger moves day by day.
struct Strip {
    days: Vec<(Date, bool)>,
}

impl Strip {
    fn new() -> Self {
        let mut closed = BTreeSet::new();
        for year in 2017..=2062 {
            let on = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
            let easter = gauss(year);
            closed.extend([on(1, 1), on(1, 6), on(5, 1), on(12, 6), on(12, 24), on(12, 25), on(12, 26)]);
            closed.extend([-2, 0, 1, 39, 49].map(|offset| easter + chrono::TimeDelta::days(offset)));
            // The Saturdays are closed anyway; of Midsummer only the Friday before needs a place.
            let midsummer = (20..=26).map(|day| on(6, day)).find(|day| day.weekday() == Weekday::Sat).unwrap();
            closed.insert(midsummer.pred_opt().unwrap());
        }
        let first = day("2017-05-31");
        let mut weekday = 2; // A Wednesday, counted on from Monday = 0.
        let mut days = Vec::new();
        for date in first.iter_days().take_while(|date| *date < day("2062-01-01")) {
            days.push((date, weekday < 5 && !closed.contains(&date)));
            weekday = (weekday + 1) % 7;
        }
        Self { days }
    }

    /// (notice, last day, legal force) for minutes published on the day at `index`.
    fn effect(&self, index: usize, days: usize) -> [Date; 3] {
        let mut finger = index;
        for _ in 0..7 {
            finger += 1;
        }
        let notice = self.days[finger].0;
        for _ in 0..days {
            finger += 1;
        }
        while !self.days[finger].1 {
            finger += 1;
        }
        [notice, self.days[finger].0, self.days[finger + 1].0]
    }
}

/// Gauss's rule for Easter, good for 1900 to 2099.
fn gauss(year: i32) -> Date {
    let golden = year % 19;
    let moon = (19 * golden + 24) % 30;
    let sunday = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + 5) % 7;
    let mut days = 22 + moon + sunday;
    if sunday == 6 && (moon == 29 || moon == 28 && golden > 10) {
        days -= 7;
    }
    NaiveDate::from_ymd_opt(year, 3, 1).unwrap() + chrono::TimeDelta::days(i64::from(days) - 1)
}

#[test]
fn every_day_to_2060_by_a_rule_written_another_way() {
    let strip = Strip::new();
    let county = Some(OrganisationKind::WellbeingServicesCounty);
    let rows = [
        (Regime::MunicipalCouncil, None, "2017-06-01", 30, Remedy::Appeal),
        (Regime::MunicipalBoard, None, "2017-06-01", 14, Remedy::Rectification),
        (Regime::MunicipalCouncil, Some(OrganisationKind::JointAuthority), "2017-06-01", 30, Remedy::Appeal),
        (Regime::MunicipalCouncil, county, "2021-07-01", 30, Remedy::Appeal),
        (Regime::MunicipalBoard, county, "2021-07-01", 14, Remedy::Rectification),
        (Regime::ParishCouncil, Some(OrganisationKind::Parish), "2023-07-01", 30, Remedy::Appeal),
        (Regime::ParishBoard, Some(OrganisationKind::Parish), "2023-07-01", 14, Remedy::Rectification),
    ];
    let mut checked = 0;
    for (regime, organisation, valid_from, days, remedy) in rows {
        for (index, (published, _)) in strip.days.iter().enumerate() {
            if *published > day("2060-12-31") {
                break;
            }
            let effect = legal_effect(regime, organisation, *published);
            if *published < day(valid_from) {
                assert_eq!(effect.unwrap_err().code, &BEFORE_VALIDITY, "{regime} {published}");
                continue;
            }
            let effect = effect.unwrap();
            let dates = [effect.notice_on.unwrap(), effect.last_day.unwrap(), effect.legal_force_on];
            assert_eq!(dates, strip.effect(index, days), "{regime} {published}");
            assert_eq!(effect.remedy, Some(remedy));
            assert!(effect.steps.is_sorted_by_key(|step| step.on), "{regime} {published}");
            assert_eq!(effect.steps.last().unwrap().on, effect.legal_force_on);
            checked += 1;
        }
    }
    assert_eq!(checked, 3 * 15_920 + 2 * 14_429 + 2 * 13_699);
}

#[test]
fn the_worked_examples() {
    let check = |regime, published: &str, expect: [&str; 3]| {
        let effect = legal_effect(regime, None, day(published)).unwrap();
        let dates = [effect.notice_on.unwrap(), effect.last_day.unwrap(), effect.legal_force_on];
        assert_eq!(dates, expect.map(day), "{regime} {published}");
    };
    check(Regime::MunicipalBoard, "2026-03-02", ["2026-03-09", "2026-03-23", "2026-03-24"]);
    check(Regime::MunicipalCouncil, "2026-03-02", ["2026-03-09", "2026-04-08", "2026-04-09"]);
    check(Regime::MunicipalBoard, "2026-11-27", ["2026-12-04", "2026-12-18", "2026-12-19"]);
    check(Regime::MunicipalCouncil, "2026-11-19", ["2026-11-26", "2026-12-28", "2026-12-29"]);
}

#[test]
fn a_decision_without_remedy_has_effect_at_once() {
    let effect = legal_effect(Regime::None, None, day("1999-01-01")).unwrap();
    assert_eq!((effect.notice_on, effect.last_day, effect.remedy), (None, None, None));
    assert_eq!(effect.legal_force_on, day("1999-01-01"));
    assert_eq!(effect.steps.len(), 1);
}

#[test]
fn the_reasoning_names_its_rules() {
    let effect = legal_effect(Regime::MunicipalCouncil, None, day("2026-11-19")).unwrap();
    let words: Vec<_> = effect
        .steps
        .iter()
        .map(|step| (step.on.to_string(), &*step.text.en, &*step.source.as_ref().unwrap().en))
        .collect();
    let expected = [
        ("2026-11-19", "The minutes are published in the public data network.", "Local Government Act 410/2015 §140"),
        (
            "2026-11-26",
            "Notice is deemed to have been had 7 days after the minutes were published.",
            "Local Government Act 410/2015 §140",
        ),
        (
            "2026-12-26",
            "An appeal must be lodged within 30 days of notice; the day of notice is not counted.",
            "Local Government Act 410/2015 §135; Act 150/1930 §2",
        ),
        (
            "2026-12-28",
            "The last day is St Stephen's Day, so the period runs on to the next working day.",
            "Act 150/1930 §5",
        ),
        (
            "2026-12-29",
            "If no remedy is sought, the decision has legal force on the day after the period ends.",
            "Local Government Act 410/2015 §135",
        ),
    ];
    assert_eq!(words, expected.map(|(on, text, source)| (on.to_owned(), text, source)));
}

#[test]
fn a_dismissed_rectification_opens_an_appeal_of_thirty_days() {
    let effect = after_rectification_dismissed(day("2026-11-26")).unwrap();
    assert_eq!(effect.last_day, Some(day("2026-12-28")));
    assert_eq!(effect.legal_force_on, day("2026-12-29"));
}

#[test]
fn dates_out_of_range_are_refused() {
    for on in [Date::MIN, Date::MAX, day("1899-12-31"), day("9001-01-01")] {
        assert_eq!(legal_effect(Regime::MunicipalBoard, None, on).unwrap_err().code, &OUT_OF_RANGE);
        assert_eq!(after_rectification_dismissed(on).unwrap_err().code, &OUT_OF_RANGE);
    }
}

#[test]
fn the_regime_follows_from_the_kinds() {
    use crate::vocabulary::Vocabulary;
    let check = |organisation, body, regime| assert_eq!(default_regime(organisation, body), regime);
    check(OrganisationKind::Municipality, BodyKind::Council, Regime::MunicipalCouncil);
    check(OrganisationKind::Municipality, BodyKind::OfficeHolder, Regime::MunicipalBoard);
    check(OrganisationKind::Municipality, BodyKind::YouthCouncil, Regime::None);
    check(OrganisationKind::JointAuthority, BodyKind::JointCouncil, Regime::MunicipalCouncil);
    check(OrganisationKind::JointAuthority, BodyKind::JointBoard, Regime::MunicipalBoard);
    check(OrganisationKind::WellbeingServicesCounty, BodyKind::Council, Regime::MunicipalCouncil);
    check(OrganisationKind::WellbeingServicesCounty, BodyKind::Section, Regime::MunicipalBoard);
    check(OrganisationKind::Parish, BodyKind::ParishCouncil, Regime::ParishCouncil);
    check(OrganisationKind::Parish, BodyKind::OfficeHolder, Regime::ParishBoard);
    for body in BodyKind::ALL {
        check(OrganisationKind::Ngo, *body, Regime::None);
        check(OrganisationKind::StateAuthority, *body, Regime::None);
    }
}
