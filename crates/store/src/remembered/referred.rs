//! What references lead to, in memory: a manager is asked for with each page of his reports, whether he
//! is linked and whether his object is there.
//!
//! Right inside of transactions that write into a file: there is one at a time, and the verbs that write
//! links or move objects say which. What another process has written is not known: after that all is
//! forgotten. A reader's view may be older, and on a shared database nothing is remembered.
//!
//! INVARIANT: an id is an object of one kind only.

use parking_lot::{Mutex, MutexGuard};
use syncline_model::{EntityKind, IdMap, JobId, Link, ObjectId, TenantId};

use crate::{ObjectState, Peeked, Reader, Result};

/// So many of each are remembered at most: together they take 4 MiB. As many as a table of that size holds; with one more it
/// would be twice as large.
const MOST: usize = 7 << 12;

#[derive(Debug, Default)]
pub(crate) struct Referred(Mutex<State>);

#[derive(Debug, Default)]
pub(crate) struct State {
    /// Of the file; another number means that another process has written.
    version: i64,
    /// Number of the last transaction that looked here.
    last: u64,
    /// It is not known yet to be committed: should it not be, what it remembered never was.
    unsettled: bool,
    /// By tenant row number, job row number, and source object.
    links: IdMap<(i64, i64, ObjectId), Link>,
    /// Those that are there, if only in the recycle bin. By tenant row number.
    objects: IdMap<(i64, ObjectId), (EntityKind, ObjectState)>,
}

impl Referred {
    /// The transaction with this number has been committed.
    pub(crate) fn settle(&self, number: u64) {
        let mut state = self.0.lock();
        if state.last == number {
            state.unsettled = false;
        }
    }

    pub(crate) fn forget_all(&self) {
        self.0.lock().clear();
    }
}

impl State {
    /// A transaction looks here for the first time; its number.
    fn begins(&mut self, version: Option<i64>) -> u64 {
        let is_old = version.is_none_or(|it| it != std::mem::replace(&mut self.version, it));
        if is_old || self.unsettled {
            self.clear();
        }
        self.unsettled = true;
        self.last += 1;
        self.last
    }

    fn clear(&mut self) {
        self.links.clear();
        self.objects.clear();
    }
}

impl Reader<'_> {
    /// As [`Reader::links_for`], for source objects that are asked for again and again.
    pub fn links_of_referred(
        &self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<Vec<Option<Link>>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let Some(state) = self.remembered()? else {
            return self.links_for(tenant, job, sources);
        };
        let key = |source: &ObjectId| (tenant_no, job_no, *source);
        let mut links: Vec<Option<Link>> = sources
            .iter()
            .map(|source| state.links.get(&key(source)).cloned())
            .collect();
        drop(state);
        let asked = sources.iter().zip(&links);
        let asked: Vec<ObjectId> = asked
            .filter_map(|(source, link)| link.is_none().then_some(*source))
            .collect();
        let found = self.links_for(tenant, job, &asked)?;
        if let Some(mut state) = self.remembered()? {
            for link in found.iter().flatten() {
                bounded(&mut state.links).insert(key(&link.source), link.clone());
            }
        }
        let unknown = links.iter_mut().filter(|link| link.is_none());
        for (link, found) in unknown.zip(found) {
            *link = found;
        }
        Ok(links)
    }

    /// As [`Reader::peek`] without any attribute, in any order, for objects that are asked for again and
    /// again.
    pub fn peek_at_referred(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        ids: &[ObjectId],
    ) -> Result<Vec<Peeked<0>>> {
        let tenant_no = self.tenant_no(tenant)?;
        let Some(state) = self.remembered()? else {
            return self.peek(tenant, kind, ids, []);
        };
        let (mut peeked, mut asked) = (Vec::with_capacity(ids.len()), Vec::new());
        for id in ids {
            match state.objects.get(&(tenant_no, *id)) {
                None => asked.push(*id),
                Some((of, state)) if *of == kind => peeked.push(Peeked {
                    id: *id,
                    kind,
                    state: *state,
                    values: [],
                }),
                Some(_) => {}
            }
        }
        drop(state);
        let found = self.peek(tenant, kind, &asked, [])?;
        if let Some(mut state) = self.remembered()? {
            for it in found.iter().filter(|it| it.state != ObjectState::Purged) {
                bounded(&mut state.objects).insert((tenant_no, it.id), (kind, it.state));
            }
        }
        peeked.extend(found);
        Ok(peeked)
    }

    /// The links of these source objects are written now.
    pub(crate) fn forget_links(
        &self,
        (tenant_no, job_no): (i64, i64),
        sources: impl Iterator<Item = ObjectId>,
    ) {
        if let Some(referred) = self.referred() {
            let links = &mut referred.0.lock().links;
            for source in sources {
                links.remove(&(tenant_no, job_no, source));
            }
        }
    }

    /// The state of these objects is written now.
    pub(crate) fn forget_objects(&self, tenant_no: i64, ids: impl Iterator<Item = ObjectId>) {
        if let Some(referred) = self.referred() {
            let objects = &mut referred.0.lock().objects;
            for id in ids {
                objects.remove(&(tenant_no, id));
            }
        }
    }

    /// More is written than is worth saying one by one.
    pub(crate) fn forget_referred(&self) {
        if let Some(referred) = self.referred() {
            referred.forget_all();
        }
    }

    /// What is remembered, where it may be used.
    fn remembered(&self) -> Result<Option<MutexGuard<'_, State>>> {
        let Some(referred) = self.referred() else {
            return Ok(None);
        };
        if self.look_number.get().is_none() {
            let version = self
                .connection
                .first("PRAGMA data_version", &[], |row| row.int(0))?;
            let number = referred.0.lock().begins(version);
            self.look_number.set(Some(number));
        }
        Ok(Some(referred.0.lock()))
    }
}

/// Who is asked for now is more likely to be asked for again than who was asked for long ago.
fn bounded<K, V>(map: &mut IdMap<K, V>) -> &mut IdMap<K, V> {
    if map.len() >= MOST {
        map.clear();
    }
    map
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can not go on should stop")]
mod tests {
    use syncline_model::link::LinkState;
    use syncline_model::{Attrs, Entry, Timestamp};
    use uuid::Uuid;

    use super::*;
    use crate::{MasterKey, Store, StoreError, Tenant};

    const NOW: Timestamp = Timestamp(16_000_000_000_000_000);

    /// The table that holds as many is not twice as large for a few more.
    #[test]
    fn what_is_remembered_takes_no_more_memory_than_is_said() {
        let mut map = IdMap::default();
        for number in 0..MOST as u128 * 3 {
            bounded(&mut map).insert(ObjectId(Uuid::from_u128(number)), ());
        }
        assert!(map.capacity() <= MOST, "{}", map.capacity());
    }

    /// Rows are taken away behind the verbs' back: who reads finds nothing.
    #[test]
    fn whoever_asks_again_is_answered_without_reading() {
        let folder = tempfile::tempdir().unwrap();
        let key = MasterKey::generate().unwrap();
        let store = Store::open(&folder.path().join("test.db"), &key).unwrap();
        let tenant = TenantId(Uuid::from_u128(1));
        let job = JobId("job".to_owned());
        let link = Link {
            source: ObjectId(Uuid::from_u128(2)),
            target: ObjectId(Uuid::from_u128(3)),
            kind: EntityKind::User,
            state: LinkState::Live,
            since: NOW,
            matching: 0,
            was_released: false,
        };
        let object = Entry {
            id: link.target,
            kind: EntityKind::User,
            attrs: Attrs::new(),
        };
        store
            .write(|tx| {
                tx.insert_tenant(&Tenant {
                    id: tenant,
                    display_name: "Contoso".to_owned(),
                    created_at: NOW,
                    domains: Vec::new(),
                })?;
                tx.connection.run("INSERT INTO job (id, tenant_no, service_principal, body) SELECT 'job', tenant_no, x'00', '{}' FROM tenant")?;
                tx.put_links(tenant, &job, std::slice::from_ref(&link))?;
                tx.insert_objects(tenant, &[object], NOW)
            })
            .unwrap();
        let ask = |behind: &str| {
            let asked = store.write(|tx| {
                tx.connection.run(behind)?;
                let links = tx.links_of_referred(tenant, &job, &[link.source])?;
                let objects = tx.peek_at_referred(tenant, EntityKind::User, &[link.target])?;
                Ok::<_, StoreError>((links, objects.len()))
            });
            asked.unwrap()
        };
        assert_eq!(ask(""), (vec![Some(link.clone())], 1));
        let behind = "DELETE FROM link; DELETE FROM object";
        assert_eq!(ask(behind), (vec![Some(link.clone())], 1));
        store
            .write(|tx| tx.delete_links(tenant, &job, &[link.source]))
            .unwrap();
        assert_eq!(ask(""), (vec![None], 1));
    }
}
