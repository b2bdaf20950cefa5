//! Whom `$filter` and `$search` find.

use crate::world::{World, text};
use serde_json::json;

use super::{aliases, ten};

#[test]
fn filters_find_by_any_property_and_in_any_case() {
    let world = World::new();
    ten(&world);
    for (filter, found) in [
        ("department eq 'sales'", 5),
        ("startsWith(displayName,'U1')", 1),
        ("endsWith(userPrincipalName,'@contoso.example')", 10),
        ("userPrincipalName eq 'U3@contoso.example'", 1),
        (
            "userPrincipalName eq 'u3@contoso.example' and department eq 'Sales'",
            0,
        ),
        ("displayName in ('u1','u2','u99')", 2),
        ("not(department eq 'Sales')", 5),
        ("department ne 'Sales'", 5),
        ("accountEnabled eq true", 10),
        ("jobTitle eq null", 10),
        ("createdDateTime ge 2022-12-10T00:00:00Z", 10),
        ("createdDateTime gt 2022-12-11", 0),
        (
            "identities/any(i:i/issuerAssignedId eq 'u4@contoso.example')",
            1,
        ),
        (
            "(department eq 'Sales' or displayName eq 'u1') and accountEnabled eq true",
            6,
        ),
    ] {
        assert_eq!(
            world
                .contoso()
                .all(&format!("/v1.0/users?$filter={filter}"))
                .len(),
            found,
            "{filter}"
        );
    }
}

#[test]
fn filters_by_id_read_only_these() {
    let world = World::new();
    let ids = ten(&world);
    let filter = format!(
        "id in ('{}','{}','01234567-89ab-4def-8123-456789abcdef')",
        ids[1], ids[7]
    );
    let found = world
        .contoso()
        .all(&format!("/v1.0/users?$filter={filter}"));
    assert_eq!(aliases(&found), ["u1", "u7"]);
    let found = world
        .contoso()
        .all(&format!("/v1.0/users?$filter=id eq '{}'", ids[2]));
    assert_eq!(aliases(&found), ["u2"]);
}

#[test]
fn a_filter_by_mail_reads_the_key() {
    let world = World::new();
    let ids = ten(&world);
    world
        .contoso()
        .patch(
            &format!("/v1.0/users/{}", ids[5]),
            json!({"mail": "five@contoso.example"}),
        )
        .no_content();
    let found = world
        .contoso()
        .all("/v1.0/users?$filter=mail eq 'FIVE@contoso.example'");
    assert_eq!(aliases(&found), ["u5"]);
}

#[test]
fn filtered_pages_are_followed_to_the_end() {
    let world = World::new();
    ten(&world);
    let found = world
        .contoso()
        .all("/v1.0/users?$filter=department eq 'Sales'&$top=2");
    assert_eq!(aliases(&found), ["u0", "u2", "u4", "u6", "u8"]);
}

#[test]
fn bad_filters_are_refused() {
    let world = World::new();
    for (filter, code) in [
        ("nonsense eq 'x'", "Request_BadRequest"),
        ("department eq", "BadRequest"),
        ("contains(displayName,'x')", "Request_UnsupportedQuery"),
        ("accountEnabled eq 'x'", "Request_BadRequest"),
        ("passwordProfile eq 'x'", "Request_UnsupportedQuery"),
    ] {
        world
            .contoso()
            .get(&format!("/v1.0/users?$filter={filter}"))
            .problem(400, code);
    }
}

/// Whoever deletes what a list shows must not be shown everybody for a slip of the pen.
#[test]
fn members_of_complex_values_are_known_by_their_names_and_types() {
    let world = World::new();
    let ids = ten(&world);
    let client = world.contoso();
    let kept = json!({
        "employeeOrgData": {"costCenter": "KEEP"},
        "onPremisesExtensionAttributes": {"extensionAttribute1": "5"},
    });
    client
        .patch(&format!("/v1.0/users/{}", ids[0]), kept)
        .no_content();
    for (filter, found) in [
        ("employeeOrgData/costCenter ne 'KEEP'", 9),
        ("EmployeeOrgData/CostCenter eq 'keep'", 1),
        ("employeeOrgData/division eq null", 10),
        (
            "onPremisesExtensionAttributes/extensionAttribute1 ne '5'",
            9,
        ),
        ("identities/any(c:c/issuer eq null)", 0),
    ] {
        let all = client.all(&format!("/v1.0/users?$filter={filter}"));
        assert_eq!(all.len(), found, "{filter}");
    }
    for (filter, said) in [
        (
            "employeeOrgData/costCentre ne 'KEEP'",
            "Could not find a property named 'employeeOrgData/costCentre'",
        ),
        (
            "not (employeeOrgData/costCentre eq 'KEEP')",
            "Could not find a property named 'employeeOrgData/costCentre'",
        ),
        (
            "onPremisesExtensionAttributes/extensionAttribute1 ne 5",
            "incompatible types",
        ),
        (
            "identities/any(c:c/isuer eq null)",
            "Could not find a property named 'c/isuer'",
        ),
    ] {
        for url in ["/v1.0/users", "/v1.0/users/$count"] {
            let answer = client.get(&format!("{url}?$filter={filter}"));
            let message = text(&answer.problem(400, "Request_BadRequest"), "message");
            assert!(message.contains(said), "{filter}: {message}");
        }
    }
}

#[test]
fn search_finds_words_by_their_beginning() {
    let world = World::new();
    let ann = world.user("ann");
    world.user("bob");
    world
        .contoso()
        .patch(
            &format!("/v1.0/users/{ann}"),
            json!({"displayName": "Ann Mario Lee"}),
        )
        .no_content();
    let client = world.contoso().eventual();
    for (search, found) in [
        ("\"displayName:mar\"", 1),
        ("\"displayName:ari\"", 0),
        ("\"displayName:ann\" OR \"displayName:bob\"", 2),
    ] {
        assert_eq!(
            client.all(&format!("/v1.0/users?$search={search}")).len(),
            found,
            "{search}"
        );
    }
    client
        .get("/v1.0/users?$search=mario")
        .problem(400, "BadRequest");
}

#[test]
fn search_finds_words_behind_symbols_and_in_any_order() {
    let world = World::new();
    let client = world.contoso().eventual();
    let (ann, sales) = (world.user("ann"), world.group("sales"));
    world.user("bob");
    world.group("other");
    world.join(&sales, &ann);
    let name = json!({"displayName": "Ana-Maria Souza (Contoso)"});
    client
        .patch(&format!("/v1.0/users/{ann}"), name)
        .no_content();
    let words = json!({"displayName": "EMEA-Sales", "description": "People of EMEA/Sales"});
    client
        .patch(&format!("/v1.0/groups/{sales}"), words)
        .no_content();
    for (url, search, found) in [
        ("users".to_owned(), "displayName:Contoso", vec![&ann]),
        ("users".to_owned(), "displayName:souza maria", vec![&ann]),
        ("users".to_owned(), "displayName:ontoso", vec![]),
        ("groups".to_owned(), "displayName:sales", vec![&sales]),
        (
            "groups".to_owned(),
            "description:sales people",
            vec![&sales],
        ),
        (
            format!("groups/{sales}/members"),
            "displayName:(contoso)",
            vec![&ann],
        ),
        (
            format!("users/{ann}/memberOf"),
            "displayName:sales",
            vec![&sales],
        ),
    ] {
        let items = client.all(&format!("/v1.0/{url}?$search=\"{search}\""));
        let ids: Vec<String> = items.iter().map(|it| text(it, "id")).collect();
        assert_eq!(ids.iter().collect::<Vec<_>>(), found, "{url} {search}");
        let both =
            format!("/v1.0/{url}?$search=\"{search}\"&$filter=id eq '{ann}' or id eq '{sales}'");
        assert_eq!(client.all(&both).len(), found.len(), "{both}");
    }
}

#[test]
fn filters_by_keys_find_in_any_combination_what_a_walk_would_find() {
    let world = World::new();
    let ids = ten(&world);
    let admin = world.contoso();
    admin
        .patch(
            &format!("/v1.0/users/{}", ids[3]),
            json!({"mail": "Mailbox3@contoso.example"}),
        )
        .no_content();
    admin
        .delete(&format!("/v1.0/users/{}", ids[4]))
        .no_content();
    let (first, fourth) = (&ids[1], &ids[4]);
    let upper = ids[2].to_uppercase();
    for (filter, expected) in [
        ("userPrincipalName eq 'U0@contoso.example'".to_owned(), vec!["u0"]),
        (
            "userPrincipalName eq 'u0@contoso.example' or mail eq 'mailbox3@CONTOSO.example'".to_owned(),
            vec!["u0", "u3"],
        ),
        (
            "proxyAddresses/any(p: p eq 'smtp:mailbox3@contoso.example')".to_owned(),
            vec!["u3"],
        ),
        (
            format!("id in ('{first}', '{upper}', '{fourth}') and department eq 'Research'"),
            vec!["u1"],
        ),
        (
            "userPrincipalName in ('u5@contoso.example', 'u6@contoso.example', 'u99@contoso.example')".to_owned(),
            vec!["u5", "u6"],
        ),
        (
            "not (userPrincipalName ne 'u7@contoso.example') and accountEnabled eq true".to_owned(),
            vec!["u7"],
        ),
        (
            "userPrincipalName eq 'u0@contoso.example' or surname eq 'S0'".to_owned(),
            vec!["u0", "u9"],
        ),
    ] {
        let query = format!(
            "/v1.0/users?$filter={}",
            filter.replace(' ', "%20").replace('\'', "%27")
        );
        assert_eq!(aliases(&admin.all(&query)), expected, "{filter}");
        let page = admin.all(&format!("{query}&$top=1"));
        assert_eq!(aliases(&page), expected, "{filter}, one by one");
    }
}
