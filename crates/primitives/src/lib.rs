//! Identifiers, transaction, block, receipt, event and their one canonical codec
