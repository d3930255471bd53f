"""The outside world behind small interfaces (integrasjonar): mail, files, PDF."""
