"""Operators' commands, one file each; what several share is in a package beside them."""
