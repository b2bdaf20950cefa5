//! Account discovery.

use std::sync::Arc;

use syncline_connector::Target;
use syncline_directory::LocalTarget;
use syncline_engine::Outcome;
use syncline_model::{Attr, Attrs, ObjectId, TenantId, b2b};

use super::{Targeted, USER, create, mapped, targeted};

/// Page by page; every object of the tenant is looked at once.
fn discovered(it: &Targeted, target: &LocalTarget, limit: usize) -> Vec<ObjectId> {
    let (mut found, mut after, mut looked_at) = (Vec::new(), None, 0);
    loop {
        let page = it.world.store.read(|reader| {
            let page = target.discover(reader, USER, after, limit).unwrap();
            Ok::<_, syncline_store::StoreError>(page.unwrap())
        });
        let page = page.unwrap();
        looked_at += page.looked_at;
        found.extend(page.objects.iter().map(|it| it.entry.id));
        after = page.next;
        if after.is_none() {
            assert_eq!(looked_at, 5);
            return found;
        }
    }
}

#[test]
fn only_users_of_this_source_are_discovered() {
    let it = targeted();
    let other = LocalTarget::new(
        TenantId::from_bytes([1; 16]),
        it.world.fabrikam.id,
        Arc::clone(&it.world.ids) as _,
        Arc::clone(&it.world.clock) as _,
    );
    let through = |target: &LocalTarget, name: &str| {
        let alias = name.split('@').next().unwrap();
        let name = b2b::external_upn(name, "fabrikam.onmicrosoft.com");
        let person = mapped(alias).with(Attr::USER_PRINCIPAL_NAME, name);
        let done = it.apply_through(target, &[create(person)]);
        match done.as_slice() {
            [Outcome::Done(id)] => *id,
            other => panic!("{other:?}"),
        }
    };
    let ana = through(&it.target, "ana@contoso.example");
    it.internal("boss", Attrs::new());
    let bo = through(&other, "bo@elsewhere.example");
    it.internal("chef", Attrs::new());
    let cleo = through(&it.target, "cleo@contoso.example");
    // Pages may have nobody in them, and others come behind.
    for limit in [1, 2, 3, 10] {
        assert_eq!(discovered(&it, &it.target, limit), [ana, cleo]);
        assert_eq!(discovered(&it, &other, limit), [bo]);
    }
}
