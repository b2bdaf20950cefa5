//! The groups of the tenant by the names that a file may give them, those in the recycle bin too.
//!
//! Neither have their names among the keys by which the store finds objects, since several may have
//! one name: they are read through, once. What is kept is an id for each name.

use std::collections::HashMap;

use syncline_model::fold::fold;
use syncline_model::{Attr, EntityKind, ObjectId, Timestamp, Value, is_role_assignable};
use syncline_store::{ObjectState, Stored, Tenant};

use super::{BYTES, PAGE};
use crate::app::App;
use crate::failure::Failure;

/// One that members can be added to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    pub id: ObjectId,
    /// It comes from another tenant, and so do its members, but for those whom somebody adds.
    pub is_synchronized: bool,
}

/// What has a name in the tenant, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    One(Group),
    /// Its members can not be added to, and why.
    Closed(&'static str),
    Several,
    /// No live group has the name. Of those in the recycle bin the one that was deleted last had it.
    Recycled {
        deleted_at: Option<Timestamp>,
        group: Group,
        /// Why its members could not be added to either.
        closed: Option<&'static str>,
    },
}

/// By folded name.
pub type KnownGroups = HashMap<String, Known>;

pub fn read(app: &App, tenant: &Tenant) -> Result<KnownGroups, Failure> {
    let mut found = live(app, tenant)?;
    recycled(app, tenant, &mut found)?;
    Ok(found)
}

fn live(app: &App, tenant: &Tenant) -> Result<KnownGroups, Failure> {
    app.store.read(|reader| {
        let mut found = KnownGroups::new();
        let mut after = None;
        loop {
            let kind = EntityKind::Group;
            let limit = reader.fitting(tenant.id, kind, after, PAGE, BYTES)?;
            let page = reader.scan(tenant.id, kind, ObjectState::Live, after, limit)?;
            for group in &page.rows {
                let name = name(group);
                let known = match closed(group) {
                    _ if found.contains_key(&name) => Known::Several,
                    Some(why) => Known::Closed(why),
                    None => Known::One(of(group)),
                };
                found.insert(name, known);
            }
            after = page.next;
            if after.is_none() {
                return Ok(found);
            }
        }
    })
}

/// A name that a live group has is that one's, as ever.
fn recycled(app: &App, tenant: &Tenant, found: &mut KnownGroups) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let page = app.store.read(|reader| {
            let kind = EntityKind::Group;
            let limit = reader.recycled_fitting(tenant.id, kind, after, PAGE, BYTES)?;
            reader.recycled(tenant.id, kind, after, limit)
        })?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some(last.entry.id);
        for group in &page {
            let this = Known::Recycled {
                deleted_at: group.deleted_at,
                group: of(group),
                closed: closed(group),
            };
            let known = found.entry(name(group)).or_insert(this);
            if let Known::Recycled {
                deleted_at,
                group: before,
                ..
            } = known
                && (*deleted_at, before.id) < (group.deleted_at, group.entry.id)
            {
                *known = this;
            }
        }
    }
}

fn of(group: &Stored) -> Group {
    Group {
        id: group.entry.id,
        is_synchronized: group.entry.attrs.contains(Attr::HOME_TENANT_ID),
    }
}

fn name(group: &Stored) -> String {
    fold(group.entry.text(Attr::DISPLAY_NAME).unwrap_or_default())
}

fn closed(group: &Stored) -> Option<&'static str> {
    // Whoever fills it gives its roles away, which takes more than a file of people.
    if is_role_assignable(&group.entry.attrs) {
        return Some("may hold directory roles; its members are changed over Graph");
    }
    let types = group
        .entry
        .get(Attr::GROUP_TYPES)
        .map(Value::as_slice)
        .unwrap_or_default();
    if types
        .iter()
        .filter_map(Value::as_text)
        .any(|it| it.eq_ignore_ascii_case("DynamicMembership"))
    {
        return Some("has dynamic membership; its members follow from its rule");
    }
    if group.entry.bool(Attr::SECURITY_ENABLED) != Some(true) {
        return Some("is not a security group");
    }
    None
}
