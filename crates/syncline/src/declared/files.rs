//! A file of configurations, with the schemas that it names.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use syncline_engine::SynchronizationSchema;

use super::file::File;
use crate::failure::Failure;
use crate::given::Given;
use crate::schema_file;

/// Thousands of configurations, or of those who are assigned.
const MOST_BYTES: u64 = 1024 * 1024;
/// Of all schemas together.
const MOST_BYTES_OF_SCHEMAS: usize = 64 * 1024 * 1024;

/// How to come to a schema.
const BEGIN: &str = "begin with what `syncline schema export` prints of a job";

/// What was read where it was typed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Files {
    file: Given,
    /// Each once.
    schemas: Vec<Given>,
}

impl Files {
    /// Reads a file and what it names.
    ///
    /// # Errors
    /// All that is wrong with it by itself, with the place.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let file = Given::read(path, MOST_BYTES)?;
        let mut schemas: Vec<Given> = Vec::new();
        let mut bytes = 0;
        for schema in File::parse(&file)?.schemas() {
            if schemas.iter().any(|it| it.path == *schema) {
                continue;
            }
            let given = Given::read(schema, Given::SCHEMA)?;
            parse(&given)?;
            bytes += given.text.len();
            if bytes > MOST_BYTES_OF_SCHEMAS {
                return Err(Failure::new(format!(
                    "the schemas that {} names are longer than {} MiB together",
                    path.display(),
                    MOST_BYTES_OF_SCHEMAS / (1024 * 1024)
                ))
                .with_help("make several files of it"));
            }
            schemas.push(given);
        }
        Ok(Self { file, schemas })
    }

    /// What they say.
    pub fn parse(&self) -> Result<File, Failure> {
        let mut file = File::parse(&self.file)?;
        for configuration in &mut file.configurations {
            let Some(path) = &configuration.schema else {
                continue;
            };
            let given = self.schemas.iter().find(|it| it.path == *path);
            let given =
                given.ok_or_else(|| Failure::new(format!("{} was not read", path.display())))?;
            configuration.wanted_schema = Some(parse(given)?);
        }
        Ok(file)
    }
}

fn parse(schema: &Given) -> Result<SynchronizationSchema, Failure> {
    schema_file::parse(schema, BEGIN)
}

impl File {
    /// Which files it names.
    fn schemas(&self) -> impl Iterator<Item = &PathBuf> {
        self.configurations
            .iter()
            .filter_map(|it| it.schema.as_ref())
    }
}
