//! The table of error codes, as a page and as docs/errors.md: both are made from the codes themselves.

use crate::problem::status;
use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use yhteen_domain::{Code, codes};

/// The page at `/docs/errors`, to which the `type` of every problem links.
pub async fn page() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::html()).body(html())
}

/// The codes by what stands before the dot, in their order.
fn groups() -> Vec<(&'static str, Vec<&'static Code>)> {
    let mut groups: Vec<(&str, Vec<&Code>)> = Vec::new();
    for code in codes::all() {
        let prefix = code.name.split('.').next().unwrap_or_default();
        match groups.iter_mut().find(|(name, _)| *name == prefix) {
            Some((_, group)) => group.push(code),
            None => groups.push((prefix, vec![code])),
        }
    }
    groups
}

/// What is said of a code, on one line.
fn about(code: &Code) -> String {
    code.about.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// docs/errors.md.
pub fn markdown() -> String {
    let mut text = "# Error codes\n\n\
        Every error is `application/problem+json` (RFC 9457). Its `code` is one of these and does not change; its \
        `title` is the label in the language of `Accept-Language` (Finnish, Swedish or English); `errors` names the \
        places at fault.\n\n\
        Made by `yhteen errors`; do not edit.\n"
        .to_owned();
    for (prefix, group) in groups() {
        text += &format!("\n## {prefix}\n\n| code | status | label | about |\n|---|---|---|---|\n");
        for code in group {
            let about = about(code).replace('|', "\\|");
            text += &format!("| `{}` | {} | {} | {about} |\n", code.name, status(code.kind).as_u16(), code.en);
        }
    }
    text
}

/// The page, with nothing loaded from elsewhere.
pub fn html() -> String {
    let mut body = String::new();
    for (prefix, group) in groups() {
        body += &format!(
            "<section aria-labelledby=\"{prefix}\">\n<h2 id=\"{prefix}\">{prefix}</h2>\n<table>\n\
             <thead><tr><th scope=\"col\">Code</th><th scope=\"col\">Status</th><th scope=\"col\">Label</th>\
             <th scope=\"col\">About</th></tr></thead>\n<tbody>\n"
        );
        for code in group {
            body.push_str(&row(code));
        }
        body.push_str("</tbody>\n</table>\n</section>\n");
    }
    format!("{HEAD}{body}{FOOT}")
}

fn row(code: &Code) -> String {
    let Code { name, kind, fi, sv, en, about: _ } = code;
    let [fi, sv, en, about] = [fi, sv, en, about(code).as_str()].map(escaped);
    format!(
        "<tr id=\"{name}\"><th scope=\"row\"><a href=\"#{name}\"><code>{name}</code></a></th><td>{}</td>\
         <td>{en}<br><span lang=\"fi\">{fi}</span><br><span lang=\"sv\">{sv}</span></td><td>{}</td></tr>\n",
        status(*kind).as_u16(),
        with_code(&about)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// What stands between backticks, as code.
fn with_code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() }).collect()
}

const HEAD: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Error codes · Yhteen</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
section { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .5rem; border-bottom: 1px solid #888; font-weight: normal; }
thead th { font-weight: bold; }
thead th:nth-child(3) { min-width: 16rem; }
tr:target { background: color-mix(in srgb, Highlight 25%, transparent); }
code { font-family: ui-monospace, monospace; }
</style>
</head>
<body>
<main>
<h1>Error codes</h1>
<p>Every error is <code>application/problem+json</code> (RFC 9457). Its <code>code</code> is one of these and does not
change; its <code>title</code> is the label in the language of <code>Accept-Language</code>; <code>errors</code> names
the places at fault. The operations are described in <a href="/docs/">the interface's documentation</a>.</p>
"#;

const FOOT: &str = "</main>\n</body>\n</html>\n";

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_has_a_place_on_the_page_and_a_line_in_the_table() {
        let (page, table) = (html(), markdown());
        for code in codes::all() {
            assert_eq!(page.matches(&format!("<tr id=\"{}\">", code.name)).count(), 1, "{}", code.name);
            assert_eq!(table.matches(&format!("| `{}` |", code.name)).count(), 1, "{}", code.name);
        }
    }

    #[test]
    fn the_page_loads_nothing() {
        let page = html();
        for forbidden in ["src=", "<script", "<link", "url(", "http:", "https:"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn codes_are_unique_and_of_one_shape() {
        let mut seen = BTreeSet::new();
        for code in codes::all() {
            assert!(seen.insert(code.name), "{} is there twice", code.name);
            let shape = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            assert!(code.name.split('.').count() == 2 && code.name.split('.').all(shape), "{}", code.name);
            for text in [code.fi, code.sv, code.en, code.about] {
                assert!(!text.trim().is_empty(), "{} lacks a text", code.name);
            }
        }
    }
}
