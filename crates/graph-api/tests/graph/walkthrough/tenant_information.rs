//! What everybody may know of a tenant that he can name.

use serde_json::json;

use crate::world::{World, names};

const BY_ID: &str = "/v1.0/tenantRelationships/findTenantInformationByTenantId";
const BY_DOMAIN: &str = "/v1.0/tenantRelationships/findTenantInformationByDomainName";

#[test]
fn a_tenant_is_found_by_id_and_by_domain() {
    let world = World::new();
    let caller = world.application(&["CrossTenantInformation.ReadBasic.All"]);
    let fabrikam = world.tenants.fabrikam.id.to_string();
    for url in [
        format!("{BY_ID}(tenantId='{fabrikam}')"),
        format!("{BY_ID}(tenantId='{}')", fabrikam.to_uppercase()),
        format!("{BY_DOMAIN}(domainName='fabrikam.example')"),
        format!("{BY_DOMAIN}(domainName='FABRIKAM.example')"),
        BY_DOMAIN.replace("find", "microsoft.graph.find") + "(domainName='fabrikam.example')",
    ] {
        let found = caller.get(&url).ok();
        assert_eq!(
            names(&found),
            [
                "@odata.context",
                "defaultDomainName",
                "displayName",
                "federationBrandName",
                "tenantId"
            ],
            "{url}"
        );
        assert_eq!(found["tenantId"], fabrikam);
        assert_eq!(found["displayName"], "Fabrikam");
        assert_eq!(found["defaultDomainName"], "fabrikam.example");
        assert!(
            found["@odata.context"]
                .as_str()
                .unwrap()
                .ends_with("#microsoft.graph.tenantInformation")
        );
    }
}

#[test]
fn unknown_tenants_are_not_found() {
    let world = World::new();
    let caller = world.application(&["CrossTenantInformation.ReadBasic.All"]);
    for url in [
        format!("{BY_ID}(tenantId='01234567-89ab-4def-8123-456789abcdef')"),
        format!("{BY_DOMAIN}(domainName='nobody.example')"),
    ] {
        caller.get(&url).problem(404, "Request_ResourceNotFound");
    }
    caller
        .get(&format!("{BY_ID}(tenantId='fabrikam')"))
        .problem(400, "Request_BadRequest");
    world
        .application(&["User.Read.All"])
        .get(&format!("{BY_DOMAIN}(domainName='fabrikam.example')"))
        .problem(403, "Authorization_RequestDenied");
    assert_eq!(
        json!(
            world
                .contoso()
                .get(&format!("{BY_DOMAIN}(domainName='')"))
                .status
        ),
        404
    );
}
