//! The places of a calendar that a step could move to, and the last of them up to which something holds.

use super::calendar::Place;
use crate::holidays::{working_day_until, working_days};
use crate::time::Date;
use chrono::Days;

/// Places of one calendar in their order.
#[derive(Clone, Debug)]
pub(super) enum Candidates {
    /// These meetings.
    Meetings(Vec<Place>),
    /// Every working day from the first to the last, which are working days themselves.
    Days { first: Date, last: Date },
}

impl Candidates {
    /// The last place of those at the front for which `keeps` holds, and how many these are. `keeps` must not hold
    /// again after it has failed.
    pub(super) fn last_kept<E>(
        &self,
        mut keeps: impl FnMut(Place) -> Result<bool, E>,
    ) -> Result<Option<(Place, usize)>, E> {
        match self {
            Self::Meetings(places) => {
                let kept = front(places.len(), |at| places.get(at).map_or(Ok(false), |place| keeps(*place)))?;
                Ok(kept.checked_sub(1).and_then(|last| places.get(last)).map(|place| (*place, kept)))
            }
            Self::Days { first, last } => {
                let day = |offset: usize| working_day_until(*first + Days::new(offset as u64));
                let span = usize::try_from(last.signed_duration_since(*first).num_days()).map_or(0, |days| days + 1);
                let kept = front(span, |offset| keeps(Place::Day(day(offset))))?;
                let Some(end) = kept.checked_sub(1).map(day) else { return Ok(None) };
                Ok(Some((Place::Day(end), working_days(*first, end))))
            }
        }
    }
}

/// How many of `0..count` hold, where those that do are at the front.
fn front<E>(count: usize, mut holds: impl FnMut(usize) -> Result<bool, E>) -> Result<usize, E> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle)? { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}
