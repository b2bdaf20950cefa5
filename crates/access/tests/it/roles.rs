use syncline_access::DirectoryRole::{GlobalReader, SecurityAdministrator};
use syncline_access::roles;

use crate::world::World;

#[test]
fn granted_twice_is_one_assignment_and_revoked_is_gone() {
    let world = World::new();
    let tenant = &world.contoso;
    world.write(|tx| {
        let first = roles::grant(tx, tenant.id, world.ids.as_ref(), tenant.ada, GlobalReader)?;
        let again = roles::grant(tx, tenant.id, world.ids.as_ref(), tenant.ada, GlobalReader)?;
        assert_eq!(first, again);
        roles::grant(
            tx,
            tenant.id,
            world.ids.as_ref(),
            tenant.ada,
            SecurityAdministrator,
        )?;
        roles::grant(
            tx,
            tenant.id,
            world.ids.as_ref(),
            tenant.bob,
            SecurityAdministrator,
        )?;
        assert_eq!(roles::find(tx, tenant.id, first.id)?, Some(first));
        Ok(())
    });
    let of = |user| {
        let mut held = world
            .store
            .read(|reader| roles::of(reader, tenant.id, user))
            .unwrap();
        held.sort();
        held
    };
    assert_eq!(of(tenant.ada), [SecurityAdministrator, GlobalReader]);
    assert_eq!(of(tenant.bob), [SecurityAdministrator]);
    world.write(|tx| {
        assert!(roles::revoke(
            tx,
            tenant.id,
            tenant.ada,
            SecurityAdministrator
        )?);
        assert!(!roles::revoke(
            tx,
            tenant.id,
            tenant.ada,
            SecurityAdministrator
        )?);
        Ok(())
    });
    assert_eq!(of(tenant.ada), [GlobalReader]);
    let all = world
        .store
        .read(|reader| roles::list(reader, tenant.id, None, 10))
        .unwrap();
    assert_eq!(all.len(), 2);
    let rest = world
        .store
        .read(|reader| roles::list(reader, tenant.id, Some((all[0].principal, all[0].role)), 10))
        .unwrap();
    assert_eq!(rest, all[1..]);
}

#[test]
fn roles_of_one_tenant_mean_nothing_in_another() {
    let world = World::new();
    world.write(|tx| {
        roles::grant(
            tx,
            world.contoso.id,
            world.ids.as_ref(),
            world.contoso.ada,
            GlobalReader,
        )?;
        Ok(())
    });
    let elsewhere = world
        .store
        .read(|reader| roles::of(reader, world.fabrikam.id, world.contoso.ada))
        .unwrap();
    assert!(elsewhere.is_empty());
}
