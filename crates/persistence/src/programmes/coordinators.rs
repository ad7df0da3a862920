//! The coordinators of a programme, account by account. An appointment is good while an organisation of the
//! appointed one is a coordinating member (see [`crate::scope::access`]).

use super::save_as;
use crate::dialect::DialectExt;
use crate::schema::{principal_roles, principals, programme_coordinators as coordinators};
use crate::security::{self, Note};
use crate::sql_types::IdOf;
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use yhteen_domain::Fault;
use yhteen_domain::ids::{Id, OrganisationId, PrincipalId, ProgrammeId};
use yhteen_domain::programmes::Programme;
use yhteen_domain::security::{About, SecurityEventKind, SecuritySubject};

/// The organisations to which an account belongs, or in which it has a role; none where there is no such account.
pub fn organisations_of(db: &mut Db, principal: PrincipalId) -> Result<Vec<OrganisationId>, Error> {
    let home: Option<Option<IdOf<OrganisationId>>> =
        principals::table.find(IdOf(principal)).select(principals::organisation_id).first(db).optional()?;
    let Some(home) = home else { return Ok(Vec::new()) };
    let roles: Vec<IdOf<OrganisationId>> = principal_roles::table
        .filter(principal_roles::principal_id.eq(IdOf(principal)))
        .select(principal_roles::organisation_id)
        .load(db)?;
    Ok(roles.into_iter().chain(home).map(|id| id.0).collect())
}

/// The accounts that are appointed, in the order of their identifiers.
pub fn list(db: &mut Db, programme: ProgrammeId) -> Result<Vec<PrincipalId>, Error> {
    let ids: Vec<IdOf<PrincipalId>> = coordinators::table
        .filter(coordinators::programme_id.eq(IdOf(programme)))
        .order(coordinators::principal_id)
        .select(coordinators::principal_id)
        .load(db)?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// Appoints the first coordinator of a programme that is being created.
pub fn appoint_first(tx: &mut Tx<'_>, programme: ProgrammeId, principal: PrincipalId) -> Result<(), Error> {
    insert(tx, programme, principal)?;
    Ok(())
}

/// Appoints a coordinator of a programme that was locked before, and answers the programme in its next version; one who
/// is appointed already stays so, and the programme as it is.
pub fn appoint(tx: &mut Tx<'_>, programme: Programme, principal: PrincipalId) -> Result<Programme, Error> {
    let appointed = insert(tx, programme.id, principal)?;
    if appointed {
        note(tx, programme.id, principal, "appointed")?;
    }
    let programme = programme.after(&false, &appointed, tx.now);
    save_as(tx, &programme, "programme.coordinator_appointed")?;
    Ok(programme)
}

/// Whether it was not appointed before.
fn insert(tx: &mut Tx<'_>, programme: ProgrammeId, principal: PrincipalId) -> Result<bool, Error> {
    let appointed = diesel::insert_into(coordinators::table)
        .values((coordinators::programme_id.eq(IdOf(programme)), coordinators::principal_id.eq(IdOf(principal))))
        .on_conflict((coordinators::programme_id, coordinators::principal_id))
        .do_nothing()
        .per_engine()
        .execute(&mut **tx)?;
    Ok(appointed == 1)
}

/// Dismisses a coordinator of a programme that was locked before, and answers the programme in its next version; a 404
/// where it is not appointed.
pub fn dismiss(tx: &mut Tx<'_>, programme: Programme, principal: PrincipalId) -> Result<Programme, Error> {
    let gone = diesel::delete(coordinators::table.find((IdOf(programme.id), IdOf(principal)))).execute(&mut **tx)?;
    if gone == 0 {
        return Err(Fault::not_found().into());
    }
    note(tx, programme.id, principal, "dismissed")?;
    let programme = programme.touched(tx.now);
    save_as(tx, &programme, "programme.coordinator_dismissed")?;
    Ok(programme)
}

fn note(tx: &mut Tx<'_>, programme: ProgrammeId, principal: PrincipalId, detail: &str) -> Result<(), Error> {
    let about = Some(About { subject: Some(SecuritySubject::Programme), id: programme.uuid() });
    let organisations = organisations_of(tx, principal)?;
    let detail = Some(format!("{detail} {principal}"));
    security::note(tx, Note { about, organisations, detail, ..Note::of(SecurityEventKind::CoordinatorChanged) });
    Ok(())
}
