"""`report.html`: the report of a scene as one page that needs nothing but a browser."""
