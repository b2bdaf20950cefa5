//! The values that a plan leaves as they are, because a mapping is taken away or made weaker.

use serde::{Deserialize, Serialize};
use syncline_engine::impact::Flows;
use syncline_model::{Job, Problem, Text};
use syncline_store::Reader;

use crate::cycle::reevaluation::Extent;

/// An attribute of which linked objects keep the values that a mapping gave, which is taken away or made weaker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptValues {
    /// `User` or `Group`.
    pub kind: String,
    pub name: Text,
    /// Linked objects of the kind, whether they have a value or not.
    pub linked: u64,
    pub flows: KeptFlow,
}

/// How the mapping flows from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum KeptFlow {
    /// It is taken away.
    Never,
    AtCreation,
    /// Only into what has no value.
    WhenEmpty,
    /// It adds values and replaces a single one, and removes none.
    Adding,
}

impl KeptValues {
    /// Of all that the cycle would be the first to follow; nothing where it has another target, and where it cannot be
    /// told what changed. Nothing, too, where nobody is linked.
    pub(super) fn of(
        reader: &Reader<'_>,
        job: &Job,
        extent: &Extent,
    ) -> Result<Vec<Self>, Problem> {
        let Extent::Concerned(impact) = extent else {
            return Ok(Vec::new());
        };
        let mut all = Vec::new();
        for kept in impact.kept() {
            let flows = match kept.flows {
                Flows::Never => KeptFlow::Never,
                Flows::AtCreation => KeptFlow::AtCreation,
                Flows::WhenEmpty => KeptFlow::WhenEmpty,
                Flows::Adding => KeptFlow::Adding,
                Flows::Always => continue,
            };
            let linked = reader.count_links(job.tenant, &job.id, Some(kept.kind))?;
            if linked.live > 0 {
                all.push(Self {
                    kind: kept.kind.engine_name().to_owned(),
                    name: Text::from(kept.name),
                    linked: linked.live,
                    flows,
                });
            }
        }
        Ok(all)
    }
}
