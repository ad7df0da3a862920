//! Quotas: how much one owner may keep, so that nobody uses up what all share. The operator of the service sets them.

use crate::fault::{Fault, Message};
use crate::message;

crate::codes! {
    /// The owner has as much of something as it may have. The detail says how much that is and which setting of the
    /// service limits it; `errors` names the setting. Remove what is not needed, or ask the operator for more.
    REACHED = Conflict "quota.reached" { fi: "Kiintiö on täynnä", sv: "Kvoten är fylld", en: "The quota has been reached" }
}

/// Something that is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quota {
    /// The meetings of one body that begin in one year, cancelled ones included.
    MeetingsPerBodyAndYear,
    /// The meetings that one import of a calendar file adds.
    MeetingsPerImport,
    /// The actions for which one organisation is accountable.
    ActionsPerOrganisation,
    /// The decision steps of one action.
    StepsPerAction,
    /// The calendar feeds of the accounts of one organisation.
    FeedsPerOrganisation,
    /// The active clients of one organisation.
    ClientsPerOrganisation,
}

/// How much is allowed of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// The meetings of one body that begin in one year.
    pub meetings_per_body_and_year: u32,
    /// The meetings that one import adds.
    pub meetings_per_import: u32,
    /// The actions for which one organisation is accountable.
    pub actions_per_organisation: u32,
    /// The decision steps of one action.
    pub steps_per_action: u32,
    /// The calendar feeds of the accounts of one organisation.
    pub feeds_per_organisation: u32,
    /// The active clients of one organisation.
    pub clients_per_organisation: u32,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            meetings_per_body_and_year: 2_000,
            meetings_per_import: 2_000,
            actions_per_organisation: 10_000,
            steps_per_action: 200,
            feeds_per_organisation: 1_000,
            clients_per_organisation: 500,
        }
    }
}

impl Quota {
    /// The setting of the service that limits it.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::MeetingsPerBodyAndYear => "quota_meetings_per_body_and_year",
            Self::MeetingsPerImport => "quota_meetings_per_import",
            Self::ActionsPerOrganisation => "quota_actions_per_organisation",
            Self::StepsPerAction => "quota_steps_per_action",
            Self::FeedsPerOrganisation => "quota_feeds_per_organisation",
            Self::ClientsPerOrganisation => "quota_clients_per_organisation",
        }
    }

    /// What is counted.
    fn name(self) -> Message {
        match self {
            Self::MeetingsPerBodyAndYear => message!(
                fi: "Toimielimen kokoukset saman vuoden aikana",
                sv: "Organets sammanträden under samma år",
                en: "Meetings of the body in the same year"
            ),
            Self::MeetingsPerImport => message!(
                fi: "Yhdellä tuonnilla lisättävät kokoukset",
                sv: "Sammanträden som läggs till med en import",
                en: "Meetings added by one import"
            ),
            Self::ActionsPerOrganisation => message!(
                fi: "Organisaation vastuulla olevat toimenpiteet",
                sv: "Åtgärder som organisationen ansvarar för",
                en: "Actions for which the organisation is accountable"
            ),
            Self::StepsPerAction => message!(
                fi: "Toimenpiteen käsittelyvaiheet",
                sv: "Åtgärdens behandlingssteg",
                en: "Decision steps of the action"
            ),
            Self::FeedsPerOrganisation => message!(
                fi: "Organisaation kalenterisyötteet",
                sv: "Organisationens kalenderflöden",
                en: "Calendar feeds of the organisation"
            ),
            Self::ClientsPerOrganisation => message!(
                fi: "Organisaation käytössä olevat järjestelmätunnukset",
                sv: "Organisationens aktiva klienter",
                en: "Active clients of the organisation"
            ),
        }
    }
}

impl Quotas {
    /// How much of it is allowed.
    pub const fn limit(&self, quota: Quota) -> u32 {
        match quota {
            Quota::MeetingsPerBodyAndYear => self.meetings_per_body_and_year,
            Quota::MeetingsPerImport => self.meetings_per_import,
            Quota::ActionsPerOrganisation => self.actions_per_organisation,
            Quota::StepsPerAction => self.steps_per_action,
            Quota::FeedsPerOrganisation => self.feeds_per_organisation,
            Quota::ClientsPerOrganisation => self.clients_per_organisation,
        }
    }

    /// Refuses `more` of something of which there are `used`, where that is too much.
    ///
    /// # Errors
    /// [`REACHED`].
    pub fn require_room(&self, quota: Quota, used: u32, more: u32) -> Result<(), Fault> {
        let (limit, setting) = (self.limit(quota), quota.setting());
        if more == 0 || used.saturating_add(more) <= limit {
            return Ok(());
        }
        let use_and_limit = message!(
            fi: "käytössä {used}, lisää pyydetty {more}, enintään {limit} (palvelun asetus {setting})",
            sv: "{used} i bruk, {more} till begärda, högst {limit} (tjänstens inställning {setting})",
            en: "{used} in use, {more} more requested, {limit} at most (setting {setting} of the service)"
        );
        let name = quota.name();
        let detail = use_and_limit.map(|language, rest| format!("{}: {rest}.", name.in_language(language)));
        Err(Fault::new(&REACHED, detail.clone()).at("", setting, detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;

    #[test]
    fn a_refusal_names_quota_use_and_setting() {
        let quotas = Quotas { steps_per_action: 3, ..Quotas::default() };
        let check = |used, more, fits: bool| {
            assert_eq!(quotas.require_room(Quota::StepsPerAction, used, more).is_ok(), fits, "{used} + {more}");
        };
        check(0, 3, true);
        check(2, 1, true);
        check(3, 1, false);
        check(0, 4, false);
        check(u32::MAX, 1, false);
        // What is there already stays, also where the setting has been lowered since.
        check(9, 0, true);
        let fault = quotas.require_room(Quota::StepsPerAction, 3, 1).unwrap_err();
        let expect = "Decision steps of the action: 3 in use, 1 more requested, 3 at most \
            (setting quota_steps_per_action of the service).";
        assert_eq!(fault.detail.in_language(Language::En), expect);
        assert_eq!(fault.culprits[0].code, "quota_steps_per_action");
    }
}
