//! Who is behind a token is remembered, on every node for itself, and never for longer than it is
//! true. Every test lets two nodes on one store see the token before something changes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use syncline_access::grants::{self, Grant};
use syncline_access::{
    Access, AccessSettings, Caller, CallerKind, DirectoryRole, Permission, UserTokenRequest,
    passwords, roles,
};
use syncline_model::{Attr, Clock as _, EntityKind, ObjectId, Problem, ProblemKind, Value};
use syncline_store::{Document, ObjectState};

use uuid::Uuid;

use crate::roles::group;
use crate::world::{Hosted, PASSWORD, POWERSHELL, PUBLIC_URL, World};

const READ_USERS: Permission = Permission {
    name: "READ_USERS",
    delegated: &["User.Read.All"],
    application: &["User.Read.All"],
    roles: &[],
    roles_unless_strict: &[],
    guests: false,
    of_oneself: &[],
    of_owned: &[],
    any_caller: false,
};

/// What stands where roles are kept and can not be read as one.
#[derive(Serialize, Deserialize)]
struct NoRole {}

impl Document for NoRole {
    const KIND: &'static str = "directory_role";
}

/// Two nodes that know a token.
struct Nodes {
    world: World,
    other: Access,
}

impl Nodes {
    fn new() -> Self {
        let world = World::new();
        let settings = AccessSettings {
            public_url: PUBLIC_URL.to_owned(),
            strict_graph: false,
        };
        let other = Access::new(
            Arc::clone(&world.store),
            world.clock.clone(),
            world.ids.clone(),
            settings,
        );
        Self { world, other }
    }

    fn contoso(&self) -> &Hosted {
        &self.world.contoso
    }

    fn callers(&self, token: &str) -> [Result<Caller, Problem>; 2] {
        let header = format!("Bearer {token}");
        [&self.world.access, &self.other].map(|node| node.authenticate(Some(&header)))
    }

    /// Twice, so that the second answer may come from memory.
    fn know(&self, token: &str) {
        for _ in 0..2 {
            for caller in self.callers(token) {
                caller.unwrap();
            }
        }
    }

    fn refused(&self, token: &str) {
        self.refused_as(ProblemKind::Unauthenticated, token);
    }

    /// Sent to sign in again, so that nobody goes on with a token that clients keep.
    fn sent_to_sign_in(&self, token: &str) {
        self.refused_as(ProblemKind::SessionRevoked, token);
    }

    fn refused_as(&self, kind: ProblemKind, token: &str) {
        for caller in self.callers(token) {
            let problem = caller.unwrap_err();
            assert_eq!(problem.kind, kind);
            assert_eq!(problem.code, "InvalidAuthenticationToken");
        }
    }

    /// Whether the token may read users, on either node.
    fn may_read_users(&self, token: &str) -> [bool; 2] {
        let [first, second] = self.callers(token).map(Result::unwrap);
        [
            self.world.access.authorize(&first, &READ_USERS).is_ok(),
            self.other.authorize(&second, &READ_USERS).is_ok(),
        ]
    }

    fn delete(&self, id: ObjectId, state: ObjectState) {
        let (tenant, now) = (self.contoso().id, self.world.clock.now());
        self.world.write(|tx| {
            let entry = tx.object(tenant, id)?.unwrap().entry;
            Ok(tx.move_objects(tenant, &[entry], state, now)?)
        });
    }
}

#[test]
fn a_permission_taken_away_is_refused_by_the_next_request_of_every_node() {
    let nodes = Nodes::new();
    nodes.world.allow(nodes.contoso(), "User.Read.All");
    let token = nodes.world.app_token(nodes.contoso());
    nodes.know(&token);
    assert_eq!(nodes.may_read_users(&token), [true, true]);
    nodes.world.disallow(nodes.contoso(), "User.Read.All");
    assert_eq!(nodes.may_read_users(&token), [false, false]);
    // Given again, a token that carries it is good again.
    nodes.world.allow(nodes.contoso(), "User.Read.All");
    assert_eq!(nodes.may_read_users(&token), [true, true]);
}

#[test]
fn what_was_consented_to_and_is_withdrawn_is_refused_by_the_next_request_of_every_node() {
    let nodes = Nodes::new();
    let (world, contoso) = (&nodes.world, nodes.contoso());
    let token = world.user_token(contoso, contoso.bob, &["User.Read", "User.Read.All"]);
    let all = world
        .store
        .read(|reader| grants::list(reader, contoso.id, None, 10))
        .unwrap()
        .remove(0);
    let less = Grant {
        scopes: vec!["User.Read".to_owned()],
        ..all.clone()
    };
    nodes.know(&token);
    assert_eq!(nodes.may_read_users(&token), [true, true]);
    world.write(|tx| grants::put(tx, contoso.id, &less));
    assert_eq!(nodes.may_read_users(&token), [false, false]);
    // Granted again, it is good in new tokens, however it is spelled; in others when something else has changed.
    world.write(|tx| {
        let words = ["user.read.all".to_owned()];
        let (client, graph) = (contoso.powershell, contoso.graph);
        grants::grant(tx, contoso.id, client, graph, None, &words)?;
        Ok(())
    });
    let scopes = ["User.Read", "User.Read.All"];
    let now = world.clock.now();
    let request = UserTokenRequest::new(contoso.id, POWERSHELL, contoso.bob, &scopes, now);
    let issued = world.access.issue_user_tokens(&request).unwrap();
    assert_eq!(nodes.may_read_users(&issued.access.token), [true, true]);
    assert_eq!(nodes.may_read_users(&token), [false, false]);
    world.update(contoso, contoso.ada, |entry| {
        entry.attrs.set(Attr::DISPLAY_NAME, "Ada L.");
    });
    assert_eq!(nodes.may_read_users(&token), [true, true]);
    world.write(|tx| {
        for it in grants::list(tx, contoso.id, None, 10)? {
            assert!(grants::revoke(tx, contoso.id, &it)?);
        }
        Ok(())
    });
    assert_eq!(nodes.may_read_users(&token), [false, false]);
}

/// All that are remembered in the tenant would be asked about anew, and continuous jobs would begin a cycle.
#[test]
fn whoever_consents_is_no_news_to_others_in_the_tenant() {
    let world = World::new();
    let contoso = &world.contoso;
    let sequence = || {
        let read = world.store.read(|reader| reader.sequence(contoso.id));
        read.unwrap()
    };
    let put = |scopes: &[&str]| {
        let grant = Grant {
            client: contoso.powershell,
            resource: contoso.graph,
            principal: None,
            scopes: scopes.iter().map(|it| (*it).to_owned()).collect(),
        };
        world.write(|tx| grants::put(tx, contoso.id, &grant));
    };
    let before = sequence();
    world.user_token(contoso, contoso.bob, &["User.Read"]);
    put(&["User.Read"]);
    put(&["User.Read.All", "user.read"]);
    assert_eq!(sequence(), before);
    // What is withdrawn is.
    put(&["User.Read"]);
    assert!(sequence() > before);
}

#[test]
fn a_deleted_client_is_refused_by_every_node_until_it_is_restored() {
    let nodes = Nodes::new();
    let token = nodes.world.app_token(nodes.contoso());
    nodes.know(&token);
    let client = nodes.contoso().service_principal;
    nodes.delete(client, ObjectState::Deleted);
    nodes.refused(&token);
    nodes.delete(client, ObjectState::Live);
    nodes.know(&token);
    nodes.delete(client, ObjectState::Purged);
    nodes.refused(&token);
}

#[test]
fn a_disabled_client_is_refused_by_every_node_also_for_its_users() {
    let nodes = Nodes::new();
    let contoso = nodes.contoso();
    let tokens = [
        (contoso.service_principal, nodes.world.app_token(contoso)),
        (
            contoso.powershell,
            nodes.world.user_token(contoso, contoso.ada, &["User.Read"]),
        ),
    ];
    for (client, token) in tokens {
        nodes.know(&token);
        nodes.world.update(contoso, client, |entry| {
            entry.attrs.set(Attr::ACCOUNT_ENABLED, false);
        });
        nodes.refused(&token);
    }
}

#[test]
fn a_user_who_is_disabled_deleted_or_signed_out_is_refused_by_every_node() {
    let nodes = Nodes::new();
    let contoso = nodes.contoso();
    let ada = contoso.ada;
    let token = nodes.world.user_token(contoso, ada, &["User.Read"]);
    let enable = |enabled: bool| {
        nodes.world.update(contoso, ada, |entry| {
            entry.attrs.set(Attr::ACCOUNT_ENABLED, enabled);
        });
    };
    nodes.know(&token);
    enable(false);
    nodes.sent_to_sign_in(&token);
    enable(true);
    nodes.know(&token);
    nodes.delete(ada, ObjectState::Deleted);
    nodes.sent_to_sign_in(&token);
    // By her row alone; whoever restores her (`directory`) ends what she had begun.
    nodes.delete(ada, ObjectState::Live);
    nodes.know(&token);
    nodes.world.clock.advance_seconds(60);
    let now = nodes.world.clock.now();
    nodes.world.update(contoso, ada, |entry| {
        entry.attrs.set(
            Attr::SIGN_IN_SESSIONS_VALID_FROM_DATE_TIME,
            Value::Time(now),
        );
    });
    nodes.sent_to_sign_in(&token);
}

/// Whoever got a token with the password before is out when it is reset, and not within the hour.
#[test]
fn a_new_password_ends_the_tokens_of_the_one_before_on_every_node() {
    let nodes = Nodes::new();
    let contoso = nodes.contoso();
    let ada = contoso.ada;
    let token = || nodes.world.user_token(contoso, ada, &["User.Read"]);
    let before = token();
    nodes.know(&before);
    nodes.world.clock.advance_seconds(60);
    let hashed = nodes.world.access.hash_password(None, "Another-Horse-2");
    let hashed = hashed.unwrap();
    nodes.world.write(|tx| {
        Ok(passwords::set(
            tx,
            contoso.id,
            ada,
            &hashed,
            nodes.world.clock.as_ref(),
        )?)
    });
    nodes.sent_to_sign_in(&before);
    // Who signs in with the new one does so afterwards, at the earliest in the same moment.
    nodes.know(&token());
}

/// An end by a clock that is behind the one of the end before it: who signed in in between is dated by that, and out
/// all the same.
#[test]
fn a_second_end_is_one_for_the_tokens_of_the_first_whatever_its_clock_says() {
    for ends in [
        [reset as fn(&World, &Hosted), reset],
        [reset, revoke],
        [revoke, reset],
        [revoke, revoke],
    ] {
        let nodes = Nodes::new();
        let (contoso, world) = (nodes.contoso(), &nodes.world);
        let [first, second] = ends;
        world.clock.advance_seconds(60);
        first(world, contoso);
        world.clock.advance_seconds(-60);
        let right = ["Another-Horse-2", PASSWORD]
            .iter()
            .find_map(|password| {
                let name = "ada@contoso.example";
                world.access.sign_in(None, None, name, password).ok()
            })
            .unwrap();
        let mut request = UserTokenRequest::new(
            contoso.id,
            POWERSHELL,
            contoso.ada,
            &["User.Read"],
            world.clock.now(),
        );
        request.signed_in_at = right.signed_in_at;
        let token = world.access.issue_user_tokens(&request);
        let token = token.unwrap().access.token;
        nodes.know(&token);
        second(world, contoso);
        nodes.sent_to_sign_in(&token);
    }
}

fn reset(world: &World, tenant: &Hosted) {
    let hashed = world.access.hash_password(None, "Another-Horse-2").unwrap();
    let clock = world.clock.as_ref();
    world.write(|tx| Ok(passwords::set(tx, tenant.id, tenant.ada, &hashed, clock)?));
}

fn revoke(world: &World, tenant: &Hosted) {
    world.write(|tx| {
        let found = tx.objects(tenant.id, EntityKind::User, &[tenant.ada])?;
        let mut entry = found.into_iter().next().unwrap().entry;
        let end = tx.sign_in_end(tenant.id, &entry, world.clock.now())?;
        let attr = Attr::SIGN_IN_SESSIONS_VALID_FROM_DATE_TIME;
        entry.attrs.set(attr, Value::Time(end));
        Ok(tx.update_objects(tenant.id, &[entry])?)
    });
}

#[test]
fn a_directory_role_counts_on_every_node_as_soon_and_as_long_as_it_is_held() {
    let nodes = Nodes::new();
    let contoso = nodes.contoso();
    let (tenant, bob, tool) = (contoso.id, contoso.bob, contoso.service_principal);
    let admins = group(&nodes.world, contoso, true, &[bob, tool]);
    let tokens = [
        nodes.world.user_token(contoso, bob, &[]),
        nodes.world.app_token(contoso),
    ];
    let role = DirectoryRole::UserAdministrator;
    // Given to either by itself, and by the group that both are in.
    for (holder, held_by) in [
        (bob, [true, false]),
        (tool, [false, true]),
        (admins, [true, true]),
    ] {
        let check = |given: bool| {
            for (token, holds) in tokens.iter().zip(held_by) {
                let expected = if given && holds {
                    vec![role.template_id()]
                } else {
                    Vec::new()
                };
                for caller in nodes.callers(token) {
                    assert_eq!(roles_of(caller.unwrap()), expected, "{holder}");
                }
            }
        };
        tokens.iter().for_each(|token| nodes.know(token));
        check(false);
        nodes.world.write(|tx| {
            roles::grant(tx, tenant, nodes.world.ids.as_ref(), holder, role)?;
            Ok(())
        });
        tokens.iter().for_each(|token| nodes.know(token));
        check(true);
        nodes.world.write(|tx| {
            roles::revoke(tx, tenant, holder, role)?;
            Ok(())
        });
        check(false);
    }
}

fn roles_of(caller: Caller) -> Vec<Uuid> {
    let (CallerKind::Delegated {
        directory_roles, ..
    }
    | CallerKind::Application {
        directory_roles, ..
    }) = caller.kind;
    directory_roles
}

/// Reading them again would fail.
#[test]
fn the_roles_of_a_known_caller_are_not_read_again_while_nothing_changes() {
    let nodes = Nodes::new();
    let contoso = nodes.contoso();
    let tokens = [
        nodes.world.user_token(contoso, contoso.bob, &[]),
        nodes.world.app_token(contoso),
    ];
    tokens.iter().for_each(|token| nodes.know(token));
    let holders = [contoso.bob, contoso.service_principal].map(|it| it.to_string());
    nodes.world.write(|tx| {
        for holder in holders.iter().map(String::as_str).chain(["group"]) {
            tx.put_document(Some(contoso.id), &format!("{holder}/x"), &NoRole {}, None)?;
        }
        Ok(())
    });
    tokens.iter().for_each(|token| nodes.know(token));
    // And are, as soon as anything has.
    nodes.world.update(contoso, contoso.ada, |entry| {
        entry.attrs.set(Attr::DISPLAY_NAME, "Ada L.");
    });
    for caller in tokens.iter().flat_map(|token| nodes.callers(token)) {
        assert_eq!(caller.unwrap_err().kind, ProblemKind::Internal);
    }
}

#[test]
fn a_change_that_was_rolled_back_changes_nobody() {
    let nodes = Nodes::new();
    let tenant = nodes.contoso().id;
    let token = nodes.world.app_token(nodes.contoso());
    nodes.know(&token);
    let outcome: Result<(), Problem> = nodes.world.store.write(|tx| {
        let mut entry = tx
            .object(tenant, nodes.contoso().service_principal)?
            .unwrap()
            .entry;
        entry.attrs.set(Attr::ACCOUNT_ENABLED, false);
        tx.update_objects(tenant, &[entry])?;
        Err(Problem::malformed("changed my mind"))
    });
    outcome.unwrap_err();
    nodes.know(&token);
}

#[test]
fn what_happens_in_one_tenant_is_not_taken_for_news_of_another() {
    let nodes = Nodes::new();
    let (contoso, fabrikam) = (&nodes.world.contoso, &nodes.world.fabrikam);
    let tokens = [contoso, fabrikam].map(|tenant| nodes.world.app_token(tenant));
    tokens.iter().for_each(|token| nodes.know(token));
    for (token, tenant) in tokens.iter().zip([contoso, fabrikam]) {
        for caller in nodes.callers(token) {
            let caller = caller.unwrap();
            assert_eq!(caller.tenant, tenant.id);
            assert_eq!(caller.principal(), tenant.service_principal);
        }
    }
    nodes.world.update(fabrikam, fabrikam.ada, |entry| {
        entry.attrs.set(Attr::DISPLAY_NAME, "Ada L.");
    });
    nodes.delete(contoso.service_principal, ObjectState::Deleted);
    nodes.refused(&tokens[0]);
    nodes.know(&tokens[1]);
}
