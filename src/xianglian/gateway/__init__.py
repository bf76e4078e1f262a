"""How users reach a chain: an HTTP application inside the access node's process. It holds no rule of the
chain.

submit → **accept** → admit: `door` (session, size) · `submit` (raw routes) · `reads` (everything else) ·
`session`.
"""
