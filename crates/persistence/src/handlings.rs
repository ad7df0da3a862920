//! Handlings in the database: rows are added, and marked as superseded, never changed.

use crate::bookings::{columns, occasion};
use crate::decision_steps::{Of, load_of};
use crate::schema::{handlings, meetings};
use crate::sql_types::{At, IdOf, Json, Parsed, Word};
use crate::{Db, Error, Tx, external_ids};
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap};
use yhteen_domain::decision_steps::DecisionStep;
use yhteen_domain::handlings::{AgendaNumber, Details, Handling};
use yhteen_domain::ids::{HandlingId, MeetingId, StepId};
use yhteen_domain::text::{Prose, WebAddress};
use yhteen_domain::time::{Date, Instant, midnight};
use yhteen_domain::timetable::{self as engine, Outcome};

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = handlings, treat_none_as_default_value = false)]
struct Row {
    id: IdOf<HandlingId>,
    step_id: IdOf<StepId>,
    meeting_id: Option<IdOf<MeetingId>>,
    day: Option<Date>,
    agenda_number: Option<Parsed<AgendaNumber>>,
    outcome: Word<Outcome>,
    resolution: Option<Json<Prose>>,
    minutes_url: Option<Parsed<WebAddress>>,
    returned_to_step_id: Option<IdOf<StepId>>,
    recorded_at: At,
    superseded_by_id: Option<IdOf<HandlingId>>,
}

impl From<&Handling> for Row {
    fn from(handling: &Handling) -> Self {
        let Handling { id, step_id, details, recorded_at, superseded_by_id } = handling.clone();
        let Details { occasion, agenda_number, outcome, resolution, minutes_url, returned_to_step_id } = details;
        let (meeting_id, day) = columns(occasion);
        Self {
            id: IdOf(id),
            step_id: IdOf(step_id),
            meeting_id,
            day,
            agenda_number: agenda_number.map(Parsed),
            outcome: Word(outcome),
            resolution: resolution.map(Json),
            minutes_url: minutes_url.map(Parsed),
            returned_to_step_id: returned_to_step_id.map(IdOf),
            recorded_at: recorded_at.into(),
            superseded_by_id: superseded_by_id.map(IdOf),
        }
    }
}

impl From<Row> for Handling {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.0,
            step_id: row.step_id.0,
            details: Details {
                occasion: occasion(row.meeting_id, row.day),
                agenda_number: row.agenda_number.map(|number| number.0),
                outcome: row.outcome.0,
                resolution: row.resolution.map(|text| text.0),
                minutes_url: row.minutes_url.map(|url| url.0),
                returned_to_step_id: row.returned_to_step_id.map(|id| id.0),
            },
            recorded_at: row.recorded_at.get(),
            superseded_by_id: row.superseded_by_id.map(|id| id.0),
        }
    }
}

/// The handlings of the steps that are asked for, in the order of their meetings. One statement.
pub(crate) fn of(db: &mut Db, of: Of<'_>) -> Result<BTreeMap<StepId, Vec<Handling>>, Error> {
    let mut rows: Vec<(Row, Option<At>)> = load_of!(db, of, |wanted| handlings::table
        .inner_join(decision_steps::table.on(decision_steps::id.eq(handlings::step_id)))
        .left_join(meetings::table)
        .filter(decision_steps::action_id.eq_any(wanted))
        .select((Row::as_select(), meetings::starts_at.nullable())))?;
    rows.sort_by_key(|(row, starts_at)| (began(starts_at.map(At::get), row.day), row.id.0));
    let mut handlings: BTreeMap<StepId, Vec<Handling>> = BTreeMap::new();
    for (row, _) in rows {
        handlings.entry(row.step_id.0).or_default().push(row.into());
    }
    Ok(handlings)
}

/// What the engine knows of a handling.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = handlings)]
struct Known {
    id: IdOf<HandlingId>,
    step_id: IdOf<StepId>,
    meeting_id: Option<IdOf<MeetingId>>,
    day: Option<Date>,
    outcome: Word<Outcome>,
    returned_to_step_id: Option<IdOf<StepId>>,
}

/// Those of one step that no other has superseded, as the engine knows them, and the record of its last decision.
pub(crate) type Standing = (Vec<engine::Handling>, Option<HandlingId>);

/// The handlings that no other has superseded, in the order of their meetings. One statement.
pub(crate) fn standing(db: &mut Db, of: Of<'_>) -> Result<HashMap<StepId, Standing>, Error> {
    let mut rows: Vec<(Known, Option<At>)> = load_of!(db, of, |wanted| handlings::table
        .inner_join(decision_steps::table.on(decision_steps::id.eq(handlings::step_id)))
        .left_join(meetings::table)
        .filter(decision_steps::action_id.eq_any(wanted))
        .filter(handlings::superseded_by_id.is_null())
        .select((Known::as_select(), meetings::starts_at.nullable())))?;
    rows.sort_by_key(|(row, starts_at)| (began(starts_at.map(At::get), row.day), row.id.0));
    let mut standing: HashMap<StepId, Standing> = HashMap::new();
    for (row, _) in rows {
        let (handlings, decision) = standing.entry(row.step_id.0).or_default();
        *decision = Some(row.id.0).filter(|_| row.outcome.0.is_approval());
        handlings.push(engine::Handling {
            occasion: occasion(row.meeting_id, row.day),
            outcome: row.outcome.0,
            returned_to_step_id: row.returned_to_step_id.map(|id| id.0),
        });
    }
    Ok(standing)
}

/// When the meeting or the office holder's day began.
fn began(starts_at: Option<Instant>, day: Option<Date>) -> Option<Instant> {
    starts_at.or_else(|| day.map(midnight))
}

/// Adds the new ones of a step, and marks those that have been superseded, whose external ids name the new ones now.
pub(crate) fn save(tx: &mut Tx<'_>, before: &DecisionStep, step: &DecisionStep) -> Result<(), Error> {
    if before.handlings == step.handlings {
        return Ok(());
    }
    let known: BTreeMap<HandlingId, &Handling> = before.handlings.iter().map(|old| (old.id, old)).collect();
    let new: Vec<Row> = step.handlings.iter().filter(|it| !known.contains_key(&it.id)).map(Row::from).collect();
    // A record that is superseded makes room for the new one at the same meeting, which it names: so it is marked
    // first by itself, which nothing else can do, and then with the new one.
    let superseded = step.handlings.iter().filter(|it| {
        it.superseded_by_id.is_some() && known.get(&it.id).is_some_and(|old| old.superseded_by_id.is_none())
    });
    let superseded: Vec<_> = superseded.collect();
    let mark = |tx: &mut Tx<'_>, old: HandlingId, by: HandlingId| {
        let row = handlings::table.find(IdOf(old));
        diesel::update(row).set(handlings::superseded_by_id.eq(IdOf(by))).execute(&mut **tx)
    };
    for old in &superseded {
        mark(tx, old.id, old.id)?;
    }
    for row in new {
        diesel::insert_into(handlings::table).values(row).execute(&mut **tx)?;
    }
    for old in superseded {
        if let Some(by) = old.superseded_by_id {
            mark(tx, old.id, by)?;
            external_ids::hand_over(tx, old.id, by)?;
        }
    }
    Ok(())
}
