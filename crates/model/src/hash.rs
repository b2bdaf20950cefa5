//! Maps and sets of ids, and of what is a hash already, of which a page makes dozens.
//!
//! The standard library's hash function holds out against whoever may choose the keys and watch how long
//! it takes. Ids of hosted objects are made by Syncline, and keys of unique values are SHA-256; for both a
//! cheaper function will do, with a seed that differs in each process. Such a map holds a page's worth, or is
//! bounded: whoever could make its keys collide would make that page slow. For texts that callers choose, and
//! for ids that a foreign server chooses, the standard maps are right.

use foldhash::fast::RandomState;

/// A map by an id, or by a hash.
pub type IdMap<K, V> = std::collections::HashMap<K, V, RandomState>;

/// A set of ids, or of hashes.
pub type IdSet<K> = std::collections::HashSet<K, RandomState>;

/// An empty map with room for so many.
pub fn id_map<K, V>(capacity: usize) -> IdMap<K, V> {
    IdMap::with_capacity_and_hasher(capacity, RandomState::default())
}

/// An empty set with room for so many.
pub fn id_set<K>(capacity: usize) -> IdSet<K> {
    IdSet::with_capacity_and_hasher(capacity, RandomState::default())
}
