"""Pages about the signed-in person (konto): signing in and out, own password."""
