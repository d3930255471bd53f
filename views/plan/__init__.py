"""Pages made by hand inside a plan (planrommet)."""
