//! Another key takes the place of the one that everything is sealed with, in one transaction: whatever
//! interrupts it, one key opens all there is.

use syncline_model::Ids;

use super::{MasterKey, Vault, key_check};
use crate::documents::place;
use crate::driver::{int, owned_blob, text};
use crate::{Result, Store, StoreError, Tx};

/// So many documents are in memory at once.
const SLICE: usize = 500;

/// What was sealed anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SealedAnew {
    pub documents: u64,
    /// Documents that the old key did not open either. Nobody has read them, and nobody can: they stay as they are.
    pub unreadable: u64,
}

/// A document that is sealed anew, and where it stands.
struct Sealed {
    tenant_no: i64,
    kind: String,
    key: String,
    /// `None`: it did not open.
    body: Option<Vec<u8>>,
}

impl Store {
    /// Seals everything with another key. Nobody else writes meanwhile: on a shared database whoever has begun to is
    /// waited for, and whoever opened it before is refused to write from then on ([`StoreError::Replaced`]), for it has
    /// the old key. So is this store, which is gone. `before` is asked first, when nobody else can begin to write; what
    /// it writes is sealed with the new key, too, and what it refuses is not done. From when it returns on, the new key
    /// has to be on a disk.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`] and [`StoreError::Replaced`] where somebody else has done the same since this was opened.
    /// After [`StoreError::Unanswered`] nobody knows which key opens it: one of the two does.
    pub fn replace_key<E: From<StoreError>>(
        self,
        new: &MasterKey,
        ids: &dyn Ids,
        before: impl FnOnce(&mut Tx<'_>) -> std::result::Result<(), E>,
    ) -> std::result::Result<SealedAnew, E> {
        let vault = Vault::new(new);
        self.write(|tx| {
            if tx.is_shared() {
                tx.enter_everything()?;
            }
            key_check::known(tx)?;
            before(tx)?;
            let sealed = tx.seal_anew(&vault)?;
            if tx.is_shared() {
                tx.begin_epoch(ids, self.expected_layout())?;
            }
            Ok(sealed)
        })
    }
}

impl Tx<'_> {
    fn seal_anew(&mut self, vault: &Vault) -> Result<SealedAnew> {
        let mut done = SealedAnew::default();
        let mut after = (i64::MIN, String::new(), String::new());
        loop {
            let slice = self.slice_behind(&after, vault)?;
            let Some(last) = slice.last() else {
                return Ok(done);
            };
            after = (last.tenant_no, last.kind.clone(), last.key.clone());
            done.unreadable += slice.iter().filter(|it| it.body.is_none()).count() as u64;
            let rows: Vec<_> = slice
                .iter()
                .filter_map(|it| Some((it, it.body.clone()?)))
                .map(|(it, body)| {
                    [
                        int(it.tenant_no),
                        text(&it.kind),
                        text(&it.key),
                        owned_blob(body),
                    ]
                })
                .collect();
            done.documents += self.connection.execute_each(
                "UPDATE document SET body = ?4 WHERE tenant_no = ?1 AND kind = ?2 AND key = ?3",
                &[],
                rows.into_iter(),
            )?;
        }
    }

    /// The next documents that are sealed, opened and sealed with another vault.
    fn slice_behind(&self, after: &(i64, String, String), vault: &Vault) -> Result<Vec<Sealed>> {
        self.connection.query(
            "SELECT tenant_no, kind, key, body FROM document WHERE (tenant_no, kind, key) > (?1, ?2, ?3) AND sealed = 1 ORDER BY tenant_no, kind, key LIMIT ?4",
            &[int(after.0), text(&after.1), text(&after.2), int(SLICE)],
            |row| {
                let (tenant_no, kind, key) =
                    (row.int(0)?, row.text(1)?.into_owned(), row.text(2)?.into_owned());
                let place = place(tenant_no, &kind, &key);
                let body = match self.vault().open(&place, row.blob(3)?) {
                    Ok(plain) => Some(vault.seal(&place, &plain)?),
                    Err(_) => None,
                };
                Ok(Sealed {
                    tenant_no,
                    kind,
                    key,
                    body,
                })
            },
        )
    }
}
