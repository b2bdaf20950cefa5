//! The attribute-mapping expression language: parse, check, evaluate; one file per function.
