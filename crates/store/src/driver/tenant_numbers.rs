//! The row numbers of tenants that a process remembers. That of one which is deleted is no other's, and another node may
//! remember it: there it leads to what is left of the tenant, and in the end to nothing. Whoever lets anybody in asks for
//! the tenant itself (`Reader::confirm_tenant`), and so does whoever writes.
//!
//! They are of one history of the server: a standby that took over may not have heard of a tenant, and give its number to
//! another. Its timeline does not say which one it is, for two standbys of one server that take over one after the other,
//! and have not heard of each other, call theirs alike.

use std::collections::{BTreeMap, BTreeSet};

use parking_lot::Mutex;
use syncline_model::TenantId;

use super::postgres::History;

#[derive(Default)]
pub(super) struct TenantNumbers(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    /// `None` of a file, and of an engine that can not tell.
    of: Option<History>,
    numbers: BTreeMap<TenantId, i64>,
    /// Those that were deleted here, or are about to be: a view from before may still find them, and is not remembered.
    left: BTreeSet<TenantId>,
}

impl TenantNumbers {
    pub(super) fn get(&self, history: Option<&History>, tenant: TenantId) -> Option<i64> {
        let remembered = self.0.lock();
        match remembered.of.as_ref() == history {
            true if !remembered.left.contains(&tenant) => remembered.numbers.get(&tenant).copied(),
            _ => None,
        }
    }

    /// Forgets those of any other history.
    pub(super) fn remember(&self, history: Option<History>, tenant: TenantId, number: i64) {
        let mut remembered = self.0.lock();
        if remembered.of != history {
            remembered.of = history;
            remembered.numbers.clear();
        }
        remembered.numbers.insert(tenant, number);
    }

    /// From now on nothing is remembered of this one.
    pub(super) fn leaves(&self, tenant: TenantId) {
        self.0.lock().left.insert(tenant);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_of_one_history_also_where_another_has_its_timeline() {
        let [contoso, fabrikam] = [1, 2].map(|it| TenantId(uuid::Uuid::from_u128(it)));
        let [first, second] = ["00000002 1.5", "00000002 2.5"].map(History::read);
        let numbers = TenantNumbers::default();
        numbers.remember(first.clone(), contoso, 1);
        assert_eq!(numbers.get(first.as_ref(), contoso), Some(1));
        for other in [&second, &None] {
            assert_eq!(numbers.get(other.as_ref(), contoso), None, "{other:?}");
        }
        // It has not heard of the other one.
        numbers.remember(second.clone(), fabrikam, 1);
        assert_eq!(numbers.get(second.as_ref(), fabrikam), Some(1));
        assert_eq!(numbers.get(second.as_ref(), contoso), None);
        assert_eq!(numbers.get(first.as_ref(), contoso), None);
    }

    #[test]
    fn the_number_of_a_tenant_that_left_is_not_remembered_again() {
        let contoso = TenantId(uuid::Uuid::from_u128(1));
        let numbers = TenantNumbers::default();
        numbers.remember(None, contoso, 1);
        numbers.leaves(contoso);
        numbers.remember(None, contoso, 1);
        assert_eq!(numbers.get(None, contoso), None);
    }

    #[test]
    fn numbers_of_a_server_that_can_not_tell_its_history_stay() {
        let [contoso, fabrikam] = [1, 2].map(|it| TenantId(uuid::Uuid::from_u128(it)));
        let numbers = TenantNumbers::default();
        numbers.remember(None, contoso, 1);
        numbers.remember(None, fabrikam, 2);
        assert_eq!(numbers.get(None, contoso), Some(1));
        assert_eq!(numbers.get(None, fabrikam), Some(2));
    }
}
