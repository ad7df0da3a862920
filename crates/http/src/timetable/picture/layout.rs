//! Where everything goes: a pure function from what is to be shown to shapes.
//!
//! From top to bottom: title and verdict, the labels of the days that matter, the axis, a lane for each body under the
//! heading of its organisation, the legend.

mod axis;
mod lanes;
mod legend;

use super::letters::{as_set, lines, shortened, width};
use super::scene::Scene;
use super::shapes::{Drawing, Face, Form, Ink, Point, Shape};
use super::words::{self, word};
use axis::Scale;
use legend::Used;
use yhteen_domain::time::{Date, midnight};

/// The width of the picture: what fills a page across.
const WIDTH: f64 = 1200.0;
/// What stays free around it.
const MARGIN: f64 = 24.0;
/// The width of the names of bodies.
const NAMES: f64 = 200.0;
/// Where time begins.
const LEFT: f64 = MARGIN + NAMES + 20.0;
/// Where time ends.
const RIGHT: f64 = WIDTH - MARGIN;
/// The most reasons that are listed.
const MOST_REASONS: usize = 8;

/// What is drawn, from the back to the front.
#[derive(Debug, Default)]
struct Layers {
    back: Vec<Shape>,
    guides: Vec<Shape>,
    arrows: Vec<Shape>,
    plates: Vec<Shape>,
    marks: Vec<Shape>,
    texts: Vec<Shape>,
}

impl Layers {
    /// A text on a background of its own, so that no line runs through it.
    fn label(&mut self, text: Shape, ground: Ink) {
        if let Form::Text(label) = &text.form {
            let wide = width(&label.content, as_set(label.size, label.face));
            let left = if label.ends { label.at.0 - wide } else { label.at.0 };
            let corner = (left - 2.0, label.at.1 - label.size);
            self.plates.push(Shape::filled(Form::Box(corner, wide + 4.0, label.size * 1.25), ground));
        }
        self.texts.push(text);
    }
}

/// Lays out a scene.
pub fn layout(scene: &Scene) -> Drawing {
    let scale = Scale::of(scene);
    let mut layers = Layers::default();
    let mut y = heading(scene, &mut layers);
    let days = days(scene, scale, y + 2.0, &mut layers);
    y = days.iter().map(|day| day.label_y).fold(y, f64::max) + 8.0;
    let top = y;
    y = scale.labels(scene.language, y, &mut layers);
    let axis = y;
    let mut used = Used::default();
    y = lanes::place(scene, scale, y, &mut layers, &mut used);
    scale.guides((top, axis, y), &mut layers);
    for day in days {
        layers.guides.extend(day.lines((top, axis), y));
    }
    y = legend::place(scene.language, &used, y + 22.0, &mut layers);
    let height = (y + MARGIN - 8.0).ceil();
    let paper = Shape::filled(Form::Box((0.0, 0.0), WIDTH, height), Ink::Paper);
    let Layers { back, guides, arrows, plates, marks, texts } = layers;
    let shapes = [paper].into_iter().chain(back).chain(guides).chain(arrows).chain(plates).chain(marks).chain(texts);
    Drawing {
        width: WIDTH,
        height,
        title: scene.title.clone(),
        description: scene.description.clone(),
        shapes: shapes.collect(),
    }
}

/// Title, verdict and reasons. Answers where they end.
fn heading(scene: &Scene, layers: &mut Layers) -> f64 {
    let room = WIDTH - 2.0 * MARGIN;
    let mut y = MARGIN;
    let mut write = |text: &str, size: f64, face: Face, ink: Ink, most: usize| {
        for line in lines(text, as_set(size, face), room, most) {
            y += size * 1.4;
            let shape = Shape::text((MARGIN, y), size, face, ink, line);
            layers.texts.push(shape.saying(text));
        }
        y += 4.0;
        y
    };
    write(&scene.title, 22.0, Face::Bold, Ink::Text, 3);
    write(&scene.verdict, 15.0, Face::Plain, Ink::Text, 2);
    let hidden = scene.blocking.len().saturating_sub(MOST_REASONS);
    let more = (hidden > 0).then(|| words::more(hidden, scene.language));
    for reason in scene.blocking.iter().take(MOST_REASONS).chain(&more) {
        write(&format!("– {reason}"), 13.0, Face::Plain, Ink::Trouble, 2);
    }
    write(&scene.about, 12.0, Face::Plain, Ink::Muted, 2)
}

/// A day that matters, with its line through all lanes.
struct Day {
    x: f64,
    label_y: f64,
    ink: Ink,
    dash: Option<&'static str>,
}

impl Day {
    /// From its label down, but for the labels of the axis, which nothing may cross.
    fn lines(&self, (top, axis): (f64, f64), bottom: f64) -> [Shape; 2] {
        [(self.label_y + 5.0, top), (axis, bottom)].map(|(from, to)| {
            let line = Shape::outlined(Form::Line(vec![(self.x, from), (self.x, to)]), self.ink, 1.5);
            Shape { dash: self.dash, ..line }
        })
    }
}

/// Today, the planned and the earliest start: their labels, each in the first row in which it has room.
fn days(scene: &Scene, scale: Scale, y: f64, layers: &mut Layers) -> Vec<Day> {
    const SIZE: f64 = 12.0;
    let all: [(words::Words, Option<Date>, Ink, Option<&'static str>); 3] = [
        (words::TODAY, Some(scene.today), Ink::Muted, Some("6 4")),
        (words::START, scene.earliest_on, Ink::Start, Some("2 3")),
        (words::TARGET, scene.target_on, Ink::Target, None),
    ];
    let mut rows: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut days = Vec::new();
    for (what, on, ink, dash) in all {
        let Some(on) = on else { continue };
        let x = scale.x(midnight(on));
        let text = format!("{} {}", word(what, scene.language), words::dated(on, scene.language));
        let wide = width(&text, as_set(SIZE, Face::Bold));
        // The sign is over the line, the label beside it.
        let ends = x + 10.0 + wide > RIGHT;
        let span = if ends { (x - 14.0 - wide, x + 8.0) } else { (x - 8.0, x + 14.0 + wide) };
        let free = |row: &Vec<(f64, f64)>| row.iter().all(|(from, to)| span.1 <= *from || span.0 >= *to);
        let row = rows.iter().position(free).unwrap_or(rows.len());
        if row == rows.len() {
            rows.push(Vec::new());
        }
        rows.iter_mut().skip(row).take(1).for_each(|spans| spans.push(span));
        #[allow(clippy::cast_precision_loss, reason = "there are three rows")]
        let label_y = y + 24.0 + row as f64 * 18.0;
        let at = (if ends { x - 10.0 } else { x + 10.0 }, label_y);
        let label = Shape::text(at, SIZE, Face::Bold, ink, text);
        let label = match label.form {
            Form::Text(text) => Shape { form: Form::Text(super::shapes::Text { ends, ..text }), ..label },
            _ => label,
        };
        layers.label(label, Ink::Paper);
        layers.marks.push(sign(what, (x, label_y - 4.0), ink));
        days.push(Day { x, label_y, ink, dash });
    }
    days
}

/// What stands over the line of a day: each has a form of its own.
fn sign(what: words::Words, (x, y): Point, ink: Ink) -> Shape {
    if what == words::TODAY {
        return Shape::outlined(Form::Circle((x, y), 4.0), ink, 1.5).on(Ink::Paper);
    }
    let points = if what == words::TARGET {
        // A flag.
        vec![(x, y + 8.0), (x, y - 6.0), (x + 8.0, y - 2.5), (x + 1.5, y + 1.0), (x + 1.5, y + 8.0)]
    } else {
        vec![(x - 4.5, y - 4.5), (x + 5.5, y), (x - 4.5, y + 4.5)]
    };
    Shape::filled(Form::Polygon(points), ink)
}

/// A text that has no more room than this, with all of it for whoever points at it.
fn fitted(at: Point, size: f64, face: Face, ink: Ink, text: &str, room: f64) -> Shape {
    Shape::text(at, size, face, ink, shortened(text, as_set(size, face), room)).saying(text)
}

#[cfg(test)]
mod tests {
    use super::super::scene::{Arrow, Group, Lane, Mark, Step};
    use super::super::shapes::{Shade, Text};
    use super::*;
    use chrono::{Days, TimeDelta};
    use yhteen_domain::ids::{Id, StepId};
    use yhteen_domain::text::Language;
    use yhteen_domain::timetable::{Placement, StepState};

    fn id(number: usize) -> StepId {
        Id::from_uuid(uuid::Uuid::from_u128(number as u128))
    }

    /// A step some days after the first day, of a decision that is final in six weeks.
    fn step(number: usize, days: u64, label: &str) -> Step {
        let on = Date::from_ymd_opt(2026, 1, 12).unwrap() + Days::new(days);
        let starts_at = midnight(on) + TimeDelta::hours(17);
        let place = Placement {
            meeting_id: None,
            starts_at,
            agenda_deadline: starts_at - TimeDelta::days(8),
            decided_at: starts_at + TimeDelta::hours(2),
            notice_on: Some(on + Days::new(12)),
            legal_force_on: Some(on + Days::new(42)),
            minutes_overdue: false,
        };
        Step {
            id: id(number),
            state: [StepState::Open, StepState::Booked, StepState::OnAgenda, StepState::Decided][number % 4],
            in_chain: number.is_multiple_of(3),
            label: label.to_owned(),
            hint: label.to_owned(),
            place: Some(place).filter(|_| number % 7 != 6),
            latest: Some(starts_at + TimeDelta::days(30)),
            handled: (0..number % 3)
                .map(|it| super::super::scene::Handled {
                    at: starts_at - TimeDelta::days(20 * i64::try_from(it + 1).unwrap()),
                    ended: it == 1,
                    hint: label.to_owned(),
                })
                .collect(),
        }
    }

    /// Organisations with three lanes each, of several steps each, whose names are as long as they may be or short.
    fn scene(groups: usize, steps: usize, every: u64, long: bool) -> Scene {
        let name =
            if long { "Kasvatus- ja koulutuslautakunnan yksilöjaosto ".repeat(4) } else { "Valtuusto".to_owned() };
        let lane = |number: usize| Lane {
            name: name.clone(),
            hidden: number % 3 == 1,
            steps: (0..steps).map(|it| step(number * steps + it, (number + it) as u64 * every, &name)).collect(),
            meetings: (0..300)
                .map(|it| {
                    let starts_at = midnight(Date::from_ymd_opt(2025, 12, 1).unwrap()) + TimeDelta::days(it * 3);
                    Mark { deadline: starts_at - TimeDelta::days(7), starts_at, cancelled: it % 5 == 0 }
                })
                .collect(),
        };
        let group =
            |number: usize| Group { name: name.clone(), lanes: (0..3).map(|it| lane(number * 3 + it)).collect() };
        let arrow = |it: usize| {
            let from = step(it, it as u64 * every, "");
            Some(Arrow { from: from.id, at: from.place?.decided_at, to: id(it + steps) })
        };
        Scene {
            language: Language::Fi,
            title: name.clone(),
            verdict: name.clone(),
            blocking: vec![name.clone(); groups],
            about: name.clone(),
            description: name.clone(),
            today: Date::from_ymd_opt(2026, 1, 5).unwrap(),
            target_on: Date::from_ymd_opt(2026, 9, 1),
            earliest_on: Date::from_ymd_opt(2026, 9, 3),
            groups: (0..groups).map(group).collect(),
            arrows: (0..groups * 3).filter_map(arrow).collect(),
        }
    }

    /// All scenes that are tried.
    fn scenes() -> Vec<Scene> {
        let sizes =
            [(0, 0, 0), (1, 1, 10), (2, 2, 0), (5, 1, 20), (5, 4, 9), (5, 13, 3), (1, 60, 400), (3, 1, 100_000)];
        sizes
            .iter()
            .flat_map(|&(groups, steps, every)| [false, true].map(|long| scene(groups, steps, every, long)))
            .collect()
    }

    /// The texts of a drawing with the boxes that they take.
    fn texts(drawing: &Drawing) -> Vec<(&Text, [f64; 4])> {
        let texts = drawing.shapes.iter().filter_map(|shape| match &shape.form {
            Form::Text(text) => Some(text),
            _ => None,
        });
        let boxed = |text: &Text| {
            let wide = width(&text.content, as_set(text.size, text.face));
            let left = if text.ends { text.at.0 - wide } else { text.at.0 };
            [left, text.at.1 - text.size * 0.8, left + wide, text.at.1 + text.size * 0.2]
        };
        texts.map(|text| (text, boxed(text))).collect()
    }

    #[test]
    fn every_text_is_inside_the_picture_and_none_covers_another() {
        for scene in scenes() {
            let drawing = layout(&scene);
            let texts = texts(&drawing);
            for (number, (text, [left, top, right, bottom])) in texts.iter().enumerate() {
                let inside = *left >= 0.0 && *top >= 0.0 && *right <= drawing.width && *bottom <= drawing.height;
                assert!(inside, "{text:?} in {} × {}", drawing.width, drawing.height);
                for (other, [from, above, to, below]) in texts.iter().skip(number + 1) {
                    let apart = right <= from || to <= left || bottom <= above || below <= top;
                    assert!(apart, "{text:?} covers {other:?}");
                }
            }
        }
    }

    #[test]
    fn no_shape_leaves_the_picture_and_their_number_is_bounded() {
        for scene in scenes() {
            let drawing = layout(&scene);
            let within =
                |(x, y): &Point| (-0.1..=drawing.width + 0.1).contains(x) && (-0.1..=drawing.height + 0.1).contains(y);
            for shape in &drawing.shapes {
                let is_inside = match &shape.form {
                    Form::Box(corner, wide, high) => within(corner) && within(&(corner.0 + wide, corner.1 + high)),
                    Form::Circle((x, y), radius) => {
                        within(&(x - radius, y - radius)) && within(&(x + radius, y + radius))
                    }
                    Form::Line(points) | Form::Polygon(points) => points.iter().all(within),
                    Form::Text(_) => true,
                };
                assert!(is_inside, "{shape:?} in {} × {}", drawing.width, drawing.height);
            }
            assert!(drawing.shapes.len() < 25_000, "{}", drawing.shapes.len());
            assert_eq!(drawing.shapes[0].fill.map(|ink| ink.colour(Shade::Light)), Some("#ffffff"));
        }
    }
}
