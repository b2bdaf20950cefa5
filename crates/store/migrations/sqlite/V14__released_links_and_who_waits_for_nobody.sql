-- Whether a target object was soft-deleted that was let go before: it comes back with its source object, also outside the scope.
-- Of those that were soft-deleted so far nobody knows.
ALTER TABLE link ADD COLUMN was_released INTEGER NOT NULL DEFAULT 0;

-- Of what failed before rows said whom they wait for, this is the one failure in which somebody else may let go of what is wanted.
-- All others wait for nobody, and whoever lets go of something has not to ask them.
UPDATE escrow SET waits_for = NULL WHERE waits_for = x'00' AND failure NOT LIKE '%"code":"DuplicateSourceEntries"%';
