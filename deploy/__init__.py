"""Setting up and keeping an installation (drift)."""
