//! `syncline deleted list`: who is in a tenant's recycle bin, those deleted last first.

use serde::{Deserialize, Serialize};
use syncline_model::{Attr, EntityKind, ObjectId, Timestamp};
use syncline_store::Stored;

use super::Action;
use crate::app::App;
use crate::failure::Failure;
use crate::output;
use crate::progress::Progress;

/// Read at once.
const PAGE: usize = 1000;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeletedList {
    /// Id or verified domain.
    pub tenant: String,
    /// Only who was deleted since then.
    pub deleted_since: Option<Timestamp>,
    pub top: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deleted {
    /// How many there are, shown or not.
    pub count: u64,
    pub value: Vec<Item>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    pub id: ObjectId,
    /// The name he had, and has again when he is restored.
    pub user_principal_name: String,
    pub display_name: String,
    pub deleted_date_time: Option<String>,
}

impl Action for DeletedList {
    type Output = Deleted;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<Deleted, Failure> {
        let tenant = app.store.read(|reader| app.tenant(reader, &self.tenant))?;
        let mut count = 0;
        let mut newest: Vec<Stored> = Vec::new();
        let mut after = None;
        loop {
            let page = app
                .store
                .read(|reader| reader.recycled(tenant.id, EntityKind::User, after, PAGE))?;
            let Some(last) = page.last() else { break };
            after = Some(last.entry.id);
            let wanted = page.into_iter().filter(|it| self.wants(it));
            for stored in wanted {
                count += 1;
                newest.push(stored);
            }
            newest.sort_by_key(|it| std::cmp::Reverse((it.deleted_at, it.entry.id)));
            newest.truncate(self.top);
            if progress.gone() {
                break;
            }
        }
        Ok(Deleted {
            count,
            value: newest.iter().map(Item::of).collect(),
        })
    }

    fn text(output: &Deleted) -> String {
        if output.count == 0 {
            return "No such user is in the recycle bin.\n".to_owned();
        }
        let rows = output.value.iter().map(|it| {
            vec![
                it.deleted_date_time.clone().unwrap_or_default(),
                it.user_principal_name.clone(),
                it.display_name.clone(),
                it.id.to_string(),
            ]
        });
        let mut text = output::table(&["DELETED", "WHO", "DISPLAY NAME", "ID"], rows.collect());
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
        let text = |attr| stored.entry.text(attr).unwrap_or_default().to_owned();
        Self {
            id: stored.entry.id,
            user_principal_name: text(Attr::USER_PRINCIPAL_NAME),
            display_name: text(Attr::DISPLAY_NAME),
            deleted_date_time: stored.deleted_at.map(|at| at.to_seconds_text()),
        }
    }
}
