//! What happened before it was entered here: a system that joins in mid-term says when it was. That it was entered is
//! told by the change feed, with the time at which it was.

use crate::fault::Fault;
use crate::message;
use crate::time::{Date, Instant, date_of, to_microsecond};

/// The time `at` which something happened that an organisation or a body did which exists since that day, where it is
/// known; `pointer` is the member that says it.
///
/// # Errors
/// 422 for a time in the future, or before there was anybody to do it.
pub fn happened(pointer: &str, at: Instant, since: Option<Date>, now: Instant) -> Result<Instant, Fault> {
    let at = to_microsecond(at);
    if at > now {
        let detail = message!(
            fi: "Aika on tulevaisuudessa: niin ei ole vielä tapahtunut.",
            sv: "Tiden är i framtiden: det har inte hänt ännu.",
            en: "The time lies in the future: this has not happened yet."
        );
        return Err(Fault::invalid(pointer, "in_future", detail));
    }
    if let Some(since) = since.filter(|since| date_of(at) < *since) {
        let detail = message!(
            fi: "Aika on ennen päivää {since}, josta alkaen organisaatio ja toimielin ovat olemassa.",
            sv: "Tiden är före den dag, {since}, från vilken organisationen och organet finns.",
            en: "The time is before {since}, since when the organisation and the body exist."
        );
        return Err(Fault::invalid(pointer, "before_existence", detail));
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lies_between_the_beginning_and_now() {
        let check = |at: &str, since: Option<&str>, expect: Option<&str>| {
            let since = since.map(|since| since.parse().unwrap());
            let refused = happened("/at", at.parse().unwrap(), since, "2026-03-02T10:00:00Z".parse().unwrap()).err();
            assert_eq!(refused.as_ref().map(|fault| &*fault.culprits[0].code), expect, "{at} since {since:?}");
        };
        check("2026-03-02T10:00:00Z", None, None);
        check("2026-03-02T10:00:01Z", None, Some("in_future"));
        check("1950-01-01T00:00:00Z", None, None);
        // 00:00 of 1 January 2023 in Helsinki.
        check("2022-12-31T22:00:00Z", Some("2023-01-01"), None);
        check("2022-12-31T21:59:59Z", Some("2023-01-01"), Some("before_existence"));
    }
}
