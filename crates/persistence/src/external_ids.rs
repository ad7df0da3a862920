//! External ids in the database. A name belongs to one organisation, and in it to one thing of its sort.

use crate::changes::AnyId;
use crate::dialect::DialectExt;
use crate::schema::{decision_steps, external_ids};
use crate::scope::Scope;
use crate::sql_types::{IdOf, Parsed, Word};
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use yhteen_domain::external_ids::{Entity, EntityType, ExternalId, ExternalSource};
use yhteen_domain::ids::{ActionId, Id, OrganisationId, StepId};
use yhteen_domain::text::PlainName;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = external_ids, treat_none_as_default_value = false)]
struct Row {
    organisation_id: IdOf<OrganisationId>,
    entity_type: Word<EntityType>,
    source: Parsed<ExternalSource>,
    value: Parsed<PlainName>,
    entity_id: IdOf<AnyId>,
}

impl Row {
    fn of<T: Entity>(organisation: OrganisationId, external_id: &ExternalId, id: T) -> Self {
        let ExternalId { source, value } = external_id.clone();
        Self {
            organisation_id: IdOf(organisation),
            entity_type: Word(T::TYPE),
            source: Parsed(source),
            value: Parsed(value),
            entity_id: IdOf(AnyId::from_uuid(id.uuid())),
        }
    }

    fn external_id(self) -> ExternalId {
        ExternalId { source: self.source.0, value: self.value.0 }
    }
}

/// The external ids of things that are shown together, as far as their reader may know of them.
#[derive(Clone, Debug, Default)]
pub struct ExternalIds(BTreeMap<uuid::Uuid, Vec<ExternalId>>);

impl ExternalIds {
    /// Those of one of the things, in order.
    pub fn of(&self, id: impl Entity) -> Vec<ExternalId> {
        self.0.get(&id.uuid()).cloned().unwrap_or_default()
    }
}

/// The external ids that these organisations have given to these things, for a reader: only those of organisations for
/// which it reads. One statement, however many there are; none for who reads for none of them.
pub fn shown(
    db: &mut Db,
    scope: &Scope,
    given: impl IntoIterator<Item = (uuid::Uuid, OrganisationId)>,
) -> Result<ExternalIds, Error> {
    let wanted: BTreeSet<_> = given.into_iter().filter(|(_, organisation)| scope.reads_for(*organisation)).collect();
    if wanted.is_empty() {
        return Ok(ExternalIds::default());
    }
    let entities: BTreeSet<_> = wanted.iter().map(|(id, _)| *id).collect();
    let organisations: BTreeSet<_> = wanted.iter().map(|(_, organisation)| *organisation).collect();
    let rows: Vec<Row> = external_ids::table
        .filter(external_ids::entity_id.eq_any(entities.into_iter().map(|id| IdOf(AnyId::from_uuid(id)))))
        .filter(external_ids::organisation_id.eq_any(organisations.into_iter().map(IdOf)))
        .select(Row::as_select())
        .load(db)?;
    let mut shown: BTreeMap<uuid::Uuid, Vec<ExternalId>> = BTreeMap::new();
    for row in rows {
        let id = row.entity_id.0.uuid();
        if wanted.contains(&(id, row.organisation_id.0)) {
            shown.entry(id).or_default().push(row.external_id());
        }
    }
    // By value and not by the database, whose collations differ.
    for external_ids in shown.values_mut() {
        external_ids.sort_unstable();
    }
    Ok(ExternalIds(shown))
}

/// What an organisation calls so; nothing where it calls nothing so.
pub fn find<T: Entity>(
    db: &mut Db,
    organisation: OrganisationId,
    external_id: &ExternalId,
) -> Result<Option<T>, Error> {
    Ok(find_all(db, organisation, [external_id])?.remove(external_id))
}

/// What an organisation calls so, by its names. One statement.
pub fn find_all<'a, T: Entity>(
    db: &mut Db,
    organisation: OrganisationId,
    external_ids: impl IntoIterator<Item = &'a ExternalId>,
) -> Result<BTreeMap<ExternalId, T>, Error> {
    let values: BTreeSet<_> = external_ids.into_iter().map(|it| it.value.as_str()).collect();
    let rows: Vec<Row> = external_ids::table
        .filter(external_ids::organisation_id.eq(IdOf(organisation)))
        .filter(external_ids::entity_type.eq(Word(T::TYPE)))
        .filter(external_ids::value.eq_any(values))
        .select(Row::as_select())
        .load(db)?;
    let named = rows.into_iter().map(|row| (T::from_uuid(row.entity_id.0.uuid()), row.external_id()));
    Ok(named.map(|(id, external_id)| (external_id, id)).collect())
}

/// Gives a thing, which is locked or new, a name that was not found before. Where another transaction has given the
/// name away meanwhile, this one is run again, and finds it.
pub fn add<T: Entity>(
    tx: &mut Tx<'_>,
    organisation: OrganisationId,
    external_id: &ExternalId,
    id: T,
) -> Result<(), Error> {
    let count: i64 = external_ids::table
        .filter(external_ids::entity_id.eq(IdOf(AnyId::from_uuid(id.uuid()))))
        .filter(external_ids::organisation_id.eq(IdOf(organisation)))
        .count()
        .get_result(&mut **tx)?;
    ExternalId::require_room(usize::try_from(count).unwrap_or(usize::MAX))?;
    // PostgreSQL waits here for a transaction that is about to give the same name away.
    let added = diesel::insert_into(external_ids::table)
        .values(Row::of(organisation, external_id, id))
        .on_conflict((
            external_ids::organisation_id,
            external_ids::entity_type,
            external_ids::source,
            external_ids::value,
        ))
        .do_nothing()
        .per_engine()
        .execute(&mut **tx)?;
    if added == 1 { Ok(()) } else { Err(Error::Overtaken) }
}

/// Gives all names of a thing to another that stands in its place.
pub(crate) fn hand_over<T: Entity>(tx: &mut Tx<'_>, from: T, to: T) -> Result<(), Error> {
    diesel::update(external_ids::table)
        .filter(external_ids::entity_id.eq(IdOf(AnyId::from_uuid(from.uuid()))))
        .set(external_ids::entity_id.eq(IdOf(AnyId::from_uuid(to.uuid()))))
        .execute(&mut **tx)?;
    Ok(())
}

/// Forgets all names of a step.
pub(crate) fn remove_of_step(tx: &mut Tx<'_>, step: StepId) -> Result<(), Error> {
    let own = external_ids::entity_id.eq(IdOf(AnyId::from_uuid(step.uuid())));
    diesel::delete(external_ids::table.filter(own)).execute(&mut **tx)?;
    Ok(())
}

/// Forgets all names of the steps of an action.
pub(crate) fn remove_of_steps(tx: &mut Tx<'_>, action: ActionId) -> Result<(), Error> {
    let steps = decision_steps::table.filter(decision_steps::action_id.eq(IdOf(action))).select(decision_steps::id);
    diesel::delete(external_ids::table.filter(external_ids::entity_id.eq_any(steps))).execute(&mut **tx)?;
    Ok(())
}
