"""What commands take: one module for each topic, added to a command's own parser."""
