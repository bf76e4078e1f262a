//! Authenticated key-value state: root, proofs, history, durable store
