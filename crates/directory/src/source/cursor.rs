//! Places in a walk through the source, as text.

use syncline_connector::Cursor;
use syncline_engine::Fault;
use syncline_model::{EntityKind, ObjectId};

use super::bad_cursor;

/// A place in the walk through everything: `kind:` or `kind:id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AllPlace {
    pub(super) kind: EntityKind,
    pub(super) after: Option<ObjectId>,
}

impl AllPlace {
    /// `None` at the start.
    pub(super) fn parse(cursor: &Cursor) -> Result<Option<Self>, Fault> {
        if cursor.0.is_empty() {
            return Ok(None);
        }
        let parsed = cursor.0.split_once(':').and_then(|(kind, after)| {
            let kind = EntityKind::from_number(kind.parse().ok()?)?;
            let after = if after.is_empty() {
                None
            } else {
                Some(after.parse().ok()?)
            };
            Some(Self { kind, after })
        });
        parsed.map(Some).ok_or_else(|| bad_cursor(cursor))
    }

    pub(super) fn cursor(self) -> Cursor {
        let after = self.after.map_or_else(String::new, |id| id.to_string());
        Cursor(format!("{}:{after}", self.kind as u8))
    }
}

/// A place in the walk through changes: everything up to `sequence` is done (`seq`), and possibly
/// the members of a group up to one of them (`seq:group:` or `seq:group:member`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChangePlace {
    pub(super) sequence: u64,
    pub(super) group: Option<GroupPlace>,
}

/// The group whose members are being walked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GroupPlace {
    pub(super) group: ObjectId,
    pub(super) after: Option<ObjectId>,
}

impl ChangePlace {
    pub(super) fn parse(cursor: &Cursor, since: u64) -> Result<Self, Fault> {
        if cursor.0.is_empty() {
            return Ok(Self {
                sequence: since,
                group: None,
            });
        }
        Self::read(&cursor.0).ok_or_else(|| bad_cursor(cursor))
    }

    fn read(text: &str) -> Option<Self> {
        let Some((sequence, rest)) = text.split_once(':') else {
            return Some(Self {
                sequence: text.parse().ok()?,
                group: None,
            });
        };
        let (group, after) = rest.split_once(':')?;
        let after = if after.is_empty() {
            None
        } else {
            Some(after.parse().ok()?)
        };
        let group = Some(GroupPlace {
            group: group.parse().ok()?,
            after,
        });
        Some(Self {
            sequence: sequence.parse().ok()?,
            group,
        })
    }

    pub(super) fn cursor(self) -> Cursor {
        Cursor(match self.group {
            None => self.sequence.to_string(),
            Some(place) => {
                let after = place.after.map_or_else(String::new, |id| id.to_string());
                format!("{}:{}:{after}", self.sequence, place.group)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn places_read_back() {
        let id = ObjectId::from_bytes([9; 16]);
        for after in [None, Some(id)] {
            let place = AllPlace {
                kind: EntityKind::Group,
                after,
            };
            assert_eq!(AllPlace::parse(&place.cursor()).unwrap(), Some(place));
        }
        let groups = [
            None,
            Some(GroupPlace {
                group: id,
                after: None,
            }),
            Some(GroupPlace {
                group: id,
                after: Some(id),
            }),
        ];
        for group in groups {
            let place = ChangePlace {
                sequence: 17,
                group,
            };
            assert_eq!(ChangePlace::parse(&place.cursor(), 3).unwrap(), place);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        assert!(AllPlace::parse(&Cursor("x".to_owned())).is_err());
        assert!(AllPlace::parse(&Cursor("1:x".to_owned())).is_err());
        assert!(ChangePlace::parse(&Cursor("1:x:".to_owned()), 0).is_err());
        assert!(ChangePlace::parse(&Cursor("-1".to_owned()), 0).is_err());
    }
}
