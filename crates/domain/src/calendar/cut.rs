//! A calendar that has more than one answer holds is cut off, and says so where its reader looks.
//!
//! Whoever writes much into its own calendar takes no one else's away: nothing is refused for its size.

use super::{Entry, MOST_ACTIONS, MOST_ENTRIES, Span};
use crate::holidays::Wording;
use crate::icalendar::write::{Event, Status, When};
use crate::text::Language;
use crate::time::{Date, date_of};

/// The parameters by which a calendar is narrowed, and the members of a feed's filters.
pub const NARROW_BY: [&str; 5] = ["organisation_id", "body_id", "programme_id", "action_id", "kind"];

/// What a calendar shows, in order of time, and where it was cut off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// The entries that are shown.
    pub entries: Vec<Entry>,
    /// Where the rest was cut off, if there was more.
    pub cut: Option<Cut>,
}

/// Where a calendar was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The last day of which all is shown. None where no day is known to be complete: the first day alone has too many
    /// entries, or more actions have decisions than one calendar looks through.
    pub until: Option<Date>,
    /// The day on which a file says so.
    on: Date,
}

impl Calendar {
    /// The calendar of these days: complete days up to the limit, or the beginning of the first day where that alone is
    /// too long. `entries` hold of each kind at least the first ones, one more than the limit where there are as many;
    /// `looked_through` is false where decisions of some actions were left out.
    pub fn of(mut entries: Vec<Entry>, span: Span, looked_through: bool) -> Self {
        entries.sort_by_cached_key(Entry::place);
        let day = |entry: &Entry| date_of(entry.begins_at());
        let until = match entries.get(MOST_ENTRIES).map(day) {
            Some(first_cut) => {
                let last = first_cut.pred_opt().filter(|last| span.holds(*last));
                entries.truncate(MOST_ENTRIES);
                if let Some(last) = last {
                    entries.retain(|entry| day(entry) <= last);
                }
                last
            }
            None if looked_through => return Self { entries, cut: None },
            None => None,
        };
        let until = until.filter(|_| looked_through);
        let on = until.or_else(|| entries.last().map(day)).unwrap_or(span.to);
        Self { entries, cut: Some(Cut { until, on }) }
    }

    /// The entries as events of a file in a language, with the notice that it was cut off where it was; and what the
    /// file says of itself then.
    pub fn events(&self, language: Language, service: &str, host: &str) -> (Vec<Event>, Option<String>) {
        let mut events: Vec<Event> = self.entries.iter().map(|entry| entry.event(language, service, host)).collect();
        let Some(cut) = self.cut else { return (events, None) };
        let description = super::told(&cut.notice(), language).to_owned();
        let title = Wording::new("Kalenterista puuttuu merkintöjä", "Kalendern är ofullständig", "Calendar cut off");
        // The file follows from its entries alone: so does the time of the notice.
        let revised_at = self.entries.iter().map(|entry| entry.updated_at).max().unwrap_or_default();
        events.push(Event {
            uid: format!("cut-off@{host}"),
            sequence: 0,
            revised_at,
            when: When::Day(cut.on),
            status: Status::Confirmed,
            busy: false,
            summary: super::told(&title, language).to_owned(),
            description: Some(description.clone()),
            location: None,
            categories: Vec::new(),
            kind: None,
            url: format!("{service}/docs"),
        });
        (events, Some(description))
    }
}

impl Cut {
    /// What was cut off and how to see it, in words.
    pub fn notice(self) -> Wording {
        let by = NARROW_BY.join(", ");
        match self.until {
            Some(until) => {
                let (fi, en) = (until.format("%-d.%-m.%Y"), until.format("%-d %B %Y"));
                Wording::new(
                    format!(
                        "Kalenterissa on enintään {MOST_ENTRIES} merkintää. Se on täydellinen {fi} asti; myöhemmät merkinnät puuttuvat. Rajaa sitä parametreilla {by}, tai aloita myöhemmin (from)."
                    ),
                    format!(
                        "Kalendern rymmer högst {MOST_ENTRIES} poster. Den är fullständig till och med den {fi}; senare poster saknas. Begränsa den med parametrarna {by}, eller börja senare (from)."
                    ),
                    format!(
                        "A calendar holds at most {MOST_ENTRIES} entries. It is complete up to {en}; later entries are missing. Narrow it by the parameters {by}, or begin later (from)."
                    ),
                )
            }
            None => Wording::new(
                format!(
                    "Kalenterissa on enintään {MOST_ENTRIES} merkintää ja enintään {MOST_ACTIONS} toimenpiteen päätökset. Osa merkinnöistä puuttuu. Rajaa sitä parametreilla {by}."
                ),
                format!(
                    "Kalendern rymmer högst {MOST_ENTRIES} poster och besluten i högst {MOST_ACTIONS} åtgärder. En del poster saknas. Begränsa den med parametrarna {by}."
                ),
                format!(
                    "A calendar holds at most {MOST_ENTRIES} entries and the decisions of at most {MOST_ACTIONS} actions. Some entries are missing. Narrow it by the parameters {by}."
                ),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{About, CalendarKind};
    use crate::ids::{Id, PeriodId, ProgrammeId};
    use crate::time::days_after;

    fn day(number: u32) -> Date {
        days_after("2026-01-01".parse().unwrap(), number)
    }

    fn entry(on: Date) -> Entry {
        let id = uuid::Uuid::nil();
        Entry {
            kind: CalendarKind::ReportDue,
            when: When::Day(on),
            status: Status::Confirmed,
            title: Wording::new("", "", ""),
            location: None,
            tags: Vec::new(),
            about: About::Period { id: PeriodId::from_uuid(id), programme: ProgrammeId::from_uuid(id) },
            version: 1,
            updated_at: crate::time::midnight(on),
        }
    }

    /// How many entries are shown of a calendar with `each` entries on each of `days`, and up to when.
    fn shown(days: u32, each: usize, looked_through: bool) -> (usize, Option<Option<Date>>) {
        let entries = (0..days).rev().flat_map(|number| vec![entry(day(number)); each]).collect();
        let span = Span { from: day(0), to: day(365) };
        let calendar = Calendar::of(entries, span, looked_through);
        (calendar.entries.len(), calendar.cut.map(|cut| cut.until))
    }

    #[test]
    fn whole_days_are_shown_up_to_the_limit() {
        assert_eq!(shown(0, 1, true), (0, None));
        assert_eq!(shown(50, 100, true), (5_000, None));
        assert_eq!(shown(51, 100, true), (5_000, Some(Some(day(49)))));
        assert_eq!(shown(100, 99, true), (4_950, Some(Some(day(49)))));
        // One day alone is too long.
        assert_eq!(shown(1, 6_000, true), (5_000, Some(None)));
        assert_eq!(shown(10, 100, false), (1_000, Some(None)));
        assert_eq!(shown(60, 100, false), (5_000, Some(None)));
    }

    #[test]
    fn a_file_that_is_cut_off_says_so_on_its_last_day() {
        let entries = (0..6).flat_map(|number| vec![entry(day(number)); 1_000]).collect();
        let calendar = Calendar::of(entries, Span { from: day(0), to: day(365) }, true);
        let (events, description) = calendar.events(Language::Sv, "https://yhteen.example", "yhteen.example");
        let notice = events.last().unwrap();
        assert_eq!((events.len(), &notice.when), (5_001, &When::Day(day(4))));
        assert_eq!(notice.description, description);
        assert!(description.unwrap().contains("till och med den 5.1.2026"));
        let none = Calendar::default().events(Language::Fi, "https://yhteen.example", "yhteen.example");
        assert_eq!(none, (Vec::new(), None));
    }
}
