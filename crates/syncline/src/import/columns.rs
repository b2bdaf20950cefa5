//! The header of `users.csv`, bound to the entity table of the tenant: its directory extensions are
//! columns like any other.

use std::path::Path;

use syncline_model::schema::Mutability;
use syncline_model::{Attr, EntityKind, EntityType, Property, PropertyType, Schema};

use super::problems::name;
use crate::failure::Failure;

/// What a column holds.
#[derive(Clone, Copy, Debug)]
pub enum Column<'s> {
    Property(&'s Property),
    /// The manager's userPrincipalName.
    Manager,
}

const MANAGER: &str = "manager";
/// What people call passwords, which are none of the columns.
const PASSWORDS: [&str; 4] = ["password", "passwordProfile", "initialPassword", "passwd"];
/// What to do with a column whose title is empty.
pub const NAMELESS: &str = "spreadsheets leave such columns behind, often at the end: delete them, with all of their cells, or name them";
const REQUIRED: [Attr; 2] = [Attr::USER_PRINCIPAL_NAME, Attr::DISPLAY_NAME];

/// Binds a header, or says which name is wrong.
pub fn bind<'s>(
    schema: &'s Schema,
    file: &Path,
    header: &[String],
) -> Result<Vec<Column<'s>>, Failure> {
    let users = schema.of(EntityKind::User);
    let mut columns: Vec<Column<'s>> = Vec::with_capacity(header.len());
    for (at, title) in header.iter().enumerate() {
        let column = column(users, title).ok_or_else(|| unknown(users, file, at, title))?;
        if header[..at]
            .iter()
            .any(|before| before.eq_ignore_ascii_case(title))
        {
            return Err(Failure::new(format!(
                "{}:1:{}: the column `{title}` is there twice",
                name(file),
                at + 1
            )));
        }
        columns.push(column);
    }
    for required in REQUIRED {
        if position(&columns, required).is_none() {
            let required = required.core_name().unwrap_or_default();
            return Err(Failure::new(format!(
                "{}:1:1: the column `{required}` is missing",
                name(file)
            ))
            .with_help(
                "userPrincipalName and displayName are required; all other columns may be left out",
            ));
        }
    }
    Ok(columns)
}

/// Where an attribute stands.
pub fn position(columns: &[Column<'_>], attr: Attr) -> Option<usize> {
    columns
        .iter()
        .position(|column| matches!(column, Column::Property(property) if property.attr == attr))
}

/// Where the manager stands.
pub fn manager(columns: &[Column<'_>]) -> Option<usize> {
    columns
        .iter()
        .position(|column| matches!(column, Column::Manager))
}

fn column<'s>(users: &'s EntityType, title: &str) -> Option<Column<'s>> {
    if title.eq_ignore_ascii_case(MANAGER) {
        return Some(Column::Manager);
    }
    users
        .by_name(title)
        .filter(|it| importable(it))
        .map(Column::Property)
}

fn importable(property: &Property) -> bool {
    property.visible
        && matches!(
            property.mutability,
            Mutability::ReadWrite | Mutability::CreateOnly
        )
        && !matches!(
            property.kind,
            PropertyType::Complex | PropertyType::Reference
        )
}

fn unknown(users: &EntityType, file: &Path, at: usize, title: &str) -> Failure {
    let place = format!("{}:1:{}", name(file), at + 1);
    if title.is_empty() {
        return Failure::new(format!("{place}: the column has no name")).with_help(NAMELESS);
    }
    if PASSWORDS.iter().any(|it| it.eq_ignore_ascii_case(title)) {
        return Failure::new(format!("{place}: the column `{title}` cannot be imported")).with_help(
            "files hold no passwords: leave the column out. A user who signs in here gets a password over Graph: PATCH /v1.0/users/{id} with passwordProfile. Synchronization needs none",
        );
    }
    let mut known: Vec<&str> = users
        .properties()
        .iter()
        .filter(|it| importable(it))
        .map(|it| &*it.name)
        .chain([MANAGER])
        .collect();
    known.sort_unstable();
    let list = known.join(", ");
    let read_only = users.by_name(title).is_some();
    let message = if read_only {
        format!("{place}: the column `{title}` cannot be imported")
    } else {
        format!("{place}: the column `{title}` is not a property of users")
    };
    let help = match syncline_expression::closest(title, known.iter().copied()) {
        Some(close) if !read_only => format!("did you mean `{close}`? The columns are: {list}"),
        _ => format!("the columns are: {list}"),
    };
    Failure::new(message).with_help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bind_text(header: &str) -> Result<Vec<Column<'static>>, Failure> {
        let header: Vec<String> = header.split(',').map(str::to_owned).collect();
        bind(Schema::core(), Path::new("some/users.csv"), &header)
    }

    #[test]
    fn names_are_found_in_any_case() {
        let columns = bind_text("USERPRINCIPALNAME,displayname,Manager").unwrap();
        assert_eq!(position(&columns, Attr::DISPLAY_NAME), Some(1));
        assert_eq!(manager(&columns), Some(2));
    }

    #[test]
    fn an_extension_of_the_tenant_is_a_column_in_any_case() {
        let name = format!("extension_{}_code", "0".repeat(32));
        let mut extensions = syncline_model::schema::Extensions::default();
        extensions.add(syncline_model::schema::ExtensionProperty {
            id: syncline_model::ObjectId::NIL,
            application: syncline_model::ObjectId::NIL,
            attr: Attr(Attr::FIRST_EXTENSION),
            name: name.clone(),
            data_type: syncline_model::schema::ExtensionType::Integer,
            multi_valued: true,
            targets: vec![syncline_model::schema::ExtensionTarget::User],
            suspended: false,
        });
        let header = ["userPrincipalName", "displayName", &name.to_uppercase()].map(str::to_owned);
        let schema = extensions.schema();
        let columns = bind(&schema, Path::new("users.csv"), &header).unwrap();
        assert_eq!(position(&columns, Attr(Attr::FIRST_EXTENSION)), Some(2));
        let failure = bind(Schema::core(), Path::new("users.csv"), &header).unwrap_err();
        assert!(failure.message.contains("is not a property of users"));
    }

    #[test]
    fn an_unknown_column_is_named_with_the_closest_one() {
        let failure = bind_text("userPrincipalName,displayName,departmant").unwrap_err();
        assert_eq!(
            failure.message,
            "users.csv:1:3: the column `departmant` is not a property of users"
        );
        assert!(
            failure
                .help
                .unwrap()
                .starts_with("did you mean `department`?")
        );
    }

    #[test]
    fn read_only_twice_and_missing_columns_are_refused() {
        for (header, message) in [
            (
                "userPrincipalName,displayName,id",
                "users.csv:1:3: the column `id` cannot be imported",
            ),
            (
                "userPrincipalName,displayName,displayname",
                "users.csv:1:3: the column `displayname` is there twice",
            ),
            (
                "displayName",
                "users.csv:1:1: the column `userPrincipalName` is missing",
            ),
            (
                "userPrincipalName,displayName,,",
                "users.csv:1:3: the column has no name",
            ),
        ] {
            assert_eq!(bind_text(header).unwrap_err().message, message);
        }
    }
}
