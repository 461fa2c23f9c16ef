"""Questions, by who asks: seats (is there a place), schedule (a person's own), staff (worklists)."""
