//! The three ways to a token.

use super::TokenAnswer;
use crate::app::App;
use crate::auth::secrets::generate_secret;
use crate::auth::sign_in::{by_password, unmade, wrong_password};
use crate::problem::{Problem, internal};
use actix_web::web::Data;
use yhteen_domain::ids::PrincipalId;
use yhteen_domain::oauth::{INVALID_GRANT, REFRESH, granted};
use yhteen_domain::roles::TokenScope;
use yhteen_domain::{Fault, message};
use yhteen_persistence::accounts::refresh_tokens::{self, FamilyId, RefreshToken};
use yhteen_persistence::accounts::sign_ins::{self, Credentials};
use yhteen_persistence::{Actor, Error, Tx, accounts};

/// A system's token. It is given no refresh token: its secret is one already (RFC 6749, section 4.4.3).
pub(super) fn client_credentials(app: &App, client: &Credentials, scope: Option<&str>) -> Result<TokenAnswer, Problem> {
    let scopes = granted(scope, &client.scopes)?;
    Ok(TokenAnswer::new(signed(app, client.principal, &scopes)?, &scopes, None))
}

/// A person's token, and the first refresh token of the sign-in.
pub(super) async fn password(
    app: &Data<App>,
    username: &str,
    password: &str,
    scope: Option<&str>,
    origin: String,
) -> Result<TokenAnswer, Problem> {
    let user = by_password(app, username, password, origin).await?.ok_or_else(wrong_password)?;
    let scopes = granted(scope, &user.scopes)?;
    let secret = generate_secret().map_err(|error| unmade(&error))?;
    let now = app.now();
    let token = RefreshToken {
        digest: app.keys.refresh_token_digest(&secret),
        family: app.fresh(),
        principal: user.principal,
        scopes: scopes.clone(),
        issued_at: now,
        expires_at: now + REFRESH,
    };
    let principal = user.principal;
    // The password may have been changed while it was verified, and whoever has the old one been signed out.
    let begin = move |tx: &mut Tx<'_>| {
        let good = sign_ins::are_good(tx, &user)?;
        if good {
            refresh_tokens::create(tx, &token)?;
        }
        Ok(good)
    };
    if !app.store.write(Actor::default(), now, begin).await? {
        return Err(wrong_password().into());
    }
    Ok(TokenAnswer::new(signed(app, principal, &scopes)?, &scopes, Some(secret)))
}

/// A person's next token, for a refresh token that is spent by this. The next refresh token has the scopes of the
/// sign-in, even where this access token is to have fewer (RFC 6749, section 6).
pub(super) async fn refresh_token(app: &App, token: &str, scope: Option<&str>) -> Result<TokenAnswer, Problem> {
    let secret = generate_secret().map_err(|error| unmade(&error))?;
    let (old, new) = (app.keys.refresh_token_digest(token), app.keys.refresh_token_digest(&secret));
    let asked = scope.map(str::to_owned);
    let rotate = move |tx: &mut Tx<'_>| rotate(tx, &old, &new, asked.as_deref());
    // A refusal that ends a family is committed like any other change, so it is no error of the transaction.
    let (principal, scopes) = app.store.write(Actor::default(), app.now(), rotate).await?.ok_or_else(|| {
        Fault::new(
            &INVALID_GRANT,
            message!(
                fi: "Päivitystunniste (refresh token) on tuntematon, vanhentunut tai käytetty: kirjaudu uudelleen.",
                sv: "Uppdateringstoken (refresh token) är okänd, har gått ut eller har använts: logga in på nytt.",
                en: "The refresh token is unknown, expired or used: sign in again.",
            ),
        )
    })?;
    Ok(TokenAnswer::new(signed(app, principal, &scopes)?, &scopes, Some(secret)))
}

fn rotate(
    tx: &mut Tx<'_>,
    old: &str,
    new: &str,
    asked: Option<&str>,
) -> Result<Option<(PrincipalId, Vec<TokenScope>)>, Error> {
    let Some(spent) = refresh_tokens::spend(tx, old)? else { return Ok(None) };
    let account = accounts::find(tx, spent.principal)?;
    if !account.is_active() {
        return Ok(None);
    }
    let allowed: Vec<_> = spent.scopes.iter().copied().filter(|scope| account.scopes.contains(scope)).collect();
    let scopes = granted(asked, &allowed)?;
    let (issued_at, family): (_, FamilyId) = (tx.now(), spent.family);
    let next = RefreshToken { digest: new.to_owned(), family, issued_at, expires_at: issued_at + REFRESH, ..spent };
    refresh_tokens::create(tx, &next)?;
    Ok(Some((next.principal, scopes)))
}

fn signed(app: &App, principal: PrincipalId, scopes: &[TokenScope]) -> Result<String, Problem> {
    app.keys.issue(principal, scopes, uuid::Uuid::now_v7(), app.now()).map_err(|error| {
        log::error!("an access token could not be signed: {error}");
        Problem(internal())
    })
}
