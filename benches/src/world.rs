//! Two hosted tenants in a data folder, as a fresh installation would make them: policies on both
//! sides, a configuration, its job. Opened anew by every step, as each step is its own process.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use syncline_directory::tenants::{CreatedTenant, NewTenant};
use syncline_directory::{Context, LocalConnectors, applications, policy, tenants};
use syncline_model::job::CycleReport;
use syncline_model::policy::{IdentitySynchronization, Partner, Redemption};
use syncline_model::{AppId, Attr, Clock, Ids, Job, ObjectId, Problem, TenantId};
use syncline_runner::{Node, Runner, Secrets, Silent, StoredSchema};
use syncline_store::{Database, MasterKey, NodeId, Store, Stored, Tenant, Tx};

use crate::Result;
use crate::population::DOMAIN;
use crate::scope::Scope;
use crate::seam::{SystemClock, SystemIds};

const TARGET_DOMAIN: &str = "fabrikam.example";
/// The application template of cross-tenant synchronization.
const APPLICATION_TEMPLATE: &str = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7";
const JOB_TEMPLATE: &str = "Azure2Azure";

/// The file of a data folder that names a PostgreSQL database, which is used instead of a file then.
pub const DATABASE: &str = "database";

/// The opened data folder.
#[derive(Debug)]
pub struct World {
    pub store: Arc<Store>,
    pub runner: Runner,
    pub source: Tenant,
    pub job: Job,
}

/// An application that may do everything in its tenant, and the name by which it signs in.
#[derive(Clone, Debug)]
pub struct Application {
    pub tenant: TenantId,
    pub id: ObjectId,
    pub client_id: String,
}

/// One of each tenant.
#[derive(Clone, Debug)]
pub struct Applications {
    pub source: Application,
    pub target: Application,
}

impl World {
    /// Makes the two tenants and the job in an empty folder.
    pub fn create(folder: &Path, scope: Scope) -> Result<Applications> {
        fs::create_dir_all(folder)?;
        let (store, runner) = open(folder)?;
        let (source, administrations, application) = store.write(|tx| {
            let ends = [
                tenant(tx, DOMAIN, "Contoso")?,
                tenant(tx, TARGET_DOMAIN, "Fabrikam")?,
            ];
            let [source, target] = ends.each_ref().map(|end| end.tenant.clone());
            policy::put_partner(tx, source.id, &partner(target.id))?;
            policy::put_partner(tx, target.id, &partner(source.id))?;
            let context = Context {
                tenant: &source,
                now: SystemClock.now(),
                ids: &SystemIds,
            };
            let (application, service_principal) =
                applications::instantiate(tx, &context, APPLICATION_TEMPLATE, "Fabrikam")?;
            let secrets = [
                ("CompanyId".to_owned(), target.id.to_string()),
                ("AuthenticationType".to_owned(), "SyncPolicy".to_owned()),
                ("SyncAll".to_owned(), (scope == Scope::All).to_string()),
            ];
            let service_principal = service_principal.entry.id;
            Secrets::merge(tx, source.id, service_principal, &secrets)?;
            Ok::<_, Problem>((source, ends, (application, service_principal)))
        })?;
        let (application, service_principal) = application;
        let app_id = app_id_of(&application)?;
        let job = runner.create_job(source.id, service_principal, app_id, JOB_TEMPLATE)?;
        runner.start(source.id, &job.id)?;
        let [source, target] = administrations.each_ref().map(Application::of);
        Ok(Applications {
            source: source?,
            target: target?,
        })
    }

    pub fn open(folder: &Path) -> Result<Self> {
        let (store, runner) = open(folder)?;
        let (source, job) = store.read(|reader| {
            let source = reader.tenant_of_domain(DOMAIN)?;
            let job = reader.all_jobs()?.pop();
            Ok::<_, Problem>((source, job))
        })?;
        let source = source.ok_or("the folder has no source tenant")?;
        let job = job.ok_or("the folder has no job")?;
        Ok(Self {
            store,
            runner,
            source,
            job,
        })
    }

    /// The tenant that the job synchronizes to.
    pub fn target(&self) -> Result<TenantId> {
        let target = self
            .store
            .read(|reader| reader.tenant_of_domain(TARGET_DOMAIN))?;
        Ok(target.ok_or("the folder has no target tenant")?.id)
    }

    /// Groups are synchronized from now on, with their members.
    pub fn synchronize_groups(&self) -> Result<()> {
        self.store.write(|tx| {
            let mut schema = StoredSchema::load(tx, &self.job)?;
            for rule in &mut schema.synchronization_rules {
                for mapping in &mut rule.object_mappings {
                    mapping.enabled = true;
                }
            }
            StoredSchema::store(tx, &self.job, schema)
        })?;
        Ok(())
    }

    /// Writes to the source tenant in one transaction.
    pub fn write<T>(
        &self,
        work: impl FnOnce(&mut Tx<'_>, &Context<'_>) -> std::result::Result<T, Problem>,
    ) -> std::result::Result<T, Problem> {
        let context = Context {
            tenant: &self.source,
            now: SystemClock.now(),
            ids: &SystemIds,
        };
        self.store.write(|tx| work(tx, &context))
    }

    /// Runs one cycle to its end.
    pub fn cycle(&self) -> std::result::Result<CycleReport, Problem> {
        self.runner.run_cycle(self.source.id, &self.job.id, &Silent)
    }
}

impl Application {
    fn of(tenant: &CreatedTenant) -> Result<Self> {
        Ok(Self {
            tenant: tenant.tenant.id,
            id: tenant.application.entry.id,
            client_id: app_id_of(&tenant.application)?.to_string(),
        })
    }
}

fn open(folder: &Path) -> Result<(Arc<Store>, Runner)> {
    let key = MasterKey::load_or_create(&folder.join("key"))?;
    let database = match fs::read_to_string(folder.join(DATABASE)) {
        Ok(url) => Database::Postgres(url),
        Err(_) => Database::File(folder.join("syncline.db")),
    };
    let store = Arc::new(Store::open_database(&database, &key)?);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn Ids> = Arc::new(SystemIds);
    let connectors = Arc::new(LocalConnectors::new(Arc::clone(&ids), Arc::clone(&clock)));
    let node = Node {
        id: NodeId(ids.random_uuid()),
        ..Node::default()
    };
    let runner = Runner::new(Arc::clone(&store), clock, ids, connectors).with_node(node);
    Ok((store, runner))
}

fn app_id_of(application: &Stored) -> Result<AppId> {
    let app_id = application.entry.guid(Attr::APP_ID);
    Ok(AppId(app_id.ok_or("the application has no appId")?))
}

fn tenant(
    tx: &mut Tx<'_>,
    domain: &str,
    name: &str,
) -> std::result::Result<CreatedTenant, Problem> {
    let new = NewTenant {
        id: None,
        domain: domain.to_owned(),
        display_name: name.to_owned(),
    };
    tenants::create(tx, &SystemIds, SystemClock.now(), new)
}

/// Allows everything that a synchronization in either direction needs.
fn partner(tenant: TenantId) -> Partner {
    Partner {
        tenant_id: tenant,
        redemption: Redemption {
            inbound_allowed: Some(true),
            outbound_allowed: Some(true),
        },
        identity_synchronization: Some(IdentitySynchronization {
            user_sync_allowed: Some(true),
            group_sync_allowed: Some(true),
            ..IdentitySynchronization::default()
        }),
        blocks_json: "{}".to_owned(),
    }
}
