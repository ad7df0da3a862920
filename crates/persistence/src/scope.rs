//! Who is calling, as the database knows it at this moment, and what follows for queries.
//!
//! A [`Scope`] cannot be made up outside this crate: it is the anonymous one or comes with the [`Access`] of a
//! principal. Queries on partners' data take one, so a query that forgets its tenant does not compile.

use crate::schema::{organisations, principal_roles, principals, programme_coordinators, programme_members};
use crate::sql_types::{IdOf, Word};
use crate::{Db, Error};
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use yhteen_domain::Fault;
use yhteen_domain::audience::{Audience, Key};
use yhteen_domain::ids::{OrganisationId, PrincipalId, ProgrammeId};
use yhteen_domain::roles::{Role, lacking};
use yhteen_domain::time::Date;

/// The keys that a reader holds: see [`yhteen_domain::audience`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    keys: BTreeSet<Key>,
}

impl Scope {
    /// What everyone sees without signing in.
    pub fn anonymous() -> Self {
        Self { keys: [Key::Public].into() }
    }

    /// The keys, in order.
    pub fn keys(&self) -> &BTreeSet<Key> {
        &self.keys
    }

    /// Whether the reader sees what has this audience.
    pub fn sees(&self, audience: &Audience) -> bool {
        audience.admits(&self.keys)
    }

    /// Whether the reader reads for the organisation.
    pub fn reads_for(&self, organisation: OrganisationId) -> bool {
        self.keys.contains(&Key::Organisation(organisation))
    }

    /// The organisations for which the reader reads.
    pub(crate) fn organisations(&self) -> Vec<IdOf<OrganisationId>> {
        let of_key = |key: &Key| match key {
            Key::Organisation(id) => Some(IdOf(*id)),
            Key::Public | Key::Programme(_) | Key::Coordinator(_) => None,
        };
        self.keys.iter().filter_map(of_key).collect()
    }

    /// The keys as they stand in the database.
    pub(crate) fn words(&self) -> Vec<String> {
        self.keys.iter().map(ToString::to_string).collect()
    }
}

/// Restricts a query to the aggregates that a scope sees, by the column that names the aggregate.
macro_rules! visible {
    ($scope:expr, $aggregate_id:expr) => {
        diesel::dsl::exists(
            $crate::schema::audiences::table
                .filter($crate::schema::audiences::aggregate_id.eq($aggregate_id))
                .filter($crate::schema::audiences::audience_key.eq_any($scope.words())),
        )
    };
}
pub(crate) use visible;

/// What a signed-in principal may do and see now.
#[derive(Clone, Debug)]
pub struct Access {
    /// The person or machine.
    pub principal: PrincipalId,
    /// The organisation that the account belongs to; the operator's belongs to none.
    pub home: Option<OrganisationId>,
    /// Whether it runs the service.
    pub operator: bool,
    /// How often all sign-ins of the account were ended: a token of another number is good no more.
    pub generation: i64,
    roles: BTreeMap<OrganisationId, Role>,
    coordinates: BTreeSet<ProgrammeId>,
    scope: Scope,
}

impl Access {
    /// What it sees.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Its roles, with those that it has by being the parent or the successor.
    pub fn roles(&self) -> &BTreeMap<OrganisationId, Role> {
        &self.roles
    }

    /// The programmes that it coordinates.
    pub fn coordinates(&self) -> &BTreeSet<ProgrammeId> {
        &self.coordinates
    }

    /// The organisations that it administers.
    pub fn administered(&self) -> impl Iterator<Item = OrganisationId> {
        self.roles.iter().filter(|(_, role)| role.includes(Role::Admin)).map(|(organisation, _)| *organisation)
    }

    /// Whether it has at least this role in the organisation.
    pub fn may(&self, organisation: OrganisationId, role: Role) -> bool {
        self.roles.get(&organisation).is_some_and(|held| held.includes(role))
    }

    /// Refuses where it has not this role in the organisation.
    pub fn require(&self, organisation: OrganisationId, role: Role) -> Result<(), Fault> {
        if self.may(organisation, role) { Ok(()) } else { Err(lacking(role)) }
    }

    /// Whether it coordinates the programme.
    pub fn may_coordinate(&self, programme: ProgrammeId) -> bool {
        self.coordinates.contains(&programme)
    }

    /// Refuses where it does not coordinate the programme.
    pub fn require_coordinator(&self, programme: ProgrammeId) -> Result<(), Fault> {
        if self.may_coordinate(programme) {
            return Ok(());
        }
        Err(Fault::forbidden("This needs the role of a coordinator of the programme."))
    }
}

/// What the principal may do and see on the day `today`; nothing where it is unknown or deactivated.
pub fn access(db: &mut Db, principal: PrincipalId, today: Date) -> Result<Option<Access>, Error> {
    let found: Option<(Option<IdOf<OrganisationId>>, bool, i64)> = principals::table
        .filter(principals::id.eq(IdOf(principal)))
        .filter(principals::deactivated_at.is_null())
        .select((principals::organisation_id, principals::operator, principals::generation))
        .first(db)
        .optional()?;
    let Some((home, operator, generation)) = found else { return Ok(None) };
    let given: Vec<(IdOf<OrganisationId>, Word<Role>)> = principal_roles::table
        .filter(principal_roles::principal_id.eq(IdOf(principal)))
        .select((principal_roles::organisation_id, principal_roles::role))
        .load(db)?;
    let roles = with_inherited(db, given.into_iter().map(|(id, role)| (id.0, role.0)).collect(), today)?;
    let organisations: Vec<_> = roles.keys().copied().map(IdOf).collect();

    let memberships: Vec<(IdOf<ProgrammeId>, String, IdOf<OrganisationId>)> = programme_members::table
        .filter(programme_members::organisation_id.eq_any(&organisations))
        .filter(programme_members::joined_on.le(today))
        .filter(programme_members::left_on.is_null().or(programme_members::left_on.gt(today)))
        .select((programme_members::programme_id, programme_members::role, programme_members::organisation_id))
        .load(db)?;
    let appointed: Vec<IdOf<ProgrammeId>> = programme_coordinators::table
        .filter(programme_coordinators::principal_id.eq(IdOf(principal)))
        .select(programme_coordinators::programme_id)
        .load(db)?;
    // An appointment is good while an organisation of the appointed one is a coordinating member.
    let coordinates: BTreeSet<ProgrammeId> = appointed
        .into_iter()
        .map(|id| id.0)
        .filter(|id| memberships.iter().any(|(programme, role, _)| programme.0 == *id && role == "coordinator"))
        .collect();

    let keys = std::iter::once(Key::Public)
        .chain(roles.keys().map(|id| Key::Organisation(*id)))
        .chain(memberships.iter().map(|(id, ..)| Key::Programme(id.0)))
        .chain(coordinates.iter().map(|id| Key::Coordinator(*id)))
        .collect();
    let home = home.map(|id| id.0);
    Ok(Some(Access { principal, home, operator, generation, roles, coordinates, scope: Scope { keys } }))
}

/// Rights reach from an organisation to its descendants, and from a successor to what it has succeeded.
fn with_inherited(
    db: &mut Db,
    given: BTreeMap<OrganisationId, Role>,
    today: Date,
) -> Result<BTreeMap<OrganisationId, Role>, Error> {
    let mut roles = given;
    let mut frontier: Vec<_> = roles.keys().copied().map(IdOf).collect();
    while !frontier.is_empty() {
        type Heir = (IdOf<OrganisationId>, Option<IdOf<OrganisationId>>, Option<IdOf<OrganisationId>>, Option<Date>);
        let heirs: Vec<Heir> = organisations::table
            .filter(
                organisations::parent_id
                    .eq_any(&frontier)
                    .or(organisations::successor_id.eq_any(&frontier).and(organisations::succeeded_on.le(today))),
            )
            .select((
                organisations::id,
                organisations::parent_id,
                organisations::successor_id,
                organisations::succeeded_on,
            ))
            .load(db)?;
        frontier.clear();
        for (id, parent, successor, succeeded_on) in heirs {
            let successor = successor.filter(|_| succeeded_on.is_some_and(|on| on <= today));
            let inherited =
                [parent, successor].into_iter().flatten().filter_map(|from| roles.get(&from.0).copied()).max();
            // Only what raises a role goes on, so that a ring of organisations ends.
            if let Some(role) = inherited
                && roles.get(&id.0).is_none_or(|held| *held < role)
            {
                roles.insert(id.0, role);
                frontier.push(id);
            }
        }
    }
    Ok(roles)
}
