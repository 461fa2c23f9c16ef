"""Deeds of the intake: one function, one transaction each."""
