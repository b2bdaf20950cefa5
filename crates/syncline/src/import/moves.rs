//! In which order mail addresses change hands: whoever gives one up comes before whoever gets it, and those who hand theirs
//! on in a ring go together.

use syncline_model::{IdMap, IdSet, ObjectId};

/// Somebody who gets another mail address before all others are written, because one of them gets his.
#[derive(Clone, Debug)]
pub struct Move {
    pub id: ObjectId,
    pub user_principal_name: String,
    pub mail: String,
}

/// Moves that go together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Together<M> {
    /// Each one gets what the one before it gave up; in a ring, the first one what the last one does.
    pub moves: Vec<M>,
    pub is_ring: bool,
}

impl<M> Together<M> {
    pub fn map<N>(self, to: impl FnMut(M) -> Option<N>) -> Together<N> {
        Together {
            moves: self.moves.into_iter().filter_map(to).collect(),
            is_ring: self.is_ring,
        }
    }
}

/// Orders those who give addresses up. `waits_for`: of those who get an address that another of them has, that one.
pub fn ordered(
    all: impl IntoIterator<Item = ObjectId>,
    waits_for: &IdMap<ObjectId, ObjectId>,
) -> Vec<Together<ObjectId>> {
    let mut ordered = Vec::new();
    let mut done: IdSet<ObjectId> = IdSet::default();
    for first in all {
        let mut path: Vec<ObjectId> = Vec::new();
        let mut on_path: IdMap<ObjectId, usize> = IdMap::default();
        let mut next = Some(first);
        while let Some(id) = next.filter(|id| !done.contains(id)) {
            if let Some(at) = on_path.get(&id) {
                let mut ring = path.split_off(*at);
                ring.reverse();
                done.extend(&ring);
                ordered.push(Together {
                    moves: ring,
                    is_ring: true,
                });
                break;
            }
            on_path.insert(id, path.len());
            path.push(id);
            next = waits_for.get(&id).copied();
        }
        done.extend(&path);
        ordered.extend(path.into_iter().rev().map(|id| Together {
            moves: vec![id],
            is_ring: false,
        }));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> ObjectId {
        ObjectId::from_bytes([number; 16])
    }

    fn order(all: &[u8], waits_for: &[(u8, u8)]) -> Vec<(Vec<u8>, bool)> {
        let waits_for = waits_for.iter().map(|(one, other)| (id(*one), id(*other)));
        let ordered = ordered(all.iter().map(|it| id(*it)), &waits_for.collect());
        let number = |it: &ObjectId| it.as_bytes()[0];
        let together = ordered.iter();
        together
            .map(|it| (it.moves.iter().map(number).collect(), it.is_ring))
            .collect()
    }

    #[test]
    fn whoever_gives_up_comes_before_whoever_gets() {
        let one = |number| (vec![number], false);
        assert_eq!(order(&[1, 2], &[]), [one(1), one(2)]);
        let chain = [one(3), one(2), one(1)];
        assert_eq!(order(&[1, 2, 3], &[(1, 2), (2, 3)]), chain);
        assert_eq!(order(&[3, 1, 2], &[(1, 2), (2, 3)]), chain.clone());
    }

    #[test]
    fn rings_go_together_and_before_whoever_waits_for_them() {
        let swap = order(&[1, 2], &[(1, 2), (2, 1)]);
        assert_eq!(swap, [(vec![2, 1], true)]);
        let tail = order(&[1, 2, 3, 4], &[(1, 2), (2, 3), (3, 4), (4, 2)]);
        assert_eq!(tail, [(vec![4, 3, 2], true), (vec![1], false)]);
    }
}
