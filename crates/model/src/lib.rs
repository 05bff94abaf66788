//! The nouns of mfactl: addresses, bodies, desired state, snapshots and plans.
