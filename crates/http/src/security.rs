//! The security log over HTTP, and how entries get into it that no transaction carries.
//!
//! Such entries wait in a bounded queue and are written in batches, so that no request waits for them. What is the same
//! in a batch becomes one entry with a count. When more comes than the queue takes, the rest is counted as lost: in the
//! log of the program and in the security log itself.

use crate::accounts::ReadAccounts;
use crate::answer::Listing;
use crate::app::App;
use crate::auth::Member;
use crate::extract::Params;
use crate::problem::Problem;
use actix_web::{get, web::Data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::ids::{Id, OrganisationId, PrincipalId, SecurityEventId};
use yhteen_domain::security::{About, Origin, SecurityEvent, SecurityEventKind, SecurityOutcome, SecuritySubject};
use yhteen_domain::time::{Instant, Moment};
use yhteen_persistence::security::{self, Entry, Filter, Place, Tried};
use yhteen_persistence::{Actor, Error};

/// How many entries wait at most.
const MOST: usize = 10_000;
/// How long entries are gathered before they are written.
const GATHERING: Duration = Duration::from_millis(500);
/// How many entries are written by one transaction.
const BATCH: usize = 500;
/// For how long one account's reading of one restricted thing is one entry.
const SAME_READ: chrono::TimeDelta = chrono::TimeDelta::hours(1);

/// The entries that wait to be written.
#[derive(Default)]
pub struct SecurityLog {
    queue: Mutex<Queue>,
    wake: Notify,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<(SecurityEvent, Option<Tried>)>,
    /// The place of each entry among those that wait, by what makes two entries the same.
    known: HashMap<Same, usize>,
    lost: i64,
    /// Restricted things that were read of late.
    read: HashMap<(PrincipalId, uuid::Uuid), Instant>,
}

#[derive(PartialEq, Eq, Hash)]
struct Same {
    kind: SecurityEventKind,
    outcome: SecurityOutcome,
    principal: Option<PrincipalId>,
    client_address: String,
    operation: String,
    about: Option<About>,
    detail: Option<String>,
    tried: Option<Tried>,
}

/// What is to be noted.
#[derive(Clone, Debug)]
pub struct Note {
    /// What happened.
    pub kind: SecurityEventKind,
    /// How it ended.
    pub outcome: SecurityOutcome,
    /// Who did it.
    pub principal: Option<PrincipalId>,
    /// What it is about.
    pub about: Option<About>,
    /// The organisations concerned, besides that of the account.
    pub organisations: Vec<OrganisationId>,
    /// More in a stable form.
    pub detail: Option<String>,
    /// The account that was tried, where none was proved.
    pub tried: Option<Tried>,
}

impl Note {
    /// Something that was done.
    pub fn done(kind: SecurityEventKind, principal: Option<PrincipalId>) -> Self {
        let (outcome, organisations) = (SecurityOutcome::Success, Vec::new());
        Self { kind, outcome, principal, about: None, organisations, detail: None, tried: None }
    }

    /// Something that was refused, for a reason in a stable form.
    pub fn refused(kind: SecurityEventKind, principal: Option<PrincipalId>, detail: &str) -> Self {
        let detail = Some(detail.to_owned());
        Self { outcome: SecurityOutcome::Failure, detail, ..Self::done(kind, principal) }
    }
}

impl SecurityLog {
    /// Notes something, without waiting.
    pub fn note(&self, now: Instant, origin: Option<Origin>, note: Note) {
        let Note { kind, outcome, principal, about, organisations, detail, tried } = note;
        let Origin { client_address, operation, .. } = origin.clone().unwrap_or_default();
        let (detail_of, tried_of) = (detail.clone(), tried.clone());
        let same =
            Same { kind, outcome, principal, client_address, operation, about, detail: detail_of, tried: tried_of };
        let mut queue = self.lock();
        let known = queue.known.get(&same).copied();
        if let Some((event, _)) = known.and_then(|place| queue.waiting.get_mut(place)) {
            event.times += 1;
            return;
        }
        if queue.waiting.len() >= MOST {
            queue.lost += 1;
            return;
        }
        let id = SecurityEventId::from_uuid(uuid::Uuid::now_v7());
        let event = SecurityEvent {
            id,
            occurred_at: now,
            kind,
            outcome,
            principal,
            organisations,
            origin,
            about,
            detail,
            times: 1,
        };
        let place = queue.waiting.len();
        queue.known.insert(same, place);
        queue.waiting.push((event, tried));
        drop(queue);
        self.wake.notify_one();
    }

    /// Notes that an account has read something restricted, once an hour.
    pub fn note_read(
        &self,
        now: Instant,
        origin: Option<Origin>,
        principal: PrincipalId,
        owner: OrganisationId,
        about: About,
    ) {
        {
            let mut queue = self.lock();
            let read = (principal, about.id);
            if queue.read.get(&read).is_some_and(|last| *last <= now && now - *last < SAME_READ) {
                return;
            }
            if queue.read.len() >= MOST {
                queue.read.retain(|_, last| now - *last < SAME_READ);
                if queue.read.len() >= MOST {
                    queue.read.clear();
                }
            }
            queue.read.insert(read, now);
        }
        let note = Note::done(SecurityEventKind::RestrictedRead, Some(principal));
        self.note(now, origin, Note { about: Some(about), organisations: vec![owner], ..note });
    }

    /// Writes what waits. What cannot be written is lost, and counted.
    pub async fn flush(&self, app: &App) {
        let (waiting, lost) = {
            let mut queue = self.lock();
            queue.known.clear();
            (std::mem::take(&mut queue.waiting), std::mem::take(&mut queue.lost))
        };
        let mut failed = 0;
        for batch in waiting.chunks(BATCH) {
            let batch = batch.to_vec();
            let count = batch.iter().map(|(event, _)| event.times).sum::<i64>();
            let write = app.store.write(Actor::default(), app.now(), move |tx| security::write_batch(tx, &batch));
            if let Err(error) = write.await {
                log::error!("entries of the security log cannot be written: {error}");
                failed += count;
            }
        }
        if lost + failed > 0 {
            log::error!("entries of the security log were lost: {}", lost + failed);
            self.report_loss(app, lost + failed).await;
        }
    }

    /// The loss stands in the log itself; where that cannot be written either, with the next one.
    async fn report_loss(&self, app: &App, lost: i64) {
        let event = SecurityEvent {
            id: SecurityEventId::from_uuid(uuid::Uuid::now_v7()),
            occurred_at: app.now(),
            kind: SecurityEventKind::EntriesLost,
            outcome: SecurityOutcome::Failure,
            principal: None,
            organisations: Vec::new(),
            origin: None,
            about: None,
            detail: None,
            times: lost,
        };
        let write =
            app.store.write(Actor::default(), app.now(), move |tx| security::write(tx, std::slice::from_ref(&event)));
        if write.await.is_err() {
            self.lock().lost += lost;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes what is noted, batch by batch, for as long as the process serves.
pub async fn write_behind(app: Data<App>) {
    loop {
        app.security.wake.notified().await;
        tokio::time::sleep(GATHERING).await;
        app.security.flush(&app).await;
    }
}

/// How many entries are removed by one transaction.
const REMOVED: usize = 5_000;

/// Removes the entries that are older than the setting says, batch by batch; answers how many.
pub async fn forget_old(app: &App, days: u32) -> Result<usize, Error> {
    let before = app.now() - chrono::TimeDelta::days(days.into());
    let mut all = 0;
    loop {
        let remove =
            app.store.write(Actor::default(), app.now(), move |tx| security::forget_before(tx, before, REMOVED));
        let removed = remove.await?;
        all += removed;
        if removed < REMOVED {
            return Ok(all);
        }
    }
}

/// The operations on the security log.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_security_events);
}

/// An entry of the security log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SecurityEvent, examples(json!({
    "id": "01980000-0000-7000-8000-00000000000f",
    "occurred_at": "2026-03-24T08:30:00Z",
    "kind": "permission_denied",
    "outcome": "failure",
    "organisation_id": "01980000-0000-7000-8000-000000000001",
    "principal_id": "01980000-0000-7000-8000-000000000002",
    "organisation_ids": ["01980000-0000-7000-8000-000000000001"],
    "client_address": "192.0.2.7",
    "request_id": "0198a1b2-0000-7000-8000-000000000001",
    "operation": "PATCH /api/v1/actions/{action_id}",
    "subject": {"type": null, "id": "01980000-0000-7000-8000-000000000005"},
    "detail": "auth.forbidden",
    "times": 1
})))]
pub struct SecurityEventView {
    id: SecurityEventId,
    occurred_at: DateTime<Utc>,
    kind: SecurityEventKind,
    outcome: SecurityOutcome,
    /// The organisation to which the account belongs that did it; null where none is known, and for the operator.
    #[schema(required)]
    organisation_id: Option<OrganisationId>,
    /// The account that did it; shown to the administrators of its organisation and to the operator.
    #[schema(required)]
    principal_id: Option<PrincipalId>,
    /// The organisations that it concerns, of those that you administer.
    organisation_ids: Vec<OrganisationId>,
    /// From which address it came; shown to whom the account is shown.
    #[schema(required)]
    client_address: Option<String>,
    #[schema(required)]
    request_id: Option<String>,
    /// Method and path of the operation.
    #[schema(required)]
    operation: Option<String>,
    #[schema(required)]
    subject: Option<SecuritySubjectView>,
    /// More in a stable form, such as the code of the refusal.
    #[schema(required)]
    detail: Option<String>,
    /// How often the same happened in the moments that the entry stands for.
    times: i64,
}

/// What an entry is about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SecuritySubjectReference)]
pub struct SecuritySubjectView {
    /// What it is; null where the log does not know.
    #[schema(required)]
    r#type: Option<SecuritySubject>,
    #[schema(value_type = String, format = Uuid)]
    id: uuid::Uuid,
}

impl SecurityEventView {
    /// As it is shown to the operator (`all`), or to an administrator of these organisations.
    fn of(entry: Entry, all: bool, administered: &[OrganisationId]) -> Self {
        let Entry { event, home } = entry;
        let SecurityEvent { id, occurred_at, kind, outcome, principal, organisations, origin, about, detail, times } =
            event;
        // Whose account is not known, has none that could be hidden.
        let known = all || principal.is_none() || home.is_some_and(|home| administered.contains(&home));
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        let Origin { client_address, request_id, operation } = origin.unwrap_or_default();
        Self {
            id,
            occurred_at,
            kind,
            outcome,
            organisation_id: home,
            principal_id: principal.filter(|_| known),
            organisation_ids: organisations,
            client_address: given(client_address).filter(|_| known),
            request_id: given(request_id).filter(|_| known),
            operation: given(operation),
            subject: about.map(|About { subject, id }| SecuritySubjectView { r#type: subject, id }),
            detail,
            times,
        }
    }
}

/// Which entries of the security log to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListSecurityEvents {
    /// Only these kinds.
    #[serde(default)]
    #[param(inline)]
    kind: Vec<SecurityEventKind>,
    /// Only what this account has done.
    #[param(nullable = false)]
    principal_id: Option<PrincipalId>,
    /// Only what concerns this organisation; without it, all that you administer.
    #[param(nullable = false)]
    organisation_id: Option<OrganisationId>,
    /// Only from this time on.
    #[param(nullable = false)]
    from: Option<Moment>,
    /// Only before this time.
    #[param(nullable = false)]
    to: Option<Moment>,
    /// Where to go on: `next` of the page before.
    #[param(nullable = false)]
    cursor: Option<String>,
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
}

/// List the security log.
///
/// The newest entries come first. Administrators see what concerns their organisation and its accounts, the operator of
/// the service sees everything; no entry holds anything that a partner has written. Entries are kept for as many days as
/// the service is set to keep them. What is the same within moments is one entry with a count. A failed sign-in
/// names the account where there is one, and never what was typed.
#[utoipa::path(tag = "Security", params(ListSecurityEvents), security(("oauth2" = ["accounts:read"])),
    responses((status = 200, description = "A page of the security log", body = Listing<SecurityEventView>)))]
#[get("/api/v1/security-events")]
pub(crate) async fn list_security_events(
    member: Member<ReadAccounts>,
    app: Data<App>,
    params: Params<ListSecurityEvents>,
) -> Result<Listing<SecurityEventView>, Problem> {
    let ListSecurityEvents { kind, principal_id, organisation_id, from, to, cursor, limit } = params.get()?;
    let all = member.access().operator;
    let list = format!("security {kind:?} {principal_id:?} {organisation_id:?} {from:?} {to:?}");
    let listed = app.listed(list, cursor.as_deref(), limit)?;
    let administered: Vec<_> = member.access().administered().collect();
    let organisations = match organisation_id {
        Some(organisation) if all => Some(vec![organisation]),
        Some(organisation) => {
            member.require_to_read(organisation)?;
            Some(vec![organisation])
        }
        None if all => None,
        None => Some(administered.clone()),
    };
    let (from, to) = (from.map(Instant::from), to.map(Instant::from));
    let filter = Filter { kinds: kind, principal: principal_id, organisations, from, to };
    // What was noted before is seen.
    app.security.flush(&app).await;
    let slice = listed.slice.clone();
    let page = app.store.read(move |db| security::list(db, &filter, &slice)).await?;
    let place = |entry: &Entry| Place(entry.event.occurred_at, entry.event.id);
    Ok(app.listing(listed.name(), page, place, |entry| SecurityEventView::of(entry, all, &administered)))
}
