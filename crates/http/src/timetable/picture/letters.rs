//! How much room a text takes, without a font at hand: more rather than less, so that what fits here fits everywhere.

use super::shapes::Face;

/// The width of a text, in pixels, at a size of its letters in pixels. No usual font is wider.
pub fn width(text: &str, size: f64) -> f64 {
    text.chars().map(breadth).sum::<f64>() * size
}

/// The same for a face, as a size: bold letters take the room of larger ones.
pub fn as_set(size: f64, face: Face) -> f64 {
    if face == Face::Bold { size * 1.17 } else { size }
}

/// The width of a letter, as a part of its size.
fn breadth(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '|' | '\'' | '!' | ' ' => 0.33,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' | '·' | '"' => 0.42,
        'm' | 'M' | 'w' | 'W' | '→' | '@' | '%' | '…' => 1.0,
        '0'..='9' | 'a'..='z' | 'å' | 'ä' | 'ö' | 'é' => 0.63,
        // Marks over the letter before.
        '\u{300}'..='\u{36F}' => 0.0,
        'A'..='Z' | 'Å' | 'Ä' | 'Ö' | 'É' => 0.76,
        '\u{A0}'..='\u{52F}' => 0.8,
        _ => 1.1,
    }
}

/// The text itself, or as much of its beginning as has room, with an ellipsis.
pub fn shortened(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut left = room - width("…", size);
    let fitting = text.chars().take_while(|letter| {
        left -= breadth(*letter) * size;
        left >= 0.0
    });
    let mut short: String = fitting.collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// The text in at most `most` lines, broken between words where that can be. What has no room ends in an ellipsis.
pub fn lines(text: &str, size: f64, room: f64, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut words = text.split_whitespace().peekable();
    while words.peek().is_some() && lines.len() + 1 < most {
        let mut line = String::new();
        while let Some(word) = words.peek() {
            let longer = if line.is_empty() { (*word).to_owned() } else { format!("{line} {word}") };
            if !line.is_empty() && width(&longer, size) > room {
                break;
            }
            line = longer;
            words.next();
        }
        lines.push(shortened(&line, size, room));
    }
    let rest = words.collect::<Vec<_>>().join(" ");
    if !rest.is_empty() {
        lines.push(shortened(&rest, size, room));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_broken_between_words_and_shortened_at_last() {
        let check = |text: &str, most: usize, expect: &[&str]| assert_eq!(lines(text, 10.0, 100.0, most), expect);
        check("Lautakunta", 2, &["Lautakunta"]);
        check("Sivistyslautakunnan jaosto", 2, &["Sivistyslautakun…", "jaosto"]);
        check("Sosiaali- ja terveyslautakunta", 1, &["Sosiaali- ja terv…"]);
        check("Kasvun ja oppimisen lautakunta", 2, &["Kasvun ja", "oppimisen lauta…"]);
        check("", 2, &[]);
        assert_eq!(shortened("abc", 10.0, 0.0), "…");
    }
}
