//! People's accounts over HTTP.

use crate::accounts::{
    AccountPermissions, EditAccounts, ReadAccounts, RoleGrant, assigned, listed_organisations, require_maker,
    require_manager, require_role_giver, shown_roles, wanted,
};
use crate::answer::{Answer, Done, Listing, Versioned};
use crate::app::App;
use crate::auth::Member;
use crate::auth::secrets::{generate_password, refuse_guessable};
use crate::auth::sign_in::unmade;
use crate::extract::{Incoming, Nothing, Params, Path};
use crate::patch::present;
use crate::problem::Problem;
use actix_web::{get, patch, post, web::Data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::accounts::{Account, AccountKind, CODE_LIFE, Change, Password, Roles};
use yhteen_domain::ids::{OrganisationId, PrincipalId};
use yhteen_domain::text::{Email, PlainName};
use yhteen_persistence::accounts::{self, Filter};
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::scope::Access;
use yhteen_persistence::sessions;

/// The operations on users.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_users).service(create_user).service(get_user).service(patch_user).service(reset_user_password);
}

/// A person's account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserView {
    id: PrincipalId,
    /// Counts the changes, from 1.
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// The organisation that it belongs to, whose administrators manage it; null for the operator.
    #[schema(required)]
    organisation_id: Option<OrganisationId>,
    name: PlainName,
    /// The address with which the person signs in.
    #[schema(required)]
    email: Option<Email>,
    /// Whether the person can sign in.
    active: bool,
    #[schema(required)]
    deactivated_at: Option<DateTime<Utc>>,
    /// Whether the person runs the service.
    operator: bool,
    /// Its own roles; those inherited from a parent or successor are in `/api/v1/me`. Administrators of other
    /// organisations see those in theirs.
    roles: Vec<RoleGrant>,
    permissions: AccountPermissions,
}

impl UserView {
    fn of(account: Account, access: &Access) -> Self {
        let permissions = AccountPermissions::of(&account, access);
        let shown = shown_roles(&account, access);
        let active = account.is_active();
        let Account { id, meta, kind: _, organisation_id, name, email, scopes: _, operator, deactivated_at, roles: _ } =
            account;
        Self {
            id,
            version: meta.version,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
            organisation_id,
            name,
            email,
            active,
            deactivated_at,
            operator,
            roles: shown,
            permissions,
        }
    }
}

/// A new user.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "organisation_id": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "Kirjaamo", "email": "kirjaaja@example.org",
    "roles": [{"organisation_id": "01890a5d-ac96-774b-bcce-b302099a8057", "role": "editor"}]})))]
pub struct NewUser {
    organisation_id: OrganisationId,
    name: PlainName,
    /// The address with which the person will sign in; no two users have the same.
    email: Email,
    /// 10 to 200 characters; no password that many people use, nor the name or e-mail address. Without one the person cannot sign in before
    /// `:reset-password`.
    #[schema(nullable = false)]
    password: Option<Password>,
    /// In organisations that you administer.
    #[serde(default)]
    roles: Vec<RoleGrant>,
}

/// Changes of a user (JSON merge patch, RFC 7396): an absent member stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"active": false})))]
pub struct UserPatch {
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    name: Option<PlainName>,
    /// Another address to sign in with. It ends all sign-ins at once.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    email: Option<Email>,
    /// All roles in the organisations that you administer; those in others stay as they are.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    roles: Option<Vec<RoleGrant>>,
    /// Whether the person can sign in. Deactivation ends all sign-ins at once, and deletes the calendar feeds.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    active: Option<bool>,
}

/// Which users to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListUsers {
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

/// List users.
#[utoipa::path(tag = "Users", params(ListUsers), security(("oauth2" = ["accounts:read"])),
    responses((status = 200, description = "A page of users", body = Listing<UserView>)))]
#[get("/api/v1/users")]
pub(crate) async fn list_users(
    member: Member<ReadAccounts>,
    app: Data<App>,
    params: Params<ListUsers>,
) -> Result<Listing<UserView>, Problem> {
    let ListUsers { organisation_id, active, cursor, limit } = params.get()?;
    let listed = app.listed(format!("users {organisation_id:?} {active:?}"), cursor.as_deref(), limit)?;
    let organisations = listed_organisations(&member, organisation_id)?;
    let filter = Filter { kind: AccountKind::User, organisations, active };
    let slice = listed.slice.clone();
    let page = app.store.read(move |db| accounts::list(db, &filter, &slice)).await?;
    Ok(app.listing(listed.name(), page, |item| item.id, |item| UserView::of(item, member.access())))
}

/// Create a user.
///
/// This needs an administrator of the organisation, who gives roles in any organisation that they administer. While
/// nobody administers an organisation, the operator of the service makes its first administrators. The token must carry
/// every scope, as the tokens of the new user may.
#[utoipa::path(tag = "Users", request_body = NewUser, security(("oauth2" = ["accounts:write"])),
    responses((status = 201, description = "Created", body = UserView)))]
#[post("/api/v1/users")]
pub(crate) async fn create_user(
    member: Member<EditAccounts>,
    app: Data<App>,
    incoming: Incoming<NewUser>,
) -> Result<Done, Problem> {
    let id = app.fresh();
    let location = app.url(&format!("/api/v1/users/{id}"));
    // Whoever will be refused is not worth the time that hashing takes.
    let hash = match incoming.body() {
        Ok(NewUser { organisation_id, password: Some(password), .. })
            if member.may(*organisation_id) || member.access().operator =>
        {
            Some(app.hashing.hash(member.access().principal, password.clone()).await?)
        }
        _ => None,
    };
    app.write(member, incoming, move |tx, member, incoming| {
        let NewUser { organisation_id, name, email, password, roles } = incoming.body()?.clone();
        password.iter().try_for_each(|password| refuse_guessable(password, name.as_str(), &email, "/password"))?;
        let roles = wanted(&roles)?;
        let guard = require_maker(tx, member, organisation_id, &roles)?;
        tx.act_for(organisation_id);
        let roles = assigned(tx, member, &Roles::new(), &roles)?;
        let account = Account::user(id, organisation_id, name, email, roles, tx.now());
        member.require_scopes(&account.scopes_granted(None))?;
        accounts::create(tx, &account, hash.as_deref())?;
        let view = UserView::of(account, member.access());
        Ok(Answer::created(location.clone(), view.version, &view, guard))
    })
    .await
}

/// Get a user.
///
/// Users are seen by themselves, by the administrators of their organisation, and by those of the organisations in which
/// they have a role.
#[utoipa::path(tag = "Users", security(("oauth2" = ["accounts:read"])),
    responses((status = 200, description = "The user", body = UserView)))]
#[get("/api/v1/users/{user_id}")]
pub(crate) async fn get_user(
    member: Member<ReadAccounts>,
    app: Data<App>,
    path: Path<PrincipalId>,
) -> Result<Versioned<UserView>, Problem> {
    let id = path.get()?;
    let access = member.access().clone();
    let account = app.store.read(move |db| accounts::find_for(db, &access, AccountKind::User, id)).await?;
    Ok(Versioned { version: account.meta.version, view: UserView::of(account, member.access()) })
}

/// Change a user.
///
/// Name, address and activity need an administrator of every organisation that the user belongs to or has a role in. Roles
/// are changed by whoever administers the organisations that they lie in. To give more of a role, another address, or
/// activity, the token must carry every scope that the user's tokens may. All of it takes effect at once.
#[utoipa::path(tag = "Users", security(("oauth2" = ["accounts:write"])),
    request_body(content = UserPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "As it is now", body = UserView)))]
#[patch("/api/v1/users/{user_id}")]
pub(crate) async fn patch_user(
    member: Member<EditAccounts>,
    app: Data<App>,
    path: Path<PrincipalId>,
    incoming: Incoming<UserPatch>,
) -> Result<Done, Problem> {
    let done = app
        .write(member, incoming, move |tx, member, incoming| {
            let account = accounts::lock_for(tx, member.access(), AccountKind::User, path.get()?)?;
            let UserPatch { name, email, roles, active } = incoming.body()?.clone();
            let roles = roles.map(|roles| wanted(&roles)).transpose()?;
            let roles_alone = name.is_none() && email.is_none() && active.is_none();
            let guard = if roles_alone { require_role_giver } else { require_manager }(member, &account)?;
            let roles = roles.map(|roles| assigned(tx, member, &account.roles, &roles)).transpose()?;
            let change = Change { name, email, roles, active, scopes: None };
            let changed = account.clone().patched(change, tx.now());
            member.require_scopes(&changed.scopes_granted(Some(&account)))?;
            incoming.expect(account.meta.version)?;
            accounts::save(tx, &changed)?;
            if changed.is_cut_off(&account) {
                sessions::end_all(tx, account.id)?;
            }
            Ok(answer(changed, member.access(), guard))
        })
        .await?;
    app.accesses.forget();
    Ok(done)
}

/// A one-time code, by which a user sets a new password.
#[derive(Serialize, ToSchema)]
pub struct PasswordReset {
    user_id: PrincipalId,
    /// Shown this once, and never again: absent when the same request is repeated.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = Password)]
    code: Option<String>,
    /// Until when the code is good.
    expires_at: DateTime<Utc>,
}

/// Reset the password of a user.
///
/// This needs an administrator of every organisation that the user belongs to or has a role in, and a token that carries
/// every scope that the user's tokens may. The password is good no more, and all sign-ins of the user end at once, with
/// the calendar feeds. The answer shows a one-time code, good for 24 hours, by which the user sets a new password with
/// `/api/v1/me:set-password`; nobody can sign in with the code itself.
#[utoipa::path(tag = "Users", security(("oauth2" = ["accounts:write"])),
    responses((status = 200, description = "The code", body = PasswordReset)))]
#[post("/api/v1/users/{user_id}:reset-password")]
pub(crate) async fn reset_user_password(
    member: Member<EditAccounts>,
    app: Data<App>,
    path: Path<PrincipalId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    let (id, access) = (path.get()?, member.access().clone());
    // Whoever will be refused is not worth the time that hashing takes.
    app.store.read(move |db| accounts::find_for(db, &access, AccountKind::User, id)).await?;
    let code = generate_password().map_err(|error| unmade(&error))?;
    let hash = app.hashing.hash(member.access().principal, code.clone()).await?;
    let done = app
        .write(member, incoming, move |tx, member, incoming| {
            let account = accounts::lock_for(tx, member.access(), AccountKind::User, id)?;
            incoming.body()?;
            let guard = require_manager(member, &account)?;
            member.require_scopes(&account.scopes)?;
            incoming.expect_if_given(account.meta.version)?;
            let (account, expires_at) = (account.changed(Change::default(), tx.now()), tx.now() + CODE_LIFE);
            accounts::save_code(tx, &account, &hash, expires_at)?;
            sessions::end_all(tx, id)?;
            let shown = PasswordReset { user_id: id, code: Some(code.reveal().to_owned()), expires_at };
            let kept = PasswordReset { user_id: id, code: None, expires_at };
            Ok(Answer::ok(account.meta.version, &shown, guard).keeping(&kept))
        })
        .await?;
    app.accesses.forget();
    Ok(done)
}

fn answer(account: Account, access: &Access, guard: Guard) -> Answer {
    let view = UserView::of(account, access);
    Answer::ok(view.version, &view, guard)
}
