-- Which matching of its job made a link: links of an earlier one are replaced when everybody is matched anew.
ALTER TABLE link ADD COLUMN matching bigint NOT NULL DEFAULT 0;
