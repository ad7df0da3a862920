//! How a report goes on: the state machine and the conditions of its transitions.

use super::{
    ACTION_NOT_AGREED, ALREADY_ACCEPTED, ALREADY_SUBMITTED, Content, INCOMPLETE, Last, NOT_OPEN_YET, NOT_PARTICIPANT,
    NOT_SUBMITTED, PERIOD_LOCKED, REVISION_OPEN, Report, ReportState, Signature, Standing, Subject, Window,
};
use crate::fault::{Culprit, Fault};
use crate::ids::ReportId;
use crate::message;
use crate::meta::Meta;
use crate::text::{TEXT, Text};
use crate::time::{Date, Instant};

/// A missing condition, with the code of a refusal for its want.
type Missing = (&'static crate::Code, Culprit);

fn missing(code: &'static crate::Code, name: &'static str, detail: crate::Message) -> Missing {
    (code, Culprit::new("", name, detail))
}

/// Refuses where conditions are missing: with the code of the first, and one culprit for each.
fn refuse(missing: Vec<Missing>) -> Result<(), Fault> {
    let Some((code, first)) = missing.first() else { return Ok(()) };
    let fault = Fault::new(code, first.detail.clone());
    Err(fault.with(missing.into_iter().map(|(_, culprit)| culprit)))
}

impl Standing {
    fn missing(self) -> impl Iterator<Item = Missing> {
        let action = (!self.action_ran).then(|| {
            let detail = message!(
                fi: "Toimenpiteestä ei ollut sovittu eikä sitä toteutettu minään kauden päivänä.",
                sv: "Åtgärden var varken överenskommen eller pågående under någon dag av perioden.",
                en: "The action was neither agreed nor in progress on any day of the period.",
            );
            missing(&ACTION_NOT_AGREED, "action_not_agreed", detail)
        });
        let participant = (!self.took_part).then(|| {
            let detail = message!(
                fi: "Organisaatio ei ollut sitoutunut toimenpiteeseen minään sellaisena kauden päivänä, jona toimenpiteestä oli sovittu tai sitä toteutettiin, eikä se vastaa sellaisen edeltäjänsä raportista, joka olisi sen velkaa.",
                sv: "Organisationen hade inte förbundit sig till åtgärden under någon dag av perioden då åtgärden var överenskommen eller pågående, och den svarar inte för någon föregångare som är skyldig en rapport.",
                en: "On no day of the period on which the action was agreed or in progress was the organisation committed to it, and it answers for no predecessor that owes a report.",
            );
            missing(&NOT_PARTICIPANT, "not_participant", detail)
        });
        action.into_iter().chain(participant)
    }
}

impl Window {
    fn missing(self, today: Date) -> Option<Missing> {
        if today < self.opens_on {
            let detail = message!(
                fi: "Raportteja otetaan vastaan {opens_on} alkaen.",
                sv: "Rapporter tas emot från och med {opens_on}.",
                en: "Reports can be submitted from {opens_on}.",
                opens_on = self.opens_on,
            );
            return Some(missing(&NOT_OPEN_YET, "not_open_yet", detail));
        }
        match self.extended_until {
            _ if !self.locked => None,
            Some(until) if today <= until => None,
            Some(until) => {
                let detail = message!(
                    fi: "Raportointikausi on lukittu, ja lisäaika päättyi {until}.",
                    sv: "Rapporteringsperioden är låst, och den förlängda tiden gick ut {until}.",
                    en: "The reporting period is locked, and the extension ended on {until}.",
                    until = until,
                );
                Some(missing(&PERIOD_LOCKED, "period_locked", detail))
            }
            None => Some(missing(
                &PERIOD_LOCKED,
                "period_locked",
                message!(
                    fi: "Raportointikausi on lukittu.",
                    sv: "Rapporteringsperioden är låst.",
                    en: "The reporting period is locked.",
                ),
            )),
        }
    }
}

impl Content {
    fn missing(&self) -> impl Iterator<Item = Missing> {
        let rating = self.rating.is_none().then(|| {
            missing(
                &INCOMPLETE,
                "rating_missing",
                message!(
                    fi: "Arvio edistymisestä puuttuu.",
                    sv: "Bedömningen av framstegen saknas.",
                    en: "The rating is missing.",
                ),
            )
        });
        let summary = self.summary.is_none().then(|| {
            missing(
                &INCOMPLETE,
                "summary_missing",
                message!(
                    fi: "Yhteenveto puuttuu.",
                    sv: "Sammanfattningen saknas.",
                    en: "The summary is missing.",
                ),
            )
        });
        rating.into_iter().chain(summary)
    }
}

impl Report {
    /// A new report in draft: the first, or a revision of an accepted one.
    pub fn draft(
        id: ReportId,
        subject: Subject,
        content: Content,
        standing: Standing,
        last: Option<Last>,
        now: Instant,
    ) -> Result<Self, Fault> {
        let content = content.checked()?;
        refuse(standing.missing().collect())?;
        let Subject { programme_id, action_id, organisation_id, period_id } = subject;
        let revision = match last {
            None => 1,
            Some(Last { revision, state: ReportState::Accepted }) => revision.saturating_add(1),
            Some(Last { revision, state }) => {
                let detail = message!(
                    fi: "Version {revision} tila on {state}. Uuden version voi aloittaa vasta, kun edellinen on hyväksytty.",
                    sv: "Version {revision} är {state}. En ny version kan påbörjas först när den föregående är godkänd.",
                    en: "Revision {revision} is {state}. A new one can be begun only when the last is accepted.",
                    state = state.words(),
                );
                return Err(Fault::new(&REVISION_OPEN, detail.clone()).at("", "revision_open", detail));
            }
        };
        Ok(Self {
            id,
            meta: Meta::new(now),
            programme_id,
            action_id,
            organisation_id,
            period_id,
            revision,
            state: ReportState::Draft,
            content,
            review_note: None,
            submitted: None,
            reviewed: None,
            superseded_by_id: None,
        })
    }

    /// The same with other content; as it is where that is not another one.
    pub fn changed(self, content: Content, now: Instant) -> Result<Self, Fault> {
        let content = content.checked()?;
        if content == self.content {
            return Ok(self);
        }
        self.refuse_unless_open()?;
        Ok(Self { content, meta: self.meta.changed(now), ..self })
    }

    /// Handed in to the coordinator.
    pub fn submit(self, standing: Standing, window: Window, today: Date, by: Signature) -> Result<Self, Fault> {
        self.refuse_unless_open()?;
        refuse(window.missing(today).into_iter().chain(standing.missing()).chain(self.content.missing()).collect())?;
        Ok(Self { state: ReportState::Submitted, submitted: Some(by), meta: self.meta.changed(by.at), ..self })
    }

    /// Sent back to be completed, with the reason.
    pub fn give_back(self, note: Text<TEXT>, by: Signature) -> Result<Self, Fault> {
        Ok(Self { review_note: Some(note), ..self.reviewed(ReportState::Returned, by)? })
    }

    /// Final.
    pub fn accept(self, by: Signature) -> Result<Self, Fault> {
        self.reviewed(ReportState::Accepted, by)
    }

    /// Refuses to delete what has ever been submitted.
    pub fn refuse_deletion(&self) -> Result<(), Fault> {
        match self.state {
            ReportState::Draft => Ok(()),
            ReportState::Accepted => Err(already_accepted()),
            ReportState::Submitted | ReportState::Returned => Err(Fault::new(
                &ALREADY_SUBMITTED,
                message!(
                    fi: "Raportti on jo lähetetty, joten sitä ei voi poistaa.",
                    sv: "Rapporten har redan lämnats in och kan därför inte raderas.",
                    en: "The report has been submitted, so it cannot be deleted.",
                ),
            )),
        }
    }

    fn reviewed(self, to: ReportState, by: Signature) -> Result<Self, Fault> {
        match self.state {
            ReportState::Submitted => {
                Ok(Self { state: to, reviewed: Some(by), meta: self.meta.changed(by.at), ..self })
            }
            ReportState::Accepted => Err(already_accepted()),
            ReportState::Draft | ReportState::Returned => {
                let detail = message!(
                    fi: "Raportin tila on {state}. Tämä on mahdollista vain, kun raportti on lähetetty.",
                    sv: "Rapporten är {state}. Detta är möjligt endast när rapporten är inlämnad.",
                    en: "The report is {state}. This is possible only when it is submitted.",
                    state = self.state.words(),
                );
                Err(Fault::new(&NOT_SUBMITTED, detail))
            }
        }
    }

    /// A draft and a returned report are open to their author.
    pub fn is_open(&self) -> bool {
        matches!(self.state, ReportState::Draft | ReportState::Returned)
    }

    fn refuse_unless_open(&self) -> Result<(), Fault> {
        match self.state {
            ReportState::Draft | ReportState::Returned => Ok(()),
            ReportState::Submitted => Err(Fault::new(
                &ALREADY_SUBMITTED,
                message!(
                    fi: "Raportti on koordinaattorin käsiteltävänä.",
                    sv: "Rapporten behandlas av koordinatorn.",
                    en: "The report is being reviewed by the coordinator.",
                ),
            )),
            ReportState::Accepted => Err(already_accepted()),
        }
    }
}

fn already_accepted() -> Fault {
    Fault::new(
        &ALREADY_ACCEPTED,
        message!(
            fi: "Hyväksyttyä raporttia ei voi muuttaa: korjaa se uudella versiolla.",
            sv: "En godkänd rapport kan inte ändras: rätta den med en ny version.",
            en: "An accepted report cannot be changed: correct it with a new revision.",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audience::{Audience, Key};
    use crate::reports::{ActionSeen, ImplementationStatus, Rating};
    use crate::text::Prose;

    const COMMITTED: Standing = Standing { action_ran: true, took_part: true };

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn signature() -> Signature {
        Signature { at: "2027-01-10T09:00:00Z".parse().unwrap(), by: uuid::Uuid::from_u128(9).into() }
    }

    fn open() -> Window {
        Window { opens_on: day("2027-01-01"), locked: false, extended_until: None }
    }

    fn content() -> Content {
        Content {
            implementation_status: ImplementationStatus::InProgress,
            rating: Some(Rating::OnTrack),
            completion_percent: Some(40),
            summary: Some(Prose::fi("Perhekeskus avattiin.").unwrap()),
            achievements: None,
            obstacles: None,
            delay_cause: None,
            participation: None,
        }
    }

    fn number<T: crate::ids::Id>(number: u128) -> T {
        T::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn draft_after(last: Option<Last>) -> Result<Report, Fault> {
        let subject =
            Subject { programme_id: number(1), action_id: number(2), organisation_id: number(3), period_id: number(4) };
        Report::draft(number(5), subject, content(), COMMITTED, last, signature().at)
    }

    fn report(state: ReportState) -> Report {
        Report { state, ..draft_after(None).unwrap() }
    }

    fn submit(report: Report, today: &str) -> Result<Report, Fault> {
        report.submit(COMMITTED, open(), day(today), signature())
    }

    #[test]
    fn a_new_revision_follows_an_accepted_one() {
        let check = |last: Option<(i32, ReportState)>, expect: Option<i32>| {
            let last = last.map(|(revision, state)| Last { revision, state });
            assert_eq!(draft_after(last).map(|report| report.revision).ok(), expect, "{last:?}");
        };
        check(None, Some(1));
        check(Some((1, ReportState::Accepted)), Some(2));
        check(Some((7, ReportState::Accepted)), Some(8));
        for state in [ReportState::Draft, ReportState::Submitted, ReportState::Returned] {
            check(Some((1, state)), None);
        }
    }

    #[test]
    fn each_transition_has_its_states() {
        use ReportState::{Accepted, Draft, Returned, Submitted};
        type Move = fn(Report) -> Result<Report, Fault>;
        let submits: Move = |report| submit(report, "2027-01-10");
        let returns: Move = |report| report.give_back(Text::parse("Kertokaa lisää").unwrap(), signature());
        let accepts: Move = |report| report.accept(signature());
        let changes: Move =
            |report| report.changed(Content { completion_percent: Some(60), ..content() }, signature().at);
        let check = |name: &str, act: Move, from, expect: Result<ReportState, &crate::Code>| {
            let done = act(report(from)).map(|report| (report.state, report.meta.version)).map_err(|fault| fault.code);
            assert_eq!(done, expect.map(|state| (state, 2)), "{name} from {from}");
        };
        check("submit", submits, Draft, Ok(Submitted));
        check("submit", submits, Returned, Ok(Submitted));
        check("submit", submits, Submitted, Err(&ALREADY_SUBMITTED));
        check("submit", submits, Accepted, Err(&ALREADY_ACCEPTED));
        check("return", returns, Submitted, Ok(Returned));
        check("return", returns, Draft, Err(&NOT_SUBMITTED));
        check("return", returns, Returned, Err(&NOT_SUBMITTED));
        check("return", returns, Accepted, Err(&ALREADY_ACCEPTED));
        check("accept", accepts, Submitted, Ok(Accepted));
        check("accept", accepts, Draft, Err(&NOT_SUBMITTED));
        check("accept", accepts, Returned, Err(&NOT_SUBMITTED));
        check("accept", accepts, Accepted, Err(&ALREADY_ACCEPTED));
        check("change", changes, Draft, Ok(Draft));
        check("change", changes, Returned, Ok(Returned));
        check("change", changes, Submitted, Err(&ALREADY_SUBMITTED));
        check("change", changes, Accepted, Err(&ALREADY_ACCEPTED));
        for (state, deletable) in [(Draft, true), (Submitted, false), (Returned, false), (Accepted, false)] {
            assert_eq!(report(state).refuse_deletion().is_ok(), deletable, "{state}");
        }
    }

    #[test]
    fn a_period_takes_reports_from_its_opening_until_it_is_locked() {
        let check = |locked, until: Option<&str>, today: &str, expect: Option<&crate::Code>| {
            let window = Window { locked, extended_until: until.map(day), ..open() };
            let refused = report(ReportState::Draft).submit(COMMITTED, window, day(today), signature()).err();
            assert_eq!(refused.map(|fault| fault.code), expect, "locked: {locked}, until {until:?}, on {today}");
        };
        check(false, None, "2026-12-31", Some(&NOT_OPEN_YET));
        check(false, None, "2027-01-01", None);
        // After the due date, which is not asked for here.
        check(false, None, "2029-01-01", None);
        check(true, None, "2027-01-10", Some(&PERIOD_LOCKED));
        check(true, Some("2027-01-10"), "2027-01-10", None);
        check(true, Some("2027-01-10"), "2027-01-11", Some(&PERIOD_LOCKED));
        check(true, Some("2027-01-10"), "2026-12-31", Some(&NOT_OPEN_YET));
    }

    #[test]
    fn a_refused_submission_names_every_missing_condition() {
        let bare = Content { rating: None, summary: None, ..content() };
        let report = Report { content: bare, ..report(ReportState::Draft) };
        let nobody = Standing { action_ran: false, took_part: false };
        let fault = report.submit(nobody, open(), day("2026-12-31"), signature()).unwrap_err();
        assert_eq!(fault.code, &NOT_OPEN_YET);
        let names: Vec<_> = fault.culprits.iter().map(|culprit| &*culprit.code).collect();
        assert_eq!(
            names,
            ["not_open_yet", "action_not_agreed", "not_participant", "rating_missing", "summary_missing"]
        );
    }

    #[test]
    fn a_percentage_is_from_0_to_100() {
        for (percent, expect) in [(-1, false), (0, true), (100, true), (101, false)] {
            let content = Content { completion_percent: Some(percent), ..content() };
            assert_eq!(content.checked().is_ok(), expect, "{percent}");
        }
    }

    #[test]
    fn a_report_is_seen_by_more_as_it_goes_on() {
        let action = ActionSeen { audience: Audience::everyone(), accountable: Some(number(8)) };
        let author = Key::Organisation(number(3));
        let reviewers = [Key::Organisation(number(8)), Key::Coordinator(number(1))];
        let check = |state, expect: &[Key]| {
            assert_eq!(report(state).audience(&action), expect.iter().copied().collect(), "{state}");
        };
        check(ReportState::Draft, &[author]);
        check(ReportState::Submitted, &[author, reviewers[0], reviewers[1]]);
        check(ReportState::Returned, &[author, reviewers[0], reviewers[1]]);
        check(ReportState::Accepted, &[author, reviewers[0], reviewers[1], Key::Public]);
    }
}
