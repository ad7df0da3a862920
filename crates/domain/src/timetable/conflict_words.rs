//! Conflicts in words. Finnish and Swedish put names in front, since they cannot be inflected.

use super::conflicts::{Conflict, ConflictKind};
use super::words::{by_name, written};
use crate::text::{Language, Name};
use crate::time::Date;
use chrono::Datelike;

/// Who has to do with a conflict, as far as its reader may know.
#[derive(Clone, Copy, Debug, Default)]
pub struct Concerned<'a> {
    /// The organisation of the step's body, or the one that has withdrawn.
    pub organisation: Option<&'a Name>,
    /// The step's body.
    pub body: Option<&'a Name>,
}

impl Conflict {
    /// The conflict in a sentence, as it is told on the day `today`.
    pub fn told(&self, concerned: Concerned<'_>, today: Date, language: Language) -> String {
        let date = |on: Option<Date>| on.map(|on| written(on, today.year(), language)).unwrap_or_default();
        let what = self.what(&date(self.on), &date(self.beside), language);
        let who = match (concerned.organisation, concerned.body) {
            (Some(organisation), Some(body)) => by_name(organisation, body, language),
            (Some(name), None) | (None, Some(name)) => name.in_language(language).to_owned(),
            (None, None) => return what,
        };
        format!("{who}: {what}")
    }

    fn what(&self, on: &str, beside: &str, language: Language) -> String {
        let [fi, sv, en] = match self.kind {
            ConflictKind::BookingTooEarly => [
                format!("varaus {beside} on liian aikainen, sillä vaiheen edellytykset eivät täyty siihen mennessä."),
                format!("bokningen {beside} är för tidig, eftersom det som steget förutsätter inte är klart då."),
                format!("the booking for {beside} is too early: what the step needs is not done by then."),
            ],
            ConflictKind::BookingMissed => [
                format!("asiaa ei jätetty käsiteltäväksi {beside}, ja esityslistan määräaika päättyi {on}"),
                format!("ärendet lämnades inte in till sammanträdet {beside}, och tidsfristen gick ut {on}."),
                format!("the matter was not handed in for {beside}, and the agenda deadline was {on}."),
            ],
            ConflictKind::BookingCancelled => [
                format!("kokous {beside} on peruttu, mutta vaihe on yhä varattu siihen."),
                format!("sammanträdet {beside} är inställt, men steget är fortfarande bokat till det."),
                format!("the meeting of {beside} is cancelled, but the step is still booked for it."),
            ],
            ConflictKind::BodyEnds => [
                "toimielimen toiminta päättyy, ennen kuin se ehtii päättää.".to_owned(),
                "organet upphör innan det hinner besluta.".to_owned(),
                "the body ceases to exist before it can decide.".to_owned(),
            ],
            ConflictKind::CalendarMissing if self.on.is_none() => [
                "mikään tiedossa oleva kokous ei sovi vaiheelle.".to_owned(),
                "inget känt sammanträde passar steget.".to_owned(),
                "no known meeting fits the step.".to_owned(),
            ],
            ConflictKind::CalendarMissing => [
                format!(
                    "mikään tiedossa oleva kokous ei sovi vaiheelle; esityslistan määräaika saa olla aikaisintaan {on}"
                ),
                format!(
                    "inget känt sammanträde passar steget; tidsfristen för föredragningslistan får vara tidigast {on}."
                ),
                format!("no known meeting fits the step, which needs an agenda deadline on {on} or later."),
            ],
            ConflictKind::MinutesOverdue => [
                format!("kokouksen {beside} pöytäkirjaa ei ole merkitty julkaistuksi, vaikka määräpäivä oli {on}"),
                format!(
                    "protokollet från sammanträdet {beside} har inte antecknats som publicerat, fast det skulle ha publicerats {on}."
                ),
                format!("the minutes of {beside} were due on {on} and are not recorded as published."),
            ],
            ConflictKind::StepRejected => {
                [format!("kielteinen päätös {beside}"), format!("avslag {beside}."), format!("rejected on {beside}.")]
            }
            ConflictKind::StepWithdrawn => [
                format!("asia on poistettu käsittelystä {beside}"),
                format!("ärendet drogs tillbaka {beside}."),
                format!("the matter was withdrawn on {beside}."),
            ],
            ConflictKind::StepAnnulled => [
                format!("päätös {beside} on kumottu."),
                format!("beslutet {beside} har upphävts."),
                format!("the decision of {beside} was annulled."),
            ],
            ConflictKind::StartTooEarly => [
                format!("Suunniteltu aloitus on {on}, mutta aikaisin mahdollinen on {beside}"),
                format!("Den planerade starten är {on}, men den tidigast möjliga är {beside}."),
                format!("The start is planned for {on}, and the earliest possible is {beside}."),
            ],
            ConflictKind::ParticipantWithdrawn => [
                format!("vetäytyi {on}, vaikka toimenpiteestä oli jo sovittu."),
                format!("drog sig ur {on}, efter att åtgärden hade överenskommits."),
                format!("withdrew on {on}, after the action was agreed on."),
            ],
        };
        let text = match language {
            Language::Fi => fi,
            Language::Sv => sv,
            Language::En => en,
        };
        // A Finnish date without a year has its full stop already; one with a year has not.
        if text.ends_with('.') { text } else { text + "." }
    }
}
