//! Bookings in the database: at most one for each step.

use crate::decision_steps::{Of, load_of};
use crate::dialect::DialectExt;
use crate::schema::{bodies, meetings, organisations, step_bookings};
use crate::sql_types::{At, IdOf, Word};
use crate::{Db, Error, Tx, dangling};
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap};
use yhteen_domain::bookings::{Booking, Venue};
use yhteen_domain::decision_steps::DecisionStep;
use yhteen_domain::holidays::is_working_day;
use yhteen_domain::ids::{BodyId, MeetingId, OrganisationId, StepId};
use yhteen_domain::meetings::MeetingState;
use yhteen_domain::time::Date;
use yhteen_domain::timetable::{self as engine, BookingState, Occasion};
use yhteen_domain::vocabulary::BodyKind;
use yhteen_domain::{Fault, message};

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = step_bookings, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    step_id: IdOf<StepId>,
    meeting_id: Option<IdOf<MeetingId>>,
    day: Option<Date>,
    state: Word<BookingState>,
    proposed_by: IdOf<OrganisationId>,
    proposed_at: At,
    answered_at: Option<At>,
    handed_in_at: Option<At>,
}

/// An occasion as the two columns in which it is kept.
pub(crate) fn columns(occasion: Occasion) -> (Option<IdOf<MeetingId>>, Option<Date>) {
    match occasion {
        Occasion::Meeting(id) => (Some(IdOf(id)), None),
        Occasion::Day(on) => (None, Some(on)),
    }
}

/// The occasion of two columns, of which the table lets exactly one be null.
pub(crate) fn occasion(meeting_id: Option<IdOf<MeetingId>>, day: Option<Date>) -> Occasion {
    meeting_id.map_or_else(|| Occasion::Day(day.unwrap_or_default()), |id| Occasion::Meeting(id.0))
}

impl Row {
    fn of(step: StepId, booking: &Booking) -> Self {
        let Booking { occasion, state, proposed_by, proposed_at, answered_at, handed_in_at } = booking.clone();
        let (meeting_id, day) = columns(occasion);
        Self {
            step_id: IdOf(step),
            meeting_id,
            day,
            state: Word(state),
            proposed_by: IdOf(proposed_by),
            proposed_at: proposed_at.into(),
            answered_at: answered_at.map(At::from),
            handed_in_at: handed_in_at.map(At::from),
        }
    }

    fn booking(self) -> Booking {
        Booking {
            occasion: occasion(self.meeting_id, self.day),
            state: self.state.0,
            proposed_by: self.proposed_by.0,
            proposed_at: self.proposed_at.get(),
            answered_at: self.answered_at.map(At::get),
            handed_in_at: self.handed_in_at.map(At::get),
        }
    }
}

/// The bookings of the steps that are asked for. One statement.
pub(crate) fn of(db: &mut Db, of: Of<'_>) -> Result<BTreeMap<StepId, Booking>, Error> {
    let rows: Vec<Row> = load_of!(db, of, |wanted| step_bookings::table
        .inner_join(decision_steps::table)
        .filter(decision_steps::action_id.eq_any(wanted))
        .select(Row::as_select()))?;
    Ok(rows.into_iter().map(|row| (row.step_id.0, row.booking())).collect())
}

type Planned = (IdOf<StepId>, Option<IdOf<MeetingId>>, Option<Date>, Word<BookingState>, Option<At>);

/// The same as the engine knows them. One statement.
pub(crate) fn planned(db: &mut Db, of: Of<'_>) -> Result<HashMap<StepId, engine::Booking>, Error> {
    let rows: Vec<Planned> = load_of!(db, of, |wanted| step_bookings::table
        .inner_join(decision_steps::table)
        .filter(decision_steps::action_id.eq_any(wanted))
        .select((
            step_bookings::step_id,
            step_bookings::meeting_id,
            step_bookings::day,
            step_bookings::state,
            step_bookings::handed_in_at,
        )))?;
    let bookings = rows.into_iter().map(|(IdOf(step), meeting_id, day, Word(state), handed_in_at)| {
        let occasion = occasion(meeting_id, day);
        (step, engine::Booking { occasion, state, handed_in_at: handed_in_at.map(At::get) })
    });
    Ok(bookings.collect())
}

/// Keeps what has changed of a step's booking.
pub(crate) fn save(tx: &mut Tx<'_>, before: &DecisionStep, step: &DecisionStep) -> Result<(), Error> {
    match (&before.booking, &step.booking) {
        (old, new) if old == new => {}
        (None, Some(booking)) => {
            diesel::insert_into(step_bookings::table).values(Row::of(step.id, booking)).execute(&mut **tx)?;
        }
        (Some(_), Some(booking)) => {
            let row = step_bookings::table.find(IdOf(step.id));
            diesel::update(row).set(Row::of(step.id, booking)).execute(&mut **tx)?;
        }
        (_, None) => {
            diesel::delete(step_bookings::table.find(IdOf(step.id))).execute(&mut **tx)?;
        }
    }
    Ok(())
}

/// Since when there has been a body and its organisation, where that is known.
pub fn exists_since(db: &mut Db, body: BodyId) -> Result<Option<Date>, Error> {
    let found: (Option<Date>, Option<Date>) = bodies::table
        .inner_join(organisations::table)
        .filter(bodies::id.eq(IdOf(body)))
        .select((bodies::valid_from, organisations::valid_from))
        .first(db)?;
    Ok(found.0.max(found.1))
}

/// Where a step is to be handled, or was: a meeting of its body, kept as it is until the transaction ends, or a working
/// day of its office holder. Refuses what the body does not have, at `/meeting_id` or `/day`.
pub fn venue(tx: &mut Tx<'_>, step: &DecisionStep, occasion: Occasion) -> Result<Venue, Error> {
    let kind: Word<BodyKind> =
        bodies::table.find(IdOf(step.body_id)).select(bodies::kind).for_share_of_engine().get_result(&mut **tx)?;
    match (occasion, kind.0) {
        (Occasion::Meeting(_), BodyKind::OfficeHolder) => {
            let detail = message!(
                fi: "Viranhaltijalla ei ole kokouksia: anna päivä.",
                sv: "En tjänsteinnehavare har inga sammanträden: ange en dag.",
                en: "An office holder has no meetings: name a day.",
            );
            Err(Fault::invalid("/meeting_id", "office_holder", detail).into())
        }
        (Occasion::Day(on), BodyKind::OfficeHolder) if !is_working_day(on) => {
            let detail = message!(
                fi: "Viranhaltija päättää arkipäivinä, eikä {on} ole arkipäivä (laki 150/1930, 5 §).",
                sv: "En tjänsteinnehavare beslutar på vardagar, och {on} är ingen vardag (lag 150/1930, 5 §).",
                en: "An office holder decides on working days, which {on} is not (Act 150/1930 §5).",
                on = on,
            );
            Err(Fault::invalid("/day", "no_working_day", detail).into())
        }
        (Occasion::Day(on), BodyKind::OfficeHolder) => Ok(Venue::Day(on)),
        (Occasion::Day(_), _) => Err(Fault::invalid(
            "/day",
            "no_office_holder",
            message!(
                fi: "Toimielimellä on kokouksia: anna niistä yksi.",
                sv: "Organet har sammanträden: ange ett av dem.",
                en: "The body has meetings: name one of them.",
            ),
        )
        .into()),
        (Occasion::Meeting(id), _) => {
            let found: Option<(At, bool, Word<MeetingState>)> = meetings::table
                .filter(meetings::id.eq(IdOf(id)))
                .filter(meetings::body_id.eq(IdOf(step.body_id)))
                .select((meetings::starts_at, meetings::cancelled, meetings::state))
                .for_share_of_engine()
                .get_result(&mut **tx)
                .optional()?;
            let (starts_at, cancelled, state) = found.ok_or_else(|| dangling("/meeting_id"))?;
            Ok(Venue::Meeting { id, starts_at: starts_at.get(), cancelled, held: state.0 == MeetingState::Held })
        }
    }
}
