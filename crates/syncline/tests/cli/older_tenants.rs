//! Tenants that an earlier build made.

use serde_json::Value;
use syncline_directory::{Context, service_principals};
use syncline_model::well_known::GRAPH_APP_ID;
use syncline_model::{Attr, Clock as _, Problem, TenantId, Value as Attribute};
use syncline_store::{Database, MasterKey, Older, Store};
use syncline_testkit::{CountedIds, FakeClock};

use crate::support::{Syncline, token};

/// Opens the data of an installation on which no command runs.
pub fn store(syncline: &Syncline) -> Store {
    let key = MasterKey::load(&syncline.data().join("key")).unwrap();
    let file = Database::File(syncline.data().join("syncline.db"));
    Store::open_existing(&file, &key, Older::BringUpToDate).unwrap()
}

/// Takes a permission from what the tenant offers: it came later.
fn forget(syncline: &Syncline, tenant: TenantId, permission: &str) {
    let clock = FakeClock::new();
    let ids = CountedIds::new();
    let forgotten = store(syncline).write(|tx| {
        let Some(tenant) = tx.tenant(tenant)? else {
            return Err(Problem::internal("the tenant is gone"));
        };
        let graph = service_principals::find_by_app_id(tx, tenant.id, GRAPH_APP_ID)?;
        let fewer = [Attr::APP_ROLES, Attr::OAUTH2_PERMISSION_SCOPES].map(|attr| {
            let mut all = graph.entry.get(attr).unwrap().as_slice().to_vec();
            all.retain(|it| it.member("value").and_then(Attribute::as_text) != Some(permission));
            (attr, Some(Attribute::List(all)))
        });
        let context = Context {
            tenant: &tenant,
            now: clock.now(),
            ids: &ids,
        };
        service_principals::update(tx, &context, graph.entry.id, &fewer)
    });
    forgotten.unwrap();
}

fn sequence(syncline: &Syncline, tenant: TenantId) -> u64 {
    store(syncline)
        .read(|reader| reader.sequence(tenant))
        .unwrap()
}

/// What Microsoft Graph offers in the tenant, once a server has started.
fn offered(syncline: &Syncline, tenant: &Value) -> [Vec<Value>; 2] {
    let server = syncline.serve(&["--no-scheduler"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let graph: Value = runtime.block_on(async {
        let token = token(&server, tenant).await;
        let path = format!("servicePrincipals(appId='{GRAPH_APP_ID}')");
        let request = server
            .client()
            .get(format!("{}/v1.0/{path}", server.origin))
            .bearer_auth(token);
        request.send().await.unwrap().json().await.unwrap()
    });
    assert_eq!(server.stop(), Some(0));
    ["appRoles", "oauth2PermissionScopes"].map(|list| {
        let all = graph[list].as_array().unwrap_or_else(|| panic!("{graph}"));
        all.iter().map(|it| it["value"].clone()).collect()
    })
}

#[test]
fn a_server_lets_an_older_tenant_offer_permissions_that_came_later_and_writes_it_once() {
    const NEW: &str = "User.EnableDisableAccount.All";
    let syncline = Syncline::new();
    let contoso = syncline.tenant("contoso");
    let tenant: TenantId = contoso["tenantId"].as_str().unwrap().parse().unwrap();
    forget(&syncline, tenant, NEW);
    let forgotten = sequence(&syncline, tenant);
    for list in offered(&syncline, &contoso) {
        let count = list.iter().filter(|it| **it == NEW).count();
        assert_eq!(count, 1, "{list:?}");
    }
    let mended = sequence(&syncline, tenant);
    assert!(mended > forgotten);
    // There is nothing to add at the next start.
    offered(&syncline, &contoso);
    assert_eq!(sequence(&syncline, tenant), mended);
}
