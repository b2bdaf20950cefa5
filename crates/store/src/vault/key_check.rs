//! Is this the key that the database was made with?
//!
//! A node that came with another key would start, fail at the first secret, and seal new ones that
//! the others can not read. So a small sealed document is written at the first start, and opened at
//! every further one.

use serde::{Deserialize, Serialize};

use crate::documents::place;
use crate::{Document, Reader, Result, Store, StoreError};

/// Key: `key`. What it says does not matter; that it opens does.
#[derive(Debug, Serialize, Deserialize)]
struct KeyCheck {
    sealed: bool,
}

impl Document for KeyCheck {
    const KIND: &'static str = "key_check";
    const SEALED: bool = true;
}

const KEY: &str = "key";

/// [`StoreError::WrongKey`] when the database was made with another key.
pub(crate) fn verify(store: &Store) -> Result<()> {
    if store.read(known)? {
        return Ok(());
    }
    store.write(|tx| {
        // Another node may have been faster, with another key.
        if !known(tx)? {
            tx.put_document(None, KEY, &KeyCheck { sealed: true }, None)?;
        }
        Ok(())
    })
}

/// Whether the key is known to be right; false in a database without anything sealed.
pub(crate) fn known(reader: &Reader<'_>) -> Result<bool> {
    match reader.document::<KeyCheck>(None, KEY) {
        Ok(Some(_)) => return Ok(true),
        Ok(None) => {}
        Err(StoreError::Damaged(_)) => return Err(StoreError::WrongKey),
        Err(error) => return Err(error),
    }
    // Made before this check was: whatever is sealed tells as much, and the check is still to be
    // written.
    let opens = reader.connection.first(
        "SELECT tenant_no, kind, key, body FROM document WHERE sealed = 1 LIMIT 1",
        &[],
        |row| {
            let place = place(row.int(0)?, &row.text(1)?, &row.text(2)?);
            Ok(reader.vault().open(&place, row.blob(3)?).is_ok())
        },
    )?;
    match opens {
        Some(false) => Err(StoreError::WrongKey),
        Some(true) | None => Ok(false),
    }
}
