"""How things look: markup, icons and the one style sheet, for staff pages and public pages alike."""
