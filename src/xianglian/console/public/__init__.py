"""What a stranger may open: plain HTML from templates, the same style sheet, no script but one that reads QR pictures."""
