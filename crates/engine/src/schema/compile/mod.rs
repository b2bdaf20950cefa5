//! From a schema to rules. Every problem is told at once, each with the path of the value that
//! causes it.

mod attribute;
mod bytes;
mod cross_tenant;
mod incoming;
mod measure;
mod null_policy;
mod object;
pub(crate) mod scope;

use syncline_expression::{Limits, PatternRoom};
use syncline_model::Schema;

use super::diagnostic::{Diagnostics, SchemaDiagnostic, in_words};
use super::{SynchronizationRule, SynchronizationSchema};
use crate::Rule;

/// What may be inside the objects of the two ends. An extension belongs to the tenant of its end:
/// attributes of the two are never compared by their numbers.
#[derive(Clone, Copy, Debug)]
pub struct Types<'t> {
    pub source: &'t Schema,
    pub target: &'t Schema,
}

impl<'t> From<&'t Schema> for Types<'t> {
    /// The same at both ends.
    fn from(both: &'t Schema) -> Self {
        Self {
            source: both,
            target: both,
        }
    }
}

/// Compiles the object mappings of a schema; helper mappings (disabled, without source object) are
/// kept in the schema and make no rule. `types` tells which attributes exist.
///
/// The cross-tenant matching rule is enforced for schemas of the template `Azure2Azure`: those
/// whose id says so, or whose target directory is a target tenant.
///
/// A stored schema was accepted once, so the length of its expressions, of its constants and of its default values,
/// how much there is in it but patterns, what its patterns have that .NET lacks (letters behind a backslash,
/// repetitions of repetitions) or that one refers to a group inside of it, times that become those of today, values
/// behind the first of a list, pieces of texts that may be empty, standard formats of dates, references that nothing
/// follows, defaults in definitions of attributes, and its unknown members are not judged again; [`compile_with`]
/// judges them where a schema comes in. Objects that need a value which is too long, or at whose text a pattern
/// fails, fail one by one, and so do groups of it that can not be matched ([`Rule::unfindable`]).
pub fn compile<'t>(
    schema: &SynchronizationSchema,
    types: impl Into<Types<'t>>,
) -> Result<Vec<Rule>, Vec<SchemaDiagnostic>> {
    let mut found = Diagnostics::default();
    let limits = Limits {
        unique_rules: usize::MAX,
        accepted: true,
        ..Limits::with_length(Limits::LONGEST)
    };
    let mut room = PatternRoom::accepted();
    let rules = rules(schema, types.into(), &limits, &mut room, &mut found);
    finish(rules, found)
}

/// [`compile`] of a schema that comes in: within limits of its expressions, without members that
/// nobody knows, without comparisons that can not be meant, and with groups that can be matched.
pub fn compile_with<'t>(
    schema: &SynchronizationSchema,
    types: impl Into<Types<'t>>,
    limits: &Limits,
) -> Result<Vec<Rule>, Vec<SchemaDiagnostic>> {
    let mut found = Diagnostics::default();
    measure::check(schema, limits, &mut found);
    // What is without measure is not compiled to say what else is wrong with it.
    if !found.is_empty() {
        return Err(found.into_told());
    }
    let mut room = PatternRoom::of_schema();
    let rules = rules(schema, types.into(), limits, &mut room, &mut found);
    incoming::check(schema, &mut found);
    finish(rules, found)
}

fn finish(rules: Vec<Rule>, found: Diagnostics) -> Result<Vec<Rule>, Vec<SchemaDiagnostic>> {
    if found.is_empty() {
        Ok(rules)
    } else {
        Err(found.into_told())
    }
}

fn rules(
    schema: &SynchronizationSchema,
    types: Types<'_>,
    limits: &Limits,
    room: &mut PatternRoom,
    found: &mut Diagnostics,
) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (at, rule) in schema.synchronization_rules.iter().enumerate() {
        let path = format!("synchronizationRules[{at}]");
        check_rule(rule, &path, found);
        for (at, mapping) in rule.object_mappings.iter().enumerate() {
            let path = format!("{path}.objectMappings[{at}]");
            let mut of_groups = Diagnostics::default();
            if cross_tenant::applies(schema, rule) {
                cross_tenant::check(mapping, &path, found);
                cross_tenant::check_groups(mapping, &path, &mut of_groups);
            }
            let compiled = object::compile(rule, mapping, types, (limits, room), &path, found);
            rules.extend(compiled.map(|compiled| Rule {
                unfindable: (!of_groups.is_empty()).then(|| in_words(&of_groups.into_told())),
                ..compiled
            }));
        }
    }
    rules
}

fn check_rule(rule: &SynchronizationRule, path: &str, found: &mut Diagnostics) {
    if rule.id.is_empty() {
        found.invalid(
            &format!("{path}.id"),
            "a synchronization rule needs the id it was created with",
        );
    }
    for (name, filter) in [
        ("containerFilter", &rule.container_filter),
        ("groupFilter", &rule.group_filter),
    ] {
        if filter.as_ref().is_some_and(|filter| !is_empty(filter)) {
            found.not_supported(
                &format!("{path}.{name}"),
                format!("{name} is not supported yet; set it to null"),
            );
        }
    }
}

/// Null, `{}`, or only empty members: Graph sends such filters for rules without one.
fn is_empty(filter: &serde_json::Value) -> bool {
    match filter {
        serde_json::Value::Null => true,
        serde_json::Value::Array(items) => items.is_empty(),
        serde_json::Value::Object(members) => members.values().all(is_empty),
        _ => false,
    }
}
