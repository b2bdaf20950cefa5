//! Rounds of more changes than one page tells, or one request looks at.

use serde_json::{Value as Json, json};

use crate::users_delta::round;
use crate::world::{PUBLIC_URL, World};

fn link<'p>(page: &'p Json, name: &str) -> &'p str {
    let link = page[name].as_str().unwrap_or_else(|| panic!("{page}"));
    link.strip_prefix(PUBLIC_URL).unwrap()
}

#[test]
fn many_changes_that_concern_nobody_are_passed_over_in_several_requests() {
    let world = World::new();
    let group = world.group("everybody");
    let client = world.contoso().header("prefer", "odata.maxpagesize=1");
    let (_, since) = round(&client, "/v1.0/users/delta?$select=displayName");
    world.join_all(&group, &world.nobodies(20_001));
    let ann = world.user("ann");
    let page = client.get(&since).ok();
    assert_eq!(page["value"], json!([]));
    let page = client.get(link(&page, "@odata.nextLink")).ok();
    assert_eq!(page["value"], json!([{"id": ann, "displayName": "ann"}]));
    // Which changes were passed over is known to the link.
    let page = client.get(link(&page, "@odata.deltaLink")).ok();
    assert_eq!(page["value"], json!([]));
    link(&page, "@odata.deltaLink");
}
