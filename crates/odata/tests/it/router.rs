//! One list of routes.

use syncline_odata::path::{Found, RouteError, Router, resolve};

fn router() -> Router<&'static str> {
    Router::from_routes([
        ("GET", "/users", "list_users"),
        ("POST", "/users", "create_user"),
        ("GET", "/users/$count", "count_users"),
        ("GET", "/users/delta", "delta_users"),
        ("GET", "/users/{id}", "get_user"),
        ("DELETE", "/users/{id}", "delete_user"),
        ("GET", "/users/{id}/manager", "get_manager"),
        ("PUT", "/users/{id}/manager/$ref", "set_manager"),
        ("GET", "/groups/{id}/members", "list_members"),
        (
            "GET",
            "/groups/{groupId}/members/microsoft.graph.user",
            "list_user_members",
        ),
        (
            "DELETE",
            "/groups/{id}/members/{memberId}/$ref",
            "remove_member",
        ),
        ("GET", "/directory/deletedItems/{cast}", "list_deleted"),
        ("GET", "/directory/deletedItems/{id}", "get_deleted"),
        (
            "GET",
            "/tenantRelationships/find(tenantId={tenantId})",
            "find_by_id",
        ),
        (
            "GET",
            "/tenantRelationships/find(domainName={domainName})",
            "find_by_domain",
        ),
    ])
    .unwrap()
}

#[track_caller]
fn check(method: &str, raw: &str, expected: &str) {
    let router = router();
    let found = match router.find(method, &resolve(raw).unwrap()) {
        Found::Route {
            target, captures, ..
        } => {
            let captures: Vec<String> = captures
                .iter()
                .map(|(name, key)| format!(" {name}={}", key.value()))
                .collect();
            format!("{target}{}", captures.concat())
        }
        Found::MethodNotAllowed { allowed } => format!("405 {}", allowed.join(",")),
        Found::NotFound { segment } => format!("404 {segment}"),
    };
    assert_eq!(found, expected, "{method} {raw}");
}

#[test]
fn names_come_before_placeholders() {
    check("GET", "/v1.0/users", "list_users");
    check("post", "/users/", "create_user");
    check("GET", "/users/$count", "count_users");
    check("GET", "/users/microsoft.graph.delta()", "delta_users");
    check("GET", "/users('delta')", "get_user id=delta");
    check("GET", "/users/a@b", "get_user id=a@b");
    check(
        "GET",
        "/users(userPrincipalName='a')/manager",
        "get_manager id=a",
    );
    // `delta` leads nowhere here, so it is an id after all.
    check("GET", "/users/delta/manager", "get_manager id=delta");
    check("DELETE", "/users/delta", "delete_user id=delta");
}

#[test]
fn placeholders_have_the_names_of_their_route() {
    check("GET", "/groups/g/members", "list_members id=g");
    check(
        "GET",
        "/groups/g/members/graph.user",
        "list_user_members groupId=g",
    );
    check(
        "DELETE",
        "/groups/g/members/m/$ref",
        "remove_member id=g memberId=m",
    );
}

#[test]
fn casts_ids_and_parameters_share_a_place() {
    check(
        "GET",
        "/directory/deletedItems/microsoft.graph.group",
        "list_deleted cast=group",
    );
    check("GET", "/directory/deletedItems/6ec9", "get_deleted id=6ec9");
    check(
        "GET",
        "/tenantRelationships/find(tenantId='t')",
        "find_by_id tenantId=t",
    );
    check(
        "GET",
        "/tenantRelationships/find(domainName='d')",
        "find_by_domain domainName=d",
    );
}

#[test]
fn what_is_not_there() {
    check("PATCH", "/users", "405 GET,POST");
    check("PATCH", "/users/x", "405 DELETE,GET");
    check("GET", "/nothing", "404 0");
    check("GET", "/users/x/nothing/y", "404 2");
    check("GET", "/groups", "404 1");
    check("GET", "/", "404 0");
    check("GET", "/tenantRelationships/find(other='d')", "404 2");
}

#[test]
fn every_route_is_listed_and_none_is_there_twice() {
    let mut router = router();
    assert_eq!(router.routes().count(), 15);
    let again = router.add("GET", "/Users/{other}", "x").unwrap_err();
    assert_eq!(
        again,
        RouteError::Duplicate {
            method: "GET",
            pattern: "/Users/{other}".to_owned()
        }
    );
    assert!(router.add("GET", "/users/{", "x").is_err());
}
