//! The legend: each sign that the picture has, with what it means.

use super::lanes::{cancelled, deferred, diamond, head, held, refused};
use super::{Layers, MARGIN, RIGHT};
use crate::timetable::picture::letters::width;
use crate::timetable::picture::shapes::{Face, Form, Ink, Point, Shape};
use crate::timetable::picture::words::{self, Words, word};
use std::collections::BTreeSet;
use yhteen_domain::text::Language;
use yhteen_domain::timetable::StepState;

/// Which signs the picture has.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "one for each sign")]
pub(super) struct Used {
    pub(super) states: BTreeSet<StepState>,
    pub(super) periods: bool,
    pub(super) force: bool,
    pub(super) slack: bool,
    pub(super) meetings: bool,
    pub(super) deadlines: bool,
    pub(super) cancelled: bool,
    pub(super) unplaced: bool,
    pub(super) chain: bool,
    pub(super) arrows: bool,
    /// Whether some handling put a step off.
    pub(super) deferred: bool,
    /// Whether some handling decided against a step.
    pub(super) refused: bool,
    /// Whether meetings are left out.
    pub(super) thinned: bool,
}

/// The room for a sign.
const SIGN: f64 = 40.0;
const SIZE: f64 = 12.0;

/// A step by how far it has come: each state has a form of its own.
pub(super) fn mark(state: StepState, (x, y): Point, ink: Ink) -> Vec<Shape> {
    match state {
        StepState::Open => vec![Shape::filled(Form::Circle((x, y), 6.0), ink)],
        StepState::Booked => vec![Shape::filled(Form::Box((x - 5.5, y - 5.5), 11.0, 11.0), ink)],
        StepState::OnAgenda => {
            vec![Shape::filled(Form::Polygon(vec![(x - 6.5, y + 5.0), (x, y - 7.0), (x + 6.5, y + 5.0)]), ink)]
        }
        StepState::Decided => {
            let tick = vec![(x - 3.2, y + 0.2), (x - 0.8, y + 2.8), (x + 3.4, y - 2.6)];
            vec![Shape::filled(Form::Circle((x, y), 7.0), ink), Shape::outlined(Form::Line(tick), Ink::Paper, 1.8)]
        }
    }
}

/// Places the legend from the height `y` on. Answers where it ends.
pub(super) fn place(language: Language, used: &Used, mut y: f64, layers: &mut Layers) -> f64 {
    let mut x = MARGIN;
    for (words, sign) in signs(used) {
        let text = word(words, language);
        let wide = SIGN + width(text, SIZE) + 18.0;
        if x + wide > RIGHT && x > MARGIN {
            (x, y) = (MARGIN, y + 22.0);
        }
        layers.marks.extend(sign((x, y)));
        layers.texts.push(Shape::text((x + SIGN, y + 4.0), SIZE, Face::Plain, Ink::Text, text));
        x += wide;
    }
    let mut notes = vec![word(words::LOCAL_TIME, language)];
    if used.states.is_empty() && !used.unplaced {
        notes.insert(0, word(words::NO_STEPS, language));
    }
    if used.thinned {
        notes.push(word(words::THINNED, language));
    }
    y += if x > MARGIN { 26.0 } else { 4.0 };
    layers.texts.push(Shape::text((MARGIN, y), 11.0, Face::Plain, Ink::Muted, notes.join(" ")));
    y
}

/// Draws a sign in the room that begins at a point.
type Sign = Box<dyn Fn(Point) -> Vec<Shape>>;

/// The signs that are used, in the order in which they are read.
fn signs(used: &Used) -> Vec<(Words, Sign)> {
    let mut signs: Vec<(Words, Sign)> = Vec::new();
    let mut add = |is_used: bool, words: Words, sign: fn(Point) -> Vec<Shape>| {
        if is_used {
            signs.push((words, Box::new(sign)));
        }
    };
    add(used.meetings, words::MEETING, |(x, y)| vec![held((x + 18.0, y))]);
    add(used.cancelled, words::CANCELLED, |(x, y)| cancelled((x + 18.0, y)).into());
    add(used.deadlines || !used.states.is_empty(), words::DEADLINE, |(x, y)| {
        vec![
            Shape::outlined(Form::Line(vec![(x + 6.0, y), (x + 28.0, y)]), Ink::Muted, 0.8),
            Shape::filled(Form::Circle((x + 6.0, y), 2.2), Ink::Muted),
            held((x + 28.0, y)),
        ]
    });
    add(used.periods, words::UNTIL_NOTICE, |(x, y)| vec![bar((x + 4.0, y), 5.0, Ink::Paper)]);
    add(used.periods, words::REMEDY, |(x, y)| vec![bar((x + 4.0, y), 11.0, Ink::PlanSoft)]);
    add(used.force, words::LEGAL_FORCE, |(x, y)| vec![Shape::filled(diamond((x + 18.0, y), 6.5), Ink::Plan)]);
    add(used.slack, words::SLACK, |(x, y)| {
        vec![
            Shape::outlined(Form::Line(vec![(x + 4.0, y), (x + 32.0, y)]), Ink::Muted, 1.2).dashed("3 3"),
            Shape::outlined(Form::Line(vec![(x + 32.0, y - 4.0), (x + 32.0, y + 4.0)]), Ink::Muted, 1.6),
        ]
    });
    add(used.chain || used.arrows, words::CHAIN, |(x, y)| {
        vec![
            Shape::outlined(Form::Circle((x + 9.0, y), 8.0), Ink::Chain, 1.5),
            Shape::filled(Form::Circle((x + 9.0, y), 4.5), Ink::Chain),
            Shape::outlined(Form::Line(vec![(x + 17.0, y), (x + 34.0, y)]), Ink::Chain, 1.6),
            Shape::filled(head((x + 35.0, y), (1.0, 0.0)), Ink::Chain),
        ]
    });
    add(used.deferred, words::DEFERRED, |(x, y)| deferred((x + 18.0, y)).into());
    add(used.refused, words::REFUSED, |(x, y)| refused((x + 18.0, y)).into());
    add(used.unplaced, words::NO_DATE, |(x, y)| {
        vec![Shape::outlined(Form::Circle((x + 18.0, y), 6.0), Ink::Muted, 1.5).on(Ink::Paper).dashed("2 2")]
    });
    let states = used.states.iter().map(|state| {
        let state = *state;
        let sign: Sign = Box::new(move |(x, y)| mark(state, (x + 18.0, y), Ink::Plan));
        (words::state(state), sign)
    });
    states.chain(signs).collect()
}

fn bar((x, y): Point, height: f64, fill: Ink) -> Shape {
    Shape::outlined(Form::Box((x, y - height / 2.0), 28.0, height), Ink::Plan, 1.0).on(fill)
}
