//! Programmes: one strategy with its period, its area and the organisations that carry it out.
//!
//! A programme, its members, coordinators, goals and reporting periods are one aggregate: a change of any of them is
//! a change of the programme.

use crate::audience::{Audience, Key};
use crate::fault::{Culprit, Fault};
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
    /// What it is in the programme.
    pub role: MemberRole,
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

    /// Whether the organisation is a member on the day.
    pub fn is_current(&self, on: Date) -> bool {
        self.joined_on <= on && self.left_on.is_none_or(|left| on < left)
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
        let founder =
            Member { organisation_id: founder, role: MemberRole::Coordinator, joined_on: today, left_on: None };
        Ok(Self {
            id,
            meta: Meta::new(now),
            status: ProgrammeStatus::Draft,
            details: details.checked()?,
            members: vec![founder],
        })
    }

    /// The same with other details.
    pub fn changed(self, details: Details, now: Instant) -> Result<Self, Fault> {
        let open = self.open()?;
        Ok(Self { details: details.checked()?, ..open.touched(now) })
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

    /// The same with this membership, new or in the place of the organisation's former one. There must be a
    /// coordinating member on every day from `today` on.
    pub fn with_member(self, member: Member, today: Date, now: Instant) -> Result<Self, Fault> {
        let member = member.checked()?;
        let mut members = self.members.clone();
        members.retain(|other| other.organisation_id != member.organisation_id);
        members.push(member);
        members.sort_by_key(|member| member.organisation_id);
        match first_day_without_coordinator(&members, today) {
            None => Ok(Self { members, ..self.touched(now) }),
            Some(day) => {
                let detail = message!(
                    fi: "Ohjelmalla ei olisi koordinoivaa jäsentä {day}.",
                    sv: "Programmet skulle sakna en samordnande medlem {day}.",
                    en: "The programme would have no coordinating member on {day}.",
                    day = day,
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

    /// In draft its members and coordinators, later everyone.
    pub fn audience(&self) -> Audience {
        match self.status {
            ProgrammeStatus::Draft => [Key::Programme(self.id), Key::Coordinator(self.id)].into_iter().collect(),
            ProgrammeStatus::Active | ProgrammeStatus::Closed => Audience::everyone(),
        }
    }
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
        Member { organisation_id: organisation(number), role, joined_on: day(joined_on), left_on: left_on.map(day) }
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
        assert_eq!(draft.audience().keys().collect::<Vec<_>>(), [Key::Programme(draft.id), Key::Coordinator(draft.id)]);
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
            let start = others
                .iter()
                .try_fold(programme(), |programme, other| programme.with_member(*other, day("2026-05-04"), now()));
            let done = start.unwrap().with_member(change, day("2026-05-04"), now());
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
            .with_member(member(2, MemberRole::Member, "2026-05-04", Some("2026-05-03")), day("2026-05-04"), now())
            .unwrap_err();
        assert_eq!((fault.code, fault.culprits[0].pointer.as_str()), (&crate::codes::INVALID, "/left_on"));
    }
}
