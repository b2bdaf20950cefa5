//! One row of an answer, whichever database gave it.

use std::borrow::Cow;

use syncline_model::{EntityKind, Timestamp};
use tokio_postgres::types::Type;

use super::nul;
use crate::{Result, StoreError};

/// Columns are read by position. A column of another type than asked is damage.
pub(crate) enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

/// What is told of a column that can not be read; the verb knows the table, the row does not.
const UNREADABLE: StoreError = StoreError::Damaged("a column");

impl Row<'_> {
    pub(crate) fn optional_int(&self, column: usize) -> Result<Option<i64>> {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => match row.columns().get(column).map(|it| it.type_().clone()) {
                Some(Type::INT8) => Ok(row.try_get(column)?),
                Some(Type::INT4) => Ok(row.try_get::<_, Option<i32>>(column)?.map(i64::from)),
                Some(Type::INT2) => Ok(row.try_get::<_, Option<i16>>(column)?.map(i64::from)),
                _ => Err(UNREADABLE),
            },
        }
    }

    pub(crate) fn int(&self, column: usize) -> Result<i64> {
        self.optional_int(column)?.ok_or(UNREADABLE)
    }

    /// A number that is never negative, of whatever width the caller has.
    pub(crate) fn number<N: TryFrom<i64>>(&self, column: usize) -> Result<N> {
        N::try_from(self.int(column)?).map_err(|_| UNREADABLE)
    }

    pub(crate) fn flag(&self, column: usize) -> Result<bool> {
        Ok(self.int(column)? != 0)
    }

    pub(crate) fn time(&self, column: usize) -> Result<Timestamp> {
        self.int(column).map(Timestamp)
    }

    pub(crate) fn optional_text(&self, column: usize) -> Result<Option<Cow<'_, str>>> {
        match self {
            Self::Sqlite(row) => {
                let text = row.get_ref(column)?.as_str_or_null();
                Ok(text.map_err(|_| UNREADABLE)?.map(Cow::Borrowed))
            }
            Self::Postgres(row) => {
                let text: Option<&str> = row.try_get(column)?;
                text.map(nul::load).transpose()
            }
        }
    }

    pub(crate) fn text(&self, column: usize) -> Result<Cow<'_, str>> {
        self.optional_text(column)?.ok_or(UNREADABLE)
    }

    pub(crate) fn optional_blob(&self, column: usize) -> Result<Option<&[u8]>> {
        match self {
            Self::Sqlite(row) => {
                let blob = row.get_ref(column)?.as_blob_or_null();
                blob.map_err(|_| UNREADABLE)
            }
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    pub(crate) fn blob(&self, column: usize) -> Result<&[u8]> {
        self.optional_blob(column)?.ok_or(UNREADABLE)
    }

    /// A 16-byte id.
    pub(crate) fn id<T>(&self, column: usize, make: fn([u8; 16]) -> T) -> Result<T> {
        let bytes = <[u8; 16]>::try_from(self.blob(column)?).map_err(|_| UNREADABLE)?;
        Ok(make(bytes))
    }

    pub(crate) fn kind(&self, column: usize) -> Result<EntityKind> {
        EntityKind::from_number(self.number(column)?).ok_or(UNREADABLE)
    }
}
