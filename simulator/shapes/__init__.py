"""What each API object looks like when it is new. Nothing here knows how it changes."""
