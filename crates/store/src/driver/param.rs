//! Values bound to a statement.

use std::borrow::Cow;

use bytes::BytesMut;
use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::nul;

/// A value with its type: an absent one has a type too, because PostgreSQL wants to know.
#[derive(Clone, Debug)]
pub(crate) enum Param<'v> {
    Int(Option<i64>),
    Text(Option<Cow<'v, str>>),
    Blob(Option<Cow<'v, [u8]>>),
}

/// A whole number; unsigned ones that do not fit are a mistake of ours and become the largest.
pub(crate) fn int(value: impl TryInto<i64>) -> Param<'static> {
    Param::Int(Some(value.try_into().unwrap_or(i64::MAX)))
}

pub(crate) fn flag(value: bool) -> Param<'static> {
    Param::Int(Some(i64::from(value)))
}

pub(crate) fn optional_int(value: Option<i64>) -> Param<'static> {
    Param::Int(value)
}

pub(crate) fn text(value: &str) -> Param<'_> {
    Param::Text(Some(Cow::Borrowed(value)))
}

pub(crate) fn blob(value: &[u8]) -> Param<'_> {
    Param::Blob(Some(Cow::Borrowed(value)))
}

pub(crate) fn optional_blob(value: Option<&[u8]>) -> Param<'_> {
    Param::Blob(value.map(Cow::Borrowed))
}

pub(crate) fn owned_blob(value: Vec<u8>) -> Param<'static> {
    Param::Blob(Some(Cow::Owned(value)))
}

impl Param<'_> {
    /// PostgreSQL's name of the type.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Int(_) => "bigint",
            Self::Text(_) => "text",
            Self::Blob(_) => "bytea",
        }
    }

    /// The same value, so that rows with the same key can be found.
    pub(super) fn key(&self) -> Option<Vec<u8>> {
        match self {
            Self::Int(value) => value.map(|value| value.to_be_bytes().to_vec()),
            Self::Text(value) => value.as_ref().map(|value| value.as_bytes().to_vec()),
            Self::Blob(value) => value.as_ref().map(|value| value.to_vec()),
        }
    }
}

impl rusqlite::ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Int(Some(value)) => ValueRef::Integer(*value),
            Self::Text(Some(value)) => ValueRef::Text(value.as_bytes()),
            Self::Blob(Some(value)) => ValueRef::Blob(value),
            Self::Int(None) | Self::Text(None) | Self::Blob(None) => ValueRef::Null,
        }))
    }
}

type Encoded = Result<IsNull, Box<dyn std::error::Error + Sync + Send>>;

impl ToSql for Param<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Encoded {
        match self {
            Self::Int(value) => value.to_sql(ty, out),
            Self::Text(value) => value.as_deref().map(nul::store).to_sql(ty, out),
            Self::Blob(value) => value.as_deref().to_sql(ty, out),
        }
    }

    // Every parameter is cast in the statement's text, so its type is one of these.
    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

/// One column of a page of rows, as the array that PostgreSQL takes.
#[derive(Debug)]
pub(super) enum Column<'v> {
    Int(Vec<Option<i64>>),
    Text(Vec<Option<Cow<'v, str>>>),
    Blob(Vec<Option<Cow<'v, [u8]>>>),
}

impl<'v> Column<'v> {
    /// An empty column of the type of this value.
    pub(super) fn like(param: &Param<'_>) -> Self {
        match param {
            Param::Int(_) => Self::Int(Vec::new()),
            Param::Text(_) => Self::Text(Vec::new()),
            Param::Blob(_) => Self::Blob(Vec::new()),
        }
    }

    /// Adds a value; false when it is of another type than the column.
    pub(super) fn push(&mut self, param: Param<'v>) -> bool {
        match (self, param) {
            (Self::Int(column), Param::Int(value)) => column.push(value),
            (Self::Text(column), Param::Text(value)) => column.push(value),
            (Self::Blob(column), Param::Blob(value)) => column.push(value),
            _ => return false,
        }
        true
    }
}

impl ToSql for Column<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Encoded {
        match self {
            Self::Int(column) => column.to_sql(ty, out),
            Self::Text(column) => {
                let column: Vec<Option<Cow<'_, str>>> = column
                    .iter()
                    .map(|text| text.as_deref().map(nul::store))
                    .collect();
                column.to_sql(ty, out)
            }
            Self::Blob(column) => {
                let column: Vec<Option<&[u8]>> = column.iter().map(Option::as_deref).collect();
                column.to_sql(ty, out)
            }
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8_ARRAY | Type::TEXT_ARRAY | Type::BYTEA_ARRAY)
    }

    to_sql_checked!();
}
