//! A data folder for a server: the people in the source tenant, a secret for its application, and
//! the ids by which a load tool asks. Prints what the script needs as JSON.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};
use syncline_access::client_secrets;
use syncline_model::{Attr, Clock as _, EntityKind, Problem};
use syncline_store::ObjectState;

use crate::population::Population;
use crate::scope::Scope;
use crate::seam::{SystemClock, SystemIds};
use crate::world::{Application, World};
use crate::{Result, import};

/// As many people are asked for by a load tool.
const ASKED: usize = 10_000;

/// Fills the folder; beside the database it leaves `people.txt`, a line `<id> <userPrincipalName>` for
/// each of those to ask for.
pub fn run(folder: &Path, population: Population) -> Result<Json> {
    let applications = World::create(folder, Scope::All)?;
    let world = World::open(folder)?;
    import::run(&world, population, Scope::All)?;
    let tenant = world.source.id;
    let secret = |of: &Application| {
        let now = SystemClock.now();
        let name = Some("made for a load tool");
        let added = world
            .store
            .write(|tx| client_secrets::add(tx, of.tenant, of.id, &SystemIds, now, name, None));
        added.map(|(_, secret)| secret)
    };
    let (source, target) = (&applications.source, &applications.target);
    let people = world.store.read(|reader| {
        let people = reader.scan(tenant, EntityKind::User, ObjectState::Live, None, ASKED)?;
        Ok::<_, Problem>(people.rows)
    })?;
    let mut lines = String::new();
    for person in people {
        let name = person
            .entry
            .text(Attr::USER_PRINCIPAL_NAME)
            .unwrap_or_default();
        lines.push_str(&format!("{} {name}\n", person.entry.id));
    }
    fs::write(folder.join("people.txt"), lines)?;
    Ok(json!({
        "tenantId": tenant.to_string(),
        "clientId": source.client_id,
        "clientSecret": secret(source)?,
        "targetTenantId": target.tenant.to_string(),
        "targetClientId": target.client_id,
        "targetClientSecret": secret(target)?,
        "servicePrincipalId": world.job.service_principal.to_string(),
        "jobId": world.job.id.as_str(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_credentials_a_job_and_people_to_ask_for() {
        let folder = tempfile::tempdir().unwrap();
        let printed = run(folder.path(), Population::new(60, 1)).unwrap();
        for name in ["tenantId", "clientId", "clientSecret", "jobId"] {
            assert!(!printed[name].as_str().unwrap().is_empty(), "{name}");
        }
        let people = fs::read_to_string(folder.path().join("people.txt")).unwrap();
        assert_eq!(people.lines().count(), 60);
        assert!(people.lines().all(|line| line.contains("@contoso.example")));
    }
}
