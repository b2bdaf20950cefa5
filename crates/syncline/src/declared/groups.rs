//! Groups come when the target lets them in and a job's schema sends them. Whoever says the first in a file may not know
//! of the second, which only a whole schema says.

use std::collections::BTreeSet;

use syncline_engine::SynchronizationSchema;
use syncline_model::EntityKind;
use syncline_runner::StoredSchema;
use syncline_store::Reader;

use super::difference::{Compared, Pair, pair};
use crate::failure::Failure;

/// Says so where groups are `let_in` and none of the file's configurations between the two tenants sends any.
pub fn remark(
    reader: &Reader<'_>,
    mut let_in: BTreeSet<Pair>,
    compared: &mut [Compared],
) -> Result<(), Failure> {
    for it in compared.iter() {
        let pair = pair(&it.ends);
        if let_in.contains(&pair) && sends(reader, it)? {
            let_in.remove(&pair);
        }
    }
    for it in compared {
        if let_in.remove(&pair(&it.ends)) {
            it.difference.remarks.push(
                "groups are let in, but none are sent: their mapping is off in the schema. docs/recipes/synchronize-groups.md switches it on in what `syncline schema export` prints; name that file with `schema`"
                    .to_owned(),
            );
        }
    }
    Ok(())
}

/// Whether its job will send groups, with the schema that is to be saved or the one that it has.
fn sends(reader: &Reader<'_>, compared: &Compared) -> Result<bool, Failure> {
    Ok(match (&compared.schema, &compared.present.job) {
        (Some(schema), _) => maps_groups(schema),
        (None, Some(job)) => maps_groups(&StoredSchema::load(reader, job)?),
        // It gets that of its template.
        (None, None) => false,
    })
}

fn maps_groups(schema: &SynchronizationSchema) -> bool {
    let rules = schema.synchronization_rules.iter();
    let mut mappings = rules.flat_map(|rule| &rule.object_mappings);
    let group = EntityKind::Group.engine_name();
    mappings.any(|it| {
        let name = it.source_object_name.as_deref().unwrap_or_default();
        it.enabled && name.eq_ignore_ascii_case(group)
    })
}
