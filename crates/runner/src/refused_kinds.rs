//! Kinds of which the target takes nothing now, as it says when it is asked beforehand: one consent may be for users,
//! another for groups. Objects of such a kind wait in escrow until it takes them, however long that is: nobody tries
//! them meanwhile, and no job is held back for them.

use std::collections::{BTreeMap, BTreeSet};

use syncline_engine::{Decision, Failure};
use syncline_model::{EntityKind, Problem};
use syncline_store::Reader;

use crate::configuration::Configuration;
use crate::unavailable::unavailable;

/// Why nothing is taken, by the kind of the source objects.
#[derive(Debug, Default)]
pub(crate) struct RefusedKinds(BTreeMap<EntityKind, Failure>);

impl RefusedKinds {
    /// Asks the target about all kinds that are mapped.
    pub(crate) fn of(reader: &Reader<'_>, configuration: &Configuration) -> Result<Self, Problem> {
        Self::among(reader, configuration, configuration.kinds())
    }

    /// Asks about those of these kinds that are mapped.
    pub(crate) fn among(
        reader: &Reader<'_>,
        configuration: &Configuration,
        kinds: impl IntoIterator<Item = EntityKind>,
    ) -> Result<Self, Problem> {
        let target = &configuration.connected.target;
        let mapped = |kind: &EntityKind| configuration.rule_for(*kind).is_some();
        let kinds: BTreeSet<EntityKind> = kinds.into_iter().filter(mapped).collect();
        let mut refused = BTreeMap::new();
        for kind in kinds {
            let fault = target.refuses(reader, configuration.target_kind(kind));
            let fault = fault.map_err(unavailable)?;
            refused.extend(fault.map(|fault| (kind, Failure::from(fault))));
        }
        Ok(Self(refused))
    }

    pub(crate) fn contains(&self, kind: EntityKind) -> bool {
        self.0.contains_key(&kind)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whatever would be written of such a kind fails. Says whether it does.
    pub(crate) fn refuse(&self, decision: &mut Decision) -> bool {
        let failure = self.0.get(&decision.kind);
        let Some(failure) = failure.filter(|_| decision.action.writes()) else {
            return false;
        };
        *decision = decision.clone().failed(failure.clone());
        true
    }
}
