//! What becomes of a target value when the source has none: `nullPolicy` of a mapping, and mappings
//! that can not be without a value.

use syncline_model::{Property, Value};

use super::Diagnostics;
use crate::rule::{Mapping, MappingSource, Nulls};
use crate::schema::{AttributeMapping, NullPolicy};

/// Without a policy a value goes when the source has none; where the target can not be without one,
/// the default takes its place, as it does at creation.
pub(super) fn compile(
    mapping: &AttributeMapping,
    property: &Property,
    default: Option<&Value>,
    path: &str,
    found: &mut Diagnostics,
) -> Nulls {
    match &mapping.null_policy {
        None if !property.clearable && default.is_some() => Nulls::Default,
        None | Some(NullPolicy::Clear) => Nulls::Clear,
        Some(NullPolicy::Ignore) => Nulls::Ignore,
        Some(NullPolicy::Default) => Nulls::Default,
        Some(NullPolicy::Unknown(word)) => {
            found.invalid(
                &format!("{path}.nullPolicy"),
                format!("`{word}` is not a null policy; use ignore, clear or default"),
            );
            Nulls::Clear
        }
    }
}

pub(super) fn check(
    compiled: &Mapping,
    mapping: &AttributeMapping,
    path: &str,
    found: &mut Diagnostics,
) {
    let policy = format!("{path}.nullPolicy");
    let has_default = mapping
        .default_value
        .as_deref()
        .is_some_and(|text| !text.is_empty());
    if mapping.null_policy == Some(NullPolicy::Default) && !has_default {
        found.invalid(
            &policy,
            "the null policy `default` needs a default value; write one in `defaultValue`",
        );
    }
    let refuses = !compiled.property.clearable;
    let clears = mapping.null_policy == Some(NullPolicy::Clear);
    if refuses && clears {
        found.invalid(
            &policy,
            format!(
                "`{}` cannot be cleared in the target; use ignore or default",
                compiled.name()
            ),
        );
    }
    let MappingSource::Program(program) = &compiled.source else {
        return;
    };
    if refuses
        && !has_default
        && let Some(problem) = program.problem_without_value()
    {
        found.expression(&format!("{path}.source.expression"), &problem);
    }
}
