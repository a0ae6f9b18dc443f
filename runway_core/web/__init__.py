"""The HTTP side of the app: the process-wide runtime, media routes and the checks before every request."""
