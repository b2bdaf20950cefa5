//! A standby has taken over that had not heard of all that its primary had answered.

use serde_json::json;
use syncline_access::DirectoryRole;

use crate::users_delta::round;
use crate::world::{World, id, person};

/// The last so many numbers of Contoso never were, on the standby.
fn lost(world: &World, count: usize) {
    world.damage(&format!(
        "UPDATE tenant SET sequence = sequence - {count}, timeline = 99 WHERE body LIKE '%contoso%'"
    ));
}

#[test]
fn a_link_to_what_was_lost_is_refused_and_one_from_before_is_told_everything() {
    let world = World::new();
    if !syncline_testkit::on_postgres() {
        // A file has no standby.
        return;
    }
    let contoso = world.tenants.contoso.id;
    let client = world.contoso();
    world.user("ann");
    let url = "/v1.0/users/delta?$select=displayName";
    let (_, before) = round(&client, url);
    let changes = world.store.write(|tx| tx.pass_over_sequences(contoso, 20));
    changes.unwrap();
    let (_, ahead) = round(&client, url);
    lost(&world, 20);
    client.get(&ahead).problem(410, "resyncRequired");
    assert!(round(&client, &before).0.is_empty());
    let made: Vec<_> = (0..20).map(|at| world.user(&format!("p{at}"))).collect();
    client.get(&ahead).problem(410, "resyncRequired");
    let (told, link) = round(&client, &before);
    let told: Vec<_> = told.iter().map(id).collect();
    assert_eq!(told, made);
    assert!(round(&client, &link).0.is_empty());
}

/// A node that did not end remembers the caller as of a number that comes again.
#[test]
fn a_role_that_was_lost_does_not_come_back() {
    let world = World::new();
    if !syncline_testkit::on_postgres() {
        return;
    }
    let contoso = world.tenants.contoso.id;
    let ann = world.user("ann");
    let scopes = ["User.ReadWrite.All"];
    let ann = world.signed_in(&ann, &scopes, &[DirectoryRole::UserAdministrator]);
    let bob = ann.post("/v1.0/users", person("bob")).created();
    let bob = format!("/v1.0/users/{}", id(&bob));
    let change = || {
        let change = world.store.write(|tx| tx.pass_over_sequences(contoso, 1));
        change.unwrap();
    };
    change();
    ann.get(&bob).ok();
    lost(&world, 1);
    world.damage("DELETE FROM document WHERE kind = 'directory_role'");
    change();
    let renamed = ann.patch(&bob, json!({"displayName": "robert"}));
    renamed.problem(403, "Authorization_RequestDenied");
}
