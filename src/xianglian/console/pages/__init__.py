"""Staff pages, a file each. They are made of the kit alone."""
