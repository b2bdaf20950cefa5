//! What an application was when its service principal went into the recycle bin. It does not follow it there: what changed
//! since comes over when it is restored, and no more than that, so that it keeps what it had of its own.

use serde::{Deserialize, Serialize};
use syncline_model::{Attr, ObjectId, TenantId, Value};
use syncline_store::{Document, Result, Stored, Tx, object_documents};

use super::create::shown_of;

/// Key: the service principal's id.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Followed {
    shown: Vec<(Attr, Option<Value>)>,
}

impl Document for Followed {
    const KIND: &'static str = object_documents::FOLLOWED_APPLICATION;
}

impl Followed {
    pub(super) fn of(application: &Stored) -> Self {
        let uris = application.entry.get(Attr::IDENTIFIER_URIS);
        let shown = shown_of(application)
            .into_iter()
            .chain([(Attr::IDENTIFIER_URIS, uris)]);
        Self {
            shown: shown.map(|(attr, value)| (attr, value.cloned())).collect(),
        }
    }

    /// What the application gave its service principal to show there.
    pub(super) fn get(&self, attr: Attr) -> Option<&Value> {
        let found = self.shown.iter().find(|(known, _)| *known == attr);
        found.and_then(|(_, value)| value.as_ref())
    }
}

/// Notes what a service principal was following that is about to be deleted.
pub(crate) fn note(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    service_principal: ObjectId,
    application: &Stored,
) -> Result<()> {
    let key = service_principal.to_string();
    tx.put_document(Some(tenant), &key, &Followed::of(application), None)
}

/// What was noted, which is needed no more; `None` of one that was deleted before that was done.
pub(super) fn take(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    service_principal: ObjectId,
) -> Result<Option<Followed>> {
    let key = service_principal.to_string();
    let noted = tx.document(Some(tenant), &key)?;
    if noted.is_some() {
        tx.delete_document::<Followed>(Some(tenant), &key)?;
    }
    Ok(noted)
}
