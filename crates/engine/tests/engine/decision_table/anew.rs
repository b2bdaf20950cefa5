//! Linked by an earlier matching: who is wanted is matched, who is not goes by his link.

use syncline_model::Attr;
use syncline_model::link::LinkState;

use super::{check, row};
use crate::support::{World, person};

#[test]
fn matched_anew() {
    let before = || World::new().synchronized().restarted();
    let elsewhere = || before().found_by_nothing();
    check(vec![
        row("found again", person(), before(), "unchanged (adopting)"),
        row(
            "found again, and changed",
            person().with(Attr::CITY, "Bern"),
            before(),
            "update city (adopting)",
        ),
        row(
            "found again, and disabled",
            person().disabled(),
            before(),
            "update accountEnabled (adopting)",
        ),
        row(
            "found in the recycle bin",
            person(),
            before().in_recycle_bin().link_state(LinkState::SoftDeleted),
            "restore (adopting)",
        ),
        row("not found", person(), elsewhere(), "create"),
        row(
            "not found, and disabled: his link leads to whom to switch off",
            person().disabled(),
            elsewhere(),
            "update alternativeSecurityIds, accountEnabled",
        ),
        row(
            "disabled, and neither found nor there",
            person().disabled(),
            before().target_gone(),
            "skip NotEffectivelyEntitled",
        ),
        row(
            "another one was matched with it",
            person(),
            before().held_by(0xbea),
            "fail DuplicateSourceEntries",
        ),
    ]);
}

#[test]
fn not_wanted_any_more() {
    let before = || World::new().synchronized().restarted().found_by_nothing();
    check(vec![
        row("unassigned", person().unassigned(), before(), "soft delete"),
        row("deleted", person().deleted(), before(), "soft delete"),
        row(
            "deleted for good",
            person().deleted_for_good(),
            before(),
            "hard delete",
        ),
        row(
            "released, still unassigned",
            person().unassigned(),
            before().link_state(LinkState::Released),
            "unchanged",
        ),
    ]);
}
