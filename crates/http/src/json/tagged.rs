//! Objects of several forms, told apart by their member `kind`.
//!
//! serde reads such a union too, but through a copy in which it loses the place of what is wrong and takes a list for an
//! object. Here each form is read as any other object; the enum derives `Deserialize` as serde has it by default.

use super::strict::Strict;
use super::{message, pointer};
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{OneOf, OneOfBuilder, RefOr, Schema};

/// What tells the forms apart.
const KIND: &str = "kind";
/// Stands around the pointer in an error that has passed through serde.
const MARK: char = '\u{1f}';

/// One of the forms of an enum of structs, by its `kind`.
#[derive(Clone, Debug)]
pub struct Tagged<T>(pub T);

/// The pointer within the object, and the message.
pub(super) fn split(message: &str) -> Option<(&str, &str)> {
    message.strip_prefix(MARK)?.split_once(MARK)
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Tagged<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Members(mut members) = Members::deserialize(deserializer)?;
        let fail = |at: &str, said: &str| D::Error::custom(format!("{MARK}{at}{MARK}{said}"));
        let kind = match members.remove(KIND) {
            None => return Err(fail("", "missing field `kind`")),
            Some(Value::String(kind)) => kind,
            Some(_) => return Err(fail("/kind", "invalid type: , expected a string")),
        };
        let form = Form { kind: &kind, members };
        serde_path_to_error::deserialize(form).map(Self).map_err(|error| {
            let at = pointer(error.path());
            let said = message(&error.into_inner());
            let unknown = at.is_empty() && said.starts_with("unknown variant");
            fail(if unknown { "/kind" } else { &at }, &said)
        })
    }
}

/// The members of an object, none of them given twice at any depth.
struct Members(Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Distinct { whole: true }).map(|value| match value {
            Value::Object(members) => Self(members),
            _ => Self(Map::new()),
        })
    }
}

/// Reads a value of which no object has a member twice.
struct Distinct {
    /// Whether it is the object of which the rest are parts.
    whole: bool,
}

impl<'de> DeserializeSeed<'de> for Distinct {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Distinct {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.whole { "an object" } else { "a value" })
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        if self.whole {
            return Err(E::invalid_type(serde::de::Unexpected::Unit, &self));
        }
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(Self { whole: false })? {
            all.push(item);
        }
        Ok(all.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(name) = members.next_key::<Cow<'_, str>>()? {
            if all.contains_key(&*name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            let value = members.next_value_seed(Self { whole: false })?;
            all.insert(name.into_owned(), value);
        }
        Ok(all.into())
    }
}

/// An object of a kind, as serde reads an enum.
struct Form<'a> {
    kind: &'a str,
    members: Map<String, Value>,
}

impl<'de> Deserializer<'de> for Form<'_> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Form<'_> {
    type Error = serde_json::Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Self::Error> {
        Ok((seed.deserialize(StrDeserializer::<Self::Error>::new(self.kind))?, self))
    }
}

impl<'de> VariantAccess<'de> for Form<'_> {
    type Error = serde_json::Error;

    fn unit_variant(self) -> Result<(), Self::Error> {
        Err(Error::custom("a form is an object"))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Self::Error> {
        seed.deserialize(Strict(Value::Object(self.members)))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Self::Error> {
        Err(Error::custom("a form is an object"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Self::Error> {
        Strict(Value::Object(self.members)).deserialize_map(visitor)
    }
}

impl<T: utoipa::PartialSchema> utoipa::PartialSchema for Tagged<T> {
    /// The schema that utoipa derives has each form within an object, by its kind: here the kind is a member of it.
    fn schema() -> RefOr<Schema> {
        let derived = T::schema();
        let RefOr::T(Schema::OneOf(OneOf { items, description, .. })) = derived else { return derived };
        let forms = items.into_iter().filter_map(|item| {
            let RefOr::T(Schema::Object(outer)) = item else { return None };
            let (kind, form) = outer.properties.into_iter().next()?;
            let RefOr::T(Schema::Object(mut form)) = form else { return None };
            let word = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([kind.clone()]));
            form.description = form.description.take().or(outer.description);
            let properties = std::mem::take(&mut form.properties);
            form.properties.insert(KIND.to_owned(), word.into());
            form.properties.extend(properties);
            form.required.insert(0, KIND.to_owned());
            Some(form)
        });
        forms.fold(OneOfBuilder::new().description(description), OneOfBuilder::item).into()
    }
}

impl<T: utoipa::ToSchema> utoipa::ToSchema for Tagged<T> {
    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}
