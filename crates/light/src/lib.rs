//! Header, finality and state proof verification: what a client trusts
