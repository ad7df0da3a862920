//! The axis: which time the picture shows, and how it is divided.

use super::{LEFT, Layers, RIGHT};
use crate::timetable::picture::letters::{as_set, width};
use crate::timetable::picture::scene::Scene;
use crate::timetable::picture::shapes::{Face, Form, Ink, Shape};
use crate::timetable::picture::words::MONTHS;
use chrono::{Datelike, Days, Months, NaiveDate};
use yhteen_domain::text::Language;
use yhteen_domain::time::{Date, Instant, date_of, midnight};

/// The time that the picture shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    from: Date,
    to: Date,
}

impl Scale {
    /// From today, the first deadline or a start that is past to the last date that matters, with some room around.
    pub(super) fn of(scene: &Scene) -> Self {
        let steps = || scene.groups.iter().flat_map(|group| &group.lanes).flat_map(|lane| &lane.steps);
        let first = steps().filter_map(|step| step.place).map(|place| date_of(place.agenda_deadline)).min();
        let handled = steps().flat_map(|step| &step.handled).map(|handled| date_of(handled.at)).min();
        let from = first.into_iter().chain(handled).chain(scene.target_on).fold(scene.today, Date::min);
        let latest = steps().filter_map(|step| step.latest).map(date_of);
        let placed = steps().filter_map(|step| step.place);
        let placed = placed.flat_map(|place| [Some(date_of(place.decided_at)), place.legal_force_on]).flatten();
        let to = placed.chain(latest).chain(scene.target_on).chain(scene.earliest_on).fold(scene.today, Date::max);
        // Nothing is shown so large that days would look like weeks.
        let span = (to - from).num_days().unsigned_abs().max(42);
        let before = from.checked_sub_days(Days::new(2 + span / 60)).unwrap_or(from);
        let after = from.checked_add_days(Days::new(span + 4 + span / 25)).unwrap_or(to);
        Self { from: before, to: after }
    }

    /// Where an instant is.
    pub(super) fn x(self, at: Instant) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "thousands of years have far fewer seconds than 2^53")]
        let [passed, all] = [at, midnight(self.to)].map(|end| (end - midnight(self.from)).num_seconds().max(0) as f64);
        LEFT + (RIGHT - LEFT) * (passed / all.max(1.0)).clamp(0.0, 1.0)
    }

    /// Whether an instant is shown.
    pub(super) fn shows(self, at: Instant) -> bool {
        (midnight(self.from)..midnight(self.to)).contains(&at)
    }

    /// The days for which there is one pixel.
    fn days_per_pixel(self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "thousands of years have far fewer days than 2^53")]
        let days = (self.to - self.from).num_days() as f64;
        days / (RIGHT - LEFT)
    }

    /// How the time is divided: more coarsely the more of it there is.
    fn division(self) -> Division {
        let day = 1.0 / self.days_per_pixel();
        match () {
            () if day * 7.0 >= 38.0 => Division::Weeks,
            () if day * 30.4 >= 44.0 => Division::Months,
            () if day * 91.3 >= 34.0 => Division::Quarters,
            () => {
                let wide = |years: &i32| f64::from(*years) * day * 365.25 >= 52.0;
                Division::Years([1, 2, 5, 10, 20, 50, 100, 200, 500].into_iter().find(wide).unwrap_or(1000))
            }
        }
    }

    /// Each part of the time with its first day and the one after its last, from before the picture to after it.
    fn parts(self, division: Division) -> Vec<(Date, Date)> {
        let mut parts = Vec::new();
        let mut at = division.start(self.from);
        while let Some(from) = at.filter(|from| *from < self.to) {
            at = division.next(from).filter(|next| *next > from);
            parts.push((from, at.unwrap_or(self.to)));
        }
        parts
    }

    /// The labels of the axis: the larger parts above the smaller. Answers where they end.
    pub(super) fn labels(self, language: Language, y: f64, layers: &mut Layers) -> f64 {
        let division = self.division();
        let mut y = y;
        if let Some(above) = division.above() {
            self.row(above, language, y + 16.0, (12.0, Face::Bold, Ink::Text), layers);
            y += 17.0;
        }
        self.row(division, language, y + 16.0, (11.0, Face::Plain, Ink::Muted), layers);
        y + 25.0
    }

    fn row(
        self,
        division: Division,
        language: Language,
        y: f64,
        (size, face, ink): (f64, Face, Ink),
        layers: &mut Layers,
    ) {
        // What names a moment stands where that is; what names a part says so even where it is cut off.
        let moments = matches!(division, Division::Weeks | Division::Years(2..));
        for (from, to) in self.parts(division).into_iter().filter(|(from, _)| !moments || *from >= self.from) {
            let (left, right) = (self.x(midnight(from)), self.x(midnight(to)));
            let label = division.label(from, language);
            if width(&label, as_set(size, face)) + 6.0 > right - left {
                continue;
            }
            layers.label(Shape::text((left + 4.0, y), size, face, ink, label), Ink::Paper);
        }
    }

    /// The lines between the parts, through all lanes.
    pub(super) fn guides(self, (top, axis, bottom): (f64, f64, f64), layers: &mut Layers) {
        let division = self.division();
        let mut draw = |division: Division, from: f64, width: f64| {
            for (on, _) in self.parts(division).into_iter().filter(|(on, _)| *on > self.from) {
                let x = self.x(midnight(on));
                layers.guides.push(Shape::outlined(Form::Line(vec![(x, from), (x, bottom)]), Ink::Grid, width));
            }
        };
        draw(division, axis - 20.0, 1.0);
        if let Some(above) = division.above() {
            draw(above, top, 1.6);
        }
    }
}

/// How time is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Division {
    Weeks,
    Months,
    /// The same, called with their years.
    MonthsOfYears,
    Quarters,
    Years(i32),
}

impl Division {
    /// The division whose labels stand above.
    fn above(self) -> Option<Self> {
        match self {
            Self::Weeks => Some(Self::MonthsOfYears),
            Self::Months | Self::Quarters => Some(Self::Years(1)),
            Self::MonthsOfYears | Self::Years(_) => None,
        }
    }

    /// The first day of the part that a day is in.
    fn start(self, on: Date) -> Option<Date> {
        match self {
            Self::Weeks => on.checked_sub_days(Days::new(on.weekday().num_days_from_monday().into())),
            Self::Months | Self::MonthsOfYears => on.with_day(1),
            Self::Quarters => NaiveDate::from_ymd_opt(on.year(), on.month0() / 3 * 3 + 1, 1),
            Self::Years(years) => NaiveDate::from_ymd_opt(on.year().div_euclid(years) * years, 1, 1),
        }
    }

    /// The first day of the part after the one that begins on a day.
    fn next(self, from: Date) -> Option<Date> {
        match self {
            Self::Weeks => from.checked_add_days(Days::new(7)),
            Self::Months | Self::MonthsOfYears => from.checked_add_months(Months::new(1)),
            Self::Quarters => from.checked_add_months(Months::new(3)),
            Self::Years(years) => NaiveDate::from_ymd_opt(from.year() + years, 1, 1),
        }
    }

    /// What the part that begins on a day is called.
    fn label(self, from: Date, language: Language) -> String {
        let [fi, sv, en] = MONTHS;
        let month = |names: [&'static str; 12]| names.get(from.month0() as usize).copied().unwrap_or_default();
        let month = match language {
            Language::Fi => month(fi),
            Language::Sv => month(sv),
            Language::En => month(en),
        };
        match (self, language) {
            (Self::Weeks, Language::En) => format!("{} {month}", from.day()),
            (Self::Weeks, _) => format!("{}.{}.", from.day(), from.month()),
            (Self::Months, _) => month.to_owned(),
            // Over weeks there is nothing above.
            (Self::MonthsOfYears, Language::Fi) => format!("{month}kuu {}", from.year()),
            (Self::MonthsOfYears, _) => format!("{month} {}", from.year()),
            (Self::Quarters, _) => format!("Q{}", from.month0() / 3 + 1),
            (Self::Years(_), _) => from.year().to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(from: &str, to: &str) -> Scale {
        Scale { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn the_axis_thins_out_to_years() {
        let check = |from: &str, to: &str, expect: Division| {
            let scale = scale(from, to);
            let division = scale.division();
            assert_eq!(division, expect, "{from} {to}");
            let parts = scale.parts(division).len();
            assert!((2..=30).contains(&parts), "{from} {to}: {parts}");
        };
        check("2026-01-12", "2026-05-01", Division::Weeks);
        check("2026-01-12", "2027-06-01", Division::Months);
        check("2026-01-12", "2031-06-01", Division::Quarters);
        check("2026-01-12", "2040-06-01", Division::Years(1));
        check("1900-01-01", "8000-12-31", Division::Years(500));
    }
}
