//! Block to calls to receipts, events and write set; system contracts
