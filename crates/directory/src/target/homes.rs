//! Which domains are another tenant's than the source's, each asked once per page.

use std::collections::HashMap;

use syncline_engine::Fault;
use syncline_store::Reader;

use super::{LocalTarget, fault};
use crate::addresses::verified_as;

pub(super) struct Homes<'t> {
    target: &'t LocalTarget,
    known: HashMap<String, bool>,
}

impl<'t> Homes<'t> {
    pub(super) fn new(target: &'t LocalTarget) -> Self {
        Self {
            target,
            known: HashMap::new(),
        }
    }

    /// Whether a domain is verified in a hosted tenant that is not the source; the target is one, too. A domain that is
    /// nobody's here is not. However it is written: `bücher.example` is `xn--bcher-kva.example`.
    pub(super) fn is_elsewhere(
        &mut self,
        reader: &Reader<'_>,
        domain: &str,
    ) -> Result<bool, Fault> {
        if let Some(elsewhere) = self.known.get(domain) {
            return Ok(*elsewhere);
        }
        let home = reader.tenant_of_domain(&verified_as(domain));
        let home = home.map_err(fault::broken)?;
        let elsewhere = home.is_some_and(|home| home.id != self.target.source);
        self.known.insert(domain.to_owned(), elsewhere);
        Ok(elsewhere)
    }
}
