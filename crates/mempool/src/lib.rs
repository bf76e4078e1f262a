//! Bounded pool of checked transactions
