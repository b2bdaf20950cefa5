//! `syncline deleted list`: which users or groups are in a tenant's recycle bin, those deleted last first.

use serde::{Deserialize, Serialize};
use syncline_model::{Attr, EntityKind, ObjectId, Timestamp};
use syncline_store::Stored;

use super::{Action, recycled};
use crate::app::App;
use crate::failure::Failure;
use crate::named::graph_name;
use crate::output;
use crate::progress::Progress;

/// Read at once, at most.
const PAGE: usize = 1000;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeletedList {
    /// Id or verified domain.
    pub tenant: String,
    #[serde(with = "graph_name")]
    pub kind: EntityKind,
    /// Only who was deleted since then.
    pub deleted_since: Option<Timestamp>,
    pub top: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deleted {
    #[serde(with = "graph_name")]
    pub kind: EntityKind,
    /// How many there are, shown or not.
    pub count: u64,
    pub value: Vec<Item>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    pub id: ObjectId,
    /// The name a user had, and has again when he is restored. Groups have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_principal_name: Option<String>,
    pub display_name: String,
    pub deleted_date_time: Option<String>,
}

impl Action for DeletedList {
    type Output = Deleted;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<Deleted, Failure> {
        let tenant = app.store.read(|reader| app.tenant(reader, &self.tenant))?;
        let mut count = 0;
        // What is shown of them: the objects themselves may be large.
        let mut newest: Vec<(Option<Timestamp>, Item)> = Vec::new();
        let mut after = None;
        loop {
            // A part of them, counted, would be taken for all.
            if progress.gone() {
                return Err(Failure::new(
                    "the list was given up, because the server stops or nobody waits for it any more",
                )
                .with_help("ask again when the server runs"));
            }
            let page = recycled::page(app, &tenant, self.kind, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(last.entry.id);
            for stored in page.iter().filter(|it| self.wants(it)) {
                count += 1;
                newest.push((stored.deleted_at, Item::of(stored)));
            }
            newest.sort_by_key(|(at, it)| std::cmp::Reverse((*at, it.id)));
            newest.truncate(self.top);
        }
        Ok(Deleted {
            kind: self.kind,
            count,
            value: newest.into_iter().map(|(_, it)| it).collect(),
        })
    }

    fn text(output: &Deleted) -> String {
        if output.count == 0 {
            let kind = output.kind.graph_name();
            return format!("No such {kind} is in the recycle bin.\n");
        }
        let has_names = output.kind == EntityKind::User;
        let rows = output.value.iter().map(|it| {
            let mut row = vec![it.deleted_date_time.clone().unwrap_or_default()];
            if has_names {
                row.push(it.user_principal_name.clone().unwrap_or_default());
            }
            row.extend([it.display_name.clone(), it.id.to_string()]);
            row
        });
        let heading: &[&str] = match has_names {
            true => &["DELETED", "WHO", "DISPLAY NAME", "ID"],
            false => &["DELETED", "DISPLAY NAME", "ID"],
        };
        let mut text = output::table(heading, rows.collect());
        let shown = output.value.len() as u64;
        if output.count > shown {
            text.push_str(&format!(
                "… and {} more; --top shows more of them\n",
                output.count - shown
            ));
        }
        text
    }
}

impl DeletedList {
    fn wants(&self, stored: &Stored) -> bool {
        self.deleted_since
            .is_none_or(|since| stored.deleted_at.is_some_and(|at| at >= since))
    }
}

impl Item {
    fn of(stored: &Stored) -> Self {
        let text = |attr| stored.entry.text(attr).map(str::to_owned);
        Self {
            id: stored.entry.id,
            user_principal_name: text(Attr::USER_PRINCIPAL_NAME),
            display_name: text(Attr::DISPLAY_NAME).unwrap_or_default(),
            deleted_date_time: stored.deleted_at.map(|at| at.to_seconds_text()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Settings;
    use crate::commands::tenant_create::TenantCreate;
    use crate::data_dir::DataDir;
    use crate::progress::{Silent, Step};

    struct Gone;

    impl Progress for Gone {
        fn step(&self, _step: Step) {}

        fn gone(&self) -> bool {
            true
        }
    }

    #[test]
    fn a_list_that_is_given_up_is_not_taken_for_a_whole_one() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let app = App::open(data, Settings::default()).unwrap();
        let create = TenantCreate {
            domain: "contoso.example".to_owned(),
            display_name: "Contoso".to_owned(),
            id: None,
            admin: None,
        };
        create.execute(&app, &Silent).unwrap();
        let list = DeletedList {
            tenant: "contoso.example".to_owned(),
            kind: EntityKind::User,
            deleted_since: None,
            top: 1,
        };
        assert_eq!(list.execute(&app, &Silent).unwrap().count, 0);
        let failure = list.execute(&app, &Gone).unwrap_err();
        assert!(failure.message.contains("given up"), "{failure:?}");
    }
}
