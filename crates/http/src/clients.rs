//! Machines' accounts over HTTP.

use crate::accounts::{
    AccountPermissions, EditAccounts, ReadAccounts, RoleGrant, assigned, listed_organisations, require_manager,
    require_role_giver, shown_roles, wanted,
};
use crate::answer::{Answer, Done, Listing, Versioned};
use crate::app::App;
use crate::auth::Member;
use crate::auth::secrets::generate_secret;
use crate::auth::sign_in::unmade;
use crate::extract::{Incoming, Nothing, Params, Path};
use crate::patch::present;
use crate::problem::Problem;
use actix_web::{get, patch, post, web::Data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::Fault;
use yhteen_domain::accounts::{Account, AccountKind, Change, OUTSIDE_ORGANISATION, Roles};
use yhteen_domain::ids::{OrganisationId, PrincipalId};
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_domain::text::PlainName;
use yhteen_domain::time::date_of;
use yhteen_persistence::accounts::{self, Filter};
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::scope::Access;
use yhteen_persistence::{Error, Tx, organisations, sessions};

/// The operations on clients.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_clients)
        .service(create_client)
        .service(get_client)
        .service(patch_client)
        .service(rotate_client_secret);
}

/// A machine's account.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = Client)]
pub struct ClientView {
    /// The `client_id` with which it signs in.
    id: PrincipalId,
    /// Counts the changes, from 1.
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// The organisation that it belongs to, and acts for.
    #[schema(required)]
    organisation_id: Option<OrganisationId>,
    name: PlainName,
    /// The scopes that its tokens may carry.
    scopes: Vec<TokenScope>,
    /// Whether it can sign in.
    active: bool,
    #[schema(required)]
    deactivated_at: Option<DateTime<Utc>>,
    /// Its own roles: in its organisation and the parts of it.
    roles: Vec<RoleGrant>,
    /// Shown once, by the answer that made it, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = Password)]
    client_secret: Option<String>,
    permissions: AccountPermissions,
}

impl ClientView {
    fn of(account: Account, access: &Access) -> Self {
        let permissions = AccountPermissions::of(&account, access);
        let shown = shown_roles(&account, access);
        let active = account.is_active();
        let Account {
            id,
            meta,
            kind: _,
            organisation_id,
            name,
            email: _,
            scopes,
            operator: _,
            deactivated_at,
            roles: _,
        } = account;
        Self {
            id,
            version: meta.version,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
            organisation_id,
            name,
            scopes,
            active,
            deactivated_at,
            roles: shown,
            client_secret: None,
            permissions,
        }
    }

    fn with(self, secret: &str) -> Self {
        Self { client_secret: Some(secret.to_owned()), ..self }
    }
}

/// A new client.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "organisation_id": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "Kokousjärjestelmä",
    "scopes": ["meetings:read", "meetings:write"]})))]
pub struct NewClient {
    organisation_id: OrganisationId,
    name: PlainName,
    /// The scopes that its tokens may carry.
    #[schema(min_items = 1)]
    scopes: Vec<TokenScope>,
    /// In its organisation and the parts of it; without any, it is an editor of its organisation.
    #[schema(nullable = false)]
    roles: Option<Vec<RoleGrant>>,
}

/// Changes of a client (JSON merge patch, RFC 7396): an absent member stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"scopes": ["meetings:read"]})))]
pub struct ClientPatch {
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    name: Option<PlainName>,
    /// Tokens that have been given out keep theirs until they expire, within 15 minutes.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false, min_items = 1)]
    scopes: Option<Vec<TokenScope>>,
    /// All roles in the organisations that you administer; those in others stay as they are.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    roles: Option<Vec<RoleGrant>>,
    /// Whether it can sign in. Deactivation ends its tokens at once.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    active: Option<bool>,
}

/// Which clients to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListClients {
    /// Only those that belong to this organisation or have a role in it; without it, of all that you administer.
    #[param(nullable = false)]
    organisation_id: Option<OrganisationId>,
    /// Only those that can sign in, or only those that cannot.
    #[param(nullable = false)]
    active: Option<bool>,
    /// Where to go on: `next` of the page before.
    #[param(nullable = false)]
    cursor: Option<String>,
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
}

/// List clients.
#[utoipa::path(tag = "Clients", params(ListClients), security(("oauth2" = ["accounts:read"])),
    responses((status = 200, description = "A page of clients", body = Listing<ClientView>)))]
#[get("/api/v1/clients")]
pub(crate) async fn list_clients(
    member: Member<ReadAccounts>,
    app: Data<App>,
    params: Params<ListClients>,
) -> Result<Listing<ClientView>, Problem> {
    let ListClients { organisation_id, active, cursor, limit } = params.get()?;
    let listed = app.listed(format!("clients {organisation_id:?} {active:?}"), cursor.as_deref(), limit)?;
    let organisations = listed_organisations(&member, organisation_id)?;
    let filter = Filter { kind: AccountKind::Client, organisations, active };
    let slice = listed.slice.clone();
    let page = app.store.read(move |db| accounts::list(db, &filter, &slice)).await?;
    Ok(app.listing(listed.name(), page, |item| item.id, |item| ClientView::of(item, member.access())))
}

/// Create a client.
///
/// This needs an administrator of the organisation, by a token that carries all scopes of the client. The answer shows the
/// client's secret, once.
#[utoipa::path(tag = "Clients", request_body = NewClient, security(("oauth2" = ["accounts:write"])),
    responses((status = 201, description = "Created", body = ClientView)))]
#[post("/api/v1/clients")]
pub(crate) async fn create_client(
    member: Member<EditAccounts>,
    app: Data<App>,
    incoming: Incoming<NewClient>,
) -> Result<Done, Problem> {
    let id = app.fresh();
    let location = app.url(&format!("/api/v1/clients/{id}"));
    let secret = generate_secret().map_err(|error| unmade(&error))?;
    let digest = app.keys.client_secret_digest(&secret);
    app.write(member, incoming, move |tx, member, incoming| {
        let NewClient { organisation_id, name, scopes, roles } = incoming.body()?.clone();
        let scopes = checked_scopes(scopes)?;
        let roles = match roles {
            Some(roles) => wanted(&roles)?,
            None => Roles::from([(organisation_id, Role::Editor)]),
        };
        member.require(organisation_id)?;
        tx.act_for(organisation_id);
        let roles = assigned(tx, member, &Roles::new(), &roles)?;
        let account = Account::client(id, organisation_id, name, scopes, roles, tx.now());
        member.require_scopes(&account.scopes_granted(None))?;
        refuse_outside(tx, &account)?;
        accounts::create(tx, &account, Some(&digest))?;
        let view = ClientView::of(account, member.access());
        let shown = view.clone().with(&secret);
        let guard = Guard::Manages(organisation_id);
        Ok(Answer::created(location.clone(), view.version, &shown, guard).keeping(&view))
    })
    .await
}

/// Get a client.
#[utoipa::path(tag = "Clients", security(("oauth2" = ["accounts:read"])),
    responses((status = 200, description = "The client", body = ClientView)))]
#[get("/api/v1/clients/{client_id}")]
pub(crate) async fn get_client(
    member: Member<ReadAccounts>,
    app: Data<App>,
    path: Path<PrincipalId>,
) -> Result<Versioned<ClientView>, Problem> {
    let id = path.get()?;
    let access = member.access().clone();
    let account = app.store.read(move |db| accounts::find_for(db, &access, AccountKind::Client, id)).await?;
    Ok(Versioned { version: account.meta.version, view: ClientView::of(account, member.access()) })
}

/// Change a client.
///
/// This needs an administrator of its organisation and of all in which it has a role; roles in a part of it, one of that
/// part. What is given must be in the token that gives it: new scopes, and with more of a role or activity all of the
/// client's. Roles and activity take effect at once.
#[utoipa::path(tag = "Clients", security(("oauth2" = ["accounts:write"])),
    request_body(content = ClientPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "As it is now", body = ClientView)))]
#[patch("/api/v1/clients/{client_id}")]
pub(crate) async fn patch_client(
    member: Member<EditAccounts>,
    app: Data<App>,
    path: Path<PrincipalId>,
    incoming: Incoming<ClientPatch>,
) -> Result<Done, Problem> {
    let done = app
        .write(member, incoming, move |tx, member, incoming| {
            let account = accounts::lock_for(tx, member.access(), AccountKind::Client, path.get()?)?;
            let ClientPatch { name, scopes, roles, active } = incoming.body()?.clone();
            let scopes = scopes.map(checked_scopes).transpose()?;
            let roles = roles.map(|roles| wanted(&roles)).transpose()?;
            let roles_alone = name.is_none() && scopes.is_none() && active.is_none();
            let guard = if roles_alone { require_role_giver } else { require_manager }(member, &account)?;
            let roles = roles.map(|roles| assigned(tx, member, &account.roles, &roles)).transpose()?;
            let change = Change { name, email: None, scopes, roles, active };
            let changed = account.clone().changed(change, tx.now());
            member.require_scopes(&changed.scopes_granted(Some(&account)))?;
            incoming.expect(account.meta.version)?;
            refuse_outside(tx, &changed)?;
            accounts::save(tx, &changed)?;
            if changed.is_cut_off(&account) {
                sessions::end_all(tx, account.id)?;
            }
            let view = ClientView::of(changed, member.access());
            Ok(Answer::ok(view.version, &view, guard))
        })
        .await?;
    app.accesses.forget();
    Ok(done)
}

/// Make a new secret for a client.
///
/// This needs an administrator of its organisation and of all in which it has a role, by a token that carries all scopes
/// of the client. The answer shows the secret, once; the one before is good no more.
/// Tokens that have been given out stay good until they expire, within 15 minutes.
#[utoipa::path(tag = "Clients", security(("oauth2" = ["accounts:write"])),
    responses((status = 200, description = "With its new secret", body = ClientView)))]
#[post("/api/v1/clients/{client_id}:rotate-secret")]
pub(crate) async fn rotate_client_secret(
    member: Member<EditAccounts>,
    app: Data<App>,
    path: Path<PrincipalId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    let secret = generate_secret().map_err(|error| unmade(&error))?;
    let digest = app.keys.client_secret_digest(&secret);
    app.write(member, incoming, move |tx, member, incoming| {
        let account = accounts::lock_for(tx, member.access(), AccountKind::Client, path.get()?)?;
        incoming.body()?;
        let guard = require_manager(member, &account)?;
        member.require_scopes(&account.scopes)?;
        incoming.expect_if_given(account.meta.version)?;
        let account = account.changed(Change::default(), tx.now());
        accounts::save_secret(tx, &account, &digest)?;
        let view = ClientView::of(account, member.access());
        let shown = view.clone().with(&secret);
        Ok(Answer::ok(view.version, &shown, guard).keeping(&view))
    })
    .await
}

fn checked_scopes(mut scopes: Vec<TokenScope>) -> Result<Vec<TokenScope>, Fault> {
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(Fault::invalid("/scopes", "empty", "must name a scope"));
    }
    Ok(scopes)
}

/// Refuses roles outside the client's organisation and the parts of it.
fn refuse_outside(tx: &mut Tx<'_>, account: &Account) -> Result<(), Error> {
    let Some(home) = account.organisation_id else { return Ok(()) };
    let today = date_of(tx.now());
    for organisation in account.roles.keys() {
        if !organisations::superiors(tx, *organisation, Some(today))?.contains(&home) {
            let detail = "A client's roles lie in its own organisation and the parts of it.";
            let fault = Fault::new(&OUTSIDE_ORGANISATION, detail);
            return Err(fault.at("/roles", "outside_organisation", detail).into());
        }
    }
    Ok(())
}
