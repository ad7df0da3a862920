//! What users and clients have in common over HTTP: roles, who may manage whom, lists.

use crate::auth::Member;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use yhteen_domain::accounts::{Account, Roles, distinct, reassigned};
use yhteen_domain::ids::OrganisationId;
use yhteen_domain::roles::{Role, lacking};
use yhteen_domain::time::date_of;
use yhteen_domain::{Fault, message};
use yhteen_persistence::accounts::has_administrator;
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::scope::Access;
use yhteen_persistence::{Error, Tx, organisations};

crate::permissions! {
    /// Reads accounts.
    ReadAccounts = AccountsRead, Admin;
    /// Makes and changes accounts.
    EditAccounts = AccountsWrite, Admin;
}

/// How many roles an account may have at most.
const ROLES: usize = 200;

/// A role in an organisation.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleGrant {
    pub(crate) organisation_id: OrganisationId,
    pub(crate) role: Role,
}

/// What the caller may do with an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountPermissions {
    /// Change everything but roles, and reset the password or make a new secret: for whoever administers every
    /// organisation that the account concerns.
    edit: bool,
    /// Change the roles in the organisations that the caller administers.
    edit_roles: bool,
}

impl AccountPermissions {
    pub(crate) fn of(account: &Account, access: &Access) -> Self {
        Self { edit: manages(account, access), edit_roles: administers_any(account, access) }
    }
}

/// The roles that the caller may know of: all of its own people and machines, and of others those in the organisations
/// that it administers.
pub(crate) fn shown_roles(account: &Account, access: &Access) -> Vec<RoleGrant> {
    let reads_home = account.organisation_id.is_some_and(|home| access.may_read(home, Role::Admin));
    let all = account.id == access.principal || reads_home;
    let roles = account.roles.iter().filter(|(organisation, _)| all || access.may_read(**organisation, Role::Admin));
    roles.map(|(organisation, role)| RoleGrant { organisation_id: *organisation, role: *role }).collect()
}

fn manages(account: &Account, access: &Access) -> bool {
    account.is_managed_by(|organisation| access.may(organisation, Role::Admin))
}

fn administers_any(account: &Account, access: &Access) -> bool {
    account.organisations().any(|id| access.may(id, Role::Admin))
}

/// The roles as they are asked for, each organisation once.
pub(crate) fn wanted(grants: &[RoleGrant]) -> Result<Roles, Fault> {
    if grants.len() > ROLES {
        return Err(Fault::invalid(
            "/roles",
            "too_many",
            message!(
                fi: "saa olla enintään {ROLES} roolia",
                sv: "får vara högst {ROLES} roller",
                en: "must be at most {ROLES} roles",
            ),
        ));
    }
    distinct(grants.iter().map(|grant| (grant.organisation_id, grant.role)))
}

/// Refuses to make an account in the organisation unless the caller administers it, or runs the service and makes the
/// first administrator. Answers what must still hold for the answer to be given again.
pub(crate) fn require_maker(
    tx: &mut Tx<'_>,
    member: &Member<EditAccounts>,
    organisation: OrganisationId,
    wanted: &Roles,
) -> Result<Guard, Error> {
    if member.may(organisation) {
        return Ok(Guard::Manages(organisation));
    }
    if member.access().operator && makes_administrator(wanted, organisation) {
        organisations::refer(tx, organisation, "/organisation_id")?;
        let today = date_of(tx.now());
        if !has_administrator(tx, organisation, today)? {
            return Ok(Guard::Operates);
        }
    }
    // What it lacks may also be that the organisation has ended or is suspended.
    member.access().require(organisation, Role::Admin)?;
    Err(lacking(Role::Admin).into())
}

fn makes_administrator(wanted: &Roles, organisation: OrganisationId) -> bool {
    wanted.get(&organisation) == Some(&Role::Admin)
}

/// The roles after the caller has said how they are to be: see [`reassigned`].
pub(crate) fn assigned(
    tx: &mut Tx<'_>,
    member: &Member<EditAccounts>,
    held: &Roles,
    wanted: &Roles,
) -> Result<Roles, Error> {
    let (mut administered, today) = (BTreeSet::new(), date_of(tx.now()));
    for organisation in wanted.keys().chain(held.keys()) {
        // The operator makes the first administrators, and only those.
        let vacant = || member.access().operator && makes_administrator(wanted, *organisation);
        if member.may(*organisation) || (vacant() && !has_administrator(tx, *organisation, today)?) {
            administered.insert(*organisation);
        }
    }
    Ok(reassigned(held, wanted, |organisation| administered.contains(&organisation))?)
}

/// Refuses to change the account in more than its roles, or to get hold of it, unless the caller administers every
/// organisation that it concerns. Answers what must still hold for the answer to be given again.
pub(crate) fn require_manager(member: &Member<EditAccounts>, account: &Account) -> Result<Guard, Fault> {
    let home = account.organisation_id.filter(|_| manages(account, member.access()));
    let home = home.ok_or_else(|| {
        Fault::forbidden(message!(
            fi: "Tämä edellyttää, että hallinnoit jokaista organisaatiota, johon tili kuuluu tai jossa sillä on rooli.",
            sv: "Detta förutsätter att du administrerar varje organisation som kontot hör till eller har en roll i.",
            en: "This needs an administrator of every organisation that the account belongs to or has a role in."
        ))
    })?;
    account.organisations().try_for_each(|organisation| member.require(organisation))?;
    Ok(Guard::Manages(home))
}

/// Refuses to change the account's roles unless the caller administers an organisation that it concerns.
pub(crate) fn require_role_giver(member: &Member<EditAccounts>, account: &Account) -> Result<Guard, Fault> {
    let through = account.organisations().find(|organisation| member.may(*organisation));
    through.map(Guard::Manages).ok_or_else(|| lacking(Role::Admin))
}

/// The organisations whose accounts to list: the one asked for, or all that the caller administers.
pub(crate) fn listed_organisations(
    member: &Member<ReadAccounts>,
    asked: Option<OrganisationId>,
) -> Result<Vec<OrganisationId>, Fault> {
    match asked {
        Some(organisation) => member.require_to_read(organisation).map(|()| vec![organisation]),
        None => Ok(member.access().administered().collect()),
    }
}
