-- Of what failed before rows said whom they wait for, this is the one failure in which somebody else may let go of what is wanted.
-- All others wait for nobody, and whoever lets go of something has not to ask them.
UPDATE escrow SET waits_for = NULL WHERE waits_for = x'00' AND failure NOT LIKE '%"code":"DuplicateSourceEntries"%';
