//! Finds the target object of a source object that is not linked yet.

use syncline_model::{ObjectId, Text, Value};

use super::{Case, flow};
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
    for (place, mapping) in matching.iter().enumerate().skip(at) {
        let Some(value) = flow::value_of(case, mapping)? else {
            continue;
        };
        // A matching value is one value; of several the first.
        let Some(value) = value.as_slice().first().cloned() else {
            continue;
        };
        let attribute = (
            mapping.shown_name.text().clone(),
            shown(mapping.is_redacted(), &value),
        );
        let query = LookupQuery::Matching {
            kind: case.rule.target,
            attr: mapping.target,
            value,
        };
        return Ok(NextLookup::Ask {
            at: place,
            query,
            attribute,
        });
    }
    Ok(if at == 0 {
        NextLookup::NoValue
    } else {
        NextLookup::Exhausted
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
