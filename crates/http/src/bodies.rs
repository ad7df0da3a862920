//! Bodies over HTTP.

use crate::answer::{Answer, Done, Listing, Versioned};
use crate::app::App;
use crate::auth::{Member, Reader};
use crate::extract::{Incoming, Params, Path};
use crate::meetings::ReadMeetings;
use crate::patch::{double, localised, patched, present};
use crate::problem::Problem;
use actix_web::{get, patch, post, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::Fault;
use yhteen_domain::bodies::{AgendaLead, Body, BodyVisibility, Details, regime_after};
use yhteen_domain::ids::{BodyId, Id, OrganisationId};
use yhteen_domain::legal::default_regime;
use yhteen_domain::roles::Role;
use yhteen_domain::text::{Name, NamePatch};
use yhteen_domain::time::{Date, Day, Instant, Moment};
use yhteen_domain::vocabulary::{BodyKind, OrganisationKind, Regime};
use yhteen_persistence::bodies::{self, Filter};
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::organisations;
use yhteen_persistence::scope::Access;

crate::permissions! {
    /// Changes bodies.
    EditBodies = MeetingsWrite, Admin;
}

/// The operations on bodies.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_bodies).service(create_body).service(get_body).service(patch_body);
}

/// A decision-making body of an organisation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Body)]
pub struct BodyView {
    id: BodyId,
    /// Counts the changes, from 1.
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// The organisation that it decides for.
    organisation_id: OrganisationId,
    name: Name,
    kind: BodyKind,
    /// Who sees it and its meetings.
    visibility: BodyVisibility,
    /// The first day of its existence.
    #[schema(required)]
    valid_from: Option<NaiveDate>,
    /// The last day of its existence.
    #[schema(required)]
    valid_to: Option<NaiveDate>,
    /// Until when its calendar is known at least; its last known meeting may be later.
    #[schema(required)]
    published_until: Option<NaiveDate>,
    agenda_lead: AgendaLead,
    /// How many days after a meeting its minutes are published.
    #[schema(minimum = 0, maximum = 365)]
    minutes_publication_days: u16,
    /// Which rules say when its decisions gain legal force.
    regime: Regime,
    permissions: BodyPermissions,
}

/// What the caller may do with the body.
#[derive(Debug, Serialize, ToSchema)]
pub struct BodyPermissions {
    /// Change it.
    edit: bool,
    /// Add, change and cancel its meetings.
    edit_meetings: bool,
}

impl BodyView {
    fn of(body: Body, access: Option<&Access>) -> Self {
        let Body { id, organisation_id, meta, details } = body;
        let Details {
            name,
            kind,
            visibility,
            valid_from,
            valid_to,
            published_until,
            agenda_lead,
            minutes_publication_days,
            regime,
        } = details;
        let may = |role| access.is_some_and(|access| access.may(organisation_id, role));
        Self {
            id,
            version: meta.version,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
            organisation_id,
            name,
            kind,
            visibility,
            valid_from,
            valid_to,
            published_until,
            agenda_lead,
            minutes_publication_days,
            regime,
            permissions: BodyPermissions { edit: may(Role::Admin), edit_meetings: may(Role::Editor) },
        }
    }
}

/// A new body.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "organisation_id": "018f2d5e-7c3a-7b61-9d0e-3a5c1f2b4d60",
    "name": {"fi": "Kasvatus- ja opetuslautakunta"},
    "kind": "committee",
    "agenda_lead": {"days": 7, "time": "12:00"},
    "minutes_publication_days": 7
})))]
pub struct NewBody {
    /// The organisation that it decides for.
    organisation_id: OrganisationId,
    name: Name,
    kind: BodyKind,
    /// Who sees it and its meetings: everyone, unless this says otherwise.
    visibility: Option<BodyVisibility>,
    /// The first day of its existence.
    valid_from: Option<Day>,
    /// The last day of its existence.
    valid_to: Option<Day>,
    /// Until when its calendar is known at least.
    published_until: Option<Day>,
    agenda_lead: AgendaLead,
    /// How many days after a meeting its minutes are published.
    #[schema(minimum = 0, maximum = 365)]
    minutes_publication_days: u16,
    /// Which rules say when its decisions gain legal force; by default those for the kinds of organisation and body.
    regime: Option<Regime>,
}

impl NewBody {
    fn details(self, organisation: OrganisationKind) -> Details {
        let Self {
            organisation_id: _,
            name,
            kind,
            visibility,
            valid_from,
            valid_to,
            published_until,
            agenda_lead,
            minutes_publication_days,
            regime,
        } = self;
        Details {
            name,
            kind,
            visibility: visibility.unwrap_or(BodyVisibility::Public),
            valid_from: valid_from.map(Date::from),
            valid_to: valid_to.map(Date::from),
            published_until: published_until.map(Date::from),
            agenda_lead,
            minutes_publication_days,
            regime: regime.unwrap_or_else(|| default_regime(organisation, kind)),
        }
    }
}

/// Changes of a body (JSON merge patch, RFC 7396): an absent member stays, null removes.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"published_until": "2026-12-31", "valid_to": null})))]
pub struct BodyPatch {
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    name: Option<NamePatch>,
    /// A regime that was the default of the old kind becomes that of the new one.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    kind: Option<BodyKind>,
    /// Its meetings are seen by whoever sees it.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    visibility: Option<BodyVisibility>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<Day>, required = false)]
    valid_from: Option<Option<Day>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<Day>, required = false)]
    valid_to: Option<Option<Day>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<Day>, required = false)]
    published_until: Option<Option<Day>>,
    /// In full. The deadlines of meetings that are known already stay.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    agenda_lead: Option<AgendaLead>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false, minimum = 0, maximum = 365)]
    minutes_publication_days: Option<u16>,
    /// Null for the default of the kinds of organisation and body.
    #[serde(default, with = "double")]
    #[schema(value_type = Option<Regime>, required = false)]
    regime: Option<Option<Regime>>,
}

impl BodyPatch {
    fn apply(&self, old: Details, organisation: OrganisationKind) -> Result<Details, Fault> {
        let patch = self.clone();
        let kind = patch.kind.unwrap_or(old.kind);
        let regime = match patch.regime {
            None => regime_after(organisation, old.kind, old.regime, kind),
            Some(None) => default_regime(organisation, kind),
            Some(Some(regime)) => regime,
        };
        Ok(Details {
            name: localised(patch.name, old.name, "/name")?,
            kind,
            visibility: patch.visibility.unwrap_or(old.visibility),
            valid_from: patched(patch.valid_from, old.valid_from),
            valid_to: patched(patch.valid_to, old.valid_to),
            published_until: patched(patch.published_until, old.published_until),
            agenda_lead: patch.agenda_lead.unwrap_or(old.agenda_lead),
            minutes_publication_days: patch.minutes_publication_days.unwrap_or(old.minutes_publication_days),
            regime,
        })
    }
}

/// Which bodies to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListBodies {
    /// Only those of these organisations.
    #[serde(default)]
    #[param(inline)]
    organisation_id: Vec<OrganisationId>,
    /// Only these kinds.
    #[serde(default)]
    #[param(inline)]
    kind: Vec<BodyKind>,
    /// Only what has changed at or after this time.
    #[param(nullable = false)]
    updated_since: Option<Moment>,
    /// Where to go on: `next` of the page before.
    #[param(nullable = false)]
    cursor: Option<String>,
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
}

/// List bodies.
#[utoipa::path(tag = "Meetings", params(ListBodies), security((), ("oauth2" = ["meetings:read"])),
    responses((status = 200, description = "A page of bodies", body = Listing<BodyView>)))]
#[get("/api/v1/bodies")]
pub async fn list_bodies(
    reader: Reader<ReadMeetings>,
    app: Data<App>,
    params: Params<ListBodies>,
) -> Result<Listing<BodyView>, Problem> {
    let ListBodies { organisation_id, kind, updated_since, cursor, limit } = params.get()?;
    let filter =
        Filter { organisations: organisation_id, kinds: kind, updated_since: updated_since.map(Instant::from) };
    let listed = app.listed(format!("bodies {filter:?}"), cursor.as_deref(), limit)?;
    let (scope, slice) = (reader.scope().clone(), listed.slice.clone());
    let page = app.store.read(move |db| bodies::list(db, &scope, &filter, &slice)).await?;
    Ok(app.listing(listed.name(), page, |item| item.id, |item| BodyView::of(item, reader.access())))
}

/// Create a body.
///
/// This needs an administrator of its organisation. A body is never deleted: it ends with `valid_to`.
#[utoipa::path(tag = "Meetings", request_body = NewBody, security(("oauth2" = ["meetings:write"])),
    responses((status = 201, description = "Created", body = BodyView)))]
#[post("/api/v1/bodies")]
pub async fn create_body(
    member: Member<EditBodies>,
    app: Data<App>,
    incoming: Incoming<NewBody>,
) -> Result<Done, Problem> {
    let id: BodyId = app.fresh();
    let location = app.url(&format!("/api/v1/bodies/{id}"));
    app.write(member, incoming, move |tx, member, incoming| {
        let new = incoming.body()?.clone();
        let organisation = organisations::refer(tx, new.organisation_id, "/organisation_id")?;
        member.require(organisation.id)?;
        tx.act_for(organisation.id);
        let body = Body::new(id, organisation.id, new.details(organisation.details.kind), tx.now())?;
        bodies::create(tx, &body)?;
        let (version, guard) = (body.meta.version, Guard::Sees(id.uuid()));
        Ok(Answer::created(location.clone(), version, &BodyView::of(body, Some(member.access())), guard))
    })
    .await
}

/// Get a body.
#[utoipa::path(tag = "Meetings", security((), ("oauth2" = ["meetings:read"])),
    responses((status = 200, description = "The body", body = BodyView)))]
#[get("/api/v1/bodies/{body_id}")]
pub async fn get_body(
    reader: Reader<ReadMeetings>,
    app: Data<App>,
    path: Path<BodyId>,
) -> Result<Versioned<BodyView>, Problem> {
    let (id, scope) = (path.get()?, reader.scope().clone());
    let body = app.store.read(move |db| bodies::find(db, &scope, id)).await?;
    Ok(Versioned { version: body.meta.version, view: BodyView::of(body, reader.access()) })
}

/// Change a body.
///
/// This needs an administrator of its organisation.
#[utoipa::path(tag = "Meetings", security(("oauth2" = ["meetings:write"])),
    request_body(content = BodyPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "As it is now", body = BodyView)))]
#[patch("/api/v1/bodies/{body_id}")]
pub async fn patch_body(
    member: Member<EditBodies>,
    app: Data<App>,
    path: Path<BodyId>,
    incoming: Incoming<BodyPatch>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let lock = match incoming.body() {
            Ok(patch) if patch.visibility.is_some() => bodies::lock_with_actions,
            _ => bodies::lock,
        };
        let body = lock(tx, member.scope(), path.get()?)?;
        let patch = incoming.body()?;
        member.require(body.organisation_id)?;
        tx.act_for(body.organisation_id);
        incoming.expect(body.meta.version)?;
        let organisation = organisations::find(tx, body.organisation_id)?;
        let details = patch.apply(body.details.clone(), organisation.details.kind)?;
        let body = body.changed(details, tx.now())?;
        bodies::save(tx, &body)?;
        let (version, guard) = (body.meta.version, Guard::Sees(body.id.uuid()));
        Ok(Answer::ok(version, &BodyView::of(body, Some(member.access())), guard))
    })
    .await
}
