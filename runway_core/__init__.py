"""The headless core of Runway Desk: everything but the pages."""
