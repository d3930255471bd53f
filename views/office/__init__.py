"""The office (kontoret): generated registers of the municipality."""
