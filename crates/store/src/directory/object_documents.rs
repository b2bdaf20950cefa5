//! Documents that belong to an object: what is known of it beside its attributes. When it is deleted for good they go
//! with it.

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};
use syncline_model::{EntityKind, ObjectId, TenantId};
use uuid::Uuid;

use crate::driver::{blob, int, text};
use crate::{ObjectState, Reader, Result, Tx};

/// Kinds of documents by the object that they belong to. Of a kind that is not here nothing goes with an object.
pub mod kinds {
    /// Key: the user's id.
    pub const PASSWORD: &str = "password";
    /// Key: the user's id, or the fingerprint of a name that nobody has.
    pub const SIGN_IN_ATTEMPTS: &str = "sign_in_attempts";
    /// Key: the user's id, or the fingerprint of a name that nobody has.
    pub const KNOWN_NETWORKS: &str = "known_networks";
    /// Key: the user's id.
    pub const NEWEST_SIGN_IN: &str = "newest_sign_in";
    /// Key: the id of the application or service principal.
    pub const CLIENT_SECRETS: &str = "client_secrets";
    /// Key: the service principal's id.
    pub const FOLLOWED_APPLICATION: &str = "followed_application";
    /// Key: the service principal's id.
    pub const ROLES_CHANGED: &str = "roles_changed";
    /// Key: the service principal's id.
    pub const JOBS_PUT_AWAY: &str = "jobs_put_away";
    /// Key: the service principal's id.
    pub const SYNCHRONIZATION_SECRETS: &str = "synchronization_secrets";
    /// Key: the principal's id, `/`, and what the role is told by; of a group behind [`ROLES_OF_GROUPS`].
    pub const DIRECTORY_ROLE: &str = "directory_role";
    /// With what the keys of groups' roles begin.
    pub const ROLES_OF_GROUPS: &str = "group/";
    /// Key: the ids of client and resource and that of the user, or `*`, with `/` between them.
    pub const PERMISSION_GRANT: &str = "permission_grant";
}

use kinds::{
    CLIENT_SECRETS, DIRECTORY_ROLE, FOLLOWED_APPLICATION, JOBS_PUT_AWAY, KNOWN_NETWORKS,
    NEWEST_SIGN_IN, PASSWORD, PERMISSION_GRANT, ROLES_CHANGED, ROLES_OF_GROUPS, SIGN_IN_ATTEMPTS,
    SYNCHRONIZATION_SECRETS,
};

/// All of them, in the order in which they are walked through.
const KINDS: [&str; 11] = [
    CLIENT_SECRETS,
    DIRECTORY_ROLE,
    FOLLOWED_APPLICATION,
    JOBS_PUT_AWAY,
    KNOWN_NETWORKS,
    NEWEST_SIGN_IN,
    PASSWORD,
    PERMISSION_GRANT,
    ROLES_CHANGED,
    SIGN_IN_ATTEMPTS,
    SYNCHRONIZATION_SECRETS,
];

/// Their keys are the object's id.
const KEYED_BY_ID: [&str; 9] = [
    CLIENT_SECRETS,
    FOLLOWED_APPLICATION,
    JOBS_PUT_AWAY,
    KNOWN_NETWORKS,
    NEWEST_SIGN_IN,
    PASSWORD,
    ROLES_CHANGED,
    SIGN_IN_ATTEMPTS,
    SYNCHRONIZATION_SECRETS,
];

/// Their keys begin with this and the object's id.
const BEGIN_WITH_ID: [(&str, &str); 3] = [
    (DIRECTORY_ROLE, ""),
    (DIRECTORY_ROLE, ROLES_OF_GROUPS),
    (PERMISSION_GRANT, ""),
];

/// Grants are found by their client. For whom else they belong to so many keys are read together, and of so many in all:
/// what a tenant has beyond that is left to the walk, so that no writer waits for it.
const GRANTS_AT_ONCE: usize = 2_000;
const MOST_GRANTS: usize = 20_000;

/// The last document that a walk has looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectDocumentPlace {
    kind: String,
    key: String,
}

/// What one slice of a walk did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftBehind {
    pub removed: u64,
    /// Where the next slice goes on; `None`: nothing is left to look at.
    pub next: Option<ObjectDocumentPlace>,
}

impl Tx<'_> {
    /// Removes the documents of objects that are being deleted for good. Of a tenant with more than 20,000 permission
    /// grants some of those may stay in which the object is the resource or the user:
    /// [`Tx::remove_documents_left_behind`] finds them.
    pub fn remove_documents_of(&mut self, tenant: TenantId, ids: &[ObjectId]) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let tenant_no = self.tenant_no(tenant)?;
        let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let keyed: Vec<_> = KEYED_BY_ID
            .iter()
            .flat_map(|kind| texts.iter().map(|id| [text(kind), text(id)]))
            .collect();
        self.connection.execute_each(
            "DELETE FROM document WHERE tenant_no = ?1 AND kind = ?2 AND key = ?3",
            &[int(tenant_no)],
            keyed.into_iter(),
        )?;
        let between: Vec<(&str, String, String)> = BEGIN_WITH_ID
            .iter()
            .flat_map(|(kind, before)| {
                // `0` is what comes after `/`.
                let end = move |id: &String, end: char| format!("{before}{id}{end}");
                texts
                    .iter()
                    .map(move |id| (*kind, end(id, '/'), end(id, '0')))
            })
            .collect();
        self.connection.execute_each(
            "DELETE FROM document WHERE tenant_no = ?1 AND kind = ?2 AND key > ?3 AND key < ?4",
            &[int(tenant_no)],
            between
                .iter()
                .map(|(kind, from, to)| [text(kind), text(from), text(to)]),
        )?;
        self.remove_grants_naming(tenant_no, &ids.iter().copied().collect())
    }

    /// Removes the grants in which one of these is resource or user, in one walk for all of them.
    fn remove_grants_naming(&mut self, tenant_no: i64, ids: &HashSet<ObjectId>) -> Result<()> {
        let (mut after, mut read) = (String::new(), 0);
        while read < MOST_GRANTS {
            let keys = self.keys_behind(tenant_no, PERMISSION_GRANT, &after, GRANTS_AT_ONCE)?;
            let names = |key: &&String| {
                let named = ids_in(PERMISSION_GRANT, key);
                named.iter().any(|id| ids.contains(id))
            };
            let found: Vec<(&str, &str)> = keys
                .iter()
                .filter(names)
                .map(|key| (PERMISSION_GRANT, key.as_str()))
                .collect();
            self.remove_object_documents(tenant_no, &found)?;
            if keys.len() < GRANTS_AT_ONCE {
                break;
            }
            read += keys.len();
            after = keys.into_iter().next_back().unwrap_or_default();
        }
        Ok(())
    }

    /// Looks at the next `limit` documents of objects behind a place, and removes those of objects that were deleted for
    /// good, or of which there is no trace any more. Versions before did not remove them with the object.
    pub fn remove_documents_left_behind(
        &mut self,
        tenant: TenantId,
        after: &ObjectDocumentPlace,
        limit: usize,
    ) -> Result<LeftBehind> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut looked_at: Vec<(&'static str, String)> = Vec::new();
        for kind in KINDS.into_iter().filter(|kind| **kind >= *after.kind) {
            let rest = limit - looked_at.len();
            let after = if kind == after.kind {
                after.key.as_str()
            } else {
                ""
            };
            let keys = self.keys_behind(tenant_no, kind, after, rest)?;
            looked_at.extend(keys.into_iter().map(|key| (kind, key)));
            if looked_at.len() >= limit {
                break;
            }
        }
        let named = looked_at.iter().flat_map(|(kind, key)| ids_in(kind, key));
        let there = self.not_purged(tenant_no, named.collect())?;
        let is_left = |(kind, key): &&(&'static str, String)| {
            ids_in(kind, key).iter().any(|id| !there.contains(id))
        };
        let left: Vec<(&str, &str)> = looked_at
            .iter()
            .filter(is_left)
            .map(|(kind, key)| (*kind, key.as_str()))
            .collect();
        let removed = self.remove_object_documents(tenant_no, &left)?;
        let is_full = looked_at.len() >= limit;
        let last = looked_at.into_iter().next_back().filter(|_| is_full);
        Ok(LeftBehind {
            removed,
            next: last.map(|(kind, key)| ObjectDocumentPlace {
                kind: kind.to_owned(),
                key,
            }),
        })
    }

    fn remove_object_documents(
        &mut self,
        tenant_no: i64,
        documents: &[(&str, &str)],
    ) -> Result<u64> {
        self.connection.execute_each(
            "DELETE FROM document WHERE tenant_no = ?1 AND kind = ?2 AND key = ?3",
            &[int(tenant_no)],
            documents.iter().map(|(kind, key)| [text(kind), text(key)]),
        )
    }
}

impl Reader<'_> {
    fn keys_behind(
        &self,
        tenant_no: i64,
        kind: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>> {
        self.connection.query(
            "SELECT key FROM document WHERE tenant_no = ?1 AND kind = ?2 AND key > ?3 ORDER BY key LIMIT ?4",
            &[int(tenant_no), text(kind), text(after), int(limit)],
            |row| Ok(row.text(0)?.into_owned()),
        )
    }

    /// Those of these that are live or in the recycle bin, of whatever kind they are.
    fn not_purged(&self, tenant_no: i64, mut ids: BTreeSet<ObjectId>) -> Result<HashSet<ObjectId>> {
        let mut there = HashSet::new();
        for kind in EntityKind::DIRECTORY {
            let found = self.connection.query_each(
                "SELECT id FROM object WHERE tenant_no = ?1 AND kind = ?2 AND state <> ?3 AND id = ?4",
                &[
                    int(tenant_no),
                    int(kind as u8),
                    int(ObjectState::Purged as u8),
                ],
                ids.iter().map(|id| [blob(id.as_bytes())]),
                |row| row.id(0, ObjectId::from_bytes),
            )?;
            ids.retain(|id| !found.contains(id));
            there.extend(found);
        }
        Ok(there)
    }
}

/// The objects that a document belongs to, by its key: it goes with each of them.
fn ids_in(kind: &str, key: &str) -> Vec<ObjectId> {
    let parts: Vec<&str> = match kind {
        PERMISSION_GRANT => key.split('/').collect(),
        DIRECTORY_ROLE => {
            let key = key.strip_prefix(ROLES_OF_GROUPS).unwrap_or(key);
            key.split('/').take(1).collect()
        }
        _ => vec![key],
    };
    let ids = parts.into_iter().filter(|it| it.len() == 36);
    ids.filter_map(|it| Uuid::try_parse(it).ok())
        .map(ObjectId)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_objects_of_a_document_are_told_by_its_key() {
        let id = |number| ObjectId(Uuid::from_u128(number));
        let [one, two, three] = [id(1), id(2), id(3)];
        let check = |kind, key: String, ids: &[ObjectId]| assert_eq!(ids_in(kind, &key), ids);
        check(PASSWORD, one.to_string(), &[one]);
        check(SIGN_IN_ATTEMPTS, "a".repeat(64), &[]);
        check(DIRECTORY_ROLE, format!("{one}/{two}"), &[one]);
        check(DIRECTORY_ROLE, format!("group/{one}/{two}"), &[one]);
        check(PERMISSION_GRANT, format!("{one}/{two}/*"), &[one, two]);
        let all = format!("{one}/{two}/{three}");
        check(PERMISSION_GRANT, all, &[one, two, three]);
    }

    #[test]
    fn every_kind_is_walked_through_in_order() {
        assert!(KINDS.is_sorted());
        let begin = BEGIN_WITH_ID.iter().map(|(kind, _)| *kind);
        let removed: BTreeSet<&str> = KEYED_BY_ID.into_iter().chain(begin).collect();
        assert_eq!(removed, BTreeSet::from(KINDS));
    }
}
