//! Who is meant by a name in the target.

use syncline_engine::LookupQuery;
use syncline_model::{Attr, EntityKind, Job, ObjectId, Problem, Value};
use syncline_store::Reader;

use crate::Runner;
use crate::unavailable::unavailable;

impl Runner {
    /// The source objects of this kind that the job has linked to target objects of that name, in the recycle bin
    /// too: a userPrincipalName, or the display name of a group. Nobody while the target does not let
    /// the job in, or there is none.
    pub fn sources_of_target_name(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        kind: EntityKind,
        name: &str,
    ) -> Result<Vec<ObjectId>, Problem> {
        let Ok(configuration) = self.configuration(reader, job) else {
            return Ok(Vec::new());
        };
        let target = &configuration.connected.target;
        if target.permits(reader).map_err(unavailable)?.is_err() {
            return Ok(Vec::new());
        }
        let query = LookupQuery::Matching {
            kind: configuration.target_kind(kind),
            attr: match kind {
                EntityKind::Group => Attr::DISPLAY_NAME,
                _ => Attr::USER_PRINCIPAL_NAME,
            },
            value: Value::text(name),
        };
        let found = target.find(reader, &[query]).map_err(unavailable)?;
        let targets: Vec<ObjectId> = found.iter().flatten().map(|it| it.entry.id).collect();
        let links = reader.links_to(job.tenant, &job.id, &targets)?;
        Ok(links.into_iter().flatten().map(|it| it.source).collect())
    }
}
