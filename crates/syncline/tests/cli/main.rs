//! Drives the built binary as its users do: arguments in, stdout, stderr and exit code out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod backup;
mod backup_digest;
mod backup_places;
mod configuration;
mod damage;
mod database;
mod deleted;
mod demo;
mod doctor;
mod expression;
mod help;
mod import;
mod import_files;
mod import_recycled;
mod interruption;
mod jobs;
mod logging;
mod logs;
mod metrics;
mod nodes;
mod people;
mod permissions;
mod plan;
mod read_only;
mod readiness;
mod recipes;
mod recover;
mod retention;
mod schema_test;
mod serve;
mod support;
mod tenants;
mod tls;
mod traces;
mod way;
