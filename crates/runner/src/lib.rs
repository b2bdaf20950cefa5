//! Carries decisions out: cycles, on-demand, escrow, gates, schedules, retention.
