//! What holds between rows, said as the rows that break it.

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// What is looked at.
    pub name: &'static str,
    /// What is wrong with a row that breaks it: "… that have no object".
    pub wrong: &'static str,
    /// What to do.
    pub advice: &'static str,
    /// A table and the condition.
    pub(super) rows: &'static str,
    /// A column with an id.
    pub(super) example: &'static str,
}

const RESTORE: &str = "restore the newest backup in which `syncline doctor` finds nothing, and report this: it can not happen by use";
const RESTART: &str =
    "restart the job (syncline jobs restart --job …), and report this: it can not happen by use";

/// 1 to 4 are the kinds of directory objects: the table's key begins with tenant and kind.
pub const RULES: [Rule; 19] = [
    Rule {
        name: "references",
        wrong: "references from objects that are gone",
        advice: "remove them over Graph (DELETE …/$ref) or restore a backup, and report this",
        rows: "edge WHERE removed = 0 AND NOT EXISTS (SELECT 1 FROM object WHERE object.tenant_no = edge.tenant_no AND object.kind IN (1, 2, 3, 4) AND object.id = edge.from_id AND object.state <> 2)",
        example: "from_id",
    },
    Rule {
        name: "references",
        wrong: "references to objects that are gone",
        advice: "remove them over Graph (DELETE …/manager/$ref, …/members/{id}/$ref), and report this",
        rows: "edge WHERE removed = 0 AND NOT EXISTS (SELECT 1 FROM object WHERE object.tenant_no = edge.tenant_no AND object.kind IN (1, 2, 3, 4) AND object.id = edge.to_id AND object.state <> 2)",
        example: "to_id",
    },
    Rule {
        name: "app role assignments",
        wrong: "assignments of principals that are gone",
        advice: "remove them over Graph (DELETE …/appRoleAssignedTo/{id}), and report this",
        rows: "app_role_assignment AS a WHERE removed = 0 AND NOT EXISTS (SELECT 1 FROM object WHERE object.tenant_no = a.tenant_no AND object.kind IN (1, 2, 3, 4) AND object.id = a.principal AND object.state <> 2)",
        example: "principal",
    },
    Rule {
        name: "app role assignments",
        wrong: "assignments to service principals that are gone",
        advice: "remove them over Graph (DELETE …/appRoleAssignments/{id}), and report this",
        rows: "app_role_assignment AS a WHERE removed = 0 AND NOT EXISTS (SELECT 1 FROM object WHERE object.tenant_no = a.tenant_no AND object.kind IN (1, 2, 3, 4) AND object.id = a.resource AND object.state <> 2)",
        example: "resource",
    },
    Rule {
        name: "unique values",
        wrong: "unique values held by objects that are gone",
        advice: RESTORE,
        rows: "(SELECT tenant_no, kind, id FROM object_key_recent UNION ALL SELECT tenant_no, kind, id FROM object_key) AS k WHERE NOT EXISTS (SELECT 1 FROM object WHERE object.tenant_no = k.tenant_no AND object.kind = k.kind AND object.id = k.id AND object.state <> 2)",
        example: "id",
    },
    Rule {
        name: "change numbers",
        wrong: "objects newer than their tenant's counter: readers of changes miss them",
        advice: RESTORE,
        rows: "object WHERE changed_seq > (SELECT sequence FROM tenant WHERE tenant.tenant_no = object.tenant_no)",
        example: "id",
    },
    Rule {
        name: "change numbers",
        wrong: "references newer than their tenant's counter: readers of changes miss them",
        advice: RESTORE,
        rows: "edge WHERE changed_seq > (SELECT sequence FROM tenant WHERE tenant.tenant_no = edge.tenant_no)",
        example: "from_id",
    },
    Rule {
        name: "change numbers",
        wrong: "assignments newer than their tenant's counter: readers of changes miss them",
        advice: RESTORE,
        rows: "app_role_assignment AS a WHERE changed_seq > (SELECT sequence FROM tenant WHERE tenant.tenant_no = a.tenant_no)",
        example: "principal",
    },
    Rule {
        name: "change numbers",
        wrong: "references with the number of an object: one of the two is missed between pages",
        advice: RESTORE,
        rows: "edge WHERE EXISTS (SELECT 1 FROM object WHERE object.tenant_no = edge.tenant_no AND object.changed_seq = edge.changed_seq)",
        example: "from_id",
    },
    Rule {
        name: "change numbers",
        wrong: "references with the number of another one: one of the two is missed between pages",
        advice: RESTORE,
        rows: "edge WHERE EXISTS (SELECT 1 FROM edge AS other WHERE other.tenant_no = edge.tenant_no AND other.changed_seq = edge.changed_seq AND (other.kind, other.from_id, other.to_id) > (edge.kind, edge.from_id, edge.to_id))",
        example: "from_id",
    },
    Rule {
        name: "tenants",
        wrong: "objects of a tenant that does not exist",
        advice: RESTORE,
        rows: "object WHERE NOT EXISTS (SELECT 1 FROM tenant WHERE tenant.tenant_no = object.tenant_no)",
        example: "id",
    },
    Rule {
        name: "tenants",
        wrong: "jobs of a tenant that does not exist",
        advice: RESTORE,
        rows: "job WHERE NOT EXISTS (SELECT 1 FROM tenant WHERE tenant.tenant_no = job.tenant_no)",
        example: "service_principal",
    },
    Rule {
        name: "links",
        wrong: "links of jobs that do not exist",
        advice: RESTORE,
        rows: "link WHERE NOT EXISTS (SELECT 1 FROM job WHERE job.job_no = link.job_no AND job.tenant_no = link.tenant_no AND job.deleted = 0)",
        example: "source",
    },
    Rule {
        name: "escrow",
        wrong: "waiting retries of jobs that do not exist",
        advice: RESTART,
        rows: "escrow WHERE NOT EXISTS (SELECT 1 FROM job WHERE job.job_no = escrow.job_no AND job.tenant_no = escrow.tenant_no AND job.deleted = 0)",
        example: "source",
    },
    Rule {
        name: "staged deletes",
        wrong: "staged deletes of jobs that do not exist",
        advice: RESTART,
        rows: "staged WHERE NOT EXISTS (SELECT 1 FROM job WHERE job.job_no = staged.job_no AND job.tenant_no = staged.tenant_no AND job.deleted = 0)",
        example: "source",
    },
    Rule {
        name: "waiting references",
        wrong: "waiting references of jobs that do not exist",
        advice: RESTART,
        rows: "waiting_reference AS w WHERE NOT EXISTS (SELECT 1 FROM job WHERE job.job_no = w.job_no AND job.tenant_no = w.tenant_no AND job.deleted = 0)",
        example: "source",
    },
    Rule {
        name: "waiting references",
        wrong: "ready references of jobs that do not exist",
        advice: RESTART,
        rows: "ready_reference AS r WHERE NOT EXISTS (SELECT 1 FROM job WHERE job.job_no = r.job_no AND job.tenant_no = r.tenant_no AND job.deleted = 0)",
        example: "waits_for",
    },
    Rule {
        name: "evaluated objects",
        wrong: "notes on a cycle of jobs that do not exist",
        advice: RESTART,
        rows: "evaluated WHERE NOT EXISTS (SELECT 1 FROM job WHERE job.job_no = evaluated.job_no AND job.tenant_no = evaluated.tenant_no AND job.deleted = 0)",
        example: "source",
    },
    Rule {
        name: "provisioning log",
        wrong: "log entries of jobs that never were",
        advice: RESTORE,
        rows: "provisioning_log AS l WHERE NOT EXISTS (SELECT 1 FROM job WHERE job.job_no = l.job_no AND job.tenant_no = l.tenant_no)",
        example: "id",
    },
];
