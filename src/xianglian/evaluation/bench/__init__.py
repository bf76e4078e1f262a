"""`xl bench`: open-loop signed transfers against a real network, every one reconciled on the chain.

`prepare` (contract, accounts) · `workload` (signed before they are due) · `load` (sends on schedule) ·
`ledger` (what was sent, admitted, committed, when) · `counters` (CPU, memory, disk from the system) · `run`
(phases and the document).
"""
