//! Finds the target object of a source object that is not linked yet.

use syncline_model::{ObjectId, Text, Value};

use super::{Case, flow};
use crate::rule::Mapping;
use crate::{Failure, LookupQuery, TargetObject};

/// What to ask next.
pub(super) enum NextLookup {
    Ask {
        at: usize,
        query: LookupQuery,
        attribute: (Text, Text),
    },
    /// No matching attribute has a value.
    NoValue,
    /// All that have a value were asked.
    Exhausted,
}

/// The first matching mapping from place `at` of the precedence list that has a value.
pub(super) fn next_lookup(case: &Case<'_>, at: usize) -> Result<NextLookup, Failure> {
    let matching = case.rule.matching();
    if let (true, Some(why)) = (matching.is_empty(), &case.rule.unfindable) {
        return Err(Failure::unfindable(why));
    }
    for (place, mapping) in matching.iter().enumerate().skip(at) {
        if let Some(value) = flow::value_of(case, mapping)?
            && let Some(lookup) = lookup(case, place, mapping, &value)
        {
            case.rule.findable_by(mapping.target)?;
            return Ok(lookup);
        }
    }
    Ok(if at == 0 {
        NextLookup::NoValue
    } else {
        NextLookup::Exhausted
    })
}

/// The same of somebody who fails anyway: a mapping that has no value because it fails is passed over, and so
/// is one that the target cannot be asked by.
pub(super) fn next_possible_lookup(case: &Case<'_>, at: usize) -> NextLookup {
    let matching = case.rule.matching();
    let mut places = matching.iter().enumerate().skip(at);
    let lookup = places.find_map(|(place, mapping)| {
        case.rule.findable_by(mapping.target).ok()?;
        let value = flow::value_of(case, mapping).ok()??;
        lookup(case, place, mapping, &value)
    });
    lookup.unwrap_or(NextLookup::Exhausted)
}

/// `None` without a value.
fn lookup(case: &Case<'_>, at: usize, mapping: &Mapping, value: &Value) -> Option<NextLookup> {
    // A matching value is one value; of several the first.
    let value = value.as_slice().first().cloned()?;
    let attribute = (
        mapping.shown_name.text().clone(),
        shown(mapping.is_redacted(), &value),
    );
    let query = LookupQuery::Matching {
        kind: case.rule.target,
        attr: mapping.target,
        value,
    };
    Some(NextLookup::Ask {
        at,
        query,
        attribute,
    })
}

fn shown(redacted: bool, value: &Value) -> Text {
    if redacted {
        super::explain::REDACTED
    } else {
        value.display_text()
    }
}

/// What the target's answer means.
pub(super) enum Found<'t> {
    Nothing,
    /// One object that nobody else of this job holds.
    Free(&'t TargetObject),
    Conflict(Failure),
}

pub(super) fn judge<'t>(case: &Case<'_>, found: &'t [TargetObject]) -> Found<'t> {
    match found {
        [] => Found::Nothing,
        [one] => match one.linked_source {
            // First link wins: the object stays with the source object that has it.
            Some(holder) if holder != case.subject.id => {
                Found::Conflict(Failure::duplicate_source(one.entry.id, holder))
            }
            _ => Found::Free(one),
        },
        several => {
            let ids: Vec<ObjectId> = several.iter().map(|target| target.entry.id).collect();
            Found::Conflict(Failure::duplicate_target(&ids))
        }
    }
}
