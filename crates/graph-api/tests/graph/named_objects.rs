//! An id in a path names an object of the collection that it stands in, and of no other.

use serde_json::json;

use crate::world::{World, reference, text};

/// What is asked of whatever the path names.
const ASKED: [(&str, &[&str]); 5] = [
    ("users", &["memberOf", "transitiveMemberOf"]),
    ("groups", &["memberOf", "transitiveMemberOf", "owners"]),
    ("applications", &["owners"]),
    (
        "servicePrincipals",
        &["memberOf", "transitiveMemberOf", "owners"],
    ),
    ("directoryObjects", &[]),
];

#[test]
fn an_object_of_another_collection_is_not_there() {
    let world = World::new();
    let contoso = world.contoso();
    let tenant = &world.tenants.contoso;
    let objects = [
        ("users", world.user("ann")),
        ("groups", world.group("crew")),
        ("applications", tenant.application.to_string()),
        ("servicePrincipals", tenant.service_principal.to_string()),
    ];
    for (collection, lists) in ASKED {
        for (kind, object) in &objects {
            let belongs = *kind == collection || collection == "directoryObjects";
            for list in lists {
                let url = format!("/v1.0/{collection}/{object}/{list}");
                let answer = contoso.get(&url);
                if belongs {
                    answer.ok();
                } else {
                    answer.problem(404, "Request_ResourceNotFound");
                }
            }
            if collection == "applications" || *kind == "applications" {
                continue;
            }
            let url = format!("/v1.0/{collection}/{object}/getMemberGroups");
            let answer = contoso.post(&url, json!({"securityEnabledOnly": true}));
            if belongs {
                answer.ok();
            } else {
                answer.problem(404, "Request_ResourceNotFound");
            }
        }
    }
    // Nor is anything written to it.
    let [(_, ann), (_, crew), ..] = &objects;
    for collection in ["applications", "servicePrincipals", "groups"] {
        for other in [ann, crew] {
            if collection == "groups" && other == crew {
                continue;
            }
            let url = format!("/v1.0/{collection}/{other}/owners/$ref");
            contoso
                .post(&url, reference(ann))
                .problem(404, "Request_ResourceNotFound");
        }
    }
    let owners = contoso.all(&format!("/v1.0/groups/{crew}/owners"));
    assert!(owners.iter().all(|it| text(it, "id") != *ann), "{owners:?}");
}
