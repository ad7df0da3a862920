//! Pages of lists by keyset: each begins after the last row of the one before.

/// Which part of a list to fetch: what comes after a place in its order, and how much.
#[derive(Clone, Debug)]
pub struct Slice<K> {
    /// The place after which to begin; the beginning where there is none.
    pub after: Option<K>,
    /// How many items at most.
    pub limit: usize,
}

/// A part of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The items, in order.
    pub items: Vec<T>,
    /// Whether more items follow.
    pub more: bool,
}

impl<K> Slice<K> {
    /// How many rows to fetch: one more than shown tells whether more follow.
    pub(crate) fn fetch(&self) -> i64 {
        i64::try_from(self.limit).map_or(i64::MAX, |limit| limit.saturating_add(1))
    }

    /// The page of what was fetched.
    pub(crate) fn page<T>(&self, fetched: impl Iterator<Item = T>) -> Page<T> {
        let mut items: Vec<T> = fetched.collect();
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        Page { items, more }
    }
}

impl<T> Page<T> {
    /// The same page with its items made into something else.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(make).collect(), more: self.more }
    }
}
