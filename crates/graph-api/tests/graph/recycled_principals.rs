//! Who gives an application a secret is asked what its service principals in the recycle bin hold. Those of all others are in
//! the bin, too, in any number.

use serde_json::json;
use syncline_directory::service_principals;
use syncline_graph_api::{Limits, Most};
use syncline_model::{Attr, Attrs, Clock as _, EntityKind, Entry, Ids as _, Value};
use syncline_store::{ObjectState, StoreError};

use crate::rights_meanwhile::while_it_waits;
use crate::world::{Registered, World};

/// Service principals of other applications.
fn fill_bin(world: &World, count: usize) {
    let (tenant, now) = (world.tenants.contoso.id, world.clock.now());
    let stranger = |_| Entry {
        id: world.ids.object_id(),
        kind: EntityKind::ServicePrincipal,
        attrs: Attrs::new().with(Attr::APP_ID, Value::Guid(world.ids.random_uuid())),
    };
    let strangers: Vec<Entry> = (0..count).map(stranger).collect();
    let write = |state| {
        let written = world.store.write(|tx| {
            match state {
                ObjectState::Live => tx.insert_objects(tenant, &strangers, now)?,
                state => tx.move_objects(tenant, &strangers, state, now)?,
            }
            Ok::<_, StoreError>(())
        });
        written.unwrap();
    };
    write(ObjectState::Live);
    write(ObjectState::Deleted);
}

fn add_password(registered: &Registered) -> String {
    format!("/v1.0/applications/{}/addPassword", registered.application)
}

/// Where no request may read more than three rows.
fn without_scans() -> World {
    let none = Most {
        all: 1,
        of_tenant: 0,
    };
    World::with_limits(Limits {
        scans: none,
        scan_rows: 3,
        ..Limits::default()
    })
}

#[test]
fn looking_into_a_full_bin_is_a_scan() {
    let world = without_scans();
    let url = add_password(&world.registered(&[]));
    let manager = world.application(&["Application.ReadWrite.All"]);
    manager.post(&url, json!({})).ok();
    fill_bin(&world, 4);
    manager
        .post(&url, json!({}))
        .problem(429, "TooManyRequests");
    // Whoever may anyway looks for nothing.
    let both = [
        "Application.ReadWrite.All",
        "AppRoleAssignment.ReadWrite.All",
    ];
    world.application(&both).post(&url, json!({})).ok();
}

/// As Terraform does with every change.
#[test]
fn whoever_sends_back_what_is_there_does_not_look_into_it() {
    let world = without_scans();
    let url = format!("/v1.0/applications/{}", world.registered(&[]).application);
    let manager = world.application(&["Application.ReadWrite.All"]);
    let there = json!({
        "web": {"redirectUris": ["https://a.example/one", "https://a.example/two"], "homePageUrl": "https://a.example"},
        "spa": {"redirectUris": ["https://a.example/spa"]},
        "publicClient": {"redirectUris": ["http://localhost"]},
        "isFallbackPublicClient": true,
    });
    manager.patch(&url, there.clone()).no_content();
    fill_bin(&world, 4);
    let mut again = there;
    again["displayName"] = "Another".into();
    again["keyCredentials"] = json!([]);
    manager.patch(&url, again).no_content();
    let order = ["https://a.example/two", "https://a.example/one"];
    for same in [
        json!({"web": {"redirectUris": order, "logoutUrl": "https://a.example/out"}}),
        json!({"spa": {"redirectUris": ["https://a.example/spa"]}}),
    ] {
        manager.patch(&url, same).no_content();
    }
    for other in [
        json!({"web": {"redirectUris": ["https://b.example"]}}),
        json!({"spa": {"redirectUris": []}}),
        json!({"isFallbackPublicClient": false}),
    ] {
        let answer = manager.patch(&url, other);
        answer.problem(429, "TooManyRequests");
    }
    manager.delete(&url).problem(429, "TooManyRequests");
}

/// Reading one of them would fail by then.
#[test]
fn nobody_waits_while_others_in_the_bin_are_looked_at() {
    let world = World::new();
    let url = add_password(&world.registered(&[]));
    let manager = world.application(&["Application.ReadWrite.All"]);
    fill_bin(&world, 3);
    let kind = EntityKind::ServicePrincipal as u8;
    let ask = || manager.post(&url, json!({}));
    let spoil =
        format!("UPDATE object SET body = substr(body, 1, 1) WHERE kind = {kind} AND state = 1");
    if let Some(answer) = while_it_waits(&world, ask, |_, _| world.damage(&spoil)) {
        answer.ok();
    }
}

#[test]
fn what_came_into_the_bin_meanwhile_is_seen() {
    let world = World::new();
    let powerful = world.registered(&["AppRoleAssignment.ReadWrite.All"]);
    let url = add_password(&powerful);
    let manager = world.application(&["Application.ReadWrite.All"]);
    fill_bin(&world, 3);
    let answer = while_it_waits(
        &world,
        || manager.post(&url, json!({})),
        |tx, context| {
            let principal = powerful.service_principal.parse().unwrap();
            service_principals::delete(tx, context, principal).unwrap();
        },
    );
    if let Some(answer) = answer {
        answer.problem(403, "Authorization_RequestDenied");
    }
    // And as ever where nobody waited.
    let again = world.registered(&["AppRoleAssignment.ReadWrite.All"]);
    let principal = format!("/v1.0/servicePrincipals/{}", again.service_principal);
    world.contoso().delete(&principal).no_content();
    manager
        .post(&add_password(&again), json!({}))
        .problem(403, "Authorization_RequestDenied");
}
