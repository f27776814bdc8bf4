"""Running a visitor's program: `host` on the server's side, `child` in a sealed process of its own."""
