//! Four nodes in one process under a seed: faults, checkers, planted bugs
