//! Where a page begins, as bytes of a `$skiptoken`.
//!
//! Among all objects: an id, or an id and that of a member. Among changes: a `c`, and among the references that a move hid
//! or showed also the side, the number of the move and the other end of the last reference. Links that were given stay good:
//! a new form needs another length.

use syncline_directory::delta::{Place, Side, Within};
use syncline_model::ObjectId;

use super::token::{Position, Stage};

const IN_CHANGES: u8 = b'c';
const FROM: u8 = b'f';
const TO: u8 = b't';

/// The place that these bytes name; `None`: they name none.
pub(super) fn stage(sequence: u64, bytes: &[u8]) -> Option<Stage> {
    let changes = |within| Stage::Changes {
        place: Place { sequence, within },
    };
    let initial = |object, member| Stage::Initial {
        sequence,
        position: Position { object, member },
    };
    match bytes.len() {
        1 if bytes == [IN_CHANGES] => Some(changes(None)),
        26 if bytes[0] == IN_CHANGES => {
            let side = match bytes[1] {
                FROM => Side::From,
                TO => Side::To,
                _ => return None,
            };
            Some(changes(Some(Within {
                moved: u64::from_be_bytes(bytes[2..10].try_into().ok()?),
                side,
                after: id(&bytes[10..])?,
            })))
        }
        16 => Some(initial(id(bytes)?, None)),
        32 => Some(initial(id(&bytes[..16])?, Some(id(&bytes[16..])?))),
        _ => None,
    }
}

pub(super) fn of_objects(position: &Position) -> Vec<u8> {
    let mut bytes = position.object.as_bytes().to_vec();
    bytes.extend(position.member.iter().flat_map(|it| it.as_bytes()));
    bytes
}

pub(super) fn of_changes(place: &Place) -> Vec<u8> {
    let mut bytes = vec![IN_CHANGES];
    if let Some(within) = place.within {
        bytes.push(match within.side {
            Side::From => FROM,
            Side::To => TO,
        });
        bytes.extend(within.moved.to_be_bytes());
        bytes.extend(within.after.as_bytes());
    }
    bytes
}

fn id(bytes: &[u8]) -> Option<ObjectId> {
    bytes.try_into().ok().map(ObjectId::from_bytes)
}
