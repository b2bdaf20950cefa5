//! `testInputObject`: the object an expression is tried on.

use std::borrow::Cow;

use serde_json::Value as Json;
use syncline_engine::schema::{ObjectDefinition, plain};
use syncline_expression::{AttributeInfo, AttributeTypes, Sample};
use syncline_model::predicate::Attributes;
use syncline_model::{Attr, EntityKind, EntityType, Problem, Schema, Value};

use crate::Body;

/// What an expression may name: the attributes of the source object, those that the caller defines,
/// and those of the object itself, which are known best by their values.
pub(super) struct TestObject {
    types: &'static EntityType,
    own: Sample,
    /// Something to evaluate on was sent.
    pub(super) given: bool,
}

impl TestObject {
    /// Reads `testInputObject`; without one the attributes of a user are known and have no values.
    /// `schema` is the tenant's.
    ///
    /// # Errors
    /// 400 when it is not of Graph's shape.
    pub(super) fn read(body: &Body, schema: &Schema) -> Result<Self, Problem> {
        let mut object = Self {
            types: Schema::core().of(EntityKind::User),
            own: Sample::default(),
            given: false,
        };
        let Some(input) = body.object("testInputObject")? else {
            object.extend(schema);
            return Ok(object);
        };
        let properties = input.objects("properties")?;
        object.given = properties.is_some();
        for property in properties.iter().flatten() {
            let key = property.required_text("key")?;
            let value = property.member("value").unwrap_or(&Json::Null);
            object.own.set_json(key, value);
        }
        if let Some(definition) = input.value("definition") {
            object.define(definition, &input)?;
        }
        object.extend(schema);
        Ok(object)
    }

    /// Extensions become attributes of the object: their numbers are those of the tenant, and the
    /// object's own attributes are numbered from the same one.
    fn extend(&mut self, schema: &Schema) {
        let properties = schema.of(self.types.kind).properties();
        for property in properties.iter().filter(|it| it.attr.is_extension()) {
            if self.own.resolve(&property.name).is_none() {
                self.own
                    .set(&property.name, property.kind, property.multi_valued, None);
            }
        }
    }

    fn define(&mut self, definition: &Json, input: &Body) -> Result<(), Problem> {
        let definition: ObjectDefinition = serde_json::from_value(plain(definition.clone()))
            .map_err(|_| input.invalid("definition"))?;
        if definition.name.eq_ignore_ascii_case("Group") {
            self.types = Schema::core().of(EntityKind::Group);
        }
        for attribute in definition.attributes {
            // The object's own value says it better.
            if self.own.resolve(&attribute.name).is_none() {
                let kind = attribute.kind.property_type();
                self.own
                    .set(&attribute.name, kind, attribute.multivalued, None);
            }
        }
        Ok(())
    }
}

impl AttributeTypes for TestObject {
    fn resolve(&self, name: &str) -> Option<AttributeInfo> {
        self.own.resolve(name).or_else(|| self.types.resolve(name))
    }

    fn names(&self) -> Vec<String> {
        let mut names = self.own.names();
        names.extend(self.types.names());
        names
    }

    fn other_name(&self, name: &str) -> Option<String> {
        self.types.other_name(name)
    }

    fn no_name(&self, name: &str) -> Option<&'static str> {
        self.types.no_name(name)
    }
}

impl Attributes for TestObject {
    fn value(&self, attr: Attr) -> Option<Cow<'_, Value>> {
        self.own.value(attr)
    }
}
