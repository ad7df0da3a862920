//! What a change of a meeting would do to the timetables of actions, without making it: a dry run.

use super::{ChangedMeeting, EditMeetings};
use crate::answer::{Answer, Done};
use crate::app::App;
use crate::auth::Member;
use crate::extract::{Incoming, Path};
use crate::problem::Problem;
use crate::timetable::assessed;
use actix_web::web::Data;
use serde::Deserialize;
use utoipa::IntoParams;
use yhteen_domain::Fault;
use yhteen_domain::bodies::Body;
use yhteen_domain::ids::MeetingId;
use yhteen_domain::meetings::Meeting;
use yhteen_domain::roles::TokenScope;
use yhteen_domain::time::Instant;
use yhteen_domain::timetable;
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::timetable::{Touched, affected};
use yhteen_persistence::{bodies, meetings};

/// Whether to change anything.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DryRun {
    /// Tell what would become of the timetables of the actions that you see, and change nothing. The token must carry
    /// the scope `actions:read` too.
    #[serde(default)]
    #[param(required = false, default = false)]
    pub(super) dry_run: bool,
}

/// The rule by which a meeting changes, with all checks that come before: what the write itself goes by.
pub(super) type Rule<T> = fn(&Member<EditMeetings>, &Incoming<T>, &Body, Meeting, Instant) -> Result<Meeting, Fault>;

/// Answers what would differ if the meeting changed by the rule. The `ETag` names the version that the meeting has.
pub(super) async fn trial<T: Send + Sync + 'static>(
    member: Member<EditMeetings>,
    app: Data<App>,
    path: Path<MeetingId>,
    incoming: Incoming<T>,
    rule: Rule<T>,
) -> Result<Done, Problem> {
    member.require_scope(TokenScope::ActionsRead)?;
    let now = app.now();
    let tried = app.store.read(move |db| {
        let meeting = meetings::find(db, member.scope(), path.get()?)?;
        let body = bodies::find(db, member.scope(), meeting.body_id)?;
        let version = meeting.meta.version;
        let after = rule(&member, &incoming, &body, meeting, now)?;
        let touched = Touched { bodies: vec![body.id], ..Touched::default() };
        Ok((version, after, affected(db, member.scope(), &touched)?))
    });
    let (version, meeting, sources) = tried.await?;
    let before = sources.situation(now);
    let mut after = before.clone();
    after.replace(timetable::Meeting::from(&meeting));
    let impacts = ChangedMeeting::DryRun(assessed(sources, before, after).await?);
    Ok(Done(Answer::ok(version, &impacts, Guard::Own).told))
}
