"""The scripting client."""
