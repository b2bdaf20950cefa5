//! Two tenants, Contoso and Fabrikam, each with the administration application (a secret, a web and
//! a native redirect), an administrator `ada` and a user without roles, `bob`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, mpsc};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::{Request, header};
use serde_json::Value;
use syncline_access::passwords::Hashed;
use syncline_access::{
    Access, AccessSettings, DirectoryRole, PasswordLimits, Peer, client_secrets, grants, passwords,
    roles, signing_keys,
};
use syncline_directory::tenants::{CreatedTenant, NewTenant};
use syncline_directory::users::NewUser;
use syncline_directory::{Context, tenants, users};
use syncline_identity::{Identity, Settings, router};
use syncline_model::{
    AppId, Attr, Attrs, Clock as _, Entry, ObjectId, Problem, TenantId, Timestamp,
    Value as Attribute,
};
use syncline_store::{Document, MasterKey, Meter, Store, Tx, Written};
use syncline_testkit::{CountedIds, FakeClock};
use tempfile::TempDir;
use tower::ServiceExt as _;

pub const PUBLIC_URL: &str = "https://localhost:8443";
pub const POWERSHELL: &str = "14d82eec-204b-4c2f-b7e8-296a70dab67e";
pub const PASSWORD: &str = "Correct-Horse-1";
pub const WEB_REDIRECT: &str = "https://app.example/callback";
pub const NATIVE_REDIRECT: &str = "http://localhost/native";

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
    pub access: Arc<Access>,
    pub router: Router,
    pub contoso: Hosted,
    pub fabrikam: Hosted,
    transactions: Arc<Transactions>,
    key: MasterKey,
}

/// Counts transactions.
#[derive(Default)]
struct Transactions {
    read: AtomicUsize,
    wrote: AtomicUsize,
    behind_next_write: Mutex<Option<Interruption>>,
    behind_read: Mutex<Option<Awaited>>,
}

/// An interruption, and how many reads go before.
struct Awaited {
    reads: usize,
    interruption: Interruption,
}

type Interruption = Box<dyn FnOnce() + Send>;

impl Meter for Transactions {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn read(&self, _: Duration) {
        self.read.fetch_add(1, Ordering::SeqCst);
        let awaited = {
            let mut awaited = self.behind_read.lock().unwrap();
            match awaited.as_mut() {
                Some(it) if it.reads > 1 => {
                    it.reads -= 1;
                    None
                }
                _ => awaited.take(),
            }
        };
        if let Some(awaited) = awaited {
            (awaited.interruption)();
        }
    }

    fn wrote(&self, _: &Written) {
        self.wrote.fetch_add(1, Ordering::SeqCst);
        let interruption = self.behind_next_write.lock().unwrap().take();
        if let Some(interrupt) = interruption {
            interrupt();
        }
    }
}

pub struct Hosted {
    pub id: TenantId,
    pub domain: String,
    pub client_id: String,
    pub client_secret: String,
    pub application: ObjectId,
    pub service_principal: ObjectId,
    pub graph: ObjectId,
    pub ada: ObjectId,
    pub bob: ObjectId,
}

/// A refresh token's document, as text of whatever version.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct RefreshTokenDocument(Value);

impl Document for RefreshTokenDocument {
    const KIND: &'static str = "refresh_token";
}

/// A reply, read.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    /// A text of a JSON reply that succeeded.
    pub fn text(&self, name: &str) -> String {
        assert_eq!(self.status, 200, "{}", self.body);
        self.json()[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name} in {}", self.body))
            .to_owned()
    }

    /// A refusal of the token endpoint.
    pub fn assert_refused(&self, error: &str, code: u32) {
        let json = self.json();
        assert_eq!(
            (&json["error"], &json["error_codes"]),
            (&error.into(), &serde_json::json!([code])),
            "{}",
            self.body
        );
        assert!(
            json["error_description"]
                .as_str()
                .unwrap()
                .starts_with(&format!("AADSTS{code}: ")),
            "{}",
            self.body
        );
        assert_eq!(
            self.status,
            match (error, code) {
                ("invalid_client", _) => 401,
                (_, 90055) => 429,
                _ => 400,
            }
        );
    }
}

impl World {
    /// Damages the row of a tenant: nobody can read it any more.
    pub fn spoil_tenant(&self, tenant: &Hosted) {
        let ids = self.store.read(|reader| reader.tenant_ids()).unwrap();
        let number = 1 + ids.iter().position(|id| *id == tenant.id).unwrap();
        let statement = format!("UPDATE tenant SET body = '{{' WHERE tenant_no = {number}");
        let path = self.folder.path().join("syncline.db");
        if !syncline_testkit::execute(&path, &statement) {
            syncline_testkit::spoil(&path, "tenant", i64::try_from(number).unwrap());
        }
    }

    /// The refresh tokens that are kept.
    pub fn refresh_tokens(&self) -> Vec<RefreshTokenDocument> {
        let kept = self
            .store
            .read(|reader| reader.documents::<RefreshTokenDocument>(None, "", 10));
        kept.unwrap().into_iter().map(|(_, it)| it).collect()
    }

    /// Leaves the only refresh token as a version that did not know these fields left it.
    pub fn forget_of_refresh_token(&self, fields: &[&str]) {
        self.write(|tx| {
            let mut found = tx.documents::<RefreshTokenDocument>(None, "", 2)?;
            assert_eq!(found.len(), 1);
            let (key, mut document) = found.remove(0);
            for field in fields {
                let known = document.0.as_object_mut().unwrap().remove(*field);
                assert!(known.is_some(), "{field}");
            }
            Ok(tx.put_document(None, &key, &document, None)?)
        });
    }

    /// Lets so many seconds pass since the only refresh token was used last. Nobody moves the clock of a shared database:
    /// there it was used so much earlier.
    pub fn pass_since_last_use(&self, seconds: i64) {
        self.clock.advance_seconds(seconds);
        if !self.store.is_shared() {
            return;
        }
        self.write(|tx| {
            let mut found = tx.documents::<RefreshTokenDocument>(None, "", 2)?;
            assert_eq!(found.len(), 1);
            let (key, mut document) = found.remove(0);
            let used_at = &mut document.0["previous"]["used_at"];
            let earlier = Timestamp(used_at.as_i64().unwrap()).plus_seconds(-seconds);
            *used_at = earlier.0.into();
            Ok(tx.put_document(None, &key, &document, None)?)
        });
    }

    pub fn new() -> Self {
        Self::with(Settings::default())
    }

    pub fn with(settings: Settings) -> Self {
        Self::limited(settings, PasswordLimits::default())
    }

    /// One password at a time; who waits longer than so long is sent away.
    pub fn with_one_password_at_once(patience: Duration) -> Self {
        let limits = PasswordLimits {
            at_once: 1,
            patience,
            ..PasswordLimits::default()
        };
        Self::limited(Settings::default(), limits)
    }

    pub fn limited(settings: Settings, limits: PasswordLimits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = MasterKey::generate().unwrap();
        let store = Arc::new(
            syncline_testkit::open_store(&folder.path().join("syncline.db"), &key).unwrap(),
        );
        let transactions = Arc::new(Transactions::default());
        store.measure(transactions.clone());
        let clock = Arc::new(FakeClock::new());
        let ids = Arc::new(CountedIds::new());
        let access_settings = AccessSettings {
            public_url: PUBLIC_URL.to_owned(),
            strict_graph: false,
        };
        let access = Access::new(store.clone(), clock.clone(), ids.clone(), access_settings);
        let access = Arc::new(access.with_password_limits(limits));
        store
            .write(|tx| signing_keys::install(tx, clock.now(), SIGNING_KEY.clone()))
            .unwrap();
        let password = hashed(&access);
        let contoso = hosted(&store, ids.as_ref(), &clock, "contoso.example", password);
        let fabrikam = hosted(&store, ids.as_ref(), &clock, "fabrikam.example", password);
        let router = router(Identity::new(
            store.clone(),
            access.clone(),
            clock.clone(),
            ids,
            settings,
        ));
        Self {
            folder,
            store,
            clock,
            access,
            router,
            contoso,
            fabrikam,
            transactions,
            key,
        }
    }

    /// How many transactions began to write so far, whatever came of them.
    pub fn transactions(&self) -> usize {
        self.transactions.wrote.load(Ordering::SeqCst)
    }

    /// How many times the store was read so far.
    pub fn reads(&self) -> usize {
        self.transactions.read.load(Ordering::SeqCst)
    }

    pub fn write(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<(), Problem>) {
        self.store.write(work).unwrap();
    }

    /// Lets a tenant be deleted, by another node where there can be one: here it is remembered then.
    pub fn delete_tenant(&self, tenant: &Hosted) {
        let path = self.folder.path().join("syncline.db");
        let other = syncline_testkit::on_postgres()
            .then(|| syncline_testkit::open_store(&path, &self.key).unwrap());
        let store = other.as_ref().unwrap_or(&self.store);
        store.write(|tx| tx.let_tenant_leave(tenant.id)).unwrap();
    }

    /// Changes attributes of a stored object.
    pub fn update(&self, tenant: &Hosted, id: ObjectId, change: impl FnOnce(&mut Entry)) {
        self.write(|tx| {
            let mut entry = tx.object(tenant.id, id)?.unwrap().entry;
            change(&mut entry);
            Ok(tx.update_objects(tenant.id, &[entry])?)
        });
    }

    /// Lets PowerShell act for everybody.
    pub fn consent(&self, tenant: &Hosted, scopes: &[&str]) {
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.write(|tx| {
            let powershell = tx
                .holder(
                    tenant.id,
                    &syncline_store::Key::new(
                        syncline_store::KeyName::ServicePrincipalAppId,
                        POWERSHELL,
                    ),
                )?
                .unwrap()
                .1;
            grants::grant(tx, tenant.id, powershell, tenant.graph, None, &scopes)?;
            Ok(())
        });
    }

    pub async fn send(&self, request: Request<Body>) -> Reply {
        reply(self.router.clone(), request).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.send(form(path, fields)).await
    }

    /// Lets no transaction write that comes behind the next one that does.
    pub fn refuse_writes_behind_next(&self) {
        let store = self.store.clone();
        let interrupt = move || store.let_write(false).unwrap();
        *self.transactions.behind_next_write.lock().unwrap() = Some(Box::new(interrupt));
    }

    /// Sends this form to a tenant's token endpoint while another request is at work: when that one has read so many
    /// times, before it goes on. The reply is there when the other request is answered.
    pub fn token_behind_read(
        &self,
        reads: usize,
        tenant: &Hosted,
        fields: &[(&str, &str)],
    ) -> mpsc::Receiver<Reply> {
        let request = form(&format!("/{}/oauth2/v2.0/token", tenant.id), fields);
        self.send_behind_read(reads, request)
    }

    /// The same with any request.
    pub fn send_behind_read(&self, reads: usize, request: Request<Body>) -> mpsc::Receiver<Reply> {
        let router = self.router.clone();
        self.behind_read(reads, move |_| {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().unwrap();
            runtime.block_on(reply(router, request))
        })
    }

    /// Does this while a request is at work: when that has read so many times, before it goes on. What comes of it is
    /// there when the request is answered; nothing, where it read less.
    pub fn behind_read<T: Send + 'static>(
        &self,
        reads: usize,
        act: impl FnOnce(&Store) -> T + Send + 'static,
    ) -> mpsc::Receiver<T> {
        let (sender, receiver) = mpsc::channel();
        let store = self.store.clone();
        let interrupt = move || {
            // The thread of the request is a runtime's already.
            let thread = std::thread::spawn(move || act(&store));
            sender.send(thread.join().unwrap()).unwrap();
        };
        *self.transactions.behind_read.lock().unwrap() = Some(Awaited {
            reads,
            interruption: Box::new(interrupt),
        });
        receiver
    }

    /// Sends a form from an address.
    pub async fn post_from(&self, address: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .extension(Peer(address.parse().unwrap()))
            .body(Body::from(encode(fields)))
            .unwrap();
        self.send(request).await
    }

    /// Asks a tenant's token endpoint.
    pub async fn token(&self, tenant: &Hosted, fields: &[(&str, &str)]) -> Reply {
        self.post(&format!("/{}/oauth2/v2.0/token", tenant.id), fields)
            .await
    }
}

async fn reply(router: Router, request: Request<Body>) -> Reply {
    let response = router.oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    Reply {
        status: head.status.as_u16(),
        headers: head.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

fn form(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(encode(fields)))
        .unwrap()
}

pub fn encode(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// The claims of a token, unverified.
pub fn claims(token: &str) -> Value {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(payload)
            .unwrap(),
    )
    .unwrap()
}

fn hosted(
    store: &Store,
    ids: &CountedIds,
    clock: &FakeClock,
    domain: &str,
    password: &Hashed,
) -> Hosted {
    let now = clock.now();
    store
        .write(|tx| {
            let new = NewTenant {
                id: None,
                domain: domain.to_owned(),
                display_name: domain.to_owned(),
            };
            let CreatedTenant {
                tenant,
                graph_service_principal,
                application,
                service_principal,
            } = tenants::create(tx, ids, now, new)?;
            let context = Context {
                tenant: &tenant,
                now,
                ids,
            };
            let (_, client_secret) = client_secrets::add(
                tx,
                tenant.id,
                application.entry.id,
                ids,
                now,
                Some("test"),
                None,
            )?;
            let mut entry = application.entry.clone();
            entry.attrs.set(Attr::WEB, redirects(WEB_REDIRECT));
            entry
                .attrs
                .set(Attr::PUBLIC_CLIENT, redirects(NATIVE_REDIRECT));
            tx.update_objects(tenant.id, &[entry])?;
            let ada = user(tx, &context, "ada", domain, password)?;
            let bob = user(tx, &context, "bob", domain, password)?;
            roles::grant(tx, tenant.id, ids, ada, DirectoryRole::GlobalAdministrator)?;
            let app_id = application.entry.guid(Attr::APP_ID).unwrap();
            Ok::<_, Problem>(Hosted {
                id: tenant.id,
                domain: domain.to_owned(),
                client_id: AppId(app_id).to_string(),
                client_secret,
                application: application.entry.id,
                service_principal: service_principal.entry.id,
                graph: graph_service_principal,
                ada,
                bob,
            })
        })
        .unwrap()
}

fn redirects(uri: &str) -> Attribute {
    Attribute::Map(vec![(
        "redirectUris".to_owned(),
        Attribute::List(vec![Attribute::text(uri)]),
    )])
}

fn user(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    name: &str,
    domain: &str,
    password: &Hashed,
) -> Result<ObjectId, Problem> {
    let attrs = Attrs::new()
        .with(Attr::ACCOUNT_ENABLED, true)
        .with(Attr::DISPLAY_NAME, name)
        .with(Attr::MAIL_NICKNAME, name)
        .with(Attr::USER_PRINCIPAL_NAME, format!("{name}@{domain}"));
    let id = users::create(tx, context, NewUser { attrs })?.entry.id;
    let clock = FakeClock::at(&context.now.to_string());
    passwords::set(tx, context.tenant.id, id, password, &clock)?;
    Ok(id)
}
