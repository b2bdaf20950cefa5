//! One row of `users.csv`: a person as the file says it.

use csv::StringRecord;
use syncline_directory::users::NewUser;
use syncline_model::{Attr, Attrs, Value};

use super::columns::Column;
use super::value;

/// A person of the file. Only what the row says: an empty cell is not there.
#[derive(Clone, Debug)]
pub struct Person {
    pub user_principal_name: String,
    pub attrs: Attrs,
}

/// What is wrong with a row, and in which column (from zero).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub column: usize,
    pub message: String,
}

impl Person {
    /// Reads the cells of a row, as many as there are columns.
    pub fn read(columns: &[Column<'_>], cells: &StringRecord) -> Result<Self, Wrong> {
        let mut attrs = Attrs::new();
        for (at, (column, cell)) in columns.iter().zip(cells).enumerate() {
            match column {
                Column::Property(property) if cell.is_empty() => {
                    if matches!(
                        property.attr,
                        Attr::USER_PRINCIPAL_NAME | Attr::DISPLAY_NAME
                    ) {
                        return Err(Wrong {
                            column: at,
                            message: format!("{}: a value is required", property.name),
                        });
                    }
                }
                Column::Property(property) => {
                    let value = value::parse(property, cell).map_err(|message| Wrong {
                        column: at,
                        message,
                    })?;
                    attrs.set(property.attr, value);
                }
                // Set once everybody is there.
                Column::Manager => {}
            }
        }
        let user_principal_name = attrs
            .text(Attr::USER_PRINCIPAL_NAME)
            .unwrap_or_default()
            .to_owned();
        Ok(Self {
            user_principal_name,
            attrs,
        })
    }

    /// The same person as a new user, with the defaults of an import.
    pub fn new_user(&self) -> NewUser {
        let mut attrs = self.attrs.clone();
        let alias = self
            .user_principal_name
            .split('@')
            .next()
            .unwrap_or_default()
            .to_owned();
        for (attr, value) in [
            (Attr::ACCOUNT_ENABLED, Value::Bool(true)),
            (Attr::MAIL_NICKNAME, Value::text(alias)),
            (Attr::USER_TYPE, Value::text("Member")),
        ] {
            if !attrs.contains(attr) {
                attrs.set(attr, value);
            }
        }
        NewUser { attrs }
    }
}
