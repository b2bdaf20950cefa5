//! What the store has an index on.

use syncline_model::{Attr, EntityKind, ObjectId, Value};

use crate::{EdgeKind, Key, KeyName, ObjectState};

/// One way to find objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Leaf {
    Id(ObjectId),
    /// The holder of a unique value.
    Key(Key),
    /// Those who refer to an object.
    RefersTo(EdgeKind, ObjectId),
    /// Those whom an object refers to.
    ReferredBy(EdgeKind, ObjectId),
}

impl Leaf {
    /// About how many objects it finds, to choose between two.
    pub(super) fn cost(&self) -> usize {
        match self {
            Self::Id(_) | Self::Key(_) => 1,
            Self::RefersTo(..) => 10,
            Self::ReferredBy(..) => 1_000,
        }
    }

    /// Whether it finds one object at most.
    pub(super) fn is_unique(&self) -> bool {
        matches!(self, Self::Id(_) | Self::Key(_))
    }

    /// How to find the objects of which some value of `attr` equals this one; `Some(None)`: nobody
    /// can be; `None`: no index tells.
    ///
    /// INVARIANT: a live object holds the keys of all its unique values, and one in the recycle bin
    /// that of its source anchor (`directory` sees to it, `doctor` checks it).
    pub(super) fn of_equality(
        attr: Attr,
        value: &Value,
        kind: EntityKind,
        state: ObjectState,
    ) -> Option<Option<Self>> {
        let reference = |make: fn(EdgeKind, ObjectId) -> Self, edge: EdgeKind| match id(value) {
            Some(wanted) => wanted.map(|wanted| make(edge, wanted)),
            None => None,
        };
        match (attr, kind) {
            (Attr::ID, _) => return id(value).map(|wanted| wanted.map(Self::Id)),
            (Attr::MANAGER, EntityKind::User) => {
                id(value)?;
                return Some(reference(Self::RefersTo, EdgeKind::Manager));
            }
            (Attr::MEMBERS, EntityKind::Group) => {
                id(value)?;
                return Some(reference(Self::RefersTo, EdgeKind::Member));
            }
            (Attr::MEMBER_OF, _) => {
                id(value)?;
                return Some(reference(Self::ReferredBy, EdgeKind::Member));
            }
            _ => {}
        }
        if state != ObjectState::Live {
            return None;
        }
        let text = match value {
            Value::Text(text) => text.clone(),
            Value::Guid(id) => id.hyphenated().to_string().into(),
            _ => return None,
        };
        let (name, text) = match (attr, kind) {
            (Attr::USER_PRINCIPAL_NAME, EntityKind::User) => (KeyName::UserPrincipalName, text),
            (Attr::MAIL, EntityKind::User | EntityKind::Group) => (KeyName::ProxyAddress, text),
            (Attr::PROXY_ADDRESSES, EntityKind::User | EntityKind::Group) => {
                (KeyName::ProxyAddress, without_prefix(&text).into())
            }
            (Attr::APP_ID, EntityKind::Application) => (KeyName::ApplicationAppId, text),
            (Attr::APP_ID, EntityKind::ServicePrincipal) => (KeyName::ServicePrincipalAppId, text),
            (Attr::UNIQUE_NAME, EntityKind::Group | EntityKind::Application) => (
                KeyName::UniqueName,
                format!("{}:{text}", kind.graph_name()).into(),
            ),
            _ => return None,
        };
        Some(Some(Self::Key(Key::new(name, &text))))
    }

    /// The external object that stands for somebody of another tenant.
    pub(super) fn of_anchor(home: &Value, anchor: &Value) -> Option<Self> {
        let home = id(home)??;
        Some(Self::Key(Key::source_anchor(home.0, anchor.as_text()?)))
    }
}

/// The id a value is; `Some(None)`: a text that is nobody's id. Only the form with hyphens equals
/// an id, in whatever case.
fn id(value: &Value) -> Option<Option<ObjectId>> {
    match value {
        Value::Guid(id) => Some(Some(ObjectId(*id))),
        Value::Text(text) => {
            let id = text.parse::<ObjectId>().ok();
            Some(id.filter(|id| id.to_string() == text.to_ascii_lowercase()))
        }
        _ => None,
    }
}

/// `SMTP:a@b.example` → `a@b.example`.
fn without_prefix(address: &str) -> &str {
    address.split_once(':').map_or(address, |(_, rest)| rest)
}
