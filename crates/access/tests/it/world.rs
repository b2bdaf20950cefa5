//! Two tenants in a store of their own: Microsoft Graph, an application with a secret, the public
//! PowerShell client, and two users.

use std::sync::{Arc, LazyLock, OnceLock};

use syncline_access::passwords::Hashed;
use syncline_access::{
    Access, AccessSettings, AppTokenRequest, UserTokenRequest, client_secrets, grants, passwords,
    permission_ids, signing_keys,
};
use syncline_model::{
    AppId, Attr, Clock, EntityKind, Entry, Ids, ObjectId, Problem, TenantId, Timestamp, Value,
};
use syncline_store::{
    Assignment, AssignmentId, Domain, Key, KeyName, MasterKey, ObjectState, Store, Tenant, Tx,
};
use syncline_testkit::{CountedIds, FakeClock};
use tempfile::TempDir;
use uuid::{Uuid, uuid};

pub const PUBLIC_URL: &str = "https://localhost:8443";
pub const GRAPH: AppId = AppId(uuid!("00000003-0000-0000-c000-000000000000"));
pub const POWERSHELL: AppId = AppId(uuid!("14d82eec-204b-4c2f-b7e8-296a70dab67e"));
pub const PASSWORD: &str = "Correct-Horse-1";

/// Making an RSA key takes a fifth of a second: all tests share one.
static SIGNING_KEY: LazyLock<signing_keys::SigningKey> =
    LazyLock::new(|| signing_keys::generate(FakeClock::new().now()).unwrap());

/// As [`PASSWORD`] is kept. Hashing it takes a twentieth of a second.
fn hashed(access: &Access) -> &'static Hashed {
    static HASHED: OnceLock<Hashed> = OnceLock::new();
    HASHED.get_or_init(|| access.hash_password(None, PASSWORD).unwrap())
}

pub struct World {
    pub folder: TempDir,
    pub store: Arc<Store>,
    pub clock: Arc<FakeClock>,
    pub ids: Arc<CountedIds>,
    pub access: Access,
    pub contoso: Hosted,
    pub fabrikam: Hosted,
}

/// One tenant with what lives in it.
pub struct Hosted {
    pub id: TenantId,
    pub app_id: AppId,
    pub application: ObjectId,
    pub service_principal: ObjectId,
    pub graph: ObjectId,
    pub powershell: ObjectId,
    pub secret: String,
    pub secret_id: Uuid,
    pub ada: ObjectId,
    pub bob: ObjectId,
}

impl World {
    pub fn new() -> Self {
        Self::with_strict_graph(false)
    }

    pub fn with_strict_graph(strict_graph: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = MasterKey::generate().unwrap();
        let store = Arc::new(
            syncline_testkit::open_store(&folder.path().join("syncline.db"), &key).unwrap(),
        );
        let clock = Arc::new(FakeClock::new());
        let ids = Arc::new(CountedIds::new());
        let settings = AccessSettings {
            public_url: PUBLIC_URL.to_owned(),
            strict_graph,
        };
        let access = Access::new(store.clone(), clock.clone(), ids.clone(), settings);
        store
            .write(|tx| signing_keys::install(tx, clock.now(), SIGNING_KEY.clone()))
            .unwrap();
        let password = hashed(&access);
        let contoso = hosted(&store, ids.as_ref(), clock.now(), "contoso", password);
        let fabrikam = hosted(&store, ids.as_ref(), clock.now(), "fabrikam", password);
        Self {
            folder,
            store,
            clock,
            ids,
            access,
            contoso,
            fabrikam,
        }
    }

    /// Another node on the same store, with the same keys, reached under this address and going by this clock.
    pub fn node(&self, public_url: &str, clock: FakeClock) -> Access {
        let settings = AccessSettings {
            public_url: public_url.to_owned(),
            strict_graph: false,
        };
        let (store, ids) = (self.store.clone(), self.ids.clone());
        Access::new(store, Arc::new(clock), ids, settings)
    }

    /// Deletes the service principal of the tenant's application and makes another one for it.
    pub fn make_service_principal_anew(&self, tenant: &Hosted) {
        let (id, old, app_id) = (tenant.id, tenant.service_principal, tenant.app_id);
        let now = self.clock.now();
        self.write(|tx| {
            let entry = tx.object(id, old)?.unwrap().entry;
            tx.move_objects(id, &[entry], ObjectState::Deleted, now)?;
            let key = Key::new(KeyName::ServicePrincipalAppId, &app_id.to_string());
            tx.release_keys(id, &[(key, old)])?;
            service_principal(tx, id, self.ids.as_ref(), now, app_id, "Provisioner");
            Ok(())
        });
    }

    /// Gives the tenant's application an application permission.
    pub fn allow(&self, tenant: &Hosted, permission: &str) {
        let assignment = self.assignment(tenant, permission);
        self.write(|tx| Ok(tx.insert_assignment(tenant.id, &assignment)?));
    }

    /// Takes it away.
    pub fn disallow(&self, tenant: &Hosted, permission: &str) {
        let assignment = self.assignment(tenant, permission);
        self.write(|tx| {
            assert!(tx.remove_assignment(tenant.id, &assignment)?);
            Ok(())
        });
    }

    fn assignment(&self, tenant: &Hosted, permission: &str) -> Assignment {
        Assignment {
            id: AssignmentId {
                principal: tenant.service_principal,
                suffix: [7; 16],
            },
            resource: tenant.graph,
            principal_kind: EntityKind::ServicePrincipal,
            role: permission_ids::role_id(permission).unwrap(),
            created_at: self.clock.now(),
        }
    }

    /// Lets PowerShell act for everybody in the tenant.
    pub fn consent(&self, tenant: &Hosted, scopes: &[&str]) {
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.write(|tx| {
            Ok(grants::grant(
                tx,
                tenant.id,
                tenant.powershell,
                tenant.graph,
                None,
                &scopes,
            )
            .map(|_| ())?)
        });
    }

    pub fn write(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<(), Problem>) {
        self.store.write(work).unwrap();
    }

    /// Changes attributes of a stored object.
    pub fn update(&self, tenant: &Hosted, id: ObjectId, change: impl FnOnce(&mut Entry)) {
        self.write(|tx| {
            let mut entry = tx.object(tenant.id, id)?.unwrap().entry;
            change(&mut entry);
            Ok(tx.update_objects(tenant.id, &[entry])?)
        });
    }

    pub fn app_token(&self, tenant: &Hosted) -> String {
        self.access
            .issue_app_token(&AppTokenRequest::new(tenant.id, tenant.app_id))
            .unwrap()
            .token
    }

    /// A token of a user who agreed to these scopes.
    pub fn user_token(&self, tenant: &Hosted, user: ObjectId, scopes: &[&str]) -> String {
        let agreed: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.write(|tx| {
            let (client, graph) = (tenant.powershell, tenant.graph);
            grants::grant(tx, tenant.id, client, graph, Some(user), &agreed)?;
            Ok(())
        });
        let request = UserTokenRequest::new(tenant.id, POWERSHELL, user, scopes, self.clock.now());
        self.access
            .issue_user_tokens(&request)
            .unwrap()
            .access
            .token
    }

    pub fn authenticate(&self, token: &str) -> Result<syncline_access::Caller, Problem> {
        self.access.authenticate(Some(&format!("Bearer {token}")))
    }
}

fn hosted(store: &Store, ids: &dyn Ids, now: Timestamp, name: &str, password: &Hashed) -> Hosted {
    let id = TenantId(ids.random_uuid());
    let domain = |name: String, is_initial: bool| Domain {
        name,
        is_default: !is_initial,
        is_initial,
    };
    let tenant = Tenant {
        id,
        display_name: name.to_owned(),
        created_at: now,
        domains: vec![
            domain(format!("{name}.onmicrosoft.com"), true),
            domain(format!("{name}.example"), false),
        ],
    };
    let app_id = AppId(ids.random_uuid());
    store
        .write(|tx| {
            tx.insert_tenant(&tenant)?;
            let graph = service_principal(tx, id, ids, now, GRAPH, "Microsoft Graph");
            let powershell = service_principal(
                tx,
                id,
                ids,
                now,
                POWERSHELL,
                "Microsoft Graph Command Line Tools",
            );
            let service_principal = service_principal(tx, id, ids, now, app_id, "Provisioner");
            let mut entry = Entry::new(EntityKind::Application, ids.object_id());
            entry.attrs.set(Attr::APP_ID, Value::Guid(app_id.0));
            entry.attrs.set(Attr::DISPLAY_NAME, "Provisioner");
            let application = entry.id;
            let key = Key::new(KeyName::ApplicationAppId, &app_id.to_string());
            tx.insert_objects(id, &[entry], now)?;
            tx.take_keys(id, &[(key, EntityKind::Application, application)])?;
            let (secret_id, secret) =
                client_secrets::add(tx, id, application, ids, now, Some("test"), None)?;
            let ada = user(tx, id, ids, now, &format!("ada@{name}.example"), password);
            let bob = user(tx, id, ids, now, &format!("bob@{name}.example"), password);
            Ok::<_, Problem>(Hosted {
                id,
                app_id,
                application,
                service_principal,
                graph,
                powershell,
                secret,
                secret_id,
                ada,
                bob,
            })
        })
        .unwrap()
}

fn service_principal(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    ids: &dyn Ids,
    now: Timestamp,
    app_id: AppId,
    name: &str,
) -> ObjectId {
    let mut entry = Entry::new(EntityKind::ServicePrincipal, ids.object_id());
    entry.attrs.set(Attr::APP_ID, Value::Guid(app_id.0));
    entry.attrs.set(Attr::DISPLAY_NAME, name);
    entry.attrs.set(Attr::ACCOUNT_ENABLED, true);
    let id = entry.id;
    tx.insert_objects(tenant, &[entry], now).unwrap();
    let key = Key::new(KeyName::ServicePrincipalAppId, &app_id.to_string());
    tx.take_keys(tenant, &[(key, EntityKind::ServicePrincipal, id)])
        .unwrap();
    id
}

fn user(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    ids: &dyn Ids,
    now: Timestamp,
    upn: &str,
    password: &Hashed,
) -> ObjectId {
    let mut entry = Entry::new(EntityKind::User, ids.object_id());
    entry.attrs.set(Attr::USER_PRINCIPAL_NAME, upn);
    entry
        .attrs
        .set(Attr::DISPLAY_NAME, upn.split('@').next().unwrap());
    entry.attrs.set(Attr::MAIL, upn);
    entry.attrs.set(Attr::ACCOUNT_ENABLED, true);
    let id = entry.id;
    tx.insert_objects(tenant, &[entry], now).unwrap();
    tx.take_keys(
        tenant,
        &[(
            Key::new(KeyName::UserPrincipalName, upn),
            EntityKind::User,
            id,
        )],
    )
    .unwrap();
    passwords::set(tx, tenant, id, password, &FakeClock::at(&now.to_string())).unwrap();
    id
}

/// The claims of a token, unverified.
pub fn claims(token: &str) -> serde_json::Value {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(payload)
            .unwrap(),
    )
    .unwrap()
}
