//! Who is calling: the token's signature, the scope that it carries, and the roles of the moment.
//!
//! A handler says in its signature what it needs: `Member<EditActions>` is someone signed in whose token carries the
//! scope of `EditActions`; `Reader<ReadActions>` is that or anyone at all. Only these give a [`Scope`] for queries.

pub mod digests;
pub mod keys;
pub mod secrets;
pub mod sign_in;

use crate::app::App;
use crate::auth::keys::Grant;
use crate::extract::origin;
use crate::middleware::KnownCaller;
use crate::problem::Problem;
use crate::security::Note;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use std::collections::HashMap;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use yhteen_domain::ids::{OrganisationId, PrincipalId, ProgrammeId, SessionId};
use yhteen_domain::roles::{Role, TokenScope, require_carried};
use yhteen_domain::security::{About, Origin, SecurityEventKind, SecuritySubject};
use yhteen_domain::{Fault, Message, codes, message};
use yhteen_persistence::Actor;
use yhteen_persistence::idempotency::Need;
use yhteen_persistence::scope::{Access, Scope, access};

/// What an operation needs of its caller.
pub trait Permission: Send + Sync + 'static {
    /// The scope that the token must carry.
    const SCOPE: TokenScope;
    /// The role that the caller must have in the organisation concerned.
    const ROLE: Role;
}

/// Declares permissions as types.
#[macro_export]
macro_rules! permissions {
    ($($(#[doc = $doc:literal])+ $name:ident = $scope:ident, $role:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}
        impl $crate::auth::Permission for $name {
            const SCOPE: yhteen_domain::roles::TokenScope = yhteen_domain::roles::TokenScope::$scope;
            const ROLE: yhteen_domain::roles::Role = yhteen_domain::roles::Role::$role;
        }
    )+};
}

/// Someone who is signed in, as the author of a change.
pub trait Caller: Send + Sync + 'static {
    /// What the caller may do and see now.
    fn access(&self) -> &Access;

    /// The caller as the author of a change.
    fn actor(&self) -> Actor {
        Actor { principal: Some(self.access().principal), organisation: self.access().home }
    }

    /// The rights that were required of the caller so far, and that it has.
    fn needs(&self) -> Vec<Need> {
        Vec::new()
    }
}

/// Someone who is signed in, whatever the token's scopes: for the caller's own affairs.
pub struct SignedIn {
    access: Arc<Access>,
    grant: Grant,
}

impl SignedIn {
    /// The scopes that the token carries.
    pub fn scopes(&self) -> &[TokenScope] {
        &self.grant.scopes
    }

    /// The session that the token came of.
    pub fn session(&self) -> Option<SessionId> {
        self.grant.session
    }
}

impl Caller for SignedIn {
    fn access(&self) -> &Access {
        &self.access
    }
}

/// Someone who is signed in, with the scope of `P`.
pub struct Member<P> {
    access: Arc<Access>,
    scopes: Vec<TokenScope>,
    /// What has been required: whoever repeats the request with the same key must still have it.
    needs: Mutex<Vec<Need>>,
    _permission: PhantomData<P>,
}

impl<P: Permission> Member<P> {
    /// What the caller may do and see now.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// What the caller sees.
    pub fn scope(&self) -> &Scope {
        self.access.scope()
    }

    /// Refuses where the caller lacks the role of `P` in the organisation.
    pub fn require(&self, organisation: OrganisationId) -> Result<(), Fault> {
        self.need(Need::Role(organisation, P::ROLE))
    }

    /// Refuses where the caller may not read what the role of `P` reads in the organisation: it may have ended.
    pub fn require_to_read(&self, organisation: OrganisationId) -> Result<(), Fault> {
        self.access.require_to_read(organisation, P::ROLE)
    }

    /// Refuses where the token does not carry this scope as well as that of `P`.
    pub fn require_scope(&self, scope: TokenScope) -> Result<(), Fault> {
        self.require_scopes(&[scope])
    }

    /// Refuses where the token does not carry all of these scopes.
    pub fn require_scopes(&self, scopes: &[TokenScope]) -> Result<(), Fault> {
        require_carried(&self.scopes, scopes)
    }

    /// Whether the caller has the role of `P` in the organisation.
    pub fn may(&self, organisation: OrganisationId) -> bool {
        self.access.may(organisation, P::ROLE)
    }

    /// Refuses where the caller does not coordinate the programme.
    pub fn require_coordinator(&self, programme: ProgrammeId) -> Result<(), Fault> {
        self.need(Need::Coordinator(programme))
    }

    /// Refuses where the caller does not run the service.
    pub fn require_operator(&self) -> Result<(), Fault> {
        self.need(Need::Operator)
    }

    fn need(&self, need: Need) -> Result<(), Fault> {
        need.require_of(&self.access)?;
        let mut needs = self.needs.lock().unwrap_or_else(PoisonError::into_inner);
        // The work of a write may run more than once.
        if !needs.contains(&need) {
            needs.push(need);
        }
        Ok(())
    }

    /// The caller as the author of a change.
    pub fn actor(&self) -> Actor {
        Caller::actor(self)
    }
}

impl<P: Permission> Caller for Member<P> {
    fn access(&self) -> &Access {
        &self.access
    }

    fn needs(&self) -> Vec<Need> {
        self.needs.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Anyone: someone signed in with the scope of `P`, or someone who is not signed in.
pub struct Reader<P> {
    access: Option<Arc<Access>>,
    scope: Scope,
    origin: Option<Origin>,
    _permission: PhantomData<P>,
}

impl<P: Permission> Reader<P> {
    /// What the caller may do and see now, where it is signed in.
    pub fn access(&self) -> Option<&Access> {
        self.access.as_deref()
    }

    /// What the caller sees.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Notes in the security log that the caller has read something restricted of an organisation for which it does not
    /// read.
    pub fn note_read(&self, app: &App, owner: OrganisationId, subject: SecuritySubject, id: uuid::Uuid) {
        let Some(access) = &self.access else { return };
        if !self.scope.reads_for(owner) {
            let about = About { subject: Some(subject), id };
            app.security.note_read(app.now(), self.origin.clone(), access.principal, owner, about);
        }
    }

    /// Whether the caller still sees what it saw when the request began; 401 where its account is no longer active.
    pub async fn is_unchanged(&self, app: &App) -> Result<bool, Problem> {
        let Some(access) = &self.access else { return Ok(true) };
        let now = app.accesses.get(app, access.principal, access.generation).await?.ok_or_else(inactive)?;
        if now.generation != access.generation {
            return Err(signed_out().into());
        }
        Ok(*now.scope() == self.scope)
    }
}

type Extraction<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

impl<P: Permission> FromRequest for Member<P> {
    type Error = Problem;
    type Future = Extraction<Self>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let caller = caller::<P>(&request).await?;
            let SignedIn { access, grant } = caller.ok_or_else(anonymous)?;
            Ok(Self { access, scopes: grant.scopes, needs: Mutex::default(), _permission: PhantomData })
        })
    }
}

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Extraction<Self>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let signed_in = signed_in(&request).await?;
            Ok(signed_in.ok_or_else(anonymous)?)
        })
    }
}

impl<P: Permission> FromRequest for Reader<P> {
    type Error = Problem;
    type Future = Extraction<Self>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let access = caller::<P>(&request).await?.map(|caller| caller.access);
            let scope = access.as_ref().map_or_else(Scope::anonymous, |access| access.scope().clone());
            Ok(Self { access, scope, origin: origin(&request), _permission: PhantomData })
        })
    }
}

/// The caller with the scope of `P`; nothing where there is no token.
async fn caller<P: Permission>(request: &HttpRequest) -> Result<Option<SignedIn>, Problem> {
    let Some(caller) = signed_in(request).await? else { return Ok(None) };
    require_carried(caller.scopes(), &[P::SCOPE])?;
    Ok(Some(caller))
}

/// The caller, whatever the token's scopes; nothing where there is no token.
async fn signed_in(request: &HttpRequest) -> Result<Option<SignedIn>, Problem> {
    let Some(app) = request.app_data::<web::Data<App>>() else {
        return Err(Problem(crate::problem::internal()));
    };
    let Some(token) = bearer(request)? else { return Ok(None) };
    let refused = |principal: Option<PrincipalId>, why: &str| {
        app.security.note(app.now(), origin(request), Note::refused(SecurityEventKind::TokenRefused, principal, why));
    };
    let Some(grant) = app.keys.verify(token, app.now()) else {
        // What has expired still says whose it was.
        let expired = app.keys.owner(token);
        refused(expired, if expired.is_some() { "expired" } else { "forged" });
        return Err(invalid().into());
    };
    let Some(access) = app.accesses.get(app, grant.principal, grant.generation).await? else {
        refused(Some(grant.principal), "not_active");
        return Err(inactive().into());
    };
    if access.generation != grant.generation {
        refused(Some(grant.principal), "signed_out");
        return Err(signed_out().into());
    }
    request.extensions_mut().insert(KnownCaller(access.principal));
    Ok(Some(SignedIn { access, grant }))
}

fn anonymous() -> Fault {
    unauthenticated(message!(
        fi: "Lähetä käyttötunniste.",
        sv: "Skicka en åtkomsttoken.",
        en: "Send an access token."
    ))
}

fn invalid() -> Fault {
    unauthenticated(message!(
        fi: "Käyttötunniste ei kelpaa.",
        sv: "Åtkomsttoken är inte giltig.",
        en: "The access token is not valid."
    ))
}

fn inactive() -> Fault {
    unauthenticated(message!(
        fi: "Tili ei ole käytössä.",
        sv: "Kontot är inte aktivt.",
        en: "The account is not active."
    ))
}

fn signed_out() -> Fault {
    unauthenticated(message!(
        fi: "Tilin kirjautumiset on päätetty: kirjaudu uudelleen.",
        sv: "Kontots inloggningar har avslutats: logga in på nytt.",
        en: "All sign-ins of the account have been ended: sign in again."
    ))
}

fn bearer(request: &HttpRequest) -> Result<Option<&str>, Problem> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else { return Ok(None) };
    value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| Some(token.trim()))
        .ok_or_else(|| {
            unauthenticated(message!(
                fi: "Authorization-otsakkeessa on oltava `Bearer` ja käyttötunniste.",
                sv: "Authorization måste innehålla `Bearer` och en åtkomsttoken.",
                en: "Authorization must be `Bearer` and an access token.",
            ))
            .into()
        })
}

/// 401, with the reason.
pub fn unauthenticated(detail: Message) -> Fault {
    Fault::new(&codes::UNAUTHENTICATED, detail)
}

/// The accesses of late: read again after half a second, so that a revoked role bites within one.
///
/// What one request of a caller was shown by, the next one is not shown by less of late: a reading that was begun
/// earlier, or before rights were changed here, never takes the place of a later one.
#[derive(Default)]
pub struct Accesses(Mutex<Readings>);

#[derive(Default)]
struct Readings {
    known: HashMap<PrincipalId, Reading>,
    /// How often all was forgotten.
    forgotten: u64,
}

#[derive(Clone)]
struct Reading {
    begun: Instant,
    access: Arc<Access>,
}

/// How long an access is believed.
const FRESH: Duration = Duration::from_millis(500);
/// How many are kept at most.
const KEPT: usize = 10_000;

impl Reading {
    fn is_fresh(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.begun) < FRESH
    }
}

impl Accesses {
    /// The access of a principal, known to be no older than the token of this generation: whoever has just signed in
    /// anew is not judged by what was known before.
    async fn get(&self, app: &App, principal: PrincipalId, generation: i64) -> Result<Option<Arc<Access>>, Problem> {
        let begun = Instant::now();
        let (known, forgotten) = {
            let readings = self.lock();
            (readings.known.get(&principal).cloned(), readings.forgotten)
        };
        if let Some(reading) = known
            && reading.is_fresh(begun)
            && reading.access.generation >= generation
        {
            return Ok(Some(reading.access));
        }
        let today = app.today();
        let found = app.store.read(move |db| access(db, principal, today)).await?.map(Arc::new);
        self.lock().keep(principal, begun, forgotten, found.clone());
        Ok(found)
    }

    /// Forgets what is known of everyone: a change of rights by this process bites at once.
    pub fn forget(&self) {
        let mut readings = self.lock();
        readings.forgotten += 1;
        readings.known.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Readings> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Readings {
    /// Keeps what was read, unless something newer is known; `forgotten` is what it was when the reading began.
    fn keep(&mut self, principal: PrincipalId, begun: Instant, forgotten: u64, found: Option<Arc<Access>>) {
        let newer = self.known.get(&principal).is_some_and(|reading| reading.begun > begun);
        if newer || forgotten != self.forgotten {
            return;
        }
        let Some(access) = found else { return drop(self.known.remove(&principal)) };
        if self.known.len() >= KEPT {
            self.known.retain(|_, reading| reading.is_fresh(begun));
        }
        self.known.insert(principal, Reading { begun, access });
    }
}
