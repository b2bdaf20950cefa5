//! Which unique values an object holds, and who holds a value.
//!
//! Live objects hold all of their values; in the recycle bin an object keeps only its source
//! anchor, so that a job finds it there instead of making a second one.

use syncline_model::{
    Attr, EntityKind, Entry, IdMap, ObjectId, Problem, ProblemKind, TenantId, Value,
};
use syncline_store::{Key, KeyName, ObjectState, Reader, StoreError, Tx};

use crate::addresses::without_prefix;

/// Who holds a key.
pub(crate) type Holder = (EntityKind, ObjectId);

/// The keys an object holds in a state, sorted, each once.
pub(crate) fn keys_of(entry: &Entry, state: ObjectState) -> Vec<Key> {
    let mut keys = Vec::new();
    if state != ObjectState::Purged {
        keys.extend(source_anchors(entry));
    }
    if state == ObjectState::Live {
        match entry.kind {
            EntityKind::User => {
                keys.extend(
                    entry
                        .text(Attr::USER_PRINCIPAL_NAME)
                        .map(user_principal_name),
                );
                keys.extend(addresses(entry));
            }
            EntityKind::Group => {
                keys.extend(addresses(entry));
                keys.extend(unique_name(entry));
            }
            EntityKind::Application => {
                keys.extend(app_id(entry, KeyName::ApplicationAppId));
                keys.extend(unique_name(entry));
                keys.extend(identifier_uris(entry));
            }
            EntityKind::ServicePrincipal => {
                keys.extend(app_id(entry, KeyName::ServicePrincipalAppId))
            }
            EntityKind::ProvisioningEvent
            | EntityKind::AppRoleAssignment
            | EntityKind::DirectoryRole => {}
        }
    }
    keys.sort();
    keys.dedup();
    keys
}

pub(crate) fn user_principal_name(name: &str) -> Key {
    Key::new(KeyName::UserPrincipalName, name)
}

pub(crate) fn address(address: &str) -> Key {
    Key::new(KeyName::ProxyAddress, address)
}

/// The key under which an external object is found by its source.
pub(crate) fn source_anchor(home: TenantId, anchor: &str) -> Key {
    Key::source_anchor(home.0, anchor)
}

fn source_anchors(entry: &Entry) -> Vec<Key> {
    let (Some(home), Some(anchors)) = (
        entry.guid(Attr::HOME_TENANT_ID),
        entry.get(Attr::ALTERNATIVE_SECURITY_IDS),
    ) else {
        return Vec::new();
    };
    let anchors = anchors.as_slice().iter().filter_map(Value::as_text);
    anchors
        .map(|anchor| source_anchor(TenantId(home), anchor))
        .collect()
}

/// The mail and proxy addresses of an object, each once: while it is live no other one of the tenant has them.
pub fn addresses_of(entry: &Entry) -> Vec<Key> {
    let mut keys = addresses(entry);
    keys.sort();
    keys.dedup();
    keys
}

fn addresses(entry: &Entry) -> Vec<Key> {
    let proxies = entry
        .get(Attr::PROXY_ADDRESSES)
        .map_or(&[][..], Value::as_slice);
    let proxies = proxies
        .iter()
        .filter_map(Value::as_text)
        .map(without_prefix);
    // It is the primary one of these nearly always.
    let mail = entry.text(Attr::MAIL);
    let mail = mail.filter(|mail| !proxies.clone().any(|it| it == *mail));
    proxies.clone().chain(mail).map(address).collect()
}

fn unique_name(entry: &Entry) -> Option<Key> {
    let name = entry.text(Attr::UNIQUE_NAME)?;
    Some(Key::new(
        KeyName::UniqueName,
        &format!("{}:{name}", entry.kind.graph_name()),
    ))
}

fn identifier_uris(entry: &Entry) -> impl Iterator<Item = Key> {
    let uris = entry
        .get(Attr::IDENTIFIER_URIS)
        .map_or(&[][..], Value::as_slice);
    uris.iter()
        .filter_map(Value::as_text)
        .map(|uri| Key::new(KeyName::IdentifierUri, uri))
}

fn app_id(entry: &Entry, name: KeyName) -> Option<Key> {
    let app_id = entry.guid(Attr::APP_ID)?;
    Some(Key::new(name, &app_id.hyphenated().to_string()))
}

/// A unique value that another object holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) key: Key,
    pub(crate) holder: Holder,
}

impl Taken {
    /// The Graph property that holds the value.
    pub(crate) fn property(&self) -> &'static str {
        match self.key.name {
            KeyName::UserPrincipalName => "userPrincipalName",
            KeyName::ProxyAddress => "proxyAddresses",
            KeyName::SourceAnchor => "alternativeSecurityIds",
            KeyName::ApplicationAppId | KeyName::ServicePrincipalAppId => "appId",
            KeyName::UniqueName => "uniqueName",
            KeyName::IdentifierUri => "identifierUris",
        }
    }

    /// The problem in Graph's words.
    pub(crate) fn problem(&self) -> Problem {
        match self.key.name {
            KeyName::UserPrincipalName | KeyName::ProxyAddress | KeyName::SourceAnchor => {
                Problem::object_conflict(self.property())
            }
            KeyName::ServicePrincipalAppId => same_key(format!(
                "The service principal cannot be created, updated, or restored because the service principal name {} is already in use.",
                self.key.value
            )),
            KeyName::ApplicationAppId | KeyName::UniqueName | KeyName::IdentifierUri => {
                same_key(format!(
                    "Another object with the same value for property {} already exists.",
                    self.property()
                ))
            }
        }
    }
}

/// The problem that names every property of which another object holds a value, the sign-in name
/// first: whoever mends one shall not run into the next. Not empty.
pub(crate) fn conflict(mut taken: Vec<Taken>) -> Problem {
    taken.sort_by_key(|it| it.key.name);
    taken.dedup_by_key(|it| it.key.name);
    let mut problems = taken.iter().map(Taken::problem);
    let Some(mut first) = problems.next() else {
        return Problem::internal("a unique value was taken by nobody");
    };
    for other in problems {
        first.message = format!("{} {}", first.message, other.message);
        first.details.extend(other.details);
    }
    first
}

fn same_key(message: String) -> Problem {
    Problem::new(
        ProblemKind::BadRequest,
        "Request_MultipleObjectsWithSameKeyValue",
        message.clone(),
    )
    .with_detail("ObjectConflict", message, None)
}

/// Who holds the keys a batch of writes touches, before and after it. Claims are made in memory,
/// in order; [`KeyTable::store`] writes the difference in two set statements.
#[derive(Debug, Default)]
pub(crate) struct KeyTable {
    rows: IdMap<Key, Row>,
}

#[derive(Debug)]
struct Row {
    stored: Option<Holder>,
    now: Option<Holder>,
}

impl KeyTable {
    /// A table with room for so many keys.
    pub(crate) fn with_room_for(keys: usize) -> Self {
        Self {
            rows: IdMap::with_capacity_and_hasher(keys, Default::default()),
        }
    }

    /// Reads who holds these keys, those not known yet in one query.
    pub(crate) fn load(
        &mut self,
        reader: &Reader<'_>,
        tenant: TenantId,
        keys: impl IntoIterator<Item = Key>,
    ) -> Result<(), StoreError> {
        let mut unknown: Vec<Key> = keys
            .into_iter()
            .filter(|key| !self.rows.contains_key(key))
            .collect();
        unknown.sort();
        unknown.dedup();
        let holders = reader.holders(tenant, &unknown)?;
        for (key, stored) in unknown.into_iter().zip(holders) {
            self.rows.insert(
                key,
                Row {
                    stored,
                    now: stored,
                },
            );
        }
        Ok(())
    }

    /// Which of these keys another object holds now. All must have been loaded.
    pub(crate) fn taken(&self, id: ObjectId, keys: &[Key]) -> Vec<Taken> {
        let taken = keys.iter().filter_map(|key| {
            let holder = self.holder_but(id, key)?;
            Some(Taken {
                key: key.clone(),
                holder,
            })
        });
        taken.collect()
    }

    /// Who holds this key now, unless it is this object.
    pub(crate) fn holder_but(&self, id: ObjectId, key: &Key) -> Option<Holder> {
        let holder = self.rows.get(key)?.now?;
        (holder.1 != id).then_some(holder)
    }

    /// Leaves out what an object had before such values were told apart, and another holds by now: it stays as it is, and
    /// does not hold up other changes. All must have been loaded.
    pub(crate) fn without_old_doubles(&self, id: ObjectId, held: &[Key], wanted: &mut Vec<Key>) {
        wanted.retain(|key| {
            key.name != KeyName::IdentifierUri
                || self.holder_but(id, key).is_none()
                || !held.contains(key)
        });
    }

    /// Lets an object hold the keys `after` instead of `before`. When another object holds one of
    /// them nothing is changed. All keys must have been loaded; one that was not counts as held by
    /// nobody, and storing it fails should that be wrong.
    pub(crate) fn claim(
        &mut self,
        kind: EntityKind,
        id: ObjectId,
        before: &[Key],
        after: &[Key],
    ) -> Result<(), Taken> {
        for key in after {
            if let Some(holder) = self.holder_but(id, key) {
                return Err(Taken {
                    key: key.clone(),
                    holder,
                });
            }
        }
        for key in before {
            let mine = Some((kind, id));
            let row = self.rows.entry(key.clone()).or_insert(Row {
                stored: mine,
                now: mine,
            });
            if row.now == mine {
                row.now = None;
            }
        }
        for key in after {
            let row = self.rows.entry(key.clone()).or_insert(Row {
                stored: None,
                now: None,
            });
            row.now = Some((kind, id));
        }
        Ok(())
    }

    /// Writes what changed; the store puts it in order.
    pub(crate) fn store(self, tx: &mut Tx<'_>, tenant: TenantId) -> Result<(), StoreError> {
        let mut released = Vec::new();
        let mut taken = Vec::new();
        for (key, row) in self.rows {
            if row.stored == row.now {
                continue;
            }
            if let Some((_, id)) = row.stored {
                released.push((key.clone(), id));
            }
            if let Some((kind, id)) = row.now {
                taken.push((key, kind, id));
            }
        }
        released.sort_unstable();
        tx.release_keys(tenant, &released)?;
        tx.take_keys(tenant, &taken)
    }
}
