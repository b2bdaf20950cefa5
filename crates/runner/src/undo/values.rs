//! Values as the log shows them, and back.

use syncline_engine::evidence::Modified;
use syncline_engine::{Change, REDACTED};
use syncline_model::{
    Attr, EntityType, Entry, ObjectId, Property, PropertyType, Text, Timestamp, Value,
};

/// The log's word for being in the recycle bin, and, of what was imported, for not being wanted.
pub(super) const IS_SOFT_DELETED: &str = "IsSoftDeleted";

/// What becomes of one value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Put {
    /// It is as it was, or is not to be put back by itself.
    Nothing,
    Back(Change),
    /// It stays as it is, because of this.
    Left(String),
}

/// What becomes of a value that was changed so, in an object that is so now.
pub(super) fn put_back(types: &EntityType, now: &Entry, changed: &Modified) -> Put {
    let name = &changed.name;
    if changed.old == changed.new && !is_redacted(changed) || name == IS_SOFT_DELETED {
        return Put::Nothing;
    }
    let found = types.by_engine_name(name).or_else(|| types.by_name(name));
    let Some(property) = found else {
        return Put::Left(match name.is_empty() {
            true => "the log does not name an attribute that was changed".to_owned(),
            false => format!("the target has no attribute {name} any more"),
        });
    };
    // Where it comes from stays what it is.
    if property.attr == Attr::ALTERNATIVE_SECURITY_IDS {
        return Put::Nothing;
    }
    if is_redacted(changed) {
        return Put::Left(format!("the log does not keep values of {name}"));
    }
    let value = now.get(property.attr);
    let shown = value.map(Value::display_text).filter(|it| !it.is_empty());
    let is = |text: &Option<Text>| shown.as_ref() == text.as_ref().filter(|it| !it.is_empty());
    if is(&changed.old) {
        return Put::Nothing;
    }
    if !is(&changed.new) {
        return Put::Left(format!("{name} was changed since"));
    }
    let new = match changed.old.as_ref().filter(|it| !it.is_empty()) {
        None => None,
        Some(text) => match read(property, text) {
            Some(value) => Some(value),
            None => {
                return Put::Left(format!(
                    "the log shows {name} in a form that cannot be read back"
                ));
            }
        },
    };
    Put::Back(Change {
        attr: property.attr,
        old: value.cloned(),
        new,
    })
}

fn is_redacted(changed: &Modified) -> bool {
    [&changed.old, &changed.new].contains(&&Some(REDACTED))
}

/// The value that is shown so; `None` where that can not be told.
fn read(property: &Property, text: &Text) -> Option<Value> {
    let value = if property.multi_valued {
        let values = text.split(", ").map(|it| read_one(property.kind, it));
        Value::List(values.collect::<Option<Vec<Value>>>()?)
    } else {
        read_one(property.kind, text)?
    };
    (value.display_text() == *text).then_some(value)
}

fn read_one(kind: PropertyType, text: &str) -> Option<Value> {
    Some(match kind {
        PropertyType::Bool => match text {
            "True" => Value::Bool(true),
            "False" => Value::Bool(false),
            _ => return None,
        },
        PropertyType::Int => Value::Int(text.parse().ok()?),
        PropertyType::Text => Value::text(text),
        PropertyType::Time => Value::Time(Timestamp::parse(text)?),
        PropertyType::Guid => Value::Guid(text.parse::<ObjectId>().ok()?.0),
        PropertyType::Bytes => Value::from_base64(text)?,
        PropertyType::Complex | PropertyType::Reference => return None,
    })
}

#[cfg(test)]
mod tests {
    use syncline_model::{Attrs, EntityKind, Schema};

    use super::*;

    fn put(name: &str, now: Option<Value>, old: Option<&str>, new: Option<&str>) -> Put {
        let types = Schema::core().of(EntityKind::User);
        let attr = types.by_engine_name(name).or_else(|| types.by_name(name));
        let mut attrs = Attrs::new();
        if let (Some(property), Some(now)) = (attr, now) {
            attrs.set(property.attr, now);
        }
        let entry = Entry {
            id: ObjectId::NIL,
            kind: EntityKind::User,
            attrs,
        };
        let text = |it: Option<&str>| it.map(Text::from);
        let changed = Modified {
            name: name.into(),
            old: text(old),
            new: text(new),
        };
        put_back(types, &entry, &changed)
    }

    fn back(put: Put) -> Option<Value> {
        match put {
            Put::Back(change) => change.new,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_the_target_still_has_is_put_back_in_its_type() {
        let sales = || Some(Value::text("Sales"));
        let legal = back(put("department", sales(), Some("Legal"), Some("Sales")));
        assert_eq!(legal, Some(Value::text("Legal")));
        assert_eq!(back(put("department", sales(), None, Some("Sales"))), None);
        let off = Some(Value::Bool(false));
        let on = back(put("accountEnabled", off, Some("True"), Some("False")));
        assert_eq!(on, Some(Value::Bool(true)));
        let mails = back(put(
            "otherMails",
            None,
            Some("a@b.example, c@d.example"),
            None,
        ));
        let both = vec![Value::text("a@b.example"), Value::text("c@d.example")];
        assert_eq!(mails, Some(Value::List(both)));
        // By the engine's own name.
        let phone = back(put("mobile", Some(Value::text("1")), Some("2"), Some("1")));
        assert_eq!(phone, Some(Value::text("2")));
    }

    #[test]
    fn what_is_as_it_was_is_left_alone() {
        let legal = Some(Value::text("Legal"));
        assert_eq!(
            put("department", legal, Some("Legal"), Some("Sales")),
            Put::Nothing
        );
        assert_eq!(
            put(IS_SOFT_DELETED, None, Some("True"), Some("False")),
            Put::Nothing
        );
    }

    #[test]
    fn what_others_changed_and_what_is_not_known_is_told() {
        let other = Some(Value::text("Other"));
        for (name, now, old, new) in [
            ("department", other, Some("Legal"), Some("Sales")),
            ("department", None, Some("[Redact]"), Some("[Redact]")),
            ("nothingOfTheKind", None, Some("a"), Some("b")),
            ("", None, Some("a"), Some("b")),
        ] {
            let put = put(name, now, old, new);
            assert!(matches!(put, Put::Left(_)), "{name}: {put:?}");
        }
    }
}
