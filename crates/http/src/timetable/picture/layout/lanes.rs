//! The lanes: steps with their periods in as many rows as keep them apart, the meetings of the body below them, and the
//! arrows from one step to the next that waits for it.

use super::axis::Scale;
use super::legend::{Used, mark};
use super::{LEFT, Layers, MARGIN, NAMES, RIGHT, fitted};
use crate::timetable::picture::letters::{as_set, lines, shortened, width};
use crate::timetable::picture::scene::{Arrow, Group, Handled, Lane, Scene, Step};
use crate::timetable::picture::shapes::{Face, Form, Ink, Point, Shape, Text};
use std::collections::BTreeMap;
use yhteen_domain::ids::StepId;
use yhteen_domain::time::midnight;
use yhteen_domain::timetable::Placement;

/// The height of the name of an organisation.
const HEADING: f64 = 26.0;
/// The height of one row of steps.
const ROW: f64 = 40.0;
/// Where in its row a step is.
const MIDDLE: f64 = 26.0;
/// The height of the meetings of a body.
const TRACK: f64 = 18.0;
/// What stays free above and below.
const AIR: f64 = 5.0;
/// The size of the letters of names and labels.
const SIZE: f64 = 12.0;
/// The height of one line of a name.
const LINE: f64 = 16.0;
/// About how many meetings are drawn at most.
const MOST_MEETINGS: usize = 4_000;

/// Where a step is.
#[derive(Clone, Copy, Debug)]
struct Spot {
    /// Its agenda deadline.
    deadline: f64,
    /// Its meeting.
    meeting: f64,
    y: f64,
}

/// Places all lanes, from the height `y` on. Answers where they end.
pub(super) fn place(scene: &Scene, scale: Scale, y: f64, layers: &mut Layers, used: &mut Used) -> f64 {
    let lanes = scene.groups.iter().map(|group| group.lanes.len()).sum::<usize>();
    let most = MOST_MEETINGS / lanes.max(1);
    let mut placing = Placing { scene, scale, layers, used, most, spots: BTreeMap::new() };
    let mut y = y;
    for group in &scene.groups {
        y = placing.group(group, y);
    }
    if scene.groups.is_empty() {
        y += 8.0;
    }
    for arrow in &scene.arrows {
        placing.arrow(arrow);
    }
    y
}

struct Placing<'a> {
    scene: &'a Scene,
    scale: Scale,
    layers: &'a mut Layers,
    used: &'a mut Used,
    /// How many meetings of a body are drawn at most.
    most: usize,
    spots: BTreeMap<StepId, Spot>,
}

impl Placing<'_> {
    fn group(&mut self, group: &Group, y: f64) -> f64 {
        let band = Form::Box((MARGIN, y), RIGHT - MARGIN, HEADING);
        self.layers.back.push(Shape::filled(band, Ink::Band));
        let at = (MARGIN + 6.0, y + HEADING - 8.5);
        let name = fitted(at, SIZE + 1.0, Face::Bold, Ink::Text, &group.name, RIGHT - LEFT);
        self.layers.label(name, Ink::Band);
        group.lanes.iter().fold(y + HEADING, |y, lane| self.lane(lane, y))
    }

    fn lane(&mut self, lane: &Lane, top: f64) -> f64 {
        let mut y = top + AIR;
        let face = if lane.hidden { Face::Italic } else { Face::Plain };
        let name = lines(&lane.name, SIZE + 1.0, NAMES, 3);
        let mut baseline = y + LINE;
        for line in &name {
            let text = Shape::text((MARGIN + 6.0, baseline), SIZE + 1.0, face, Ink::Text, line.as_str());
            self.layers.texts.push(text.saying(lane.name.as_str()));
            baseline += LINE;
        }
        // Where others may stand beside it, a label is shorter.
        let longest = match lane.steps.len() {
            0 | 1 => 600.0,
            2 | 3 => 400.0,
            _ => 280.0,
        };
        for row in rows(lane.steps.iter().map(|step| self.span(step, longest))) {
            for step in row.into_iter().filter_map(|index| lane.steps.get(index)) {
                self.step(step, y, longest);
            }
            y += ROW;
        }
        if lane.meetings.iter().any(|meeting| self.scale.shows(meeting.starts_at)) {
            self.meetings(lane, y + TRACK / 2.0);
            y += TRACK;
        }
        let bottom = (y + AIR).max(baseline - LINE + AIR + 4.0);
        let line = Form::Line(vec![(MARGIN, bottom), (RIGHT, bottom)]);
        self.layers.guides.push(Shape::outlined(line, Ink::Grid, 1.0));
        bottom
    }

    /// From where to where a step needs its row, with its label and arrows.
    fn span(&self, step: &Step, longest: f64) -> (f64, f64) {
        let handled = step.handled.iter().map(|handled| self.scale.x(handled.at));
        let Some(place) = step.place else {
            let label = LEFT + 26.0 + width(&step.label, SIZE).min(longest);
            return (LEFT, handled.map(|x| x + 10.0).fold(label, f64::max));
        };
        let (meeting, deadline) = (self.scale.x(place.starts_at), self.scale.x(place.agenda_deadline));
        let (label, wide) = label_of(step, meeting, longest);
        let force = place.legal_force_on.map(|on| self.scale.x(midnight(on)) + 6.0);
        let latest = step.latest.map(|latest| self.scale.x(latest));
        // What leads here comes from there, and what leads away goes there.
        let leads = self.scene.arrows.iter();
        let from = leads.clone().filter(|arrow| arrow.to == step.id).map(|arrow| self.scale.x(arrow.at));
        let to = leads.filter(|arrow| arrow.from == step.id).map(|arrow| self.scale.x(arrow.at) + 10.0);
        let left = from.chain([label, deadline - 4.0]).chain(handled.map(|x| x - 10.0)).fold(meeting - 10.0, f64::min);
        let right = to.chain([label + wide]).chain(force).chain(latest).fold(meeting + 10.0, f64::max);
        (left, right)
    }

    fn step(&mut self, step: &Step, top: f64, longest: f64) {
        let y = top + MIDDLE;
        for Handled { at, ended, hint } in &step.handled {
            let at = (self.scale.x(*at), y);
            let shapes = if *ended { refused(at) } else { deferred(at) };
            self.layers.marks.extend(shapes.map(|shape| shape.saying(hint.as_str())));
            if *ended {
                self.used.refused = true;
            } else {
                self.used.deferred = true;
            }
        }
        let (ink, soft) = if step.in_chain { (Ink::Chain, Ink::ChainSoft) } else { (Ink::Plan, Ink::PlanSoft) };
        let Some(place) = step.place else {
            self.used.unplaced = true;
            let circle = Shape::outlined(Form::Circle((LEFT + 10.0, y - 4.0), 6.0), Ink::Muted, 1.5).on(Ink::Paper);
            self.layers.marks.push(circle.dashed("2 2").saying(step.hint.as_str()));
            let label = shortened(&step.label, SIZE, longest);
            let text = Shape::text((LEFT + 24.0, y), SIZE, Face::Italic, Ink::Muted, label);
            self.layers.label(text.saying(step.hint.as_str()), Ink::Paper);
            return;
        };
        let (meeting, deadline) = (self.scale.x(place.starts_at), self.scale.x(place.agenda_deadline));
        self.spots.insert(step.id, Spot { deadline, meeting, y });
        self.slack(step, meeting, y + 9.0);
        self.periods(&place, y, (ink, soft), step.hint.as_str());
        let lead = Form::Line(vec![(deadline, y), (meeting, y)]);
        self.layers.marks.push(Shape::outlined(lead, ink, 1.2));
        self.layers.marks.push(Shape::filled(Form::Circle((deadline, y), 2.6), ink));
        if step.in_chain {
            self.used.chain = true;
            self.layers.marks.push(Shape::outlined(Form::Circle((meeting, y), 10.0), ink, 1.5).on(Ink::Paper));
        }
        for shape in mark(step.state, (meeting, y), ink) {
            self.layers.marks.push(shape.saying(step.hint.as_str()));
        }
        self.used.states.insert(step.state);
        let (left, wide) = label_of(step, meeting, longest);
        let face = face_of(step);
        let label = shortened(&step.label, as_set(SIZE, face), wide + 0.1);
        let text = Text { at: (left, y - 13.0), ends: false, size: SIZE, face, content: label };
        let ink = if step.in_chain { Ink::Chain } else { Ink::Text };
        self.layers.label(Shape::filled(Form::Text(text), ink).saying(step.hint.as_str()), Ink::Paper);
    }

    /// From the decision to deemed notice, and from there to legal force.
    fn periods(&mut self, place: &Placement, y: f64, (ink, soft): (Ink, Ink), hint: &str) {
        let Some(force) = place.legal_force_on.map(|on| self.scale.x(midnight(on))) else { return };
        let decided = self.scale.x(place.decided_at).min(force);
        self.used.periods |= force - decided >= 1.0;
        self.used.force = true;
        let notice = place.notice_on.map_or(decided, |on| self.scale.x(midnight(on))).clamp(decided, force);
        let thin = Form::Box((decided, y - 2.5), notice - decided, 5.0);
        self.layers.marks.push(Shape::outlined(thin, ink, 1.0).on(Ink::Paper).saying(hint));
        let thick = Form::Box((notice, y - 5.5), force - notice, 11.0);
        self.layers.marks.push(Shape::outlined(thick, ink, 1.0).on(soft).saying(hint));
        self.layers.marks.push(Shape::filled(diamond((force, y), 6.5), ink).saying(hint));
    }

    /// From the meeting to the last one that would do.
    fn slack(&mut self, step: &Step, meeting: f64, y: f64) {
        let Some(latest) = step.latest.map(|latest| self.scale.x(latest)).filter(|latest| *latest > meeting + 3.0)
        else {
            return;
        };
        self.used.slack = true;
        let line = Shape::outlined(Form::Line(vec![(meeting, y), (latest, y)]), Ink::Muted, 1.2);
        self.layers.marks.push(line.dashed("3 3"));
        let end = Form::Line(vec![(latest, y - 4.0), (latest, y + 4.0)]);
        self.layers.marks.push(Shape::outlined(end, Ink::Muted, 1.6));
    }

    /// The meetings of a body that are shown, each with its deadline. Where there are too many, some are left out.
    fn meetings(&mut self, lane: &Lane, y: f64) {
        let shown = lane.meetings.iter().filter(|meeting| self.scale.shows(meeting.starts_at)).count();
        #[allow(clippy::cast_precision_loss, reason = "no body has that many meetings")]
        let least = if shown > self.most { (RIGHT - LEFT) / self.most as f64 } else { 0.0 };
        let mut last = f64::NEG_INFINITY;
        for meeting in lane.meetings.iter().filter(|meeting| self.scale.shows(meeting.starts_at)) {
            let (x, deadline) = (self.scale.x(meeting.starts_at), self.scale.x(meeting.deadline));
            if x - last < least {
                self.used.thinned = true;
                continue;
            }
            last = x;
            let lead = Form::Line(vec![(deadline, y), (x, y)]);
            self.layers.marks.push(Shape::outlined(lead, Ink::Muted, 0.8));
            if self.scale.shows(meeting.deadline) {
                self.layers.marks.push(Shape::filled(Form::Circle((deadline, y), 1.7), Ink::Muted));
                self.used.deadlines = true;
            }
            if meeting.cancelled {
                self.used.cancelled = true;
                self.layers.marks.extend(cancelled((x, y)));
            } else {
                self.used.meetings = true;
                self.layers.marks.push(held((x, y)));
            }
        }
    }

    /// From where a step has reached what the next waits for, to the deadline of that, or to its meeting.
    fn arrow(&mut self, arrow: &Arrow) {
        let Some((from, to)) = self.spots.get(&arrow.from).zip(self.spots.get(&arrow.to)) else { return };
        let start = self.scale.x(arrow.at);
        // What is due by the meeting may be later than its deadline.
        let end = if start <= to.deadline + 1.0 { to.deadline - 3.0 } else { to.meeting - 11.0 };
        let turn = start + 10.0;
        let down = if to.y >= from.y { 1.0 } else { -1.0 };
        let (line, head) = if (to.y - from.y).abs() < 1.0 {
            (vec![(start, from.y), (end, to.y)], head((end, to.y), (1.0, 0.0)))
        } else if end - turn >= 8.0 {
            let line = vec![(start, from.y), (turn, from.y), (turn, to.y), (end, to.y)];
            (line, head((end, to.y), (1.0, 0.0)))
        } else {
            // There is no room to come from the left: it comes from above.
            let (x, gap) = if start <= to.deadline + 1.0 { (to.deadline, 4.0) } else { (to.meeting, 11.0) };
            let tip = (x, to.y - down * gap);
            (vec![(start, from.y), (x, from.y), tip], head(tip, (0.0, down)))
        };
        self.layers.arrows.push(Shape::outlined(Form::Line(line), Ink::Chain, 1.6));
        self.layers.arrows.push(Shape::filled(head, Ink::Chain));
        self.used.arrows = true;
    }
}

/// What the start waits for stands out.
fn face_of(step: &Step) -> Face {
    if step.in_chain { Face::Bold } else { Face::Plain }
}

/// Where the label of a step begins, and how wide it is: beside its line to the end, or before the margin.
fn label_of(step: &Step, meeting: f64, longest: f64) -> (f64, f64) {
    let wide = width(&step.label, as_set(SIZE, face_of(step))).min(longest);
    ((meeting - 7.0).min(RIGHT - wide).max(LEFT), wide)
}

/// In which row each of the spans goes, so that no two of a row touch: the first in which it has room.
fn rows(spans: impl Iterator<Item = (f64, f64)>) -> Vec<Vec<usize>> {
    let mut rows: Vec<Vec<(usize, (f64, f64))>> = Vec::new();
    for (index, span) in spans.enumerate() {
        let apart = |(_, (from, to)): &(usize, (f64, f64))| span.1 + 8.0 <= *from || span.0 >= *to + 8.0;
        match rows.iter_mut().find(|row| row.iter().all(apart)) {
            Some(row) => row.push((index, span)),
            None => rows.push(vec![(index, span)]),
        }
    }
    rows.into_iter().map(|row| row.into_iter().map(|(index, _)| index).collect()).collect()
}

/// A square on its corner.
pub(super) fn diamond((x, y): Point, radius: f64) -> Form {
    Form::Polygon(vec![(x - radius, y), (x, y - radius), (x + radius, y), (x, y + radius)])
}

/// A meeting.
pub(super) fn held((x, y): Point) -> Shape {
    Shape::outlined(Form::Line(vec![(x, y - 5.0), (x, y + 5.0)]), Ink::Muted, 2.0)
}

/// A handling after which the matter comes up again: hollow, with a bar as on a table.
pub(super) fn deferred((x, y): Point) -> [Shape; 2] {
    [
        Shape::outlined(Form::Circle((x, y), 6.0), Ink::Muted, 1.5).on(Ink::Paper),
        Shape::outlined(Form::Line(vec![(x - 3.5, y), (x + 3.5, y)]), Ink::Muted, 1.8),
    ]
}

/// A handling that decided against it: a cross.
pub(super) fn refused((x, y): Point) -> [Shape; 2] {
    let line = |dy: f64| Shape::outlined(Form::Line(vec![(x - 5.5, y - dy), (x + 5.5, y + dy)]), Ink::Trouble, 2.4);
    [line(5.5), line(-5.5)]
}

/// A meeting that was called off: hollow, and struck out.
pub(super) fn cancelled((x, y): Point) -> [Shape; 2] {
    [
        Shape::outlined(Form::Circle((x, y), 4.0), Ink::Muted, 1.2).on(Ink::Paper),
        Shape::outlined(Form::Line(vec![(x - 5.0, y + 5.0), (x + 5.0, y - 5.0)]), Ink::Muted, 1.4),
    ]
}

/// The head of an arrow with its tip at a point, in a direction along an axis.
pub(super) fn head((x, y): Point, (dx, dy): Point) -> Form {
    let (back_x, back_y) = (x - 7.0 * dx, y - 7.0 * dy);
    Form::Polygon(vec![(x, y), (back_x - 4.0 * dy, back_y - 4.0 * dx), (back_x + 4.0 * dy, back_y + 4.0 * dx)])
}
