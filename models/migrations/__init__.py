"""Changing the database step by step (migrering), SQLite and PostgreSQL alike."""
