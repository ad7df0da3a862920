//! How values are written in the sentences of each language.

use crate::fault::{Message, Reference};
use crate::ids::{BodyId, OrganisationId, StepId};
use crate::text::{Language, Localised};
use crate::time::{Date, Instant, date_of};
use chrono::{Datelike, Timelike};

/// The same words in Finnish, Swedish and English.
pub type Words = [&'static str; 3];

/// A value that may stand in a [`message!`](crate::message), each language having its way of writing it.
pub trait Say {
    /// The value as the language writes it.
    fn say(&self, language: Language) -> String;

    /// What it names by identifier, where the sentence may get a name later.
    fn reference(&self) -> Option<Reference> {
        None
    }
}

macro_rules! alike {
    ($($name:ty)+) => {$(impl Say for $name {
        fn say(&self, _: Language) -> String {
            self.to_string()
        }
    })+};
}

alike!(str String u16 u32 i32 i64 u64 usize);

impl<T: Say + ?Sized> Say for &T {
    fn say(&self, language: Language) -> String {
        T::say(self, language)
    }

    fn reference(&self) -> Option<Reference> {
        T::reference(self)
    }
}

macro_rules! named {
    ($($id:ty, $kind:ident;)+) => {$(impl Say for $id {
        fn say(&self, _: Language) -> String {
            self.to_string()
        }

        fn reference(&self) -> Option<Reference> {
            Some(Reference::$kind(*self))
        }
    })+};
}

named! {
    OrganisationId, Organisation;
    BodyId, Body;
    StepId, Step;
}

impl Say for Words {
    fn say(&self, language: Language) -> String {
        in_language(*self, language).to_owned()
    }
}

impl Say for Message {
    fn say(&self, language: Language) -> String {
        self.in_language(language).to_owned()
    }
}

impl<const MAX: usize> Say for Localised<MAX> {
    fn say(&self, language: Language) -> String {
        self.in_language(language).to_owned()
    }
}

/// With its year: `9.11.2026`, `den 9 november 2026`, `9 November 2026`.
impl Say for Date {
    fn say(&self, language: Language) -> String {
        let (day, month, year) = (self.day(), month(*self, language), self.year());
        match language {
            Language::Fi => format!("{day}.{}.{year}", self.month()),
            Language::Sv => format!("den {day} {month} {year}"),
            Language::En => format!("{day} {month} {year}"),
        }
    }
}

/// In Finnish time, with the date.
impl Say for Instant {
    fn say(&self, language: Language) -> String {
        let local = self.with_timezone(&chrono_tz::Europe::Helsinki);
        let (on, hour, minute) = (date_of(*self).say(language), local.hour(), local.minute());
        match language {
            Language::Fi => format!("{on} klo {hour}.{minute:02}"),
            Language::Sv => format!("{on} kl. {hour}.{minute:02}"),
            Language::En => format!("{on} at {hour}:{minute:02}"),
        }
    }
}

/// The one of three that is in the language.
pub fn in_language<T>([fi, sv, en]: [T; 3], language: Language) -> T {
    match language {
        Language::Fi => fi,
        Language::Sv => sv,
        Language::En => en,
    }
}

/// The month of a date, in full; Finnish writes it as a number.
pub fn month(on: Date, language: Language) -> &'static str {
    const SV: [&str; 12] = [
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    ];
    const EN: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let months = match language {
        Language::Fi => return "",
        Language::Sv => SV,
        Language::En => EN,
    };
    months.get(on.month0() as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each(value: impl Say) -> [String; 3] {
        [Language::Fi, Language::Sv, Language::En].map(|language| value.say(language))
    }

    #[test]
    fn dates_and_times_are_written_as_the_language_does() {
        let on: Date = "2026-11-09".parse().unwrap();
        assert_eq!(each(on), ["9.11.2026", "den 9 november 2026", "9 November 2026"]);
        let at: Instant = "2026-11-09T22:05:00Z".parse().unwrap();
        assert_eq!(each(at), ["10.11.2026 klo 0.05", "den 10 november 2026 kl. 0.05", "10 November 2026 at 0:05"]);
    }
}
