//! Levers in words, such as "Extra meeting of Kouvola council between 9 and 12 March: start 21 days earlier".

use super::{Lever, LeverKind};
use crate::ids::{MeetingId, StepId};
use crate::say::month;
use crate::text::Language;
use crate::time::Date;
use crate::timetable::words::{Handler, by_name};
use chrono::Datelike;
use std::collections::BTreeMap;

/// What the sentences name.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// Who handles the steps that the reader may know of.
    pub handlers: &'a BTreeMap<StepId, Handler>,
    /// The dates of the meetings.
    pub dates: &'a BTreeMap<MeetingId, Date>,
    /// A date in the year that is not written.
    pub today: Date,
    /// The language.
    pub language: Language,
}

impl Lever {
    /// Tells it to a reader who may know no more than the handlers of its names: it is veiled, and put into words.
    #[must_use]
    pub fn told(mut self, names: Names<'_>) -> Self {
        self.veil(|step| !names.handlers.contains_key(&step));
        self.text = self.deed(names).map(|deed| format!("{deed}: {}", self.gain(names)));
        self
    }

    /// What is done.
    fn deed(&self, names: Names<'_>) -> Option<String> {
        if self.kind == LeverKind::StartWhenDecided {
            let words = match names.language {
                Language::Fi => "Aloitus heti päätösten jälkeen lainvoimaa odottamatta",
                Language::Sv => "Start genast efter besluten utan att vänta på laga kraft",
                Language::En => "Start when all is decided, without waiting for legal force",
            };
            return Some(words.to_owned());
        }
        let body = names.body(self.step_id?)?;
        Some(match (self.kind, names.language) {
            (LeverKind::ExtraMeeting, language) => {
                let span = names.span(self.from?, self.to?);
                match language {
                    Language::Fi => format!("Ylimääräinen kokous, {body}, {span}"),
                    Language::Sv => format!("Extra sammanträde, {body}, {span}"),
                    Language::En => format!("Extra meeting of {body} {span}"),
                }
            }
            (LeverKind::LateItem, language) => {
                let on = names.written(*names.dates.get(&self.meeting_id?)?);
                let days = self.days?;
                match (language, days) {
                    (Language::Fi, 1) => format!("{body}: asia päivän määräajan jälkeen kokoukseen {on}"),
                    (Language::Fi, _) => format!("{body}: asia {days} päivää määräajan jälkeen kokoukseen {on}"),
                    (Language::Sv, 1) => format!("{body}: ärendet en dag efter tidsfristen till sammanträdet {on}"),
                    (Language::Sv, _) => {
                        format!("{body}: ärendet {days} dagar efter tidsfristen till sammanträdet {on}")
                    }
                    (Language::En, 1) => format!("{body} lets the matter in a day late for its meeting of {on}"),
                    (Language::En, _) => format!("{body} lets the matter in {days} days late for its meeting of {on}"),
                }
            }
            (LeverKind::StartWhenDecided | LeverKind::ParallelPreparation, language) => {
                let other = self.depends_on_step_id.and_then(|step| names.body(step));
                match (language, other) {
                    (Language::Fi, Some(other)) => format!("{body}: valmistelu samaan aikaan kuin {other}"),
                    (Language::Fi, None) => format!("{body}: valmistelu samaan aikaan kuin edeltävä vaihe"),
                    (Language::Sv, Some(other)) => format!("{body}: beredning samtidigt som {other}"),
                    (Language::Sv, None) => format!("{body}: beredning samtidigt som steget före"),
                    (Language::En, Some(other)) => format!("{body} prepares in parallel with {other}"),
                    (Language::En, None) => format!("{body} prepares in parallel with the step before"),
                }
            }
        })
    }

    /// What it brings.
    fn gain(&self, names: Names<'_>) -> String {
        let on = names.written(self.earliest_on);
        match (names.language, self.gain_days) {
            (Language::Fi, Some(1)) => "aloitus päivän aikaisemmin".to_owned(),
            (Language::Fi, Some(days)) => format!("aloitus {days} päivää aikaisemmin"),
            (Language::Fi, None) => format!("aloitus mahdollinen {on}"),
            (Language::Sv, Some(1)) => "start en dag tidigare".to_owned(),
            (Language::Sv, Some(days)) => format!("start {days} dagar tidigare"),
            (Language::Sv, None) => format!("start möjlig {on}"),
            (Language::En, Some(1)) => "start a day earlier".to_owned(),
            (Language::En, Some(days)) => format!("start {days} days earlier"),
            (Language::En, None) => format!("start possible on {on}"),
        }
    }
}

impl Names<'_> {
    /// Who handles a step.
    fn body(self, step: StepId) -> Option<String> {
        let Handler { organisation, body, .. } = self.handlers.get(&step)?;
        Some(by_name(organisation, body, self.language))
    }

    /// A date as the language writes it, with the year where it is another than that of today.
    fn written(self, on: Date) -> String {
        self.part(on, false, on.year() != self.today.year())
    }

    /// The day alone, or with its month, and with its year.
    fn part(self, on: Date, day_alone: bool, with_year: bool) -> String {
        let day = on.day();
        match (self.language, day_alone, with_year) {
            (Language::Fi, true, _) => format!("{day}."),
            (Language::Fi, false, false) => format!("{day}.{}.", on.month()),
            (Language::Fi, false, true) => format!("{day}.{}.{}", on.month(), on.year()),
            (language, true, _) => format!("{}{day}", den(language)),
            (language, false, false) => format!("{}{day} {}", den(language), month(on, language)),
            (language, false, true) => format!("{}{day} {} {}", den(language), month(on, language), on.year()),
        }
    }

    /// The days from one to another: a month or a year that both have is written once.
    fn span(self, from: Date, to: Date) -> String {
        let (same_year, same_month) = (from.year() == to.year(), from.month() == to.month());
        if from == to {
            let on = self.written(from);
            return if self.language == Language::En { format!("on {on}") } else { on };
        }
        let last = self.part(to, false, !same_year || to.year() != self.today.year());
        let first = self.part(from, same_year && same_month, !same_year);
        // Swedish has its article in front of the whole span.
        let last = last.trim_start_matches("den ");
        match self.language {
            Language::En => format!("between {first} and {last}"),
            // A dash between what has spaces is written with spaces.
            Language::Fi | Language::Sv if first.trim_start_matches("den ").contains(' ') => {
                format!("{first} – {last}")
            }
            Language::Fi | Language::Sv => format!("{first}–{last}"),
        }
    }
}

/// What stands before a Swedish date in a sentence.
fn den(language: Language) -> &'static str {
    if language == Language::Sv { "den " } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_names_what_both_days_have_once() {
        let check = |from: &str, to: &str, all: [&str; 3]| {
            let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
            let (handlers, dates) = (BTreeMap::new(), BTreeMap::new());
            let today = "2026-01-15".parse().unwrap();
            let said = [Language::Fi, Language::Sv, Language::En]
                .map(|language| Names { handlers: &handlers, dates: &dates, today, language }.span(from, to));
            assert_eq!(said, all);
        };
        check("2026-03-09", "2026-03-12", ["9.–12.3.", "den 9–12 mars", "between 9 and 12 March"]);
        check("2026-03-09", "2026-03-09", ["9.3.", "den 9 mars", "on 9 March"]);
        check(
            "2026-02-28",
            "2026-03-03",
            ["28.2.–3.3.", "den 28 februari – 3 mars", "between 28 February and 3 March"],
        );
        check("2027-03-09", "2027-03-12", ["9.–12.3.2027", "den 9–12 mars 2027", "between 9 and 12 March 2027"]);
        check(
            "2026-12-30",
            "2027-01-02",
            [
                "30.12.2026–2.1.2027",
                "den 30 december 2026 – 2 januari 2027",
                "between 30 December 2026 and 2 January 2027",
            ],
        );
    }
}
