//! A tenant's directory: one file for each kind of row, with its verbs; and what is told of several of
//! them together ([`changes`], [`tombstones`]).

pub(crate) mod assignments;
pub(crate) mod changes;
pub(crate) mod edges;
pub(crate) mod extensions;
pub(crate) mod keys;
pub(crate) mod leaving;
pub(crate) mod moves;
pub(crate) mod object_documents;
pub(crate) mod objects;
mod sign_ins;
pub(crate) mod tenants;
pub(crate) mod timelines;
pub(crate) mod tombstones;
