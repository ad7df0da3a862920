//! Who is calling, as the database knows it at this moment, and what follows for queries.
//!
//! A [`Scope`] cannot be made up outside this crate: it is the anonymous one or comes with the [`Access`] of a
//! principal. Queries on partners' data take one, so a query that forgets its tenant does not compile.

use crate::schema::{organisations, principal_roles, principals, programme_coordinators, programme_members};
use crate::sql_types::{At, IdOf, Word};
use crate::{Db, Error};
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use yhteen_domain::audience::{Audience, Key};
use yhteen_domain::ids::{OrganisationId, PrincipalId, ProgrammeId};
use yhteen_domain::organisations::{ended, has_ended, suspended};
use yhteen_domain::programmes::{Member, MemberRole, MemberStatus};
use yhteen_domain::roles::{Role, lacking};
use yhteen_domain::time::Date;
use yhteen_domain::vocabulary::Vocabulary;
use yhteen_domain::{Fault, message};

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

    /// Whether the reader sees who is invited to the programme: its members and coordinators do.
    pub fn sees_invitations(&self, programme: ProgrammeId) -> bool {
        self.keys.contains(&Key::Programme(programme)) || self.keys.contains(&Key::Coordinator(programme))
    }

    /// Whether the reader sees that the organisation is invited to the programme, or has declined.
    pub fn sees_membership(&self, programme: ProgrammeId, member: &Member) -> bool {
        member.status == MemberStatus::Joined
            || self.reads_for(member.organisation_id)
            || self.sees_invitations(programme)
    }

    /// The organisations for which the reader reads.
    pub(crate) fn organisations(&self) -> Vec<IdOf<OrganisationId>> {
        let of_key = |key: &Key| match key {
            Key::Organisation(id) => Some(IdOf(*id)),
            Key::Public | Key::Programme(_) | Key::Coordinator(_) | Key::Administrators(_) => None,
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

/// What a principal may do in one organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// What it may read.
    pub reads: Role,
    /// What it may write; nothing where the right rests on an organisation that has ended.
    pub writes: Option<Role>,
}

impl Rights {
    /// The greater of two rights, each by itself.
    fn or(self, other: Self) -> Self {
        Self { reads: self.reads.max(other.reads), writes: self.writes.max(other.writes) }
    }
}

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
    rights: BTreeMap<OrganisationId, Rights>,
    /// Suspended organisations in which it would have a right.
    suspended: BTreeSet<OrganisationId>,
    /// The programmes that it coordinates, and those of which it only reads what their coordinators read.
    coordinates: BTreeMap<ProgrammeId, bool>,
    scope: Scope,
}

impl Access {
    /// What it sees.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Its rights, with those that it has by being the parent or the successor.
    pub fn rights(&self) -> impl Iterator<Item = (OrganisationId, Rights)> {
        self.rights.iter().map(|(organisation, rights)| (*organisation, *rights))
    }

    /// The programmes that it coordinates.
    pub fn coordinates(&self) -> impl Iterator<Item = ProgrammeId> {
        self.coordinates.iter().filter(|(_, writes)| **writes).map(|(programme, _)| *programme)
    }

    /// The organisations whose accounts it may read, as their administrator.
    pub fn administered(&self) -> impl Iterator<Item = OrganisationId> {
        self.rights().filter(|(_, rights)| rights.reads.includes(Role::Admin)).map(|(organisation, _)| organisation)
    }

    /// Whether it may do what this role does in the organisation.
    pub fn may(&self, organisation: OrganisationId, role: Role) -> bool {
        let writes = self.rights.get(&organisation).and_then(|rights| rights.writes);
        writes.is_some_and(|held| held.includes(role))
    }

    /// Whether it may read what this role reads in the organisation: also once the organisation has ended.
    pub fn may_read(&self, organisation: OrganisationId, role: Role) -> bool {
        self.rights.get(&organisation).is_some_and(|rights| rights.reads.includes(role))
    }

    /// Refuses where it may not do what this role does in the organisation.
    pub fn require(&self, organisation: OrganisationId, role: Role) -> Result<(), Fault> {
        match self.rights.get(&organisation) {
            _ if self.may(organisation, role) => Ok(()),
            Some(rights) if rights.reads.includes(role) => Err(ended()),
            None if self.suspended.contains(&organisation) => Err(suspended()),
            _ => Err(lacking(role)),
        }
    }

    /// Refuses where it may not read what this role reads in the organisation.
    pub fn require_to_read(&self, organisation: OrganisationId, role: Role) -> Result<(), Fault> {
        if self.may_read(organisation, role) { Ok(()) } else { self.require(organisation, role) }
    }

    /// Whether it coordinates the programme.
    pub fn may_coordinate(&self, programme: ProgrammeId) -> bool {
        self.coordinates.get(&programme).is_some_and(|writes| *writes)
    }

    /// Whether it reads what the coordinators of the programme read: also once the organisation has ended by which it
    /// coordinated.
    pub fn reads_as_coordinator(&self, programme: ProgrammeId) -> bool {
        self.coordinates.contains_key(&programme)
    }

    /// Refuses where it does not coordinate the programme.
    pub fn require_coordinator(&self, programme: ProgrammeId) -> Result<(), Fault> {
        if self.may_coordinate(programme) {
            return Ok(());
        }
        if self.reads_as_coordinator(programme) {
            return Err(ended());
        }
        Err(Fault::forbidden(message!(
            fi: "Tähän tarvitaan ohjelman koordinaattorin rooli.",
            sv: "Detta kräver rollen som koordinator för programmet.",
            en: "This needs the role of a coordinator of the programme."
        )))
    }
}

/// What the principal may do and see on the day `today`; nothing where it is unknown, deactivated or suspended.
///
/// A role in an organisation that has ended reads and does not write, there and in its parts; the successor's roles do
/// both. A role in a suspended organisation does neither, nor does any role of an account that belongs to one.
pub fn access(db: &mut Db, principal: PrincipalId, today: Date) -> Result<Option<Access>, Error> {
    type Found = (Option<IdOf<OrganisationId>>, bool, i64, Option<At>);
    let found: Option<Found> = principals::table
        .left_join(organisations::table)
        .filter(principals::id.eq(IdOf(principal)))
        .filter(principals::deactivated_at.is_null())
        .filter(principals::suspended_at.is_null())
        .select((
            principals::organisation_id,
            principals::operator,
            principals::generation,
            organisations::suspended_at.nullable(),
        ))
        .first(db)
        .optional()?;
    let Some((home, operator, generation, home_suspended)) = found else { return Ok(None) };
    let home_suspended = home_suspended.is_some();
    let given: Vec<(IdOf<OrganisationId>, Word<Role>, Days)> = principal_roles::table
        .inner_join(organisations::table)
        .filter(principal_roles::principal_id.eq(IdOf(principal)))
        .select((
            principal_roles::organisation_id,
            principal_roles::role,
            (organisations::valid_to, organisations::succeeded_on, organisations::suspended_at),
        ))
        .load(db)?;
    let mut reach = Reach::default();
    for (organisation, role, (valid_to, succeeded_on, suspended_at)) in given {
        let (organisation, reads) = (organisation.0, role.0);
        if suspended_at.is_some() || home_suspended {
            reach.suspended.insert(organisation);
            if suspended_at.is_some() && reads.includes(Role::Admin) {
                reach.administers.insert(organisation);
            }
        } else {
            let writes = (!has_ended(valid_to, succeeded_on, today)).then_some(reads);
            reach.rights.insert(organisation, Rights { reads, writes });
        }
    }
    reach.inherit(db, today)?;
    let Reach { rights, suspended, mut administers } = reach;
    let organisations: Vec<_> = rights.keys().copied().map(IdOf).collect();

    let memberships: Vec<(IdOf<ProgrammeId>, String, IdOf<OrganisationId>)> = programme_members::table
        .filter(programme_members::organisation_id.eq_any(&organisations))
        .filter(programme_members::status.eq(Word(MemberStatus::Joined)))
        .filter(programme_members::joined_on.le(today))
        .filter(programme_members::left_on.is_null().or(programme_members::left_on.gt(today)))
        .select((programme_members::programme_id, programme_members::role, programme_members::organisation_id))
        .load(db)?;
    let appointed: Vec<IdOf<ProgrammeId>> = programme_coordinators::table
        .filter(programme_coordinators::principal_id.eq(IdOf(principal)))
        .select(programme_coordinators::programme_id)
        .load(db)?;
    // An appointment is good while an organisation of the appointed one is a coordinating member.
    let mut coordinates = BTreeMap::new();
    for (programme, role, organisation) in &memberships {
        if role == MemberRole::Coordinator.as_str() && appointed.contains(programme) {
            let writes = rights.get(&organisation.0).is_some_and(|rights| rights.writes.is_some());
            *coordinates.entry(programme.0).or_insert(false) |= writes;
        }
    }

    administers.extend(rights.iter().filter(|(_, it)| it.reads.includes(Role::Admin)).map(|(id, _)| *id));
    let keys = std::iter::once(Key::Public)
        .chain(rights.keys().map(|id| Key::Organisation(*id)))
        .chain(administers.into_iter().map(Key::Administrators))
        .chain(memberships.iter().map(|(id, ..)| Key::Programme(id.0)))
        .chain(coordinates.keys().map(|id| Key::Coordinator(*id)))
        .collect();
    let (home, scope) = (home.map(|id| id.0), Scope { keys });
    Ok(Some(Access { principal, home, operator, generation, rights, suspended, coordinates, scope }))
}

/// The last day of an organisation, the day of its succession, and since when it is suspended.
type Days = (Option<Date>, Option<Date>, Option<At>);

/// How far the roles of a principal reach.
#[derive(Default)]
struct Reach {
    rights: BTreeMap<OrganisationId, Rights>,
    suspended: BTreeSet<OrganisationId>,
    /// The organisations whose administrator it is, and hears of their suspension, although it may do nothing there.
    administers: BTreeSet<OrganisationId>,
}

impl Reach {
    /// Rights reach from an organisation to its descendants, and from a successor to what it has succeeded.
    fn inherit(&mut self, db: &mut Db, today: Date) -> Result<(), Error> {
        let mut barred = BTreeSet::new();
        let mut frontier: Vec<_> = self.rights.keys().copied().map(IdOf).collect();
        while !frontier.is_empty() {
            type Heir = (
                IdOf<OrganisationId>,
                Option<IdOf<OrganisationId>>,
                Option<IdOf<OrganisationId>>,
                Option<Date>,
                Option<At>,
            );
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
                    organisations::suspended_at,
                ))
                .load(db)?;
            frontier.clear();
            for (id, parent, successor, succeeded_on, suspended_at) in heirs {
                let successor = successor.filter(|_| succeeded_on.is_some_and(|on| on <= today));
                let superiors = [parent, successor].into_iter().flatten();
                let inherited = superiors.filter_map(|from| self.rights.get(&from.0).copied()).reduce(Rights::or);
                let held = self.rights.get(&id.0).copied();
                // Only what raises a right goes on, so that a ring of organisations ends.
                if let Some(raised) = inherited.map(|inherited| held.map_or(inherited, |held| held.or(inherited)))
                    && held != Some(raised)
                {
                    self.rights.insert(id.0, raised);
                    frontier.push(id);
                }
                if suspended_at.is_some() {
                    barred.insert(id.0);
                }
            }
        }
        // The parts of a suspended organisation are not suspended with it: rights from above reach them through it.
        for id in barred {
            if self.rights.remove(&id).is_some_and(|rights| rights.reads.includes(Role::Admin)) {
                self.administers.insert(id);
            }
            self.suspended.insert(id);
        }
        Ok(())
    }
}
