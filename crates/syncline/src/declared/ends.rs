//! The two tenants of a configuration.

use syncline_store::{Reader, Tenant};

use super::file::Configuration;
use crate::app::App;
use crate::failure::Failure;

/// The two tenants that a configuration names.
#[derive(Clone, Debug)]
pub struct Ends {
    pub source: Tenant,
    pub target: Tenant,
}

impl Ends {
    pub fn read(app: &App, reader: &Reader<'_>, wanted: &Configuration) -> Result<Self, Failure> {
        let source = app.tenant(reader, &wanted.source)?;
        let target = app.tenant(reader, &wanted.target)?;
        if source.id == target.id {
            return Err(Failure::new(format!(
                "the configuration `{}` goes from {} into itself",
                wanted.name,
                source.default_domain()
            ))
            .with_help("name another tenant as its target"));
        }
        Ok(Self { source, target })
    }
}
