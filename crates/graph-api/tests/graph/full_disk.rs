//! Who writes while the disk is full is told so, and when to come back; who reads is answered.

use syncline_store::StoreError;

use crate::world::{World, person};

#[test]
fn writers_are_told_that_the_disk_is_full_and_readers_are_answered() {
    let world = World::new();
    if world.store.is_shared() {
        return;
    }
    world.user("ana");
    world.store.bound_to(1).unwrap();
    let contoso = world.contoso();
    // The pages that the file has may have room for some.
    let refused = (0..500)
        .map(|number| contoso.post("/v1.0/users", person(&format!("p{number}"))))
        .find(|answer| answer.status != 201)
        .expect("the file can not grow");
    refused.problem(503, StoreError::FULL);
    assert_eq!(refused.header("retry-after"), "30");
    let message = refused.json()["error"]["message"].to_string();
    assert!(message.contains("its disk is full"), "{message}");
    contoso.get("/v1.0/users?$top=1").ok();

    world.store.bound_to(0).unwrap();
    contoso.post("/v1.0/users", person("bo")).created();
}
