//! The only crate that knows the SQL of our own tables.
