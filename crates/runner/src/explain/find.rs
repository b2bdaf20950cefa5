//! Who is meant by a name in the target.

use syncline_engine::LookupQuery;
use syncline_model::{Attr, EntityKind, Job, ObjectId, Problem, Value};
use syncline_store::Reader;

use crate::Runner;
use crate::unavailable::unavailable;

impl Runner {
    /// The source users that the job has linked to target users of that userPrincipalName who live. Nobody while
    /// the target does not let the job in, or there is none.
    pub fn sources_of_target_user(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        name: &str,
    ) -> Result<Vec<ObjectId>, Problem> {
        // A schema that can not be worked with is in nobody's way here.
        let Ok(connected) = self.readable(reader, job)? else {
            return Ok(Vec::new());
        };
        let target = &connected.target;
        let query = LookupQuery::Taken {
            kind: EntityKind::User,
            attr: Attr::USER_PRINCIPAL_NAME,
            value: Value::text(name),
        };
        let found = target.find(reader, &[query]).map_err(unavailable)?;
        let targets: Vec<ObjectId> = found.iter().flatten().map(|it| it.entry.id).collect();
        let links = reader.links_to(job.tenant, &job.id, &targets)?;
        Ok(links.into_iter().flatten().map(|it| it.source).collect())
    }
}
