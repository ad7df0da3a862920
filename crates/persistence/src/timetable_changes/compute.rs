//! The timetables of many actions, compared with what was told of them.

use crate::decision_steps::Of;
use crate::schema::{actions, timetable_states};
use crate::scope::Scope;
use crate::sql_types::{At, IdOf, Word};
use crate::timetable::{calendars, routes};
use crate::{Db, Error};
use diesel::prelude::*;
use std::collections::BTreeMap;
use yhteen_domain::actions::{ActionStatus, StartGate};
use yhteen_domain::ids::ActionId;
use yhteen_domain::time::{Date, Instant};
use yhteen_domain::timetable::{Calendars, Objective, Route, Verdict, compute as timetable};
use yhteen_domain::timetable_changes::{TimetableChange, TimetableState, Told};

/// What was last told of a timetable, as it is kept.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = timetable_states, treat_none_as_default_value = false)]
pub(super) struct Row {
    action_id: IdOf<ActionId>,
    version: i64,
    verdict: Word<Verdict>,
    earliest_on: Option<Date>,
    delay_days: Option<i64>,
    slack_days: Option<i64>,
    computed_at: At,
}

impl Row {
    pub(super) fn new(action: ActionId, told: Told, now: Instant) -> Self {
        let Told { version, state: TimetableState { verdict, earliest_on, delay_days, slack_days } } = told;
        Self {
            action_id: IdOf(action),
            version,
            verdict: Word(verdict),
            earliest_on,
            delay_days,
            slack_days,
            computed_at: now.into(),
        }
    }

    fn told(self) -> (ActionId, Told) {
        let Self { action_id, version, verdict, earliest_on, delay_days, slack_days, computed_at: _ } = self;
        let state = TimetableState { verdict: verdict.0, earliest_on, delay_days, slack_days };
        (action_id.0, Told { version, state })
    }
}

/// What there is to tell of some actions.
#[derive(Debug)]
pub(super) struct Computed {
    /// Those whose timetables differ from what was told, in the order of their identifiers.
    pub(super) changes: Vec<(ActionId, Told, TimetableChange)>,
    /// Those that are over or are there no more: of them nothing will be told again.
    pub(super) gone: Vec<ActionId>,
}

impl Computed {
    /// Whether there is nothing to keep of it.
    pub(super) fn says_nothing(&self) -> bool {
        self.changes.is_empty() && self.gone.is_empty()
    }
}

/// Computes the timetables of these actions as they stand at the time `now`, and compares them with what was told of
/// them: nine statements, however many there are, or two where all are over.
///
/// It reads whatever counts, whoever may see it, and answers nothing of that but what each one who sees an action may
/// know.
pub(super) fn compute(db: &mut Db, ids: &[ActionId], now: Instant) -> Result<Computed, Error> {
    if ids.is_empty() {
        return Ok(Computed { changes: Vec::new(), gone: Vec::new() });
    }
    let these: Vec<_> = ids.iter().copied().map(IdOf).collect();
    let told: Vec<Row> =
        timetable_states::table.filter(timetable_states::action_id.eq_any(&these)).select(Row::as_select()).load(db)?;
    let mut told: BTreeMap<ActionId, Told> = told.into_iter().map(Row::told).collect();
    let open: Vec<(IdOf<ActionId>, Option<Date>, Word<StartGate>, Word<ActionStatus>)> = actions::table
        .filter(actions::id.eq_any(&these))
        .filter(actions::status.ne_all(crate::decision_steps::over()))
        .order(actions::id)
        .select((actions::id, actions::starts_on, actions::start_gate, actions::status))
        .load(db)?;
    if open.is_empty() {
        return Ok(Computed { changes: Vec::new(), gone: told.into_keys().collect() });
    }
    let ids: Vec<ActionId> = open.iter().map(|(id, ..)| id.0).collect();
    let mut steps = routes::steps(db, Of::Actions(&ids))?;
    let (bodies, _) = calendars::bodies(db, &Scope::anonymous(), Of::Actions(&ids))?;
    // What is wrong with one body does not keep the actions of others from being computed.
    let calendars = Calendars::prepare_each(now, &bodies)?;
    let mut changes = Vec::new();
    for (IdOf(id), target_on, Word(gate), Word(status)) in open {
        let steps = steps.remove(&id).unwrap_or_default().into_iter().map(|source| source.step);
        let route = Route { target_on, start_gate: gate.gate(), steps: steps.collect(), progress: status.into() };
        let state = timetable(&route, &calendars, Objective::Earliest)
            .map_or(TimetableState::UNKNOWN, |timetable| timetable.summary().into());
        let next = Told::next(told.remove(&id), state, !route.steps.is_empty());
        changes.extend(next.map(|(told, change)| (id, told, change)));
    }
    // Whatever was told of those that are open has been taken out.
    Ok(Computed { changes, gone: told.into_keys().collect() })
}
