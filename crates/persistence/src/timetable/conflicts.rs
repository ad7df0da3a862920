//! What is wrong with the timetables of the actions of a programme.

use super::{ActionSources, Named, Sources, sources};
use crate::decision_steps::{Of, load_of};
use crate::page::{Page, Slice};
use crate::schema::{organisations, participants};
use crate::scope::Scope;
use crate::sql_types::{At, IdOf, Json, Word};
use crate::{Db, Error};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;
use yhteen_domain::actions::participants::Commitment;
use yhteen_domain::ids::{ActionId, Id, OrganisationId, ProgrammeId};
use yhteen_domain::text::Name;
use yhteen_domain::time::Instant;
use yhteen_domain::timetable::{Calendars, Concerned, Conflict, ConflictKind, Subject, Withdrawal, conflicts};

/// Which conflicts to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those in which it is the turn of one of these; all where empty.
    pub organisations: Vec<OrganisationId>,
    /// Only these kinds; all where empty.
    pub kinds: Vec<ConflictKind>,
}

/// A place in the list: the action, what is wrong with it, and with which of its steps or participants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    action_id: ActionId,
    kind: ConflictKind,
    with: Option<Uuid>,
}

/// Something that is wrong with an action, as far as its reader may know.
#[derive(Clone, Debug)]
pub struct Found {
    /// The action.
    pub action_id: ActionId,
    /// What is wrong.
    pub conflict: Conflict,
    /// Whether it is about a step that the reader sees opaque.
    pub opaque: bool,
    organisation: Option<Name>,
    body: Option<Name>,
}

impl Found {
    /// Its place in the list.
    pub fn place(&self) -> Place {
        place(self.action_id, &self.conflict)
    }

    /// Who has to do with it.
    pub fn concerned(&self) -> Concerned<'_> {
        Concerned { organisation: self.organisation.as_ref(), body: self.body.as_ref() }
    }
}

fn place(action_id: ActionId, conflict: &Conflict) -> Place {
    let with = conflict.step_id.map(Id::uuid).or(conflict.participant_id.map(Id::uuid));
    Place { action_id, kind: conflict.kind, with }
}

/// A page of what is wrong now with the actions of a programme that the reader sees and that are neither completed nor
/// cancelled: action by action, the oldest first. Nine statements.
pub fn list(
    db: &mut Db,
    scope: &Scope,
    programme: ProgrammeId,
    filter: &Filter,
    now: Instant,
    slice: &Slice<Place>,
) -> Result<Page<Found>, Error> {
    let of = Of::Programme(programme);
    let sources = sources(db, scope, of)?;
    let (withdrawals, names) = withdrawals(db, of)?;
    let calendars = Calendars::prepare_each(now, &sources.bodies)?;
    let of_action = |action: &ActionSources| {
        let withdrawn = withdrawals.get(&action.action_id).map(Vec::as_slice).unwrap_or_default();
        let ActionSources { route, accountable_id, status, started_on, .. } = action;
        let (accountable_id, status, started_on) = (*accountable_id, *status, *started_on);
        conflicts(Subject { route, accountable_id, status, started_on, withdrawn }, &calendars)
    };
    let all = sources.actions.iter().flat_map(|action| of_action(action).into_iter().map(move |it| (action, it)));
    let asked = all.filter(|(action, conflict)| {
        (filter.kinds.is_empty() || filter.kinds.contains(&conflict.kind))
            && (filter.organisations.is_empty() || filter.organisations.contains(&conflict.organisation_id))
            && slice.after.is_none_or(|after| after < place(action.action_id, conflict))
    });
    let shown = asked.take(slice.limit.saturating_add(1));
    Ok(slice.page(shown.map(|(action, conflict)| sources.found(action, conflict, &names))))
}

/// Who has withdrawn from each action, and what they are called.
type Withdrawals = (HashMap<ActionId, Vec<Withdrawal>>, HashMap<OrganisationId, Name>);

/// Those who have withdrawn from each action that they were to carry out or to pay for, and what they are called. One
/// statement.
fn withdrawals(db: &mut Db, of: Of<'_>) -> Result<Withdrawals, Error> {
    type Row = (IdOf<ActionId>, IdOf<OrganisationId>, Option<At>, Json<Name>);
    let rows: Vec<Row> = load_of!(db, of, |wanted| participants::table
        .inner_join(organisations::table)
        .filter(participants::action_id.eq_any(wanted))
        .filter(participants::commitment.eq(Word(Commitment::Withdrawn)))
        .filter(participants::implementing.or(participants::funding))
        .select((
            participants::action_id,
            participants::organisation_id,
            participants::answered_at,
            organisations::name,
        )))?;
    let (mut withdrawals, mut names) = (HashMap::<_, Vec<_>>::new(), HashMap::new());
    for (IdOf(action), IdOf(organisation_id), at, Json(name)) in rows {
        withdrawals.entry(action).or_default().push(Withdrawal { organisation_id, at: at.map(At::get) });
        names.insert(organisation_id, name);
    }
    Ok((withdrawals, names))
}

impl Sources {
    /// A conflict as its reader may know of it.
    fn found(&self, action: &ActionSources, mut conflict: Conflict, names: &HashMap<OrganisationId, Name>) -> Found {
        let opaque = conflict.step_id.is_some_and(|step| action.opaque.contains(&step));
        let of_step = conflict.body_id.and_then(|body| self.names.get(&body));
        let of_participant = conflict.participant_id.and_then(|participant| names.get(&participant));
        let organisation = of_step.map(|Named { organisation, .. }| organisation).or(of_participant).cloned();
        let body = of_step.filter(|_| !opaque).map(|Named { body, .. }| body.clone());
        if opaque {
            conflict.veil();
        }
        Found { action_id: action.action_id, conflict, opaque, organisation, body }
    }
}
