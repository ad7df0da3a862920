//! What a picture is made of: shapes with their places, painted in inks that each theme has its own colour for.

/// A point, from the upper left corner, in pixels of 1/96 inch.
pub type Point = (f64, f64);

/// A picture, ready to be written.
#[derive(Clone, Debug)]
pub struct Drawing {
    /// The width, in pixels.
    pub width: f64,
    /// The height, in pixels.
    pub height: f64,
    /// What it is called, for those who do not see it.
    pub title: String,
    /// What it shows, in words.
    pub description: String,
    /// What is drawn, from the back to the front.
    pub shapes: Vec<Shape>,
}

/// One shape with its paint.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Its form and place.
    pub form: Form,
    /// What fills it.
    pub fill: Option<Ink>,
    /// What draws its outline, and how wide.
    pub stroke: Option<(Ink, f64)>,
    /// The lengths of dashes and gaps of its outline.
    pub dash: Option<&'static str>,
    /// What is said of it to whoever points at it.
    pub hint: Option<String>,
}

/// A form and its place.
#[derive(Clone, Debug)]
pub enum Form {
    /// A rectangle from its upper left corner, with its width and height.
    Box(Point, f64, f64),
    /// A circle around its centre.
    Circle(Point, f64),
    /// Straight lines from point to point.
    Line(Vec<Point>),
    /// The same, back to the first point.
    Polygon(Vec<Point>),
    /// One line of text.
    Text(Text),
}

/// One line of text.
#[derive(Clone, Debug)]
pub struct Text {
    /// Where its baseline begins, or ends.
    pub at: Point,
    /// Whether it ends there.
    pub ends: bool,
    /// The size of its letters, in pixels.
    pub size: f64,
    /// How it is set.
    pub face: Face,
    /// What it says.
    pub content: String,
}

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// As most of it.
    Plain,
    /// For what matters.
    Bold,
    /// For what stands for something that is not said.
    Italic,
}

impl Shape {
    /// A form that is filled.
    pub fn filled(form: Form, ink: Ink) -> Self {
        Self { form, fill: Some(ink), stroke: None, dash: None, hint: None }
    }

    /// A form of which the outline alone is drawn.
    pub fn outlined(form: Form, ink: Ink, width: f64) -> Self {
        Self { form, fill: None, stroke: Some((ink, width)), dash: None, hint: None }
    }

    /// A text whose baseline begins at a point.
    pub fn text(at: Point, size: f64, face: Face, ink: Ink, content: impl Into<String>) -> Self {
        Self::filled(Form::Text(Text { at, ends: false, size, face, content: content.into() }), ink)
    }

    /// With a fill.
    #[must_use]
    pub fn on(self, ink: Ink) -> Self {
        Self { fill: Some(ink), ..self }
    }

    /// With a dashed outline.
    #[must_use]
    pub fn dashed(self, dash: &'static str) -> Self {
        Self { dash: Some(dash), ..self }
    }

    /// With something to say to whoever points at it.
    #[must_use]
    pub fn saying(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// What something is painted with: by its meaning, since each theme has its own colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// The background.
    Paper,
    /// Every other background: of headings.
    Band,
    /// Lines that only guide the eye.
    Grid,
    /// Text.
    Text,
    /// Text and marks in the second place.
    Muted,
    /// What is planned.
    Plan,
    /// The periods of what is planned.
    PlanSoft,
    /// What the start waits for.
    Chain,
    /// The periods of what the start waits for.
    ChainSoft,
    /// The planned start.
    Target,
    /// The earliest start.
    Start,
    /// What stands in the way.
    Trouble,
}

/// The colours on white and on black.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shade {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Ink {
    /// All inks.
    pub const ALL: [Self; 12] = [
        Self::Paper,
        Self::Band,
        Self::Grid,
        Self::Text,
        Self::Muted,
        Self::Plan,
        Self::PlanSoft,
        Self::Chain,
        Self::ChainSoft,
        Self::Target,
        Self::Start,
        Self::Trouble,
    ];

    /// Its name, and its colours on white and on black. All that is read has a contrast of 4.5 : 1 to the paper and
    /// the band, all that is told by its form one of 3 : 1 (WCAG 2.2, AA).
    const fn particulars(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Paper => ("paper", "#ffffff", "#14181d"),
            Self::Band => ("band", "#f2f4f7", "#1e242b"),
            Self::Grid => ("grid", "#dfe3e8", "#323a43"),
            Self::Text => ("text", "#1b1f24", "#eceff3"),
            Self::Muted => ("muted", "#57606a", "#a9b3be"),
            Self::Plan => ("plan", "#2f5d8a", "#8db8e0"),
            Self::PlanSoft => ("plan-soft", "#bcd0e4", "#35526e"),
            Self::Chain => ("chain", "#a8420b", "#f3a26d"),
            Self::ChainSoft => ("chain-soft", "#f0c3a3", "#6d4329"),
            Self::Target => ("target", "#0b6b3a", "#6fcf97"),
            Self::Start => ("start", "#6a2c91", "#cfa3ea"),
            Self::Trouble => ("trouble", "#a4161a", "#ff9c97"),
        }
    }

    /// Its name, in the classes of shapes.
    pub const fn name(self) -> &'static str {
        self.particulars().0
    }

    /// Its colour.
    pub const fn colour(self, shade: Shade) -> &'static str {
        let (_, light, dark) = self.particulars();
        match shade {
            Shade::Light => light,
            Shade::Dark => dark,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The relative luminance of a colour (WCAG 2.2).
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    #[test]
    fn what_is_read_stands_out_in_both_themes() {
        use Ink::{Band, Chain, Muted, Paper, Plan, Start, Target, Text, Trouble};
        for shade in [Shade::Light, Shade::Dark] {
            for (ink, paper) in
                [Text, Muted, Plan, Chain, Target, Start, Trouble].map(|ink| [(ink, Paper), (ink, Band)]).concat()
            {
                let (a, b) = (luminance(ink.colour(shade)), luminance(paper.colour(shade)));
                let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(contrast >= 4.5, "{ink:?} on {paper:?}: {contrast}");
            }
        }
    }
}
