//! Objects of Fabrikam that no job owns: nothing of them may ever change but by Fabrikam's own hand.

use std::collections::{BTreeMap, BTreeSet};

use syncline_directory::deleted_items::RETENTION_DAYS;
use syncline_directory::groups::{self, NewGroup};
use syncline_directory::users::{self, NewUser};
use syncline_model::{Attr, Attrs, Clock as _, ObjectId, Value, b2b};
use syncline_store::{EdgeKind, ObjectState, StoreError, Stored};
use uuid::Uuid;

use super::{World, id_of};

/// The home of those who were invited from elsewhere.
const TAILSPIN: Uuid = Uuid::from_u128(0x7a11_0000_0000_4000_8000_0000_0000_0001);
const EDGES: [EdgeKind; 4] = [
    EdgeKind::Manager,
    EdgeKind::Member,
    EdgeKind::Owner,
    EdgeKind::Sponsor,
];
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// All that is stored of an object.
#[derive(Debug, PartialEq)]
struct Seen {
    stored: Stored,
    /// Kind, and to whom.
    to: Vec<(EdgeKind, ObjectId)>,
    from: Vec<(EdgeKind, ObjectId)>,
}

pub struct Bystanders {
    seen: BTreeMap<ObjectId, Seen>,
    /// A group of Fabrikam's own.
    club: ObjectId,
    /// External users from Contoso who were put into it by hand.
    put_in: BTreeSet<ObjectId>,
}

impl Bystanders {
    /// Internal users of Fabrikam, one of them called as `like`, external ones of another home, one with the anchor of
    /// `like`, and a group of them that is called as one of Contoso.
    pub fn move_in(world: &World, like: &str, group: &str) -> Self {
        let internal = |alias: &str, name: &str| {
            Attrs::new()
                .with(Attr::DISPLAY_NAME, name)
                .with(
                    Attr::USER_PRINCIPAL_NAME,
                    format!("{alias}@fabrikam.example"),
                )
                .with(Attr::MAIL_NICKNAME, alias)
                .with(Attr::DEPARTMENT, "Sales")
                .with(Attr::ACCOUNT_ENABLED, true)
        };
        let named = |name: &str| {
            Attrs::new()
                .with(Attr::DISPLAY_NAME, name)
                .with(Attr::MAIL_NICKNAME, name.to_lowercase())
                .with(Attr::MAIL_ENABLED, false)
                .with(Attr::SECURITY_ENABLED, true)
        };
        let foreign = of_another_home(world, like);
        let (club, all) = world.write_in(&world.fabrikam, |tx, context| {
            let mut all = Vec::new();
            for attrs in [
                internal("boss", "The Boss"),
                internal(like, &format!("{like} of Contoso")),
                internal("off", "Somebody switched off").with(Attr::ACCOUNT_ENABLED, false),
                internal("left", "Somebody who left"),
                foreign,
            ] {
                all.push(id_of(&users::create(tx, context, NewUser { attrs })?));
            }
            let [boss, namesake, off, left, foreign] = all[..] else {
                unreachable!("as many as were made");
            };
            users::set_manager(tx, context, namesake, boss)?;
            users::set_manager(tx, context, foreign, boss)?;
            users::delete(tx, context, left)?;
            let inner = NewGroup {
                attrs: named("Inner"),
                members: vec![off],
                owners: vec![],
            };
            let inner = id_of(&groups::create(tx, context, inner)?);
            let club = NewGroup {
                attrs: named(group),
                members: vec![namesake, foreign, inner],
                owners: vec![boss],
            };
            let club = id_of(&groups::create(tx, context, club)?);
            all.extend([inner, club]);
            Ok((club, all))
        });
        let mut bystanders = Self {
            seen: BTreeMap::new(),
            club,
            put_in: BTreeSet::new(),
        };
        for id in all {
            bystanders.look_at(world, id);
        }
        bystanders
    }

    /// Somebody of another home comes who has the anchor of this person of Contoso.
    pub fn invite_namesake(&mut self, world: &World, name: &str) {
        let attrs = of_another_home(world, name);
        let id = id_of(&world.write_in(&world.fabrikam, |tx, context| {
            users::create(tx, context, NewUser { attrs })
        }));
        self.look_at(world, id);
    }

    /// An administrator of Fabrikam puts an external user from Contoso into the group.
    pub fn put_into_club(&mut self, world: &World, guest: ObjectId) {
        if !self.put_in.contains(&guest) {
            // So that what comes of it hides nothing.
            self.check_one(world, self.club);
            world.fabrikam_adds_member(self.club, guest);
            self.put_in.insert(guest);
            self.look_at(world, self.club);
        }
    }

    fn look_at(&mut self, world: &World, id: ObjectId) {
        let seen = self.read(world, id).unwrap();
        self.seen.insert(id, seen);
    }

    /// All of it, but for memberships of those who were put in.
    fn read(&self, world: &World, id: ObjectId) -> Option<Seen> {
        let tenant = world.fabrikam.id;
        let read = world.store.read(|reader| {
            let Some(stored) = reader.object(tenant, id)? else {
                return Ok(None);
            };
            let (mut to, mut from) = (Vec::new(), Vec::new());
            for kind in EDGES {
                let ends = reader.edges_from(tenant, kind, id, None, 1000)?;
                to.extend(ends.into_iter().map(|it| (kind, it)));
                let ends = reader.edges_to(tenant, kind, id, None, 1000)?;
                from.extend(ends.into_iter().map(|it| (kind, it)));
            }
            Ok::<_, StoreError>(Some(Seen { stored, to, from }))
        });
        let mut seen = read.unwrap()?;
        seen.to.retain(|(_, it)| !self.put_in.contains(it));
        Some(seen)
    }

    /// Nothing has changed but that what was in the recycle bin has had its time.
    pub fn check(&self, world: &World) {
        for id in self.seen.keys() {
            self.check_one(world, *id);
        }
        let club = groups_members(world, self.club);
        for guest in &self.put_in {
            let stored = world
                .store
                .read(|reader| reader.object(world.fabrikam.id, *guest));
            if stored
                .unwrap()
                .is_some_and(|it| it.state == ObjectState::Live)
            {
                assert!(club.contains(guest), "{guest} was taken out of a group");
            }
        }
    }

    fn check_one(&self, world: &World, id: ObjectId) {
        let (seen, is) = (&self.seen[&id], self.read(world, id));
        let is_gone = is
            .as_ref()
            .is_none_or(|it| it.stored.state == ObjectState::Purged);
        let keeps_ms = u64::from(RETENTION_DAYS) * DAY_MS;
        let kept_ms = |at| world.clock.now().milliseconds_since(at);
        let is_over = seen
            .stored
            .deleted_at
            .is_some_and(|at| kept_ms(at) >= keeps_ms);
        if !(is_over && is_gone) {
            assert_eq!(is.as_ref(), Some(seen), "nobody owns {id}");
        }
    }
}

fn groups_members(world: &World, group: ObjectId) -> BTreeSet<ObjectId> {
    let members = world
        .store
        .read(|reader| groups::members(reader, world.fabrikam.id, group, None, 1000));
    members.unwrap().iter().map(id_of).collect()
}

/// Attributes of an external user of Fabrikam from a third tenant, who has the anchor and the name of this person.
fn of_another_home(world: &World, name: &str) -> Attrs {
    let anchor = b2b::alternative_security_id(&b2b::net_id(world.person(name).id));
    let home_name = format!("{name}@tailspin.example");
    let upn = b2b::external_upn(&home_name, world.fabrikam.initial_domain());
    Attrs::new()
        .with(Attr::DISPLAY_NAME, format!("{name} of Contoso"))
        .with(Attr::USER_PRINCIPAL_NAME, upn)
        .with(Attr::MAIL_NICKNAME, name)
        .with(Attr::MAIL, home_name)
        .with(Attr::DEPARTMENT, "Sales")
        .with(Attr::ACCOUNT_ENABLED, true)
        .with(Attr::USER_TYPE, "Guest")
        .with(Attr::CREATION_TYPE, "Invitation")
        .with(Attr::HOME_TENANT_ID, Value::Guid(TAILSPIN))
        .with(
            Attr::ALTERNATIVE_SECURITY_IDS,
            Value::List(vec![Value::text(anchor)]),
        )
}
