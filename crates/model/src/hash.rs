//! Maps and sets of ids, keys and the like, of which a page makes dozens.
//!
//! The standard library's hash function holds out against whoever may choose every key and watch how
//! long it takes. Ids are not chosen by those who could gain: a seed that differs in each process is
//! enough for them, and costs a fraction. For texts that callers choose the standard maps are right.

use foldhash::fast::RandomState;

pub type IdMap<K, V> = std::collections::HashMap<K, V, RandomState>;
pub type IdSet<K> = std::collections::HashSet<K, RandomState>;
