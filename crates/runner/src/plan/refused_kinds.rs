//! Kinds of which the target takes nothing now, as it says when it is asked beforehand: one consent may be for users,
//! another for groups.

use std::collections::BTreeMap;

use syncline_engine::{Decision, Failure};
use syncline_model::{EntityKind, Problem};
use syncline_store::Reader;

use crate::configuration::Configuration;
use crate::unavailable::unavailable;

/// Why nothing is taken, by the kind of the source objects.
#[derive(Debug, Default)]
pub(crate) struct RefusedKinds(BTreeMap<EntityKind, Failure>);

impl RefusedKinds {
    /// Asks the target.
    pub(crate) fn of(reader: &Reader<'_>, configuration: &Configuration) -> Result<Self, Problem> {
        let target = &configuration.connected.target;
        let mut refused = BTreeMap::new();
        for kind in configuration.kinds() {
            let fault = target.refuses(reader, configuration.target_kind(kind));
            let fault = fault.map_err(unavailable)?;
            refused.extend(fault.map(|fault| (kind, Failure::from(fault))));
        }
        Ok(Self(refused))
    }

    pub(crate) fn contains(&self, kind: EntityKind) -> bool {
        self.0.contains_key(&kind)
    }

    /// Whatever would be written of such a kind fails.
    pub(crate) fn refuse(&self, decision: &mut Decision) {
        if let Some(failure) = self.0.get(&decision.kind)
            && decision.action.writes()
        {
            *decision = decision.clone().failed(failure.clone());
        }
    }
}
