//! Bookings: the meeting that a step is to have. Anyone in charge of the route proposes, the body's own organisation
//! alone books, declines and hands in.
//!
//! A step has one booking at a time, so that nobody can set aside what the body's organisation has reserved by
//! proposing something else.

use crate::decision_steps::DecisionStep;
use crate::fault::Fault;
use crate::ids::{MeetingId, OrganisationId};
use crate::message;
use crate::time::{Date, Instant, date_of};
use crate::timetable::{BookingState, Occasion};

crate::codes! {
    /// The step is not open any more: it has been decided, or cannot be handled again.
    DECIDED = Conflict "booking.decided" { fi: "Vaihe on jo käsitelty", sv: "Steget har redan behandlats", en: "The step has been decided" }
    /// The meeting is cancelled; choose another one.
    MEETING_CANCELLED = Conflict "booking.meeting_cancelled" { fi: "Kokous on peruttu", sv: "Sammanträdet är inställt", en: "The meeting is cancelled" }
    /// The meeting has begun or been held, so nothing can be reserved at it or handed in for it.
    MEETING_PAST = Conflict "booking.meeting_past" { fi: "Kokous on jo alkanut", sv: "Sammanträdet har redan börjat", en: "The meeting has begun" }
    /// The body's organisation has reserved a meeting already; only it can choose another.
    ACCEPTED = Conflict "booking.accepted" { fi: "Kokous on jo varattu", sv: "Ett sammanträde är redan bokat", en: "A meeting is already booked" }
    /// Nothing has been proposed that could be accepted or declined.
    NOT_PROPOSED = Conflict "booking.not_proposed" { fi: "Varausta ei ole ehdotettu", sv: "Ingen bokning har föreslagits", en: "No booking has been proposed" }
    /// The step has no reserved meeting for which it could be handed in.
    NOT_BOOKED = Conflict "booking.not_booked" { fi: "Kokousta ei ole varattu", sv: "Inget sammanträde är bokat", en: "No meeting is booked" }
    /// The plan has changed since the timetable was read: a step, a meeting or the time is another. Read the timetable
    /// again, and book what it says now.
    PLAN_CHANGED = Conflict "booking.plan_changed" { fi: "Suunnitelma on muuttunut", sv: "Planen har ändrats", en: "The plan has changed" }
    /// The plan has no meeting for some step, so it cannot be booked as a whole; `errors` names each of them.
    NO_PLAN = Conflict "booking.no_plan" { fi: "Kaikille vaiheille ei ole kokousta", sv: "Alla steg har inget sammanträde", en: "Some steps have no meeting" }
}

/// The meeting, or an office holder's day, that a step is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    /// Where.
    pub occasion: Occasion,
    /// Whether the body's own organisation agrees.
    pub state: BookingState,
    /// The organisation that asked for it.
    pub proposed_by: OrganisationId,
    /// When it asked.
    pub proposed_at: Instant,
    /// When the body's organisation answered.
    pub answered_at: Option<Instant>,
    /// When the matter was put on the agenda.
    pub handed_in_at: Option<Instant>,
}

/// What the rules ask of the place where a step is to be handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Venue {
    /// A meeting of the step's body.
    Meeting {
        /// The meeting.
        id: MeetingId,
        /// When it begins.
        starts_at: Instant,
        /// Whether it is called off.
        cancelled: bool,
        /// Whether it is recorded as held.
        held: bool,
    },
    /// A day of the step's office holder.
    Day(Date),
}

impl Venue {
    /// The meeting or the day.
    pub fn occasion(&self) -> Occasion {
        match self {
            Self::Meeting { id, .. } => Occasion::Meeting(*id),
            Self::Day(on) => Occasion::Day(*on),
        }
    }

    /// Refuses a meeting at which nothing could be reserved or handed in at a time that has passed.
    fn require_ahead_of(&self, at: Instant) -> Result<(), Fault> {
        match self {
            Self::Meeting { id, starts_at, cancelled, .. } => {
                Self::Meeting { id: *id, starts_at: *starts_at, cancelled: *cancelled, held: false }.require_ahead(at)
            }
            Self::Day(_) => self.require_ahead(at),
        }
    }

    /// Refuses a meeting at which nothing can be reserved any more.
    fn require_ahead(&self, now: Instant) -> Result<(), Fault> {
        match self {
            Self::Meeting { cancelled: true, .. } => Err(Fault::new(
                &MEETING_CANCELLED,
                message!(
                    fi: "Kokous on peruttu.",
                    sv: "Sammanträdet är inställt.",
                    en: "The meeting is cancelled.",
                ),
            )),
            Self::Meeting { starts_at, held, .. } if *held || *starts_at <= now => Err(Fault::new(
                &MEETING_PAST,
                message!(
                    fi: "Kokous alkoi {starts_at}.",
                    sv: "Sammanträdet började {starts_at}.",
                    en: "The meeting began on {starts_at}.",
                    starts_at = starts_at,
                ),
            )),
            Self::Day(on) if *on < date_of(now) => Err(Fault::new(
                &MEETING_PAST,
                message!(
                    fi: "Päivä {on} on jo mennyt.",
                    sv: "Dagen är redan förbi: {on}.",
                    en: "The day is already past: {on}.",
                    on = on,
                ),
            )),
            Self::Meeting { .. } | Self::Day(_) => Ok(()),
        }
    }
}

impl DecisionStep {
    /// Asks the body's organisation for a meeting. What it has reserved itself is not set aside by that; what is proposed
    /// or reserved already stays as it is.
    ///
    /// # Errors
    /// [`DECIDED`], [`MEETING_CANCELLED`], [`MEETING_PAST`], [`ACCEPTED`].
    pub fn propose_booking(
        self,
        venue: &Venue,
        by: OrganisationId,
        is_open: bool,
        now: Instant,
    ) -> Result<Self, Fault> {
        if self.has_booking(venue.occasion(), &[BookingState::Proposed, BookingState::Accepted]) {
            return Ok(self);
        }
        require_open(is_open)?;
        venue.require_ahead(now)?;
        // What a handling has spent, or what was declined, stands in nobody's way.
        if self.stands_booked() {
            let detail = message!(
                fi: "Toimielimen organisaatio on varannut kokouksen ja valitsee itse toisen.",
                sv: "Organets organisation har bokat ett sammanträde och väljer själv ett annat.",
                en: "The body's organisation has booked a meeting, and only it can choose another one.",
            );
            return Err(Fault::new(&ACCEPTED, detail));
        }
        Ok(self.with_booking(venue.occasion(), BookingState::Proposed, by, None, now))
    }

    /// Reserves a meeting for it, in the place of whatever was proposed or reserved before; what is reserved already
    /// stays as it is, whatever has become of it.
    ///
    /// # Errors
    /// [`DECIDED`], [`MEETING_CANCELLED`], [`MEETING_PAST`].
    pub fn book(self, venue: &Venue, is_open: bool, now: Instant) -> Result<Self, Fault> {
        let (occasion, own) = (venue.occasion(), self.organisation_id);
        if self.has_booking(occasion, &[BookingState::Accepted]) {
            return Ok(self);
        }
        require_open(is_open)?;
        venue.require_ahead(now)?;
        match &self.booking {
            Some(booking) if booking.occasion == occasion && booking.state == BookingState::Proposed => {
                let booking = Booking { state: BookingState::Accepted, answered_at: Some(now), ..booking.clone() };
                Ok(Self { booking: Some(booking), updated_at: self.updated_at.max(now), ..self })
            }
            _ => Ok(self.with_booking(occasion, BookingState::Accepted, own, Some(now), now)),
        }
    }

    /// Records that its meeting was reserved at `at`, before that was entered: also where it has been decided there since.
    ///
    /// # Errors
    /// As [`DecisionStep::book`].
    pub fn booked_at(self, venue: &Venue, at: Instant, is_open: bool, now: Instant) -> Result<Self, Fault> {
        let (occasion, own) = (venue.occasion(), self.organisation_id);
        let known = self.booking.clone().filter(|booking| booking.occasion == occasion);
        let answered = known.as_ref().filter(|booking| booking.state == BookingState::Accepted);
        if answered.is_some_and(|booking| booking.answered_at == Some(at)) {
            return Ok(self);
        }
        require_open(is_open || self.is_handled_at(occasion))?;
        venue.require_ahead_of(at)?;
        let asked = known.as_ref().map_or((own, at), |booking| (booking.proposed_by, booking.proposed_at.min(at)));
        let booking = Booking {
            occasion,
            state: BookingState::Accepted,
            proposed_by: asked.0,
            proposed_at: asked.1,
            answered_at: Some(at),
            handed_in_at: known.and_then(|booking| booking.handed_in_at),
        };
        Ok(Self { booking: Some(booking), updated_at: self.updated_at.max(now), ..self })
    }

    /// Answers what was proposed with yes: the meeting is reserved. What was answered so already stays as it is.
    ///
    /// # Errors
    /// [`NOT_PROPOSED`], else as [`DecisionStep::book`].
    pub fn accept_booking(self, venue: &Venue, is_open: bool, now: Instant) -> Result<Self, Fault> {
        if self.booking.as_ref().is_none_or(|booking| booking.state != BookingState::Accepted) {
            self.require_proposed()?;
        }
        self.book(venue, is_open, now)
    }

    /// Answers what was proposed with no. What was answered so already stays as it is.
    ///
    /// # Errors
    /// [`NOT_PROPOSED`].
    pub fn decline_booking(self, now: Instant) -> Result<Self, Fault> {
        if self.booking.as_ref().is_some_and(|booking| booking.state == BookingState::Declined) {
            return Ok(self);
        }
        let booking = self.require_proposed()?.clone();
        let booking = Booking { state: BookingState::Declined, answered_at: Some(now), ..booking };
        Ok(Self { booking: Some(booking), updated_at: self.updated_at.max(now), ..self })
    }

    /// Records that the matter is on the agenda of the reserved meeting since `at`; now, where nothing is said and nothing
    /// is recorded yet. What is recorded already stays as it is.
    ///
    /// # Errors
    /// [`NOT_BOOKED`], [`DECIDED`], [`MEETING_CANCELLED`], and [`MEETING_PAST`] where it is handed in after the meeting has
    /// begun; `/at` is refused in the future.
    pub fn hand_in(self, venue: &Venue, at: Option<Instant>, is_open: bool, now: Instant) -> Result<Self, Fault> {
        let known = self.booking.as_ref().and_then(|booking| booking.handed_in_at);
        let at = at.map(crate::time::to_microsecond);
        if known.is_some() && (at.is_none() || at == known) {
            return Ok(self);
        }
        // What was handed in before the body handled it there may be entered afterwards.
        let afterwards = at.is_some() && self.is_handled_at(venue.occasion());
        require_open(is_open || afterwards)?;
        let stands =
            |booking: &Booking| booking.state == BookingState::Accepted && (afterwards || !self.is_spent(booking));
        let booking = self.booking.clone().filter(stands);
        let booking = booking.ok_or_else(|| {
            let detail = message!(
                fi: "Vaiheelle ei ole varattu kokousta.",
                sv: "Inget sammanträde är bokat för steget.",
                en: "No meeting is booked for the step.",
            );
            Fault::new(&NOT_BOOKED, detail)
        })?;
        match at {
            Some(at) if at > now => {
                return Err(Fault::invalid(
                    "/at",
                    "in_future",
                    message!(
                        fi: "Asiaa ei ole voitu jättää käsiteltäväksi vielä: aika on tulevaisuudessa.",
                        sv: "Ärendet kan inte ha lämnats in ännu: tidpunkten ligger i framtiden.",
                        en: "The matter cannot have been handed in yet: the time is in the future.",
                    ),
                ));
            }
            Some(at) => venue.require_ahead_of(at)?,
            None => venue.require_ahead(now)?,
        }
        let at = at.unwrap_or(now);
        let booking = Booking { handed_in_at: Some(at), ..booking };
        Ok(Self { booking: Some(booking), updated_at: self.updated_at.max(now), ..self })
    }

    /// Takes back what is proposed or reserved.
    ///
    /// # Errors
    /// [`NOT_BOOKED`] where there is nothing.
    pub fn release_booking(self, now: Instant) -> Result<Self, Fault> {
        if self.booking.as_ref().is_none_or(|booking| self.is_spent(booking)) {
            return Err(Fault::new(
                &NOT_BOOKED,
                message!(
                    fi: "Vaiheelle ei ole ehdotettu eikä varattu kokousta.",
                    sv: "Inget sammanträde har föreslagits eller bokats för steget.",
                    en: "No meeting is proposed or booked for the step.",
                ),
            ));
        }
        Ok(Self { booking: None, updated_at: self.updated_at.max(now), ..self })
    }

    /// Whether its meeting is reserved, and no handling at that meeting has spent the booking.
    pub fn stands_booked(&self) -> bool {
        let accepted = self.booking.as_ref().filter(|booking| booking.state == BookingState::Accepted);
        accepted.is_some_and(|booking| !self.is_spent(booking))
    }

    /// Whether it is booked for the occasion, in one of these states.
    fn has_booking(&self, occasion: Occasion, states: &[BookingState]) -> bool {
        self.booking.as_ref().is_some_and(|booking| booking.occasion == occasion && states.contains(&booking.state))
    }

    fn is_spent(&self, booking: &Booking) -> bool {
        self.is_handled_at(booking.occasion)
    }

    fn is_handled_at(&self, occasion: Occasion) -> bool {
        self.standing_handlings().any(|handling| handling.details.occasion == occasion)
    }

    fn require_proposed(&self) -> Result<&Booking, Fault> {
        let proposed = self.booking.as_ref().filter(|booking| booking.state == BookingState::Proposed);
        proposed.ok_or_else(|| {
            Fault::new(
                &NOT_PROPOSED,
                message!(
                    fi: "Vaiheelle ei ole ehdotettu kokousta.",
                    sv: "Inget sammanträde har föreslagits för steget.",
                    en: "No meeting is proposed for the step.",
                ),
            )
        })
    }

    fn with_booking(
        self,
        occasion: Occasion,
        state: BookingState,
        proposed_by: OrganisationId,
        answered_at: Option<Instant>,
        now: Instant,
    ) -> Self {
        let booking = Booking { occasion, state, proposed_by, proposed_at: now, answered_at, handed_in_at: None };
        Self { booking: Some(booking), updated_at: self.updated_at.max(now), ..self }
    }
}

fn require_open(is_open: bool) -> Result<(), Fault> {
    if is_open {
        Ok(())
    } else {
        Err(Fault::new(
            &DECIDED,
            message!(
                fi: "Vaihe on jo päätetty, joten sille ei voi varata kokousta.",
                sv: "Steget har redan avgjorts, så inget sammanträde kan bokas för det.",
                en: "The step has been decided, so no meeting can be booked for it.",
            ),
        ))
    }
}

#[cfg(test)]
mod tests;
