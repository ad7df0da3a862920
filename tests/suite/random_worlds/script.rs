//! What happens in a random world.

use proptest::prelude::*;

/// What is tried next. Four bytes beside it choose among what there is when its turn comes, so that a shorter script
/// is a script too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    Parent,
    Successor,
    Life,
    Found,
    Activate,
    Close,
    Join,
    Appoint,
    Dismiss,
    Goal,
    Period,
    Extend,
    Draft,
    Show,
    Invite,
    Reassign,
    Commit,
    Decline,
    Withdraw,
    Uninvite,
    Propose,
    Agree,
    Start,
    Complete,
    Cancel,
    Hold,
    Resume,
    Delete,
    Body,
    ShowBody,
    Meeting,
    CancelMeeting,
    Step,
    ShowStep,
    RemoveStep,
    Report,
    Edit,
    Submit,
    Return,
    Accept,
    DropReport,
    Days,
    Follow,
    Arrive,
    CatchUp,
}

/// How often each is tried, relative to the others.
pub(super) const KINDS: [(u32, Kind); 45] = [
    (2, Kind::Parent),
    (3, Kind::Successor),
    (2, Kind::Life),
    (1, Kind::Found),
    (2, Kind::Activate),
    (1, Kind::Close),
    (6, Kind::Join),
    (3, Kind::Appoint),
    (2, Kind::Dismiss),
    (1, Kind::Goal),
    (3, Kind::Period),
    (3, Kind::Extend),
    (6, Kind::Draft),
    (6, Kind::Show),
    (10, Kind::Invite),
    (4, Kind::Reassign),
    (8, Kind::Commit),
    (4, Kind::Decline),
    (5, Kind::Withdraw),
    (2, Kind::Uninvite),
    (6, Kind::Propose),
    (6, Kind::Agree),
    (4, Kind::Start),
    (3, Kind::Complete),
    (2, Kind::Cancel),
    (3, Kind::Hold),
    (3, Kind::Resume),
    (2, Kind::Delete),
    (3, Kind::Body),
    (4, Kind::ShowBody),
    (4, Kind::Meeting),
    (1, Kind::CancelMeeting),
    (5, Kind::Step),
    (3, Kind::ShowStep),
    (5, Kind::RemoveStep),
    (9, Kind::Report),
    (2, Kind::Edit),
    (9, Kind::Submit),
    (3, Kind::Return),
    (5, Kind::Accept),
    (2, Kind::DropReport),
    (6, Kind::Days),
    (12, Kind::Follow),
    (4, Kind::Arrive),
    (2, Kind::CatchUp),
];

/// A world to be: its organisations with their superiors, and what happens in it.
#[derive(Clone)]
pub(super) struct Script {
    /// Each stands below an earlier one, or below none.
    pub(super) organisations: Vec<Option<usize>>,
    pub(super) acts: Vec<(Kind, [u8; 4])>,
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "organisations below {:?}", self.organisations)?;
        self.acts.iter().try_for_each(|act| writeln!(f, "{act:?}"))
    }
}

pub(super) fn scripts() -> impl Strategy<Value = Script> {
    let superiors = proptest::collection::vec(proptest::option::weighted(0.25, any::<u8>()), 4..=5);
    let kinds = proptest::sample::select(
        KINDS.iter().flat_map(|(weight, kind)| std::iter::repeat_n(*kind, *weight as usize)).collect::<Vec<_>>(),
    );
    let acts = proptest::collection::vec((kinds, any::<[u8; 4]>()), 60..=110);
    (superiors, acts).prop_map(|(superiors, acts)| {
        let below =
            |(at, superior): (usize, Option<u8>)| superior.filter(|_| at > 0).map(|byte| usize::from(byte) % at);
        Script { organisations: superiors.into_iter().enumerate().map(below).collect(), acts }
    })
}
