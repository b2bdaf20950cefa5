//! What there is of a tenant beside its row and its domains.

/// Every other table with rows of tenants, and by what they are told apart in one. In this order they go, so that nothing
/// ever leads to what is gone: whoever looks for damage meanwhile finds none.
pub(super) const TABLES: [(&str, &str); 17] = [
    ("lease", "job_no, part"),
    ("evaluated", "job_no, source"),
    ("staged", "job_no, source"),
    ("escrow", "job_no, source"),
    ("membership_due", "job_no, source"),
    ("ready_reference", "job_no, waits_for"),
    ("waiting_reference", "job_no, waits_for, source, attr"),
    ("link", "job_no, source"),
    ("provisioning_log", "id"),
    ("job", "job_no"),
    ("app_role_assignment", "resource, principal, role"),
    ("edge", "kind, from_id, to_id"),
    ("object_key_recent", "hash"),
    ("object_key", "hash"),
    ("object_count", "kind"),
    ("object", "kind, id"),
    ("document", "kind, key"),
];

/// Removes the first so many rows of a tenant.
pub(super) fn slice(table: &str, key: &str) -> String {
    format!(
        "DELETE FROM {table} WHERE tenant_no = ?1 AND ({key}) IN (SELECT {key} FROM {table} WHERE tenant_no = ?1 LIMIT ?2)"
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::driver::migrate;

    /// Rows of a table that is not among them would be left for whoever gets nothing else of the tenant.
    #[test]
    fn every_table_with_rows_of_tenants_is_emptied() {
        let mut file = rusqlite::Connection::open_in_memory().unwrap();
        migrate(&mut file).unwrap();
        let mut asked = file
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_info(sqlite_schema.name) AS it WHERE it.name = 'tenant_no')")
            .unwrap();
        let found = asked.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let found: BTreeSet<String> = found.map(|name| name.unwrap()).collect();
        let last = ["domain", "tenant"];
        let emptied = TABLES.iter().map(|(table, _)| *table).chain(last);
        let emptied: BTreeSet<String> = emptied.map(str::to_owned).collect();
        assert_eq!(found, emptied);
    }

    #[test]
    fn a_slice_looks_at_no_other_rows_than_those_of_the_tenant() {
        for (table, key) in TABLES {
            let plan = crate::driver::plan(&slice(table, key));
            let scans = plan.lines().any(|step| step.contains("SCAN"));
            assert!(!scans && plan.contains("tenant_no=?"), "{table}: {plan}");
        }
    }
}
