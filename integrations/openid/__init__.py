"""Signing in somewhere else (OpenID Connect): ID-porten, and any provider of employees."""
