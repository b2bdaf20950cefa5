//! App role assignments: which principal holds which role of which service principal.

use syncline_model::{EntityKind, ObjectId, TenantId, Timestamp};

use crate::driver::neighbours;
use crate::driver::{Row, blob, int};
use crate::{Reader, Result, StoreError, Tx};

/// The id Graph shows (43 base64url characters): the principal and sixteen random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AssignmentId {
    pub principal: ObjectId,
    pub suffix: [u8; 16],
}

/// One assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    pub id: AssignmentId,
    /// The service principal.
    pub resource: ObjectId,
    pub principal_kind: EntityKind,
    /// All zeros: default access.
    pub role: uuid::Uuid,
    pub created_at: Timestamp,
}

impl Assignment {
    pub fn principal(&self) -> ObjectId {
        self.id.principal
    }
}

/// More than any principal holds.
const NO_LIMIT: usize = u32::MAX as usize;

const COLUMNS: &str = "resource, principal, role, principal_kind, suffix, created_at";

/// 2 is [`EntityKind::Group`], literally, so that the planner may take the index of groups alone.
const GROUPS_EVER_ASSIGNED: &str = "SELECT DISTINCT principal FROM app_role_assignment WHERE tenant_no = ?1 AND resource = ?2 AND principal_kind = 2 ORDER BY principal";

const OF_PRINCIPAL: &str = "SELECT resource, principal, role, principal_kind, suffix, created_at FROM app_role_assignment WHERE tenant_no = ?1 AND principal = ?2 AND removed = 0 ORDER BY resource, role LIMIT ?3";

/// A row where there are more than `?2`.
const MORE_OF_PRINCIPAL: &str = "SELECT principal FROM app_role_assignment WHERE tenant_no = ?1 AND principal = ?3 AND removed = 0 ORDER BY resource, role LIMIT 1 OFFSET ?2";

/// Removed ones, too: the last column says which.
const IN_RANGE: &str = "SELECT resource, principal, role, principal_kind, suffix, created_at, removed FROM app_role_assignment WHERE tenant_no = ?1 AND resource = ?2 AND principal >= ?3 AND principal <= ?4 ORDER BY principal, role LIMIT ?5";

impl Reader<'_> {
    /// A page of the assignments to a service principal, by principal, after `after`.
    pub fn assignments_of_resource(
        &self,
        tenant: TenantId,
        resource: ObjectId,
        after: Option<(ObjectId, uuid::Uuid)>,
        limit: usize,
    ) -> Result<Vec<Assignment>> {
        let tenant_no = self.tenant_no(tenant)?;
        let (principal, role) = match after {
            Some((principal, role)) => (principal.as_bytes().to_vec(), role.as_bytes().to_vec()),
            None => (Vec::new(), Vec::new()),
        };
        self.connection.query(
            &format!("SELECT {COLUMNS} FROM app_role_assignment WHERE tenant_no = ?1 AND resource = ?2 AND (principal, role) > (?3, ?4) AND removed = 0 ORDER BY principal, role LIMIT ?5"),
            &[
                int(tenant_no),
                blob(resource.as_bytes()),
                blob(&principal),
                blob(&role),
                int(limit),
            ],
            read,
        )
    }

    /// All assignments a principal holds (a handful).
    pub fn assignments_of_principal(
        &self,
        tenant: TenantId,
        principal: ObjectId,
    ) -> Result<Vec<Assignment>> {
        self.some_assignments_of_principal(tenant, principal, NO_LIMIT)
    }

    /// So many of them at most, for who is to be done with all however many there are.
    pub fn some_assignments_of_principal(
        &self,
        tenant: TenantId,
        principal: ObjectId,
        limit: usize,
    ) -> Result<Vec<Assignment>> {
        let tenant_no = self.tenant_no(tenant)?;
        self.connection.query(
            OF_PRINCIPAL,
            &[int(tenant_no), blob(principal.as_bytes()), int(limit)],
            read,
        )
    }

    /// Those of these principals that hold more than `count` assignments, of whatever service principals.
    pub fn principals_with_more_assignments(
        &self,
        tenant: TenantId,
        principals: &[ObjectId],
        count: usize,
    ) -> Result<Vec<ObjectId>> {
        let tenant_no = self.tenant_no(tenant)?;
        self.connection.query_each(
            MORE_OF_PRINCIPAL,
            &[int(tenant_no), int(count)],
            principals.iter().map(|id| [blob(id.as_bytes())]),
            |row| row.id(0, ObjectId::from_bytes),
        )
    }

    /// The assignments of these principals to one service principal, in the order asked.
    pub fn assignments_between(
        &self,
        tenant: TenantId,
        resource: ObjectId,
        principals: &[ObjectId],
    ) -> Result<Vec<Assignment>> {
        match self.assignments_in_range(tenant, resource, principals)? {
            Some(found) => Ok(found),
            None => self.assignments_of_each(tenant, resource, principals),
        }
    }

    /// The same, read in one go, where the principals are in order and hardly anybody else is or was
    /// assigned among them: as in a page of people of whom all are in scope.
    fn assignments_in_range(
        &self,
        tenant: TenantId,
        resource: ObjectId,
        principals: &[ObjectId],
    ) -> Result<Option<Vec<Assignment>>> {
        let [first, .., last] = principals else {
            return Ok(None);
        };
        let in_order = principals.is_sorted_by(|one, next| one < next);
        if self.is_shared() || principals.len() < neighbours::FEW || !in_order {
            return Ok(None);
        }
        let tenant_no = self.tenant_no(tenant)?;
        // Those that were removed count, too: they are gone through.
        let found = self.connection.query(
            IN_RANGE,
            &[
                int(tenant_no),
                blob(resource.as_bytes()),
                blob(first.as_bytes()),
                blob(last.as_bytes()),
                int(principals.len() + 1),
            ],
            |row| Ok((row.int(6)? == 0).then_some(read(row)?)),
        )?;
        if found.len() > principals.len() {
            return Ok(None);
        }
        let found = found.into_iter().flatten();
        Ok(Some(
            found
                .filter(|it| principals.binary_search(&it.principal()).is_ok())
                .collect(),
        ))
    }

    fn assignments_of_each(
        &self,
        tenant: TenantId,
        resource: ObjectId,
        principals: &[ObjectId],
    ) -> Result<Vec<Assignment>> {
        let tenant_no = self.tenant_no(tenant)?;
        self.connection.query_each(
            &format!("SELECT {COLUMNS} FROM app_role_assignment WHERE tenant_no = ?1 AND resource = ?2 AND principal = ?3 AND removed = 0"),
            &[int(tenant_no), blob(resource.as_bytes())],
            principals.iter().map(|id| [blob(id.as_bytes())]),
            read,
        )
    }

    /// The groups assigned to a service principal, with their roles. Groups only: few, however
    /// many users are assigned directly.
    pub fn assigned_groups(&self, tenant: TenantId, resource: ObjectId) -> Result<Vec<Assignment>> {
        let groups = self.groups_ever_assigned(tenant, resource)?;
        self.assignments_of_each(tenant, resource, &groups)
    }

    /// The groups that are or ever were assigned to a service principal: whoever reads changes must
    /// know that a member left a group whose assignment was removed since.
    pub fn groups_ever_assigned(
        &self,
        tenant: TenantId,
        resource: ObjectId,
    ) -> Result<Vec<ObjectId>> {
        let tenant_no = self.tenant_no(tenant)?;
        self.connection.query(
            GROUPS_EVER_ASSIGNED,
            &[int(tenant_no), blob(resource.as_bytes())],
            |row| row.id(0, ObjectId::from_bytes),
        )
    }
}

impl Tx<'_> {
    /// Adds an assignment. [`StoreError::Taken`] when the principal holds that role already.
    pub fn insert_assignment(&mut self, tenant: TenantId, assignment: &Assignment) -> Result<()> {
        self.insert_assignments(tenant, std::slice::from_ref(assignment))
    }

    /// Adds assignments. [`StoreError::Taken`] when one of the principals holds that role already, or is among them with
    /// it twice: the others may be added then, and the transaction is not to be stored.
    pub fn insert_assignments(
        &mut self,
        tenant: TenantId,
        assignments: &[Assignment],
    ) -> Result<()> {
        if assignments.is_empty() {
            return Ok(());
        }
        let tenant_no = self.tenant_no(tenant)?;
        let sequences = self.next_sequences(tenant_no, assignments.len())?;
        let changed = self.connection.execute_each(
            "INSERT INTO app_role_assignment (tenant_no, resource, principal, role, principal_kind, suffix, created_at, removed, changed_seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8) ON CONFLICT (tenant_no, resource, principal, role) DO UPDATE SET suffix = excluded.suffix, created_at = excluded.created_at, removed = 0, changed_seq = excluded.changed_seq WHERE app_role_assignment.removed = 1",
            &[int(tenant_no)],
            assignments.iter().zip(sequences).map(|(assignment, sequence)| {
                [
                    blob(assignment.resource.as_bytes()),
                    blob(assignment.id.principal.as_bytes()),
                    blob(assignment.role.as_bytes()),
                    int(assignment.principal_kind as u8),
                    blob(&assignment.id.suffix),
                    int(assignment.created_at.0),
                    int(sequence),
                ]
            }),
        )?;
        if changed < assignments.len() as u64 {
            Err(StoreError::Taken)
        } else {
            Ok(())
        }
    }

    /// Removes an assignment, leaving a tombstone for readers of changes; false when there was none.
    pub fn remove_assignment(&mut self, tenant: TenantId, assignment: &Assignment) -> Result<bool> {
        let removed = self.remove_assignments(tenant, std::slice::from_ref(assignment))?;
        Ok(removed == 1)
    }

    /// The same for many; says how many there were. Those that are not there are passed over.
    pub fn remove_assignments(
        &mut self,
        tenant: TenantId,
        assignments: &[Assignment],
    ) -> Result<u64> {
        if assignments.is_empty() {
            return Ok(0);
        }
        let tenant_no = self.tenant_no(tenant)?;
        let sequences = self.next_sequences(tenant_no, assignments.len())?;
        self.connection.execute_each(
            "UPDATE app_role_assignment SET removed = 1, changed_seq = ?5 WHERE tenant_no = ?1 AND resource = ?2 AND principal = ?3 AND role = ?4 AND removed = 0",
            &[int(tenant_no)],
            assignments.iter().zip(sequences).map(|(assignment, sequence)| {
                [
                    blob(assignment.resource.as_bytes()),
                    blob(assignment.id.principal.as_bytes()),
                    blob(assignment.role.as_bytes()),
                    int(sequence),
                ]
            }),
        )
    }
}

fn read(row: &Row<'_>) -> Result<Assignment> {
    Ok(Assignment {
        resource: row.id(0, ObjectId::from_bytes)?,
        id: AssignmentId {
            principal: row.id(1, ObjectId::from_bytes)?,
            suffix: row.id(4, |bytes| bytes)?,
        },
        role: row.id(2, uuid::Uuid::from_bytes)?,
        principal_kind: row.kind(3)?,
        created_at: row.time(5)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assigned_groups_are_read_without_the_users_between_them() {
        crate::driver::assert_plan(GROUPS_EVER_ASSIGNED, "app_role_assignment_group");
    }

    #[test]
    fn some_of_a_principal_are_read_without_the_others() {
        for statement in [OF_PRINCIPAL, MORE_OF_PRINCIPAL] {
            crate::driver::assert_plan(statement, "app_role_assignment_principal");
        }
    }

    #[test]
    fn a_range_of_principals_is_read_without_the_others_and_in_order() {
        let plan = crate::driver::plan(IN_RANGE);
        assert!(
            plan.contains(
                "USING PRIMARY KEY (tenant_no=? AND resource=? AND principal>? AND principal<?)"
            ),
            "{plan}"
        );
        assert!(!plan.contains("TEMP"), "{plan}");
    }
}
