//! Applications of which a tenant says that people have to be assigned to them.

use syncline_access::grants;
use syncline_model::{Attr, Clock as _, EntityKind, Entry, ObjectId};
use syncline_store::{Assignment, AssignmentId, Edge, EdgeKind, Key, KeyName, ObjectState, Reader};
use uuid::Uuid;

use crate::authorization_code::{VERIFIER, address};
use crate::visitor::Visitor;
use crate::world::{Hosted, POWERSHELL, Reply, World};

const LOOPBACK: &str = "http://localhost:51234";

fn powershell(world: &World) -> ObjectId {
    let key = Key::new(KeyName::ServicePrincipalAppId, POWERSHELL);
    let found = |reader: &Reader<'_>| reader.holder(world.contoso.id, &key);
    world.store.read(found).unwrap().unwrap().1
}

fn require(world: &World, service_principal: ObjectId) {
    world.update(&world.contoso, service_principal, |entry| {
        entry.attrs.set(Attr::APP_ROLE_ASSIGNMENT_REQUIRED, true);
    });
}

fn assignment(world: &World, kind: EntityKind, principal: ObjectId) -> Assignment {
    Assignment {
        id: AssignmentId {
            principal,
            suffix: [7; 16],
        },
        resource: powershell(world),
        principal_kind: kind,
        role: Uuid::nil(),
        created_at: world.clock.now(),
    }
}

fn assign(world: &World, kind: EntityKind, principal: ObjectId) {
    let assignment = assignment(world, kind, principal);
    world.write(|tx| Ok(tx.insert_assignment(world.contoso.id, &assignment)?));
}

fn unassign(world: &World, kind: EntityKind, principal: ObjectId) {
    let assignment = assignment(world, kind, principal);
    world.write(|tx| {
        assert!(tx.remove_assignment(world.contoso.id, &assignment)?);
        Ok(())
    });
}

fn group(world: &World, number: u128, members: &[ObjectId]) -> ObjectId {
    let id = ObjectId(Uuid::from_u128(number));
    let mut entry = Entry::new(EntityKind::Group, id);
    entry.attrs.set(Attr::SECURITY_ENABLED, true);
    let edge = |to: &ObjectId| Edge {
        kind: EdgeKind::Member,
        from: id,
        to: *to,
    };
    let edges: Vec<Edge> = members.iter().map(edge).collect();
    let tenant = world.contoso.id;
    world.write(|tx| {
        tx.insert_objects(tenant, &[entry], world.clock.now())?;
        tx.add_edges(tenant, &edges)?;
        Ok(())
    });
    id
}

fn path(world: &World) -> String {
    address(&world.contoso.id.to_string(), &[])
}

/// Whether who is signed in there gets a code; it was AADSTS50105 if not.
async fn is_let_in(world: &World, visitor: &mut Visitor<'_>) -> bool {
    visitor.go(&path(world)).await;
    let refused = visitor.page.body.contains("AADSTS50105");
    if !refused {
        assert!(visitor.left_with(LOOPBACK).contains_key("code"));
    }
    !refused
}

async fn redeem(world: &World, code: &str) -> Reply {
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", POWERSHELL),
        ("code", code),
        ("redirect_uri", LOOPBACK),
        ("code_verifier", VERIFIER),
    ];
    world.token(&world.contoso, &fields).await
}

async fn refresh(world: &World, token: &str) -> Reply {
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", POWERSHELL),
        ("refresh_token", token),
    ];
    world.token(&world.contoso, &fields).await
}

#[tokio::test]
async fn who_is_not_assigned_is_told_so_and_gets_no_code() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    require(&world, powershell(&world));
    // Administrators are no exception.
    for user in ["bob@contoso.example", "ada@contoso.example"] {
        let mut visitor = Visitor::open(&world, &path(&world)).await;
        visitor.sign_in(user).await;
        let page = &visitor.page;
        assert_eq!(page.status, 400, "{}", page.body);
        assert!(page.body.contains("AADSTS50105"), "{}", page.body);
        assert!(page.body.contains(user), "{}", page.body);
        // Without a page, the client is told.
        visitor.go(&format!("{}&prompt=none", path(&world))).await;
        let left = visitor.left_with(LOOPBACK);
        assert_eq!(left["error"], "interaction_required");
        assert!(left["error_description"].starts_with("AADSTS50105: "));
    }
    // It is the tenant's own decision.
    let elsewhere = address(&world.fabrikam.id.to_string(), &[]);
    let mut visitor = Visitor::open(&world, &elsewhere).await;
    visitor.sign_in("bob@fabrikam.example").await;
    visitor.accept().await;
    visitor.left_with(LOOPBACK);
}

#[tokio::test]
async fn an_assignment_lets_in_directly_or_by_a_group() {
    let world = World::new();
    let bob = world.contoso.bob;
    world.consent(&world.contoso, &["User.Read"]);
    let mut visitor = Visitor::open(&world, &path(&world)).await;
    visitor.sign_in("bob@contoso.example").await;
    require(&world, powershell(&world));
    assert!(!is_let_in(&world, &mut visitor).await);
    assign(&world, EntityKind::User, bob);
    assert!(is_let_in(&world, &mut visitor).await);
    unassign(&world, EntityKind::User, bob);
    assert!(!is_let_in(&world, &mut visitor).await);

    let inner = group(&world, 1, &[bob]);
    let outer = group(&world, 2, &[inner]);
    // Who is in a group inside of the group is not in it, as in Entra.
    assign(&world, EntityKind::Group, outer);
    assert!(!is_let_in(&world, &mut visitor).await);
    assign(&world, EntityKind::Group, inner);
    assert!(is_let_in(&world, &mut visitor).await);
    world.write(|tx| {
        let entry = tx.object(world.contoso.id, inner)?.unwrap().entry;
        let now = world.clock.now();
        tx.move_objects(world.contoso.id, &[entry], ObjectState::Deleted, now)?;
        Ok(())
    });
    assert!(!is_let_in(&world, &mut visitor).await);
}

/// Entra: "Individual user consent isn't currently supported for apps that require assignment".
#[tokio::test]
async fn who_is_assigned_waits_for_an_administrator_to_consent_for_all() {
    let world = World::new();
    require(&world, powershell(&world));
    assign(&world, EntityKind::User, world.contoso.bob);
    let mut visitor = Visitor::open(&world, &path(&world)).await;
    visitor.sign_in("bob@contoso.example").await;
    let page = &visitor.page;
    assert_eq!(page.status, 403, "{}", page.body);
    assert!(page.body.contains("AADSTS90094"), "{}", page.body);
    world.consent(&world.contoso, &["User.Read"]);
    assert!(is_let_in(&world, &mut visitor).await);
    // What was agreed to already is no new agreement.
    visitor
        .go(&format!("{}&prompt=consent", path(&world)))
        .await;
    visitor.accept().await;
    let grants = world
        .store
        .read(|reader| grants::list(reader, world.contoso.id, None, 10))
        .unwrap();
    assert_eq!(grants.len(), 1);
    assert_eq!(grants[0].principal, None);
}

#[tokio::test]
async fn codes_and_refresh_tokens_of_before_give_nothing_until_assigned() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    let mut visitor = Visitor::open(&world, &path(&world)).await;
    visitor.sign_in("bob@contoso.example").await;
    let used = visitor.left_with(LOOPBACK).remove("code").unwrap();
    visitor.go(&path(&world)).await;
    let unused = visitor.left_with(LOOPBACK).remove("code").unwrap();
    let token = redeem(&world, &used).await.text("refresh_token");
    require(&world, powershell(&world));
    redeem(&world, &unused)
        .await
        .assert_refused("interaction_required", 50105);
    refresh(&world, &token)
        .await
        .assert_refused("interaction_required", 50105);
    // Nothing was used up.
    assign(&world, EntityKind::User, world.contoso.bob);
    assert_eq!(refresh(&world, &token).await.status, 200);
}

#[tokio::test]
async fn a_device_is_not_confirmed_by_who_is_not_assigned() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    require(&world, powershell(&world));
    let fields = [("client_id", POWERSHELL), ("scope", "User.Read")];
    let begin = format!("/{}/oauth2/v2.0/devicecode", world.contoso.id);
    let begun = world.post(&begin, &fields).await;
    let (device, typed) = (begun.text("device_code"), begun.text("user_code"));
    let mut visitor = Visitor::open(&world, "/devicelogin").await;
    visitor.submit(&[("user_code", &typed)]).await;
    visitor.sign_in("bob@contoso.example").await;
    let page = &visitor.page;
    assert!(page.body.contains("AADSTS50105"), "{}", page.body);
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", POWERSHELL),
        ("device_code", device.as_str()),
    ];
    let polled = world.token(&world.contoso, &fields).await;
    polled.assert_refused("authorization_pending", 70016);
}

/// What applications need by themselves is an assignment to Microsoft Graph, and that is what their
/// permissions are.
#[tokio::test]
async fn an_application_by_itself_is_not_concerned() {
    let world = World::new();
    let Hosted {
        client_id,
        client_secret,
        service_principal,
        ..
    } = &world.contoso;
    require(&world, *service_principal);
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id.as_str()),
        ("client_secret", client_secret.as_str()),
        ("scope", "https://localhost:8443/.default"),
    ];
    let reply = world.token(&world.contoso, &fields).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}
