//! The caller's own affairs over HTTP: they need a valid token, whatever its scopes.

use crate::answer::{Answer, Computed, Done};
use crate::app::App;
use crate::auth::secrets::refuse_guessable;
use crate::auth::sign_in::{by_password, origin};
use crate::auth::{Caller, SignedIn};
use crate::extract::Incoming;
use crate::problem::Problem;
use actix_web::{HttpRequest, get, post, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::accounts::{
    Account, AccountKind, Change, NO_PASSWORD, Password, WRONG_CODE, WRONG_PASSWORD, normalised,
};
use yhteen_domain::ids::{OrganisationId, PrincipalId, ProgrammeId};
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_domain::text::{Email, PlainName};
use yhteen_domain::{Fault, message};
use yhteen_persistence::accounts::sign_ins::{self, Credentials};
use yhteen_persistence::{Actor, Error, Tx, accounts, sessions};

/// The operations on the caller's own affairs.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_me).service(change_password).service(set_password);
}

/// Who is calling.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Me)]
pub struct MeView {
    id: PrincipalId,
    kind: AccountKind,
    /// The version of the account.
    version: i64,
    name: PlainName,
    /// The address with which a person signs in.
    #[schema(required)]
    email: Option<Email>,
    /// The organisation that the account belongs to; null for the operator.
    #[schema(required)]
    organisation_id: Option<OrganisationId>,
    /// Whether it runs the service.
    operator: bool,
    /// The roles that it has now, with those inherited from a parent organisation or as a successor.
    roles: Vec<MyRole>,
    /// The programmes that it coordinates.
    coordinates: Vec<ProgrammeId>,
    /// The scopes of the access token.
    scopes: Vec<TokenScope>,
}

/// A role that the caller has now.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyRole {
    organisation_id: OrganisationId,
    role: Role,
    /// The right rests on an organisation that has ended: the caller reads what the role reads, and writes nothing.
    read_only: bool,
}

/// Get who is calling.
#[utoipa::path(tag = "Me", security(("oauth2" = [])),
    responses((status = 200, description = "Who is calling", body = MeView)))]
#[get("/api/v1/me")]
pub(crate) async fn get_me(caller: SignedIn, app: Data<App>) -> Result<Computed<MeView>, Problem> {
    let id = caller.access().principal;
    let Account { id, meta, kind, organisation_id, name, email, operator, .. } =
        app.store.read(move |db| accounts::find(db, id)).await?;
    let roles = caller.access().rights().map(|(organisation_id, rights)| MyRole {
        organisation_id,
        role: rights.writes.unwrap_or(rights.reads),
        read_only: rights.writes.is_none(),
    });
    Ok(Computed(MeView {
        id,
        kind,
        version: meta.version,
        name,
        email,
        organisation_id,
        operator,
        roles: roles.collect(),
        coordinates: caller.access().coordinates().collect(),
        scopes: caller.scopes().to_vec(),
    }))
}

/// A change of the caller's own password.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"current_password": "correct horse", "new_password": "battery staple"})))]
pub struct PasswordChange {
    #[schema(value_type = String, format = Password)]
    current_password: Current,
    /// 10 to 200 characters; no password that many people use, nor your name or e-mail address.
    new_password: Password,
}

/// A password that is only compared; it does not show itself.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Current(String);

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Current")
    }
}

/// Change one's own password.
///
/// All sessions end at once, with all access tokens, and your calendar feeds are deleted: sign in again with the new
/// password. Wrong passwords count as failed sign-ins.
#[utoipa::path(tag = "Me", security(("oauth2" = [])), request_body = PasswordChange,
    responses((status = 204, description = "Changed")))]
#[post("/api/v1/me:change-password")]
pub(crate) async fn change_password(
    caller: SignedIn,
    app: Data<App>,
    request: HttpRequest,
    incoming: Incoming<PasswordChange>,
) -> Result<Done, Problem> {
    let verified = match incoming.body() {
        Ok(change) => verified(&app, caller.access().principal, change, origin(&request)).await?,
        Err(_) => None,
    };
    let forgetting = app.clone();
    let done = app.write(caller, incoming, move |tx, caller, incoming| {
        let account = accounts::lock(tx, caller.access().principal)?;
        let PasswordChange { current_password, new_password } = incoming.body()?;
        acceptable(&account, &current_password.0, new_password)?;
        // While this one was verified, another change of it may have been made.
        let hash = match &verified {
            Some((credentials, hash)) if sign_ins::are_good(tx, credentials)? => hash,
            _ => return Err(wrong_password().into()),
        };
        incoming.expect_if_given(account.meta.version)?;
        let account = account.changed(Change::default(), tx.now());
        accounts::save_secret(tx, &account, hash)?;
        sessions::end_all(tx, account.id)?;
        Ok(Answer::none())
    });
    let done = done.await?;
    forgetting.accesses.forget();
    Ok(done)
}

/// Refuses a new password that is like its account, or no other than the present one.
fn acceptable(account: &Account, present: &str, new: &Password) -> Result<(), Fault> {
    let machine = || {
        let detail = message!(
            fi: "Asiakasohjelmalla ei ole salasanaa.",
            sv: "En klient har inget lösenord.",
            en: "A machine has no password."
        );
        Fault::new(&NO_PASSWORD, detail)
    };
    let email = account.email.as_ref().ok_or_else(machine)?;
    refuse_guessable(new, account.name.as_str(), email, "/new_password")?;
    if normalised(present) == new.reveal() {
        let detail = message!(fi: "oltava toinen kuin nykyinen", sv: "måste vara ett annat", en: "must be another one");
        return Err(Fault::invalid("/new_password", "unchanged", detail));
    }
    Ok(())
}

fn wrong_password() -> Fault {
    let detail = message!(
        fi: "Nykyinen salasana on toinen.",
        sv: "Det nuvarande lösenordet är ett annat.",
        en: "The current password is another one."
    );
    Fault::new(&WRONG_PASSWORD, detail.clone()).at("/current_password", "wrong_password", detail)
}

/// A new password, by a one-time code.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"email": "kirjaaja@example.org", "code": "abcd-efgh-ijkm-npqr", "new_password": "battery staple"})))]
pub struct PasswordSetting {
    /// The address with which you sign in.
    email: Email,
    /// The code that an administrator has given you.
    #[schema(value_type = String, format = Password)]
    code: Current,
    /// 10 to 200 characters; no password that many people use, nor your name or e-mail address.
    new_password: Password,
}

/// Set a password by a one-time code.
///
/// The code is of `:reset-password` by an administrator, good once and for 24 hours; nobody is signed in for this. Wrong
/// codes count as failed sign-ins.
#[utoipa::path(tag = "Me", security(()), request_body = PasswordSetting,
    responses((status = 204, description = "Set: sign in with it")))]
#[post("/api/v1/me:set-password")]
pub(crate) async fn set_password(
    app: Data<App>,
    request: HttpRequest,
    incoming: Incoming<PasswordSetting>,
) -> Result<Done, Problem> {
    let PasswordSetting { email, code, new_password } = incoming.body()?.clone();
    let found = by_password(&app, email.as_str(), &code.0, origin(&request)).await?;
    let now = app.now();
    let found = found.filter(|found| found.code_expires_at.is_some_and(|expires_at| now < expires_at));
    let found = found.ok_or_else(wrong_code)?;
    let hash = app.hashing.hash(found.principal, new_password.clone()).await?;
    let actor = Actor { principal: Some(found.principal), organisation: None };
    let set = move |tx: &mut Tx<'_>| -> Result<Answer, Error> {
        let account = accounts::lock(tx, found.principal)?;
        acceptable(&account, &code.0, &new_password)?;
        // It is good once, though two may use it at a time.
        if !sign_ins::are_good(tx, &found)? {
            return Err(wrong_code().into());
        }
        accounts::save_secret(tx, &account.changed(Change::default(), tx.now()), &hash)?;
        Ok(Answer::none())
    };
    Ok(Done(app.store.write(actor, now, set).await?.told))
}

fn wrong_code() -> Fault {
    let detail = message!(
        fi: "Koodi on väärä, käytetty tai vanhentunut: pyydä ylläpitäjältä uusi.",
        sv: "Koden är fel, redan använd eller har gått ut: be administratören om en ny.",
        en: "The code is wrong, has been used, or has expired: ask an administrator for another one."
    );
    Fault::new(&WRONG_CODE, detail.clone()).at("/code", "wrong_code", detail)
}

/// What the caller proves itself by now, and the hash of the new password, where the current one is right.
async fn verified(
    app: &Data<App>,
    principal: PrincipalId,
    change: &PasswordChange,
    origin: String,
) -> Result<Option<(Credentials, String)>, Problem> {
    let account = app.store.read(move |db| accounts::find(db, principal)).await?;
    let Some(email) = account.email else { return Ok(None) };
    let found = by_password(app, email.as_str(), &change.current_password.0, origin).await?;
    let is_password = |found: &Credentials| found.principal == principal && found.code_expires_at.is_none();
    let Some(found) = found.filter(is_password) else { return Ok(None) };
    let hash = app.hashing.hash(principal, change.new_password.clone()).await?;
    Ok(Some((found, hash)))
}
