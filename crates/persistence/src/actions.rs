//! Actions in the database, each with its participants and goals.

mod children;
mod list;
mod of_body;
mod references;

pub use list::{Filter, Order, Place, list};
pub(crate) use of_body::{lock_of_body, record_steps_audience_changed};
pub use references::{check_goals, programme_of, refer_to_programme};

use crate::changes::{Changed, record};
use crate::dialect::DialectExt;
use crate::error::OnViolation;
use crate::schema::{actions, participants};
use crate::scope::{Scope, visible};
use crate::sql_types::{At, IdOf, Json, Parsed, Word};
use crate::{Db, Error, Tx};
use children::{Children, children};
use diesel::prelude::*;
use std::collections::BTreeSet;
use yhteen_domain::actions::participants::Participant;
use yhteen_domain::actions::{
    Action, ActionStatus, ActionVisibility, Details, PreventionLevel, StartGate, TargetGroup,
};
use yhteen_domain::audience::Audience;
use yhteen_domain::changes::AggregateType;
use yhteen_domain::ids::{ActionId, Id, ProgrammeId};
use yhteen_domain::meta::Meta;
use yhteen_domain::text::{MunicipalityCode, Name, Prose, ShortCode, Tag};
use yhteen_domain::time::Date;
use yhteen_domain::{Fault, codes, message};

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = actions, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: IdOf<ActionId>,
    version: i64,
    created_at: At,
    updated_at: At,
    programme_id: IdOf<ProgrammeId>,
    code: Parsed<ShortCode>,
    title: Json<Name>,
    description: Option<Json<Prose>>,
    status: Word<ActionStatus>,
    held_status: Option<Word<ActionStatus>>,
    visibility: Word<ActionVisibility>,
    starts_on: Option<Date>,
    ends_on: Option<Date>,
    started_on: Option<Date>,
    ended_on: Option<Date>,
    start_gate: Word<StartGate>,
    target_groups: Json<BTreeSet<TargetGroup>>,
    prevention_level: Option<Word<PreventionLevel>>,
    area: Json<BTreeSet<MunicipalityCode>>,
    tags: Json<BTreeSet<Tag>>,
}

impl From<&Action> for Row {
    fn from(action: &Action) -> Self {
        // Participants and goals have tables of their own.
        let Action {
            id,
            meta,
            programme_id,
            accountable_id: _,
            status,
            held_status,
            started_on,
            ended_on,
            details,
            participants: _,
        } = action.clone();
        let Meta { version, created_at, updated_at } = meta;
        let Details {
            code,
            title,
            description,
            goals: _,
            visibility,
            starts_on,
            ends_on,
            start_gate,
            target_groups,
            prevention_level,
            area,
            tags,
        } = details;
        Self {
            id: IdOf(id),
            version,
            created_at: created_at.into(),
            updated_at: updated_at.into(),
            programme_id: IdOf(programme_id),
            code: Parsed(code),
            title: Json(title),
            description: description.map(Json),
            status: Word(status),
            held_status: held_status.map(Word),
            visibility: Word(visibility),
            starts_on,
            ends_on,
            started_on,
            ended_on,
            start_gate: Word(start_gate),
            target_groups: Json(target_groups),
            prevention_level: prevention_level.map(Word),
            area: Json(area),
            tags: Json(tags),
        }
    }
}

impl Row {
    /// The action of a row and what belongs to it.
    fn with(self, children: Children) -> Result<Action, Error> {
        let Children { participants, goals } = children;
        // The database keeps at most one, and no write leaves none.
        let accountable = participants.iter().find(|participant| participant.is_accountable());
        let accountable_id = accountable.ok_or(diesel::result::Error::NotFound)?.organisation_id;
        Ok(Action {
            id: self.id.0,
            meta: Meta { version: self.version, created_at: self.created_at.get(), updated_at: self.updated_at.get() },
            programme_id: self.programme_id.0,
            accountable_id,
            status: self.status.0,
            held_status: self.held_status.map(|status| status.0),
            started_on: self.started_on,
            ended_on: self.ended_on,
            details: Details {
                code: self.code.0,
                title: self.title.0,
                description: self.description.map(|text| text.0),
                goals,
                visibility: self.visibility.0,
                starts_on: self.starts_on,
                ends_on: self.ends_on,
                start_gate: self.start_gate.0,
                target_groups: self.target_groups.0,
                prevention_level: self.prevention_level.map(|level| level.0),
                area: self.area.0,
                tags: self.tags.0,
            },
            participants,
        })
    }
}

/// The action, or a 404 where there is none that the scope sees. Three statements.
pub fn find(db: &mut Db, scope: &Scope, id: ActionId) -> Result<Action, Error> {
    let row: Option<Row> = actions::table
        .find(IdOf(id))
        .filter(visible!(scope, actions::id))
        .select(Row::as_select())
        .first(db)
        .optional()?;
    let row = row.ok_or_else(Fault::not_found)?;
    let children = children(db, &[id])?.remove(&id).unwrap_or_default();
    row.with(children)
}

/// The action with all that belongs to it, locked until the transaction ends.
pub fn lock(tx: &mut Tx<'_>, scope: &Scope, id: ActionId) -> Result<Action, Error> {
    let row: Option<Row> = actions::table
        .find(IdOf(id))
        .filter(visible!(scope, actions::id))
        .select(Row::as_select())
        .for_update_of_engine()
        .get_result(&mut **tx)
        .optional()?;
    let row = row.ok_or_else(Fault::not_found)?;
    let children = children(tx, &[id])?.remove(&id).unwrap_or_default();
    row.with(children)
}

/// Adds a new action.
pub fn create(tx: &mut Tx<'_>, action: &Action) -> Result<(), Error> {
    refuse_own_code(tx, action)?;
    diesel::insert_into(actions::table)
        .values((Row::from(action), actions::code_key.eq(code_key(action))))
        .execute(&mut **tx)
        .on_duplicate(|| code_taken(action))?;
    children::write(tx, action, &Children::default())?;
    record(tx, "action.created", changed(action), action.audience())?;
    Ok(())
}

/// Keeps a change of an action that was locked before, with its participants and goals; `kind` names what happened
/// in the change feed.
pub fn save(tx: &mut Tx<'_>, action: &Action, kind: &'static str) -> Result<(), Error> {
    refuse_own_code(tx, action)?;
    diesel::update(actions::table.find(IdOf(action.id)))
        .set((Row::from(action), actions::code_key.eq(code_key(action))))
        .execute(&mut **tx)
        .on_duplicate(|| code_taken(action))?;
    let before = children(tx, &[action.id])?.remove(&action.id).unwrap_or_default();
    let accountable_before = before.participants.iter().find(|participant| participant.is_accountable());
    let same_accountable = accountable_before.is_some_and(|it| it.organisation_id == action.accountable_id);
    children::write(tx, action, &before)?;
    let audience = action.audience();
    let seen_before = record(tx, kind, changed(action), audience.clone())?;
    // Reports are seen by whoever sees their action; mostly nothing of that changes.
    if seen_before != audience || !same_accountable {
        crate::reports::follow_action(tx, action.id, &audience, action.accountable_id)?;
    }
    Ok(())
}

/// Removes a draft with its participants and decision steps; refused while anything else refers to it.
pub fn delete(tx: &mut Tx<'_>, action: &Action) -> Result<(), Error> {
    crate::decision_steps::delete_all(tx, action.id)?;
    children::delete(tx, action.id)?;
    diesel::delete(actions::table.find(IdOf(action.id)))
        .execute(&mut **tx)
        .on_reference(|| Fault::new(&codes::IN_USE, "Reports refer to this action."))?;
    record(tx, "action.deleted", changed(action), Audience::nobody())?;
    Ok(())
}

/// What no two actions of a programme share. Before it was proposed an action is known to few, so its code is its
/// organisation's own: a refusal would tell others of it. A code has no space.
fn code_key(action: &Action) -> String {
    let code = action.details.code.as_str();
    if action.was_proposed() { code.to_owned() } else { format!("{code} {}", action.accountable_id.uuid().simple()) }
}

/// Refuses a draft with the code of a proposed action of the same organisation, which knows of it, so that it hears of it
/// now and not when it proposes.
fn refuse_own_code(tx: &mut Tx<'_>, action: &Action) -> Result<(), Error> {
    if action.status != ActionStatus::Draft {
        return Ok(());
    }
    let own = actions::table
        .inner_join(participants::table)
        .filter(actions::programme_id.eq(IdOf(action.programme_id)))
        .filter(actions::code_key.eq(action.details.code.as_str()))
        .filter(participants::accountable)
        .filter(participants::organisation_id.eq(IdOf(action.accountable_id)));
    if diesel::select(diesel::dsl::exists(own)).get_result(&mut **tx)? {
        return Err(code_taken(action).into());
    }
    Ok(())
}

fn code_taken(action: &Action) -> Fault {
    let code = &action.details.code;
    let detail = if action.was_proposed() {
        message!(
            fi: "Ohjelmassa on jo ehdotettu toimenpide, jonka tunnus on {code}. Valitse toinen tunnus.",
            sv: "Programmet har redan en föreslagen åtgärd med koden {code}. Välj en annan kod.",
            en: "The programme already has a proposed action with the code {code}. Choose another code."
        )
    } else {
        message!(
            fi: "Organisaatiolla on ohjelmassa jo toimenpide, jonka tunnus on {code}.",
            sv: "Organisationen har redan en åtgärd med koden {code} i programmet.",
            en: "The organisation already has an action with the code {code} in the programme."
        )
    };
    Fault::new(&codes::ALREADY_EXISTS, detail.clone()).at("/code", "already_exists", detail)
}

fn changed(action: &Action) -> Changed {
    Changed { aggregate_type: AggregateType::Action, id: action.id.uuid(), version: action.meta.version }
}
