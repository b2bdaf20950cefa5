//! What holds between rows, said as the rows that break it.

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// No other rule has it, and it stays the same: for machines.
    pub code: &'static str,
    /// What is looked at.
    pub name: &'static str,
    /// What is wrong with a row that breaks it: "… that have no object".
    pub wrong: &'static str,
    /// What to do.
    pub advice: &'static str,
    /// Whose rows are gone through.
    pub(super) table: Table,
    /// The condition under which one of them breaks the rule.
    pub(super) broken: &'static str,
    /// A column with an id.
    pub(super) example: &'static str,
}

/// A table, and its primary key, in whose order it is gone through.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) key: &'static [&'static str],
}

const OBJECT: Table = Table {
    name: "object",
    key: &["tenant_no", "kind", "id"],
};
const OBJECT_COUNT: Table = Table {
    name: "object_count",
    key: &["tenant_no", "kind"],
};
const OBJECT_KEY: Table = Table {
    name: "object_key",
    key: &["tenant_no", "hash"],
};
const OBJECT_KEY_RECENT: Table = Table {
    name: "object_key_recent",
    key: &["tenant_no", "hash"],
};
const EDGE: Table = Table {
    name: "edge",
    key: &["tenant_no", "kind", "from_id", "to_id"],
};
const ASSIGNMENT: Table = Table {
    name: "app_role_assignment",
    key: &["tenant_no", "resource", "principal", "role"],
};
const JOB: Table = Table {
    name: "job",
    key: &["job_no"],
};
const LINK: Table = Table {
    name: "link",
    key: &["tenant_no", "job_no", "source"],
};
const ESCROW: Table = Table {
    name: "escrow",
    key: &["tenant_no", "job_no", "source"],
};
const STAGED: Table = Table {
    name: "staged",
    key: &["tenant_no", "job_no", "source"],
};
const WAITING_REFERENCE: Table = Table {
    name: "waiting_reference",
    key: &["tenant_no", "job_no", "waits_for", "source", "attr"],
};
const READY_REFERENCE: Table = Table {
    name: "ready_reference",
    key: &["tenant_no", "job_no", "waits_for"],
};
const MEMBERSHIP_DUE: Table = Table {
    name: "membership_due",
    key: &["tenant_no", "job_no", "source"],
};
const EVALUATED: Table = Table {
    name: "evaluated",
    key: &["tenant_no", "job_no", "source"],
};
const LOG: Table = Table {
    name: "provisioning_log",
    key: &["tenant_no", "id"],
};

const RESTORE: &str = "restore the newest backup in which `syncline doctor` finds nothing (syncline restore --force FILE), and report this if the disk is sound: normal use does not cause this";
/// Of rows that are read for a job, where there is none: they hold up nobody, and no cycle comes by that would remove them.
const NO_JOB: &str = "no job reads them, and they hold up no other: nothing has to be done at once. Report this if the disk is sound: normal use does not cause this. Only an older state of the database is without them: the newest backup in which `syncline doctor` finds nothing (syncline restore --force FILE)";

/// 1 to 4 are the kinds of directory objects: the table's key begins with tenant and kind.
pub const RULES: [Rule; 28] = [
    Rule {
        code: "referencesFromGoneObjects",
        name: "references",
        wrong: "references from objects that are gone",
        advice: "remove them over Graph (DELETE …/$ref) or restore a backup, and report this",
        table: EDGE,
        broken: "removed = 0 AND NOT EXISTS (SELECT 1 FROM object WHERE object.tenant_no = edge.tenant_no AND object.kind IN (1, 2, 3, 4) AND object.id = edge.from_id AND object.state <> 2)",
        example: "from_id",
    },
    Rule {
        code: "referencesToGoneObjects",
        name: "references",
        wrong: "references to objects that are gone",
        advice: "remove them over Graph (DELETE …/manager/$ref, …/members/{id}/$ref), and report this",
        table: EDGE,
        broken: "removed = 0 AND NOT EXISTS (SELECT 1 FROM object WHERE object.tenant_no = edge.tenant_no AND object.kind IN (1, 2, 3, 4) AND object.id = edge.to_id AND object.state <> 2)",
        example: "to_id",
    },
    Rule {
        code: "secondManagers",
        name: "references",
        wrong: "managers beside another one of the same user",
        advice: "remove the user's manager over Graph until there is none (DELETE …/manager/$ref), set the right one, and report this",
        table: EDGE,
        broken: "kind = 1 AND removed = 0 AND EXISTS (SELECT 1 FROM edge AS other WHERE other.tenant_no = edge.tenant_no AND other.kind = 1 AND other.from_id = edge.from_id AND other.to_id > edge.to_id AND other.removed = 0)",
        example: "from_id",
    },
    Rule {
        code: "assignmentsOfGonePrincipals",
        name: "app role assignments",
        wrong: "assignments of principals that are gone",
        advice: "remove them over Graph (DELETE …/appRoleAssignedTo/{id}), and report this",
        table: ASSIGNMENT,
        broken: "removed = 0 AND NOT EXISTS (SELECT 1 FROM object WHERE object.tenant_no = app_role_assignment.tenant_no AND object.kind IN (1, 2, 3, 4) AND object.id = app_role_assignment.principal AND object.state <> 2)",
        example: "principal",
    },
    Rule {
        code: "assignmentsToGoneServicePrincipals",
        name: "app role assignments",
        wrong: "assignments to service principals that are gone",
        advice: "remove them over Graph (DELETE …/appRoleAssignments/{id}), and report this",
        table: ASSIGNMENT,
        broken: "removed = 0 AND NOT EXISTS (SELECT 1 FROM object WHERE object.tenant_no = app_role_assignment.tenant_no AND object.kind IN (1, 2, 3, 4) AND object.id = app_role_assignment.resource AND object.state <> 2)",
        example: "resource",
    },
    Rule {
        code: "objectCounts",
        name: "object counts",
        wrong: "kinds of objects whose kept count is wrong",
        advice: RESTORE,
        table: OBJECT_COUNT,
        broken: "live <> (SELECT COUNT(*) FROM object WHERE object.tenant_no = object_count.tenant_no AND object.kind = object_count.kind AND object.state = 0) OR recycled <> (SELECT COUNT(*) FROM object WHERE object.tenant_no = object_count.tenant_no AND object.kind = object_count.kind AND object.state = 1)",
        example: "kind",
    },
    Rule {
        code: "uncountedObjects",
        name: "object counts",
        wrong: "objects of a kind that is not counted",
        advice: RESTORE,
        table: OBJECT,
        broken: "state <> 2 AND EXISTS (SELECT 1 FROM tenant WHERE tenant.tenant_no = object.tenant_no AND LENGTH(tenant.id) <> 17) AND NOT EXISTS (SELECT 1 FROM object_count WHERE object_count.tenant_no = object.tenant_no AND object_count.kind = object.kind)",
        example: "id",
    },
    Rule {
        code: "recycleBins",
        name: "recycle bins",
        wrong: "objects in the recycle bin since nobody knows when, or elsewhere since then",
        advice: RESTORE,
        table: OBJECT,
        broken: "(state = 1 AND deleted_at IS NULL) OR (state <> 1 AND deleted_at IS NOT NULL)",
        example: "id",
    },
    Rule {
        code: "uniqueValuesOfGoneObjects",
        name: "unique values",
        wrong: "unique values held by objects that are gone",
        advice: RESTORE,
        table: OBJECT_KEY,
        broken: "NOT EXISTS (SELECT 1 FROM object WHERE object.tenant_no = object_key.tenant_no AND object.kind = object_key.kind AND object.id = object_key.id AND object.state <> 2)",
        example: "id",
    },
    Rule {
        code: "newUniqueValuesOfGoneObjects",
        name: "unique values",
        wrong: "new unique values held by objects that are gone",
        advice: RESTORE,
        table: OBJECT_KEY_RECENT,
        broken: "NOT EXISTS (SELECT 1 FROM object WHERE object.tenant_no = object_key_recent.tenant_no AND object.kind = object_key_recent.kind AND object.id = object_key_recent.id AND object.state <> 2)",
        example: "id",
    },
    Rule {
        code: "uniqueValuesTwice",
        name: "unique values",
        wrong: "new unique values that are among the older ones as well",
        advice: RESTORE,
        table: OBJECT_KEY_RECENT,
        broken: "EXISTS (SELECT 1 FROM object_key WHERE object_key.tenant_no = object_key_recent.tenant_no AND object_key.hash = object_key_recent.hash)",
        example: "id",
    },
    Rule {
        code: "objectsAheadOfCounter",
        name: "change numbers",
        wrong: "objects newer than their tenant's counter: readers of changes miss them",
        advice: RESTORE,
        table: OBJECT,
        broken: "changed_seq > (SELECT sequence FROM tenant WHERE tenant.tenant_no = object.tenant_no) OR moved_seq > (SELECT sequence FROM tenant WHERE tenant.tenant_no = object.tenant_no)",
        example: "id",
    },
    Rule {
        code: "referencesAheadOfCounter",
        name: "change numbers",
        wrong: "references newer than their tenant's counter: readers of changes miss them",
        advice: RESTORE,
        table: EDGE,
        broken: "changed_seq > (SELECT sequence FROM tenant WHERE tenant.tenant_no = edge.tenant_no)",
        example: "from_id",
    },
    Rule {
        code: "assignmentsAheadOfCounter",
        name: "change numbers",
        wrong: "assignments newer than their tenant's counter: readers of changes miss them",
        advice: RESTORE,
        table: ASSIGNMENT,
        broken: "changed_seq > (SELECT sequence FROM tenant WHERE tenant.tenant_no = app_role_assignment.tenant_no)",
        example: "principal",
    },
    Rule {
        code: "referencesWithNumberOfObject",
        name: "change numbers",
        wrong: "references with the number of an object: one of the two is missed between pages",
        advice: RESTORE,
        table: EDGE,
        broken: "EXISTS (SELECT 1 FROM object WHERE object.tenant_no = edge.tenant_no AND object.changed_seq = edge.changed_seq)",
        example: "from_id",
    },
    Rule {
        code: "referencesWithNumberOfReference",
        name: "change numbers",
        wrong: "references with the number of another one: one of the two is missed between pages",
        advice: RESTORE,
        table: EDGE,
        broken: "EXISTS (SELECT 1 FROM edge AS other WHERE other.tenant_no = edge.tenant_no AND other.changed_seq = edge.changed_seq AND (other.kind, other.from_id, other.to_id) > (edge.kind, edge.from_id, edge.to_id))",
        example: "from_id",
    },
    Rule {
        code: "assignmentsWithNumberOfAnother",
        name: "change numbers",
        wrong: "assignments with the number of something else: one of the two is missed between pages",
        advice: RESTORE,
        table: ASSIGNMENT,
        broken: "EXISTS (SELECT 1 FROM object WHERE object.tenant_no = app_role_assignment.tenant_no AND object.changed_seq = app_role_assignment.changed_seq) OR EXISTS (SELECT 1 FROM edge WHERE edge.tenant_no = app_role_assignment.tenant_no AND edge.changed_seq = app_role_assignment.changed_seq) OR EXISTS (SELECT 1 FROM app_role_assignment AS other WHERE other.tenant_no = app_role_assignment.tenant_no AND other.changed_seq = app_role_assignment.changed_seq AND (other.resource, other.principal, other.role) > (app_role_assignment.resource, app_role_assignment.principal, app_role_assignment.role))",
        example: "principal",
    },
    Rule {
        code: "objectsOfNoTenant",
        name: "tenants",
        wrong: "objects of a tenant that does not exist",
        advice: RESTORE,
        table: OBJECT,
        broken: "NOT EXISTS (SELECT 1 FROM tenant WHERE tenant.tenant_no = object.tenant_no)",
        example: "id",
    },
    Rule {
        code: "jobsOfNoTenant",
        name: "tenants",
        wrong: "jobs of a tenant that does not exist",
        advice: RESTORE,
        table: JOB,
        broken: "NOT EXISTS (SELECT 1 FROM tenant WHERE tenant.tenant_no = job.tenant_no)",
        example: "service_principal",
    },
    Rule {
        code: "linksOfNoJob",
        name: "links",
        wrong: "links of jobs that do not exist",
        advice: RESTORE,
        table: LINK,
        broken: "NOT EXISTS (SELECT 1 FROM job WHERE job.job_no = link.job_no AND job.tenant_no = link.tenant_no AND job.deleted <> 1)",
        example: "source",
    },
    Rule {
        code: "linksOfGoneSources",
        name: "links",
        wrong: "live links whose source object is gone without a trace",
        advice: RESTORE,
        table: LINK,
        broken: "state = 0 AND NOT EXISTS (SELECT 1 FROM object WHERE object.tenant_no = link.tenant_no AND object.kind = link.kind AND object.id = link.source) AND NOT EXISTS (SELECT 1 FROM job WHERE job.job_no = link.job_no AND job.tenant_no = link.tenant_no AND job.deleted = 2)",
        example: "source",
    },
    Rule {
        code: "retriesOfNoJob",
        name: "escrow",
        wrong: "waiting retries of jobs that do not exist",
        advice: NO_JOB,
        table: ESCROW,
        broken: "NOT EXISTS (SELECT 1 FROM job WHERE job.job_no = escrow.job_no AND job.tenant_no = escrow.tenant_no AND job.deleted <> 1)",
        example: "source",
    },
    Rule {
        code: "stagedDeletesOfNoJob",
        name: "staged deletes",
        wrong: "staged deletes of jobs that do not exist",
        advice: NO_JOB,
        table: STAGED,
        broken: "NOT EXISTS (SELECT 1 FROM job WHERE job.job_no = staged.job_no AND job.tenant_no = staged.tenant_no AND job.deleted <> 1)",
        example: "source",
    },
    Rule {
        code: "waitingReferencesOfNoJob",
        name: "waiting references",
        wrong: "waiting references of jobs that do not exist",
        advice: NO_JOB,
        table: WAITING_REFERENCE,
        broken: "NOT EXISTS (SELECT 1 FROM job WHERE job.job_no = waiting_reference.job_no AND job.tenant_no = waiting_reference.tenant_no AND job.deleted <> 1)",
        example: "source",
    },
    Rule {
        code: "readyReferencesOfNoJob",
        name: "waiting references",
        wrong: "ready references of jobs that do not exist",
        advice: NO_JOB,
        table: READY_REFERENCE,
        broken: "NOT EXISTS (SELECT 1 FROM job WHERE job.job_no = ready_reference.job_no AND job.tenant_no = ready_reference.tenant_no AND job.deleted <> 1)",
        example: "waits_for",
    },
    Rule {
        code: "membershipsOfNoJob",
        name: "memberships",
        wrong: "memberships to go through of jobs that do not exist",
        advice: NO_JOB,
        table: MEMBERSHIP_DUE,
        broken: "NOT EXISTS (SELECT 1 FROM job WHERE job.job_no = membership_due.job_no AND job.tenant_no = membership_due.tenant_no AND job.deleted <> 1)",
        example: "source",
    },
    Rule {
        code: "notesOfNoJob",
        name: "evaluated objects",
        wrong: "notes on a cycle of jobs that do not exist",
        advice: NO_JOB,
        table: EVALUATED,
        broken: "NOT EXISTS (SELECT 1 FROM job WHERE job.job_no = evaluated.job_no AND job.tenant_no = evaluated.tenant_no AND job.deleted <> 1)",
        example: "source",
    },
    Rule {
        code: "logEntriesOfNoJob",
        name: "provisioning log",
        wrong: "log entries of jobs that never were",
        advice: RESTORE,
        table: LOG,
        broken: "NOT EXISTS (SELECT 1 FROM job WHERE job.job_no = provisioning_log.job_no AND job.tenant_no = provisioning_log.tenant_no)",
        example: "id",
    },
];
