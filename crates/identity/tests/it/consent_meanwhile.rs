//! Rights that are taken away while an accepted page of consent is worked on: what was not written by then is not written.

use syncline_access::{DirectoryRole, grants, roles};
use syncline_model::{Attr, EntityKind, ObjectId, Problem, TenantId, Timestamp, Value};
use syncline_store::{ObjectState, Tx};

use crate::admin_consent::declare;
use crate::authorization_code::address;
use crate::visitor::Visitor;
use crate::world::{Hosted, World, encode};

/// More often no request reads.
const MOST_READS: usize = 60;

/// What the administrator, and the client that she agrees to, lose.
type Take = fn(&mut Tx<'_>, &Losing) -> Result<(), Problem>;

#[derive(Clone, Copy)]
struct Losing {
    tenant: TenantId,
    ada: ObjectId,
    service_principal: ObjectId,
    now: Timestamp,
}

fn role(tx: &mut Tx<'_>, from: &Losing) -> Result<(), Problem> {
    roles::revoke(
        tx,
        from.tenant,
        from.ada,
        DirectoryRole::GlobalAdministrator,
    )?;
    Ok(())
}

fn session(tx: &mut Tx<'_>, from: &Losing) -> Result<(), Problem> {
    let mut found = tx.objects(from.tenant, EntityKind::User, &[from.ada])?;
    let mut entry = found.remove(0).entry;
    let end = Value::Time(from.now.plus_milliseconds(1));
    let attr = Attr::SIGN_IN_SESSIONS_VALID_FROM_DATE_TIME;
    entry.attrs.set(attr, end);
    Ok(tx.update_objects(from.tenant, &[entry])?)
}

fn client(tx: &mut Tx<'_>, from: &Losing) -> Result<(), Problem> {
    let kind = EntityKind::ServicePrincipal;
    let entry = tx
        .objects(from.tenant, kind, &[from.service_principal])?
        .remove(0)
        .entry;
    Ok(tx.move_objects(from.tenant, &[entry], ObjectState::Deleted, from.now)?)
}

/// Where an administrator is asked for all.
fn admin_consent(contoso: &Hosted) -> String {
    let query = encode(&[("client_id", contoso.client_id.as_str())]);
    format!("/contoso.example/adminconsent?{query}")
}

/// Where she may agree for all as well as for herself.
fn authorize(contoso: &Hosted) -> String {
    let scope = ("scope", "openid Policy.Read.All Directory.ReadWrite.All");
    address(&contoso.id.to_string(), &[scope])
}

/// Takes it at each moment in turn at which the request has read something.
async fn check(path: fn(&Hosted) -> String, take: Take) {
    let mut too_early = 0;
    for reads in 1..MOST_READS {
        let world = World::new();
        declare(&world, &["Policy.Read.All"], &["User.Read.All"]);
        let contoso = &world.contoso;
        let mut visitor = Visitor::open(&world, &path(contoso)).await;
        visitor.sign_in("ada@contoso.example").await;
        let from = Losing {
            tenant: contoso.id,
            ada: contoso.ada,
            service_principal: contoso.service_principal,
            now: syncline_model::Clock::now(world.clock.as_ref()),
        };
        let taken = world.behind_read(reads, move |store| {
            let written = store.write(|tx| {
                let written = grants::list(tx, from.tenant, None, 10)?;
                take(tx, &from)?;
                Ok::<_, Problem>(written)
            });
            written.unwrap()
        });
        let accept = [("consent", "accept"), ("for_all", "on")];
        visitor.submit(&accept).await;
        let Ok(written) = taken.try_recv() else {
            // It was answered before.
            assert!(too_early > 0, "nothing was taken before it was written");
            return;
        };
        let granted = world
            .store
            .read(|reader| grants::list(reader, from.tenant, None, 10));
        assert_eq!(granted.unwrap(), written, "taken behind read {reads}");
        if written.is_empty() {
            too_early += 1;
            let page = &visitor.page;
            let agreed =
                page.body.contains("Consent given") || page.header("location").contains("code=");
            assert!(!agreed, "behind read {reads}: {page:?}");
        }
    }
    panic!("the request reads for ever");
}

#[tokio::test]
async fn an_administrator_who_is_none_any_more_grants_nothing_for_all() {
    check(admin_consent, role).await;
}

#[tokio::test]
async fn nor_does_one_who_was_signed_out() {
    check(admin_consent, session).await;
}

#[tokio::test]
async fn nor_is_anything_granted_to_a_client_that_is_gone() {
    check(admin_consent, client).await;
}

#[tokio::test]
async fn nobody_agrees_at_a_sign_in_by_a_role_that_was_taken_away() {
    check(authorize, role).await;
}

#[tokio::test]
async fn nor_in_a_session_that_is_over() {
    check(authorize, session).await;
}
