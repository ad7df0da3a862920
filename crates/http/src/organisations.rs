//! Organisations over HTTP.

use crate::answer::{Answer, Done, Listing, Versioned};
use crate::app::App;
use crate::auth::{Member, Reader};
use crate::extract::{Incoming, Params, Path};
use crate::patch::{double, localised, patched, present};
use crate::problem::Problem;
use actix_web::{get, patch, post, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::Fault;
use yhteen_domain::ids::{Id, OrganisationId};
use yhteen_domain::organisations::{Details, Organisation, refuse_ring};
use yhteen_domain::roles::Role;
use yhteen_domain::text::{BusinessId, Email, MunicipalityCode, Name, NamePatch, WebAddress};
use yhteen_domain::time::{Date, Day, Instant, Moment};
use yhteen_domain::vocabulary::OrganisationKind;
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::organisations::{self, Filter};
use yhteen_persistence::scope::Access;
use yhteen_persistence::{Error, Tx};

crate::permissions! {
    /// Reads organisations.
    ReadOrganisations = OrganisationsRead, Viewer;
    /// Changes organisations.
    EditOrganisations = OrganisationsWrite, Admin;
}

/// The operations on organisations.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_organisations)
        .service(create_organisation)
        .service(get_organisation)
        .service(patch_organisation);
}

/// An organisation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Organisation)]
pub struct OrganisationView {
    id: OrganisationId,
    /// Counts the changes, from 1.
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    name: Name,
    kind: OrganisationKind,
    /// Y-tunnus.
    #[schema(required)]
    business_id: Option<BusinessId>,
    /// Statistics Finland's code, for a municipality.
    #[schema(required)]
    municipality_code: Option<MunicipalityCode>,
    /// The organisation that it is a part of; rights there are rights here.
    #[schema(required)]
    parent_id: Option<OrganisationId>,
    /// The federation that it belongs to; this carries no rights.
    #[schema(required)]
    umbrella_id: Option<OrganisationId>,
    /// A functional mailbox.
    #[schema(required)]
    contact_email: Option<Email>,
    #[schema(required)]
    website: Option<WebAddress>,
    /// The first day of its existence.
    #[schema(required)]
    valid_from: Option<NaiveDate>,
    /// The last day of its existence.
    #[schema(required)]
    valid_to: Option<NaiveDate>,
    /// The organisation that has taken its place.
    #[schema(required)]
    successor_id: Option<OrganisationId>,
    /// From which day the successor has its rights.
    #[schema(required)]
    succeeded_on: Option<NaiveDate>,
    permissions: OrganisationPermissions,
}

/// What the caller may do with the organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganisationPermissions {
    /// Change its name, mailbox and website.
    edit: bool,
    /// Change everything else of it.
    administer: bool,
    /// Manage its users and clients.
    manage_accounts: bool,
}

impl OrganisationView {
    fn of(organisation: Organisation, access: Option<&Access>) -> Self {
        let Organisation { id, meta, details } = organisation;
        let Details {
            name,
            kind,
            business_id,
            municipality_code,
            parent_id,
            umbrella_id,
            contact_email,
            website,
            valid_from,
            valid_to,
            successor_id,
            succeeded_on,
        } = details;
        let operator = access.is_some_and(|access| access.operator);
        let admin = access.is_some_and(|access| access.may(id, Role::Admin));
        Self {
            id,
            version: meta.version,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
            name,
            kind,
            business_id,
            municipality_code,
            parent_id,
            umbrella_id,
            contact_email,
            website,
            valid_from,
            valid_to,
            successor_id,
            succeeded_on,
            permissions: OrganisationPermissions {
                edit: operator || admin,
                administer: operator,
                manage_accounts: admin,
            },
        }
    }
}

/// A new organisation.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"name": {"fi": "Esimerkkilä", "sv": "Exempelby"}, "kind": "municipality"})))]
pub struct NewOrganisation {
    name: Name,
    kind: OrganisationKind,
    business_id: Option<BusinessId>,
    municipality_code: Option<MunicipalityCode>,
    parent_id: Option<OrganisationId>,
    umbrella_id: Option<OrganisationId>,
    contact_email: Option<Email>,
    website: Option<WebAddress>,
    valid_from: Option<Day>,
    valid_to: Option<Day>,
}

impl From<NewOrganisation> for Details {
    fn from(new: NewOrganisation) -> Self {
        let NewOrganisation {
            name,
            kind,
            business_id,
            municipality_code,
            parent_id,
            umbrella_id,
            contact_email,
            website,
            valid_from,
            valid_to,
        } = new;
        Self {
            name,
            kind,
            business_id,
            municipality_code,
            parent_id,
            umbrella_id,
            contact_email,
            website,
            valid_from: valid_from.map(Date::from),
            valid_to: valid_to.map(Date::from),
            successor_id: None,
            succeeded_on: None,
        }
    }
}

/// Changes of an organisation (JSON merge patch, RFC 7396): an absent member stays, null removes.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"website": "https://www.example.org/", "contact_email": null})))]
pub struct OrganisationPatch {
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    name: Option<NamePatch>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    kind: Option<OrganisationKind>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<BusinessId>, required = false)]
    business_id: Option<Option<BusinessId>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<MunicipalityCode>, required = false)]
    municipality_code: Option<Option<MunicipalityCode>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<OrganisationId>, required = false)]
    parent_id: Option<Option<OrganisationId>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<OrganisationId>, required = false)]
    umbrella_id: Option<Option<OrganisationId>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<Email>, required = false)]
    contact_email: Option<Option<Email>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<WebAddress>, required = false)]
    website: Option<Option<WebAddress>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<Day>, required = false)]
    valid_from: Option<Option<Day>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<Day>, required = false)]
    valid_to: Option<Option<Day>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<OrganisationId>, required = false)]
    successor_id: Option<Option<OrganisationId>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<Day>, required = false)]
    succeeded_on: Option<Option<Day>>,
}

impl OrganisationPatch {
    /// Whether it changes who its superiors are.
    fn moves(&self) -> bool {
        self.parent_id.is_some() || self.successor_id.is_some()
    }

    /// Whether it touches what the operator alone may change.
    fn needs_operator(&self) -> bool {
        let Self {
            name: _,
            kind,
            business_id,
            municipality_code,
            parent_id,
            umbrella_id,
            contact_email: _,
            website: _,
            valid_from,
            valid_to,
            successor_id,
            succeeded_on,
        } = self;
        kind.is_some()
            || business_id.is_some()
            || municipality_code.is_some()
            || parent_id.is_some()
            || umbrella_id.is_some()
            || valid_from.is_some()
            || valid_to.is_some()
            || successor_id.is_some()
            || succeeded_on.is_some()
    }

    fn apply(&self, old: Details) -> Result<Details, Fault> {
        let patch = self.clone();
        Ok(Details {
            name: localised(patch.name, old.name, "/name")?,
            kind: patch.kind.unwrap_or(old.kind),
            business_id: patch.business_id.unwrap_or(old.business_id),
            municipality_code: patch.municipality_code.unwrap_or(old.municipality_code),
            parent_id: patch.parent_id.unwrap_or(old.parent_id),
            umbrella_id: patch.umbrella_id.unwrap_or(old.umbrella_id),
            contact_email: patch.contact_email.unwrap_or(old.contact_email),
            website: patch.website.unwrap_or(old.website),
            valid_from: patched(patch.valid_from, old.valid_from),
            valid_to: patched(patch.valid_to, old.valid_to),
            successor_id: patch.successor_id.unwrap_or(old.successor_id),
            succeeded_on: patched(patch.succeeded_on, old.succeeded_on),
        })
    }
}

/// Which organisations to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListOrganisations {
    /// Only these kinds.
    #[serde(default)]
    #[param(inline)]
    kind: Vec<OrganisationKind>,
    /// Only the parts of this organisation.
    #[param(nullable = false)]
    parent_id: Option<OrganisationId>,
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

/// List organisations.
#[utoipa::path(tag = "Organisations", params(ListOrganisations), security((), ("oauth2" = ["organisations:read"])),
    responses((status = 200, description = "A page of organisations", body = Listing<OrganisationView>)))]
#[get("/api/v1/organisations")]
pub async fn list_organisations(
    reader: Reader<ReadOrganisations>,
    app: Data<App>,
    params: Params<ListOrganisations>,
) -> Result<Listing<OrganisationView>, Problem> {
    let ListOrganisations { kind, parent_id, updated_since, cursor, limit } = params.get()?;
    let filter = Filter { kinds: kind, parent: parent_id, updated_since: updated_since.map(Instant::from) };
    let listed = app.listed(format!("organisations {filter:?}"), cursor.as_deref(), limit)?;
    let slice = listed.slice.clone();
    let page = app.store.read(move |db| organisations::list(db, &filter, &slice)).await?;
    Ok(app.listing(listed.name(), page, |item| item.id, |item| OrganisationView::of(item, reader.access())))
}

/// Create an organisation.
///
/// This needs the operator of the service, who also makes its first administrator.
#[utoipa::path(tag = "Organisations", request_body = NewOrganisation, security(("oauth2" = ["organisations:write"])),
    responses((status = 201, description = "Created", body = OrganisationView)))]
#[post("/api/v1/organisations")]
pub async fn create_organisation(
    member: Member<EditOrganisations>,
    app: Data<App>,
    incoming: Incoming<NewOrganisation>,
) -> Result<Done, Problem> {
    let id = app.fresh();
    let location = app.url(&format!("/api/v1/organisations/{id}"));
    app.write(member, incoming, move |tx, member, incoming| {
        let new = incoming.body()?;
        member.require_operator()?;
        let organisation = Organisation::new(id, new.clone().into(), tx.now())?;
        check_superiors(tx, &organisation)?;
        organisations::create(tx, &organisation)?;
        Ok(answer_created(location.clone(), organisation, member.access()))
    })
    .await
}

/// Get an organisation.
#[utoipa::path(tag = "Organisations", security((), ("oauth2" = ["organisations:read"])),
    responses((status = 200, description = "The organisation", body = OrganisationView)))]
#[get("/api/v1/organisations/{organisation_id}")]
pub async fn get_organisation(
    reader: Reader<ReadOrganisations>,
    app: Data<App>,
    path: Path<OrganisationId>,
) -> Result<Versioned<OrganisationView>, Problem> {
    let id = path.get()?;
    let organisation = app.store.read(move |db| organisations::find(db, id)).await?;
    Ok(Versioned { version: organisation.meta.version, view: OrganisationView::of(organisation, reader.access()) })
}

/// Change an organisation.
///
/// Its administrators change its name, mailbox and website; all else needs the operator of the service.
#[utoipa::path(tag = "Organisations", security(("oauth2" = ["organisations:write"])),
    request_body(content = OrganisationPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "As it is now", body = OrganisationView)))]
#[patch("/api/v1/organisations/{organisation_id}")]
pub async fn patch_organisation(
    member: Member<EditOrganisations>,
    app: Data<App>,
    path: Path<OrganisationId>,
    incoming: Incoming<OrganisationPatch>,
) -> Result<Done, Problem> {
    let work = app.write(member, incoming, move |tx, member, incoming| {
        if incoming.body().is_ok_and(OrganisationPatch::moves) {
            organisations::hold_superiors(tx)?;
        }
        let organisation = organisations::lock(tx, path.get()?)?;
        let patch = incoming.body()?;
        if patch.needs_operator() || !member.may(organisation.id) {
            member.require_operator()?;
        }
        incoming.expect(organisation.meta.version)?;
        let details = patch.apply(organisation.details.clone())?;
        let organisation = organisation.changed(details, tx.now())?;
        check_superiors(tx, &organisation)?;
        organisations::save(tx, &organisation)?;
        Ok(answer(organisation, member.access()))
    });
    let done = work.await?;
    // Rights reach from a parent or a successor.
    app.accesses.forget();
    Ok(done)
}

/// Refuses references to nothing, and rings of superiors.
pub(crate) fn check_superiors(tx: &mut Tx<'_>, organisation: &Organisation) -> Result<(), Error> {
    let Details { parent_id, umbrella_id, successor_id, .. } = organisation.details;
    for (id, pointer) in [(parent_id, "/parent_id"), (umbrella_id, "/umbrella_id"), (successor_id, "/successor_id")] {
        let Some(id) = id else { continue };
        organisations::refer(tx, id, pointer)?;
        if id == organisation.id {
            return Err(Fault::invalid(pointer, "ring", "An organisation cannot refer to itself.").into());
        }
    }
    // Rights reach from both, and from a successor of the future in its time.
    for (superior, pointer) in [(parent_id, "/parent_id"), (successor_id, "/successor_id")] {
        if let Some(superior) = superior {
            refuse_ring(organisation.id, &organisations::superiors(tx, superior, None)?, pointer)?;
        }
    }
    Ok(())
}

fn guard(organisation: &Organisation) -> Guard {
    Guard::Sees(organisation.id.uuid())
}

fn answer(organisation: Organisation, access: &Access) -> Answer {
    let (version, guard) = (organisation.meta.version, guard(&organisation));
    Answer::ok(version, &OrganisationView::of(organisation, Some(access)), guard)
}

fn answer_created(location: String, organisation: Organisation, access: &Access) -> Answer {
    let (version, guard) = (organisation.meta.version, guard(&organisation));
    Answer::created(location, version, &OrganisationView::of(organisation, Some(access)), guard)
}
