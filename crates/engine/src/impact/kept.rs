//! Mappings that are taken away, or flow less than before: linked objects keep the values that these gave, and nobody
//! puts back what was there before.

use serde::{Deserialize, Serialize};
use syncline_model::schema::Mutability;
use syncline_model::{Attr, EntityKind};

use super::mapping::flows_on_update;
use super::{Impact, KINDS};
use crate::rule::{FlowType, Mapping};

/// A target attribute whose values linked objects keep, because its mapping is taken away or made weaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub kind: EntityKind,
    /// The attribute, as logs have it.
    pub name: String,
    pub flows: KeptFlow,
}

/// How a mapping flows that does not keep the values of linked objects in step; each does less than the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum KeptFlow {
    /// There is none, or none any more.
    Never,
    AtCreation,
    /// Only into what has no value.
    WhenEmpty,
    /// It adds values and replaces a single one, and removes none.
    Adding,
}

impl KeptFlow {
    /// `None` of a mapping that keeps values in step.
    fn of(mapping: Option<&Mapping>) -> Option<Self> {
        let Some(mapping) = mapping else {
            return Some(Self::Never);
        };
        if !flows_on_update(mapping) || mapping.property.mutability == Mutability::CreateOnly {
            return Some(Self::AtCreation);
        }
        match mapping.flow_type {
            FlowType::AttributeAddOnly => Some(Self::WhenEmpty),
            FlowType::MultiValueAddOnly | FlowType::ValueAddOnly => Some(Self::Adding),
            FlowType::Always | FlowType::ObjectAddOnly => None,
        }
    }

    /// Whether values stay with this that would have followed, or gone, with what was `before`.
    fn leaves_values_of(self, before: Option<Self>) -> bool {
        match (self, before) {
            (_, None) => true,
            (Self::Never, Some(before)) => before > Self::AtCreation,
            (_, Some(_)) => false,
        }
    }
}

impl Impact {
    /// The attributes of linked objects whose values stay from now on as a mapping left them, which is taken away, flows
    /// at creation only or only adds, each once. Where updates are off, no mapping has reached linked objects, or does.
    pub fn kept(&self) -> Vec<Kept> {
        let mut all: Vec<Kept> = Vec::new();
        for (old, _) in self.old.iter() {
            for kind in KINDS {
                let (Some(was), Some(is)) = (old.rule(kind), self.new.rule(kind)) else {
                    continue;
                };
                if !was.flow.update || !is.flow.update {
                    continue;
                }
                for before in was
                    .mappings
                    .iter()
                    .filter(|it| it.target != Attr::IS_SOFT_DELETED)
                {
                    let Some(flows) = KeptFlow::of(is.mapping(before.target)) else {
                        continue;
                    };
                    let name = before.name();
                    let is_known = all.iter().any(|it| it.kind == kind && it.name == name);
                    if !is_known && flows.leaves_values_of(KeptFlow::of(Some(before))) {
                        let name = name.to_owned();
                        all.push(Kept { kind, name, flows });
                    }
                }
            }
        }
        all
    }
}
