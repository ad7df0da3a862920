//! The critical chain in words, such as "Kouvola council decides on 9 Nov → legal force 29 Dec → start".

use super::answer::{ChainLink, Timetable};
use crate::ids::StepId;
use crate::say::{Words, in_language, month};
use crate::text::{Language, Name};
use crate::time::{Date, date_of, midnight};
use crate::vocabulary::{Gate, StepFunction};
use chrono::Datelike;
use std::collections::BTreeMap;

/// Who handles a step, as it is told to a reader who may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handler {
    /// The name of the organisation.
    pub organisation: Name,
    /// The name of its body.
    pub body: Name,
    /// What the body does.
    pub function: StepFunction,
}

const START: Words = ["aloitus", "start", "start"];
const DRAFT: Words = ["esitys valmis", "förslaget klart", "draft ready"];
const NOTICE: Words = ["tiedoksisaanti", "delfående", "notice"];
const LEGAL_FORCE: Words = ["lainvoima", "laga kraft", "legal force"];

/// What a body has done. Finnish and Swedish name the deed, since the names of bodies cannot be inflected.
fn deed(function: StepFunction) -> Words {
    match function {
        StepFunction::Preparation => ["valmistelu", "beredning", "prepares on"],
        StepFunction::Consultation => ["lausunto", "utlåtande", "gives its opinion on"],
        StepFunction::Hearing => ["kuuleminen", "hörande", "is heard on"],
        StepFunction::Decision => ["päätös", "beslut", "decides on"],
        StepFunction::Notice => ["tiedoksianto", "för kännedom", "takes notice on"],
    }
}

/// A date as the language writes it, briefly, with the year where it is another than `this_year`.
pub fn written(on: Date, this_year: i32, language: Language) -> String {
    let (day, month) = (on.day(), month(on, language));
    let year = Some(on.year()).filter(|year| *year != this_year);
    let named = |month: &str| year.map_or_else(|| format!("{day} {month}"), |year| format!("{day} {month} {year}"));
    match language {
        Language::Fi => format!("{day}.{}.{}", on.month(), year.map(|year| year.to_string()).unwrap_or_default()),
        Language::Sv => format!("den {}", named(month)),
        Language::En => named(month.get(..3).unwrap_or(month)),
    }
}

/// A body with its organisation in front, unless the body's own name says whose it is ("Kouvolan kaupunginvaltuusto").
pub fn by_name(organisation: &Name, body: &Name, language: Language) -> String {
    /// What is in the names of many organisations.
    const COMMON: [&str; 12] = [
        "City",
        "Municipality",
        "Parish",
        "Council",
        "Board",
        "County",
        "Regional",
        "Joint",
        "Union",
        "Authority",
        "Services",
        "Wellbeing",
    ];
    let (organisation, body) = (organisation.in_language(language), body.in_language(language));
    let begins = |word: &str| word.chars().take(5).collect::<String>();
    let proper = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric());
        words
            .filter(|word| word.chars().count() >= 3 && word.starts_with(char::is_uppercase))
            .filter(|word| !COMMON.contains(word))
            .map(begins)
            .collect()
    };
    let named = proper(body);
    match language {
        _ if proper(organisation).iter().any(|word| named.contains(word)) => body.to_owned(),
        Language::Fi | Language::Sv => format!("{organisation}, {body}"),
        Language::En => format!("{organisation} {body}"),
    }
}

impl Timetable {
    /// Tells it to a reader who may know no more than `handlers` of its steps: the others are veiled, and the links of
    /// the critical chain are put into words, which joined by arrows make one sentence.
    #[must_use]
    pub fn told(mut self, handlers: &BTreeMap<StepId, Handler>, language: Language) -> Self {
        self.veil(|step| !handlers.contains_key(&step));
        let texts: Vec<_> = self.critical_chain.iter().map(|link| self.text(link, handlers, language)).collect();
        for (link, text) in self.critical_chain.iter_mut().zip(texts) {
            link.text = text;
        }
        self
    }

    fn text(&self, link: &ChainLink, handlers: &BTreeMap<StepId, Handler>, language: Language) -> Option<String> {
        let Some((step, gate)) = link.step_id.zip(link.gate) else {
            return Some(in_language(START, language).to_owned());
        };
        let Handler { organisation, body, function } = handlers.get(&step)?;
        let on = written(date_of(link.at), date_of(self.computed_at).year(), language);
        let body = by_name(organisation, body, language);
        let by_body = |what: Words| format!("{body}: {} {on}", in_language(what, language));
        let alone = |what: Words| format!("{} {on}", in_language(what, language));
        Some(match gate {
            Gate::Proposed => by_body(DRAFT),
            // Of a decision that is known by its certificate alone, nobody has said when it was taken.
            Gate::Decided if self.is_certificate(step, link) => by_body(LEGAL_FORCE),
            Gate::Decided if language == Language::En => {
                format!("{body} {} {on}", in_language(deed(*function), language))
            }
            Gate::Decided => by_body(deed(*function)),
            // The link before says whose.
            Gate::Notified => alone(NOTICE),
            Gate::Final => alone(LEGAL_FORCE),
        })
    }

    /// Whether the link is the date of legal force of a step.
    fn is_certificate(&self, step: StepId, link: &ChainLink) -> bool {
        let step = self.steps.iter().find(|it| it.step_id == step);
        let force_on = step.and_then(|step| step.earliest).and_then(|placement| placement.legal_force_on);
        force_on.is_some_and(|on| midnight(on) == link.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_whose_name_says_whose_it_is_stands_alone() {
        let name = |fi: &str, sv: &str, en: &str| {
            let [fi, sv, en] = [fi, sv, en].map(|text| Some(crate::text::Text::parse(text).unwrap()));
            Name { fi, sv, en }
        };
        let all = |organisation: &Name, body: &Name| {
            [Language::Fi, Language::Sv, Language::En].map(|language| by_name(organisation, body, language))
        };
        let city = name("Kotkan kaupunki", "Kotka stad", "City of Kotka");
        let council = name("Kotkan kaupunginvaltuusto", "Stadsfullmäktige i Kotka", "Kotka City Council");
        assert_eq!(
            all(&city, &council),
            ["Kotkan kaupunginvaltuusto", "Stadsfullmäktige i Kotka", "Kotka City Council"]
        );
        let board = name("Kaupunginhallitus", "Stadsstyrelsen", "City Board");
        assert_eq!(
            all(&city, &board),
            ["Kotkan kaupunki, Kaupunginhallitus", "Kotka stad, Stadsstyrelsen", "City of Kotka City Board"]
        );
    }

    #[test]
    fn dates_are_written_as_the_language_does() {
        let check = |on: &str, fi: &str, sv: &str, en: &str| {
            let on = on.parse().unwrap();
            let all = [Language::Fi, Language::Sv, Language::En].map(|language| written(on, 2026, language));
            assert_eq!(all, [fi, sv, en]);
        };
        check("2026-11-09", "9.11.", "den 9 november", "9 Nov");
        check("2026-12-29", "29.12.", "den 29 december", "29 Dec");
        check("2027-01-04", "4.1.2027", "den 4 januari 2027", "4 Jan 2027");
        check("2025-05-31", "31.5.2025", "den 31 maj 2025", "31 May 2025");
    }
}
