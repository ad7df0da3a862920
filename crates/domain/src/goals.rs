//! Goals: the tree of what a programme wants to reach.

use crate::fault::Fault;
use crate::ids::{GoalId, ProgrammeId};
use crate::message;
use crate::text::{Name, Prose, ShortCode};
use crate::time::Instant;
use std::collections::HashMap;

crate::codes! {
    /// The goal would come to stand under itself.
    RING = Invalid "goal.ring" { fi: "Tavoite olisi oma ylätavoitteensa", sv: "Målet skulle vara sitt eget övergripande mål", en: "The goal would be its own parent" }
}

/// A goal of a programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// Its identifier.
    pub id: GoalId,
    /// The programme, whose version counts the changes of its goals too.
    pub programme_id: ProgrammeId,
    /// When it came to be.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// What is said of it.
    pub details: Details,
}

/// What is said of a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// The goal that it serves.
    pub parent_id: Option<GoalId>,
    /// Its code, unique in the programme.
    pub code: ShortCode,
    /// Its title.
    pub title: Name,
    /// What it is about.
    pub description: Option<Prose>,
    /// Its place among the programme's goals: the smaller first.
    pub position: i32,
}

/// The goals of one programme, each with the goal above it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree(HashMap<GoalId, Option<GoalId>>);

impl FromIterator<(GoalId, Option<GoalId>)> for Tree {
    fn from_iter<I: IntoIterator<Item = (GoalId, Option<GoalId>)>>(goals: I) -> Self {
        Self(goals.into_iter().collect())
    }
}

impl Tree {
    /// The goal and all above it, itself first. A ring in the data ends the chain.
    pub fn upwards(&self, goal: GoalId) -> Vec<GoalId> {
        let mut chain = vec![goal];
        let mut at = goal;
        while let Some(Some(parent)) = self.0.get(&at).copied()
            && !chain.contains(&parent)
        {
            chain.push(parent);
            at = parent;
        }
        chain
    }

    /// The goal and all below it, itself first.
    pub fn downwards(&self, goal: GoalId) -> Vec<GoalId> {
        let mut below: Vec<_> =
            self.0.keys().copied().filter(|other| *other != goal && self.upwards(*other).contains(&goal)).collect();
        below.sort_unstable();
        [goal].into_iter().chain(below).collect()
    }

    /// Refuses a parent that is no goal of this programme, or stands under the goal itself.
    pub fn refuse_parent(&self, goal: GoalId, parent: Option<GoalId>) -> Result<(), Fault> {
        let Some(parent) = parent else { return Ok(()) };
        if !self.0.contains_key(&parent) && parent != goal {
            let detail = message!(
                fi: "Ylätavoitteen on kuuluttava samaan ohjelmaan.",
                sv: "Det övergripande målet måste höra till samma program.",
                en: "The parent must be a goal of the same programme.",
            );
            return Err(Fault::invalid("/parent_id", "unknown_reference", detail));
        }
        if self.upwards(parent).contains(&goal) {
            let detail = message!(
                fi: "Tavoite olisi oma ylätavoitteensa.",
                sv: "Målet skulle vara sitt eget övergripande mål.",
                en: "The goal would be its own parent.",
            );
            return Err(Fault::new(&RING, detail.clone()).at("/parent_id", "ring", detail));
        }
        Ok(())
    }
}

impl Details {
    /// Checks what no single type shows.
    pub fn checked(self) -> Result<Self, Fault> {
        if self.position < 0 {
            return Err(Fault::invalid(
                "/position",
                "out_of_range",
                message!(
                    fi: "Järjestysnumero ei saa olla negatiivinen.",
                    sv: "Ordningsnumret får inte vara negativt.",
                    en: "The position must not be negative.",
                ),
            ));
        }
        Ok(self)
    }
}

impl Goal {
    /// A new goal.
    pub fn new(id: GoalId, programme_id: ProgrammeId, details: Details, now: Instant) -> Result<Self, Fault> {
        Ok(Self { id, programme_id, created_at: now, updated_at: now, details: details.checked()? })
    }

    /// The same with other details; as it is where they are not other ones.
    pub fn changed(self, details: Details, now: Instant) -> Result<Self, Fault> {
        let details = details.checked()?;
        if details == self.details {
            return Ok(self);
        }
        Ok(Self { details, updated_at: self.updated_at.max(now), ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goal(number: u128) -> GoalId {
        uuid::Uuid::from_u128(number).into()
    }

    #[test]
    fn a_parent_is_of_the_same_programme_and_not_below() {
        // 1 over 2 over 3; 4 stands alone.
        let tree: Tree = [(1, None), (2, Some(1)), (3, Some(2)), (4, None)]
            .map(|(id, up)| (goal(id), up.map(goal)))
            .into_iter()
            .collect();
        let check = |id, parent: Option<u128>, expect: Option<&str>| {
            let refused = tree.refuse_parent(goal(id), parent.map(goal)).err();
            assert_eq!(refused.as_ref().map(|fault| &*fault.culprits[0].code), expect, "{id} under {parent:?}");
        };
        check(1, None, None);
        check(1, Some(4), None);
        check(4, Some(3), None);
        check(9, Some(3), None);
        check(1, Some(1), Some("ring"));
        check(1, Some(3), Some("ring"));
        check(2, Some(3), Some("ring"));
        check(9, Some(9), Some("ring"));
        check(1, Some(8), Some("unknown_reference"));
    }

    #[test]
    fn what_is_below_a_goal_is_all_that_leads_up_to_it() {
        let tree: Tree = [(1, None), (2, Some(1)), (3, Some(2)), (4, None), (5, Some(1))]
            .map(|(id, up)| (goal(id), up.map(goal)))
            .into_iter()
            .collect();
        assert_eq!(tree.downwards(goal(1)), [1, 2, 3, 5].map(goal));
        assert_eq!(tree.downwards(goal(2)), [2, 3].map(goal));
        assert_eq!(tree.downwards(goal(9)), [goal(9)]);
    }

    #[test]
    fn a_ring_in_the_data_ends_the_way_up() {
        let tree: Tree = [(goal(1), Some(goal(2))), (goal(2), Some(goal(1)))].into_iter().collect();
        assert_eq!(tree.upwards(goal(1)), [goal(1), goal(2)]);
    }
}
