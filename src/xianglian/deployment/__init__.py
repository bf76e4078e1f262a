"""Networks on machines: making one (`create`), its folder (`layout`), the supervisor and the node process."""
