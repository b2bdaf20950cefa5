//! Two hosted tenants and clients to call them with.
//!
//! ```text
//! let world = World::new();
//! let user = world.contoso().post("/v1.0/users", person("ann")).created();
//! world.fabrikam().get(&format!("/v1.0/users/{}", id(&user))).problem(404, "Request_ResourceNotFound");
//! ```

mod answer;
mod below;
mod bodies;
mod client;
mod people;

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use serde_json::json;
use syncline_access::{
    Access, AccessSettings, AppTokenRequest, DirectoryRole, PasswordLimits, UserTokenRequest,
    grants, roles,
};
use syncline_directory::LocalConnectors;
use syncline_directory::tenants::{self, CreatedTenant, NewTenant};
use syncline_graph_api::{Api, GraphSettings, Limits, Waiting};
use syncline_model::well_known::GRAPH_APP_ID;
use syncline_model::{AppId, Attr, Clock, Ids, ObjectId, TenantId};
use syncline_runner::Runner;
use syncline_store::{ConnectionLimit, Key, KeyName, MasterKey, Store, StoreError};
use syncline_testkit::{CountedIds, FakeClock, Proxy};
use tempfile::TempDir;
use uuid::Uuid;

pub use answer::Answer;
pub use bodies::{each, id, names, person, reference, security_group, text};
pub use client::Client;

/// The public client that every tenant knows.
pub const POWERSHELL: &str = "14d82eec-204b-4c2f-b7e8-296a70dab67e";
pub const PUBLIC_URL: &str = "https://localhost:8443";

/// Ids used up by the template, so that a test's own ids are new.
const USED_IDS: usize = 5_000;

/// The server of one test.
pub struct World {
    pub store: Arc<Store>,
    pub access: Arc<Access>,
    pub clock: Arc<FakeClock>,
    pub ids: Arc<CountedIds>,
    pub api: Api,
    pub tenants: Tenants,
    folder: TempDir,
}

/// Contoso and Fabrikam, as made by `syncline tenant create`.
#[derive(Clone)]
pub struct Tenants {
    pub contoso: Tenant,
    pub fabrikam: Tenant,
}

#[derive(Clone)]
pub struct Tenant {
    pub id: TenantId,
    /// Microsoft Graph's service principal.
    pub graph: ObjectId,
    /// The application that may do everything.
    pub application: ObjectId,
    pub app_id: AppId,
    /// Its service principal.
    pub service_principal: ObjectId,
    /// Its token, good for an hour of the fake clock.
    pub token: String,
}

/// An application of Contoso and its service principal.
pub struct Registered {
    pub application: String,
    pub service_principal: String,
    pub app_id: AppId,
}

/// Making tenants and a signing key takes a while: done once, then copied.
struct Template {
    folder: TempDir,
    tenants: Tenants,
}

static TEMPLATE: LazyLock<Template> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let parts = Parts::of(open(folder.path()), false, PasswordLimits::default());
    let create = |domain: &str, name: &str| {
        let new = NewTenant {
            id: None,
            domain: domain.to_owned(),
            display_name: name.to_owned(),
        };
        let now = parts.clock.now();
        let created = parts
            .store
            .write(|tx| tenants::create(tx, parts.ids.as_ref(), now, new))
            .unwrap();
        Tenant::of(&created, &parts.access)
    };
    let tenants = Tenants {
        contoso: create("contoso.example", "Contoso"),
        fabrikam: create("fabrikam.example", "Fabrikam"),
    };
    Template { folder, tenants }
});

impl Tenant {
    fn of(created: &CreatedTenant, access: &Access) -> Self {
        let id = created.tenant.id;
        let app_id = AppId(created.application.entry.guid(Attr::APP_ID).unwrap());
        Self {
            id,
            graph: created.graph_service_principal,
            application: created.application.entry.id,
            app_id,
            service_principal: created.service_principal.entry.id,
            token: access
                .issue_app_token(&AppTokenRequest::new(id, app_id))
                .unwrap()
                .token,
        }
    }
}

struct Parts {
    store: Arc<Store>,
    access: Arc<Access>,
    clock: Arc<FakeClock>,
    ids: Arc<CountedIds>,
}

/// The database in a folder.
fn open(folder: &Path) -> Store {
    let key = MasterKey::load_or_create(&folder.join("key")).unwrap();
    syncline_testkit::open_store(&folder.join("db"), &key).unwrap()
}

impl Parts {
    fn of(store: Store, strict_graph: bool, passwords: PasswordLimits) -> Self {
        let store = Arc::new(store);
        let clock = Arc::new(FakeClock::new());
        let ids = Arc::new(CountedIds::at(clock.now()));
        let settings = AccessSettings {
            public_url: PUBLIC_URL.to_owned(),
            strict_graph,
        };
        let access = Access::new(
            Arc::clone(&store),
            clock.clone() as _,
            ids.clone() as _,
            settings,
        );
        Self {
            store,
            access: Arc::new(access.with_password_limits(passwords)),
            clock,
            ids,
        }
    }
}

impl World {
    pub fn new() -> Self {
        Self::with(false, PasswordLimits::default())
    }

    /// As strict as real Graph.
    pub fn strict() -> Self {
        Self::with(true, PasswordLimits::default())
    }

    /// Where one password is hashed at a time, and who waits longer than so long is sent away.
    pub fn with_one_password_at_once(patience: Duration) -> Self {
        let limits = PasswordLimits {
            at_once: 1,
            patience,
            ..PasswordLimits::default()
        };
        Self::with(false, limits)
    }

    /// With other limits on what tenants may take.
    pub fn with_limits(limits: Limits) -> Self {
        Self::new().limited(limits)
    }

    /// The same server, with other limits from now on.
    pub fn limited(self, limits: Limits) -> Self {
        Self {
            api: self.api.with_limits(limits),
            ..self
        }
    }

    /// Whose database is behind a network that can be disturbed; `None` where it is a file. What is not
    /// answered for one or two seconds is looked into.
    pub fn behind_a_network() -> Option<(Proxy, Self)> {
        let proxy = Proxy::start()?;
        let through = |folder: &Path| {
            let url = format!("{}&connect_timeout=1", proxy.url(&folder.join("db")));
            let key = MasterKey::load_or_create(&folder.join("key")).unwrap();
            Store::connect(&url, ConnectionLimit(6), &key).unwrap()
        };
        let world = Self::on(false, PasswordLimits::default(), through);
        Some((proxy, world))
    }

    fn with(strict_graph: bool, passwords: PasswordLimits) -> Self {
        Self::on(strict_graph, passwords, open)
    }

    fn on(
        strict_graph: bool,
        passwords: PasswordLimits,
        open: impl FnOnce(&Path) -> Store,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let template = TEMPLATE.folder.path();
        std::fs::copy(template.join("key"), folder.path().join("key")).unwrap();
        let key = MasterKey::load_or_create(&template.join("key")).unwrap();
        let (from, to) = (template.join("db"), folder.path().join("db"));
        syncline_testkit::copy_store(&from, &to, &key);
        let parts = Parts::of(open(folder.path()), strict_graph, passwords);
        for _ in 0..USED_IDS {
            parts.ids.object_id();
        }
        let settings = GraphSettings {
            public_url: PUBLIC_URL.to_owned(),
            strict_graph,
            graph_throttling: false,
            expression_length: 10_000,
        };
        let Parts {
            store,
            access,
            clock,
            ids,
        } = parts;
        let connectors = Arc::new(LocalConnectors::new(ids.clone() as _, clock.clone() as _));
        let runner = Runner::new(
            Arc::clone(&store),
            clock.clone() as _,
            ids.clone() as _,
            connectors,
        );
        let api = Api::new(
            Arc::clone(&store),
            Arc::clone(&access),
            runner,
            clock.clone() as _,
            ids.clone() as _,
            settings,
        );
        Self {
            store,
            access,
            clock,
            ids,
            api,
            tenants: TEMPLATE.tenants.clone(),
            folder,
        }
    }

    /// Another node on the same database.
    pub fn another_node(&self) -> Store {
        open(self.folder.path())
    }

    /// Runs a statement in the database, to damage it.
    pub fn damage(&self, statement: &str) {
        let path = self.folder.path().join("db");
        if !syncline_testkit::execute(&path, statement) {
            let database = rusqlite::Connection::open(path).unwrap();
            database.execute_batch(statement).unwrap();
        }
    }

    /// Takes the last byte away from objects: who reads one whole finds it damaged.
    pub fn cut(&self, which: &str) {
        self.damage(&format!(
            "UPDATE object SET body = substr(body, 1, length(body) - 1) WHERE {which}"
        ));
    }

    /// Contoso's administration application.
    pub fn contoso(&self) -> Client<'_> {
        self.client(&self.tenants.contoso.token)
    }

    /// Fabrikam's administration application.
    pub fn fabrikam(&self) -> Client<'_> {
        self.client(&self.tenants.fabrikam.token)
    }

    /// Whoever owns this token.
    pub fn client(&self, token: &str) -> Client<'_> {
        Client {
            world: self,
            waiting: Waiting::default(),
            headers: vec![("authorization".to_owned(), format!("Bearer {token}"))],
        }
    }

    /// A caller without a token.
    pub fn anonymous(&self) -> Client<'_> {
        Client {
            world: self,
            waiting: Waiting::default(),
            headers: Vec::new(),
        }
    }

    /// A new application of Contoso with exactly these application permissions.
    pub fn application(&self, permissions: &[&str]) -> Client<'_> {
        self.signed_in_as(&self.registered(permissions))
    }

    /// The same, by its ids.
    pub fn registered(&self, permissions: &[&str]) -> Registered {
        let contoso = &self.tenants.contoso;
        let admin = self.contoso();
        let application = admin
            .post("/v1.0/applications", json!({"displayName": "Tool"}))
            .created();
        let app_id = application["appId"].as_str().unwrap();
        let principal = admin
            .post("/v1.0/servicePrincipals", json!({"appId": app_id}))
            .created();
        for permission in permissions {
            let role = syncline_access::permission_ids::role_id(permission).expect(permission);
            let url = format!(
                "/v1.0/servicePrincipals/{}/appRoleAssignments",
                id(&principal)
            );
            let body = json!({"principalId": id(&principal), "resourceId": contoso.graph.to_string(), "appRoleId": role});
            admin.post(&url, body).created();
        }
        Registered {
            application: id(&application),
            service_principal: id(&principal),
            app_id: app_id.parse().unwrap(),
        }
    }

    /// An application of Contoso by itself.
    pub fn signed_in_as(&self, registered: &Registered) -> Client<'_> {
        let request = AppTokenRequest::new(self.tenants.contoso.id, registered.app_id);
        self.client(&self.access.issue_app_token(&request).unwrap().token)
    }

    /// A user of Contoso, signed in through Graph PowerShell with these delegated permissions, who
    /// holds these directory roles.
    pub fn signed_in(&self, user: &str, scopes: &[&str], held: &[DirectoryRole]) -> Client<'_> {
        let tenant = self.tenants.contoso.id;
        self.signed_in_to(tenant, user, scopes, held)
    }

    /// The same in any tenant.
    pub fn signed_in_to(
        &self,
        tenant: TenantId,
        user: &str,
        scopes: &[&str],
        held: &[DirectoryRole],
    ) -> Client<'_> {
        let user: ObjectId = user.parse().unwrap();
        self.store
            .write(|tx| {
                for role in held {
                    roles::grant(tx, tenant, self.ids.as_ref(), user, *role)?;
                }
                // The user agreed to them.
                let holder = |app_id: &str| {
                    let key = Key::new(KeyName::ServicePrincipalAppId, app_id);
                    let found = tx.holder(tenant, &key)?;
                    Ok::<_, StoreError>(found.unwrap().1)
                };
                let client = holder(POWERSHELL)?;
                let graph = holder(&GRAPH_APP_ID.to_string())?;
                let agreed: Vec<String> = scopes.iter().map(|it| (*it).to_owned()).collect();
                grants::grant(tx, tenant, client, graph, Some(user), &agreed)?;
                Ok::<_, StoreError>(())
            })
            .unwrap();
        let app_id = AppId(Uuid::parse_str(POWERSHELL).unwrap());
        let request = UserTokenRequest::new(tenant, app_id, user, scopes, self.clock.now());
        self.client(
            &self
                .access
                .issue_user_tokens(&request)
                .unwrap()
                .access
                .token,
        )
    }

    /// Creates a security group of Contoso and returns the id.
    pub fn group(&self, name: &str) -> String {
        id(&self
            .contoso()
            .post("/v1.0/groups", security_group(name))
            .created())
    }

    /// Creates a group of Contoso that may hold directory roles and returns the id.
    pub fn group_for_roles(&self, name: &str) -> String {
        let mut body = security_group(name);
        body["isAssignableToRole"] = json!(true);
        id(&self.contoso().post("/v1.0/groups", body).created())
    }

    /// Makes a user a member of a group.
    pub fn join(&self, group: &str, member: &str) {
        self.contoso()
            .post(
                &format!("/v1.0/groups/{group}/members/$ref"),
                reference(member),
            )
            .no_content();
    }
}
