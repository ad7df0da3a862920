//! Who sees what, said once more: a model of the domain's words that shares nothing with the service.

use super::recount::Chronicle;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// An organisation.
#[derive(Debug)]
pub(super) struct Organisation {
    pub(super) id: String,
    pub(super) parent: Option<usize>,
    pub(super) successor: Option<(usize, NaiveDate)>,
    pub(super) valid_from: Option<NaiveDate>,
    pub(super) valid_to: Option<NaiveDate>,
}

/// A reporting period.
#[derive(Debug)]
pub(super) struct Period {
    pub(super) id: String,
    pub(super) starts_on: NaiveDate,
    pub(super) ends_on: NaiveDate,
    pub(super) due_on: NaiveDate,
    pub(super) extensions: BTreeMap<usize, NaiveDate>,
}

/// An organisation's membership of a programme.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) coordinates: bool,
    /// Whether it has consented.
    pub(super) joined: bool,
    pub(super) joined_on: NaiveDate,
    pub(super) left_on: Option<NaiveDate>,
}

/// A programme; goals and periods are told by their place in it.
#[derive(Debug)]
pub(super) struct Programme {
    pub(super) id: String,
    pub(super) status: &'static str,
    pub(super) members: BTreeMap<usize, Member>,
    /// Readers.
    pub(super) coordinators: BTreeSet<usize>,
    pub(super) goals: Vec<(String, Option<usize>)>,
    pub(super) periods: Vec<Period>,
}

/// An organisation's part in an action.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) commitment: &'static str,
    pub(super) roles: BTreeSet<&'static str>,
}

/// A decision step.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) id: String,
    pub(super) body: usize,
    pub(super) narrow: bool,
}

/// An action.
#[derive(Debug)]
pub(super) struct Action {
    pub(super) id: String,
    pub(super) programme: usize,
    pub(super) accountable: usize,
    pub(super) visibility: &'static str,
    pub(super) status: &'static str,
    /// Before it was put on hold.
    pub(super) held: &'static str,
    pub(super) proposed: bool,
    /// What it and its participants became, and when.
    pub(super) chronicle: Chronicle,
    pub(super) parts: BTreeMap<usize, Part>,
    pub(super) goal: Option<usize>,
    pub(super) steps: Vec<Step>,
    pub(super) gone: bool,
}

/// A body.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) id: String,
    pub(super) organisation: usize,
    pub(super) private: bool,
}

/// A meeting.
#[derive(Debug)]
pub(super) struct Meeting {
    pub(super) id: String,
    pub(super) body: usize,
    pub(super) cancelled: bool,
}

/// A report.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) id: String,
    pub(super) action: usize,
    pub(super) organisation: usize,
    pub(super) period: usize,
    pub(super) state: &'static str,
    /// It was submitted at some time.
    pub(super) handed_in: bool,
    pub(super) gone: bool,
}

/// All that there is. A reader is known by the organisations in which it was given a role.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) today: NaiveDate,
    pub(super) organisations: Vec<Organisation>,
    pub(super) readers: Vec<BTreeSet<usize>>,
    pub(super) programmes: Vec<Programme>,
    pub(super) actions: Vec<Action>,
    pub(super) bodies: Vec<Body>,
    pub(super) meetings: Vec<Meeting>,
    pub(super) reports: Vec<Report>,
}

/// What decides over all that a reader sees: the organisations that it reads for, the programmes of which it is a
/// member, and those that it coordinates.
pub(super) type Standing = (BTreeSet<usize>, BTreeSet<usize>, BTreeSet<usize>);

impl Model {
    /// The organisations that the reader reads for: rights reach an organisation's descendants, and a successor has its
    /// predecessor's from the day of the succession.
    pub(super) fn reads_for(&self, reader: usize) -> BTreeSet<usize> {
        self.reached(self.readers[reader].clone())
    }

    fn reached(&self, mut reached: BTreeSet<usize>) -> BTreeSet<usize> {
        loop {
            let more: Vec<usize> = (0..self.organisations.len())
                .filter(|at| !reached.contains(at))
                .filter(|at| {
                    let Organisation { parent, successor, .. } = &self.organisations[*at];
                    let succeeded = successor.filter(|(_, on)| *on <= self.today).map(|(successor, _)| successor);
                    parent.is_some_and(|parent| reached.contains(&parent))
                        || succeeded.is_some_and(|successor| reached.contains(&successor))
                })
                .collect();
            if more.is_empty() {
                return reached;
            }
            reached.extend(more);
        }
    }

    fn current(&self, programme: usize) -> impl Iterator<Item = (usize, &Member)> {
        let members = self.programmes[programme].members.iter();
        members
            .filter(|(_, member)| {
                member.joined && member.joined_on <= self.today && member.left_on.is_none_or(|left| self.today < left)
            })
            .map(|(organisation, member)| (*organisation, member))
    }

    pub(super) fn is_member(&self, reader: usize, programme: usize) -> bool {
        let own = self.reads_for(reader);
        self.current(programme).any(|(organisation, _)| own.contains(&organisation))
    }

    /// Appointed, and of an organisation that coordinates today.
    pub(super) fn coordinates(&self, reader: usize, programme: usize) -> bool {
        let own = self.reads_for(reader);
        self.programmes[programme].coordinators.contains(&reader)
            && self.current(programme).any(|(organisation, member)| member.coordinates && own.contains(&organisation))
    }

    pub(super) fn standing(&self, reader: usize) -> Standing {
        let programmes = 0..self.programmes.len();
        (
            self.reads_for(reader),
            programmes.clone().filter(|programme| self.is_member(reader, *programme)).collect(),
            programmes.filter(|programme| self.coordinates(reader, *programme)).collect(),
        )
    }

    /// Who acts for an organisation today: itself, or whoever has taken its place.
    pub(super) fn acting(&self, organisation: usize) -> usize {
        let mut at = organisation;
        while let Some((successor, on)) = self.organisations[at].successor
            && on <= self.today
        {
            at = successor;
        }
        at
    }

    /// Whether the reader coordinates by a role in an organisation that has not ended.
    pub(super) fn leads(&self, reader: usize, programme: usize) -> bool {
        let live = self.readers[reader].iter().copied().filter(|at| self.acting(*at) == *at);
        let own = self.reached(live.collect());
        self.programmes[programme].coordinators.contains(&reader)
            && self.current(programme).any(|(organisation, member)| member.coordinates && own.contains(&organisation))
    }

    /// A draft is its members' and coordinators' own, and of those who are to join it.
    pub(super) fn sees_programme(&self, reader: usize, programme: usize) -> bool {
        self.programmes[programme].status != "draft"
            || self.is_member(reader, programme)
            || self.coordinates(reader, programme)
            || self.is_to_join(reader, programme)
    }

    fn is_to_join(&self, reader: usize, programme: usize) -> bool {
        let own = self.reads_for(reader);
        let members = self.programmes[programme].members.iter();
        members.filter(|(_, member)| member.left_on.is_none()).any(|(organisation, _)| own.contains(organisation))
    }

    pub(super) fn sees_action(&self, reader: usize, action: usize) -> bool {
        let of = &self.actions[action];
        let own = self.reads_for(reader);
        let takes_part = |(organisation, part): (&usize, &Part)| {
            matches!(part.commitment, "invited" | "committed") && own.contains(organisation)
        };
        let accountable = own.contains(&of.accountable);
        let coordinator = of.proposed && self.coordinates(reader, of.programme);
        if of.gone {
            return false;
        }
        match of.visibility {
            "private" => accountable || coordinator,
            _ if accountable || coordinator || of.parts.iter().any(takes_part) => true,
            "participants" => false,
            "partners" => of.proposed && self.is_member(reader, of.programme),
            "public" => of.proposed,
            other => panic!("no visibility: {other}"),
        }
    }

    pub(super) fn sees_body(&self, reader: usize, body: usize) -> bool {
        let Body { organisation, private, .. } = &self.bodies[body];
        !private || self.reads_for(reader).contains(organisation)
    }

    pub(super) fn sees_meeting(&self, reader: usize, meeting: usize) -> bool {
        self.sees_body(reader, self.meetings[meeting].body)
    }

    /// Of a step of an action that the reader sees, whether it sees more than dates.
    pub(super) fn sees_step(&self, reader: usize, action: usize, step: &Step) -> bool {
        let own = self.reads_for(reader);
        let closer =
            own.contains(&self.bodies[step.body].organisation) || own.contains(&self.actions[action].accountable);
        self.sees_body(reader, step.body) && (!step.narrow || closer)
    }

    pub(super) fn sees_report(&self, reader: usize, report: usize) -> bool {
        let Report { action, organisation, state, gone, .. } = &self.reports[report];
        let own = self.reads_for(reader);
        let of = &self.actions[*action];
        let author = own.contains(organisation);
        let reviewer = own.contains(&of.accountable) || self.coordinates(reader, of.programme);
        !gone
            && match *state {
                "draft" => author,
                "submitted" | "returned" => author || reviewer,
                "accepted" => author || reviewer || self.sees_action(reader, *action),
                other => panic!("no state: {other}"),
            }
    }

    pub(super) fn seen_actions(&self, reader: usize, programme: usize) -> Vec<usize> {
        let all = 0..self.actions.len();
        all.filter(|at| self.actions[*at].programme == programme && self.sees_action(reader, *at)).collect()
    }

    pub(super) fn committed(&self, action: usize) -> Vec<usize> {
        let parts = self.actions[action].parts.iter();
        parts.filter(|(_, part)| part.commitment == "committed").map(|(organisation, _)| *organisation).collect()
    }

    /// Whether the action serves the goal or one below it.
    pub(super) fn serves(&self, action: usize, goal: usize) -> bool {
        let goals = &self.programmes[self.actions[action].programme].goals;
        let mut at = self.actions[action].goal;
        while let Some(here) = at {
            if here == goal {
                return true;
            }
            at = goals[here].1;
        }
        false
    }
}
