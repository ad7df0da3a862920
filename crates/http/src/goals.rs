//! Goals over HTTP.

use crate::answer::{Answer, Done, Listing, Versioned};
use crate::app::App;
use crate::auth::{Member, Reader};
use crate::extract::{Incoming, Nothing, Params, Path};
use crate::patch::{double, localised, localised_or_null, present};
use crate::problem::Problem;
use crate::programmes::{EditProgrammes, Paging, ReadProgrammes, coordinate, guard};
use actix_web::{delete, get, patch, post, web::Data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::Fault;
use yhteen_domain::goals::{Details, Goal};
use yhteen_domain::ids::{GoalId, ProgrammeId};
use yhteen_domain::text::{Name, NamePatch, Prose, ProsePatch, ShortCode};
use yhteen_persistence::goals::Place;
use yhteen_persistence::scope::Access;
use yhteen_persistence::{goals, programmes};

/// The operations on goals.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_goals).service(create_goal).service(get_goal).service(patch_goal).service(delete_goal);
}

/// A goal of a programme.
///
/// It is a part of its programme: its `ETag` carries the programme's version.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Goal)]
pub struct GoalView {
    id: GoalId,
    programme_id: ProgrammeId,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// The goal that it serves.
    #[schema(required)]
    parent_id: Option<GoalId>,
    /// Unique in the programme.
    code: ShortCode,
    title: Name,
    #[schema(required)]
    description: Option<Prose>,
    /// Its place among the programme's goals: the smaller first.
    position: i32,
    permissions: GoalPermissions,
}

/// What the caller may do with the goal.
#[derive(Debug, Serialize, ToSchema)]
pub struct GoalPermissions {
    /// Change and delete it.
    edit: bool,
}

impl GoalView {
    fn of(goal: Goal, access: Option<&Access>) -> Self {
        let Goal { id, programme_id, created_at, updated_at, details } = goal;
        let Details { parent_id, code, title, description, position } = details;
        let edit = access.is_some_and(|access| access.may_coordinate(programme_id));
        Self {
            id,
            programme_id,
            created_at,
            updated_at,
            parent_id,
            code,
            title,
            description,
            position,
            permissions: GoalPermissions { edit },
        }
    }
}

/// A new goal.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"code": "T1", "title": {"fi": "Perheet saavat tukea ajoissa"}})))]
pub struct NewGoal {
    /// The goal of the same programme that it serves.
    parent_id: Option<GoalId>,
    /// Unique in the programme.
    code: ShortCode,
    title: Name,
    description: Option<Prose>,
    /// Its place among the programme's goals: the smaller first. Without it the goal comes last.
    #[schema(minimum = 0)]
    position: Option<i32>,
}

impl NewGoal {
    fn details(self, last: i32) -> Details {
        let Self { parent_id, code, title, description, position } = self;
        Details { parent_id, code, title, description, position: position.unwrap_or(last) }
    }
}

/// Changes of a goal (JSON merge patch, RFC 7396): an absent member stays, null removes.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"parent_id": null, "position": 3})))]
pub struct GoalPatch {
    #[serde(default, with = "double")]
    #[schema(value_type = Option<GoalId>, required = false)]
    parent_id: Option<Option<GoalId>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    code: Option<ShortCode>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    title: Option<NamePatch>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<ProsePatch>, required = false)]
    description: Option<Option<ProsePatch>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false, minimum = 0)]
    position: Option<i32>,
}

impl GoalPatch {
    fn apply(&self, old: Details) -> Result<Details, Fault> {
        let Self { parent_id, code, title, description, position } = self.clone();
        Ok(Details {
            parent_id: parent_id.unwrap_or(old.parent_id),
            code: code.unwrap_or(old.code),
            title: localised(title, old.title, "/title")?,
            description: localised_or_null(description, old.description, "/description")?,
            position: position.unwrap_or(old.position),
        })
    }
}

/// List the goals of a programme.
///
/// By position, then by code.
#[utoipa::path(tag = "Goals", params(Paging), security((), ("oauth2" = ["programmes:read"])),
    responses((status = 200, description = "A page of goals", body = Listing<GoalView>)))]
#[get("/api/v1/programmes/{programme_id}/goals")]
pub async fn list_goals(
    reader: Reader<ReadProgrammes>,
    app: Data<App>,
    path: Path<ProgrammeId>,
    params: Params<Paging>,
) -> Result<Listing<GoalView>, Problem> {
    let (id, scope) = (path.get()?, reader.scope().clone());
    let programme = app.store.read(move |db| programmes::find(db, &scope, id)).await?;
    let Paging { cursor, limit } = params.get()?;
    let listed = app.listed(format!("goals {id}"), cursor.as_deref(), limit)?;
    let slice = listed.slice.clone();
    let page = app.store.read(move |db| goals::list(db, &programme, &slice)).await?;
    Ok(app.listing(listed.name(), page, Place::of, |goal| GoalView::of(goal, reader.access())))
}

/// Create a goal of a programme.
///
/// The programme's coordinators do so.
#[utoipa::path(tag = "Goals", request_body = NewGoal, security(("oauth2" = ["programmes:write"])),
    responses((status = 201, description = "Created", body = GoalView)))]
#[post("/api/v1/programmes/{programme_id}/goals")]
pub async fn create_goal(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<ProgrammeId>,
    incoming: Incoming<NewGoal>,
) -> Result<Done, Problem> {
    let id = app.fresh();
    let location = app.url(&format!("/api/v1/goals/{id}"));
    app.write(member, incoming, move |tx, member, incoming| {
        let programme = programmes::lock(tx, member.scope(), path.get()?)?;
        let new = incoming.body()?;
        coordinate(tx, member, &programme)?;
        incoming.expect_if_given(programme.meta.version)?;
        let (tree, last) = goals::tree(tx, programme.id)?;
        let goal = Goal::new(id, programme.id, new.clone().details(last), tx.now())?;
        tree.refuse_parent(id, goal.details.parent_id)?;
        let programme = programme.open()?.touched(tx.now());
        goals::create(tx, &programme, &goal)?;
        let view = GoalView::of(goal, Some(member.access()));
        Ok(Answer::created(location.clone(), programme.meta.version, &view, guard(programme.id)))
    })
    .await
}

/// Get a goal.
#[utoipa::path(tag = "Goals", security((), ("oauth2" = ["programmes:read"])),
    responses((status = 200, description = "The goal", body = GoalView)))]
#[get("/api/v1/goals/{goal_id}")]
pub async fn get_goal(
    reader: Reader<ReadProgrammes>,
    app: Data<App>,
    path: Path<GoalId>,
) -> Result<Versioned<GoalView>, Problem> {
    let (id, scope) = (path.get()?, reader.scope().clone());
    let (goal, version) = app.store.read(move |db| goals::find(db, &scope, id)).await?;
    Ok(Versioned { version, view: GoalView::of(goal, reader.access()) })
}

/// Change a goal.
///
/// The programme's coordinators do so.
#[utoipa::path(tag = "Goals", security(("oauth2" = ["programmes:write"])),
    request_body(content = GoalPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "As it is now", body = GoalView)))]
#[patch("/api/v1/goals/{goal_id}")]
pub async fn patch_goal(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<GoalId>,
    incoming: Incoming<GoalPatch>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let (goal, programme) = goals::lock(tx, member.scope(), path.get()?)?;
        let patch = incoming.body()?;
        coordinate(tx, member, &programme)?;
        incoming.expect(programme.meta.version)?;
        let details = patch.apply(goal.details.clone())?;
        let goal = goal.changed(details, tx.now())?;
        goals::tree(tx, programme.id)?.0.refuse_parent(goal.id, goal.details.parent_id)?;
        let programme = programme.open()?.touched(tx.now());
        goals::save(tx, &programme, &goal)?;
        let view = GoalView::of(goal, Some(member.access()));
        Ok(Answer::ok(programme.meta.version, &view, guard(programme.id)))
    })
    .await
}

/// Delete a goal.
///
/// The programme's coordinators do so, while no other goal stands under it and no action serves it.
#[utoipa::path(tag = "Goals", security(("oauth2" = ["programmes:write"])),
    responses((status = 204, description = "It is gone")))]
#[delete("/api/v1/goals/{goal_id}")]
pub async fn delete_goal(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<GoalId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let (goal, programme) = goals::lock(tx, member.scope(), path.get()?)?;
        incoming.body()?;
        coordinate(tx, member, &programme)?;
        incoming.expect(programme.meta.version)?;
        let programme = programme.open()?.touched(tx.now());
        goals::delete(tx, &programme, goal.id)?;
        Ok(Answer::none())
    })
    .await
}
