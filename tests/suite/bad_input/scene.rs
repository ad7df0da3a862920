//! One of everything, for requests to be wrong about.

use crate::actions::{Region, region};
use crate::bodies::body;
use crate::oauth::user;
use crate::programmes::active;
use crate::reporting_periods::{period, year};
use serde_json::{Value, json};
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, Organisation, World};

/// A region with one of everything; each is named by its path.
pub(super) struct Scene {
    pub(super) county: Organisation,
    pub(super) city: Organisation,
    pub(super) town: Organisation,
    pub(super) outsider: Organisation,
    pub(super) operator: Caller,
    pub(super) anyone: Caller,
    pub(super) programme: String,
    /// A goal, and one that stands under it.
    pub(super) goals: [String; 2],
    pub(super) period: String,
    /// A draft of the city's, with a decision step in the town's body and one that waits for it.
    pub(super) action: String,
    pub(super) steps: [String; 2],
    /// An action of the city's that is agreed on.
    pub(super) agreed: String,
    /// A draft of the city's on that.
    pub(super) report: String,
    pub(super) body: String,
    pub(super) meeting: String,
    /// Of an action that is proposed, on the same body.
    pub(super) decisions: Decisions,
    pub(super) user: String,
    pub(super) client: String,
    /// Another programme of the county's: a goal, a period, an action of the county's with a step.
    pub(super) other: Other,
}

/// What has been recorded of a proposed action: an open step, a meeting that is over, and a step that was decided there.
pub(super) struct Decisions {
    pub(super) action: String,
    pub(super) open: String,
    pub(super) past: String,
    pub(super) decided: String,
    pub(super) handling: String,
    pub(super) claim: String,
}

/// What belongs to another programme.
pub(super) struct Other {
    pub(super) goal: String,
    pub(super) period: String,
    pub(super) step: String,
}

impl Scene {
    pub(super) async fn new(world: &World) -> Self {
        let region = region(world).await;
        let programme = format!("/api/v1/programmes/{}", region.programme);
        let first = goal(&region.county, &programme, "T1", None).await;
        let goals = [first.clone(), goal(&region.county, &programme, "T1.1", Some(last(&first))).await];
        let period_id = period(&region.county.admin, &programme, year()).await;
        let body_id = body(&region.town, "committee").await;
        let meetings = format!("/api/v1/bodies/{body_id}/meetings");
        let meeting = json!({"starts_at": "2026-03-17T14:00:00Z"});
        let meeting = id(&region.town.editor.post(&meetings, meeting).await.expect(201));

        let action = region.draft("A1", "partners").await;
        let first = step(&region.city, &action, &body_id, None).await;
        let steps = [first.clone(), step(&region.city, &action, &body_id, Some(last(&first))).await];
        let agreed = region.draft("A2", "partners").await;
        for verb in ["propose", "agree"] {
            region.city.editor.act(&format!("{agreed}:{verb}")).await.expect(200);
        }
        let report = json!({"action_id": last(&agreed), "organisation_id": region.city.id,
            "reporting_period_id": period_id, "implementation_status": "in_progress"});
        let report = id(&region.city.reporter.post("/api/v1/reports", report).await.expect(201));
        let machine = json!({"organisation_id": region.city.id, "name": "Arkisto", "scopes": ["actions:read"]});
        let machine = id(&region.city.admin.post("/api/v1/clients", machine).await.expect(201));
        Self {
            decisions: decisions(&region, &body_id).await,
            other: other(&region, &body_id).await,
            user: format!("/api/v1/users/{}", user(&region.city, "kirjaaja@example.org", "editor").await),
            client: format!("/api/v1/clients/{machine}"),
            operator: world.operator.clone(),
            anyone: world.anonymous(),
            period: format!("/api/v1/reporting-periods/{period_id}"),
            report: format!("/api/v1/reports/{report}"),
            body: format!("/api/v1/bodies/{body_id}"),
            meeting: format!("/api/v1/meetings/{meeting}"),
            county: region.county,
            city: region.city,
            town: region.town,
            outsider: region.outsider,
            programme,
            goals,
            action,
            steps,
            agreed,
        }
    }
}

async fn decisions(region: &Region, body: &str) -> Decisions {
    let action = region.draft("A3", "partners").await;
    let open = step(&region.city, &action, body, None).await;
    let decided = step(&region.city, &action, body, None).await;
    region.city.editor.act(&format!("{action}:propose")).await.expect(200);
    let town = &region.town.editor;
    let past = json!({"starts_at": "2026-01-13T14:00:00Z"});
    let past = id(&town.post(&format!("/api/v1/bodies/{body}/meetings"), past).await.expect(201));
    let handling = json!({"meeting_id": past, "outcome": "approved"});
    let handling = id(&town.post(&format!("{decided}/handlings"), handling).await.expect(201));
    let claim = json!({"kind": "rectification", "filed_on": "2026-01-14"});
    let claim = id(&town.post(&format!("{decided}/remedy-claims"), claim).await.expect(201));
    let (handling, claim) = (format!("/api/v1/handlings/{handling}"), format!("/api/v1/remedy-claims/{claim}"));
    Decisions { action, open, past, decided, handling, claim }
}

async fn other(region: &Region, body: &str) -> Other {
    let programme = active(&region.county, &[]).await;
    let action = json!({"programme_id": last(&programme), "organisation_id": region.county.id, "code": "B1",
        "title": {"fi": "Toinen"}, "visibility": "public"});
    let action = id(&region.county.editor.post("/api/v1/actions", action).await.expect(201));
    Other {
        goal: goal(&region.county, &programme, "T1", None).await,
        period: period(&region.county.admin, &programme, year()).await,
        step: step(&region.county, &format!("/api/v1/actions/{action}"), body, None).await,
    }
}

async fn goal(county: &Organisation, programme: &str, code: &str, parent: Option<&str>) -> String {
    let body = json!({"code": code, "title": {"fi": "Tavoite"}, "parent_id": parent});
    format!("/api/v1/goals/{}", id(&county.admin.post(&format!("{programme}/goals"), body).await.expect(201)))
}

async fn step(of: &Organisation, action: &str, body: &str, after: Option<&str>) -> String {
    let after: Vec<Value> = after.into_iter().map(|step| json!({"step_id": step})).collect();
    let body = json!({"body_id": body, "title": {"fi": "Päätös"}, "function": "decision", "authoritative": true,
        "depends_on": after});
    let made = of.editor.post(&format!("{action}/decision-steps"), body).await.expect(201);
    format!("/api/v1/decision-steps/{}", id(&made))
}

/// The identifier at the end of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

/// A JSON object with another value of one member; null as text removes it.
pub(super) fn but(body: &Value, name: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[name] = value;
    body
}
