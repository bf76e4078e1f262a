"""Checks contracts beyond what the compiler refuses: `lints` for known weaknesses, `symbolic` for invariants,
`report` for a signed record of both.
"""
