//! What a changed attribute mapping can change for objects that are in step.

use syncline_expression::Program;

use crate::rule::{FlowType, Mapping, MappingSource};

/// What a difference between two mappings of one target attribute does to a linked object that is
/// wanted under both.
pub(super) enum Difference {
    /// Nothing.
    None,
    /// Something when the two yield different values for it.
    Value,
    /// Perhaps something.
    Any,
}

/// Whether two mappings are the same for every object and every purpose. A schema has one for each
/// target attribute at most.
pub(super) fn same(one: Option<&Mapping>, other: Option<&Mapping>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            same_but_source(one, other)
                && one.matching_priority == other.matching_priority
                && same_source(&one.source, &other.source)
        }
        _ => false,
    }
}

/// What becomes of linked objects, given the old and the new mapping of one target attribute.
pub(super) fn difference(was: Option<&Mapping>, is: Option<&Mapping>) -> Difference {
    let Some(is) = is.filter(|it| flows_on_update(it)) else {
        // The target keeps what it has.
        return Difference::None;
    };
    let Some(was) = was.filter(|it| flows_on_update(it) && same_but_source(it, is)) else {
        return Difference::Any;
    };
    match (&was.source, &is.source) {
        (one, other) if same_source(one, other) => Difference::None,
        // What the old one yields now, it may not have yielded then.
        (MappingSource::Program(one), MappingSource::Program(_)) if !one.goes_by_clock() => {
            Difference::Value
        }
        _ => Difference::Any,
    }
}

pub(super) fn flows_on_update(mapping: &Mapping) -> bool {
    mapping.flow_type != FlowType::ObjectAddOnly
        && !mapping
            .program()
            .is_some_and(|it| it.is_random() && mapping.flow_type != FlowType::AttributeAddOnly)
}

fn same_but_source(one: &Mapping, other: &Mapping) -> bool {
    let (property, others) = (&one.property, &other.property);
    one.target == other.target
        && one.flow_type == other.flow_type
        && one.default == other.default
        && one.nulls == other.nulls
        && property.kind == others.kind
        && property.multi_valued == others.multi_valued
        && property.clearable == others.clearable
}

fn same_source(one: &MappingSource, other: &MappingSource) -> bool {
    match (one, other) {
        (MappingSource::Program(one), MappingSource::Program(other)) => same_program(one, other),
        (MappingSource::Reference(one), MappingSource::Reference(other)) => one == other,
        (MappingSource::DefaultOnly, MappingSource::DefaultOnly) => true,
        _ => false,
    }
}

/// The same text over the same attributes.
fn same_program(one: &Program, other: &Program) -> bool {
    one.text() == other.text()
        && one.attributes() == other.attributes()
        && one.result_type() == other.result_type()
}
