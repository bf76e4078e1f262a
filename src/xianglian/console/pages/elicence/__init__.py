"""Pages of electronic licences."""
