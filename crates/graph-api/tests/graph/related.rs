//! What stands under a collection of related objects, whichever it is: references alone, one item of it,
//! and no way to delete an object by a forgotten `/$ref`.

use serde_json::json;

use crate::world::{Client, PUBLIC_URL, World, each, id, names, reference, security_group, text};

const USER_ADMINISTRATOR: &str = "fe930be7-5e62-47db-91af-98c3a49a38b1";
const NOBODY: &str = "01234567-89ab-4def-8123-456789abcdef";

/// Ann, who manages Bob and is his sponsor, is User Administrator, and owns and is in what there is.
struct Web<'w> {
    world: &'w World,
    ann: String,
    bob: String,
    inner: String,
    outer: String,
}

impl<'w> Web<'w> {
    fn of(world: &'w World) -> Self {
        let (ann, bob) = (world.user("ann"), world.user("bob"));
        let (inner, outer) = (world.group("inner"), world.group("outer"));
        world.join(&inner, &ann);
        world.join(&outer, &inner);
        let add = |collection: String, object: &str| {
            let url = format!("/v1.0/{collection}/$ref");
            world.contoso().post(&url, reference(object)).no_content();
        };
        let contoso = &world.tenants.contoso;
        add(format!("groups/{inner}/owners"), &ann);
        add(format!("applications/{}/owners", contoso.application), &ann);
        let principal = contoso.service_principal;
        add(format!("servicePrincipals/{principal}/owners"), &ann);
        world.join(&inner, &principal.to_string());
        add(format!("users/{bob}/sponsors"), &ann);
        add(format!("directoryRoles/{USER_ADMINISTRATOR}/members"), &ann);
        let manager = format!("/v1.0/users/{bob}/manager/$ref");
        world.contoso().put(&manager, reference(&ann)).no_content();
        Self {
            world,
            ann,
            bob,
            inner,
            outer,
        }
    }

    /// Each collection, with an object that is in it.
    fn collections(&self) -> Vec<(String, &str)> {
        let Self {
            ann,
            bob,
            inner,
            outer,
            ..
        } = self;
        let contoso = &self.world.tenants.contoso;
        let principal = contoso.service_principal;
        vec![
            (format!("users/{ann}/directReports"), bob),
            (format!("users/{ann}/memberOf"), inner),
            (format!("users/{ann}/memberOf"), USER_ADMINISTRATOR),
            (format!("users/{ann}/transitiveMemberOf"), outer),
            (
                format!("users/{ann}/transitiveMemberOf"),
                USER_ADMINISTRATOR,
            ),
            (format!("users/{bob}/sponsors"), ann),
            (format!("groups/{inner}/members"), ann),
            (format!("groups/{outer}/transitiveMembers"), ann),
            (format!("groups/{inner}/owners"), ann),
            (format!("groups/{inner}/memberOf"), outer),
            (format!("groups/{inner}/transitiveMemberOf"), outer),
            (format!("applications/{}/owners", contoso.application), ann),
            (format!("servicePrincipals/{principal}/owners"), ann),
            (format!("servicePrincipals/{principal}/memberOf"), inner),
            (
                format!("servicePrincipals/{principal}/transitiveMemberOf"),
                outer,
            ),
            (format!("directoryRoles/{USER_ADMINISTRATOR}/members"), ann),
        ]
    }

    fn admin(&self) -> Client<'w> {
        self.world.contoso()
    }
}

#[test]
fn every_collection_lists_references_alone() {
    let world = World::new();
    let web = Web::of(&world);
    for (collection, object) in web.collections() {
        for version in ["v1.0", "beta"] {
            let url = format!("/{version}/{collection}/$ref");
            let links = web.admin().get(&format!("{url}?$top=999")).ok();
            let link = format!("{PUBLIC_URL}/{version}/directoryObjects/{object}");
            assert!(each(&links, "@odata.id").contains(&link), "{url}: {links}");
            let context = text(&links, "@odata.context");
            assert!(
                context.ends_with("/$metadata#Collection($ref)"),
                "{context}"
            );
            assert_eq!(names(&links["value"][0]), ["@odata.id"]);
            // Page by page they are the same.
            let all = web.admin().all(&format!("{url}?$top=1"));
            assert_eq!(json!(all), links["value"], "{url}");
        }
    }
}

#[test]
fn one_item_of_a_collection_is_read_and_what_is_not_in_it_is_not_found() {
    let world = World::new();
    let web = Web::of(&world);
    let stranger = world.user("stranger");
    for (collection, object) in web.collections() {
        let url = format!("/v1.0/{collection}");
        let item = web.admin().get(&format!("{url}/{object}")).ok();
        let mut listed = web.admin().all(&url);
        listed.retain(|it| id(it) == object);
        let mut expected = listed.pop().expect("it is listed");
        let context = format!("{PUBLIC_URL}/v1.0/$metadata#directoryObjects/$entity");
        expected["@odata.context"] = json!(context);
        assert_eq!(item, expected, "{url}");
        let keyed = web
            .admin()
            .get(&format!("{url}('{object}')?$select=id"))
            .ok();
        assert_eq!(names(&keyed), ["@odata.context", "@odata.type", "id"]);
        for other in [&stranger, NOBODY, "nonsense"] {
            web.admin()
                .get(&format!("{url}/{other}"))
                .problem(404, "Request_ResourceNotFound");
        }
    }
}

#[test]
fn one_item_of_a_kind_is_read_with_a_cast_before_or_behind_its_id() {
    let world = World::new();
    let web = Web::of(&world);
    let stranger = world.user("stranger");
    for (collection, object) in web.collections() {
        let url = format!("/v1.0/{collection}");
        let item = web.admin().get(&format!("{url}/{object}")).ok();
        let of_type = text(&item, "@odata.type");
        for cast in [of_type.trim_start_matches("#microsoft."), "directoryObject"] {
            let cast = match cast.split_once('.') {
                Some(_) => cast.to_owned(),
                None => format!("microsoft.graph.{cast}"),
            };
            for url in [
                format!("{url}/{object}/{cast}"),
                format!("{url}/{cast}/{object}"),
            ] {
                assert_eq!(web.admin().get(&url).ok()["id"], item["id"], "{url}");
            }
            for nobody in [&*stranger, NOBODY] {
                for url in [
                    format!("{url}/{nobody}/{cast}"),
                    format!("{url}/{cast}/{nobody}"),
                ] {
                    web.admin()
                        .get(&url)
                        .problem(404, "Request_ResourceNotFound");
                }
            }
        }
        for other in ["graph.application", "microsoft.graph.device"] {
            for url in [
                format!("{url}/{object}/{other}"),
                format!("{url}/{other}/{object}"),
            ] {
                web.admin()
                    .get(&url)
                    .problem(404, "Request_ResourceNotFound");
            }
        }
        for url in [
            format!("{url}/{object}/graph.mailbox"),
            format!("{url}/graph.mailbox/{object}"),
        ] {
            assert_eq!(web.admin().get(&url).status, 400, "{url}");
        }
    }
}

#[test]
fn who_may_not_read_an_item_learns_what_the_list_tells() {
    let world = World::new();
    let web = Web::of(&world);
    let tool = world.application(&["Group.Read.All"]);
    let item = format!("/v1.0/groups/{}/members/{}", web.inner, web.ann);
    assert_eq!(
        names(&tool.get(&item).ok()),
        ["@odata.context", "@odata.type", "id"]
    );
    let item = format!("/v1.0/users/{}/memberOf/{}", web.ann, web.inner);
    tool.get(&item).problem(403, "Authorization_RequestDenied");
}

#[test]
fn a_delete_without_ref_deletes_nobody_anywhere() {
    let world = World::new();
    let web = Web::of(&world);
    let admin = web.admin();
    let (ann, inner) = (&web.ann, &web.inner);
    let contoso = &world.tenants.contoso;
    for collection in [
        format!("groups/{inner}/members"),
        format!("groups/{inner}/owners"),
        format!("applications/{}/owners", contoso.application),
        format!("servicePrincipals/{}/owners", contoso.service_principal),
        format!("users/{}/sponsors", web.bob),
        format!("directoryRoles/{USER_ADMINISTRATOR}/members"),
    ] {
        let url = format!("/v1.0/{collection}/{ann}");
        let error = admin.delete(&url).problem(400, "Request_BadRequest");
        assert!(text(&error, "message").contains("'/$ref'"), "{error}");
        admin.get(&url).ok();
        admin.delete(&format!("{url}/$ref")).no_content();
        admin.get(&url).problem(404, "Request_ResourceNotFound");
    }
    admin.get(&format!("/v1.0/users/{ann}")).ok();
}

#[test]
fn a_reference_is_removed_by_the_url_of_its_object() {
    let world = World::new();
    let web = Web::of(&world);
    let admin = web.admin();
    let (ann, inner) = (&web.ann, &web.inner);
    let contoso = &world.tenants.contoso;
    let graph = "https://graph.microsoft.com/v1.0";
    let urls = [
        format!("@id={graph}/directoryObjects/{ann}"),
        format!("%40id=https%3A%2F%2Fgraph.microsoft.com%2Fbeta%2Fusers%2F{ann}"),
        format!("@id={PUBLIC_URL}/v1.0/directoryObjects('{ann}')"),
        "@id=/users/ann@contoso.example".to_owned(),
    ];
    let reader = world.application(&["Directory.Read.All"]);
    for (at, collection) in [
        format!("groups/{inner}/members"),
        format!("groups/{inner}/owners"),
        format!("applications/{}/owners", contoso.application),
        format!("servicePrincipals/{}/owners", contoso.service_principal),
        format!("users/{}/sponsors", web.bob),
        format!("directoryRoles/{USER_ADMINISTRATOR}/members"),
    ]
    .iter()
    .enumerate()
    {
        let item = format!("/v1.0/{collection}/{ann}");
        let removal = format!("/v1.0/{collection}/$ref");
        let by_url = format!("{removal}?{}", urls[at % urls.len()]);
        reader
            .delete(&by_url)
            .problem(403, "Authorization_RequestDenied");
        for bad in [
            "",
            "?@id=",
            "?@id=nonsense",
            "?@id=https://graph.microsoft.com/v1.0/organization/1",
        ] {
            let error = admin
                .delete(&format!("{removal}{bad}"))
                .problem(400, "Request_BadRequest");
            assert!(
                text(&error, "message").contains("directoryObjects/{id}"),
                "{error}"
            );
        }
        for nobody in [NOBODY, "nobody@contoso.example"] {
            admin
                .delete(&format!("{removal}?@id={graph}/users/{nobody}"))
                .problem(404, "Request_ResourceNotFound");
        }
        admin.get(&item).ok();
        admin.delete(&by_url).no_content();
        admin.get(&item).problem(404, "Request_ResourceNotFound");
        admin
            .delete(&by_url)
            .problem(404, "Request_ResourceNotFound");
    }
    admin.get(&format!("/v1.0/users/{ann}")).ok();
}

#[test]
fn a_group_for_roles_is_found_among_the_members_of_its_role() {
    let world = World::new();
    let mut body = security_group("strong");
    body["isAssignableToRole"] = json!(true);
    let strong = id(&world.contoso().post("/v1.0/groups", body).created());
    let members = format!("/v1.0/directoryRoles(roleTemplateId='{USER_ADMINISTRATOR}')/members");
    let url = format!("{members}/{strong}");
    world
        .contoso()
        .get(&url)
        .problem(404, "Request_ResourceNotFound");
    world
        .contoso()
        .post(&format!("{members}/$ref"), reference(&strong))
        .no_content();
    let item = world.contoso().get(&url).ok();
    assert_eq!(text(&item, "@odata.type"), "#microsoft.graph.group");
    assert_eq!(text(&item, "displayName"), "strong");
}

#[test]
fn an_order_that_only_some_kinds_know_leaves_nobody_out() {
    let world = World::new();
    let group = world.group("all");
    let (bob, ann) = (world.user("bob"), world.user("ann"));
    let nested = world.group("nested");
    let principal = world.tenants.contoso.service_principal.to_string();
    for member in [&bob, &ann, &nested, &principal] {
        world.join(&group, member);
    }
    let url = format!("/v1.0/groups/{group}/members");
    let client = world.contoso().eventual();
    let order = "$orderby=userPrincipalName";
    let mut without: Vec<String> = vec![nested.clone(), principal.clone()];
    without.sort();
    // Who has no value comes first, as in Graph.
    let ascending = [&without[0], &without[1], &ann, &bob];
    let descending = [&bob, &ann, &without[0], &without[1]];
    for (order, expected) in [
        (order.to_owned(), ascending),
        (format!("{order} desc"), descending),
    ] {
        for top in ["", "&$top=1", "&$top=3"] {
            let url = format!("{url}?{order}&$select=id{top}");
            let ids: Vec<String> = client.all(&url).iter().map(id).collect();
            assert_eq!(ids.iter().collect::<Vec<_>>(), expected, "{url}");
        }
        let page = client.get(&format!("{url}?{order}&$count=true")).ok();
        assert_eq!(page["@odata.count"], 4);
        let count = client.get(&format!("{url}/$count?{order}"));
        assert_eq!(count.text(), "4");
    }
    // A filter says what belongs to the list, an order does not.
    let filter = "$filter=startsWith(userPrincipalName,'a')";
    let page = client
        .get(&format!("{url}?{filter}&{order}&$count=true"))
        .ok();
    assert_eq!(
        (each(&page, "id"), &page["@odata.count"]),
        (vec![ann], &json!(1))
    );
    let groups = "$filter=mailEnabled eq false";
    client
        .get(&format!("{url}?{groups}&{order}&$count=true"))
        .problem(400, "Request_BadRequest");
    client
        .get(&format!("{url}?$orderby=nonsense"))
        .problem(400, "Request_BadRequest");
}
