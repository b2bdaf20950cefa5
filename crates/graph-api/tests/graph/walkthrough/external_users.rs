//! People who came by synchronization: what the tenant where they are can not do with them.

use serde_json::{Value as Json, json};
use syncline_access::Refusal;

use super::callers::everything;
use super::setup::{configure, employee, trust};
use crate::world::World;

const PASSWORD: &str = "0eM85N54wFxWwvJ]";

/// With one, they would go on signing in here when they have left home.
#[test]
fn they_get_no_password() {
    let world = World::new();
    trust(&world);
    let configuration = configure(&world);
    configuration.assign(&world, &employee(&world, "ann", "Marketing"));
    configuration.start(&world);
    configuration.cycle(&world);
    let there = everything(&world, "fabrikam");
    let [ann] = &there.all("/v1.0/users?$filter=creationType eq 'Invitation'")[..] else {
        panic!("one came")
    };
    let url = format!("/v1.0/users/{}", ann["id"].as_str().unwrap());
    for profile in [
        json!({"password": PASSWORD}),
        json!({"password": PASSWORD, "forceChangePasswordNextSignIn": true}),
        json!({"forceChangePasswordNextSignIn": true}),
        json!({"forceChangePasswordNextSignIn": false}),
    ] {
        let body = json!({"jobTitle": "Chief", "passwordProfile": profile});
        let error = there.patch(&url, body).problem(400, "Request_BadRequest");
        let said = error["message"].as_str().unwrap();
        assert!(said.contains("signs in at home"), "{said}");
    }
    let name = ann["userPrincipalName"].as_str().unwrap();
    assert_eq!(
        world.access.check_password(None, None, name, PASSWORD),
        Err(Refusal::CredentialsInvalid)
    );
    let title = there.get(&format!("{url}?$select=jobTitle")).ok();
    assert_eq!(title["jobTitle"], Json::Null);
    there.patch(&url, json!({"jobTitle": "Chief"})).no_content();
}
