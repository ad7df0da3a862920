//! The one way in which something is recorded of a decision step: found and locked with its action, checked for the
//! right of the organisation in charge, changed by a rule, and kept with the action's new version.

use super::view::Telling;
use crate::actions::EditActions;
use crate::answer::{Answer, Done};
use crate::app::App;
use crate::auth::Member;
use crate::extract::{Incoming, Path};
use crate::problem::Problem;
use actix_web::web::Data;
use serde::Serialize;
use yhteen_domain::Fault;
use yhteen_domain::actions::Action;
use yhteen_domain::decision_steps::DecisionStep;
use yhteen_domain::ids::{Id, StepId};
use yhteen_domain::time::Instant;
use yhteen_domain::timetable::{StepStanding, StepState};
use yhteen_persistence::decision_steps::{self, Locked};
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::standings::{Recorded, recorded};
use yhteen_persistence::{Error, Tx};

/// What a handler was given.
pub(super) type Ask<T> = (Member<EditActions>, Data<App>, Path<StepId>, Incoming<T>);

/// A step that is asked to change, with what its rules rest on.
pub(super) struct Asked {
    pub(super) step: DecisionStep,
    /// All steps of its action.
    pub(super) steps: Vec<DecisionStep>,
    pub(super) standing: StepStanding,
    /// Whether the caller sees more of it than its dates.
    pub(super) shown: bool,
}

impl Asked {
    /// Whether it is still to be handled.
    pub(super) fn is_open(&self) -> bool {
        self.standing.state != StepState::Decided
    }
}

/// Who changes the step.
#[derive(Clone, Copy)]
pub(super) enum By {
    /// The body's own organisation, which alone binds the body.
    Body,
    /// The accountable organisation, which proposes.
    Lead,
    /// Either; the body's where the caller may act for both.
    Both,
}

/// Carries out a change and answers with the step; `kind` names it in the change feed.
pub(super) async fn change<T: Send + Sync + 'static>(
    ask: Ask<T>,
    kind: &'static str,
    by: By,
    rule: impl Fn(Asked, &mut Tx<'_>, &T, Instant) -> Result<DecisionStep, Error> + Send + Sync + 'static,
) -> Result<Done, Problem> {
    change_and_tell(ask, kind, by, rule, |telling, step| Ok((None, telling.step(step)?))).await
}

/// Carries out a change and answers with what `tell` makes of the step: something new, where it gives its address.
pub(super) async fn change_and_tell<T: Send + Sync + 'static, V: Serialize>(
    (member, app, path, incoming): Ask<T>,
    kind: &'static str,
    by: By,
    rule: impl Fn(Asked, &mut Tx<'_>, &T, Instant) -> Result<DecisionStep, Error> + Send + Sync + 'static,
    tell: impl Fn(&Telling<'_>, DecisionStep) -> Result<(Option<String>, V), Fault> + Send + Sync + 'static,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let Locked { action, steps, step } = decision_steps::lock(tx, member.scope(), path.get()?)?;
        let body = incoming.body()?;
        let organisation = match by {
            By::Lead => action.accountable_id,
            By::Both if !member.may(step.organisation_id) => action.accountable_id,
            By::Body | By::Both => step.organisation_id,
        };
        member.require(organisation)?;
        tx.act_for(organisation);
        incoming.expect_if_given(action.meta.version)?;
        let locked = Locked { action, steps, step };
        let changed = carry_out(tx, member, locked, kind, |asked, tx, now| rule(asked, tx, body, now))?;
        let (location, view) = tell(&Telling::new(&changed.action, &changed.recorded, member), changed.step)?;
        let (version, guard) = (changed.action.meta.version, Guard::Sees(changed.action.id.uuid()));
        Ok(match location {
            Some(location) => Answer::created(location, version, &view, guard),
            None => Answer::ok(version, &view, guard),
        })
    })
    .await
}

/// What has come of a change.
pub(super) struct Changed {
    pub(super) action: Action,
    pub(super) steps: Vec<DecisionStep>,
    pub(super) step: DecisionStep,
    pub(super) recorded: Recorded,
}

impl Changed {
    /// The step with what its rules rest on, as it is now.
    pub(super) fn locked(self) -> Locked {
        let Self { action, steps, step, recorded: _ } = self;
        Locked { action, steps, step }
    }
}

/// Carries out a change of a step that is locked, by one who may. One that leaves the step as it was leaves the action in
/// the version that it has.
pub(super) fn carry_out(
    tx: &mut Tx<'_>,
    member: &Member<EditActions>,
    locked: Locked,
    kind: &'static str,
    rule: impl FnOnce(Asked, &mut Tx<'_>, Instant) -> Result<DecisionStep, Error>,
) -> Result<Changed, Error> {
    let now = tx.now();
    let known = recorded(tx, member.scope(), &locked.action, &locked.steps, now)?;
    let standing = known.standing(locked.step.id)?;
    let shown = Telling::new(&locked.action, &known, member).shows(&locked.step);
    let asked = Asked { step: locked.step.clone(), steps: locked.steps.clone(), standing, shown };
    let changed = rule(asked, tx, now);
    if changed.is_err() {
        // That the action is closed says more than what a rule finds in it.
        locked.action.require_open()?;
    }
    let Locked { action, steps, step } = decision_steps::keep(tx, locked, changed?, kind)?;
    let recorded = recorded(tx, member.scope(), &action, &steps, now)?;
    Ok(Changed { action, steps, step, recorded })
}
