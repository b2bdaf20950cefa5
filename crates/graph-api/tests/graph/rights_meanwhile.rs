//! Rights that are taken away while a request that was let in waits to write.

use std::time::Duration;

use serde_json::{Value as Json, json};
use syncline_access::{DirectoryRole, PasswordWork, roles};
use syncline_directory::users::{self, NewUser};
use syncline_directory::{Context, app_role_assignments, applications, service_principals};
use syncline_model::{Attr, Attrs, Clock as _, EntityKind, JobId, ObjectId, Problem, Value};
use syncline_store::{Escrow, Tx};

use crate::walkthrough::setup::{Configuration, configure, employee, synchronized, trust};
use crate::world::{Answer, Client, Registered, World, person, text};

const SCOPES: [&str; 1] = ["User.ReadWrite.All"];
const ROLE: DirectoryRole = DirectoryRole::UserAdministrator;

fn object(id: &str) -> ObjectId {
    id.parse().unwrap()
}

fn take_role(world: &World, tx: &mut Tx<'_>, from: &str, role: DirectoryRole) {
    let tenant = world.tenants.contoso.id;
    assert!(roles::revoke(tx, tenant, object(from), role).unwrap());
}

fn take_permissions(
    world: &World,
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    registered: &Registered,
) {
    let (tenant, principal) = (
        world.tenants.contoso.id,
        object(&registered.service_principal),
    );
    for assignment in tx.assignments_of_principal(tenant, principal).unwrap() {
        app_role_assignments::unassign(tx, context, &assignment).unwrap();
    }
}

/// What is answered to a request that waits while whoever writes in the tenant does this; `None` on a file, where nobody
/// says who waits.
pub fn while_it_waits(
    world: &World,
    ask: impl FnOnce() -> Answer + Send,
    act: impl FnOnce(&mut Tx<'_>, &Context<'_>),
) -> Option<Answer> {
    if !syncline_testkit::on_postgres() {
        return None;
    }
    let contoso = world.tenants.contoso.id;
    std::thread::scope(|scope| {
        let asked = world.store.write(|tx| {
            tx.enter(&[contoso])?;
            let tenant = tx.tenant(contoso)?.unwrap();
            let asked = scope.spawn(ask);
            syncline_testkit::until("the request waits", || world.store.waiting() == 1);
            let context = Context {
                tenant: &tenant,
                now: world.clock.now(),
                ids: world.ids.as_ref(),
            };
            act(tx, &context);
            Ok::<_, Problem>(asked)
        });
        Some(asked.unwrap().join().unwrap())
    })
}

/// Contoso's Ben, and who is to rename him.
fn ben(world: &World) -> String {
    format!("/v1.0/users/{}", world.user("ben"))
}

fn rename(client: &Client<'_>, user: &str) -> Answer {
    client.patch(user, json!({"displayName": "robert"}))
}

#[track_caller]
fn refused(world: &World, user: &str, answer: Option<Answer>, status: u16, code: &str) {
    let Some(answer) = answer else { return };
    answer.problem(status, code);
    let user = world.contoso().get(user).ok();
    assert_eq!(text(&user, "displayName"), "ben");
}

#[test]
fn a_role_that_was_taken_away_while_a_password_was_hashed_opens_nothing() {
    let world = World::with_one_password_at_once(Duration::from_secs(3600));
    let id = world.user("ann");
    let ann = world.signed_in(&id, &SCOPES, &[ROLE]);
    let hashing = world.access.hashing();
    let held = hashing.place(PasswordWork::SignIn, None).unwrap();
    std::thread::scope(|scope| {
        let creating = scope.spawn(|| ann.post("/v1.0/users", person("cleo")));
        syncline_testkit::until("it waits", || hashing.waiting() == 1);
        let taken = world.store.write(|tx| {
            take_role(&world, tx, &id, ROLE);
            Ok::<_, Problem>(())
        });
        taken.unwrap();
        drop(held);
        let created = creating.join().unwrap();
        created.problem(403, "Authorization_RequestDenied");
    });
    world
        .contoso()
        .get("/v1.0/users/cleo@contoso.example")
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn a_role_that_was_taken_away_while_it_waited_opens_nothing() {
    let world = World::new();
    let (id, ben) = (world.user("ann"), ben(&world));
    let ann = world.signed_in(&id, &SCOPES, &[ROLE]);
    let act = |tx: &mut Tx<'_>, _: &Context<'_>| take_role(&world, tx, &id, ROLE);
    let answer = while_it_waits(&world, || rename(&ann, &ben), act);
    refused(&world, &ben, answer, 403, "Authorization_RequestDenied");
}

#[test]
fn nor_does_it_for_a_part_of_a_batch() {
    let world = World::new();
    let (id, ben) = (world.user("ann"), ben(&world));
    let ann = world.signed_in(&id, &SCOPES, &[ROLE]);
    let item = json!({"id": "1", "method": "PATCH", "url": ben.trim_start_matches("/v1.0"),
        "headers": {"Content-Type": "application/json"}, "body": {"displayName": "robert"}});
    let batch = json!({"requests": [item]});
    let act = |tx: &mut Tx<'_>, _: &Context<'_>| take_role(&world, tx, &id, ROLE);
    let answer = while_it_waits(&world, || ann.post("/v1.0/$batch", batch), act);
    let Some(answer) = answer else { return };
    assert_eq!(answer.ok()["responses"][0]["status"], 403);
    let user = world.contoso().get(&ben).ok();
    assert_eq!(text(&user, "displayName"), "ben");
}

#[test]
fn a_permission_of_an_application_that_was_taken_away_opens_nothing() {
    let world = World::new();
    let ben = ben(&world);
    let registered = world.registered(&SCOPES);
    let tool = world.signed_in_as(&registered);
    let act = |tx: &mut Tx<'_>, context: &Context<'_>| {
        take_permissions(&world, tx, context, &registered);
    };
    let answer = while_it_waits(&world, || rename(&tool, &ben), act);
    refused(&world, &ben, answer, 403, "Authorization_RequestDenied");
}

#[test]
fn an_application_that_was_deleted_is_known_no_more() {
    let world = World::new();
    let ben = ben(&world);
    let registered = world.registered(&SCOPES);
    let tool = world.signed_in_as(&registered);
    let act = |tx: &mut Tx<'_>, context: &Context<'_>| {
        let principal = object(&registered.service_principal);
        service_principals::delete(tx, context, principal).unwrap();
    };
    let answer = while_it_waits(&world, || rename(&tool, &ben), act);
    refused(&world, &ben, answer, 401, "InvalidAuthenticationToken");
}

#[test]
fn a_token_that_ended_while_its_request_waited_is_worth_nothing() {
    let world = World::new();
    let ben = ben(&world);
    let ann = world.signed_in(&world.user("ann"), &SCOPES, &[ROLE]);
    let act = |_: &mut Tx<'_>, _: &Context<'_>| world.clock.advance_seconds(24 * 3600);
    let answer = while_it_waits(&world, || rename(&ann, &ben), act);
    let Some(answer) = answer else { return };
    answer.problem(401, "InvalidAuthenticationToken");
    world.clock.advance_seconds(-24 * 3600);
    let user = world.contoso().get(&ben).ok();
    assert_eq!(text(&user, "displayName"), "ben");
}

/// Whatever else was changed in the tenant.
#[test]
fn whoever_may_still_is_answered_as_ever() {
    let world = World::new();
    let (id, ben) = (world.user("ann"), ben(&world));
    let held = [ROLE, DirectoryRole::GlobalAdministrator];
    let ann = world.signed_in(&id, &SCOPES, &held);
    let act = |tx: &mut Tx<'_>, context: &Context<'_>| {
        let attrs = Attrs::new()
            .with(Attr::ACCOUNT_ENABLED, true)
            .with(Attr::DISPLAY_NAME, "cleo")
            .with(Attr::MAIL_NICKNAME, "cleo")
            .with(Attr::USER_PRINCIPAL_NAME, "cleo@contoso.example");
        users::create(tx, context, NewUser { attrs }).unwrap();
    };
    let Some(answer) = while_it_waits(&world, || rename(&ann, &ben), act) else {
        return;
    };
    answer.no_content();
    let act = |tx: &mut Tx<'_>, _: &Context<'_>| take_role(&world, tx, &id, held[1]);
    let again = while_it_waits(&world, || rename(&ann, &ben), act);
    again.unwrap().no_content();
}

/// What a job is told goes through the runner.
#[test]
fn a_job_is_not_told_by_whoever_may_no_more() {
    let restart = |scope: &str| json!({"criteria": {"resetScope": scope}});
    for (action, body) in [
        ("start", json!({})),
        ("pause", json!({})),
        ("restart", restart("ForceDeletes")),
        ("restart", restart("Escrows")),
        ("provisionOnDemand", Json::Null),
        ("", json!({})),
    ] {
        let world = World::new();
        trust(&world);
        let configuration = configure(&world);
        let registered = world.registered(&["Synchronization.ReadWrite.All"]);
        let tool = world.signed_in_as(&registered);
        let ada = employee(&world, "ada", "Marketing");
        configuration.assign(&world, &ada);
        give_up(&world, &configuration, &ada);
        let body = match action {
            "provisionOnDemand" => configuration.on_demand(&ada),
            _ => body,
        };
        let traces = || {
            let job = world.contoso().get(&configuration.job_url("")).ok();
            let known = (job["schedule"].clone(), job["status"].clone());
            let there = synchronized(&world, "fabrikam");
            (known, there, given_up(&world, &configuration))
        };
        let before = traces();
        let act = |tx: &mut Tx<'_>, context: &Context<'_>| {
            take_permissions(&world, tx, context, &registered)
        };
        let ask = || match action {
            "" => tool.delete(&configuration.job_url("")),
            _ => tool.post(&configuration.job_url(&format!("/{action}")), body),
        };
        let Some(answer) = while_it_waits(&world, ask, act) else {
            return;
        };
        answer.problem(403, "Authorization_RequestDenied");
        assert_eq!(traces(), before, "{action}");
    }
}

/// By the job's last cycle.
fn give_up(world: &World, configuration: &Configuration, user: &str) {
    let row = Escrow {
        source: object(user),
        kind: EntityKind::User,
        first_failed: world.clock.now(),
        attempts: 1,
        next_attempt: Escrow::NEVER,
        failure: String::new(),
        waits_for: None,
    };
    let (tenant, job) = (world.tenants.contoso.id, JobId(configuration.job.clone()));
    let put = world.store.write(|tx| tx.put_escrows(tenant, &job, &[row]));
    put.unwrap();
}

fn given_up(world: &World, configuration: &Configuration) -> u64 {
    let (tenant, job) = (world.tenants.contoso.id, JobId(configuration.job.clone()));
    let count = world.store.read(|it| it.count_given_up(tenant, &job));
    count.unwrap()
}

/// An application that may change what it owns, and what it made: `mine`, by that name, too.
fn owner(world: &World) -> (Registered, String) {
    let registered = world.registered(&["Application.ReadWrite.OwnedBy"]);
    let tool = world.signed_in_as(&registered);
    let body = json!({"displayName": "mine", "uniqueName": "mine"});
    let made = tool.post("/v1.0/applications", body).created();
    (registered, text(&made, "id"))
}

#[test]
fn who_does_not_own_it_any_more_does_nothing_to_it() {
    for (method, tail) in [
        ("POST", "/addPassword"),
        ("PATCH", ""),
        ("DELETE", ""),
        ("DELETE by name", ""),
    ] {
        let world = World::new();
        let (registered, mine) = owner(&world);
        let tool = world.signed_in_as(&registered);
        let url = match method {
            "DELETE by name" => "/v1.0/applications(uniqueName='mine')".to_owned(),
            _ => format!("/v1.0/applications/{mine}{tail}"),
        };
        let ask = || match method {
            "POST" => tool.post(&url, json!({})),
            "PATCH" => tool.patch(&url, json!({"displayName": "another"})),
            _ => tool.delete(&url),
        };
        let act = |tx: &mut Tx<'_>, context: &Context<'_>| {
            let owner = object(&registered.service_principal);
            applications::remove_owner(tx, context, object(&mine), owner).unwrap();
        };
        let Some(answer) = while_it_waits(&world, ask, act) else {
            return;
        };
        answer.problem(403, "Authorization_RequestDenied");
        let found = world.contoso().get(&format!("/v1.0/applications/{mine}"));
        let found = found.ok();
        assert_eq!(text(&found, "displayName"), "mine", "{method}");
        assert_eq!(found["passwordCredentials"], json!([]), "{method}");
    }
}

/// The path names what somebody else has made by this name since.
#[test]
fn what_has_the_name_by_then_is_not_taken_for_what_had_it() {
    let world = World::new();
    let (registered, mine) = owner(&world);
    let tool = world.signed_in_as(&registered);
    let ask = || tool.delete("/v1.0/applications(uniqueName='mine')");
    let act = |tx: &mut Tx<'_>, context: &Context<'_>| {
        applications::delete(tx, context, object(&mine)).unwrap();
        let attrs = Attrs::new()
            .with(Attr::DISPLAY_NAME, "theirs")
            .with(Attr::UNIQUE_NAME, "mine");
        applications::create(tx, context, attrs).unwrap();
    };
    let Some(answer) = while_it_waits(&world, ask, act) else {
        return;
    };
    answer.problem(403, "Authorization_RequestDenied");
    let found = world.contoso().get("/v1.0/applications(uniqueName='mine')");
    assert_eq!(text(&found.ok(), "displayName"), "theirs");
}

/// So it is with one's own user name.
#[test]
fn whoever_has_ones_name_by_then_is_not_taken_for_oneself() {
    let world = World::new();
    let id = world.user("ann");
    let ann = world.signed_in(&id, &["User.RevokeSessions.All"], &[]);
    let ask = || {
        ann.post(
            "/v1.0/users/ann@contoso.example/revokeSignInSessions",
            json!({}),
        )
    };
    let act = |tx: &mut Tx<'_>, context: &Context<'_>| {
        let other = Some(Value::text("anna@contoso.example"));
        users::update(
            tx,
            context,
            object(&id),
            &[(Attr::USER_PRINCIPAL_NAME, other)],
        )
        .unwrap();
        let attrs = Attrs::new()
            .with(Attr::ACCOUNT_ENABLED, true)
            .with(Attr::DISPLAY_NAME, "ann")
            .with(Attr::MAIL_NICKNAME, "ann")
            .with(Attr::USER_PRINCIPAL_NAME, "ann@contoso.example");
        users::create(tx, context, NewUser { attrs }).unwrap();
    };
    let Some(answer) = while_it_waits(&world, ask, act) else {
        return;
    };
    answer.problem(403, "Authorization_RequestDenied");
}
