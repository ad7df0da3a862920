//! Examples: every body that an operation takes or gives has one. Those of requests stand beside their types; those of
//! answers are put together from the examples of their members.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use utoipa::openapi::schema::{ArrayItems, Object, SchemaType, Type};
use utoipa::openapi::{OpenApi, Ref, RefOr, Schema, SchemaFormat};

/// Where schemas are.
const SCHEMAS: &str = "#/components/schemas/";
/// How deep an example goes: no schema of ours contains itself.
const DEEPEST: usize = 20;

/// Gives every schema of an object that lacks one an example.
pub(super) fn add(document: &mut OpenApi) {
    let Some(components) = document.components.as_mut() else { return };
    let sampler = Sampler { schemas: &components.schemas };
    let made: Vec<(String, Value)> = components
        .schemas
        .iter()
        .filter(|(_, schema)| is_bare_object(schema))
        .map(|(name, schema)| (name.clone(), sampler.of(schema, DEEPEST)))
        .collect();
    for (name, example) in made {
        if let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(&name) {
            object.examples.push(example);
        }
    }
}

fn is_bare_object(schema: &RefOr<Schema>) -> bool {
    let RefOr::T(Schema::Object(object)) = schema else { return false };
    object.examples.is_empty() && !object.properties.is_empty()
}

struct Sampler<'a> {
    schemas: &'a BTreeMap<String, RefOr<Schema>>,
}

impl Sampler<'_> {
    fn of(&self, schema: &RefOr<Schema>, depth: usize) -> Value {
        let Some(depth) = depth.checked_sub(1) else { return Value::Null };
        match schema {
            RefOr::Ref(Ref { ref_location, .. }) => {
                let name = ref_location.strip_prefix(SCHEMAS).unwrap_or_default();
                self.schemas.get(name).map_or(Value::Null, |schema| self.of(schema, depth))
            }
            RefOr::T(Schema::Array(array)) => match (array.examples.first(), &array.items) {
                (Some(example), _) => example.clone(),
                (None, ArrayItems::RefOrSchema(items)) => json!([self.of(items, depth)]),
                (None, ArrayItems::False) => json!([]),
            },
            RefOr::T(Schema::Object(object)) => self.of_object(object, depth),
            RefOr::T(Schema::OneOf(one)) => self.of_first(&one.items, depth),
            RefOr::T(Schema::AnyOf(any)) => self.of_first(&any.items, depth),
            RefOr::T(_) => Value::Null,
        }
    }

    /// The first form that is a value.
    fn of_first(&self, forms: &[RefOr<Schema>], depth: usize) -> Value {
        forms.iter().map(|form| self.of(form, depth)).find(|value| !value.is_null()).unwrap_or_default()
    }

    fn of_object(&self, object: &Object, depth: usize) -> Value {
        if let Some(example) = object.examples.first().or(object.default.as_ref()) {
            return example.clone();
        }
        if let Some(word) = object.enum_values.as_ref().and_then(|words| words.first()) {
            return word.clone();
        }
        match only(&object.schema_type) {
            Type::Object => {
                // A secret is shown once; the example is of all the other times.
                let shown = object.properties.iter().filter(|(_, schema)| !is_secret(schema));
                let member = |(name, schema): (&String, &RefOr<Schema>)| {
                    let usual = usual(name).filter(|value| fits(schema, value));
                    (name.clone(), usual.unwrap_or_else(|| self.of(schema, depth)))
                };
                Value::Object(shown.map(member).collect::<Map<_, _>>())
            }
            Type::Boolean => true.into(),
            Type::Integer | Type::Number => match object.minimum {
                Some(utoipa::Number::Int(least)) => json!(least.max(1)),
                Some(utoipa::Number::UInt(least)) => json!(least.max(1)),
                _ => json!(1),
            },
            Type::String => match format(object).as_deref() {
                Some("date") => "2026-03-24".into(),
                Some("date-time") => "2026-03-24T08:30:00Z".into(),
                Some("uuid") => "01980000-0000-7000-8000-000000000005".into(),
                Some("uri") => "https://yhteen.example/".into(),
                _ => "text".into(),
            },
            _ => Value::Null,
        }
    }
}

fn format(object: &Object) -> Option<String> {
    match object.format.as_ref()? {
        SchemaFormat::KnownFormat(known) => serde_json::to_value(known).ok()?.as_str().map(str::to_owned),
        SchemaFormat::Custom(custom) => Some(custom.clone()),
    }
}

/// The type, or the one besides null.
fn only(of: &SchemaType) -> Type {
    match of {
        SchemaType::Type(one) => one.clone(),
        SchemaType::Array(several) => several.iter().find(|one| **one != Type::Null).cloned().unwrap_or(Type::Null),
        SchemaType::AnyValue => Type::Null,
    }
}

/// Whether the value is of a type that the schema has. What a schema refers to by name is a text or an object.
fn fits(schema: &RefOr<Schema>, value: &Value) -> bool {
    let of = match value {
        Value::Null => Type::Null,
        Value::Bool(_) => Type::Boolean,
        Value::Number(_) => Type::Integer,
        _ => Type::String,
    };
    match schema {
        RefOr::T(Schema::Object(object)) => match &object.schema_type {
            SchemaType::Type(one) => *one == of,
            SchemaType::Array(several) => several.contains(&of),
            SchemaType::AnyValue => true,
        },
        RefOr::T(Schema::OneOf(one)) => one.items.iter().any(|form| fits(form, value)),
        RefOr::Ref(_) => of == Type::String,
        RefOr::T(_) => false,
    }
}

fn is_secret(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if format(object).as_deref() == Some("password"))
}

/// What a member of this name usually is, where its schema does not tell: dates that follow each other, and null for
/// what has not happened.
fn usual(name: &str) -> Option<Value> {
    let value = match name {
        "version" | "revision" => json!(3),
        "created_at" => json!("2026-01-15T10:00:00Z"),
        "starts_on" | "joined_on" | "valid_from" => json!("2026-01-01"),
        "ends_on" => json!("2026-12-31"),
        "opens_on" => json!("2026-12-01"),
        "due_on" => json!("2027-01-31"),
        "starts_at" => json!("2026-11-09T14:00:00Z"),
        "ends_at" => json!("2026-11-09T16:00:00Z"),
        "agenda_deadline" => json!("2026-11-02T10:00:00Z"),
        "minutes_published_on" => json!("2026-03-02"),
        "notice_on" => json!("2026-03-09"),
        "last_day" => json!("2026-03-23"),
        "next" => json!("ZXhhbXBsZQ"),
        "locked" | "cancelled" | "opaque" | "operator" | "tombstone" | "dry_run" => json!(false),
        "parent_id"
        | "umbrella_id"
        | "successor_id"
        | "succeeded_on"
        | "valid_to"
        | "left_on"
        | "held_status"
        | "ended_on"
        | "deactivated_at"
        | "delay_cause"
        | "review_note"
        | "reviewed_at"
        | "reviewed_by"
        | "recorded_legal_force_on"
        | "calendar_uid" => Value::Null,
        _ => return None,
    };
    Some(value)
}
