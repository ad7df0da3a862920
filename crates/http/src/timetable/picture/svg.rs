//! A drawing as SVG that browsers and word processors show alike: every shape carries its colours as attributes, and
//! the style sheet does no more than exchange them for the dark and for paper, so that a program that knows no style
//! sheets loses nothing.

use super::shapes::{Drawing, Face, Form, Ink, Point, Shade, Shape, Text};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::fmt::Write as _;
use std::io;
use yhteen_domain::text::Language;

yhteen_domain::vocabulary! {
    /// The colours of a picture.
    Theme {
        /// Light or dark, as whoever looks at it prefers; light where that is not known.
        Auto = "auto",
        /// Dark on white.
        Light = "light",
        /// Light on black; printed dark on white.
        Dark = "dark",
    }
}

/// The picture fits into its page, but for a page so narrow that nothing could be read: there it keeps its size, and the
/// reader moves along it.
const WIDE_OR_SCROLLED: &str = ":root{max-width:100%;height:auto}\
    @media screen and (max-width:760px){:root{max-width:none;width:960px}}";

/// The fonts of the office, else whatever has no serifs.
const FONTS: &str = "Segoe UI, Arial, sans-serif";

/// Writes a drawing whose texts are in `language`.
pub fn write(drawing: &Drawing, theme: Theme, language: Language) -> io::Result<Vec<u8>> {
    let shade = if theme == Theme::Dark { Shade::Dark } else { Shade::Light };
    let mut writer = Writer::new(Vec::new());
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let (width, height) = (number(drawing.width), number(drawing.height));
    let view = format!("0 0 {width} {height}");
    let language = match language {
        Language::Fi => "fi",
        Language::Sv => "sv",
        Language::En => "en",
    };
    let attributes = [
        ("xmlns", "http://www.w3.org/2000/svg"),
        ("width", width.as_str()),
        ("height", height.as_str()),
        ("viewBox", view.as_str()),
        ("role", "img"),
        ("aria-labelledby", "timetable-title timetable-description"),
        ("xml:lang", language),
        ("lang", language),
        ("font-family", FONTS),
    ];
    writer.create_element("svg").with_attributes(attributes).write_inner_content(|writer| {
        let told =
            [("title", "timetable-title", &drawing.title), ("desc", "timetable-description", &drawing.description)];
        for (element, id, text) in told {
            writer.create_element(element).with_attribute(("id", id)).write_text_content(clean(text))?;
        }
        writer.create_element("style").write_text_content(BytesText::new(&style(theme)))?;
        drawing.shapes.iter().try_for_each(|shape| write_shape(writer, shape, shade))
    })?;
    Ok(writer.into_inner())
}

/// What of the colours changes: in the dark where that is left to the reader, and on paper.
fn style(theme: Theme) -> String {
    let mut style = String::from(WIDE_OR_SCROLLED);
    if theme == Theme::Auto {
        style += &format!("@media screen and (prefers-color-scheme:dark){{{}}}", colours(Shade::Dark));
    }
    let paper = if theme == Theme::Dark {
        style += &root(Shade::Dark);
        colours(Shade::Light)
    } else {
        String::new()
    };
    style += "@media print{";
    style += &paper;
    style += ".f-text,.f-muted{fill:#000}:root{print-color-adjust:exact;-webkit-print-color-adjust:exact}}";
    style
}

fn colours(shade: Shade) -> String {
    Ink::ALL.iter().fold(root(shade), |mut style, ink| {
        let (name, colour) = (ink.name(), ink.colour(shade));
        // Writing to a string cannot fail.
        let _ = write!(style, ".f-{name}{{fill:{colour}}}.s-{name}{{stroke:{colour}}}");
        style
    })
}

/// What is around the picture where it is shown by itself.
fn root(shade: Shade) -> String {
    format!(":root{{background:{}}}", Ink::Paper.colour(shade))
}

fn write_shape(writer: &mut Writer<Vec<u8>>, shape: &Shape, shade: Shade) -> io::Result<()> {
    let Shape { form, fill, stroke, dash, hint } = shape;
    let (name, mut attributes) = place(form);
    let classes = [fill.map(|ink| format!("f-{}", ink.name())), stroke.map(|(ink, _)| format!("s-{}", ink.name()))];
    attributes.push(("class", classes.into_iter().flatten().collect::<Vec<_>>().join(" ")));
    attributes.push(("fill", fill.map_or("none", |ink| ink.colour(shade)).to_owned()));
    if let Some((ink, width)) = stroke {
        attributes.push(("stroke", ink.colour(shade).to_owned()));
        attributes.push(("stroke-width", number(*width)));
        attributes.push(("stroke-linejoin", "round".to_owned()));
    }
    attributes.extend(dash.map(|dash| ("stroke-dasharray", dash.to_owned())));
    let attributes = attributes.iter().map(|(name, value)| (*name, value.as_str()));
    let element = writer.create_element(name).with_attributes(attributes);
    let content = match form {
        Form::Text(text) => Some(&text.content),
        _ => None,
    };
    if content.is_none() && hint.is_none() {
        return element.write_empty().map(drop);
    }
    element
        .write_inner_content(|writer| {
            if let Some(hint) = hint {
                writer.create_element("title").write_text_content(clean(hint))?;
            }
            content.map_or(Ok(()), |content| writer.write_event(Event::Text(clean(content))))
        })
        .map(drop)
}

/// The element of a form, and where it is.
fn place(form: &Form) -> (&'static str, Vec<(&'static str, String)>) {
    let points = |points: &[Point]| {
        let each = points.iter().map(|(x, y)| format!("{},{}", number(*x), number(*y)));
        vec![("points", each.collect::<Vec<_>>().join(" "))]
    };
    match form {
        Form::Box((x, y), width, height) => {
            ("rect", vec![("x", number(*x)), ("y", number(*y)), ("width", number(*width)), ("height", number(*height))])
        }
        Form::Circle((x, y), radius) => {
            ("circle", vec![("cx", number(*x)), ("cy", number(*y)), ("r", number(*radius))])
        }
        Form::Line(line) => ("polyline", points(line)),
        Form::Polygon(polygon) => ("polygon", points(polygon)),
        Form::Text(Text { at: (x, y), ends, size, face, content: _ }) => {
            let mut attributes = vec![("x", number(*x)), ("y", number(*y)), ("font-size", number(*size))];
            attributes.extend(ends.then(|| ("text-anchor", "end".to_owned())));
            attributes.extend(match face {
                Face::Plain => None,
                Face::Bold => Some(("font-weight", "bold".to_owned())),
                Face::Italic => Some(("font-style", "italic".to_owned())),
            });
            ("text", attributes)
        }
    }
}

/// A length to a tenth of a pixel, which nobody sees.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// A text without what XML has no place for (XML 1.0, section 2.2); what it has a meaning for is escaped.
fn clean(text: &str) -> BytesText<'static> {
    let fits = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..);
    let text: String = text.chars().map(|c| if fits(c) { c } else { char::REPLACEMENT_CHARACTER }).collect();
    BytesText::new(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_name_contains_the_xml_is_well_formed() {
        let odd = "]]><script>alert('x')</script>&amp;\"\u{FFFE}\u{FFFF}\u{1F600}e\u{301}\u{202E}--><!--<?x?>";
        let text = Shape::text((1.0, 2.25), 12.0, Face::Italic, Ink::Text, odd).saying(odd);
        let drawing = Drawing {
            width: 10.0,
            height: 10.5,
            title: odd.to_owned(),
            description: odd.to_owned(),
            shapes: vec![text, Shape::outlined(Form::Line(vec![(0.0, 0.0), (1.0, 0.05)]), Ink::Grid, 1.0)],
        };
        for theme in [Theme::Auto, Theme::Light, Theme::Dark] {
            let svg = String::from_utf8(write(&drawing, theme, Language::Sv).unwrap()).unwrap();
            let read = roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{error}: {svg}"));
            let seen = odd.replace(['\u{FFFE}', '\u{FFFF}'], "\u{FFFD}");
            let texts = read.descendants().filter(|node| node.is_text() && node.text() == Some(&seen)).count();
            assert_eq!(texts, 4, "{svg}");
            assert!(!read.descendants().any(|node| node.has_tag_name("script")), "{svg}");
        }
    }
}
