//! The timetables of all actions of a programme beside each other.

use super::{ActionSources, Sources, sources};
use crate::decision_steps::Of;
use crate::page::{Page, Slice};
use crate::scope::Scope;
use crate::{Db, Error};
use serde::{Deserialize, Serialize};
use yhteen_domain::ids::{ActionId, BodyId, OrganisationId, ProgrammeId};
use yhteen_domain::text::{Name, ShortCode};
use yhteen_domain::time::Instant;
use yhteen_domain::timetable::{Calendars, Objective, Outlook, Urgency, Verdict, compute, opaque_steps};
use yhteen_domain::vocabulary::Gate;

/// The time for which timetables are computed.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// The time.
    pub now: Instant,
    /// Whether the reader has asked for this time: an action with steps that the reader may not see is not computed then.
    pub asked: bool,
}

/// Which actions to show.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those that one of these answers for or has a step of; all where empty.
    pub organisations: Vec<OrganisationId>,
    /// Only those that have a step, which the reader sees, on one of these; all where empty.
    pub bodies: Vec<BodyId>,
    /// Only those with one of these verdicts; all where empty.
    pub verdicts: Vec<Verdict>,
}

/// A place in the order of urgency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    urgency: Urgency,
    id: ActionId,
}

/// One action among those of the programme.
#[derive(Clone, Debug)]
pub struct Line {
    /// The action.
    pub action_id: ActionId,
    /// Its code in the programme.
    pub code: ShortCode,
    /// Its name.
    pub title: Name,
    /// The organisation that answers for it.
    pub accountable_id: OrganisationId,
    /// What its start waits for.
    pub start_gate: Gate,
    /// Its timetable, in a few lines.
    pub outlook: Outlook,
}

impl Line {
    /// Its place in the order.
    pub fn place(&self) -> Place {
        Place { urgency: self.outlook.summary.urgency(), id: self.action_id }
    }
}

/// A page of the actions of a programme that the reader sees and that are neither completed nor cancelled, by their
/// timetables at a time, the most urgent first. Eight statements.
pub fn overview(
    db: &mut Db,
    scope: &Scope,
    programme: ProgrammeId,
    filter: &Filter,
    at: At,
    slice: &Slice<Place>,
) -> Result<Page<Line>, Error> {
    let sources = sources(db, scope, Of::Programme(programme))?;
    let calendars = Calendars::prepare_each(at.now, &sources.bodies)?;
    let concerned = sources.actions.iter().filter(|action| sources.concern(action, filter));
    let mut ranked: Vec<(Place, &ActionSources, Outlook)> = Vec::new();
    for action in concerned {
        let outlook = outlook(action, &calendars, at);
        let place = Place { urgency: outlook.summary.urgency(), id: action.action_id };
        let asked = filter.verdicts.is_empty() || filter.verdicts.contains(&outlook.summary.verdict);
        if asked && slice.after.is_none_or(|after| after < place) {
            ranked.push((place, action, outlook));
        }
    }
    ranked.sort_unstable_by_key(|(place, ..)| *place);
    let shown = ranked.into_iter().take(slice.limit.saturating_add(1));
    Ok(slice.page(shown.map(|(_, action, outlook)| Line {
        action_id: action.action_id,
        code: action.code.clone(),
        title: action.title.clone(),
        accountable_id: action.accountable_id,
        start_gate: action.route.start_gate,
        outlook,
    })))
}

/// What is wrong with one action does not keep the others from being shown.
fn outlook(action: &ActionSources, calendars: &Calendars, at: At) -> Outlook {
    if at.asked && !action.opaque.is_empty() {
        return Outlook::refused(action.route.target_on, &opaque_steps());
    }
    match compute(&action.route, calendars, Objective::Earliest) {
        Ok(mut timetable) => {
            timetable.veil(|step| action.opaque.contains(&step));
            timetable.into()
        }
        Err(fault) => Outlook::refused(action.route.target_on, &fault),
    }
}

impl Sources {
    /// Whether one of the organisations and one of the bodies of a filter have to do with an action.
    fn concern(&self, action: &ActionSources, filter: &Filter) -> bool {
        let Filter { organisations, bodies, verdicts: _ } = filter;
        let steps = || action.route.steps.iter();
        let has_step = |organisation: &OrganisationId| {
            steps().any(|step| self.organisation_of(step.body_id) == Some(*organisation))
        };
        let of_organisation =
            organisations.is_empty() || organisations.iter().any(|it| *it == action.accountable_id || has_step(it));
        // A step that is opaque does not tell its body by being found.
        let on_body = bodies.is_empty()
            || steps().any(|step| bodies.contains(&step.body_id) && !action.opaque.contains(&step.id));
        of_organisation && on_body
    }
}
