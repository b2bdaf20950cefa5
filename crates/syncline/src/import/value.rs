//! One cell: text to a value of its property's type, or what was expected instead.

use syncline_model::{Property, PropertyType, Timestamp, Value};
use uuid::Uuid;

/// Separates the values of a collection in one cell.
const SEPARATOR: char = ';';

/// The value of a cell that is not empty.
///
/// # Errors
/// What is wrong, and what is expected.
pub fn parse(property: &Property, text: &str) -> Result<Value, String> {
    if !property.multi_valued {
        return single(property, text);
    }
    let values = text
        .split(SEPARATOR)
        .map(str::trim)
        .filter(|it| !it.is_empty());
    values
        .map(|it| single(property, it))
        .collect::<Result<_, _>>()
        .map(Value::List)
}

fn single(property: &Property, text: &str) -> Result<Value, String> {
    let wrong =
        |expected: &str| format!("{}: `{}` is not {expected}", property.name, shorten(text));
    match property.kind {
        PropertyType::Bool if text.eq_ignore_ascii_case("true") || text == "1" => {
            Ok(Value::Bool(true))
        }
        PropertyType::Bool if text.eq_ignore_ascii_case("false") || text == "0" => {
            Ok(Value::Bool(false))
        }
        PropertyType::Bool => Err(wrong("true or false (or 1 or 0)")),
        PropertyType::Int => text
            .parse()
            .map(Value::Int)
            .ok()
            .filter(|number| property.has_room_for(number))
            .ok_or_else(|| match property.range {
                Some((least, most)) => wrong(&format!("a whole number from {least} to {most}")),
                None => wrong("a whole number"),
            }),
        PropertyType::Time => Timestamp::parse(text).map(Value::Time).ok_or_else(|| {
            wrong("a date such as 2024-12-31 or a time such as 2024-12-31T08:00:00Z")
        }),
        PropertyType::Guid => Uuid::try_parse(text)
            .map(Value::Guid)
            .map_err(|_| wrong("a GUID")),
        PropertyType::Text => checked(property, text).map(Value::text),
        PropertyType::Bytes => Value::from_base64(text)
            .filter(|bytes| property.has_room_for(bytes))
            .ok_or_else(|| match property.max_length {
                Some(longest) => wrong(&format!("base64 of at most {longest} bytes")),
                None => wrong("base64"),
            }),
        PropertyType::Complex | PropertyType::Reference => Err(format!(
            "{}: values of this type cannot be imported",
            property.name
        )),
    }
}

fn checked(property: &Property, text: &str) -> Result<String, String> {
    if let Some(longest) = property.max_length
        && text.chars().count() > longest
    {
        return Err(format!(
            "{}: `{}` has more than {longest} characters",
            property.name,
            shorten(text)
        ));
    }
    if property.one_of.is_empty() {
        return Ok(text.to_owned());
    }
    property
        .one_of
        .iter()
        .find(|known| known.eq_ignore_ascii_case(text))
        .map(|known| (*known).to_owned())
        .ok_or_else(|| {
            format!(
                "{}: `{}` is not one of {}",
                property.name,
                shorten(text),
                property.one_of.join(", ")
            )
        })
}

/// What of a wrong value is shown.
pub fn shorten(text: &str) -> String {
    const MOST: usize = 60;
    let shown: String = text
        .chars()
        .filter(|letter| !letter.is_control())
        .take(MOST)
        .collect();
    if text.chars().count() > MOST {
        format!("{shown}…")
    } else {
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syncline_model::{EntityKind, Schema};

    fn parse_as(name: &str, text: &str) -> Result<Value, String> {
        parse(
            Schema::core().of(EntityKind::User).by_name(name).unwrap(),
            text,
        )
    }

    #[test]
    fn cells_become_values_of_their_type() {
        assert_eq!(parse_as("accountEnabled", "TRUE"), Ok(Value::Bool(true)));
        assert_eq!(parse_as("userType", "guest"), Ok(Value::text("Guest")));
        assert_eq!(
            parse_as("otherMails", "a@b.example; c@d.example;"),
            Ok(Value::List(vec![
                Value::text("a@b.example"),
                Value::text("c@d.example"),
            ]))
        );
    }

    #[test]
    fn a_bare_date_is_midnight_utc() {
        let midnight = Timestamp::parse("1986-06-26T00:00:00Z").unwrap();
        assert_eq!(
            parse_as("employeeHireDate", "1986-06-26"),
            Ok(Value::Time(midnight))
        );
    }

    #[test]
    fn a_wrong_cell_says_what_is_expected() {
        for (name, text, message) in [
            (
                "accountEnabled",
                "ja",
                "accountEnabled: `ja` is not true or false (or 1 or 0)",
            ),
            (
                "userType",
                "Boss",
                "userType: `Boss` is not one of Member, Guest",
            ),
            (
                "employeeId",
                "12345678901234567",
                "employeeId: `12345678901234567` has more than 16 characters",
            ),
            (
                "employeeHireDate",
                "26.06.1986",
                "employeeHireDate: `26.06.1986` is not a date such as 2024-12-31 or a time such as 2024-12-31T08:00:00Z",
            ),
        ] {
            assert_eq!(parse_as(name, text).unwrap_err(), message);
        }
    }
}
