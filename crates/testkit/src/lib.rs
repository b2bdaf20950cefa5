//! Test helpers: a fake clock, counted ids, builders and an in-process client.
