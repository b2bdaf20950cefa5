//! A job's life over HTTP.

mod continuous;
mod create;
mod deletes_threshold;
mod find;
mod forgotten;
mod progress;
mod restored;
mod states;
mod update;
mod withdrawal;

const TEMPLATE: &str = "Azure2Azure";
