//! One attribute mapping becomes a program, a reference or a default.

use syncline_expression as expression;
use syncline_expression::{AttributeTypes as _, Limits, PatternRoom};
use syncline_model::schema::Mutability;
use syncline_model::{Attr, EntityType, Property, PropertyType, Value};

use super::{Diagnostics, null_policy};
use crate::decide::coerce::{self, Misfit};
use crate::evidence::AttributeName;
use crate::rule::{FlowType, Mapping, MappingSource};
use crate::schema::{self, AttributeMapping, AttributeMappingSource, ObjectMapping, SourceType};

pub(super) fn compile(
    object: &ObjectMapping,
    (source, target): (&EntityType, &EntityType),
    (limits, room): (&Limits, &mut PatternRoom),
    path: &str,
    found: &mut Diagnostics,
) -> Vec<Mapping> {
    let mut compiled: Vec<Mapping> = Vec::new();
    for (at, mapping) in object.attribute_mappings.iter().enumerate() {
        let path = format!("{path}.attributeMappings[{at}]");
        let one = One {
            mapping,
            path: &path,
            limits,
        };
        let Some(one) = one.compile(source, target, room, found) else {
            continue;
        };
        if compiled.iter().any(|earlier| earlier.target == one.target) {
            found.invalid(
                &format!("{path}.targetAttributeName"),
                format!(
                    "`{}` is filled by an earlier mapping already; remove one of the two",
                    one.name()
                ),
            );
        }
        compiled.push(one);
    }
    compiled
}

/// One mapping, and where it stands.
struct One<'a> {
    mapping: &'a AttributeMapping,
    path: &'a str,
    limits: &'a Limits,
}

impl One<'_> {
    fn compile(
        &self,
        source: &EntityType,
        target: &EntityType,
        room: &mut PatternRoom,
        found: &mut Diagnostics,
    ) -> Option<Mapping> {
        let Self { mapping, path, .. } = *self;
        let property = target_property(mapping, target, path, found)?;
        let flow_type = flow_type(mapping, path, found);
        let default = default_value(mapping, &property, self.limits, path, found);
        let matching_priority = matching_priority(mapping, &property, path, found);
        if let schema::FlowBehavior::Unknown(word) = &mapping.flow_behavior {
            found.invalid(
                &format!("{path}.flowBehavior"),
                format!("`{word}` is not a flow behaviour; use FlowWhenChanged or FlowAlways"),
            );
        }
        let source = match &mapping.source {
            None => MappingSource::DefaultOnly,
            Some(it) => self.source(it, source, &property, room, found)?,
        };
        let nulls = null_policy::compile(mapping, &property, default.as_ref(), path, found);
        let compiled = Mapping {
            target: property.attr,
            shown_name: AttributeName::of(&property),
            property,
            source,
            flow_type,
            default,
            matching_priority,
            nulls,
        };
        null_policy::check(&compiled, mapping, path, found);
        self.check_use(&compiled, found);
        Some(compiled)
    }

    fn source(
        &self,
        source: &AttributeMappingSource,
        types: &EntityType,
        property: &Property,
        room: &mut PatternRoom,
        found: &mut Diagnostics,
    ) -> Option<MappingSource> {
        let path = format!("{}.source", self.path);
        if let SourceType::Unknown(word) = &source.kind {
            found.invalid(
                &format!("{path}.type"),
                format!("`{word}` is not a source type; use Attribute, Constant or Function"),
            );
            return None;
        }
        let path = format!("{path}.expression");
        let text = match source.text() {
            Ok(text) => text,
            Err(problem) => {
                found.expression(&path, &problem);
                return None;
            }
        };
        if let Some(reference) = reference(&text, types) {
            if property.kind != PropertyType::Reference {
                found.invalid(
                    &path,
                    format!("`{text}` refers to objects, `{}` does not", property.name),
                );
                return None;
            }
            if !self.limits.accepted && !is_followed(reference, property.attr) {
                found.invalid(
                    &path,
                    format!(
                        "`{text}` does not flow to `{}`: of references `[manager]` flows to `manager`, and `[members]` to `members`",
                        property.name
                    ),
                );
                return None;
            }
            return Some(MappingSource::Reference(reference));
        }
        if property.kind == PropertyType::Reference {
            found.invalid(
                &path,
                format!(
                    "`{}` refers to objects: map a reference attribute such as `[manager]` to it",
                    property.name
                ),
            );
            return None;
        }
        let program = match expression::compile_within(&text, types, self.limits, room) {
            Ok(program) => program,
            Err(problems) => {
                for problem in problems {
                    found.expression(&path, &problem);
                }
                return None;
            }
        };
        check_constant(&program, property, self.limits, &path, found);
        if program.result_type().many && takes_one(property, self.limits) {
            found.invalid(
                &path,
                format!(
                    "`{}` takes one value, and this yields several; take one with `Item` or put them together with `Join`",
                    property.engine_or_graph_name()
                ),
            );
        }
        Some(MappingSource::Program(Box::new(program)))
    }

    /// What is right by itself and wrong in this mapping.
    fn check_use(&self, compiled: &Mapping, found: &mut Diagnostics) {
        // Each of several references is one to write by itself: whether there is another one is not asked.
        if matches!(compiled.source, MappingSource::Reference(_))
            && compiled.property.multi_valued
            && compiled.flow_type == FlowType::AttributeAddOnly
        {
            found.invalid(
                &format!("{}.flowType", self.path),
                format!(
                    "`{}` refers to several objects, and each is added or removed by itself; use MultiValueAddOnly \
                     to add without removing any, or ObjectAddOnly to give them when the object is created",
                    compiled.property.name
                ),
            );
        }
        let Some(program) = compiled.program() else {
            return;
        };
        let path = format!("{}.source.expression", self.path);
        // At creation, or only while the target has nothing: then it is written once.
        let once = matches!(
            compiled.flow_type,
            FlowType::ObjectAddOnly | FlowType::AttributeAddOnly
        );
        if !once && let Some(problem) = program.problem_flowing_always() {
            found.expression(&path, &problem);
        }
        if let Some(problem) = program.problem_with_unique_rules() {
            found.expression(&path, &problem);
        }
        if program.selects_unique_value() {
            if compiled.flow_type == FlowType::AttributeAddOnly {
                found.invalid(
                    &format!("{}.flowType", self.path),
                    "a unique value is chosen when the object is created; use ObjectAddOnly",
                );
            }
            if compiled.matching_priority > 0 {
                found.invalid(
                    &format!("{}.matchingPriority", self.path),
                    "a matching attribute cannot have a unique value: nobody would ever be found by it; use 0",
                );
            }
        }
    }
}

fn target_property(
    mapping: &AttributeMapping,
    target: &EntityType,
    path: &str,
    found: &mut Diagnostics,
) -> Option<Property> {
    let path = format!("{path}.targetAttributeName");
    let name = mapping.target_attribute_name.as_deref().unwrap_or("");
    if name.is_empty() {
        found.invalid(
            &path,
            "targetAttributeName is missing; write the attribute that the mapping fills",
        );
        return None;
    }
    let Some(property) = target.by_engine_name(name) else {
        let kind = target.kind.engine_name();
        let names = target.properties().iter();
        let names = names.filter_map(|it| it.engine_name.as_deref());
        let hint = if is_extension(name) {
            "; no such directory extension of the target tenant is known, or not any more: register it there, or remove the mapping".to_owned()
        } else if let Some(help) = target.no_name(name) {
            format!("; {help}")
        } else {
            expression::closest(name, names)
                .map(|it| format!("; did you mean `{it}`?"))
                .unwrap_or_default()
        };
        found.invalid(
            &path,
            format!("`{name}` is not an attribute of {kind} in the target{hint}"),
        );
        return None;
    };
    if property.mutability == Mutability::ReadOnly {
        found.invalid(
            &path,
            format!("`{name}` is set by the target itself and cannot be mapped"),
        );
        return None;
    }
    Some(property.clone())
}

fn is_extension(name: &str) -> bool {
    name.starts_with("extension_")
}

fn flow_type(mapping: &AttributeMapping, path: &str, found: &mut Diagnostics) -> FlowType {
    match &mapping.flow_type {
        schema::FlowType::Always => FlowType::Always,
        schema::FlowType::ObjectAddOnly => FlowType::ObjectAddOnly,
        schema::FlowType::MultiValueAddOnly => FlowType::MultiValueAddOnly,
        schema::FlowType::ValueAddOnly => FlowType::ValueAddOnly,
        schema::FlowType::AttributeAddOnly => FlowType::AttributeAddOnly,
        schema::FlowType::Unknown(word) => {
            found.invalid(
                &format!("{path}.flowType"),
                format!(
                    "`{word}` is not a flow type; use Always, ObjectAddOnly, MultiValueAddOnly, ValueAddOnly or \
                     AttributeAddOnly"
                ),
            );
            FlowType::Always
        }
    }
}

/// Real bodies carry `""` where there is no default.
fn default_value(
    mapping: &AttributeMapping,
    property: &Property,
    limits: &Limits,
    path: &str,
    found: &mut Diagnostics,
) -> Option<Value> {
    let text = mapping
        .default_value
        .as_deref()
        .filter(|text| !text.is_empty())?;
    match constant(property, text, limits) {
        Ok(value) => value,
        Err(problem) => {
            found.invalid(&format!("{path}.defaultValue"), problem.to_string());
            None
        }
    }
}

fn matching_priority(
    mapping: &AttributeMapping,
    property: &Property,
    path: &str,
    found: &mut Diagnostics,
) -> u32 {
    let Ok(priority) = u32::try_from(mapping.matching_priority) else {
        found.invalid(
            &format!("{path}.matchingPriority"),
            "a matching priority is 0 (not matching) or larger",
        );
        return 0;
    };
    if priority > 0
        && matches!(
            property.kind,
            PropertyType::Reference | PropertyType::Complex
        )
    {
        found.invalid(
            &format!("{path}.matchingPriority"),
            format!(
                "objects cannot be matched by `{}`; choose a text attribute",
                property.name
            ),
        );
    }
    priority
}

/// Whether a mapping that yields several values is refused. One of telephone numbers may have been stored before it
/// was: then whoever has several fails.
fn takes_one(property: &Property, limits: &Limits) -> bool {
    let is_let_go_on = limits.accepted && property.attr == Attr::BUSINESS_PHONES;
    property.is_one_in_engine() && !is_let_go_on
}

/// `[manager]` and its like. App roles are references in the table, but the engine sees their
/// names, so they are values.
fn reference(text: &str, types: &EntityType) -> Option<Attr> {
    let name = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    let property = types.by_engine_name(name)?;
    (property.kind == PropertyType::Reference && property.attr != Attr::APP_ROLE_ASSIGNMENTS)
        .then_some(property.attr)
}

/// Owners of groups are not read of the source, and one reference in the place of another would take that one's mapping away.
fn is_followed(from: Attr, to: Attr) -> bool {
    matches!(
        (from, to),
        (Attr::MANAGER, Attr::MANAGER) | (Attr::MEMBERS, Attr::MEMBERS)
    )
}

/// A constant that does not fit fails now, not once per object.
fn check_constant(
    program: &expression::Program,
    property: &Property,
    limits: &Limits,
    path: &str,
    found: &mut Diagnostics,
) {
    let tree = program.source_tree();
    if tree.kind != expression::MappingSourceType::Constant {
        return;
    }
    let text = tree.name.clone().unwrap_or_default();
    if let Err(problem) = constant(property, &text, limits) {
        found.invalid(path, problem.to_string());
    }
}

/// What a text of the schema is as a value of the attribute. One that is too long, or no member of the enumeration, in
/// a schema that was accepted once fails where it is used: many objects may never need it.
fn constant(property: &Property, text: &str, limits: &Limits) -> Result<Option<Value>, Misfit> {
    let text = Value::text(text);
    if limits.accepted {
        coerce::to_type(property, text)
    } else {
        coerce::to_property(property, text)
    }
}
