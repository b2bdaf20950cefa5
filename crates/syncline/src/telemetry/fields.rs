//! A span's fields in lines of text, each once: the tenant of a request is told when it is admitted, and
//! again when it is answered.

use std::fmt;

use tracing::span::Record;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::{DefaultFields, Writer};
use tracing_subscriber::fmt::{FormatFields, FormattedFields};

#[derive(Debug, Default)]
pub struct Once(DefaultFields);

impl<'w> FormatFields<'w> for Once {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        self.0.format_fields(writer, fields)
    }

    fn add_fields(
        &self,
        current: &'w mut FormattedFields<Self>,
        fields: &Record<'_>,
    ) -> fmt::Result {
        let before = current.fields.len();
        if before > 0 {
            current.fields.push(' ');
        }
        let from = current.fields.len();
        self.0.format_fields(current.as_writer(), fields)?;
        let (told, said) = (&current.fields[..before], &current.fields[from..]);
        if said.is_empty() || told.split(' ').any(|it| it == said) {
            current.fields.truncate(before);
        }
        Ok(())
    }
}
