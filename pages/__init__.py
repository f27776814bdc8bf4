"""The visible app: a router, one script for each page, and what the pages share."""
