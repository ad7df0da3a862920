//! When a decision gains legal force: one table of data with validity dates, and the counting of days.
//!
//! Dates are calendar dates in Europe/Helsinki. Sources: Local Government Act (410/2015) chapter 16, Act on
//! Wellbeing Services Counties (611/2021), Church Act (652/2023), Act on the Calculation of Statutory Time Limits
//! (150/1930).

use crate::fault::Fault;
use crate::holidays::{self, Wording};
use crate::message;
use crate::time::{Date, days_after};
use crate::vocabulary::{BodyKind, OrganisationKind, Regime, Remedy};
use chrono::{Datelike, NaiveDate, Weekday};
use serde::Serialize;

crate::codes! {
    /// The rules of legal force are not known for minutes published before they came into force; the first date
    /// for which they are known is in `detail`. Record the date of legal force instead.
    BEFORE_VALIDITY = Invalid "legal.before_validity" { fi: "Säännöt eivät ole vielä voimassa", sv: "Reglerna gäller inte ännu", en: "Before the rules came into force" }
    /// The date lies outside the years 1900 to 9000, for which dates of law are computed.
    OUT_OF_RANGE = Invalid "legal.out_of_range" { fi: "Päivämäärä on sallitun ajan ulkopuolella", sv: "Datumet är utanför den tillåtna tiden", en: "The date is out of range" }
}

/// One row of the law: the periods of a regime from a date on.
struct Row {
    regime: Regime,
    /// The kind of organisation whose own act this row is; `None` for all others of the regime.
    organisation: Option<OrganisationKind>,
    /// The first date of publication of minutes to which it applies.
    valid_from: Date,
    /// Days from the publication of the minutes to deemed notice.
    notice_days: u32,
    remedy: Remedy,
    /// Days in which the remedy must be sought, the day of notice not counted.
    days: u32,
    /// The provisions on notice and on the remedy.
    law: Law,
}

/// The provisions that a row rests on, as they are cited in Finnish, Swedish and English.
struct Law {
    notice: [&'static str; 3],
    remedy: [&'static str; 3],
}

const fn date(year: i32, month: u32, day: u32) -> Date {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(date) => date,
        None => panic!("the table has a date that does not exist"),
    }
}

/// Shorthand for one row of [`TABLE`].
const fn row(
    regime: Regime,
    organisation: Option<OrganisationKind>,
    valid_from: Date,
    (remedy, days): (Remedy, u32),
    [notice, cited]: [[&'static str; 3]; 2],
) -> Row {
    Row { regime, organisation, valid_from, notice_days: 7, remedy, days, law: Law { notice, remedy: cited } }
}

const NOTICE: [&str; 3] =
    ["kuntalaki 410/2015, 140 §", "kommunallagen 410/2015, 140 §", "Local Government Act 410/2015 §140"];
const RECTIFICATION: [&str; 3] =
    ["kuntalaki 410/2015, 134 §", "kommunallagen 410/2015, 134 §", "Local Government Act 410/2015 §134"];
const APPEAL: [&str; 3] =
    ["kuntalaki 410/2015, 135 §", "kommunallagen 410/2015, 135 §", "Local Government Act 410/2015 §135"];
const COUNTY: [&str; 3] = [
    "laki hyvinvointialueesta 611/2021",
    "lagen om välfärdsområden 611/2021",
    "Act on Wellbeing Services Counties 611/2021",
];
const CHURCH: [&str; 3] = ["kirkkolaki 652/2023", "kyrkolagen 652/2023", "Church Act 652/2023"];
/// The act on counting days, as it is cited.
const COUNTING: [&str; 3] = ["laki 150/1930", "lagen 150/1930", "Act 150/1930"];

/// The law. An amendment is one more row with a later `valid_from`.
const TABLE: &[Row] = {
    use OrganisationKind::WellbeingServicesCounty as County;
    use Regime::{MunicipalBoard, MunicipalCouncil, ParishBoard, ParishCouncil};
    let (general, county, church) = (date(2017, 6, 1), date(2021, 7, 1), date(2023, 7, 1));
    let (appeal, rectification) = ((Remedy::Appeal, 30), (Remedy::Rectification, 14));
    &[
        row(MunicipalCouncil, None, general, appeal, [NOTICE, APPEAL]),
        row(MunicipalBoard, None, general, rectification, [NOTICE, RECTIFICATION]),
        row(MunicipalCouncil, Some(County), county, appeal, [COUNTY, COUNTY]),
        row(MunicipalBoard, Some(County), county, rectification, [COUNTY, COUNTY]),
        row(ParishCouncil, None, church, appeal, [CHURCH, CHURCH]),
        row(ParishBoard, None, church, rectification, [CHURCH, CHURCH]),
    ]
};

/// The days in which an appeal must be lodged after a claim for rectification was dismissed.
const APPEAL_DAYS: u32 = 30;

/// When a decision has legal force, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LegalEffect {
    /// The date on which those concerned are deemed to have had notice; null where no remedy lies.
    pub notice_on: Option<NaiveDate>,
    /// The last day on which the remedy can be sought; null where no remedy lies.
    pub last_day: Option<NaiveDate>,
    /// The date from which the decision has legal force.
    pub legal_force_on: NaiveDate,
    /// The ordinary remedy against the decision; null where none lies.
    pub remedy: Option<Remedy>,
    /// The reasoning, step by step.
    pub steps: Vec<LegalStep>,
}

/// One step of the reasoning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LegalStep {
    /// The date to which the step leads.
    pub on: NaiveDate,
    /// The rule that leads there, in words.
    pub text: Wording,
    /// The provision that has the rule, as it is cited; null where it is the absence of one.
    pub source: Option<Wording>,
}

/// The dates of a legal effect alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegalDates {
    /// The date of deemed notice.
    pub notice_on: Date,
    /// The last day of the remedy as counted, before it moves off a holiday.
    pub counted_to: Date,
    /// The last day of the remedy.
    pub last_day: Date,
    /// The date of legal force.
    pub legal_force_on: Date,
}

impl LegalDates {
    fn from_notice(notice_on: Date, days: u32) -> Self {
        let counted_to = days_after(notice_on, days);
        let last_day = holidays::working_day_from(counted_to);
        Self { notice_on, counted_to, last_day, legal_force_on: days_after(last_day, 1) }
    }
}

/// The row for a regime: an organisation's own act before the general one, the newest that is in force.
fn find(regime: Regime, organisation: Option<OrganisationKind>, on: Date) -> Result<&'static Row, Fault> {
    let of_regime = || TABLE.iter().filter(move |row| row.regime == regime);
    let own_act = of_regime().any(|row| row.organisation.is_some() && row.organisation == organisation);
    let rows = || of_regime().filter(move |row| row.organisation == organisation.filter(|_| own_act));
    rows().filter(|row| row.valid_from <= on).max_by_key(|row| row.valid_from).ok_or_else(|| {
        let first = rows().map(|row| row.valid_from).min();
        let detail = message!(
            fi: "Lainvoiman sääntöjä ei tunneta, kun pöytäkirjan julkaisupäivä on {on}.",
            sv: "Reglerna om laga kraft är inte kända för protokoll som publicerats {on}.",
            en: "No rules of legal force are known for minutes published on {on}.",
            on = on,
        );
        let detail = match first {
            None => detail,
            Some(first) => message!(
                fi: "{detail} Säännöt tunnetaan {first} alkaen.",
                sv: "{detail} Reglerna är kända från och med {first}.",
                en: "{detail} The rules are known from {first}.",
                detail = detail,
                first = first,
            ),
        };
        Fault::new(&BEFORE_VALIDITY, detail)
    })
}

fn in_range(on: Date) -> Result<(), Fault> {
    if (1900..=9000).contains(&on.year()) {
        Ok(())
    } else {
        Err(Fault::new(
            &OUT_OF_RANGE,
            message!(
                fi: "Päivämäärän on oltava vuosina 1900–9000, mutta se on {on}.",
                sv: "Datumet måste ligga inom åren 1900–9000, men är {on}.",
                en: "The date must be in the years 1900 to 9000, but is {on}.",
                on = on,
            ),
        ))
    }
}

/// The dates of [`legal_effect`] without the reasoning; `None` where no remedy lies.
///
/// # Errors
/// As [`legal_effect`].
pub fn legal_dates(
    regime: Regime,
    organisation: Option<OrganisationKind>,
    minutes_published_on: Date,
) -> Result<Option<LegalDates>, Fault> {
    in_range(minutes_published_on)?;
    if regime == Regime::None {
        return Ok(None);
    }
    let row = find(regime, organisation, minutes_published_on)?;
    Ok(Some(LegalDates::from_notice(days_after(minutes_published_on, row.notice_days), row.days)))
}

/// When a decision whose minutes were published on a date has legal force, and why.
///
/// `organisation` matters where a kind of organisation has an act of its own; without it the general rules of the
/// regime apply. With [`Regime::None`] the decision has effect on the date itself.
///
/// # Errors
/// [`BEFORE_VALIDITY`] before the first date from which the rules are known, [`OUT_OF_RANGE`].
pub fn legal_effect(
    regime: Regime,
    organisation: Option<OrganisationKind>,
    minutes_published_on: Date,
) -> Result<LegalEffect, Fault> {
    let Some(dates) = legal_dates(regime, organisation, minutes_published_on)? else {
        return Ok(immediate(minutes_published_on));
    };
    let row = find(regime, organisation, minutes_published_on)?;
    let days = row.notice_days;
    let notice = LegalStep {
        on: dates.notice_on,
        text: Wording::new(
            format!("Tiedoksisaannin katsotaan tapahtuneen {days} päivän kuluttua pöytäkirjan julkaisemisesta."),
            format!("Delfåendet anses ha skett {days} dagar efter att protokollet publicerades."),
            format!("Notice is deemed to have been had {days} days after the minutes were published."),
        ),
        source: Some(cite(row.law.notice)),
    };
    let mut steps = vec![published(minutes_published_on, row.law.notice), notice];
    steps.extend(remedy_steps(dates, row.remedy, row.days, row.law.remedy));
    Ok(LegalEffect {
        notice_on: Some(dates.notice_on),
        last_day: Some(dates.last_day),
        legal_force_on: dates.legal_force_on,
        remedy: Some(row.remedy),
        steps,
    })
}

/// When a decision has legal force after a claim for rectification against it was dismissed: an appeal can be
/// lodged within 30 days of notice of the dismissal.
///
/// # Errors
/// [`OUT_OF_RANGE`].
pub fn after_rectification_dismissed(notice_on: Date) -> Result<LegalEffect, Fault> {
    in_range(notice_on)?;
    let dates = LegalDates::from_notice(notice_on, APPEAL_DAYS);
    Ok(LegalEffect {
        notice_on: Some(notice_on),
        last_day: Some(dates.last_day),
        legal_force_on: dates.legal_force_on,
        remedy: Some(Remedy::Appeal),
        steps: remedy_steps(dates, Remedy::Appeal, APPEAL_DAYS, APPEAL),
    })
}

fn immediate(on: Date) -> LegalEffect {
    let step = LegalStep {
        on,
        text: Wording::new(
            "Päätökseen ei voi hakea muutosta, joten se on voimassa heti.",
            "Beslutet kan inte överklagas och gäller därför genast.",
            "No remedy lies against the decision, so it has effect at once.",
        ),
        source: None,
    };
    LegalEffect { notice_on: None, last_day: None, legal_force_on: on, remedy: None, steps: vec![step] }
}

fn published(on: Date, source: [&'static str; 3]) -> LegalStep {
    LegalStep {
        on,
        text: Wording::new(
            "Pöytäkirja julkaistaan yleisessä tietoverkossa.",
            "Protokollet publiceras i det allmänna datanätet.",
            "The minutes are published in the public data network.",
        ),
        source: Some(cite(source)),
    }
}

/// The steps from the date of notice to legal force.
fn remedy_steps(dates: LegalDates, remedy: Remedy, days: u32, source: [&'static str; 3]) -> Vec<LegalStep> {
    let [fi, sv, en] = match remedy {
        Remedy::Rectification => {
            ["Oikaisuvaatimus on tehtävä", "Omprövning ska begäras", "Rectification must be claimed"]
        }
        Remedy::Appeal => ["Valitus on tehtävä", "Besvär ska anföras", "An appeal must be lodged"],
    };
    let mut steps = vec![LegalStep {
        on: dates.counted_to,
        text: Wording::new(
            format!("{fi} {days} päivän kuluessa tiedoksisaannista; tiedoksisaantipäivää ei lasketa."),
            format!("{sv} inom {days} dagar från delfåendet; dagen för delfåendet räknas inte med."),
            format!("{en} within {days} days of notice; the day of notice is not counted."),
        ),
        source: Some(join(source, "2")),
    }];
    if dates.last_day != dates.counted_to {
        let [fi, sv, en] = closed_day(dates.counted_to);
        steps.push(LegalStep {
            on: dates.last_day,
            text: Wording::new(
                format!("Viimeinen päivä on {fi}, joten määräaika jatkuu seuraavaan arkipäivään."),
                format!("Sista dagen är {sv}, så fristen förlängs till nästa vardag."),
                format!("The last day is {en}, so the period runs on to the next working day."),
            ),
            source: Some(cite_counting("5")),
        });
    }
    steps.push(LegalStep {
        on: dates.legal_force_on,
        text: Wording::new(
            "Jos muutosta ei haeta, päätös on lainvoimainen määräajan päättymistä seuraavana päivänä.",
            "Om ändring inte söks vinner beslutet laga kraft dagen efter att fristen gått ut.",
            "If no remedy is sought, the decision has legal force on the day after the period ends.",
        ),
        source: Some(cite(source)),
    });
    steps
}

/// What makes a date no working day, in three languages.
fn closed_day(on: Date) -> [&'static str; 3] {
    match (holidays::holiday_on(on), on.weekday()) {
        (Some(holiday), _) => holiday.names(),
        (None, Weekday::Sat) => ["lauantai", "en lördag", "a Saturday"],
        (None, _) => ["sunnuntai", "en söndag", "a Sunday"],
    }
}

fn cite([fi, sv, en]: [&'static str; 3]) -> Wording {
    Wording::new(fi, sv, en)
}

/// A section of the act on counting days.
fn cite_counting(section: &str) -> Wording {
    let [fi, sv, en] = COUNTING;
    Wording::new(format!("{fi}, {section} §"), format!("{sv}, {section} §"), format!("{en} §{section}"))
}

/// A provision, and a section of the act on counting days.
fn join([fi, sv, en]: [&'static str; 3], section: &str) -> Wording {
    let counting = cite_counting(section);
    Wording::new(format!("{fi}; {}", counting.fi), format!("{sv}; {}", counting.sv), format!("{en}; {}", counting.en))
}

/// The regime of a body's decisions where its organisation has set no other.
pub fn default_regime(organisation: OrganisationKind, body: BodyKind) -> Regime {
    use BodyKind::{
        Board, Committee, Council, JointBoard, JointCouncil, NgoBoard, OfficeHolder, ParishBoard, ParishCouncil,
        Section, YouthCouncil,
    };
    use OrganisationKind::{JointAuthority, Municipality, Ngo, Other, Parish, StateAuthority, WellbeingServicesCounty};
    match (organisation, body) {
        (Municipality | JointAuthority | WellbeingServicesCounty, Council | JointCouncil) => Regime::MunicipalCouncil,
        (
            Municipality | JointAuthority | WellbeingServicesCounty,
            Board | JointBoard | Committee | Section | OfficeHolder,
        ) => Regime::MunicipalBoard,
        (Parish, ParishCouncil | Council | JointCouncil) => Regime::ParishCouncil,
        (Parish, ParishBoard | Board | JointBoard | Committee | Section | OfficeHolder) => Regime::ParishBoard,
        (Ngo | StateAuthority | Other, _)
        | (_, ParishCouncil | ParishBoard | NgoBoard | YouthCouncil | BodyKind::Other) => Regime::None,
    }
}

#[cfg(test)]
mod tests;
