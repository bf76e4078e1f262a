//! Wiring only: one node from its parts, one role table
