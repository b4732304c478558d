"""Drives Terraform: finds the program and its providers, prepares a root folder, runs it, and minds its locks."""
