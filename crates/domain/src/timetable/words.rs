//! The critical chain in words, such as "Kouvola council 9 Nov decides → legal force 29 Dec → start".

use super::answer::{ChainLink, Timetable};
use super::model::NotApplicable;
use crate::fault::Message;
use crate::ids::StepId;
use crate::message;
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

/// The same word in Finnish, Swedish and English.
type Words = [&'static str; 3];

const START: Words = ["aloitus", "start", "start"];
const DRAFT: Words = ["esitys valmis", "förslaget klart", "draft ready"];
const NOTICE: Words = ["tiedoksisaanti", "delfående", "notice"];
const LEGAL_FORCE: Words = ["lainvoima", "laga kraft", "legal force"];

/// What a body has done. Finnish and Swedish name the deed, since the names of bodies cannot be inflected.
fn deed(function: StepFunction) -> Words {
    match function {
        StepFunction::Preparation => ["valmistelu", "beredning", "prepares"],
        StepFunction::Consultation => ["lausunto", "utlåtande", "gives its opinion"],
        StepFunction::Hearing => ["kuuleminen", "hörande", "is heard"],
        StepFunction::Decision => ["päätös", "beslut", "decides"],
        StepFunction::Notice => ["tiedoksianto", "för kännedom", "takes notice"],
    }
}

fn word([fi, sv, en]: Words, language: Language) -> &'static str {
    match language {
        Language::Fi => fi,
        Language::Sv => sv,
        Language::En => en,
    }
}

/// The month of a date, in full; Finnish writes it as a number.
pub(super) fn month(on: Date, language: Language) -> &'static str {
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

/// A date as the language writes it, briefly, with the year where it is another than `this_year`.
pub fn written(on: Date, this_year: i32, language: Language) -> String {
    let (day, month) = (on.day(), month(on, language));
    let year = Some(on.year()).filter(|year| *year != this_year);
    let named = |month: &str| year.map_or_else(|| format!("{day} {month}"), |year| format!("{day} {month} {year}"));
    match language {
        Language::Fi => format!("{day}.{}.{}", on.month(), year.map(|year| year.to_string()).unwrap_or_default()),
        Language::Sv => named(month),
        Language::En => named(month.get(..3).unwrap_or(month)),
    }
}

impl NotApplicable {
    /// Why nothing is planned, as one sentence.
    pub fn told(self) -> Message {
        match self {
            Self::Completed => message!(
                fi: "Toimenpide on toteutettu, eikä sille enää suunnitella aikataulua.",
                sv: "Åtgärden är genomförd, och inget planeras längre för den.",
                en: "The action is completed: nothing is planned for it any more."
            ),
            Self::Cancelled => message!(
                fi: "Toimenpide on peruttu, eikä sille enää suunnitella aikataulua.",
                sv: "Åtgärden är inställd, och inget planeras längre för den.",
                en: "The action is cancelled: nothing is planned for it any more."
            ),
            Self::OnHold => message!(
                fi: "Toimenpide on keskeytetty: aikataulu suunnitellaan, kun sitä jatketaan.",
                sv: "Åtgärden är pausad: tidtabellen planeras när den återupptas.",
                en: "The action is on hold: its timetable is planned when it is resumed."
            ),
        }
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
        let Some((step, gate)) = link.step_id.zip(link.gate) else { return Some(word(START, language).to_owned()) };
        let Handler { organisation, body, function } = handlers.get(&step)?;
        let on = written(date_of(link.at), date_of(self.computed_at).year(), language);
        let (organisation, body) = (organisation.in_language(language), body.in_language(language));
        let by_body = |what: Words| {
            let what = word(what, language);
            match language {
                Language::Fi | Language::Sv => format!("{organisation}, {body}: {what} {on}"),
                Language::En => format!("{organisation} {body}: {what} {on}"),
            }
        };
        let alone = |what: Words| format!("{} {on}", word(what, language));
        Some(match gate {
            Gate::Proposed => by_body(DRAFT),
            // Of a decision that is known by its certificate alone, nobody has said when it was taken.
            Gate::Decided if self.is_certificate(step, link) => by_body(LEGAL_FORCE),
            Gate::Decided if language == Language::En => {
                format!("{organisation} {body} {on} {}", word(deed(*function), language))
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
    fn dates_are_written_as_the_language_does() {
        let check = |on: &str, fi: &str, sv: &str, en: &str| {
            let on = on.parse().unwrap();
            let all = [Language::Fi, Language::Sv, Language::En].map(|language| written(on, 2026, language));
            assert_eq!(all, [fi, sv, en]);
        };
        check("2026-11-09", "9.11.", "9 november", "9 Nov");
        check("2026-12-29", "29.12.", "29 december", "29 Dec");
        check("2027-01-04", "4.1.2027", "4 januari 2027", "4 Jan 2027");
        check("2025-05-31", "31.5.2025", "31 maj 2025", "31 May 2025");
    }
}
