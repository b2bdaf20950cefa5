//! Attribute flow: what the mappings want the target to hold.
//!
//! Where Entra leaves a target value alone when the source has none, we clear it: the target is a
//! function of the source, so a value that the source lost must go. Defaults are given at creation
//! only, and a default given then is not taken for a lost value; where the target can not be without
//! a value, the default takes its place at any time. A mapping's null policy says otherwise where it
//! is set.

use std::borrow::Cow;

use syncline_expression::{
    Context, Distinct, EvaluationError, Limits, Outcome, Program, shown_up_to,
};
use syncline_model::predicate::Attributes;
use syncline_model::schema::Mutability;
use syncline_model::{Attr, Attrs, EntityKind, Property, Value, b2b, synchronized_group};

use super::source_view::SourceView;
use super::{Case, coerce, diff};
use crate::rule::{FlowType, Mapping, MappingSource, Nulls};
use crate::{Action, Change, Failure};

/// Letters of an expression that a failure quotes: the schema has all of it, and the log a copy for
/// each object.
const LONGEST_EXPRESSION: usize = 300;

/// Letters of what went wrong in it, which may quote a value.
const LONGEST_PROBLEM: usize = 300;

/// Bytes of all values that one object is given, about. Each has a measure of its own, and there may be thousands of
/// mappings: a page holds what they yield for thousands of objects. No user or group of the target has as much.
const ALL_VALUES_BYTES: usize = 256 * 1024;

/// What one mapping yields for one object.
#[derive(Debug, PartialEq)]
pub(crate) enum Flowing {
    Value(Value),
    /// The source has no value.
    Nothing,
    /// The expression says not to touch the attribute.
    Ignored,
}

/// The creation of an object.
/// `chosen` are the unique values that were found to be free.
pub(super) fn create(case: &Case<'_>, chosen: &[(Attr, Value)]) -> Result<Action, Failure> {
    let mut left_empty = Vec::new();
    let mut attrs = Attrs::with_capacity(case.rule.mappings.len());
    let source = view(case);
    for mapping in attribute_mappings(case) {
        if let Some((_, value)) = chosen.iter().find(|(attr, _)| *attr == mapping.target) {
            attrs.put(mapping.target, Some(value.clone()));
            continue;
        }
        if let Some(value) = of_the_target(case, mapping) {
            attrs.put(mapping.target, value);
            continue;
        }
        if let Some(value) = copied(case, mapping, &source) {
            attrs.set(mapping.target, value.clone());
            continue;
        }
        match evaluate(case, mapping)? {
            Flowing::Value(value) => attrs.put(mapping.target, Some(value)),
            Flowing::Nothing => match default_of(case, mapping)? {
                Some(default) => attrs.put(mapping.target, Some(default)),
                None if completes(case, mapping.target) && clears(mapping) => {
                    left_empty.push(mapping.target);
                }
                None => {}
            },
            Flowing::Ignored => {}
        }
    }
    check_all(attrs.iter().map(|(_, value)| value))?;
    let missing = case.rule.required.iter();
    let (unfilled, unmapped): (Vec<&Property>, Vec<&Property>) = missing
        .filter(|property| !attrs.contains(property.attr))
        .partition(|property| case.rule.mapping(property.attr).is_some());
    let names = |properties: &[&Property]| -> Vec<String> {
        let names = properties.iter().map(|it| it.engine_or_graph_name());
        names.map(str::to_owned).collect()
    };
    // What nobody asks for is what the target gives it.
    let unmapped: Vec<&Property> = unmapped
        .into_iter()
        .filter(|it| !completes(case, it.attr))
        .collect();
    match (unfilled.is_empty(), unmapped.is_empty()) {
        (true, true) => Ok(Action::Create { attrs, left_empty }),
        (_, false) => Err(Failure::unmapped(&names(&unmapped))),
        (false, true) => Err(Failure::missing_values(&names(&unfilled))),
    }
}

/// What has to change on a target object. Restoring it counts as an update, not as a creation.
pub(super) fn changes(case: &Case<'_>, current: &Attrs) -> Result<Vec<Change>, Failure> {
    changes_by(case, current, attribute_mappings(case))
}

/// The same, by the mappings alone that say of an object that it is not wanted any more.
pub(super) fn marks(case: &Case<'_>, current: &Attrs) -> Result<Vec<Change>, Failure> {
    let marking = attribute_mappings(case).filter(|mapping| mapping.reads_is_soft_deleted());
    changes_by(case, current, marking)
}

/// The switching off of the target's account alone, by the mapping that says so, or `None` where that says otherwise or fails.
pub(super) fn switching_off(case: &Case<'_>, current: &Attrs) -> Option<Vec<Change>> {
    let changes = disabling(case, current).ok()?;
    (!changes.is_empty()).then_some(changes)
}

/// The same, or nothing where the mapping says otherwise.
pub(super) fn disabling(case: &Case<'_>, current: &Attrs) -> Result<Vec<Change>, Failure> {
    let enabling = attribute_mappings(case).filter(|it| it.target == Attr::ACCOUNT_ENABLED);
    let reads_mark = |it: &&Mapping| case.standing.wanted() || it.reads_is_soft_deleted();
    let mut changes = changes_by(case, current, enabling.filter(reads_mark))?;
    if !diff::only_disables(&changes) {
        changes.clear();
    }
    Ok(changes)
}

fn changes_by<'m>(
    case: &Case<'_>,
    current: &Attrs,
    mappings: impl Iterator<Item = &'m Mapping>,
) -> Result<Vec<Change>, Failure> {
    let mut changes = Vec::new();
    for mapping in mappings {
        let before = current.get(mapping.target);
        // What a hosted tenant keeps of a list that was emptied is an empty one.
        let has = before.filter(|it| diff::is_filled(it));
        let wanted = match of_the_target(case, mapping) {
            Some(value) => value,
            None if !flows_on_update(mapping, has) => continue,
            None => match (&mapping.source, evaluate(case, mapping)?) {
                (_, Flowing::Ignored) => continue,
                (_, Flowing::Value(value)) => diff::merged(mapping, has, value),
                // "None" mappings leave the target alone, but for an empty one.
                (MappingSource::DefaultOnly, Flowing::Nothing) => match has {
                    Some(has) => Some(has.clone()),
                    None => default_of(case, mapping)?,
                },
                (_, Flowing::Nothing) if mapping.nulls == Nulls::Ignore => continue,
                (_, Flowing::Nothing) if is_default(case, mapping, has) => continue,
                (_, Flowing::Nothing) if mapping.flow_type.adds_only() => continue,
                (_, Flowing::Nothing) if mapping.nulls == Nulls::Default => {
                    default_of(case, mapping)?
                }
                (_, Flowing::Nothing) => None,
            },
        };
        let Some(change) = diff::change(mapping.target, before, wanted) else {
            continue;
        };
        if change.new.is_none() && !mapping.property.clearable {
            return Err(Failure::missing_values(&[mapping.name().to_owned()]));
        }
        changes.push(change);
    }
    check_all(changes.iter().filter_map(|change| change.new.as_ref()))?;
    Ok(changes)
}

/// Fails an object that is given too much at once.
fn check_all<'v>(values: impl Iterator<Item = &'v Value>) -> Result<(), Failure> {
    let bytes: usize = values.map(Value::bytes).sum();
    if bytes > ALL_VALUES_BYTES {
        return Err(Failure::too_large(bytes, ALL_VALUES_BYTES));
    }
    Ok(())
}

/// The value of one mapping, in the target's type.
pub(super) fn value_of(case: &Case<'_>, mapping: &Mapping) -> Result<Option<Value>, Failure> {
    Ok(match evaluate(case, mapping)? {
        Flowing::Value(value) => Some(value),
        Flowing::Nothing | Flowing::Ignored => None,
    })
}

/// What the `IsSoftDeleted` mapping yields; false when there is none, which switches soft deletes
/// off.
pub(super) fn is_soft_deleted(case: &Case<'_>) -> Result<bool, Failure> {
    match case.rule.mapping(Attr::IS_SOFT_DELETED) {
        Some(mapping) => Ok(value_of(case, mapping)? == Some(Value::Bool(true))),
        None => Ok(false),
    }
}

/// Mappings that fill attributes: not references, and not `IsSoftDeleted`, which is an action.
fn attribute_mappings<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Mapping> {
    case.rule.mappings.iter().filter(|mapping| {
        mapping.target != Attr::IS_SOFT_DELETED
            && !matches!(mapping.source, MappingSource::Reference(_))
    })
}

/// What the target makes of the attribute whatever is mapped to it. Deciding otherwise, the same change
/// would be reported in every cycle and never be found done.
fn of_the_target(case: &Case<'_>, mapping: &Mapping) -> Option<Option<Value>> {
    (case.rule.target == EntityKind::Group)
        .then(|| synchronized_group::fixed(mapping.target))
        .flatten()
}

/// Whether the target gives the attribute a value of its own when it creates an object without one.
fn completes(case: &Case<'_>, attr: Attr) -> bool {
    case.rule.target == EntityKind::User && b2b::COMPLETED.contains(&attr)
}

/// Whether a value of the target would go at the next look because the source has none.
fn clears(mapping: &Mapping) -> bool {
    let keeps = mapping.nulls == Nulls::Ignore
        || mapping.flow_type.adds_only()
        || matches!(mapping.source, MappingSource::DefaultOnly);
    // A value of whatever kind.
    !keeps && flows_on_update(mapping, Some(&Value::Null))
}

fn flows_on_update(mapping: &Mapping, has: Option<&Value>) -> bool {
    if mapping.property.mutability == Mutability::CreateOnly {
        return false;
    }
    // A random value would be another one each time.
    let random = mapping.program().is_some_and(Program::is_random);
    match mapping.flow_type {
        FlowType::ObjectAddOnly => false,
        FlowType::AttributeAddOnly => has.is_none(),
        FlowType::Always | FlowType::ValueAddOnly | FlowType::MultiValueAddOnly => !random,
    }
}

/// Mappings whose value must be free in the target.
pub(super) fn unique_mappings<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Mapping> {
    attribute_mappings(case)
        .filter(|mapping| mapping.program().is_some_and(Program::selects_unique_value))
}

/// The values to try for such a mapping, the preferred one first, as the target would hold them: not more
/// than a schema that comes in has rules.
pub(super) fn candidates(case: &Case<'_>, mapping: &Mapping) -> Result<Vec<Value>, Failure> {
    let Some(program) = mapping.program() else {
        return Ok(Vec::new());
    };
    let values = program
        .candidates_within(&view(case), &seeded(case, mapping, program), &case.meter)
        .map_err(|error| failed(mapping, program, &error))?;
    let mut fitting: Vec<Value> = Vec::with_capacity(values.len());
    let mut met = Distinct::default();
    for value in values {
        if let Some(value) = fit(case, mapping, program, value)?
            && met.is_new(&value)
        {
            fitting.push(value);
        }
        if fitting.len() == Limits::DEFAULT.unique_rules {
            break;
        }
    }
    Ok(fitting)
}

pub(super) fn evaluate(case: &Case<'_>, mapping: &Mapping) -> Result<Flowing, Failure> {
    let Some(program) = mapping.program() else {
        return Ok(Flowing::Nothing);
    };
    let outcome = if program.is_random() {
        program.evaluate_within(&view(case), &seeded(case, mapping, program), &case.meter)
    } else {
        program.evaluate_within(&view(case), &case.context, &case.meter)
    };
    let value = match outcome.map_err(|error| failed(mapping, program, &error))? {
        Outcome::Ignored => return Ok(Flowing::Ignored),
        Outcome::Value(None) => return Ok(Flowing::Nothing),
        Outcome::Value(Some(value)) => value,
    };
    Ok(match fit(case, mapping, program, value)? {
        Some(value) => Flowing::Value(value),
        None => Flowing::Nothing,
    })
}

/// Whether the clock is read for what the mapping yields. True as well where the mappings of the object have taken more work
/// than they may.
pub(super) fn reads_clock(case: &Case<'_>, mapping: &Mapping) -> bool {
    let program = mapping.program();
    program.is_some_and(|it| it.reads_clock_within(&view(case), &case.context, &case.meter))
}

/// The value that the mapping copies as it stands in the source, if it does nothing else: most do. What
/// [`evaluate`] would yield is the same, by way of a dozen hands.
fn copied<'v>(case: &Case<'_>, mapping: &Mapping, source: &'v SourceView<'_>) -> Option<&'v Value> {
    let attr = mapping.program()?.copies()?;
    let Some(Cow::Borrowed(value)) = source.value(attr) else {
        return None;
    };
    let stays = coerce::stays(&mapping.property, value) && !becomes_external(case, mapping);
    stays.then_some(value)
}

fn view<'a>(case: &'a Case<'_>) -> SourceView<'a> {
    SourceView {
        subject: case.subject,
        standing: &case.standing,
    }
}

/// The context with random numbers of this object's and this attribute's own.
fn seeded(case: &Case<'_>, mapping: &Mapping, program: &Program) -> Context {
    let mut context = case.context.clone();
    if program.is_random() {
        context.seed = seed(case, mapping.target);
    }
    context
}

/// A value in the target's type.
fn fit(
    case: &Case<'_>,
    mapping: &Mapping,
    program: &Program,
    value: Value,
) -> Result<Option<Value>, Failure> {
    let value = coerce::to_property(&mapping.property, value)
        .map_err(|misfit| refused(mapping, program, &misfit.hiding(mapping.is_redacted())))?;
    Ok(value.map(|value| as_external(case, mapping, value)))
}

fn failed(mapping: &Mapping, program: &Program, error: &EvaluationError) -> Failure {
    // What went wrong may name the value it went wrong with.
    let problem = if mapping.is_redacted() {
        format!("its expression fails with {}", error.code)
    } else {
        error.to_string()
    };
    refused(mapping, program, &shown_up_to(&problem, LONGEST_PROBLEM))
}

fn refused(mapping: &Mapping, program: &Program, problem: &str) -> Failure {
    let expression = if mapping.is_redacted() {
        None
    } else {
        let written = program.source_tree().expression.as_deref();
        written.map(|written| shown_up_to(written, LONGEST_EXPRESSION))
    };
    Failure::attribute_validation(mapping.name(), expression.as_deref(), problem)
}

/// The sign-in name of an external user lives in the target's initial domain.
fn as_external(case: &Case<'_>, mapping: &Mapping, value: Value) -> Value {
    match value {
        Value::Text(name) if becomes_external(case, mapping) => {
            Value::text(b2b::external_upn(&name, &case.facts.target_initial_domain))
        }
        other => other,
    }
}

/// The mapping's default value, as the target would hold it. One of a schema that was stored before it was
/// measured may be too long, or no member of the enumeration.
fn default_of(case: &Case<'_>, mapping: &Mapping) -> Result<Option<Value>, Failure> {
    let Some(value) = mapping.default.clone() else {
        return Ok(None);
    };
    let value = coerce::allowed(&mapping.property, value).map_err(|misfit| {
        let problem = misfit.hiding(mapping.is_redacted());
        Failure::attribute_validation(mapping.name(), None, &format!("as its default, {problem}"))
    })?;
    Ok(Some(as_external(case, mapping, value)))
}

/// Whether the target has the default, or neither has a value. Asked of each attribute without a value:
/// nothing is made for it that stays what it is.
fn is_default(case: &Case<'_>, mapping: &Mapping, has: Option<&Value>) -> bool {
    if becomes_external(case, mapping) {
        let default = mapping.default.clone();
        has == default.map(|it| as_external(case, mapping, it)).as_ref()
    } else {
        has == mapping.default.as_ref()
    }
}

fn becomes_external(case: &Case<'_>, mapping: &Mapping) -> bool {
    mapping.target == Attr::USER_PRINCIPAL_NAME && case.rule.target == EntityKind::User
}

/// The engine itself has no randomness.
fn seed(case: &Case<'_>, target: Attr) -> u64 {
    let key = case.facts.random_key;
    key.seed(case.subject.id, target, case.context.now)
}
