//! What bodies did with the steps of the demo's actions, and the meetings that are asked for or reserved for them.

use super::Told;
use crate::demo::DemoError;
use crate::demo::files::Day;
use crate::demo::history::History;
use serde::Deserialize;
use yhteen_domain::Fault;
use yhteen_domain::decision_steps::DecisionStep;
use yhteen_domain::handlings::{AgendaNumber, Details};
use yhteen_domain::ids::{HandlingId, StepId};
use yhteen_domain::meetings::Meeting;
use yhteen_domain::roles::Role;
use yhteen_domain::text::Prose;
use yhteen_domain::time::{Instant, midnight};
use yhteen_domain::timetable::{Occasion, Outcome};
use yhteen_persistence::decision_steps::{self, Locked};
use yhteen_persistence::meetings::{self, Filter};
use yhteen_persistence::page::Slice;
use yhteen_persistence::scope::{Access, Scope};
use yhteen_persistence::{Error, Tx, actions, bookings};

/// What a body did with a step at the last of its meetings before a day, on which it is recorded.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Handled {
    before: Day,
    outcome: Outcome,
    agenda_number: Option<AgendaNumber>,
    resolution: Option<Prose>,
}

/// On which day a meeting was asked for or reserved: the first of the body's from another day on.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    on: Day,
    from: Day,
}

/// The meetings of the step's body in a span of time that are not cancelled.
fn meetings_of(tx: &mut Tx<'_>, scope: &Scope, step: &DecisionStep, span: [Instant; 2]) -> Result<Vec<Meeting>, Error> {
    let [from, before] = span.map(Some);
    let filter = Filter { bodies: vec![step.body_id], from, before, cancelled: Some(false), ..Filter::default() };
    Ok(meetings::list(tx, scope, &filter, &Slice { after: None, limit: 200 })?.items)
}

/// Changes a step as one of its organisations does.
fn change(
    tx: &mut Tx<'_>,
    access: &Access,
    (id, kind): (StepId, &'static str),
    rule: impl FnOnce(&mut Tx<'_>, &Locked) -> Result<DecisionStep, Error>,
) -> Result<(), Error> {
    let locked = decision_steps::lock(tx, access.scope(), id)?;
    let after = rule(tx, &locked)?;
    decision_steps::save(tx, &locked.step, &after)?;
    actions::save(tx, &locked.action.touched(tx.now())?, kind)
}

/// Tells of what its body did with a step.
pub(super) fn tell_handlings(
    history: &mut History<'_>,
    id: StepId,
    body: &str,
    handled: &[Handled],
) -> Result<(), DemoError> {
    let organisation = history.bodies.find(body)?.organisation;
    let editor = history.person(&organisation, Role::Editor)?;
    for handled in handled.iter().cloned() {
        let handling: HandlingId = history.fresh();
        let before = midnight(history.date(handled.before));
        history.on(handled.before, editor, "a handling", move |tx, access| {
            change(tx, access, (id, "action.step_handled"), |tx, Locked { steps, step, .. }| {
                access.require(step.organisation_id, Role::Editor)?;
                tx.act_for(step.organisation_id);
                let span = [before - chrono::TimeDelta::days(120), before];
                let meeting = meetings_of(tx, access.scope(), step, span)?.pop().ok_or_else(Fault::not_found)?;
                let occasion = Occasion::Meeting(meeting.id);
                let venue = bookings::venue(tx, step, occasion)?;
                let Handled { before: _, outcome, agenda_number, resolution } = handled.clone();
                let (minutes_url, returned_to_step_id) = (None, None);
                let details =
                    Details { occasion, agenda_number, outcome, resolution, minutes_url, returned_to_step_id };
                let now = tx.now();
                Ok(step.clone().handled(handling, (details, &venue), steps, true, now)?)
            })
        });
    }
    Ok(())
}

/// Tells of the meeting that was asked for by the accountable organisation, or reserved by the body's own.
pub(super) fn tell_booking(
    history: &mut History<'_>,
    told: Told,
    id: StepId,
    body: &str,
    asked: Asked,
    is_own: bool,
) -> Result<(), DemoError> {
    let organisation = history.bodies.find(body)?.organisation;
    let editor = if is_own { history.person(&organisation, Role::Editor)? } else { told.editor };
    let from = midnight(history.date(asked.from));
    let kind = if is_own { "action.step_booked" } else { "action.booking_proposed" };
    history.on(asked.on, editor, kind, move |tx, access| {
        change(tx, access, (id, kind), |tx, Locked { action, step, .. }| {
            let by = if is_own { step.organisation_id } else { action.accountable_id };
            access.require(by, Role::Editor)?;
            tx.act_for(by);
            let span = [from, from + chrono::TimeDelta::days(120)];
            let first = meetings_of(tx, access.scope(), step, span)?.into_iter().next().ok_or_else(Fault::not_found)?;
            let venue = bookings::venue(tx, step, Occasion::Meeting(first.id))?;
            let now = tx.now();
            Ok(if is_own {
                step.clone().book(&venue, true, now)?
            } else {
                step.clone().propose_booking(&venue, by, true, now)?
            })
        })
    });
    Ok(())
}
