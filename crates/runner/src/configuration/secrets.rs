//! The secrets of a service principal: which target, whom to synchronize, what holds a cycle back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use syncline_engine::gate::{Gate, notification_settings};
use syncline_model::{ObjectId, Problem, TenantId};
use syncline_store::{Document, Reader, StoreError, object_documents};

/// Longer than any token or connection string.
const LONGEST_VALUE: usize = 32 * 1024;

/// `synchronization/secrets` of a service principal. Key: the service principal's id.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Secrets {
    /// Secret keys as Graph spells them (`CompanyId`, `SyncAll`, …) and their values.
    pub values: BTreeMap<String, String>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Passwords and tokens are among the values.
        f.debug_set().entries(self.values.keys()).finish()
    }
}

impl Document for Secrets {
    const KIND: &'static str = object_documents::SYNCHRONIZATION_SECRETS;
    const SEALED: bool = true;
}

impl Secrets {
    pub fn load(
        reader: &Reader<'_>,
        tenant: TenantId,
        service_principal: ObjectId,
    ) -> Result<Self, Problem> {
        let stored: Result<Option<Self>, StoreError> =
            reader.document(Some(tenant), &service_principal.to_string());
        match stored {
            // Who reads that has to find them.
            Err(damaged @ StoreError::Damaged(_)) => Err(Problem::internal(format!(
                "{damaged}: the secrets of the service principal {service_principal}"
            ))),
            stored => Ok(stored?.unwrap_or_default()),
        }
    }

    /// The same; `None`: the stored ones can not be read, and nobody knows what they say.
    pub fn readable(
        reader: &Reader<'_>,
        tenant: TenantId,
        service_principal: ObjectId,
    ) -> Result<Option<Self>, Problem> {
        match Self::load(reader, tenant, service_principal) {
            Err(problem) if StoreError::was_damaged_row(&problem) => Ok(None),
            secrets => secrets.map(Some),
        }
    }

    /// Those that decisions depend on.
    pub(crate) fn switches(&self) -> BTreeMap<String, String> {
        let keys = ["SyncAll", "CompanyId", "SkipOutOfScopeDeletions"];
        let values = keys.into_iter().filter_map(|key| {
            let value = self.values.get(key)?;
            Some((key.to_owned(), value.clone()))
        });
        values.collect()
    }

    /// The accidental-deletion gate of a job with these settings, and what is wrong with what is stored for it, here and
    /// there.
    pub(crate) fn gate(&self, settings: &[(String, String)]) -> (Gate, Option<String>) {
        let notifications = self.values.get("SyncNotificationSettings");
        Gate::of(notifications.map(String::as_str), settings)
    }

    /// A switch such as `SyncAll`: `"true"` in any case is on.
    pub fn switch(&self, key: &str) -> bool {
        self.values
            .get(key)
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The hosted tenant that people go to; `None`: none is stored, or what is stored is no id of one.
    pub fn target(&self) -> Option<TenantId> {
        self.values.get("CompanyId")?.parse().ok()
    }

    /// What would be refused of what is stored, had it been sent now; one line for each key. `own`: the
    /// tenant that they belong to.
    pub fn wrong(&self, own: TenantId) -> Vec<String> {
        let checked = self.values.iter();
        let refused = checked.filter_map(|(key, value)| Self::check(key, value, own).err());
        refused.map(|problem| problem.message).collect()
    }

    /// Whether a key may have this value. A switch that is neither on nor off would only be noticed in the
    /// middle of a cycle, and settings that are passed over when more is deleted than somebody allowed.
    ///
    /// # Errors
    /// 400, with what is expected.
    pub fn check(key: &str, value: &str, own: TenantId) -> Result<(), Problem> {
        let refused = |expected: &str| {
            Problem::bad_request(format!(
                "The value of the secret '{key}' is not valid. Expected: {expected}."
            ))
        };
        match key {
            _ if value.is_empty() => Ok(()),
            // They are read at every page of a cycle.
            _ if value.len() > LONGEST_VALUE => {
                Err(refused(&format!("at most {LONGEST_VALUE} bytes")))
            }
            "HardDeletesEnabled" if !value.eq_ignore_ascii_case("false") => Err(refused(
                "false. Deletions are soft: how long deleted people stay in the recycle bin is the server's --deleted-retention-days",
            )),
            "SyncAll" | "SkipOutOfScopeDeletions" => {
                if value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false") {
                    Ok(())
                } else {
                    Err(refused("true or false"))
                }
            }
            // Whether another tenant exists here is told by `validateCredentials`, with what its policy says.
            "CompanyId" => match value.parse::<TenantId>() {
                Err(_) => Err(refused("a tenant id")),
                Ok(tenant) if tenant == own => Err(refused(
                    "the id of the target tenant. This is the source tenant itself",
                )),
                Ok(_) => Ok(()),
            },
            "SyncNotificationSettings" => {
                notification_settings::read(value)
                    .map(drop)
                    .map_err(|wrong| {
                        Problem::bad_request(format!(
                            "The value of the secret '{key}' is not valid: {wrong}."
                        ))
                    })
            }
            _ => Ok(()),
        }
    }
}
