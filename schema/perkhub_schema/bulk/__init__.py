"""Products by the hundred: inline, and by sheets that come in and go out."""
