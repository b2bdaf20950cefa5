//! The store through its verbs.

mod changes;
mod documents;
mod links;
mod objects;
mod transactions;
mod world;
