//! The three ways to a token.

use super::TokenAnswer;
use crate::app::App;
use crate::auth::keys::Grant;
use crate::auth::secrets::generate_secret;
use crate::auth::sign_in::{by_password, unmade, wrong_password};
use crate::problem::{Problem, internal};
use actix_web::web::Data;
use yhteen_domain::oauth::{INVALID_GRANT, granted};
use yhteen_domain::sessions::Session;
use yhteen_domain::{Fault, message};
use yhteen_persistence::accounts::sign_ins::{self, Credentials};
use yhteen_persistence::{Actor, Error, Tx, sessions};

/// A system's token. It is given no refresh token: its secret is one already (RFC 6749, section 4.4.3).
pub(super) fn client_credentials(app: &App, client: &Credentials, scope: Option<&str>) -> Result<TokenAnswer, Problem> {
    let scopes = granted(scope, &client.scopes)?;
    let grant = Grant { principal: client.principal, scopes, generation: client.generation, session: None };
    answer(app, &grant, None)
}

/// A person's token, and the first refresh token of the session.
pub(super) async fn password(
    app: &Data<App>,
    username: &str,
    password: &str,
    scope: Option<&str>,
    origin: String,
) -> Result<TokenAnswer, Problem> {
    let user = by_password(app, username, password, origin).await?.ok_or_else(wrong_password)?;
    if user.code_expires_at.is_some() {
        return Err(one_time_code().into());
    }
    let scopes = granted(scope, &user.scopes)?;
    let secret = generate_secret().map_err(|error| unmade(&error))?;
    let (digest, now) = (app.keys.refresh_token_digest(&secret), app.now());
    let session = Session::begun(app.fresh(), user.principal, scopes.clone(), now);
    let grant = Grant { principal: user.principal, scopes, generation: user.generation, session: Some(session.id) };
    // The password may have been changed while it was verified, and whoever has the old one been signed out.
    let begin = move |tx: &mut Tx<'_>| {
        let good = sign_ins::are_good(tx, &user)?;
        if good {
            sessions::begin(tx, &session, &digest)?;
        }
        Ok(good)
    };
    if !app.store.write(Actor::default(), now, begin).await? {
        return Err(wrong_password().into());
    }
    answer(app, &grant, Some(secret))
}

/// The refusal to sign somebody in by a one-time code.
fn one_time_code() -> Fault {
    Fault::new(
        &INVALID_GRANT,
        message!(
            fi: "Tämä on kertakäyttökoodi: aseta sillä ensin salasana (/api/v1/me:set-password).",
            sv: "Detta är en engångskod: ange först ett lösenord med den (/api/v1/me:set-password).",
            en: "This is a one-time code: set a password with it first (/api/v1/me:set-password)."
        ),
    )
}

/// A person's next token, for a refresh token that is spent by this. The next refresh token has the scopes of the
/// session, even where this access token is to have fewer (RFC 6749, section 6).
pub(super) async fn refresh_token(app: &App, token: &str, scope: Option<&str>) -> Result<TokenAnswer, Problem> {
    let secret = generate_secret().map_err(|error| unmade(&error))?;
    let (old, new) = (app.keys.refresh_token_digests(token), app.keys.refresh_token_digest(&secret));
    let asked = scope.map(str::to_owned);
    let refresh = move |tx: &mut Tx<'_>| refresh(tx, &old, &new, asked.as_deref());
    // A refusal that ends a session is committed like any other change, so it is no error of the transaction.
    let grant = app.store.write(Actor::default(), app.now(), refresh).await?.ok_or_else(|| {
        Fault::new(
            &INVALID_GRANT,
            message!(
                fi: "Päivitystunniste on tuntematon, vanhentunut tai käytetty: kirjaudu uudelleen.",
                sv: "Uppdateringstoken är okänd, har gått ut eller är redan använd: logga in på nytt.",
                en: "The refresh token is unknown, expired or spent: sign in again."
            ),
        )
    })?;
    answer(app, &grant, Some(secret))
}

fn refresh(tx: &mut Tx<'_>, old: &[String], new: &str, asked: Option<&str>) -> Result<Option<Grant>, Error> {
    let Some(session) = sessions::refresh(tx, old, new)? else { return Ok(None) };
    let Some(account) = sign_ins::of_account(tx, session.principal_id)? else { return Ok(None) };
    let allowed: Vec<_> = session.scopes.into_iter().filter(|scope| account.scopes.contains(scope)).collect();
    let scopes = granted(asked, &allowed)?;
    let Credentials { principal, generation, .. } = account;
    Ok(Some(Grant { principal, scopes, generation, session: Some(session.id) }))
}

fn answer(app: &App, grant: &Grant, refresh_token: Option<String>) -> Result<TokenAnswer, Problem> {
    let token = app.keys.issue(grant, uuid::Uuid::now_v7(), app.now()).map_err(|error| {
        log::error!("an access token could not be signed: {error}");
        Problem(internal())
    })?;
    Ok(TokenAnswer::new(token, &grant.scopes, refresh_token))
}
