//! Membership and absence proofs of the state tree (spec `06-state`).
