-- What is in the recycle bin in order of id, for pages of it: by time of deletion (object_recycled, for the sweep) each page
-- would read and sort the whole bin. Objects that are not in the bin have no row in it.
CREATE INDEX object_recycled_id ON object (tenant_no, kind, id) WHERE state = 1;
