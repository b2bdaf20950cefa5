//! What a list request asks for.

use crate::{Attr, Predicate};

/// A bound list request: which objects, in which order, how many.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// `None` means all.
    pub predicate: Option<Predicate>,
    /// Sort keys in order; empty means arrival order.
    pub order: Vec<Order>,
    /// `$top`; `None` means the resource's default page size.
    pub top: Option<u32>,
    /// `$skip`, where a resource knows it.
    pub skip: Option<u32>,
    /// `$count=true`.
    pub count: bool,
}

/// One sort key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub attr: Attr,
    pub descending: bool,
}
