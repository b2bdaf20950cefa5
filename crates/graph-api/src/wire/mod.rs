//! JSON on the wire: entities by the entity table, collections, the error envelope.

pub mod assignment;
pub mod collection;
pub mod complex;
pub mod credentials;
pub mod difference;
pub mod entity_in;
pub mod entity_out;
pub mod problem;
pub mod value;
