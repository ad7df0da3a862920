//! The decision steps of the demo's actions.

use super::Told;
use super::proceedings::{Asked, Handled, tell_booking, tell_handlings};
use crate::demo::DemoError;
use crate::demo::files::Day;
use crate::demo::history::History;
use serde::Deserialize;
use yhteen_domain::decision_steps::{DecisionStep, Dependency, Details, StepVisibility};
use yhteen_domain::ids::StepId;
use yhteen_domain::roles::Role;
use yhteen_domain::text::{Name, Tag};
use yhteen_domain::vocabulary::{By, Gate, StepFunction};
use yhteen_persistence::actions;
use yhteen_persistence::decision_steps::{self, Locked};

/// A decision step.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    key: String,
    body: String,
    title: Name,
    function: StepFunction,
    #[serde(default)]
    authoritative: bool,
    #[serde(default)]
    after: Vec<After>,
    not_before: Option<Day>,
    #[serde(default)]
    preparation_days: u16,
    required_tag: Option<Tag>,
    visibility: Option<StepVisibility>,
    /// From which day its decision has legal force.
    legal_force_on: Option<Day>,
    /// What its body did with it.
    #[serde(default)]
    handled: Vec<Handled>,
    /// The meeting that the accountable organisation asked for.
    proposed: Option<Asked>,
    /// The meeting that the body's organisation reserved.
    booked: Option<Asked>,
}

/// What it waits for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct After {
    step: String,
    gate: Option<Gate>,
    by: Option<By>,
}

/// Tells of a step that was proposed with its action, and of its certificate of legal force.
pub(super) fn tell(
    history: &mut History<'_>,
    told: Told,
    action: &str,
    proposed: Day,
    new: &New,
) -> Result<(), DemoError> {
    let id: StepId = history.fresh();
    let details = details(history, action, new)?;
    history.steps.name(format!("{action}/{}", new.key), id)?;
    let body = history.bodies.find(&new.body)?.id;
    history.on(proposed, told.editor, format!("the step {}", new.key), move |tx, access| {
        let action = told.lock(tx, access)?;
        let organisation = decision_steps::organisation_of_body(tx, access.scope(), body)?;
        let steps = decision_steps::of_action(tx, action.id)?;
        let step = DecisionStep::new(id, action.id, (body, organisation), details.clone(), &steps, tx.now())?;
        decision_steps::create(tx, &step)?;
        actions::save(tx, &action.touched(tx.now())?, "action.step_added")
    });
    tell_handlings(history, id, &new.body, &new.handled)?;
    if let Some(asked) = new.proposed {
        tell_booking(history, told, id, &new.body, asked, false)?;
    }
    if let Some(asked) = new.booked {
        tell_booking(history, told, id, &new.body, asked, true)?;
    }
    match new.legal_force_on {
        Some(on) => tell_legal_force(history, id, &new.body, on),
        None => Ok(()),
    }
}

fn details(history: &History<'_>, action: &str, new: &New) -> Result<Details, DemoError> {
    let after = |After { step, gate, by }: &After| {
        Ok(Dependency {
            step_id: history.steps.find(&format!("{action}/{step}"))?,
            gate: gate.unwrap_or(Gate::Decided),
            by: by.unwrap_or(By::AgendaDeadline),
        })
    };
    Ok(Details {
        title: new.title.clone(),
        function: new.function,
        authoritative: new.authoritative,
        depends_on: new.after.iter().map(after).collect::<Result<_, DemoError>>()?,
        not_before: new.not_before.map(|day| history.date(day)),
        preparation_days: new.preparation_days,
        required_tag: new.required_tag.clone(),
        visibility: new.visibility.unwrap_or(StepVisibility::Action),
        diary_number: None,
    })
}

/// The certificate is recorded by the body's own organisation, on the day itself.
fn tell_legal_force(history: &mut History<'_>, id: StepId, body: &str, on: Day) -> Result<(), DemoError> {
    let organisation = history.bodies.find(body)?.organisation;
    let editor = history.person(&organisation, Role::Editor)?;
    let date = history.date(on);
    history.on(on, editor, "legal force", move |tx, access| {
        let Locked { action, step, .. } = decision_steps::lock(tx, access.scope(), id)?;
        access.require(step.organisation_id, Role::Editor)?;
        tx.act_for(step.organisation_id);
        let after = step.clone().with_legal_force(date, tx.now());
        decision_steps::save(tx, &step, &after)?;
        actions::save(tx, &action.touched(tx.now())?, "action.step_legal_force_recorded")
    });
    Ok(())
}
