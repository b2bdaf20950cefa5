//! What Fabrikam has of the people of Contoso: found by the anchor, not by the job's links.

use std::collections::BTreeMap;

use syncline_directory::deleted_items;
use syncline_directory::users::{self, NewUser};
use syncline_model::{Attr, Attrs, EntityKind, ObjectId, Value, b2b};
use syncline_store::{EdgeKind, ObjectState, Stored};

use super::{World, id_of};

/// Where somebody is in Fabrikam.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Live,
    InRecycleBin,
}

/// An external user of Fabrikam.
#[derive(Clone, Debug, PartialEq)]
pub struct Guest {
    pub id: ObjectId,
    pub state: State,
    attrs: Attrs,
    /// Name of the manager, when he is visible: both ends live.
    pub manager: Option<String>,
}

impl Guest {
    pub fn text(&self, attr: Attr) -> &str {
        self.attrs.text(attr).unwrap_or_default()
    }

    pub fn department(&self) -> &str {
        self.text(Attr::DEPARTMENT)
    }

    pub fn is_enabled(&self) -> bool {
        self.attrs.bool(Attr::ACCOUNT_ENABLED).unwrap()
    }

    pub fn is_live(&self) -> bool {
        self.state == State::Live
    }

    pub fn attrs(&self) -> &Attrs {
        &self.attrs
    }
}

impl World {
    /// The external user of Fabrikam who comes from this person; there is never more than one.
    pub fn target_user(&self, name: &str) -> Option<Guest> {
        self.person(name).in_target()
    }

    /// The live one.
    pub fn live(&self, name: &str) -> Guest {
        let guest = self
            .target_user(name)
            .unwrap_or_else(|| panic!("{name} is not in Fabrikam"));
        assert!(guest.is_live(), "{name} is in Fabrikam's recycle bin");
        guest
    }

    /// Names of those who live in Fabrikam, sorted.
    pub fn target_names(&self) -> Vec<String> {
        let guests = self.guests();
        let live = guests.iter().filter(|(_, guest)| guest.is_live());
        let mut names: Vec<String> = live.map(|(source, _)| self.name_of(*source)).collect();
        names.sort();
        names
    }

    pub(super) fn guest_of(&self, source: ObjectId) -> Option<Guest> {
        self.guests().remove(&source)
    }

    /// All external users of Fabrikam, by the id of the person of Contoso they come from.
    pub fn guests(&self) -> BTreeMap<ObjectId, Guest> {
        let anchors: BTreeMap<String, ObjectId> = self
            .everybody()
            .into_iter()
            .map(|(_, id)| (b2b::alternative_security_id(&b2b::net_id(id)), id))
            .collect();
        let stored = self.all_of_fabrikam();
        let mut by_source: BTreeMap<ObjectId, Guest> = BTreeMap::new();
        let mut source_of: BTreeMap<ObjectId, ObjectId> = BTreeMap::new();
        for user in &stored {
            // Of another home, the same anchor is somebody else.
            if user.entry.guid(Attr::HOME_TENANT_ID) != Some(self.contoso.id.0) {
                continue;
            }
            let Some(anchor) = user.entry.get(Attr::ALTERNATIVE_SECURITY_IDS) else {
                continue;
            };
            let anchor = anchor.as_slice()[0].as_text().unwrap();
            let source = anchors[anchor];
            source_of.insert(user.entry.id, source);
            let guest = Guest {
                id: user.entry.id,
                state: if user.state == ObjectState::Live {
                    State::Live
                } else {
                    State::InRecycleBin
                },
                attrs: user.entry.attrs.clone(),
                manager: None,
            };
            let other = by_source.insert(source, guest);
            assert!(
                other.is_none(),
                "{} is in Fabrikam twice",
                self.name_of(source)
            );
        }
        let live: Vec<ObjectId> = by_source
            .values()
            .filter(|guest| guest.is_live())
            .map(|guest| guest.id)
            .collect();
        let managers = self
            .store
            .read(|reader| reader.single_edges(self.fabrikam.id, EdgeKind::Manager, &live))
            .unwrap();
        for (id, manager) in live.iter().zip(managers) {
            let Some(manager) = manager.filter(|manager| live.contains(manager)) else {
                continue;
            };
            let name = self.name_of(source_of[&manager]);
            by_source.get_mut(&source_of[id]).unwrap().manager = Some(name);
        }
        by_source
    }

    fn all_of_fabrikam(&self) -> Vec<Stored> {
        self.store
            .read(|reader| {
                let tenant = self.fabrikam.id;
                let most = 100_000;
                let live = ObjectState::Live;
                let mut all = reader
                    .scan(tenant, EntityKind::User, live, None, most)?
                    .rows;
                all.extend(reader.recycled(tenant, EntityKind::User, None, most)?);
                Ok::<_, syncline_store::StoreError>(all)
            })
            .unwrap()
    }

    /// An internal user of Fabrikam with this address.
    pub fn internal_user_of_fabrikam(&self, mail: &str) -> ObjectId {
        let attrs = Attrs::new()
            .with(Attr::DISPLAY_NAME, "Somebody of Fabrikam")
            .with(Attr::USER_PRINCIPAL_NAME, "somebody@fabrikam.example")
            .with(Attr::MAIL_NICKNAME, "somebody")
            .with(Attr::OTHER_MAILS, Value::List(Vec::new()))
            .with(Attr::MAIL, mail)
            .with(Attr::ACCOUNT_ENABLED, true);
        id_of(&self.write_in(&self.fabrikam, |tx, context| {
            users::create(tx, context, NewUser { attrs })
        }))
    }

    /// What an administrator of Fabrikam does by hand.
    pub fn fabrikam_deletes(&self, user: ObjectId) {
        self.write_in(&self.fabrikam, |tx, context| {
            users::delete(tx, context, user)
        });
    }

    pub fn fabrikam_purges(&self, user: ObjectId) {
        self.write_in(&self.fabrikam, |tx, context| {
            deleted_items::purge(tx, context, user)
        });
    }

    pub fn fabrikam_changes(&self, user: ObjectId, attr: Attr, value: impl Into<Value>) {
        let changes = [(attr, Some(value.into()))];
        self.write_in(&self.fabrikam, |tx, context| {
            users::update(tx, context, user, &changes)
        });
    }

    pub fn fabrikam_gives_manager(&self, user: ObjectId, manager: ObjectId) {
        self.write_in(&self.fabrikam, |tx, context| {
            users::set_manager(tx, context, user, manager)
        });
    }

    pub fn fabrikam_takes_manager(&self, user: ObjectId) {
        self.write_in(&self.fabrikam, |tx, context| {
            users::remove_manager(tx, context, user)
        });
    }
}
