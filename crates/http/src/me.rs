//! The caller's own affairs over HTTP: they need a valid token, whatever its scopes.

use crate::accounts::RoleGrant;
use crate::answer::{Answer, Computed, Done};
use crate::app::App;
use crate::auth::sign_in::{by_password, origin};
use crate::auth::{Caller, SignedIn};
use crate::extract::Incoming;
use crate::problem::Problem;
use actix_web::{HttpRequest, get, post, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::accounts::{Account, AccountKind, Change, NO_PASSWORD, Password, WRONG_PASSWORD, normalised};
use yhteen_domain::ids::{OrganisationId, PrincipalId, ProgrammeId};
use yhteen_domain::roles::TokenScope;
use yhteen_domain::text::{Email, PlainName};
use yhteen_domain::{Fault, message};
use yhteen_persistence::accounts::sign_ins::{self, Credentials};
use yhteen_persistence::accounts::{self, refresh_tokens};

/// The operations on the caller's own affairs.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_me).service(change_password);
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
    roles: Vec<RoleGrant>,
    /// The programmes that it coordinates.
    coordinates: Vec<ProgrammeId>,
    /// The scopes of the access token.
    scopes: Vec<TokenScope>,
}

/// Get who is calling.
#[utoipa::path(tag = "Me", security(("oauth2" = [])),
    responses((status = 200, description = "Who is calling", body = MeView)))]
#[get("/api/v1/me")]
pub(crate) async fn get_me(caller: SignedIn, app: Data<App>) -> Result<Computed<MeView>, Problem> {
    let id = caller.access().principal;
    let Account { id, meta, kind, organisation_id, name, email, operator, .. } =
        app.store.read(move |db| accounts::find(db, id)).await?;
    let roles = caller.access().roles().iter();
    Ok(Computed(MeView {
        id,
        kind,
        version: meta.version,
        name,
        email,
        organisation_id,
        operator,
        roles: roles.map(|(organisation, role)| RoleGrant { organisation_id: *organisation, role: *role }).collect(),
        coordinates: caller.access().coordinates().iter().copied().collect(),
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
    /// 10 to 200 characters, and not the e-mail address.
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
/// All sign-ins end: sign in again with the new password. Wrong passwords count as failed sign-ins.
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
    app.write(caller, incoming, move |tx, caller, incoming| {
        let account = accounts::lock(tx, caller.access().principal)?;
        let PasswordChange { current_password, new_password } = incoming.body()?;
        let email = account.email.as_ref().ok_or_else(|| {
            Fault::new(
                &NO_PASSWORD,
                message!(
                    fi: "Asiakasohjelmalla ei ole salasanaa.",
                    sv: "En klient har inget lösenord.",
                    en: "A client has no password.",
                ),
            )
        })?;
        new_password.refuse_like(email, "/new_password")?;
        if normalised(&current_password.0) == new_password.reveal() {
            return Err(Fault::invalid(
                "/new_password",
                "unchanged",
                message!(
                    fi: "on vaihdettava toiseen",
                    sv: "måste bytas mot ett annat",
                    en: "must be another one",
                ),
            )
            .into());
        }
        let wrong = || {
            Fault::new(
                &WRONG_PASSWORD,
                message!(
                    fi: "Nykyinen salasana ei täsmää.",
                    sv: "Det nuvarande lösenordet stämmer inte.",
                    en: "The current password is wrong.",
                ),
            )
        };
        // While this one was verified, another change of it may have been made.
        let hash = match &verified {
            Some((credentials, hash)) if sign_ins::are_good(tx, credentials)? => hash,
            _ => {
                return Err(wrong()
                    .at(
                        "/current_password",
                        "wrong_password",
                        message!(
                            fi: "ei täsmää",
                            sv: "stämmer inte",
                            en: "is wrong",
                        ),
                    )
                    .into());
            }
        };
        incoming.expect_if_given(account.meta.version)?;
        let account = account.changed(Change::default(), tx.now());
        accounts::save_secret(tx, &account, hash)?;
        refresh_tokens::revoke_all(tx, account.id)?;
        Ok(Answer::none())
    })
    .await
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
    let Some(found) = found.filter(|found| found.principal == principal) else { return Ok(None) };
    let hash = app.hashing.hash(change.new_password.clone()).await?;
    Ok(Some((found, hash)))
}
