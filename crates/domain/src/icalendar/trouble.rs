//! What is wrong with a calendar file, and on which line.

use super::MALFORMED;
use crate::{Culprit, Fault, Message};

/// The most troubles that are named in one refusal.
pub(super) const MOST_NAMED: usize = 50;

/// One thing wrong, with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    line: u32,
    code: &'static str,
    detail: Message,
}

/// A value read from the file, or what is wrong with it.
pub(super) type Read<T> = Result<T, Trouble>;

impl Trouble {
    pub(super) fn new(line: u32, code: &'static str, detail: impl Into<Message>) -> Self {
        Self { line, code, detail: detail.into() }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Line {}: {}", self.line, self.detail)
    }
}

/// The refusal of a file for what is wrong on these lines, which is known only where its meetings are.
pub(crate) fn refuse_lines(lines: impl IntoIterator<Item = (u32, &'static str, Message)>) -> Fault {
    let mut troubles = Troubles::default();
    lines.into_iter().for_each(|(line, code, detail)| troubles.add(Trouble::new(line, code, detail)));
    troubles.into_fault()
}

/// A refusal of a line.
pub(super) fn refuse<T>(line: u32, code: &'static str, detail: impl Into<Message>) -> Read<T> {
    Err(Trouble::new(line, code, detail))
}

/// The troubles found so far.
#[derive(Debug, Default)]
pub(super) struct Troubles(Vec<Trouble>);

impl Troubles {
    /// Keeps the value, or the trouble while there is room for it.
    pub(super) fn keep<T>(&mut self, read: Read<T>) -> Option<T> {
        read.map_err(|trouble| self.add(trouble)).ok()
    }

    pub(super) fn add(&mut self, trouble: Trouble) {
        if !self.is_full() && !self.0.contains(&trouble) {
            self.0.push(trouble);
        }
    }

    /// Whether no more will be named, so that reading on is of no use.
    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= MOST_NAMED
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The refusal of the whole file, which names the lines in their order.
    pub(super) fn into_fault(mut self) -> Fault {
        self.0.sort_by_key(|trouble| trouble.line);
        let detail = match self.0.as_slice() {
            [one] => format!("Nothing was imported. Line {}: {}", one.line, one.detail),
            [first, ..] if self.is_full() => {
                format!("Nothing was imported. The first {MOST_NAMED} faults are named, from line {} on.", first.line)
            }
            all => format!("Nothing was imported: the file has {} faults.", all.len()),
        };
        let culprits =
            self.0.into_iter().map(|Trouble { line, code, detail }| Culprit::new(format!("line:{line}"), code, detail));
        Fault::new(&MALFORMED, detail).with(culprits)
    }
}
