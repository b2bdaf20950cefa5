//! The bounds that keep a hostile URL cheap. Graph itself refuses URLs above 16 kB.

/// Longest path, and longest query string, in bytes, that somebody writes.
pub const MAX_TEXT_BYTES: usize = 16 * 1024;
/// Longest token. It carries options that had room in a query string, half as long again if they do not shrink, and a place.
pub const MAX_TOKEN_BYTES: usize = 32 * 1024;
/// Longest query string of a link that we gave: with a token, or with options of which every byte is percent-encoded. The
/// head of a request, of 64 KiB, has room for it.
pub const MAX_LINK_BYTES: usize = 3 * MAX_TEXT_BYTES + 1024;
/// Bytes of a link in which it repeats what its token carries. Many proxies take no line above 8 KiB.
pub const REPEATED_BYTES: usize = 2 * 1024;
/// Most segments in a path.
pub const MAX_SEGMENTS: usize = 64;
/// Deepest nesting of parentheses, `not`, function calls and lambdas in a filter.
pub const MAX_FILTER_DEPTH: usize = 32;
/// Most comparisons in one filter. SQLite refuses expressions deeper than 1,000, and a chain of
/// `or` counts as depth there.
pub const MAX_FILTER_CLAUSES: usize = 500;
/// Most values in one `in (…)`; Graph takes about fifteen.
pub const MAX_IN_VALUES: usize = 1_000;
/// Most sort keys.
pub const MAX_ORDER_KEYS: usize = 8;
/// Most clauses in one `$search`.
pub const MAX_SEARCH_CLAUSES: usize = 20;
/// Deepest `$expand` inside `$expand`.
pub const MAX_EXPAND_DEPTH: usize = 4;
/// Most navigation properties in one `$expand`, each once.
pub const MAX_EXPANSIONS: usize = 16;
/// Most names in one `$select`.
pub const MAX_NAMES: usize = 500;
