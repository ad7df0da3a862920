//! A queue before what only few may do at a time, in which no crowd keeps the others waiting.
//!
//! Two lanes take turns: callers that are known, and strangers. Within a lane the groups take turns, such as networks or
//! accounts. Within a group, whoever comes first is served first.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// How many there may be of what.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How many are served at a time.
    pub at_a_time: usize,
    /// How many of one group are served at a time.
    pub of_a_group: usize,
    /// How many of one member are served or wait.
    pub of_a_member: usize,
    /// How many of one group wait.
    pub waiting_of_a_group: usize,
    /// How many wait in one lane.
    pub waiting_in_a_lane: usize,
    /// How long each waits.
    pub patience: Duration,
}

/// Which lane a request waits in: the lanes are served in turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lane {
    /// For callers that are known.
    Known,
    /// For everyone else.
    #[default]
    Strangers,
}

impl Lane {
    fn other(self) -> Self {
        match self {
            Self::Known => Self::Strangers,
            Self::Strangers => Self::Known,
        }
    }

    fn of(self, lanes: &mut [VecDeque<Group>; 2]) -> &mut VecDeque<Group> {
        let [known, strangers] = lanes;
        match self {
            Self::Known => known,
            Self::Strangers => strangers,
        }
    }
}

/// Where a request stands in the queue.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its lane.
    pub lane: Lane,
    /// With whom it shares one turn of the lane.
    pub group: Arc<str>,
    /// For whom it asks, who may have only so many at hand.
    pub member: Arc<str>,
}

impl Place {
    /// The place of a caller that is a group of its own.
    pub fn of(lane: Lane, caller: impl Into<Arc<str>>) -> Self {
        let group = caller.into();
        Self { lane, member: Arc::clone(&group), group }
    }
}

/// Why a request is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its own member or group has as many at hand as it may.
    TooMany,
    /// Everyone has to wait too long.
    Busy,
}

/// The queue.
#[derive(Clone)]
pub struct FairQueue(Arc<Inner>);

struct Inner {
    bounds: Bounds,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last_ticket: u64,
    served: usize,
    /// How many are served, by group.
    groups: HashMap<Arc<str>, usize>,
    /// How many are served or wait, by member.
    members: HashMap<Arc<str>, usize>,
    /// Those who wait, lane by lane; the first group is next.
    lanes: [VecDeque<Group>; 2],
    /// The lane that was served last.
    last_lane: Lane,
}

struct Group {
    name: Arc<str>,
    waiting: VecDeque<Waiter>,
}

struct Waiter {
    ticket: u64,
    wake: oneshot::Sender<()>,
}

/// A turn: it lasts as long as this.
pub struct Turn {
    queue: Arc<Inner>,
    ticket: u64,
    place: Place,
}

impl FairQueue {
    /// An empty queue.
    pub fn new(bounds: Bounds) -> Self {
        Self(Arc::new(Inner { bounds, state: Mutex::default() }))
    }

    /// How many could be served just now without waiting.
    pub fn free(&self) -> usize {
        self.0.bounds.at_a_time.saturating_sub(self.0.lock().served)
    }

    /// How many are served or wait.
    pub fn at_hand(&self) -> usize {
        self.0.lock().members.values().sum()
    }

    /// Waits for a turn. Whoever stops waiting leaves the queue.
    pub async fn turn(&self, place: Place) -> Result<Turn, Refusal> {
        let (wake, woken) = oneshot::channel();
        let ticket = self.0.lock().join(&self.0.bounds, &place, wake)?;
        let turn = Turn { queue: Arc::clone(&self.0), ticket, place };
        match tokio::time::timeout(self.0.bounds.patience, woken).await {
            Ok(Ok(())) => Ok(turn),
            _ => Err(Refusal::Busy),
        }
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.queue.lock().leave(&self.queue.bounds, self.ticket, &self.place);
    }
}

impl State {
    fn join(&mut self, bounds: &Bounds, place: &Place, wake: oneshot::Sender<()>) -> Result<u64, Refusal> {
        let lane = place.lane.of(&mut self.lanes);
        let waiting: usize = lane.iter().map(|group| group.waiting.len()).sum();
        let own = lane.iter_mut().find(|group| group.name == place.group);
        let at_hand = self.members.get(&place.member).copied().unwrap_or_default();
        let crowded = own.as_ref().is_some_and(|group| group.waiting.len() >= bounds.waiting_of_a_group);
        if at_hand >= bounds.of_a_member || crowded {
            return Err(Refusal::TooMany);
        }
        if waiting >= bounds.waiting_in_a_lane {
            return Err(Refusal::Busy);
        }
        self.last_ticket += 1;
        let ticket = self.last_ticket;
        let waiter = Waiter { ticket, wake };
        match own {
            Some(group) => group.waiting.push_back(waiter),
            None => lane.push_back(Group { name: Arc::clone(&place.group), waiting: [waiter].into() }),
        }
        *self.members.entry(Arc::clone(&place.member)).or_default() += 1;
        self.serve(bounds);
        Ok(ticket)
    }

    fn leave(&mut self, bounds: &Bounds, ticket: u64, place: &Place) {
        if !self.stops_waiting(ticket, place) {
            self.served -= 1;
            decrease(&mut self.groups, &place.group);
        }
        decrease(&mut self.members, &place.member);
        self.serve(bounds);
    }

    /// Takes one who waits out of the queue; false where it waits no more, since it is served.
    fn stops_waiting(&mut self, ticket: u64, place: &Place) -> bool {
        let lane = place.lane.of(&mut self.lanes);
        let Some(group) = lane.iter_mut().find(|group| group.name == place.group) else { return false };
        let before = group.waiting.len();
        group.waiting.retain(|waiter| waiter.ticket != ticket);
        let found = group.waiting.len() < before;
        lane.retain(|group| !group.waiting.is_empty());
        found
    }

    /// Gives away the turns that are free.
    fn serve(&mut self, bounds: &Bounds) {
        while self.served < bounds.at_a_time {
            let lanes = [self.last_lane.other(), self.last_lane];
            let Some(lane) = lanes.into_iter().find(|lane| self.serve_lane(bounds, *lane)) else { return };
            self.last_lane = lane;
        }
    }

    /// Gives a turn to the next in the lane; false where there is nobody to be served.
    fn serve_lane(&mut self, bounds: &Bounds, lane: Lane) -> bool {
        let lane = lane.of(&mut self.lanes);
        let groups = &self.groups;
        let may = |group: &Group| groups.get(&group.name).is_none_or(|served| *served < bounds.of_a_group);
        let Some(mut group) = lane.iter().position(may).and_then(|place| lane.remove(place)) else { return false };
        let Some(Waiter { ticket: _, wake }) = group.waiting.pop_front() else { return false };
        self.served += 1;
        *self.groups.entry(Arc::clone(&group.name)).or_default() += 1;
        if !group.waiting.is_empty() {
            lane.push_back(group);
        }
        // Whoever hears of it no more gives the turn back when it leaves.
        let _ = wake.send(());
        true
    }
}

fn decrease(counts: &mut HashMap<Arc<str>, usize>, name: &Arc<str>) {
    if let Some(count) = counts.get_mut(name) {
        *count -= 1;
        if *count == 0 {
            counts.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    const BOUNDS: Bounds = Bounds {
        at_a_time: 2,
        of_a_group: 1,
        of_a_member: 3,
        waiting_of_a_group: 4,
        waiting_in_a_lane: 6,
        patience: Duration::from_hours(1),
    };

    type Asking = Pin<Box<dyn Future<Output = Result<Turn, Refusal>>>>;

    fn poll(asking: &mut Asking) -> Option<Result<Turn, Refusal>> {
        match asking.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => Some(done),
            Poll::Pending => None,
        }
    }

    /// Asks for a turn: an answer at once, or someone who waits.
    fn ask(queue: &FairQueue, lane: Lane, group: &str, member: &str) -> (Option<Result<Turn, Refusal>>, Asking) {
        let (queue, place) = (queue.clone(), Place { lane, group: group.into(), member: member.into() });
        let mut asking: Asking = Box::pin(async move { queue.turn(place).await });
        (poll(&mut asking), asking)
    }

    #[tokio::test]
    async fn a_crowd_waits_for_itself() {
        let queue = FairQueue::new(BOUNDS);
        let first = ask(&queue, Lane::Strangers, "crowd", "a").0.unwrap().unwrap();
        let mut crowd: Vec<_> = ["a", "a", "b", "b"].map(|member| ask(&queue, Lane::Strangers, "crowd", member)).into();
        assert!(crowd.iter().all(|(answer, _)| answer.is_none()), "one of a group is served at a time");
        // The member has three at hand, then the group has four that wait.
        assert_eq!(ask(&queue, Lane::Strangers, "crowd", "a").0.unwrap().err(), Some(Refusal::TooMany));
        assert_eq!(ask(&queue, Lane::Strangers, "crowd", "c").0.unwrap().err(), Some(Refusal::TooMany));
        // Another group is served beside it.
        let other = ask(&queue, Lane::Strangers, "other", "d").0.unwrap().unwrap();
        let (none, mut third) = ask(&queue, Lane::Strangers, "third", "e");
        assert!(none.is_none() && queue.free() == 0);
        drop(first);
        // The crowd's next one came before the third.
        let second = poll(&mut crowd[0].1).unwrap().unwrap();
        drop(second);
        assert!(poll(&mut crowd[1].1).is_none());
        let third = poll(&mut third).unwrap().unwrap();
        drop((other, third, crowd));
        assert_eq!((queue.free(), queue.at_hand()), (2, 0));
    }

    #[tokio::test]
    async fn those_who_are_known_wait_for_no_more_than_one_stranger() {
        let queue = FairQueue::new(Bounds { at_a_time: 1, ..BOUNDS });
        let first = ask(&queue, Lane::Strangers, "0", "0").0.unwrap().unwrap();
        let mut strangers: Vec<_> =
            (1..=6).map(|n| n.to_string()).map(|n| ask(&queue, Lane::Strangers, &n, &n)).collect();
        assert_eq!(ask(&queue, Lane::Strangers, "7", "7").0.unwrap().err(), Some(Refusal::Busy));
        let (_, mut known) = ask(&queue, Lane::Known, "k", "k");
        drop(first);
        let known = poll(&mut known).unwrap().unwrap();
        drop(known);
        assert!(poll(&mut strangers[0].1).unwrap().is_ok());
    }

    #[tokio::test]
    async fn whoever_stops_waiting_leaves_nothing_behind() {
        let queue = FairQueue::new(Bounds { at_a_time: 1, ..BOUNDS });
        let first = ask(&queue, Lane::Known, "a", "a").0.unwrap().unwrap();
        let waiting = ask(&queue, Lane::Known, "b", "b");
        let granted = ask(&queue, Lane::Known, "c", "c");
        drop(waiting);
        drop(first);
        // It has its turn, and hears of it no more.
        assert_eq!(queue.free(), 0);
        drop(granted);
        assert_eq!((queue.free(), queue.at_hand()), (1, 0));
        let queue = FairQueue::new(Bounds { at_a_time: 1, patience: Duration::from_millis(1), ..BOUNDS });
        let held = ask(&queue, Lane::Known, "a", "a").0.unwrap().unwrap();
        let (_, late) = ask(&queue, Lane::Known, "b", "b");
        assert_eq!(late.await.err(), Some(Refusal::Busy));
        drop(held);
        assert_eq!((queue.free(), queue.at_hand()), (1, 0));
    }
}
