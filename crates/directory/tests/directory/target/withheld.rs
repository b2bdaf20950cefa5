//! Which unique values a source is told nothing of, whoever has them.

use syncline_connector::Target;
use syncline_engine::LookupQuery;
use syncline_model::{Attr, EntityKind, ObjectId, Value};
use syncline_store::StoreError;

use super::{Targeted, USER, targeted};

fn withholds(it: &Targeted, queries: &[LookupQuery]) -> Vec<bool> {
    it.world
        .store
        .read(|reader| Ok::<_, StoreError>(it.target.withholds(reader, queries).unwrap()))
        .unwrap()
}

#[test]
fn a_source_asks_for_what_its_people_could_have() {
    let it = targeted();
    it.world.tenant("victim.example", "Victim");
    let taken = |attr, value: &str| LookupQuery::Taken {
        kind: USER,
        attr,
        value: Value::text(value),
    };
    for (attr, value, withheld) in [
        (Attr::MAIL, "megan@contoso.example", false),
        (Attr::MAIL, "megan@contoso.onmicrosoft.com", false),
        // Nobody's here.
        (Attr::MAIL, "megan@elsewhere.example", false),
        (Attr::MAIL, "no address", false),
        (Attr::MAIL, "bob@fabrikam.example", true),
        (Attr::MAIL, "BOB@Fabrikam.Example", true),
        // Written with Kelvin's sign, which folds to a k.
        (Attr::MAIL, "bob@fabri\u{212a}am.example", true),
        (Attr::MAIL, "bob@fabrikam.onmicrosoft.com", true),
        (Attr::MAIL, "bob@victim.example", true),
        (
            Attr::USER_PRINCIPAL_NAME,
            "megan_contoso.example#EXT#@fabrikam.onmicrosoft.com",
            false,
        ),
        (
            Attr::USER_PRINCIPAL_NAME,
            "megan_elsewhere.example#EXT#@Fabrikam.onmicrosoft.com",
            false,
        ),
        (Attr::USER_PRINCIPAL_NAME, "bob@fabrikam.example", true),
        (
            Attr::USER_PRINCIPAL_NAME,
            "bob_victim.example#EXT#@fabrikam.onmicrosoft.com",
            true,
        ),
        (
            Attr::USER_PRINCIPAL_NAME,
            "bob_fabrikam.example#EXT#@fabrikam.onmicrosoft.com",
            true,
        ),
        (
            Attr::USER_PRINCIPAL_NAME,
            "bob_fabri\u{212a}am.example#EXT#@fabrikam.onmicrosoft.com",
            true,
        ),
        (
            Attr::USER_PRINCIPAL_NAME,
            "bob_victim.example#ext#_contoso.example#EXT#@fabrikam.onmicrosoft.com",
            true,
        ),
    ] {
        assert_eq!(withholds(&it, &[taken(attr, value)]), [withheld], "{value}");
    }
    let of_group = LookupQuery::Taken {
        kind: EntityKind::Group,
        attr: Attr::MAIL,
        value: Value::text("all@fabrikam.example"),
    };
    let linked = LookupQuery::Linked {
        kind: USER,
        target: ObjectId::from_bytes([3; 16]),
    };
    let own = taken(Attr::MAIL, "megan@contoso.example");
    assert_eq!(
        withholds(&it, &[linked, of_group, own]),
        [false, true, false]
    );
    assert!(withholds(&it, &[]).is_empty());
}
