//! Programmes: one strategy with its period, its area and the organisations that carry it out.
//!
//! A programme, its members, coordinators, goals and reporting periods are one aggregate: a change of any of them is
//! a change of the programme.

use crate::audience::{Audience, Key};
use crate::fault::{Culprit, Fault};
use crate::goals::Goal;
use crate::ids::{OrganisationId, ProgrammeId};
use crate::message;
use crate::meta::Meta;
use crate::say::Words;
use crate::text::{MunicipalityCode, Name, Prose};
use crate::time::{Date, Instant};

crate::codes! {
    /// Only a programme in draft can be activated.
    NOT_DRAFT = Conflict "programme.not_draft" { fi: "Ohjelma ei ole luonnos", sv: "Programmet är inte ett utkast", en: "The programme is not a draft" }
    /// Only an active programme can be closed.
    NOT_ACTIVE = Conflict "programme.not_active" { fi: "Ohjelma ei ole voimassa", sv: "Programmet är inte aktivt", en: "The programme is not active" }
    /// The programme is closed: its particulars and goals stay as they are, and no reporting period is added or removed.
    CLOSED = Conflict "programme.closed" { fi: "Ohjelma on päättynyt", sv: "Programmet är avslutat", en: "The programme is closed" }
    /// An organisation joins or declines while it is invited, and leaves while it is a member.
    MEMBERSHIP = Conflict "programme.membership" { fi: "Jäsenyyden tila ei salli tätä", sv: "Medlemskapets status tillåter inte detta", en: "The membership is in another status" }
    /// There would be a day from today on without a coordinating member. Let another coordinating member join first.
    LAST_COORDINATOR = Conflict "programme.last_coordinator" { fi: "Ohjelma jäisi ilman koordinoivaa jäsentä", sv: "Programmet skulle sakna en samordnande medlem", en: "The programme would have no coordinating member" }
}

crate::vocabulary! {
    /// Where a programme stands.
    ProgrammeStatus {
        /// It is being prepared; its members alone see it.
        Draft = "draft",
        /// It is carried out; everyone sees it.
        Active = "active",
        /// It has ended; everyone sees it.
        Closed = "closed",
    }

    /// Where a membership stands. An organisation joins by the consent of its own administrator.
    MemberStatus {
        /// A coordinator has invited it; it has not answered.
        Invited = "invited",
        /// It has joined: it is a member on the days of the membership.
        Joined = "joined",
        /// It has declined the invitation.
        Declined = "declined",
    }

    /// What an organisation is in a programme.
    MemberRole {
        /// Appoints the programme's coordinators.
        Coordinator = "coordinator",
        /// Carries it out.
        Member = "member",
        /// Follows it.
        Observer = "observer",
    }
}

impl ProgrammeStatus {
    /// The status in a sentence.
    pub fn words(self) -> Words {
        match self {
            Self::Draft => ["luonnos", "utkast", "a draft"],
            Self::Active => ["voimassa", "aktivt", "active"],
            Self::Closed => ["päättynyt", "avslutat", "closed"],
        }
    }
}

/// The greatest number of municipalities in an area; Finland has some three hundred.
pub const AREA: usize = 500;

/// A programme with its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programme {
    /// Its identifier.
    pub id: ProgrammeId,
    /// Version and times.
    pub meta: Meta,
    /// Where it stands.
    pub status: ProgrammeStatus,
    /// What is said of it.
    pub details: Details,
    /// Its members, past and future ones included, in the order of their identifiers.
    pub members: Vec<Member>,
}

/// What is said of a programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Its title.
    pub title: Name,
    /// What it is about.
    pub description: Option<Prose>,
    /// Its first day.
    pub starts_on: Date,
    /// Its last day.
    pub ends_on: Date,
    /// The municipalities in which it is carried out.
    pub area: Vec<MunicipalityCode>,
}

/// An organisation's membership of a programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// What it is in the programme, or is invited to be.
    pub role: MemberRole,
    /// Whether it has joined.
    pub status: MemberStatus,
    /// The first day of its membership.
    pub joined_on: Date,
    /// The first day on which it is no longer a member.
    pub left_on: Option<Date>,
}

impl Details {
    /// Checks what no single member shows; an area is kept in order, each municipality once.
    pub fn checked(mut self) -> Result<Self, Fault> {
        if self.ends_on < self.starts_on {
            return Err(Fault::invalid(
                "/ends_on",
                "before_start",
                message!(
                    fi: "Päättymispäivä on ennen alkamispäivää.",
                    sv: "Slutdatumet infaller före startdatumet.",
                    en: "The end date is before the start date.",
                ),
            ));
        }
        if self.area.len() > AREA {
            let detail = message!(
                fi: "Alueessa voi olla enintään {AREA} kuntaa.",
                sv: "Ett område kan omfatta högst {AREA} kommuner.",
                en: "An area can have at most {AREA} municipalities.",
            );
            return Err(Fault::invalid("/area", "too_many", detail));
        }
        self.area.sort();
        self.area.dedup();
        Ok(self)
    }
}

impl Member {
    /// Checks what no single member shows.
    pub fn checked(self) -> Result<Self, Fault> {
        if self.left_on.is_some_and(|left| left < self.joined_on) {
            return Err(Fault::invalid(
                "/left_on",
                "before_start",
                message!(
                    fi: "Eropäivä on ennen liittymispäivää.",
                    sv: "Utträdesdagen infaller före inträdesdagen.",
                    en: "The day of leaving is before the day of joining.",
                ),
            ));
        }
        Ok(self)
    }

    /// Whether the organisation is a member on the day: it has joined, and the day is one of the membership.
    pub fn is_current(&self, on: Date) -> bool {
        self.status == MemberStatus::Joined && self.joined_on <= on && self.left_on.is_none_or(|left| on < left)
    }
}

impl Programme {
    /// A new programme in draft, whose first member coordinates it from `today` on.
    pub fn new(
        id: ProgrammeId,
        details: Details,
        founder: OrganisationId,
        today: Date,
        now: Instant,
    ) -> Result<Self, Fault> {
        let founder = Member {
            organisation_id: founder,
            role: MemberRole::Coordinator,
            status: MemberStatus::Joined,
            joined_on: today,
            left_on: None,
        };
        Ok(Self {
            id,
            meta: Meta::new(now),
            status: ProgrammeStatus::Draft,
            details: details.checked()?,
            members: vec![founder],
        })
    }

    /// The same with other details; as it is where they are not other ones.
    pub fn changed(self, details: Details, now: Instant) -> Result<Self, Fault> {
        let details = details.checked()?;
        if details == self.details {
            return Ok(self);
        }
        Ok(Self { details, ..self.open()?.touched(now) })
    }

    /// The same after one of its goals has become what it is from what it was `before`: refused where it is closed.
    pub fn with_goal(self, before: &Goal, goal: &Goal, now: Instant) -> Result<Self, Fault> {
        if before == goal {
            return Ok(self);
        }
        Ok(self.open()?.touched(now))
    }

    /// The same after `part` of it has become what it is from what it was `before`; as it is where that is the same.
    #[must_use]
    pub fn after<T: PartialEq>(self, before: &T, part: &T, now: Instant) -> Self {
        Self { meta: self.meta.changed_if(before != part, now), ..self }
    }

    /// The same after a change of something that is a part of it.
    #[must_use]
    pub fn touched(self, now: Instant) -> Self {
        Self { meta: self.meta.changed(now), ..self }
    }

    /// The same, refused where it is closed: for what a closed programme no longer takes.
    pub fn open(self) -> Result<Self, Fault> {
        if self.status == ProgrammeStatus::Closed {
            return Err(Fault::new(
                &CLOSED,
                message!(
                    fi: "Ohjelma on päättynyt, eikä tätä osaa siitä voi enää muuttaa.",
                    sv: "Programmet är avslutat, och denna del av det kan inte längre ändras.",
                    en: "The programme is closed, and this part of it can no longer be changed.",
                ),
            ));
        }
        Ok(self)
    }

    /// Carried out from now on, and shown to everyone.
    pub fn activate(self, now: Instant) -> Result<Self, Fault> {
        self.moved(ProgrammeStatus::Draft, ProgrammeStatus::Active, &NOT_DRAFT, now)
    }

    /// Ended.
    pub fn close(self, now: Instant) -> Result<Self, Fault> {
        self.moved(ProgrammeStatus::Active, ProgrammeStatus::Closed, &NOT_ACTIVE, now)
    }

    fn moved(
        self,
        from: ProgrammeStatus,
        to: ProgrammeStatus,
        otherwise: &'static crate::Code,
        now: Instant,
    ) -> Result<Self, Fault> {
        if self.status != from {
            let detail = message!(
                fi: "Ohjelman tila on {now}. Tämä on mahdollista vain tilassa {from}.",
                sv: "Programmets status är {now}. Detta är möjligt endast i status {from}.",
                en: "The programme is {now}. This is possible only when it is {from}.",
                now = self.status.words(),
                from = from.words(),
            );
            return Err(Fault::new(otherwise, detail.clone()).with([Culprit::new("", "wrong_status", detail)]));
        }
        Ok(Self { status: to, ..self.touched(now) })
    }

    /// The same with a membership as its coordinators would have it. Who has not joined is invited, once more where it has
    /// declined or left; who has joined stays so, with the role and the days that are given.
    pub fn with_member(self, terms: Terms, today: Date, now: Instant) -> Result<Self, Fault> {
        let Terms { organisation_id, role, joined_on, left_on } = terms;
        let over = |left_on: Option<Date>| left_on.is_some_and(|left| left <= today);
        let joined =
            |member: &Member| member.status == MemberStatus::Joined && (!over(member.left_on) || over(left_on));
        let stays = self.member(organisation_id).is_some_and(joined);
        let status = if stays { MemberStatus::Joined } else { MemberStatus::Invited };
        self.put(Member { organisation_id, role, status, joined_on, left_on }, today, now)
    }

    /// The same after an invited organisation has joined, by its own will, on the terms of the invitation.
    pub fn joined(self, organisation: OrganisationId, today: Date, now: Instant) -> Result<Self, Fault> {
        let member = self.answering(organisation, MemberStatus::Invited)?;
        self.put(Member { status: MemberStatus::Joined, ..member }, today, now)
    }

    /// The same after an invited organisation has declined.
    pub fn declined(self, organisation: OrganisationId, today: Date, now: Instant) -> Result<Self, Fault> {
        let member = self.answering(organisation, MemberStatus::Invited)?;
        self.put(Member { status: MemberStatus::Declined, ..member }, today, now)
    }

    /// The same after a member has left, by its own will: `today` is the first day on which it is none.
    pub fn left(self, organisation: OrganisationId, today: Date, now: Instant) -> Result<Self, Fault> {
        let member = self.answering(organisation, MemberStatus::Joined)?;
        if member.left_on.is_some_and(|left| left <= today) {
            return Err(not_in_status(MemberStatus::Joined));
        }
        // Who leaves before the first day has never been a member.
        let joined_on = member.joined_on.min(today);
        self.put(Member { joined_on, left_on: Some(today), ..member }, today, now)
    }

    /// The membership, in the status that an answer of the organisation needs.
    fn answering(&self, organisation: OrganisationId, wanted: MemberStatus) -> Result<Member, Fault> {
        let member = self.member(organisation).copied().ok_or_else(Fault::not_found)?;
        if member.status == wanted { Ok(member) } else { Err(not_in_status(wanted)) }
    }

    /// There must be a coordinating member on every day from `today` on.
    fn put(self, member: Member, today: Date, now: Instant) -> Result<Self, Fault> {
        let member = member.checked()?;
        if self.member(member.organisation_id) == Some(&member) {
            return Ok(self);
        }
        let mut members = self.members.clone();
        members.retain(|other| other.organisation_id != member.organisation_id);
        members.push(member);
        members.sort_by_key(|member| member.organisation_id);
        match first_day_without_coordinator(&members, today) {
            None => Ok(Self { members, ..self.touched(now) }),
            Some(day) => {
                let detail = message!(
                    fi: "Ohjelmalla ei olisi koordinoivaa jäsentä {day}.",
                    sv: "Programmet skulle sakna en samordnande medlem den {day}.",
                    en: "The programme would have no coordinating member on {day}."
                );
                Err(Fault::new(&LAST_COORDINATOR, detail.clone()).at("", "last_coordinator", detail))
            }
        }
    }

    /// The membership of an organisation, past and future ones included.
    pub fn member(&self, organisation: OrganisationId) -> Option<&Member> {
        self.members.iter().find(|member| member.organisation_id == organisation)
    }

    /// Whether the organisation is a member on the day, in whatever role.
    pub fn is_member(&self, organisation: OrganisationId, on: Date) -> bool {
        self.member(organisation).is_some_and(|member| member.is_current(on))
    }

    /// The organisations that coordinate it on the day.
    pub fn coordinating(&self, on: Date) -> impl Iterator<Item = OrganisationId> {
        self.members.iter().filter(move |member| coordinates(member, on)).map(|member| member.organisation_id)
    }

    /// In draft its members and coordinators, and whoever is invited or has joined for a day to come; later everyone. An
    /// invitation adds a key to the programme and gives none to the invited: what these may read of it goes no further.
    pub fn audience(&self) -> Audience {
        match self.status {
            ProgrammeStatus::Draft => {
                let open = |member: &&Member| member.status != MemberStatus::Declined && member.left_on.is_none();
                let invited = self.members.iter().filter(open).map(|member| Key::Organisation(member.organisation_id));
                Audience::from_iter([Key::Programme(self.id), Key::Coordinator(self.id)]).and(invited)
            }
            ProgrammeStatus::Active | ProgrammeStatus::Closed => Audience::everyone(),
        }
    }
}

/// What a coordinator says of a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// What it is, or is invited to be.
    pub role: MemberRole,
    /// The first day of the membership.
    pub joined_on: Date,
    /// The first day on which it is over; none where it goes on.
    pub left_on: Option<Date>,
}

fn not_in_status(wanted: MemberStatus) -> Fault {
    let detail = match wanted {
        MemberStatus::Invited => message!(
            fi: "Organisaatiolla ei ole avointa kutsua ohjelmaan.",
            sv: "Organisationen har ingen öppen inbjudan till programmet.",
            en: "The organisation has no open invitation to the programme."
        ),
        MemberStatus::Joined | MemberStatus::Declined => message!(
            fi: "Organisaatio ei ole ohjelman jäsen.",
            sv: "Organisationen är inte medlem i programmet.",
            en: "The organisation is not a member of the programme."
        ),
    };
    Fault::new(&MEMBERSHIP, detail.clone()).at("", "wrong_status", detail)
}

fn coordinates(member: &Member, on: Date) -> bool {
    member.role == MemberRole::Coordinator && member.is_current(on)
}

/// Memberships change only on the days on which one ends, so these and today are all that need a look.
fn first_day_without_coordinator(members: &[Member], today: Date) -> Option<Date> {
    let ends = members.iter().filter_map(|member| member.left_on).filter(|left| today < *left);
    let mut days: Vec<Date> = ends.chain([today]).collect();
    days.sort_unstable();
    days.into_iter().find(|day| !members.iter().any(|member| coordinates(member, *day)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn now() -> Instant {
        "2026-05-04T09:00:00Z".parse().unwrap()
    }

    fn organisation(number: u128) -> OrganisationId {
        uuid::Uuid::from_u128(number).into()
    }

    fn details(starts_on: &str, ends_on: &str) -> Details {
        Details {
            title: Name::fi("Hyvinvointisuunnitelma").unwrap(),
            description: None,
            starts_on: day(starts_on),
            ends_on: day(ends_on),
            area: Vec::new(),
        }
    }

    fn programme() -> Programme {
        let id = uuid::Uuid::from_u128(100).into();
        Programme::new(id, details("2026-01-01", "2029-12-31"), organisation(1), day("2026-05-04"), now()).unwrap()
    }

    fn member(number: u128, role: MemberRole, joined_on: &str, left_on: Option<&str>) -> Member {
        let (joined_on, left_on) = (day(joined_on), left_on.map(day));
        Member { organisation_id: organisation(number), role, status: MemberStatus::Joined, joined_on, left_on }
    }

    fn terms(member: Member) -> Terms {
        let Member { organisation_id, role, status: _, joined_on, left_on } = member;
        Terms { organisation_id, role, joined_on, left_on }
    }

    #[test]
    fn a_programme_ends_no_earlier_than_it_starts() {
        assert!(details("2026-01-01", "2026-01-01").checked().is_ok());
        let fault = details("2026-01-02", "2026-01-01").checked().unwrap_err();
        assert_eq!(fault.culprits[0].pointer, "/ends_on");
    }

    #[test]
    fn an_area_names_each_municipality_once_in_order() {
        let codes = ["489", "075", "489"].map(|code| MunicipalityCode::parse(code).unwrap());
        let area = Details { area: codes.to_vec(), ..details("2026-01-01", "2026-12-31") }.checked().unwrap().area;
        assert_eq!(area.iter().map(MunicipalityCode::as_str).collect::<Vec<_>>(), ["075", "489"]);
    }

    #[test]
    fn a_programme_goes_from_draft_to_active_to_closed() {
        let draft = programme();
        assert_eq!(draft.clone().close(now()).unwrap_err().code, &NOT_ACTIVE);
        let active = draft.activate(now()).unwrap();
        assert_eq!((active.status, active.meta.version), (ProgrammeStatus::Active, 2));
        assert_eq!(active.clone().activate(now()).unwrap_err().code, &NOT_DRAFT);
        let closed = active.close(now()).unwrap();
        assert_eq!(closed.clone().close(now()).unwrap_err().code, &NOT_ACTIVE);
        assert_eq!(closed.changed(details("2026-01-01", "2026-12-31"), now()).unwrap_err().code, &CLOSED);
    }

    #[test]
    fn a_draft_is_seen_by_its_members_and_the_rest_by_everyone() {
        let draft = programme();
        let (today, other) = (day("2026-05-04"), member(2, MemberRole::Member, "2026-05-04", None));
        let keys = |programme: &Programme| programme.audience().keys().collect::<Vec<_>>();
        let inside = [Key::Programme(draft.id), Key::Coordinator(draft.id)];
        let with = |organisations: &[u128]| {
            let of = organisations.iter().map(|number| Key::Organisation(organisation(*number)));
            inside.into_iter().chain(of).collect::<Vec<_>>()
        };
        assert_eq!(keys(&draft), with(&[1]));
        let invited = draft.clone().with_member(terms(other), today, now()).unwrap();
        assert_eq!(keys(&invited), with(&[1, 2]));
        let declined = invited.clone().declined(organisation(2), today, now()).unwrap();
        assert_eq!(keys(&declined), with(&[1]));
        let joined = invited.joined(organisation(2), today, now()).unwrap();
        assert_eq!(keys(&joined), with(&[1, 2]));
        assert_eq!(keys(&joined.left(organisation(2), today, now()).unwrap()), with(&[1]));
        assert_eq!(draft.activate(now()).unwrap().audience(), Audience::everyone());
    }

    #[test]
    fn a_membership_has_its_first_day_and_ends_before_the_day_of_leaving() {
        let member = member(1, MemberRole::Observer, "2026-05-04", Some("2026-06-01"));
        for (on, expect) in [("2026-05-03", false), ("2026-05-04", true), ("2026-05-31", true), ("2026-06-01", false)] {
            assert_eq!(member.is_current(day(on)), expect, "{on}");
        }
    }

    #[test]
    fn there_is_a_coordinating_member_on_every_day_to_come() {
        use MemberRole::{Coordinator, Member as Plain};
        let check = |others: &[Member], change: Member, expect: bool| {
            let today = day("2026-05-04");
            let start = others.iter().try_fold(programme(), |programme, other| {
                let invited = programme.with_member(terms(*other), today, now())?;
                invited.joined(other.organisation_id, today, now())
            });
            let done = start.unwrap().with_member(terms(change), today, now());
            assert_eq!(done.is_ok(), expect, "{others:?} then {change:?}: {done:?}");
        };
        let leaves = |on| member(1, Coordinator, "2026-05-04", Some(on));
        // The only one can neither leave, now or later, nor become a plain member, nor join tomorrow instead.
        check(&[], leaves("2026-05-04"), false);
        check(&[], leaves("2028-01-01"), false);
        check(&[], member(1, Plain, "2026-05-04", None), false);
        check(&[], member(1, Coordinator, "2026-05-05", None), false);
        // It can leave when another is there by then, for good.
        check(&[member(2, Coordinator, "2026-05-04", None)], leaves("2026-05-04"), true);
        check(&[member(2, Coordinator, "2026-09-01", None)], leaves("2026-09-01"), true);
        check(&[member(2, Coordinator, "2026-09-02", None)], leaves("2026-09-01"), false);
        check(&[member(2, Coordinator, "2026-05-04", Some("2027-01-01"))], leaves("2026-09-01"), false);
        check(&[member(2, Plain, "2026-05-04", None)], leaves("2026-09-01"), false);
        // What is past does not matter.
        check(&[], member(2, Coordinator, "2020-01-01", Some("2021-01-01")), true);
    }

    #[test]
    fn nobody_leaves_before_joining() {
        let fault = programme()
            .with_member(
                terms(member(2, MemberRole::Member, "2026-05-04", Some("2026-05-03"))),
                day("2026-05-04"),
                now(),
            )
            .unwrap_err();
        assert_eq!((fault.code, fault.culprits[0].pointer.as_str()), (&crate::codes::INVALID, "/left_on"));
    }

    #[test]
    fn an_organisation_is_no_member_before_it_has_joined() {
        let (today, other) = (day("2026-05-04"), organisation(2));
        let invitation = terms(member(2, MemberRole::Member, "2026-05-04", None));
        let invited = programme().with_member(invitation, today, now()).unwrap();
        assert!(!invited.is_member(other, today));
        assert_eq!(invited.clone().left(other, today, now()).unwrap_err().code, &MEMBERSHIP);
        let declined = invited.clone().declined(other, today, now()).unwrap();
        assert_eq!(declined.clone().joined(other, today, now()).unwrap_err().code, &MEMBERSHIP);
        let joined = declined.with_member(invitation, today, now()).unwrap().joined(other, today, now()).unwrap();
        assert!(joined.is_member(other, today));
        // Its coordinators may give it another role; that needs no further consent.
        let observer = terms(member(2, MemberRole::Observer, "2026-05-04", None));
        assert!(joined.clone().with_member(observer, today, now()).unwrap().is_member(other, today));
        // Whoever has left does not come back by their will alone.
        let left = joined.left(other, today, now()).unwrap();
        assert!(!left.is_member(other, today));
        let again = left.with_member(invitation, today, now()).unwrap();
        assert_eq!(again.member(other).unwrap().status, MemberStatus::Invited);
        assert_eq!(programme().joined(other, today, now()).unwrap_err().code, &crate::codes::NOT_FOUND);
    }
}
