//! The final form of schemas: names for what utoipa inlines or joins by underscores, and texts without line breaks.

use std::collections::BTreeMap;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Schema};

/// How utoipa names a page of a list: see [`crate::answer::Listing`].
const LISTING: &str = "Listing_";
/// Where schemas are.
const SCHEMAS: &str = "#/components/schemas/";

/// Gives every schema of the document its final form.
pub(super) fn finish(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    let renamed = std::mem::take(&mut components.schemas).into_iter().map(|(name, schema)| (page(&name), schema));
    components.schemas = renamed.collect();
    let mut named = BTreeMap::new();
    for (name, schema) in &mut components.schemas {
        each(schema, &mut |schema| finish_one(schema, Some(name), &mut named));
    }
    for operation in document.paths.paths.values_mut().flat_map(super::operations::of).map(|(_, operation)| operation) {
        let parameters = operation.parameters.iter_mut().flatten().filter_map(|parameter| match parameter {
            RefOr::T(parameter) => parameter.schema.as_mut(),
            RefOr::Ref(_) => None,
        });
        let answers = operation.responses.responses.values_mut().filter_map(|answer| match answer {
            RefOr::T(answer) => Some(answer.content.values_mut()),
            RefOr::Ref(_) => None,
        });
        let question = operation.request_body.iter_mut().filter_map(|body| match body {
            RefOr::T(body) => Some(body.content.values_mut()),
            RefOr::Ref(_) => None,
        });
        let contents = answers.flatten().chain(question.flatten()).filter_map(|content| match content {
            RefOr::T(Content { schema, .. }) => schema.as_mut(),
            RefOr::Ref(_) => None,
        });
        for schema in parameters.chain(contents) {
            each(schema, &mut |schema| finish_one(schema, None, &mut named));
        }
    }
    for (name, schema) in named {
        components.schemas.entry(name).or_insert(schema);
    }
}

/// `Listing_Action` is `ActionPage`.
fn page(name: &str) -> String {
    name.strip_prefix(LISTING).map_or_else(|| name.to_owned(), |item| format!("{item}Page"))
}

/// Visits a schema and all that it consists of, from the inside out.
fn each(schema: &mut RefOr<Schema>, visit: &mut impl FnMut(&mut RefOr<Schema>)) {
    if let RefOr::T(within) = schema {
        let parts: Vec<&mut RefOr<Schema>> = match within {
            Schema::Array(array) => match &mut array.items {
                ArrayItems::RefOrSchema(items) => vec![items],
                ArrayItems::False => Vec::new(),
            },
            Schema::Object(object) => {
                let additional = object.additional_properties.as_deref_mut().and_then(|additional| match additional {
                    AdditionalProperties::RefOr(schema) => Some(schema),
                    AdditionalProperties::FreeForm(_) => None,
                });
                object.properties.values_mut().chain(additional).collect()
            }
            Schema::OneOf(one) => one.items.iter_mut().collect(),
            Schema::AllOf(all) => all.items.iter_mut().collect(),
            Schema::AnyOf(any) => any.items.iter_mut().collect(),
            _ => Vec::new(),
        };
        for part in parts {
            each(part, visit);
        }
    }
    visit(schema);
}

/// `name`: that of the component, where the schema is one or a part of one.
fn finish_one(schema: &mut RefOr<Schema>, name: Option<&str>, named: &mut BTreeMap<String, RefOr<Schema>>) {
    match schema {
        RefOr::Ref(reference) => {
            reference.description = unwrapped(&reference.description);
            if let Some(name) = reference.ref_location.strip_prefix(SCHEMAS) {
                reference.ref_location = format!("{SCHEMAS}{}", page(name));
            }
        }
        RefOr::T(Schema::Object(object)) => {
            object.description = object.description.take().map(|text| unwrapped(&text));
            // Identifiers and vocabularies carry their name as a title, so that parameters can refer to them too.
            let Some(title) = object.title.take() else { return };
            if name != Some(&title) {
                let component = std::mem::replace(schema, Ref::from_schema_name(&title).into());
                named.insert(title, component);
            }
        }
        RefOr::T(Schema::Array(array)) => {
            array.description = array.description.take().map(|text| unwrapped(&text));
        }
        RefOr::T(Schema::OneOf(one)) => {
            // What is said of a member is said of it, not of one of its forms.
            let said = one.items.iter_mut().find_map(|item| match item {
                RefOr::Ref(reference) if !reference.description.is_empty() => {
                    Some(std::mem::take(&mut reference.description))
                }
                _ => None,
            });
            one.description = one.description.take().or(said).map(|text| unwrapped(&text));
        }
        RefOr::T(_) => {}
    }
}

/// A text of doc comments without the line breaks of the source; paragraphs and lists stay.
pub(super) fn unwrapped(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.trim().lines().map(str::trim) {
        let alone = line.is_empty() || line.starts_with("- ");
        match lines.last_mut() {
            Some(last) if !alone && !last.is_empty() => *last = format!("{last} {line}"),
            _ => lines.push(line.to_owned()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_and_lists_stay_and_other_line_breaks_go() {
        let check = |text, expect: &str| assert_eq!(unwrapped(text), expect);
        check(" One\n two.\n\n Three.\n", "One two.\n\nThree.");
        check("Kinds:\n\n- `a`: one\n  of them\n- `b`", "Kinds:\n\n- `a`: one of them\n- `b`");
        check("", "");
    }
}
