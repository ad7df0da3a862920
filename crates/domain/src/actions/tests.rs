//! The rules of actions: who sees them, what moves them, what may still be changed.

use super::ActionVisibility::{Participants, Partners, Private, Public};
use super::participants::ParticipantRole::{Consulted, Funding, Supporting};
use super::participants::{Commitment, ParticipantRole, require_carrier};
use super::*;
use crate::fault::Code;
use crate::ids::Id;
use crate::timetable::{Lack, MissingStep, Readiness};

fn organisation(number: u128) -> OrganisationId {
    OrganisationId::from_uuid(uuid::Uuid::from_u128(number))
}

fn programme() -> ProgrammeId {
    ProgrammeId::from_uuid(uuid::Uuid::from_u128(100))
}

fn goal(number: u128) -> GoalId {
    GoalId::from_uuid(uuid::Uuid::from_u128(number))
}

fn now() -> Instant {
    // The first hour of 24 March in Finland.
    "2026-03-23T22:30:00Z".parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn details(visibility: ActionVisibility) -> Details {
    Details {
        code: ShortCode::parse("A1").unwrap(),
        title: Name::fi("Perhekeskus").unwrap(),
        description: None,
        goals: vec![goal(1)],
        visibility,
        starts_on: None,
        ends_on: None,
        start_gate: StartGate::Decided,
        target_groups: BTreeSet::new(),
        prevention_level: None,
        area: BTreeSet::new(),
        tags: BTreeSet::new(),
    }
}

/// A draft that organisation 1 is accountable for.
fn draft(visibility: ActionVisibility) -> Action {
    let id = ActionId::from_uuid(uuid::Uuid::from_u128(900));
    Action::new(id, programme(), organisation(1), details(visibility), now()).unwrap()
}

fn implementing() -> BTreeSet<ParticipantRole> {
    [ParticipantRole::Implementing].into()
}

/// A draft to which organisation 2 is invited, to carry it out.
fn inviting(visibility: ActionVisibility) -> Action {
    draft(visibility).invite(organisation(2), implementing(), now()).unwrap()
}

fn ready() -> Readiness {
    Readiness { ready: true, start_gate: Gate::Final, missing: Vec::new() }
}

fn agreed() -> Action {
    draft(ActionVisibility::Public).propose(now()).unwrap().agree(now()).unwrap()
}

fn refused<T: std::fmt::Debug>(result: Result<T, Fault>) -> &'static Code {
    result.unwrap_err().code
}

#[test]
fn who_sees_what() {
    let check = |action: Action, keys: &str| {
        let audience = action.audience();
        let names = [
            (Key::Organisation(organisation(1)), "accountable"),
            (Key::Organisation(organisation(2)), "invited"),
            (Key::Coordinator(programme()), "coordinator"),
            (Key::Programme(programme()), "members"),
            (Key::Public, "everyone"),
        ];
        let seen: Vec<_> = names.into_iter().filter(|(key, _)| audience.admits(&[*key].into())).collect();
        let seen: Vec<_> = seen.into_iter().map(|(_, name)| name).collect();
        assert_eq!(seen.join(" "), keys, "{:?} {}", action.details.visibility, action.status);
        assert_eq!(audience.keys().count(), seen.len(), "no other keys");
    };
    check(inviting(Private), "accountable");
    for visibility in [Participants, Partners, Public] {
        check(inviting(visibility), "accountable invited");
        check(inviting(visibility).cancel(now()).unwrap(), "accountable invited");
        check(inviting(visibility).decline(organisation(2), now()).unwrap(), "accountable");
        let committed = inviting(visibility).commit(organisation(2), now()).unwrap();
        check(committed.clone(), "accountable invited");
        check(committed.withdraw(organisation(2), now()).unwrap(), "accountable");
        check(inviting(visibility).uninvite(organisation(2), now()).unwrap(), "accountable");
    }
    let proposed = |visibility| inviting(visibility).propose(now()).unwrap();
    check(proposed(Private), "accountable coordinator");
    check(proposed(Participants), "accountable invited coordinator");
    check(proposed(Participants).decline(organisation(2), now()).unwrap(), "accountable coordinator");
    check(proposed(Partners), "accountable invited coordinator members");
    check(proposed(Public), "accountable invited coordinator everyone");
    check(proposed(Public).cancel(now()).unwrap(), "accountable invited coordinator everyone");
    let held = agreed().hold(now()).unwrap();
    check(held.clone(), "accountable coordinator everyone");
    check(held.cancel(now()).unwrap(), "accountable coordinator everyone");
}

#[test]
fn each_status_and_where_it_leads() {
    type Move = fn(Action) -> Result<Action, Fault>;
    let moves: [(&str, Move); 7] = [
        ("propose", |action| action.propose(now())),
        ("agree", |action| action.agree(now())),
        ("start", |action| action.start(&ready(), now())),
        ("complete", |action| action.complete(now())),
        ("cancel", |action| action.cancel(now())),
        ("hold", |action| action.hold(now())),
        ("resume", |action| action.resume(now())),
    ];
    let draft = draft(ActionVisibility::Public);
    let proposed = draft.clone().propose(now()).unwrap();
    let started = agreed().start(&ready(), now()).unwrap();
    let check = |from: Action, to: &[(&str, &str)]| {
        for (name, go) in &moves {
            let expected = to.iter().find(|(verb, _)| verb == name).map(|(_, status)| (*status).to_owned());
            let reached = go(from.clone()).ok();
            assert_eq!(
                reached.as_ref().map(|action| action.status.to_string()),
                expected,
                "{name} from {}",
                from.status
            );
            if let Some(reached) = reached {
                assert_eq!(reached.meta.version, from.meta.version + 1);
            }
        }
    };
    check(draft, &[("propose", "proposed"), ("cancel", "cancelled")]);
    check(proposed, &[("agree", "agreed"), ("cancel", "cancelled")]);
    check(agreed(), &[("start", "in_progress"), ("hold", "on_hold"), ("cancel", "cancelled")]);
    check(started.clone(), &[("complete", "completed"), ("hold", "on_hold"), ("cancel", "cancelled")]);
    check(agreed().hold(now()).unwrap(), &[("resume", "agreed"), ("cancel", "cancelled")]);
    check(started.clone().hold(now()).unwrap(), &[("resume", "in_progress"), ("cancel", "cancelled")]);
    check(started.clone().complete(now()).unwrap(), &[]);
    check(started.cancel(now()).unwrap(), &[]);
}

#[test]
fn the_days_of_start_and_completion_are_local() {
    let started = agreed().start(&ready(), now()).unwrap();
    assert_eq!((started.started_on, started.ended_on), (Some(day("2026-03-24")), None));
    let completed = started.complete(now()).unwrap();
    assert_eq!((completed.started_on, completed.ended_on), (Some(day("2026-03-24")), Some(day("2026-03-24"))));
}

#[test]
fn an_agreement_needs_everyone_who_implements_or_funds() {
    let with = |roles: &[ParticipantRole]| {
        let roles = roles.iter().copied().collect();
        let action = draft(ActionVisibility::Public).invite(organisation(2), roles, now()).unwrap();
        action.invite(organisation(3), implementing(), now()).unwrap().propose(now()).unwrap()
    };
    let check = |action: Action, missing: usize| match action.agree(now()) {
        Ok(_) => assert_eq!(missing, 0),
        Err(fault) => assert_eq!((fault.code, fault.culprits.len()), (&NOT_COMMITTED, missing)),
    };
    check(with(&[Funding]), 2);
    check(with(&[Funding, Consulted]).commit(organisation(2), now()).unwrap(), 1);
    check(with(&[Supporting, Consulted]), 1);
    let both = with(&[Funding]).commit(organisation(2), now()).unwrap().commit(organisation(3), now()).unwrap();
    check(both.clone(), 0);
    check(both.withdraw(organisation(3), now()).unwrap(), 1);
    let declined = with(&[Supporting]).decline(organisation(3), now()).unwrap();
    check(declined.clone(), 1);
    check(declined.reassign(organisation(3), [Consulted].into(), now()).unwrap(), 0);
}

#[test]
fn a_start_waits_for_every_authoritative_decision() {
    assert!(agreed().start(&ready(), now()).is_ok());
    let missing = |number, reason, expected_on| MissingStep {
        step_id: crate::ids::Id::from_uuid(uuid::Uuid::from_u128(number)),
        reason,
        expected_on,
    };
    let missing = vec![missing(1, Lack::Rejected, None), missing(2, Lack::NotFinal, Some(day("2026-03-25")))];
    let fault = agreed().start(&Readiness { ready: false, missing, ..ready() }, now()).unwrap_err();
    let said: Vec<_> = fault.culprits.iter().map(|culprit| culprit.code.as_ref()).collect();
    assert_eq!((fault.code, said), (&NOT_DECIDED, vec!["rejected", "not_final"]));
    assert!(fault.culprits[1].detail.to_string().contains("25 March 2026"));
}

#[test]
fn what_has_been_agreed_on_stays() {
    let changed = |action: Action, change: fn(&mut Details)| {
        let mut details = action.details.clone();
        change(&mut details);
        action.changed(details, now())
    };
    let code: fn(&mut Details) = |details| details.code = ShortCode::parse("B2").unwrap();
    let goals: fn(&mut Details) = |details| details.goals = vec![goal(2)];
    let dates: fn(&mut Details) = |details| details.starts_on = Some("2026-08-01".parse().unwrap());
    let draft = draft(ActionVisibility::Public);
    for change in [code, goals, dates] {
        assert!(changed(draft.clone(), change).is_ok());
        assert!(changed(draft.clone().propose(now()).unwrap(), change).is_ok());
        assert_eq!(refused(changed(draft.clone().cancel(now()).unwrap(), change)), &CLOSED);
    }
    assert!(changed(agreed(), dates).is_ok());
    let fault = changed(agreed(), |details| (details.code, details.goals) = (ShortCode::parse("B2").unwrap(), vec![]));
    let fault = fault.unwrap_err();
    let places: Vec<_> = fault.culprits.iter().map(|culprit| culprit.pointer.as_str()).collect();
    assert_eq!((fault.code, places), (&FIXED, vec!["/code", "/goals"]));
}

#[test]
fn details_that_cannot_be() {
    let check = |change: fn(&mut Details), pointer: &str, code: &str| {
        let mut details = details(ActionVisibility::Public);
        change(&mut details);
        let fault = details.checked().unwrap_err();
        assert_eq!((fault.culprits[0].pointer.as_str(), &*fault.culprits[0].code), (pointer, code));
    };
    check(
        |details| (details.starts_on, details.ends_on) = (Some(day("2026-02-01")), Some(day("2026-01-31"))),
        "/ends_on",
        "before_start",
    );
    check(|details| details.goals = vec![goal(1), goal(2), goal(1)], "/goals/2", "duplicate");
    check(|details| details.goals = (0..401).map(goal).collect(), "/goals", "too_many");
}

#[test]
fn only_one_organisation_is_accountable() {
    let action = inviting(ActionVisibility::Public);
    let accountable: BTreeSet<_> = [ParticipantRole::Accountable].into();
    let invalid = &crate::codes::INVALID;
    assert_eq!(refused(action.clone().invite(organisation(3), accountable.clone(), now())), invalid);
    assert_eq!(refused(action.clone().reassign(organisation(2), accountable.clone(), now())), invalid);
    assert_eq!(refused(action.clone().reassign(organisation(1), implementing(), now())), invalid);
    assert_eq!(refused(action.clone().invite(organisation(3), BTreeSet::new(), now())), invalid);
    let both = [ParticipantRole::Accountable, ParticipantRole::Funding].into();
    let action = action.reassign(organisation(1), both, now()).unwrap();
    assert_eq!(action.participant(organisation(1)).unwrap().commitment, Commitment::Committed, "it binds itself");
    assert_eq!(refused(action.clone().withdraw(organisation(1), now())), &ACCOUNTABLE);
    assert_eq!(refused(action.uninvite(organisation(1), now())), &ACCOUNTABLE);
}

#[test]
fn each_commitment_and_where_it_leads() {
    type Move = fn(Action) -> Result<Action, Fault>;
    let moves: [(&str, Move); 5] = [
        ("commit", |action| action.commit(organisation(2), now())),
        ("decline", |action| action.decline(organisation(2), now())),
        ("withdraw", |action| action.withdraw(organisation(2), now())),
        ("invite", |action| action.invite(organisation(2), implementing(), now())),
        ("uninvite", |action| action.uninvite(organisation(2), now())),
    ];
    let check = |from: Action, to: &[(&str, &str)]| {
        for (name, go) in &moves {
            let reached = go(from.clone()).ok().map(|action| {
                action.participant(organisation(2)).map_or("gone".to_owned(), |it| it.commitment.to_string())
            });
            let expected = to.iter().find(|(verb, _)| verb == name).map(|(_, commitment)| (*commitment).to_owned());
            assert_eq!(reached, expected, "{name}");
        }
    };
    let invited = inviting(ActionVisibility::Public);
    let committed = invited.clone().commit(organisation(2), now()).unwrap();
    check(draft(ActionVisibility::Public), &[("invite", "invited")]);
    check(invited.clone(), &[("commit", "committed"), ("decline", "declined"), ("uninvite", "gone")]);
    check(committed.clone(), &[("withdraw", "withdrawn")]);
    check(invited.clone().decline(organisation(2), now()).unwrap(), &[("invite", "invited")]);
    check(committed.withdraw(organisation(2), now()).unwrap(), &[("invite", "invited")]);
    check(invited.cancel(now()).unwrap(), &[]);
}

#[test]
fn nobody_can_bind_another_by_new_roles() {
    let commitment = |action: Action| action.participant(organisation(2)).unwrap().commitment;
    let committed = inviting(ActionVisibility::Public).commit(organisation(2), now()).unwrap();
    let same = committed.clone().reassign(organisation(2), implementing(), now()).unwrap();
    assert_eq!(commitment(same), Commitment::Committed);
    let other = committed.reassign(organisation(2), [ParticipantRole::Funding].into(), now()).unwrap();
    assert_eq!(other.participant(organisation(2)).unwrap().answered_at, None);
    assert_eq!(commitment(other), Commitment::Invited);
}

#[test]
fn only_members_that_do_more_than_observe_take_part() {
    use crate::programmes::{Details, MemberRole, Programme, Terms};
    let details = Details {
        title: Name::fi("Suunnitelma").unwrap(),
        description: None,
        starts_on: day("2026-01-01"),
        ends_on: day("2029-12-31"),
        area: Vec::new(),
    };
    let today = day("2026-03-24");
    let programme = Programme::new(programme(), details, organisation(1), today, now()).unwrap();
    let with = |role, joined_on: &str, left_on: Option<&str>| {
        let (joined_on, left_on) = (day(joined_on), left_on.map(day));
        let terms = Terms { organisation_id: organisation(2), role, joined_on, left_on };
        let invited = programme.clone().with_member(terms, today, now()).unwrap();
        let programme = invited.joined(organisation(2), today, now()).unwrap();
        require_carrier(&programme, organisation(2), today).map_err(|fault| fault.culprits[0].code.to_string())
    };
    assert_eq!(with(MemberRole::Member, "2026-03-24", None), Ok(()));
    assert_eq!(with(MemberRole::Member, "2026-03-25", None), Err("not_a_member".to_owned()));
    assert_eq!(with(MemberRole::Member, "2026-01-01", Some("2026-03-24")), Err("not_a_member".to_owned()));
    assert_eq!(with(MemberRole::Observer, "2026-01-01", None), Err("observer".to_owned()));
    assert!(require_carrier(&programme, organisation(1), today).is_ok());
    assert!(require_carrier(&programme, organisation(3), today).is_err());
}

#[test]
fn only_a_draft_is_deleted() {
    assert!(draft(ActionVisibility::Public).deleted(now()).is_ok());
    assert_eq!(refused(draft(ActionVisibility::Public).propose(now()).unwrap().deleted(now())), &WRONG_STATUS);
}
