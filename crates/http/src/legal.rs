//! The legal calendar over HTTP: when a decision gains legal force, and the days on which no period ends.

use crate::answer::Public;
use crate::extract::Params;
use crate::problem::Problem;
use actix_web::get;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::holidays::{Wording, holidays_of};
use yhteen_domain::legal::{LegalEffect, LegalStep, legal_effect};
use yhteen_domain::vocabulary::{OrganisationKind, Regime, Remedy};
use yhteen_domain::{Fault, codes, message};

/// The operations of the legal calendar.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_legal_effect).service(list_holidays);
}

/// Which decision.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LegalEffectQuery {
    /// The rules of law that apply.
    #[param(inline)]
    regime: Regime,
    /// The kind of organisation, which matters where it has an act of its own: the general rules apply without it.
    #[param(inline, nullable = false)]
    organisation_kind: Option<OrganisationKind>,
    /// The date on which the minutes were, or will be, published.
    minutes_published_on: NaiveDate,
}

/// When a decision gains legal force, and why.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LegalEffect)]
pub struct LegalEffectView {
    regime: Regime,
    #[schema(required)]
    organisation_kind: Option<OrganisationKind>,
    minutes_published_on: NaiveDate,
    /// The date on which those concerned are deemed to have had notice; null where no remedy lies.
    #[schema(required)]
    notice_on: Option<NaiveDate>,
    /// The last day on which the remedy can be sought; null where no remedy lies.
    #[schema(required)]
    last_day: Option<NaiveDate>,
    /// The date from which the decision has legal force, if no remedy is sought.
    legal_force_on: NaiveDate,
    /// The ordinary remedy against the decision; null where none lies.
    #[schema(required)]
    remedy: Option<Remedy>,
    /// The reasoning, step by step.
    steps: Vec<LegalStepView>,
}

/// One step of the reasoning.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LegalStep)]
pub struct LegalStepView {
    /// The date to which the step leads.
    on: NaiveDate,
    /// The rule that leads there, in words.
    text: Wording,
    /// The provision that has the rule, as it is cited; null where it is the absence of one.
    #[schema(required)]
    source: Option<Wording>,
}

impl LegalEffectView {
    fn of(query: &LegalEffectQuery, effect: LegalEffect) -> Self {
        let LegalEffectQuery { regime, organisation_kind, minutes_published_on } = *query;
        let LegalEffect { notice_on, last_day, legal_force_on, remedy, steps } = effect;
        let step = |LegalStep { on, text, source }| LegalStepView { on, text, source };
        Self {
            regime,
            organisation_kind,
            minutes_published_on,
            notice_on,
            last_day,
            legal_force_on,
            remedy,
            steps: steps.into_iter().map(step).collect(),
        }
    }
}

/// Compute when a decision gains legal force.
///
/// From the date on which its minutes are published: deemed notice, the period of the remedy, and the days on which
/// no period ends. Dates are calendar dates in Europe/Helsinki. A date for which the rules are not known is refused.
#[utoipa::path(tag = "Legal calendar", params(LegalEffectQuery), security(()),
    responses((status = 200, description = "When, and why", body = LegalEffectView)))]
#[get("/api/v1/legal-effect")]
pub async fn get_legal_effect(params: Params<LegalEffectQuery>) -> Result<Public<LegalEffectView>, Problem> {
    let query = params.get()?;
    let effect = legal_effect(query.regime, query.organisation_kind, query.minutes_published_on).map_err(|fault| {
        let detail = fault.detail.clone();
        fault.at("?minutes_published_on", "rules_unknown", detail)
    })?;
    Ok(Public(LegalEffectView::of(&query, effect)))
}

/// The years whose holidays are those of the present law: Epiphany and Ascension Day have had their own days back since
/// 1992.
const KNOWN_YEARS: std::ops::RangeInclusive<i32> = 1992..=*yhteen_domain::time::YEARS.end();

/// Which year.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HolidaysQuery {
    /// The year. Before 1992 the law had Epiphany and Ascension Day on other days than it has now.
    #[param(minimum = 1992, maximum = 8000)]
    year: i32,
}

/// The named days of a year on which no period of law ends.
#[derive(Debug, Serialize, ToSchema)]
pub struct Holidays {
    year: i32,
    /// The days in order.
    items: Vec<HolidayView>,
}

/// A named day on which no period of law ends.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Holiday)]
pub struct HolidayView {
    on: NaiveDate,
    name: Wording,
}

/// List the holidays of a year.
///
/// The named days on which no period of law ends (Act 150/1930 §5). None ends on another Saturday or Sunday either.
#[utoipa::path(tag = "Legal calendar", params(HolidaysQuery), security(()),
    responses((status = 200, description = "The holidays", body = Holidays)))]
#[get("/api/v1/holidays")]
pub async fn list_holidays(params: Params<HolidaysQuery>) -> Result<Public<Holidays>, Problem> {
    let HolidaysQuery { year } = params.get()?;
    if !KNOWN_YEARS.contains(&year) {
        let detail = message!(
            fi: "Parametrin year on oltava 1992–8000: vuoteen 1991 loppiainen ja helatorstai olivat lain mukaan lauantaisin, eikä palvelu tunne niiden vuosien pyhäpäiviä.",
            sv: "Parametern year måste vara 1992–8000: till och med 1991 inföll trettondagen och Kristi himmelsfärdsdag enligt lag på lördagar, och tjänsten känner inte till helgdagarna för de åren.",
            en: "The parameter year must be from 1992 to 8000: until 1991 the law placed Epiphany and Ascension Day on Saturdays, and the holidays of those years are not known here.",
        );
        return Err(Fault::new(&codes::BAD_PARAMETER, detail.clone()).at("?year", "out_of_range", detail).into());
    }
    let items = holidays_of(year).into_iter().map(|(on, holiday)| HolidayView { on, name: holiday.name() });
    Ok(Public(Holidays { year, items: items.collect() }))
}
