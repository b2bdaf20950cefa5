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
/// the members of a group up to one of them (`seq:group:` or `seq:group:member`). While all who are assigned
/// are walked through, it is told up to whom (`seq@` or `seq@principal`), also while one of them is a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChangePlace {
    pub(super) sequence: u64,
    pub(super) assigned: Option<AssignedPlace>,
    pub(super) group: Option<GroupPlace>,
}

/// Up to where all who are assigned are walked through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct AssignedPlace {
    pub(super) after: Option<ObjectId>,
}

/// The group whose members are being walked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GroupPlace {
    pub(super) group: ObjectId,
    pub(super) after: Option<ObjectId>,
}

impl ChangePlace {
    /// Everything up to a change is done.
    fn at(sequence: u64) -> Self {
        Self {
            sequence,
            assigned: None,
            group: None,
        }
    }

    pub(super) fn parse(cursor: &Cursor, since: u64) -> Result<Self, Fault> {
        if cursor.0.is_empty() {
            return Ok(Self::at(since));
        }
        Self::read(&cursor.0).ok_or_else(|| bad_cursor(cursor))
    }

    fn read(text: &str) -> Option<Self> {
        let (walk, group) = match text.split_once(':') {
            Some((walk, group)) => (walk, Some(group)),
            None => (text, None),
        };
        let (sequence, assigned) = match walk.split_once('@') {
            Some((sequence, after)) => (sequence, Some(after)),
            None => (walk, None),
        };
        let mut place = Self::at(sequence.parse().ok()?);
        if let Some(after) = assigned {
            let after = maybe_id(after)?;
            place.assigned = Some(AssignedPlace { after });
        }
        if let Some(group) = group {
            let (group, after) = group.split_once(':')?;
            place.group = Some(GroupPlace {
                group: group.parse().ok()?,
                after: maybe_id(after)?,
            });
        }
        Some(place)
    }

    pub(super) fn cursor(self) -> Cursor {
        let text = |id: Option<ObjectId>| id.map_or_else(String::new, |id| id.to_string());
        let mut cursor = self.sequence.to_string();
        if let Some(assigned) = self.assigned {
            cursor.push_str(&format!("@{}", text(assigned.after)));
        }
        if let Some(place) = self.group {
            cursor.push_str(&format!(":{}:{}", place.group, text(place.after)));
        }
        Cursor(cursor)
    }
}

/// An id, or nothing where there is none yet.
#[expect(clippy::option_option, reason = "text that is neither is refused")]
fn maybe_id(text: &str) -> Option<Option<ObjectId>> {
    if text.is_empty() {
        return Some(None);
    }
    text.parse().ok().map(Some)
}

#[cfg(test)]
mod tests {
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
        let assigned = [None, Some(None), Some(Some(id))];
        for group in groups {
            for assigned in assigned {
                let place = ChangePlace {
                    sequence: 17,
                    assigned: assigned.map(|after| AssignedPlace { after }),
                    group,
                };
                assert_eq!(ChangePlace::parse(&place.cursor(), 3).unwrap(), place);
            }
        }
    }

    #[test]
    fn other_texts_are_refused() {
        assert!(AllPlace::parse(&Cursor("x".to_owned())).is_err());
        assert!(AllPlace::parse(&Cursor("1:x".to_owned())).is_err());
        assert!(ChangePlace::parse(&Cursor("1:x:".to_owned()), 0).is_err());
        assert!(ChangePlace::parse(&Cursor("1@x".to_owned()), 0).is_err());
        assert!(ChangePlace::parse(&Cursor("-1".to_owned()), 0).is_err());
    }
}
