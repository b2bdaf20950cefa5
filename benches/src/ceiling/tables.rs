//! Ceiling B: what a cycle writes of each person it creates, into the product's own tables through
//! the store's verbs: object, unique values, manager, link and log row. A manager edge is written in
//! the page in which the later of the two arrives, as a cycle can not write it before.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use syncline_model::link::LinkState;
use syncline_model::{
    Attr, Attrs, Clock as _, CycleId, EntityKind, Entry, Ids as _, Link, ObjectId, TenantId, Value,
};
use syncline_store::{Durability, Edge, EdgeKind, Encoded, Key, KeyName, LogRow, StoreError};

use super::{EVIDENCE, filler, pages};
use crate::Result;
use crate::population::Population;
use crate::scope::Scope;
use crate::seam::{Spent, Stopwatch, SystemClock, SystemIds};
use crate::world::World;

/// What one transaction writes. Objects are encoded, as those of a cycle are before its page begins.
#[derive(Default)]
struct Page {
    objects: Vec<Arc<Encoded>>,
    keys: Vec<(Key, EntityKind, ObjectId)>,
    edges: Vec<Edge>,
    links: Vec<Link>,
    log: Vec<LogRow>,
}

pub(super) fn run(folder: &Path, population: Population) -> Result<Spent> {
    World::create(folder, Scope::All)?;
    let world = World::open(folder)?;
    let target = world.target()?;
    let mut maker = Maker {
        population,
        job: &world,
        cycle: CycleId::from_bytes(*SystemIds.random_uuid().as_bytes()),
        ids: HashMap::new(),
        early: HashMap::new(),
    };
    let mut spent = Spent::default();
    for places in pages(population) {
        let page = maker.page(places)?;
        let watch = Stopwatch::start();
        write(&world, target, &page)?;
        spent += watch.spent();
    }
    Ok(spent)
}

fn write(world: &World, target: TenantId, page: &Page) -> Result<()> {
    let (source, job) = (world.source.id, &world.job.id);
    world.store.write_with(Durability::Relaxed, |tx| {
        tx.insert_encoded(target, &page.objects, SystemClock.now())?;
        tx.take_keys(target, &page.keys)?;
        tx.add_edges(target, &page.edges)?;
        tx.put_links(source, job, &page.links)?;
        tx.append_log(source, job, &page.log)?;
        Ok::<_, StoreError>(())
    })?;
    Ok(())
}

/// Makes the rows.
struct Maker<'w> {
    population: Population,
    job: &'w World,
    cycle: CycleId,
    /// By rank, of those who have arrived.
    ids: HashMap<u64, ObjectId>,
    /// Who came before the manager of this rank.
    early: HashMap<u64, Vec<ObjectId>>,
}

impl Maker<'_> {
    fn page(&mut self, places: std::ops::Range<u64>) -> Result<Page> {
        let mut page = Page::default();
        for place in places {
            self.person(place, &mut page)?;
        }
        // As the directory does: in order of key.
        page.keys.sort();
        page.edges.sort_unstable();
        Ok(page)
    }

    fn person(&mut self, place: u64, page: &mut Page) -> Result<()> {
        let rank = self.population.arrival(place);
        let (source, id) = (SystemIds.object_id(), SystemIds.object_id());
        let home = self.job.source.id;
        let anchor = format!("5::{:016x}", crate::population::mixed(place));
        let attrs = external(self.population.attrs(rank), home, &anchor);
        let text = |attr| attrs.text(attr).unwrap_or_default();
        for key in [
            Key::new(KeyName::UserPrincipalName, text(Attr::USER_PRINCIPAL_NAME)),
            Key::new(KeyName::ProxyAddress, text(Attr::MAIL)),
            Key::new(KeyName::SourceAnchor, &format!("{home}|{anchor}")),
        ] {
            page.keys.push((key, EntityKind::User, id));
        }
        page.objects.push(Arc::new(Encoded::of(&Entry {
            id,
            kind: EntityKind::User,
            attrs,
        })?));
        let now = SystemClock.now();
        page.links.push(Link {
            source,
            target: id,
            kind: EntityKind::User,
            state: LinkState::Live,
            since: now,
            matching: 0,
            was_released: false,
        });
        page.log.push(LogRow {
            id: SystemIds.object_id(),
            job: self.job.job.id.clone(),
            cycle: self.cycle,
            change: SystemIds.object_id(),
            at: now,
            duration_ms: 1,
            evidence: filler(place, EVIDENCE),
        });
        self.references(rank, id, page);
        Ok(())
    }

    fn references(&mut self, rank: u64, id: ObjectId, page: &mut Page) {
        let edge = |from, to| Edge {
            kind: EdgeKind::Manager,
            from,
            to,
        };
        self.ids.insert(rank, id);
        let waited = self.early.remove(&rank).unwrap_or_default();
        page.edges
            .extend(waited.into_iter().map(|from| edge(from, id)));
        let Some(manager) = self.population.manager(rank) else {
            return;
        };
        match self.ids.get(&manager) {
            Some(to) => page.edges.push(edge(id, *to)),
            None => self.early.entry(manager).or_default().push(id),
        }
    }
}

/// The attributes of the external user who is made of a person.
fn external(attrs: Attrs, home: TenantId, anchor: &str) -> Attrs {
    let mail = attrs.text(Attr::MAIL).unwrap_or_default().to_owned();
    let name = mail.replace('@', "_");
    let list = |text: String| Value::List(vec![Value::text(text)]);
    attrs
        .with(
            Attr::USER_PRINCIPAL_NAME,
            format!("{name}#EXT#@fabrikam.onmicrosoft.com"),
        )
        .with(Attr::ALTERNATIVE_SECURITY_IDS, list(anchor.to_owned()))
        .with(Attr::HOME_TENANT_ID, Value::Guid(home.0))
        .with(Attr::CREATION_TYPE, "Invitation")
        .with(Attr::EXTERNAL_USER_STATE, "Accepted")
        .with(Attr::PROXY_ADDRESSES, list(format!("SMTP:{mail}")))
}

/// Objects of the target tenant, and those among them who have a manager.
#[cfg(test)]
pub(super) fn count(folder: &Path) -> Result<[usize; 2]> {
    use syncline_store::ObjectState;
    let world = World::open(folder)?;
    let target = world.target()?;
    world.store.read(|reader| {
        let live = ObjectState::Live;
        let people = reader
            .scan(target, EntityKind::User, live, None, 10_000)?
            .rows;
        let ids: Vec<ObjectId> = people.iter().map(|it| it.entry.id).collect();
        let managers = reader.single_edges(target, EdgeKind::Manager, &ids)?;
        Ok([ids.len(), managers.into_iter().flatten().count()])
    })
}
