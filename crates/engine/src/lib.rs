//! Decides: scope, map, match, diff, gates; evidence and its provisioning steps; pure.
