-- Groups only: every page of a cycle asks which groups are assigned to its configuration, among
-- possibly very many users who are assigned directly. The kind is the same in every row here; it
-- is a column so that the planner prefers this index to the primary key.
CREATE INDEX app_role_assignment_group ON app_role_assignment (tenant_no, resource, principal_kind, principal)
    WHERE principal_kind = 2;
