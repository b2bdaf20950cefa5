//! OData query options, parsed once, bound to an entity type, turned into a query.
