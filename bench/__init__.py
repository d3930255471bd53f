"""Measuring: numbers for people, never a test."""
