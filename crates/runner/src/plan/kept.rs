//! The values that a plan leaves as they are, because a mapping is taken away or made weaker.

use serde::{Deserialize, Serialize};
use syncline_engine::impact::KeptFlow;
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
    /// How the mapping flows from now on.
    pub flows: KeptFlow,
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
            let linked = reader.count_links(job.tenant, &job.id, Some(kept.kind))?;
            if linked.live > 0 {
                all.push(Self {
                    kind: kept.kind.engine_name().to_owned(),
                    name: Text::from(kept.name),
                    linked: linked.live,
                    flows: kept.flows,
                });
            }
        }
        Ok(all)
    }
}
