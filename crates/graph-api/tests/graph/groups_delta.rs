//! `GET /groups/delta`

use serde_json::json;

use crate::users_delta::round;
use crate::world::{World, id};

#[test]
fn members_come_and_go() {
    let world = World::new();
    let (ann, bob, group) = (world.user("ann"), world.user("bob"), world.group("sales"));
    world.join(&group, &ann);
    let (items, link) = round(
        &world.contoso(),
        "/v1.0/groups/delta?$select=displayName,members",
    );
    assert_eq!(
        items,
        [
            json!({"id": group, "displayName": "sales", "members@delta": [{"@odata.type": "#microsoft.graph.user", "id": ann}]})
        ]
    );
    world.join(&group, &bob);
    world
        .contoso()
        .delete(&format!("/v1.0/groups/{group}/members/{ann}/$ref"))
        .no_content();
    let (items, link) = round(&world.contoso(), &link);
    assert_eq!(
        items[0]["members@delta"],
        json!([
            {"@odata.type": "#microsoft.graph.user", "id": bob},
            {"@odata.type": "#microsoft.graph.user", "id": ann, "@removed": {"reason": "deleted"}},
        ])
    );
    world
        .contoso()
        .delete(&format!("/v1.0/groups/{group}"))
        .no_content();
    let (items, _) = round(&world.contoso(), &link);
    assert_eq!(
        items,
        [json!({"id": group, "@removed": {"reason": "changed"}})]
    );
}

#[test]
fn everything_is_followed_when_nothing_is_selected() {
    let world = World::new();
    let (ann, group) = (world.user("ann"), world.group("sales"));
    world.join(&group, &ann);
    let (items, _) = round(&world.contoso(), "/v1.0/groups/delta");
    assert_eq!(items[0]["members@delta"][0]["id"], json!(ann));
    assert_eq!(items[0]["securityEnabled"], true);
}

#[test]
fn members_that_are_not_selected_are_not_followed() {
    let world = World::new();
    let (ann, group) = (world.user("ann"), world.group("sales"));
    let (_, link) = round(&world.contoso(), "/v1.0/groups/delta?$select=displayName");
    world.join(&group, &ann);
    assert!(round(&world.contoso(), &link).0.is_empty());
}

#[test]
fn a_large_group_is_spread_over_pages() {
    let world = World::new();
    let group = world.group("everybody");
    let members = 1_250;
    // Written below the face: a thousand requests would test nothing more.
    let tenant = world.tenants.contoso.id;
    let from = group.parse().unwrap();
    world
        .store
        .write(|tx| {
            let record = tx.tenant(tenant)?.unwrap();
            let context = syncline_directory::Context {
                tenant: &record,
                now: world.api.clock.now(),
                ids: world.ids.as_ref(),
            };
            for number in 0..members {
                let attrs = [
                    ("userPrincipalName", format!("m{number}@contoso.example")),
                    ("displayName", format!("m{number}")),
                    ("mailNickname", format!("m{number}")),
                ];
                let mut user = syncline_directory::users::NewUser::default();
                user.attrs.set(syncline_model::Attr::ACCOUNT_ENABLED, true);
                for (name, value) in attrs {
                    user.attrs
                        .set(syncline_model::Attr::named(name).unwrap(), value);
                }
                let user = syncline_directory::users::create(tx, &context, user)?;
                syncline_directory::groups::add_members(tx, &context, from, &[user.entry.id])?;
            }
            Ok::<_, syncline_model::Problem>(())
        })
        .unwrap();
    let other = world.group("other");
    let first = world
        .contoso()
        .get("/v1.0/groups/delta?$select=displayName,members")
        .ok();
    assert_eq!(first["value"].as_array().unwrap().len(), 1);
    let (items, _) = round(
        &world.contoso(),
        "/v1.0/groups/delta?$select=displayName,members",
    );
    let mut seen: Vec<String> = items
        .iter()
        .filter_map(|it| it["members@delta"].as_array())
        .flatten()
        .map(id)
        .collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), members);
    assert_eq!(id(items.last().unwrap()), other);
}
