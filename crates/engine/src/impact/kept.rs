//! Mappings that are taken away, or flow less than before: linked objects keep the values that these gave, and nobody
//! puts back what was there before.

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
    /// How its mapping flows from now on.
    pub flows: Flows,
}

/// What a mapping does to the value of a linked object; each does less than the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flows {
    /// There is no mapping.
    Never,
    AtCreation,
    /// Only while the target has no value.
    WhenEmpty,
    /// It adds values and replaces a single one, and removes none.
    Adding,
    Always,
}

impl Flows {
    fn of(mapping: Option<&Mapping>) -> Self {
        let Some(mapping) = mapping else {
            return Self::Never;
        };
        if !flows_on_update(mapping) || mapping.property.mutability == Mutability::CreateOnly {
            return Self::AtCreation;
        }
        match mapping.flow_type {
            FlowType::AttributeAddOnly => Self::WhenEmpty,
            FlowType::MultiValueAddOnly | FlowType::ValueAddOnly => Self::Adding,
            FlowType::Always | FlowType::ObjectAddOnly => Self::Always,
        }
    }

    /// Whether values stay with `now` that would have followed, or gone, with this.
    fn leaves_values(self, now: Self) -> bool {
        match now {
            Self::Never => self > Self::AtCreation,
            now => self == Self::Always && now < self,
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
                    let flows = Flows::of(is.mapping(before.target));
                    let name = before.name();
                    let is_known = all.iter().any(|it| it.kind == kind && it.name == name);
                    if !is_known && Flows::of(Some(before)).leaves_values(flows) {
                        let name = name.to_owned();
                        all.push(Kept { kind, name, flows });
                    }
                }
            }
        }
        all
    }
}
