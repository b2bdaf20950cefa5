//! The statement that finds whom any leaf finds: one, whatever the leaves, for both databases.

use syncline_model::{EntityKind, ObjectId};

use super::leaf::Leaf;
use crate::driver::{Param, int, owned_blob};
use crate::{EdgeKind, ObjectState};

/// What is read of an object.
pub(super) const WHOLE: &str = "o.id, o.state, o.changed_seq, o.created_at, o.deleted_at, o.body";
pub(super) const SIZE: &str = "CAST(length(o.body) AS BIGINT)";

/// The statement of a page and its values.
pub(super) fn page(
    columns: &str,
    tenant_no: i64,
    kind: EntityKind,
    state: ObjectState,
    leaves: &[Leaf],
    after: Option<ObjectId>,
    limit: usize,
) -> (String, Vec<Param<'static>>) {
    let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
    let mut params = vec![
        int(tenant_no),
        int(kind as u8),
        int(state as u8),
        owned_blob(after),
        int(limit),
    ];
    let parts: Vec<String> = lists(leaves)
        .into_iter()
        .map(|(source, values)| {
            let numbers = values.into_iter().map(|value| {
                params.push(value);
                format!("?{}", params.len())
            });
            let numbers: Vec<String> = numbers.collect();
            source.select(&numbers.join(", "))
        })
        .collect();
    // A cross join keeps SQLite's planner to the order: first those who were found, then each by
    // its primary key.
    let statement = format!(
        "SELECT {columns} FROM ({}) AS found CROSS JOIN object AS o WHERE o.tenant_no = ?1 AND o.kind = ?2 AND o.id = found.id AND o.state = ?3 AND found.id > ?4 ORDER BY found.id LIMIT ?5",
        parts.join(" UNION ")
    );
    (statement, params)
}

/// Where one list of values is looked up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Ids,
    Keys,
    RefersTo(EdgeKind),
    ReferredBy(EdgeKind),
}

impl Source {
    fn select(self, numbers: &str) -> String {
        match self {
            Self::Ids => format!(
                "SELECT id FROM object WHERE tenant_no = ?1 AND kind = ?2 AND id IN ({numbers})"
            ),
            Self::Keys => format!(
                "SELECT id FROM object_key_recent WHERE tenant_no = ?1 AND hash IN ({numbers}) UNION SELECT id FROM object_key WHERE tenant_no = ?1 AND hash IN ({numbers})"
            ),
            Self::RefersTo(edge) => format!(
                "SELECT from_id AS id FROM edge WHERE tenant_no = ?1 AND kind = {} AND to_id IN ({numbers}) AND removed = 0",
                edge as u8
            ),
            Self::ReferredBy(edge) => format!(
                "SELECT to_id AS id FROM edge WHERE tenant_no = ?1 AND kind = {} AND from_id IN ({numbers}) AND removed = 0",
                edge as u8
            ),
        }
    }
}

/// The leaves by where they are looked up. Each list is filled up to a power of two with its last
/// value, so that few different statements have to be prepared.
fn lists(leaves: &[Leaf]) -> Vec<(Source, Vec<Param<'static>>)> {
    let mut lists: Vec<(Source, Vec<Param<'static>>)> = Vec::new();
    for leaf in leaves {
        let (source, value) = match leaf {
            Leaf::Id(id) => (Source::Ids, id.as_bytes().to_vec()),
            Leaf::Key(key) => (Source::Keys, key.hash().to_vec()),
            Leaf::RefersTo(edge, to) => (Source::RefersTo(*edge), to.as_bytes().to_vec()),
            Leaf::ReferredBy(edge, from) => (Source::ReferredBy(*edge), from.as_bytes().to_vec()),
        };
        match lists.iter_mut().find(|(known, _)| *known == source) {
            Some((_, values)) => values.push(owned_blob(value)),
            None => lists.push((source, vec![owned_blob(value)])),
        }
    }
    for (_, values) in &mut lists {
        if let Some(last) = values.last().cloned() {
            values.resize(values.len().next_power_of_two(), last);
        }
    }
    lists
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Key, KeyName};

    #[test]
    fn every_leaf_is_found_by_an_index_and_every_object_by_its_key() {
        let id = ObjectId::from_bytes([1; 16]);
        let leaves = [
            Leaf::Id(id),
            Leaf::Key(Key::new(KeyName::UserPrincipalName, "a")),
            Leaf::Key(Key::new(KeyName::UserPrincipalName, "b")),
            Leaf::Key(Key::new(KeyName::UserPrincipalName, "c")),
            Leaf::RefersTo(EdgeKind::Manager, id),
            Leaf::ReferredBy(EdgeKind::Member, id),
        ];
        let (statement, params) = page(
            WHOLE,
            1,
            EntityKind::User,
            ObjectState::Live,
            &leaves,
            None,
            10,
        );
        assert_eq!(params.len(), 5 + 1 + 4 + 1 + 1);
        let plan = crate::driver::plan(&statement);
        for part in [
            "SEARCH o USING PRIMARY KEY (tenant_no=? AND kind=? AND id=?)",
            "SEARCH object USING PRIMARY KEY (tenant_no=? AND kind=? AND id=?)",
            "SEARCH object_key USING PRIMARY KEY (tenant_no=? AND hash=?)",
            "SEARCH object_key_recent USING PRIMARY KEY (tenant_no=? AND hash=?)",
            "USING INDEX edge_to (tenant_no=? AND kind=? AND to_id=?",
            "(tenant_no=? AND kind=? AND from_id=?",
        ] {
            assert!(plan.contains(part), "{part} in\n{plan}");
        }
    }
}
