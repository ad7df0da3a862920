//! What is wrong with a calendar file, and on which line.

use super::MALFORMED;
use crate::{Culprit, Fault, Message, message};

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
    pub(super) fn new(line: u32, code: &'static str, detail: Message) -> Self {
        Self { line, code, detail }
    }
}

/// A refusal of a line.
pub(super) fn refuse<T>(line: u32, code: &'static str, detail: Message) -> Read<T> {
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
            [one] => message!(
                fi: "Mitään ei tuotu. Rivi {line}: {what}",
                sv: "Ingenting importerades. Rad {line}: {what}",
                en: "Nothing was imported. Line {line}: {what}",
                line = one.line,
                what = &one.detail,
            ),
            [first, ..] if self.is_full() => {
                message!(
                    fi: "Mitään ei tuotu. Ensimmäiset {MOST_NAMED} virhettä luetellaan riviltä {line} alkaen.",
                    sv: "Ingenting importerades. De första {MOST_NAMED} felen räknas upp, från och med rad {line}.",
                    en: "Nothing was imported. The first {MOST_NAMED} faults are listed, from line {line}.",
                    line = first.line,
                )
            }
            all => message!(
                fi: "Mitään ei tuotu: tiedostossa on {count} virhettä.",
                sv: "Ingenting importerades: filen har {count} fel.",
                en: "Nothing was imported: the file has {count} faults.",
                count = all.len(),
            ),
        };
        let culprits =
            self.0.into_iter().map(|Trouble { line, code, detail }| Culprit::new(format!("line:{line}"), code, detail));
        Fault::new(&MALFORMED, detail.clone()).with(culprits)
    }
}
