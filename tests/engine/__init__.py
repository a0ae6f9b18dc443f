"""Tests of the engine against a real relay on loopback."""
