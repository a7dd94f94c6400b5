"""One person on a loaded team: what runs, what the person may join, what it would cost."""
