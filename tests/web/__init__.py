"""Routes over real HTTP."""
