//! What people call the objects that references of an entry wait for: the entry has their ids.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use syncline_model::{EntityKind, ObjectId, TenantId};
use syncline_store::{Reader, StoreError};

use super::walk::Entry;
use super::{list, text};
use crate::commands::waiting;

/// As an entry says it, before the ids, as far as those are named there.
const WAITS: &str = "waits until ";

/// What those are called whom the references of an entry wait for; of those that have no name there is none.
pub type Names = BTreeMap<ObjectId, String>;

/// The names of each of these entries, in their order: those that objects of its own tenant have now, whatever another
/// tenant has by the same id. None at all where nobody has one.
pub fn of(reader: &Reader<'_>, entries: &[Entry]) -> Result<Vec<Names>, StoreError> {
    let mut asked: BTreeMap<TenantId, BTreeSet<ObjectId>> = BTreeMap::new();
    for entry in entries {
        let of_tenant = asked.entry(entry.tenant).or_default();
        of_tenant.extend(awaited(&entry.row));
    }
    let mut known: BTreeMap<TenantId, Names> = BTreeMap::new();
    for (tenant, ids) in asked {
        let of_tenant = known.entry(tenant).or_default();
        let ids: Vec<ObjectId> = ids.into_iter().collect();
        let kinds = EntityKind::DIRECTORY.iter().filter(|_| !ids.is_empty());
        for kind in kinds {
            for found in reader.objects(tenant, *kind, &ids)? {
                let id = found.entry.id;
                let name = waiting::name(Some(&found), id);
                if name != id.to_string() {
                    of_tenant.insert(id, name);
                }
            }
        }
    }
    let named = entries.iter().map(|entry| {
        let of_tenant = known.get(&entry.tenant);
        let name = |id| Some((id, of_tenant?.get(&id)?.clone()));
        awaited(&entry.row).into_iter().filter_map(name).collect()
    });
    let names: Vec<Names> = named.collect();
    Ok(match names.iter().all(Names::is_empty) {
        true => Vec::new(),
        false => names,
    })
}

/// Objects that references of an entry wait for.
fn awaited(row: &Json) -> Vec<ObjectId> {
    let steps = list(row, "/provisioningSteps").iter();
    let references = steps.filter(|it| text(it, "/name") == "ReferenceResolution");
    let details = references.filter_map(|it| it.pointer("/details")?.as_object());
    let told = details.flat_map(|it| it.values().filter_map(Json::as_str));
    let waits = told.filter_map(|it| it.split_once(WAITS));
    let words = waits.flat_map(|(_, ids)| ids.split([' ', ',']));
    words.filter_map(|word| word.parse().ok()).collect()
}

/// A text of an entry with the names beside the ids of whom it waits for.
pub fn shown(text: &str, names: &Names) -> String {
    let Some((before, ids)) = text.split_once(WAITS) else {
        return text.to_owned();
    };
    let mut ids = ids.to_owned();
    for (id, name) in names {
        let id = id.to_string();
        ids = ids.replace(&id, &format!("{name} ({id})"));
    }
    format!("{before}{WAITS}{ids}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use syncline_directory::Context;
    use syncline_directory::tenants::{self, NewTenant};
    use syncline_directory::users::{self, NewUser};
    use syncline_model::{Attr, Attrs, Problem};

    use super::*;
    use crate::app::{App, Settings};
    use crate::data_dir::DataDir;

    fn hired(app: &App, domain: &str, name: &str) -> (TenantId, ObjectId) {
        let now = app.clock.now();
        let ids = app.ids.as_ref();
        let new = NewTenant {
            id: None,
            domain: domain.to_owned(),
            display_name: domain.to_owned(),
        };
        let attrs = Attrs::new()
            .with(Attr::DISPLAY_NAME, name)
            .with(Attr::USER_PRINCIPAL_NAME, format!("{name}@{domain}"))
            .with(Attr::MAIL_NICKNAME, name)
            .with(Attr::ACCOUNT_ENABLED, true);
        let hired = app.store.write(|tx| {
            let tenant = tenants::create(tx, ids, now, new)?.tenant;
            let context = Context {
                tenant: &tenant,
                now,
                ids,
            };
            let user = users::create(tx, &context, NewUser { attrs })?;
            Ok::<_, Problem>((tenant.id, user.entry.id))
        });
        hired.unwrap()
    }

    fn waiting(tenant: TenantId, id: ObjectId) -> Entry {
        Entry {
            tenant,
            id: ObjectId::NIL,
            row: json!({
                "provisioningSteps": [{
                    "name": "ReferenceResolution",
                    "details": { "manager": format!("waits until {id} is in the target") },
                }],
            }),
            bytes: 0,
        }
    }

    #[test]
    fn who_has_the_id_in_another_tenant_is_not_called_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let app = App::open(data, Settings::default()).unwrap();
        let (contoso, dia) = hired(&app, "contoso.example", "dia");
        let (fabrikam, eva) = hired(&app, "fabrikam.example", "eva");
        let entries = [
            waiting(contoso, dia),
            waiting(contoso, eva),
            waiting(fabrikam, dia),
        ];
        let named = |entries: &[Entry]| app.store.read(|reader| of(reader, entries)).unwrap();
        let of_dia = Names::from([(dia, "dia@contoso.example".to_owned())]);
        assert_eq!(named(&entries), [of_dia, Names::new(), Names::new()]);
        assert!(named(&entries[1..]).is_empty());
    }
}
